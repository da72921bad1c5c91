"""
Trains the network once, on labelled traces and a few generated ones. Writes WORK/<name>.pt, WORK/<name>.log and the logits on the development split, WORK/<name>.npz.
"""

import argparse
import copy
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from data import BEHAVIOURS
from lessons import read_lessons
from model import Encoder, Sequence
from windows import MASK, pack, windows_of

PIECES = 3500  # word pieces of a batch
GROUP = 12  # windows encoded together, of like length
AVERAGE = 0.99  # of the running average of the weights that is kept at the end


def vectors_of(encoder, traces, offsets, hide=0.0):
    """Step vectors of several traces; like windows are encoded together, so that little is padding."""
    windows = [windows_of(t.steps, o) for t, o in zip(traces, offsets)]
    flat = sorted(((w, (at, w.first)) for at, own in enumerate(windows) for w in own), key=lambda w: len(w[0].ids))
    found = {}
    for start in range(0, len(flat), GROUP):
        group = flat[start : start + GROUP]
        ids, mask, pool = pack([w for w, _ in group])
        if hide:
            ids[(np.random.random(ids.shape) < hide) & (ids > MASK)] = MASK
        with torch.autocast("cpu", torch.bfloat16):
            out = encoder(torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(pool)).float()
        for row, (window, key) in enumerate(group):
            found[key] = out[row, : len(window.spans)]
    return [torch.cat([found[at, w.first] for w in own]) for at, own in enumerate(windows)]


def batches(traces, rng):
    order = traces[:]
    rng.shuffle(order)
    batch, pieces = [], 0
    for trace in order:
        batch.append(trace)
        pieces += sum(map(len, trace.steps))
        if pieces >= PIECES:
            yield batch
            batch, pieces = [], 0
    if batch:
        yield batch


def loss_of(sequence, trace, vectors):
    dense = torch.from_numpy(trace.dense)
    features = sequence.features(vectors, dense)
    labels = torch.from_numpy(trace.labels)
    known = ~labels.isnan()
    logits = sequence.out(features)
    if trace.told:
        logits = logits + sequence.told(features)
    each = F.binary_cross_entropy_with_logits(logits, labels.nan_to_num(0), reduction="none")
    loss = (each * known).sum()
    weak = torch.from_numpy(trace.weak)
    if (weak >= 0).any():
        loss = loss + 0.2 * F.cross_entropy(sequence.weak(features), weak, ignore_index=-1, reduction="sum")
    return loss, len(trace.steps)


class Average:
    """Running average of the weights, which generalises better than the last ones."""

    def __init__(self, model):
        self.model, self.mean, self.steps = model, copy.deepcopy(model), 0

    @torch.no_grad()
    def update(self):
        self.steps += 1
        keep = min(AVERAGE, 1 - 1 / self.steps)
        for mean, own in zip(self.mean.parameters(), self.model.parameters()):
            if own.requires_grad:
                mean.lerp_(own, 1 - keep)


def epoch(model, traces, optimizer, schedule, average, rng, log):
    encoder, sequence = model
    model.train()
    total = steps = pieces = 0
    began = time.time()
    for number, batch in enumerate(batches(traces, rng)):
        vectors = vectors_of(encoder, batch, [rng.choice([0, 0, 24, 48, 72, 96]) for _ in batch], 0.04)
        parts = [loss_of(sequence, t, v) for t, v in zip(batch, vectors)]
        count = sum(n for _, n in parts)
        loss = sum(p for p, _ in parts) / count
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update()
        total += float(loss.detach()) * count
        steps += count
        pieces += sum(len(s) for t in batch for s in t.steps)
        if number % 50 == 0:
            log(f"  batch {number} loss {total / steps:.4f} {pieces / (time.time() - began):.0f} word pieces/s")
    return total / steps


@torch.no_grad()
def predict(model, traces):
    """Logits of every step of each trace."""
    model.eval()
    encoder, sequence = model
    return [sequence(vectors_of(encoder, [t], [0])[0], torch.from_numpy(t.dense)).numpy() for t in traces]


def best_f1(y, z):
    order = np.argsort(-z)
    hits = np.cumsum(y[order])
    return float((2 * hits / (np.arange(1, len(y) + 1) + y.sum())).max())


