"""Labelled, weakly labelled and generated traces, as word pieces, dense features and targets."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model import LOGIT
from windows import step_ids

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tools/train"))
from dataset import BEHAVIOURS, labels_of, read_jsonl  # noqa: E402, F401

SIX = ["initializing", "deduction", "adding-knowledge", "example-testing", "uncertainty-estimation", "backtracking"]


@dataclass
class Trace:
    id: str
    source: str
    problem: str
    text: str
    ranges: list  # code points [start, end) of each step
    steps: list  # word pieces of each step
    dense: np.ndarray  # steps × features
    labels: np.ndarray  # steps × 4, probability of each behaviour, NaN where unknown
    weak: np.ndarray  # steps, index into SIX or -1
    told: bool = False  # labelled by a language model instead of the annotator


def fast_input(p):
    """Probabilities of cairn-fast as the network's input."""
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return (np.clip(np.log(p / (1 - p)), -LOGIT, LOGIT) / LOGIT).astype(np.float32)


def prepare(path, work):
    """Steps, dense features and probabilities of cairn-fast for each trace of a file, computed once."""
    out = Path(work) / f"{Path(path).stem}.bin"
    if not out.exists():
        node = ROOT / "node_modules/.bin/node"
        command = [node, ROOT / "tools/train/accurate/prepare.ts", ROOT / "resources/models/cairn-fast", out, path]
        subprocess.run(list(map(str, command)), check=True, cwd=ROOT)
    with open(out, "rb") as file:
        header = json.loads(file.readline())
        steps = sum(len(trace["steps"]) for trace in header["traces"])
        dense = np.fromfile(file, np.float32, steps * header["dense"]).reshape(steps, -1)
        fast = np.fromfile(file, np.float32, steps * 4).reshape(steps, 4)
    return [trace["steps"] for trace in header["traces"]], dense, fast


def read_traces(path, source, tokenizer, work):
    """
    Reads a file of labelled rows (`steps`, `annotations`), or of weak ones (`segments`).
    """
    rows = read_jsonl(path)
    cuts, dense, fast = prepare(path, work)
    dense = np.concatenate([dense, fast_input(fast)], 1)
    traces = []
    at = 0
    for row, ranges in zip(rows, cuts, strict=True):
        text = row["text"]
        known = "annotations" in row
        labels = labels_of(row) if known else np.full((len(ranges), 4), np.nan, np.float32)
        traces.append(
            Trace(
                str(row["id"]),
                row.get("source", source),
                str(row["problem"]),
                text,
                ranges,
                step_ids(tokenizer, [text[start:end] for start, end in ranges]),
                dense[at : at + len(ranges)],
                labels,
                weak_of(text, ranges, row.get("segments", [])),
            )
        )
        at += len(ranges)
    return [trace for trace in traces if trace.steps]


def weak_of(text, ranges, segments, shift=0):
    """The six-label class of each step: that of most of its characters."""
    letters = np.full(len(text) + 1, -1)
    for start, end, name in segments:
        if name in SIX:
            letters[max(0, start + shift) : max(0, end + shift)] = SIX.index(name)
    weak = np.full(len(ranges), -1)
    for step, (start, end) in enumerate(ranges):
        own = letters[start:end]
        own = own[own >= 0]
        if len(own):
            weak[step] = np.bincount(own).argmax()
    return weak


def share_weak_labels(labelled, weak, rows):
    """Labelled traces get the six-label classes of the same text among the weak ones, which leave the latter."""
    by_text = {row["text"].strip(): row for row in rows}
    found = set()
    for trace in labelled:
        row = by_text.get(trace.text.strip())
        if row is None:
            continue
        lead = lambda text: len(text) - len(text.lstrip())
        trace.weak = weak_of(trace.text, trace.ranges, row["segments"], lead(trace.text) - lead(row["text"]))
        found.add(str(row["id"]))
    return [trace for trace in weak if trace.id not in found]


def excerpts_of(traces, path, around=5):
    """
    Parts of traces around steps whose labels another file gives: lines of `{file, id, start, end, labels:
    {behaviour: 0 or 1}}`, offsets in code points. What it does not name stays as it is.
    """
    wanted = {}
    for row in read_jsonl(path):
        wanted.setdefault(str(row["id"]), []).append(row)
    out = []
    for trace in traces:
        rows = wanted.get(trace.id, [])
        if not rows:
            continue
        at = [trace.ranges.index([row["start"], row["end"]]) for row in rows]
        for step, row in zip(at, rows):
            for behaviour, value in row["labels"].items():
                trace.labels[step, BEHAVIOURS.index(behaviour)] = value
        part = slice(max(0, min(at) - around), max(at) + around)
        out.append(
            Trace(
                trace.id,
                trace.source,
                trace.problem,
                "",
                trace.ranges[part],
                trace.steps[part],
                trace.dense[part],
                trace.labels[part],
                trace.weak[part],
            )
        )
    return out
