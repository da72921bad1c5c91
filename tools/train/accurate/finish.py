"""
Makes the app's model of a trained network: finish.py CHECKPOINT --out FOLDER …

Exports it, runs the exported 8-bit files on the development split, calibrates and chooses thresholds there, and
writes manifest, figures, card and golden vectors. Figures are cross-fitted: see figures.py.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np

import card
import figures
import golden
from data import BEHAVIOURS, read_jsonl, read_traces
from export import export
from model import LOGIT, load
from runtime import Exported
from train import predict
from windows import CLS, CONTEXT, LONGEST, PAD, SEP, WINDOW, load_tokenizer

VERSION = "1.4.1"
ROOT = Path(__file__).resolve().parents[3]
# Share of cairn-fast's logits in what the model says.
FAST = 0.25
FILES = {"encoder": {"cpu": "model.onnx", "cuda": "model-fp16.onnx"}, "head": {"any": "head.onnx"}, "tokenizer": {"any": "tokenizer.json"}}


def file_of(folder, name):
    data = (folder / name).read_bytes()
    return {"path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def described(y, z, problem, source, trace):
    """Cross-fitted figures of logits: all, by source, with intervals and counts."""
    crossed = figures.cross_fitted(y, z, problem)
    chosen = {name: source == name for name in sorted(set(source))}
    chosen["prose (all but countdown-runs)"] = source != "countdown-runs"
    return {
        "behaviours": figures.means(y, crossed, np.ones(len(y), bool)),
        "intervals": figures.intervals(y, crossed, problem),
        "sources": {name: figures.means(y, crossed, own) for name, own in chosen.items()},
        "counts": figures.counts(y, crossed, trace),
    }


def write_json(path, value):
    def rounded(item):
        if isinstance(item, float):
            return round(item, 6)
        if isinstance(item, dict):
            return {key: rounded(own) for key, own in item.items()}
        return [rounded(own) for own in item] if isinstance(item, (list, tuple)) else item

    path.write_text(json.dumps(rounded(value), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    for name in ["work", "labels", "encoder", "told", "out", "log", "golden"]:
        parser.add_argument(f"--{name}", required=True, type=Path)
    args = parser.parse_args()
    tokenizer = load_tokenizer(args.encoder / "tokenizer.json")
    dev = read_traces(args.labels / "dev.jsonl", "", tokenizer, args.work)
    rows, told = read_jsonl(args.labels / "train.jsonl"), read_jsonl(args.told)
    join = lambda values: np.concatenate([np.full(len(t.steps), value) for t, value in zip(dev, values)])
    y = np.concatenate([t.labels for t in dev])
    problem, source = join([t.problem for t in dev]), join([t.source for t in dev])
    trace = join(range(len(dev)))

    plain = {"slope": np.ones(4), "fast": np.zeros(4), "offset": np.zeros(4)}
    export(args.checkpoint, plain, args.out, args.encoder)
    run = lambda name: np.concatenate([Exported(args.out, name).predict(t.steps, t.dense)[1] for t in dev])
    logits = {"int8": run("model.onnx"), "fp16": run("model-fp16.onnx")}
    logits["float"] = np.concatenate(predict(load(args.checkpoint), dev))
    fast = np.concatenate([t.dense[:, -4:] for t in dev]) * LOGIT
    both = {name: (1 - FAST) * z + FAST * fast for name, z in logits.items()}
    slope, offset, threshold = figures.fit(y, both["int8"])
    calibration = {"slope": (1 - FAST) * slope, "fast": FAST * slope, "offset": offset}
    export(args.checkpoint, calibration, args.out, args.encoder)

    of = lambda z: described(y, z, problem, source, trace)
    made = {name: of(z) for name, z in both.items()} | {"without cairn-fast": of(logits["int8"])}
    own = made["int8"]
    thresholds = {name: round(float(threshold[at]), 4) for at, name in enumerate(BEHAVIOURS)}
    bands = figures.abstain_bands(threshold)
    training = {
        "traces": len(rows),
        "steps": sum(len(row["steps"]) for row in rows),
        "problems": len({str(row["problem"]) for row in rows}),
        "sources": sorted({row["source"] for row in rows}),
        "toldTraces": len(told),
        "toldSteps": sum(len(row["steps"]) for row in told),
        "writtenTraces": sum(row.get("file") == "written" for row in told),
        "seed": 1,
    }
    fast_manifest = json.loads((ROOT / "resources/models/cairn-fast/manifest.json").read_text())
    manifest = {
        "id": "cairn-accurate",
        "version": VERSION,
        "kind": "encoder",
        "title": "Cairn accurate",
        "behaviours": BEHAVIOURS,
        "thresholds": thresholds,
        "abstain": {name: [round(float(v), 4) for v in bands[at]] for at, name in enumerate(BEHAVIOURS)},
        "files": {
            role: {provider: file_of(args.out, name) for provider, name in files.items()} for role, files in FILES.items()
        },
        "width": 384,
        "opset": 17,
        "segmentation": "steps of the labelled files",
        "windows": {"window": WINDOW, "context": CONTEXT, "longest": LONGEST, "cls": CLS, "sep": SEP, "pad": PAD},
        "fast": {"id": "cairn-fast", "version": fast_manifest["version"], "logit": LOGIT},
        "calibration": {name: own.tolist() for name, own in calibration.items()},
        "training": training,
        "metrics": {"split": "dev, cross-fitted", "behaviours": own["behaviours"], "sources": own["sources"]},
    }
    write_json(args.out / "manifest.json", manifest)
    record = {
        "version": VERSION,
        "data": training,
        "dev": {"traces": len(dev), "steps": len(y), "problems": len(set(problem)), **own},
        "precisions": {name: one["behaviours"] for name, one in made.items()},
        "largestLogitDifference": {name: float(np.abs(logits[name] - logits["float"]).max()) for name in ("int8", "fp16")},
        "cairnFast": of(fast),
        "thresholds": thresholds,
        "files": {name: (args.out / name).stat().st_size for name in ("model.onnx", "model-fp16.onnx", "head.onnx")},
    }
    write_json(args.out / "metrics.json", record)
    (args.out / "CARD.md").write_text(card.render(record), encoding="utf-8")
    (args.out / "training.log").write_text(args.log.read_text(encoding="utf-8"), encoding="utf-8")
    golden.write(args.out, args.labels / "train.jsonl", args.work, args.golden, args.encoder)
    np.savez(args.work / "dev-logits.npz", y=y, **logits)
    for name, one in own["behaviours"].items():
        print(name, {key: round(value, 3) for key, value in one.items()}, own["intervals"][name])


if __name__ == "__main__":
    main()
