"""
An ensemble of output layers over the features of a trained network, each taught other sources, models or readings of
the labels: heads.py CHECKPOINT --model FOLDER …

Writes FOLDER/heads.onnx and enters it into the manifest. The frozen features come from the exported 8-bit files, as in
the app. Every layer is drawn towards the network's own, and calibrated on the development split against its own
reading. The first head is the network's own output, calibrated as the model is.
"""

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import policies
from data import excerpts_of, fast_input, read_jsonl, read_traces, share_weak_labels
from graphs import heads_graph
from model import LOGIT
from runtime import Exported
from windows import load_tokenizer

# How strongly a layer is drawn to the network's own, against one step.
PULL = 30.0
# Traces of kinds of which there are many that are read, evenly drawn.
WEAK, GENERATED = 320, 200
OFFICIAL = 0  # the network's own


@dataclass
class Head:
    name: str
    labels: object  # function of a trace
    chosen: object = lambda t: True  # of the labelled traces
    kind: str = "labelled"  # "weak", "generated", "single"


by_model = lambda *names: lambda t: any(name in t.model for name in names)
by_source = lambda *names: lambda t: t.source in names
PROSE = ("steering-thinking-llms", "math500")
HEADS = [
    Head("prose", policies.as_given, by_source(*PROSE)),
    Head("long chains on MATH", policies.as_given, by_source("math500")),
    Head("Countdown", policies.as_given, by_source("countdown-runs")),
    Head("small distilled models", policies.as_given, by_model("1.5b", "7B", "8b", "8B")),
    Head("large models", policies.as_given, by_model("32b", "70b", "DeepSeek-R1")),
    Head("instruction models", policies.as_given, by_model("instruct")),
    Head("generated Countdown", policies.as_given, kind="generated"),
    Head("single steps", policies.as_given, kind="single"),
    Head("six labels of GPT-4o", policies.six_labels, kind="weak"),
    Head("six labels, doubt is checking", policies.six_labels_doubting, kind="weak"),
    Head("only what is explicit", policies.explicit),
    Head("only beginnings", policies.beginnings),
    Head("only endings", policies.endings),
    Head("checks: verdicts only", policies.verdicts),
    Head("checks: work only", policies.carried_out),
    Head("gaps belong to it", policies.whole),
    Head("hesitation counts", policies.hesitating),
    Head("doubt is backtracking", policies.doubting),
    Head("intentions are plans", policies.planning),
    Head("backtracking: switches only", policies.switching),
    Head("backtracking: corrections only", policies.corrected),
    told := Head("language models", policies.as_given, kind="told"),
]


