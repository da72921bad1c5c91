"""What a network learns from: every kind of trace, without any text of a development problem."""

from dataclasses import dataclass
from pathlib import Path

from data import read_jsonl, read_traces, share_weak_labels
from windows import load_tokenizer


@dataclass
class Lessons:
    train: list  # labelled by the annotator
    told: list  # labelled by a language model
    generated: list  # Countdown with exact labels
    dev: list  # labelled by the annotator, for figures only

    def __str__(self):
        counts = {name: (len(own), sum(len(t.steps) for t in own)) for name, own in vars(self).items()}
        return ", ".join(f"{traces} {name} traces of {steps} steps" for name, (traces, steps) in counts.items())


def read_lessons(args):
    tokenizer = load_tokenizer(Path(args.encoder) / "tokenizer.json")
    read = lambda path, source: read_traces(path, source, tokenizer, args.work)
    labels = Path(args.labels)
    train = read(labels / "train.jsonl", "")
    told = read(args.told, "")
    dev = read(labels / "dev.jsonl", "")
    hidden = {t.problem for t in dev}
    files = sorted((labels / "weak").glob("*.jsonl"))
    weak = [t for file in files for t in read(file, "weak") if t.problem not in hidden]
    share_weak_labels(train + told, weak, [row for file in files for row in read_jsonl(file)])
    for trace in told:
        trace.told = True
    return Lessons(train, told, read(args.synthetic, "generated"), dev)
