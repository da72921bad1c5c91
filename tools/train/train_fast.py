"""Trains the classifier `cairn-fast` and writes model, manifest, figures, card and golden vectors."""

import argparse
import base64
import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

import card
import export_onnx
import linear
import network
from dataset import BEHAVIOURS, folds_by_problem, read_features, read_jsonl, read_labels
from metrics import bagged_threshold, best_threshold, describe, intervals, sigmoid

ROOT = Path(__file__).resolve().parents[2]
VERSION = "1.3.0"
FEATURES = {"version": 1, "bits": 20, "wordNgrams": 3, "dense": 36, "maxFeatures": 96, "vocabulary": None}
WEAK_LABELS = ["initializing", "deduction", "adding-knowledge", "example-testing", "uncertainty-estimation", "backtracking"]
FOLDS = 5
SEED = 1
LINEAR_SHARE = 0.4
# Redistributable traces whose probabilities are stored for the app's tests.
GOLDEN = 4


def extract(config, work, name, files):
    """Runs the app's extractor."""
    (work / "config.json").write_text(json.dumps(config))
    output = work / f"{name}.bin"
    node = ROOT / "node_modules" / ".bin" / "node"
    command = [node, ROOT / "tools/train/features.ts", work / "config.json", output, *files]
    subprocess.run(list(map(str, command)), check=True, cwd=ROOT)
    return read_features(output)


def choose_slots(labelled, weak):
    """Slots worth a row: met in several steps, of which rare ones must be met in labelled steps."""
    own = np.asarray((labelled.sparse > 0).sum(0)).ravel()
    other = np.asarray((weak.sparse > 0).sum(0)).ravel()
    keep = (own >= 5) | ((own > 0) & (own + other >= 15)) | (other >= 25)
    return np.flatnonzero(keep)


def pack_bits(slots, bits):
    flags = np.zeros(2**bits, np.uint8)
    flags[slots] = 1
    return base64.b64encode(np.packbits(flags, bitorder="little").tobytes()).decode()


def padded(features, factor, width):
    """Rows of table indices and scaled values, filled up with 0."""
    matrix = features.sparse
    counts = np.diff(matrix.indptr)
    at = np.arange(matrix.nnz) - np.repeat(matrix.indptr[:-1], counts)
    row = np.repeat(np.arange(len(counts)), counts)
    indices = np.zeros((len(counts), width), np.int32)
    values = np.zeros((len(counts), width), np.float32)
    indices[row, at] = matrix.indices + 1
    values[row, at] = matrix.data * factor[matrix.indices]
    return indices, values


def trace_ranges(trace, base=0):
    starts = np.flatnonzero(np.r_[True, trace[1:] != trace[:-1]])
    return starts + base, np.diff(np.r_[starts, len(trace)])


