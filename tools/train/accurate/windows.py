"""Steps of a trace as windows of word pieces: what the encoder reads."""

from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

CLS, SEP, PAD, MASK = 101, 102, 0, 103
WINDOW = 192  # word pieces of a window, [CLS] and every [SEP] counted
CONTEXT = 40  # at most so many of them, [CLS] counted, come before the window's own steps
LONGEST = 128  # word pieces of a step; of a longer one the first and the last half are kept


def load_tokenizer(path):
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def step_ids(tokenizer, texts):
    """Word pieces of each step, [SEP] at its end."""
    out = []
    for encoding in tokenizer.encode_batch(texts, add_special_tokens=False):
        ids = encoding.ids
        if len(ids) > LONGEST:
            ids = ids[: LONGEST // 2] + ids[-LONGEST // 2 :]
        out.append(ids + [SEP])
    return out


@dataclass
class Window:
    ids: list
    first: int  # the window's own steps are first … first + len(spans) - 1
    spans: list  # word pieces [from, to) of each of them


def windows_of(steps, offset=0):
    """
    Packs steps into windows, in order: each window holds as many whole steps as fit, after as many of the
    steps before as fit into CONTEXT. `offset` shortens the first window by so many word pieces (training
    only, so that a step is not always seen at the same place).
    """
    windows = []
    at = 0
    while at < len(steps):
        ids = [CLS]
        back = at
        while back > 0 and 1 + sum(map(len, steps[back - 1 : at])) <= CONTEXT:
            back -= 1
        for step in steps[back:at]:
            ids += step
        spans = []
        first = at
        limit = WINDOW - (offset if not windows else 0)
        while at < len(steps) and (not spans or len(ids) + len(steps[at]) <= limit):
            spans.append((len(ids), len(ids) + len(steps[at])))
            ids += steps[at]
            at += 1
        windows.append(Window(ids, first, spans))
    return windows


def pack(windows):
    """Arrays of a batch of windows: ids, mask [n, pieces] and the mean over each own step [n, steps, pieces]."""
    pieces = max(len(w.ids) for w in windows)
    most = max(len(w.spans) for w in windows)
    ids = np.full((len(windows), pieces), PAD, np.int64)
    mask = np.zeros((len(windows), pieces), np.int32)
    pool = np.zeros((len(windows), most, pieces), np.float32)
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = window.ids
        mask[row, : len(window.ids)] = 1
        for step, (start, end) in enumerate(window.spans):
            pool[row, step, start:end] = 1 / (end - start)
    return ids, mask, pool
