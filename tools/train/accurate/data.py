"""Labelled, weakly labelled and generated traces, as word pieces, dense features and targets."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from windows import step_ids

BEHAVIOURS = ["verification", "backtracking", "subgoal_setting", "backward_chaining"]
SIX = ["initializing", "deduction", "adding-knowledge", "example-testing", "uncertainty-estimation", "backtracking"]


@dataclass
class Trace:
    id: str
    source: str
    problem: str
    steps: list  # word pieces of each step
    dense: np.ndarray  # steps × features
    labels: np.ndarray  # steps × 4, 0 or 1; empty where the trace has none
    weak: np.ndarray  # steps, index into SIX or -1


def read_jsonl(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def read_traces(path, source, tokenizer, config, node, work):
    """Reads a file of labelled rows (`steps`, `annotations`) or of weak ones (`segments`)."""
    rows = read_jsonl(path)
    dense = read_dense(path, config, node, work)
    traces = []
    at = 0
    for row in rows:
        ranges = row.get("steps") or row["segments"]
        text = row["text"]
        labels = np.zeros((0, 4), np.float32)
        weak = np.full(len(ranges), -1)
        if "steps" in row:
            labels = np.zeros((len(ranges), 4), np.float32)
            for annotation in row["annotations"]:
                for behaviour in annotation["behaviours"]:
                    labels[annotation["step"], BEHAVIOURS.index(behaviour)] = 1
        else:
            weak = np.array([SIX.index(part[2]) if part[2] in SIX else -1 for part in ranges])
        traces.append(
            Trace(
                str(row["id"]),
                row.get("source", source),
                str(row["problem"]),
                step_ids(tokenizer, [text[part[0] : part[1]] for part in ranges]),
                dense[at : at + len(ranges)],
                labels,
                weak,
            )
        )
        at += len(ranges)
    assert at == len(dense), (path, at, len(dense))
    return [trace for trace in traces if trace.steps]


def read_dense(path, config, node, work):
    """The app's own dense features of every step, made by features.ts once for each file."""
    out = Path(work) / f"{Path(path).stem}.features"
    if not out.exists():
        script = Path(__file__).parent.parent / "features.ts"
        subprocess.run([node, str(script), str(config), str(out), str(path)], check=True)
    with open(out, "rb") as file:
        header = json.loads(file.readline())
        steps = sum(trace["steps"] for trace in header["traces"])
        file.seek(4 * (steps + 1) + 8 * header["nonzero"], 1)
        return np.fromfile(file, np.float32, steps * header["dense"]).reshape(steps, header["dense"])
