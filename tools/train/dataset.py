"""Labelled traces and the features that the app's own extractor (features.ts) made of them."""

import json
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

BEHAVIOURS = ["verification", "backtracking", "subgoal_setting", "backward_chaining"]


def read_jsonl(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


@dataclass
class Features:
    """All steps of all traces, one after another."""

    sparse: sp.csr_matrix  # steps × slots, column = index - 1
    dense: np.ndarray  # steps × dense features
    trace: np.ndarray  # trace number of each step


def read_features(path):
    """Reads what features.ts wrote."""
    with open(path, "rb") as file:
        header = json.loads(file.readline())
        counts = [trace["steps"] for trace in header["traces"]]
        steps = sum(counts)
        offsets = np.fromfile(file, np.int32, steps + 1)
        indices = np.fromfile(file, np.int32, header["nonzero"])
        values = np.fromfile(file, np.float32, header["nonzero"])
        dense = np.fromfile(file, np.float32, steps * header["dense"]).reshape(steps, header["dense"])
    matrix = sp.csr_matrix((values, indices - 1, offsets), shape=(steps, header["size"]))
    return Features(matrix, dense, np.repeat(np.arange(len(counts)), counts))


@dataclass
class Labels:
    """Labels of the steps of the same traces, in the same order."""

    y: np.ndarray  # steps × behaviours, 0 or 1, or between where a language model labelled
    source: np.ndarray  # source of each step
    problem: np.ndarray  # problem of each step
    rows: list = field(default_factory=list)


def labels_of(row):
    """Steps × behaviours, 0 or 1, or the row's own `targets`."""
    if "targets" in row:
        return np.array(row["targets"], np.float32).reshape(-1, len(BEHAVIOURS))
    own = np.zeros((len(row["steps"]), len(BEHAVIOURS)), np.float32)
    for annotation in row["annotations"]:
        for behaviour in annotation["behaviours"]:
            own[annotation["step"], BEHAVIOURS.index(behaviour)] = 1
    return own


def read_labels(rows):
    y, source, problem = [], [], []
    for row in rows:
        own = labels_of(row)
        y.append(own)
        source += [row["source"]] * len(own)
        problem += [str(row["problem"])] * len(own)
    return Labels(np.concatenate(y), np.array(source), np.array(problem), rows)


def folds_by_problem(problem, count, seed):
    """Fold of each step; all steps of a problem share a fold, and folds get like numbers of steps."""
    names, sizes = np.unique(problem, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    loads = np.zeros(count)
    fold_of = {}
    for at in sorted(order, key=lambda at: -sizes[at]):
        fold = int(np.argmin(loads))
        fold_of[names[at]] = fold
        loads[fold] += sizes[at]
    return np.array([fold_of[name] for name in problem])


def shifted(matrix, trace, by):
    """Row i becomes row i + by of the same trace, or empty where there is none."""
    count = matrix.shape[0]
    source = np.arange(count) + by
    ok = (source >= 0) & (source < count)
    ok[ok] = trace[source[ok]] == trace[np.arange(count)[ok]]
    if sp.issparse(matrix):
        pick = sp.csr_matrix((np.ones(ok.sum(), np.float32), (np.flatnonzero(ok), source[ok])), shape=(count, count))
        return pick @ matrix
    out = np.zeros_like(matrix)
    out[ok] = matrix[source[ok]]
    return out
