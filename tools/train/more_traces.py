"""
What to learn from the traces that language models labelled:
more_traces.py OUT.jsonl --labels FOLDER --traces FOLDER --first WORK

`more-traces.jsonl` holds their labels without any text: `{file, id, of?: [behaviour…], steps: [[start, end]…],
annotations: [{step, behaviours, unsure?: [behaviour…], verifies?, returns_to?}]}`, offsets in code points. `file` is a file
of weak labels, `plain` for MATH500 and thought-anchors traces, `countdown-prose` for those of reasoning-gym, `written` for
traces that language models wrote (`written-traces.jsonl`), or `train` for traces that the annotator labelled too, of which
`of` names the behaviours that were looked for; `unsure` are those of a step that might not be there. On `train`
it is learnt how the annotator would have labelled a step, given the language model's label and what a `cairn-fast` says
that was trained on the annotator's labels alone (WORK of `train_fast.py` without `--told`). The rows written have that
probability for each step and behaviour, `targets`, and otherwise what a labelled row has.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from dataset import BEHAVIOURS, labels_of, read_jsonl
from metrics import logit

LIST = Path(__file__).resolve().parent / "more-traces.jsonl"
WRITTEN = Path(__file__).resolve().parent / "written-traces.jsonl"
# Backward chaining is too rare in the traces labelled twice to learn anything of it. Not said, said as unsure, said:
RARE = {"backward_chaining": (0.002, 0.45, 0.8)}


def plain_traces(folder):
    """MATH500 and thought-anchors traces, which nobody labelled."""
    rows = []
    for path in sorted((folder / "math500").glob("*.jsonl")):
        for row in read_jsonl(path):
            name = f"{row['model_short_name']}#{row['item_id']}"
            rows.append({"id": name, "problem": row["item_id"], "prompt": row["prompt"], "text": row["reasoning_trace"]})
    for path in sorted((folder / "thought-anchors").glob("*/*/*/base_solution.json")):
        row = json.loads(path.read_text(encoding="utf-8"))
        name = "/".join(path.parts[-3:-1])
        rows.append({"id": f"anchors/{name}", "problem": f"anchors/{path.parts[-2]}", "prompt": row["prompt"], "text": row["solution"]})
    return rows


def countdown_prose(folder):
    """Countdown in prose, by two language models."""
    rows = []
    for path in sorted((folder / "reasoning-gym").glob("*_easy_countdown.json")):
        for at, result in enumerate(json.loads(path.read_text(encoding="utf-8"))["results"]):
            for number, completion in enumerate(result["completions"]):
                name = f"{path.name.removesuffix('_easy_countdown.json')}#{at}.{number}"
                own = {"id": name, "problem": f"countdown-prose/{at}", "prompt": result["question"]}
                rows.append(own | {"text": completion["full_model_response"]})
    return rows


def read_told(labels, traces):
    """The language models' rows with text: of further traces, and of traces that the annotator labelled too."""
    files = {path.stem: read_jsonl(path) for path in sorted((labels / "weak").glob("*.jsonl"))}
    files["plain"] = plain_traces(traces)
    files["countdown-prose"] = countdown_prose(traces)
    files["written"] = read_jsonl(WRITTEN)
    files["train"] = read_jsonl(labels / "train.jsonl")
    found = {(name, str(row["id"])): row for name, rows in files.items() for row in rows}
    hidden = {str(row["problem"]) for row in read_jsonl(labels / "dev.jsonl")}
    further, twice = [], []
    for line in read_jsonl(LIST):
        row = found[line["file"], line["id"]]
        assert str(row["problem"]) not in hidden, f"{line['id']} is on a development problem"
        own = {key: row.get(key) or "" for key in ("problem", "prompt", "text")}
        own |= {"id": line["id"], "file": line["file"], "source": "told", "steps": line["steps"], "annotations": line["annotations"]}
        if line["file"] == "train":
            twice.append(own | {"of": line["of"]})
        else:
            further.append(own | {"id": f"{line['file']}/{line['id']}"})
    return further, twice


def said_of(row):
    """Steps × behaviours: 0 for not said, 1 for said as unsure, 2 for said."""
    said = 2 * labels_of(row)
    for annotation in row["annotations"]:
        for behaviour in annotation.get("unsure", []):
            said[annotation["step"], BEHAVIOURS.index(behaviour)] = 1
    return said


def evidence(said, p):
    """What a behaviour's probability is learnt from, steps × 3."""
    return np.stack([said == 1, said == 2, logit(p)], 1)


def readers(twice, labels, p):
    """For each behaviour, P(annotator's label | language model's label, logit of cairn-fast)."""
    first, at = {}, 0
    for row in read_jsonl(labels / "train.jsonl"):
        steps = len(row["steps"])
        first[str(row["id"])] = (labels_of(row), p[at : at + steps])
        at += steps
    fitted = {}
    for at, name in enumerate(BEHAVIOURS):
        if name not in RARE:
            rows = [row for row in twice if name in row["of"]]
            own, guess = (np.concatenate([first[row["id"]][part][:, at] for row in rows]) for part in (0, 1))
            said = np.concatenate([said_of(row)[:, at] for row in rows])
            fitted[name] = LogisticRegression().fit(evidence(said, guess), own)
    return fitted


def main():
    from train_fast import predict_with_app

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    for name in ["labels", "traces", "first"]:
        parser.add_argument(f"--{name}", required=True, type=Path)
    args = parser.parse_args()
    further, twice = read_told(args.labels, args.traces)
    fitted = readers(twice, args.labels, np.load(args.first / "out-of-fold.npz")["p"])
    for name, own in fitted.items():
        print(name, "told", *own.coef_[0].round(2), "offset", *own.intercept_.round(2))
    args.out.write_text("".join(json.dumps(row) + "\n" for row in further), encoding="utf-8")
    guesses = predict_with_app(args.first / "model", args.first / "told.json", args.out)
    for row, guess in zip(further, guesses, strict=True):
        said, p = said_of(row), np.array(guess["probabilities"]).reshape(-1, len(BEHAVIOURS))
        targets = np.zeros_like(p)
        for at, name in enumerate(BEHAVIOURS):
            if name in RARE:
                targets[:, at] = np.take(RARE[name], said[:, at].astype(int))
            else:
                targets[:, at] = fitted[name].predict_proba(evidence(said[:, at], p[:, at]))[:, 1]
        row["targets"] = targets.round(4).tolist()
    args.out.write_text("".join(json.dumps(row) + "\n" for row in further), encoding="utf-8")


if __name__ == "__main__":
    main()
