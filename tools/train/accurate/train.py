"""
Trains the network: train.py --work FOLDER --labels ../shared/data/labels [--synthetic FILE]

Stage 1 learns from weakly labelled, generated and labelled traces together, stage 2 from labelled ones with
a few generated. Writes FOLDER/<name>.pt and the predictions on the traces left out to FOLDER/<name>.npz.
"""

import argparse
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from data import BEHAVIOURS, read_traces
from model import Encoder, Sequence
from windows import load_tokenizer, pack, windows_of

TOKENS_A_STEP = 3000


def vectors_of(encoder, traces, offsets):
    """Step vectors of several traces, encoded in one batch of windows."""
    windows = [windows_of(t.steps, o) for t, o in zip(traces, offsets)]
    flat = [w for own in windows for w in own]
    ids, mask, pool = pack(flat)
    with torch.autocast("cpu", torch.bfloat16):
        out = encoder(torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(pool)).float()
    vectors, row = [], 0
    for own in windows:
        vectors.append(torch.cat([out[row + i, : len(w.spans)] for i, w in enumerate(own)]))
        row += len(own)
    return vectors


def batches(traces, rng):
    order = traces[:]
    rng.shuffle(order)
    batch, tokens = [], 0
    for trace in order:
        batch.append(trace)
        tokens += sum(map(len, trace.steps))
        if tokens >= TOKENS_A_STEP:
            yield batch
            batch, tokens = [], 0
    if batch:
        yield batch


def loss_of(sequence, trace, vectors):
    features = sequence.features(vectors, torch.from_numpy(trace.dense))
    loss = torch.zeros(())
    if len(trace.labels):
        loss = F.binary_cross_entropy_with_logits(sequence.out(features), torch.from_numpy(trace.labels), reduction="sum")
    weak = torch.from_numpy(trace.weak)
    if (weak >= 0).any():
        loss = loss + 0.3 * F.cross_entropy(sequence.weak(features), weak, ignore_index=-1, reduction="sum")
    return loss, len(trace.steps)


def epoch(encoder, sequence, traces, optimizer, schedule, rng, log):
    encoder.train(), sequence.train()
    total = steps = tokens = 0
    began = time.time()
    for number, batch in enumerate(batches(traces, rng)):
        vectors = vectors_of(encoder, batch, [rng.choice([0, 0, 32, 64, 96, 128]) for _ in batch])
        parts = [loss_of(sequence, t, v) for t, v in zip(batch, vectors)]
        count = sum(n for _, n in parts)
        loss = sum(p for p, _ in parts) / count
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for g in optimizer.param_groups for p in g["params"]], 1.0)
        optimizer.step()
        schedule.step()
        total += float(loss.detach()) * count
        steps += count
        tokens += sum(len(s) for t in batch for s in t.steps)
        if number % 50 == 0:
            log(f"  batch {number} loss {total / steps:.4f} {tokens / (time.time() - began):.0f} word pieces/s")
    return total / steps


@torch.no_grad()
def predict(encoder, sequence, traces):
    encoder.eval(), sequence.eval()
    return [torch.sigmoid(sequence(vectors_of(encoder, [t], [0])[0], torch.from_numpy(t.dense))).numpy() for t in traces]


def best_f1(y, p):
    order = np.argsort(-p)
    hits = np.cumsum(y[order])
    f1 = 2 * hits / (np.arange(1, len(y) + 1) + y.sum())
    at = int(np.argmax(f1))
    return float(f1[at]), float(p[order[at]])


def report(traces, predictions, log):
    y, p = np.concatenate([t.labels for t in traces]), np.concatenate(predictions)
    prose = np.concatenate([np.full(len(t.steps), "countdown" not in t.source) for t in traces])
    for index, name in enumerate(BEHAVIOURS):
        log(f"  {name}: best F1 {best_f1(y[:, index], p[:, index])} prose {best_f1(y[prose, index], p[prose, index])[0]:.3f}")


def main():
    parser = argparse.ArgumentParser()
    for name in ["work", "labels", "encoder", "config", "node"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--synthetic")
    parser.add_argument("--name", default="full")
    parser.add_argument("--fold", type=int, help="leave this fifth of the problems out instead of the dev split")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stage1", type=int, default=1)
    parser.add_argument("--stage2", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    rng = random.Random(args.seed)
    work = Path(args.work)
    work.mkdir(parents=True, exist_ok=True)
    file = open(work / f"{args.name}.log", "w", buffering=1)
    log = lambda line: print(line, file=file)

    tokenizer = load_tokenizer(str(Path(args.encoder) / "tokenizer.json"))
    read = lambda path, source: read_traces(path, source, tokenizer, args.config, args.node, work)
    labels = Path(args.labels)
    train, dev = read(labels / "train.jsonl", ""), read(labels / "dev.jsonl", "")
    weak = [t for f in sorted((labels / "weak").glob("*.jsonl")) for t in read(f, "weak")]
    synthetic = read(Path(args.synthetic), "synthetic") if args.synthetic else []
    out = dev
    if args.fold is not None:
        problems = sorted({t.problem for t in train})
        random.Random(7).shuffle(problems)
        left = set(problems[args.fold :: 5])
        out = [t for t in train if t.problem in left]
        train = [t for t in train if t.problem not in left]
    hidden = {t.problem for t in out} | {t.problem for t in dev}
    weak = [t for t in weak if t.problem not in hidden]
    log(f"{len(train)} labelled, {len(weak)} weak, {len(synthetic)} generated, {len(out)} left out")

    encoder = Encoder()
    encoder.load_pretrained(str(Path(args.encoder) / "model.safetensors"))
    sequence = Sequence(train[0].dense.shape[1])
    dense = np.concatenate([t.dense for t in train])
    sequence.mean.copy_(torch.from_numpy(dense.mean(0)))
    sequence.scale.copy_(torch.from_numpy(1 / (dense.std(0) + 0.05)))

    first = train + weak + synthetic[: len(synthetic) // 3]
    second = lambda: train + rng.sample(synthetic, min(len(synthetic), 40))
    count = lambda traces: max(1, sum(len(s) for t in traces for s in t.steps) // TOKENS_A_STEP)
    total = args.stage1 * count(first) + args.stage2 * count(second())
    groups = [
        {"params": encoder.parameters(), "lr": 6e-5, "weight_decay": 0.01},
        {"params": sequence.parameters(), "lr": 1e-3, "weight_decay": 0.01},
    ]
    optimizer = torch.optim.AdamW(groups)
    warm = 0.06
    rate = lambda step: min((step + 1) / (warm * total), max(0.02, (1 - step / total) / (1 - warm)))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    for number in range(args.stage1 + args.stage2):
        began = time.time()
        traces = first if number < args.stage1 else second()
        loss = epoch(encoder, sequence, traces, optimizer, schedule, rng, log)
        log(f"epoch {number} loss {loss:.4f} {time.time() - began:.0f} s")
        predictions = predict(encoder, sequence, out)
        report(out, predictions, log)
        torch.save({"encoder": encoder.state_dict(), "sequence": sequence.state_dict()}, work / f"{args.name}.pt")
        np.savez(work / f"{args.name}.npz", p=np.concatenate(predictions), ids=[t.id for t in out])
    log("done")


if __name__ == "__main__":
    main()