class Trainer:
    """The training data, and how one ensemble is trained on a part of it."""

    def __init__(self, labels, features, weak_rows, weak_features, banned, settings, members):
        self.labels, self.features, self.settings, self.members = labels, features, settings, members
        both = np.asarray((features.sparse > 0).sum(0) + (weak_features.sparse > 0).sum(0)).ravel()
        steps = features.sparse.shape[0]
        weak_steps = weak_features.sparse.shape[0]
        # A slot may have lost every step to the cap on features per step.
        self.idf = np.log((steps + weak_steps) / np.maximum(both, 1)).astype(np.float32)
        self.factor = self.idf / 3
        parts = [padded(own, self.factor, FEATURES["maxFeatures"]) for own in (features, weak_features)]
        classes = np.array(
            [WEAK_LABELS.index(s[2]) if s[2] in WEAK_LABELS else -1 for row in weak_rows for s in row["segments"]], int
        )
        weak = np.zeros((steps + weak_steps, len(WEAK_LABELS)), np.float32)
        known = np.flatnonzero(classes >= 0)
        weak[steps + known, classes[known]] = 1
        self.steps = network.Steps(
            indices=np.concatenate([indices for indices, _ in parts]),
            values=np.concatenate([values for _, values in parts]),
            dense=np.concatenate([features.dense, weak_features.dense]),
            y=np.concatenate([labels.y, np.zeros((weak_steps, len(BEHAVIOURS)), np.float32)]),
            labelled=np.concatenate([np.ones(steps, np.float32), np.zeros(weak_steps, np.float32)]),
            weak=weak,
            weakly=np.concatenate([np.zeros(steps), classes >= 0]).astype(np.float32),
            size=len(both),
        )
        self.starts, self.lengths = trace_ranges(features.trace)
        weak_starts, weak_lengths = trace_ranges(weak_features.trace, steps)
        numbers = weak_features.trace[weak_starts - steps]
        self.weak_problems = np.array([str(weak_rows[number]["problem"]) for number in numbers])
        allowed = ~np.isin(self.weak_problems, list(banned))
        self.weak_starts, self.weak_lengths = weak_starts[allowed], weak_lengths[allowed]
        self.weak_problems = self.weak_problems[allowed]
        self.matrix = linear.design(features, self.idf)

    def fit(self, chosen):
        """An ensemble trained on the steps `chosen`; weak labels of other steps' problems are left out."""
        held_out = set(self.labels.problem[~chosen])
        trace = chosen[self.starts]
        weak = ~np.isin(self.weak_problems, list(held_out))
        starts = np.concatenate([self.starts[trace], self.weak_starts[weak]])
        lengths = np.concatenate([self.lengths[trace], self.weak_lengths[weak]])
        line = linear.fit(self.matrix[chosen], self.labels.y[chosen], self.idf, self.features.dense.shape[1])
        nets = [network.train(self.steps, starts, lengths, self.settings, SEED + at) for at in range(self.members)]
        return line, nets

    def logits(self, ensemble, chosen):
        """Of the linear model and of the networks' mean, for the steps `chosen`."""
        line, nets = ensemble
        trace = chosen[self.starts]
        args = (self.steps, self.starts[trace], self.lengths[trace], self.settings)
        deep = np.mean([network.predict(net, *args) for net in nets], 0)[: len(chosen)]
        return linear.logits(line, self.features)[chosen], deep[chosen]


def cross_validate(trainer):
    fold = folds_by_problem(trainer.labels.problem, FOLDS, SEED)
    flat, deep = np.zeros_like(trainer.labels.y), np.zeros_like(trainer.labels.y)
    for at in range(FOLDS):
        held_out = fold == at
        flat[held_out], deep[held_out] = trainer.logits(trainer.fit(~held_out), held_out)
        print(f"fold {at + 1} of {FOLDS} done", flush=True)
    return flat, deep


def calibrate(y, z):
    """Slope and offset per behaviour (Platt scaling) on out-of-fold logits."""
    fitted = [LogisticRegression(C=1e3).fit(z[:, [at]], y[:, at]) for at in range(len(BEHAVIOURS))]
    return np.array([own.coef_[0, 0] for own in fitted]), np.array([own.intercept_[0] for own in fitted])


def predict_with_app(out, path, rows, ids=()):
    """Probabilities as the app computes them from the finished files."""
    node = ROOT / "node_modules" / ".bin" / "node"
    command = [node, ROOT / "tools/train/predict.ts", out, path, rows, *ids]
    subprocess.run(list(map(str, command)), check=True, cwd=ROOT)
    return json.loads(path.read_text())


