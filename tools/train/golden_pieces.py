"""
Word pieces as the reference tokenizer cuts them, for the app's tests: golden_pieces.py TOKENIZER.json OUT.json

OUT.json: `texts` are [text, ids] of made-up and random texts, `blocks` the SHA-256 of the ids of "a?b ?" for each
code point ? of a block of 4,096, one line each, so that no character can be cut otherwise.
"""

import hashlib
import json
import random
import sys

from tokenizers import Tokenizer

WRITTEN = """
Let me double-check: 3 × (4 + 5) = 27, so it’s right.|Wait, that isn't 24; try (8 − 2) × 4 instead…
Café, naïve, Ångström, STRASSE ẞ ß ﬁ ½ ² İstanbul ΣΟΦΟΣ Σ|検算すると 24 です。한국어 तु ab𠀀cd 中文。ไทย עברית العربية
👍🏽 👨‍👩‍👧‍👦 done ❤️ 🇨🇭|\\frac{3x-2}{x-2} \\cdot 10^{-5} $x_1\\le y$ \\boxed{\\text{(C)}}
<think>So f(n) = n² + 1.</think>|[CLS] a [SEP] b [MASK]c[PAD][UNK] [sep]|##ing 1,234.5678 % ~~ `code()` != ==|\u0000\u0007\ufffd\u200b\u00ad\ufeff|
x\u00a0y\u2003z\u2028w\u0085v\u3000u|antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis
""".replace("\n", "|")
STRANGE = " \n\t\r\u00a0\u2003\u200b\u200d\ufeff\u00ad\u0085\u2028\x00\x07\x7f\ufffdΣσςİıßẞÅﬁǅ½²①２３ｂéñ中𠀀𪜀\U0002b830語가각👍🏽∑∫√→×’“—∈𝐴𝟙\u166d\u1734\u061d\u1ab0\u0301"
BLOCK = 4096
# Planes 0–2, what is assigned of plane 3, and the tags; everything else is unassigned or private.
BLOCKS = [*range(0x34), 0xE0]


def character(rng):
    kind = rng.random()
    if kind < 0.45:
        return chr(rng.randrange(32, 127))
    if kind < 0.75:
        return rng.choice(STRANGE)
    code = rng.randrange(0xA0, 0x600 if kind < 0.9 else 0x30000)
    return " " if 0xD800 <= code < 0xE000 else chr(code)


def main():
    tokenizer = Tokenizer.from_file(sys.argv[1])
    tokenizer.no_truncation()
    tokenizer.no_padding()
    ids = lambda texts: [own.ids for own in tokenizer.encode_batch(texts, add_special_tokens=False)]
    rng = random.Random(1)
    texts = WRITTEN.split("|") + ["a" * 100 + " " + "a" * 101]
    texts += ["".join(character(rng) for _ in range(rng.randrange(30))) for _ in range(400)]
    blocks = {}
    for block in BLOCKS:
        codes = [c for c in range(block * BLOCK, (block + 1) * BLOCK) if not 0xD800 <= c < 0xE000]
        lines = "".join(" ".join(map(str, own)) + "\n" for own in ids([f"a{chr(c)}b {chr(c)}" for c in codes]))
        blocks[block] = hashlib.sha256(lines.encode()).hexdigest()
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump({"texts": list(zip(texts, ids(texts))), "blocks": blocks}, file, ensure_ascii=True)
        file.write("\n")


if __name__ == "__main__":
    main()
