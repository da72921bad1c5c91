"""
Writes golden vectors, by which the app's tests hold its tokenizer, windows and figures to the trainer's:
golden.py MODEL_FOLDER LABELLED.jsonl WORK OUT.json --encoder MINILM
"""

import argparse
import json
from pathlib import Path

from data import BEHAVIOURS, read_jsonl, read_traces
from runtime import Exported
from windows import load_tokenizer, step_ids, windows_of

# Texts that tokenizers get wrong: accents, CJK, emoji, joined marks, LaTeX, control characters, odd spaces.
HARD = [
    "Let me double-check: 3 × (4 + 5) = 27, so it's right.",
    "Café, naïve, Ångström, STRASSE ﬁ ½ ²",
    "検算すると 24 です。한국어 तु",
    "👍🏽 done \u200d\u2764\ufe0f ok",
    "\\frac{3x-2}{x-2} \\cdot 10^{-5} $x_1\\le y$",
    "tab\there\u00a0nbsp\u2009thin\x00null\x07bell\ufffdbad",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "1,234.5678% ~~ <think></think> [CLS] [SEP] [MASK] ##ing",
    "e\u0301 = \u00e9; Ｆｕｌｌ　ｗｉｄｔｈ; “quotes” — dash…",
]


def utf16(text, offset):
    """UTF-16 offset of an offset in code points."""
    return len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


def rounded(array, digits=6):
    return [[round(float(value), digits) for value in row] for row in array]


def write(model, labelled, work, out, encoder):
    """Golden vectors of the model in a folder, from the redistributable traces of a labelled file."""
    tokenizer = load_tokenizer(Path(encoder) / "tokenizer.json")
    exported = Exported(model)
    free = {str(row["id"]): row for row in read_jsonl(labelled) if row["redistributable"]}
    traces = [t for t in read_traces(labelled, "", tokenizer, work) if t.id in free]
    # Short ones of each kind, and one of several windows.
    by_length = lambda maths: sorted((t for t in traces if (t.source == "math500") == maths), key=lambda t: (len(t.text), t.id))
    games, maths = by_length(False), by_length(True)
    chosen = [*games[:2], maths[0], next(t for t in maths if len(windows_of(t.steps)) > 3)]
    made = []
    for trace in chosen:
        p, z, _ = exported.predict(trace.steps, trace.dense)
        made.append(
            {
                "id": trace.id,
                "prompt": free[trace.id]["prompt"] or "",
                "text": trace.text,
                "bounds": [utf16(trace.text, offset) for pair in trace.ranges for offset in pair],
                "pieces": trace.steps,
                "windows": [{"first": w.first, "ids": w.ids, "spans": w.spans} for w in windows_of(trace.steps)],
                "dense": rounded(trace.dense),
                "vectors_start": rounded(exported.vectors(trace.steps)[:, :4]),
                "logits": rounded(z),
                "probabilities": rounded(p),
            }
        )
    texts = [{"text": text, "pieces": ids} for text, ids in zip(HARD, step_ids(tokenizer, HARD))]
    golden = {"behaviours": BEHAVIOURS, "texts": texts, "traces": made}
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    Path(out).write_text(json.dumps(golden, ensure_ascii=True) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ["model", "labelled", "work", "out"]:
        parser.add_argument(name)
    parser.add_argument("--encoder", required=True)
    args = parser.parse_args()
    write(args.model, args.labelled, args.work, args.out, args.encoder)


if __name__ == "__main__":
    main()