def evaluate(labels, p, thresholds):
    """Figures by behaviour, overall and by source, with intervals by trace."""

    def of(chosen):
        made = {}
        for at, behaviour in enumerate(BEHAVIOURS):
            y, own = labels.y[chosen, at], p[chosen, at]
            made[behaviour] = describe(y, own, thresholds[behaviour]) if y.sum() > 0 else None
        return made

    trace = np.repeat(np.arange(len(labels.rows)), [len(row["steps"]) for row in labels.rows])
    everything = np.ones(len(labels.y), bool)
    sources = {source: of(labels.source == source) for source in sorted(set(labels.source))}
    sources["prose (all but countdown-runs)"] = of(labels.source != "countdown-runs")
    spread = {
        behaviour: intervals(labels.y[:, at], p[:, at], thresholds[behaviour], trace, SEED)
        for at, behaviour in enumerate(BEHAVIOURS)
    }
    return {"behaviours": of(everything), "sources": sources, "intervals": spread}


def golden_ids(rows):
    """The shortest redistributable traces that show something, Countdown and prose in turn."""
    fit = [row for row in rows if row["redistributable"] and len(row["annotations"]) > 2]
    kinds = [
        sorted((row for row in fit if (row["source"] == "countdown-runs") == countdown), key=lambda row: (len(row["text"]), row["id"]))
        for countdown in (True, False)
    ]
    return [row["id"] for kind in kinds for row in kind[: GOLDEN // 2]]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, default=ROOT.parent / "shared/data/labels")
    parser.add_argument("--told", type=Path, help="rows that more_traces.py wrote; without them the annotator's labels alone")
    parser.add_argument("--out", type=Path, default=ROOT / "resources/models/cairn-fast")
    parser.add_argument("--golden", type=Path, default=ROOT / "tests/fixtures/models/golden.json")
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate files, outside the repository")
    parser.add_argument("--members", type=int, default=2, help="networks in the ensemble")
    parser.add_argument("--epochs", type=int, default=network.Settings.epochs, help="1 to try the program out")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    args.out.mkdir(parents=True, exist_ok=True)

    train_path, dev_path = args.labels / "train.jsonl", args.labels / "dev.jsonl"
    weak_paths = sorted((args.labels / "weak").glob("*.jsonl"))
    own_rows, told_rows = read_jsonl(train_path), read_jsonl(args.told) if args.told else []
    gold, labels, dev = read_labels(own_rows), read_labels(own_rows + told_rows), read_labels(read_jsonl(dev_path))
    labelled_path = args.work / "labelled.jsonl"
    labelled_path.write_text("".join(json.dumps(row) + "\n" for row in own_rows + told_rows))
    banned = set(dev.problem)
    assert not banned & set(labels.problem), "train and dev share problems"
    weak_rows = [row for path in weak_paths for row in read_jsonl(path) if str(row["problem"]) not in banned]
    weak_path = args.work / "weak.jsonl"
    weak_path.write_text("".join(json.dumps(row) + "\n" for row in weak_rows))

    raw = {**FEATURES, "maxFeatures": 100000}
    slots = choose_slots(extract(raw, args.work, "train-raw", [labelled_path]), extract(raw, args.work, "weak-raw", [weak_path]))
    config = {**FEATURES, "vocabulary": pack_bits(slots, FEATURES["bits"])}
    features = extract(config, args.work, "train", [labelled_path])
    weak_features = extract(config, args.work, "weak", [weak_path])
    settings = network.Settings(epochs=args.epochs)
    trainer = Trainer(labels, features, weak_rows, weak_features, banned, settings, args.members)
    print(f"{len(labels.y)} steps, {weak_features.sparse.shape[0]} weakly labelled, {len(slots)} features", flush=True)

    flat, deep = cross_validate(trainer)
    # Figures, calibration and thresholds rest on the annotator's labels alone, which come first.
    own = slice(0, len(gold.y))
    mixed = LINEAR_SHARE * flat + (1 - LINEAR_SHARE) * deep
    slope, offset = calibrate(gold.y, mixed[own])
    p = sigmoid(mixed * slope + offset)
    np.savez(args.work / "out-of-fold.npz", p=p, told=labels.source == "told")
    flat, deep, mixed, p = flat[own], deep[own], mixed[own], p[own]
    thresholds = {
        behaviour: round(bagged_threshold(gold.y[:, at], p[:, at], gold.problem, SEED), 4)
        for at, behaviour in enumerate(BEHAVIOURS)
    }
    parts = {"linear": flat, "networks": deep, "ensemble": mixed}
    validation = {
        name: {
            behaviour: describe(gold.y[:, at], sigmoid(z[:, at]), best_threshold(gold.y[:, at], sigmoid(z[:, at])))
            for at, behaviour in enumerate(BEHAVIOURS)
        }
        for name, z in parts.items()
    }
    cross = evaluate(gold, p, thresholds)
    for name, own in validation.items():
        print(name, *(f"{own[b]['f1']:.3f}/{own[b]['ap']:.3f}" for b in BEHAVIOURS))

    everything = np.ones(len(labels.y), bool)
    line, nets = trainer.fit(everything)
    model = export_onnx.export(line, nets, trainer.factor, LINEAR_SHARE, slope, offset)
    (args.out / "model.onnx").write_bytes(model)
    manifest = {
        "id": "cairn-fast",
        "version": VERSION,
        "kind": "hashed-ngrams",
        "title": "Cairn fast",
        "behaviours": BEHAVIOURS,
        "thresholds": thresholds,
        "files": {
            "model": {
                "any": {
                    "path": "model.onnx",
                    "bytes": len(model),
                    "sha256": hashlib.sha256(model).hexdigest(),
                }
            }
        },
        "opset": export_onnx.OPSET,
        "segmentation": "steps of the labelled files",
        "training": {
            "traces": len(gold.rows),
            "steps": len(gold.y),
            "problems": len(set(gold.problem)),
            "sources": sorted(set(gold.source)),
            "toldTraces": len(told_rows),
            "toldSteps": len(labels.y) - len(gold.y),
            "weakTraces": len(weak_rows),
            "weakSteps": weak_features.sparse.shape[0],
            "seed": SEED,
        },
        "metrics": {},
        "features": config,
    }
    write_json(args.out / "manifest.json", manifest)

    made = predict_with_app(args.out, args.work / "dev.json", dev_path)
    reached = np.concatenate([np.array(trace["probabilities"]).reshape(-1, len(BEHAVIOURS)) for trace in made])
    figures = evaluate(dev, reached, thresholds)
    manifest["metrics"] = {"split": "dev", "behaviours": figures["behaviours"], "sources": figures["sources"]}
    write_json(args.out / "manifest.json", manifest)
    record = {
        "version": VERSION,
        "settings": {**vars(settings), "members": args.members, "linearShare": LINEAR_SHARE, "seed": SEED},
        "data": manifest["training"],
        "features": len(slots),
        "bytes": len(model),
        "thresholds": thresholds,
        "crossValidation": {"parts": validation, **cross},
        "dev": {**figures, "traces": len(dev.rows), "steps": len(dev.y), "problems": len(set(dev.problem))},
    }
    write_json(args.out / "metrics.json", record)
    (args.out / "CARD.md").write_text(card.render(record))
    write_golden(args, own_rows, train_path)
    for behaviour in BEHAVIOURS:
        print(behaviour, {name: round(value, 3) for name, value in figures["behaviours"][behaviour].items()})


def write_golden(args, rows, path):
    traces = predict_with_app(args.out, args.work / "golden.json", path, golden_ids(rows))
    args.golden.parent.mkdir(parents=True, exist_ok=True)
    write_json(args.golden, {"model": VERSION, "traces": traces}, indent=None)


def write_json(path, value, indent=2):
    def rounded(item):
        if isinstance(item, float):
            return round(item, 6)
        if isinstance(item, dict):
            return {key: rounded(own) for key, own in item.items()}
        return [rounded(own) for own in item] if isinstance(item, list) else item

    path.write_text(json.dumps(rounded(value), indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