def average_precision(y, z):
    hit = y[np.argsort(-z)]
    return float((np.cumsum(hit) / np.arange(1, len(hit) + 1) * hit).sum() / hit.sum())


def report(traces, logits, log):
    y, z = np.concatenate([t.labels for t in traces]), np.concatenate(logits)
    prose = np.concatenate([np.full(len(t.steps), "countdown" not in t.source) for t in traces])
    for at, name in enumerate(BEHAVIOURS):
        own, score = y[:, at], z[:, at]
        log(
            f"  {name:18} best F1 {best_f1(own, score):.3f} average precision {average_precision(own, score):.3f}"
            f" prose {best_f1(own[prose], score[prose]):.3f} {average_precision(own[prose], score[prose]):.3f}"
        )


def teach(model, lesson, epochs, rate, rng, log, keep):
    """Trains for so many epochs, each on what `lesson` gives; returns the averaged network, and gives it to `keep` each time."""
    encoder, sequence = model
    average = Average(model)
    total = epochs * max(1, sum(len(s) for t in lesson() for s in t.steps) // PIECES)
    head = [p for name, p in sequence.named_parameters() if not name.startswith("told")]
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in encoder.parameters() if p.requires_grad], "lr": rate},
            {"params": head, "lr": 10 * rate},
            {"params": sequence.told.parameters(), "lr": 10 * rate, "weight_decay": 0.3},
        ],
        weight_decay=0.01,
        fused=True,
    )
    warm = 0.06
    shape = lambda step: min((step + 1) / (warm * total), max(0.02, (1 - step / total) / (1 - warm)))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, shape)
    for number in range(epochs):
        began = time.time()
        loss = epoch(model, lesson(), optimizer, schedule, average, rng, log)
        log(f"epoch {number} loss {loss:.4f} {time.time() - began:.0f} s")
        keep(average.mean)
    return average.mean


def main():
    parser = argparse.ArgumentParser()
    for name in ["work", "labels", "encoder"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--synthetic", required=True)
    parser.add_argument("--told", required=True, help="traces labelled by a language model")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--settle", type=int, default=1, help="epochs on the annotator's labels alone, after the others")
    parser.add_argument("--start", help="checkpoint to go on from")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    torch.set_num_threads(args.threads)
    rng = random.Random(args.seed)
    work = Path(args.work)
    file = open(work / f"{args.name}.log", "w", buffering=1)
    log = lambda line: print(line, file=file)
    paths = {"work", "labels", "encoder", "synthetic", "told", "start"}
    log(str({name: value for name, value in vars(args).items() if name not in paths}))

    lessons = read_lessons(args)
    train, dev = lessons.train, lessons.dev
    log(str(lessons))

    encoder = Encoder(args.layers)
    encoder.load_pretrained(Path(args.encoder) / "model.safetensors")
    encoder.words.weight.requires_grad_(False)
    sequence = Sequence(train[0].dense.shape[1])
    dense = np.concatenate([t.dense for t in train])
    sequence.mean.copy_(torch.from_numpy(dense.mean(0)))
    sequence.scale.copy_(torch.from_numpy(1 / (dense.std(0) + 0.05)))
    # What cairn-fast says is weighed against the network afterwards (finish.py): it learnt from the same traces.
    sequence.scale[-4:] = 0
    model = torch.nn.ModuleList([encoder, sequence])
    if args.start:
        start = torch.load(args.start)
        encoder.load_state_dict(start["encoder"])
        sequence.load_state_dict(start["sequence"])

    def keep(mean):
        logits = predict(mean, dev)
        report(dev, logits, log)
        state = {"encoder": mean[0].state_dict(), "sequence": mean[1].state_dict(), "layers": args.layers}
        torch.save(state, work / f"{args.name}.pt")

    everything = lambda: train + lessons.told + rng.sample(lessons.generated, 60)
    own = lambda: train + rng.sample(lessons.generated, 10)
    # At last the annotator's labels alone: what the model says is measured against them.
    stages = [(everything, args.epochs, args.rate), (own, args.settle, args.rate / 4)]
    for lesson, epochs, rate in stages:
        if epochs > 0:
            model.load_state_dict(teach(model, lesson, epochs, rate, rng, log, keep).state_dict())
    log("done")


if __name__ == "__main__":
    main()