def evenly(items, count):
    return [items[at * len(items) // count] for at in range(min(count, len(items)))]


def read_all(args, tokenizer):
    """Traces by kind: labelled, dev, weak, generated, single."""
    read = lambda path, source: read_traces(path, source, tokenizer, args.work)
    labels = args.labels
    out = {"labelled": read(labels / "train.jsonl", ""), "dev": read(labels / "dev.jsonl", "")}
    # cairn-fast learnt from the labelled traces: what it says of them comes from cross-validation.
    fast, at = fast_input(np.load(args.fast)["p"]), 0
    for trace in out["labelled"]:
        trace.dense[:, -4:] = fast[at : at + len(trace.steps)]
        at += len(trace.steps)
    for kind, name in (("labelled", "train"), ("dev", "dev")):
        for trace, row in zip(out[kind], read_jsonl(labels / f"{name}.jsonl"), strict=True):
            trace.model = row["model"]
    hidden = {t.problem for t in out["dev"]}
    files = sorted((labels / "weak").glob("*.jsonl"))
    weak = [t for file in files for t in read(file, "weak") if t.problem not in hidden]
    out["single"] = excerpts_of(weak, args.single)
    rows = [row for file in files for row in read_jsonl(file)]
    out["weak"] = evenly(share_weak_labels(out["labelled"], weak, rows), WEAK)
    out["generated"] = evenly(read(args.synthetic, "generated"), GENERATED)
    return out


def features_of(exported, traces):
    """What the output layers read: features and cairn-fast's logits of all steps."""
    found = [exported.predict(t.steps, t.dense)[2] for t in traces]
    return np.concatenate(found), np.concatenate([t.dense[:, -4:] for t in traces]) * LOGIT


def targets_of(head, traces):
    parts = [head.labels(t) if head.chosen(t) else np.full((len(t.steps), 4), np.nan, np.float32) for t in traces]
    return np.concatenate(parts)


def fit_layers(x, offset, targets, weight, bias):
    """
    Linear layers for several heads at once, drawn to (weight, bias): the least of the sum of log-losses + PULL / 2 ·
    the squared distance of the weights. `targets`: heads × steps × 4, NaN where unknown.
    """
    y = torch.from_numpy(targets)
    known = ~y.isnan()
    y = y.nan_to_num(0)
    x, offset = torch.from_numpy(x), torch.from_numpy(offset)
    own = torch.nn.Parameter(weight.expand(len(targets), -1, -1).clone())
    start = torch.nn.Parameter(bias.expand(len(targets), -1).clone())
    optimizer = torch.optim.LBFGS([own, start], max_iter=60, history_size=12, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        z = torch.einsum("sf,hbf->hsb", x, own) + start[:, None] + offset
        each = F.binary_cross_entropy_with_logits(z, y, reduction="none")
        loss = (each * known).sum() + PULL / 2 * ((own - weight) ** 2).sum() + 0.5 * ((start - bias) ** 2).sum()
        (loss / len(targets)).backward()
        return loss / len(targets)

    optimizer.step(closure)
    return own.detach(), start.detach()


def platt(z, y, rounds=30):
    """
    Slope and offset that calibrate logits, drawn to what changes nothing. For rare labels the slope stays where it is.
    """
    known = ~np.isnan(y)
    z, y = z[known].astype(np.float64), y[known].astype(np.float64)
    line = np.array([1.0, 0.0])
    pull = np.diag([10.0, 0.1])
    inputs = np.stack([z, np.ones_like(z)], 1)
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-(inputs @ line)))
        gradient = inputs.T @ (p - y) + pull @ (line - [1, 0])
        step = np.linalg.solve((inputs * (p * (1 - p) + 1e-6)[:, None]).T @ inputs + pull, gradient)
        line -= np.clip(step, -1, 1)
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    for name in ["model", "work", "labels", "encoder", "fast", "synthetic", "single"]:
        parser.add_argument(f"--{name}", required=True, type=Path)
    args = parser.parse_args()
    torch.manual_seed(1)
    exported = Exported(args.model)
    traces = read_all(args, load_tokenizer(args.encoder / "tokenizer.json"))
    read = {kind: features_of(exported, own) for kind, own in traces.items()}
    state = torch.load(args.checkpoint, map_location="cpu")["sequence"]
    weight, bias = state["out.weight"], state["out.bias"]
    manifest = json.loads((args.model / "manifest.json").read_text())
    official = {name: np.array(values) for name, values in manifest["calibration"].items()}
    trust = (official["fast"] / official["slope"]).astype(np.float32)

    weights, biases = [weight], [bias]
    for head_kind in ("labelled", "weak", "generated", "single"):
        x, fast = read[head_kind]
        own = [head for head in HEADS if head.kind == head_kind]
        targets = np.stack([targets_of(head, traces[head_kind]) for head in own])
        fitted, starts = fit_layers(x, fast * trust, targets, weight, bias)
        for head, one, start in zip(own, fitted, starts):
            head.layer = (one, start)
    # The language models that labelled further traces have a layer of their own since training.
    told.layer = (weight + state["told.weight"], bias + state["told.bias"])
    weights = torch.stack([weight] + [head.layer[0] for head in HEADS]).numpy()
    biases = torch.stack([bias] + [head.layer[1] for head in HEADS]).numpy()

    x, fast = read["dev"]
    z = np.einsum("sf,hbf->hsb", x, weights) + biases[:, None] + fast * trust
    lines = np.zeros((len(HEADS) + 1, 4, 2))
    lines[OFFICIAL] = np.stack([official["slope"], official["offset"]], 1)
    readings = [policies.as_given] + [head.labels if head.kind == "labelled" else policies.as_given for head in HEADS]
    readings = np.stack([np.concatenate([labels(t) for t in traces["dev"]]) for labels in readings])
    for at in range(1, len(lines)):
        for column in range(4):
            lines[at, column] = platt(z[at, :, column], readings[at, :, column])
    names = ["as trained"] + [head.name for head in HEADS]
    graph = heads_graph(weights, biases, LOGIT * trust, lines[..., 0], lines[..., 1])
    data = graph.SerializeToString(deterministic=True)
    (args.model / "heads.onnx").write_bytes(data)
    manifest["files"]["heads"] = {"any": {"path": "heads.onnx", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}}
    # Heads read the features of this very file: the app refuses them with another.
    features = manifest["files"]["head"]["any"]["sha256"]
    manifest["heads"] = {"names": names, "width": int(weights.shape[2]), "features": features}
    (args.model / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    said = z * lines[:, None, :, 0] + lines[:, None, :, 1] > 0
    for at, name in enumerate(names):
        apart = [f"{(said[at, :, c] != said[OFFICIAL, :, c]).mean():.3f}" for c in range(4)]
        print(f"{name:32} differs from the network's own on {' '.join(apart)} of the development steps", flush=True)


if __name__ == "__main__":
    main()
