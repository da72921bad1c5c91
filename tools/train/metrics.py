"""Figures for the model card."""

import numpy as np
from sklearn.metrics import average_precision_score


def f1_at(y, p, threshold):
    shown = p >= threshold
    hit = float((shown & (y > 0)).sum())
    precision = hit / max(shown.sum(), 1)
    recall = hit / max((y > 0).sum(), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-12)


def best_threshold(y, p):
    """Threshold with the best F1, halfway between two neighbouring probabilities."""
    order = np.argsort(-p, kind="stable")
    hits = np.cumsum(y[order])
    f1 = 2 * hits / (np.arange(1, len(y) + 1) + y.sum())
    sorted_p = p[order]
    last = np.append(sorted_p[:-1] != sorted_p[1:], True)
    f1[~last] = -1
    at = int(np.argmax(f1))
    below = sorted_p[at + 1] if at + 1 < len(p) else 0.0
    return float((sorted_p[at] + below) / 2)


def ece(y, p, bins=10):
    """Expected calibration error over bins of equal width."""
    where = np.minimum((p * bins).astype(int), bins - 1)
    error = 0.0
    for at in range(bins):
        own = where == at
        if own.any():
            error += own.mean() * abs(y[own].mean() - p[own].mean())
    return float(error)


def describe(y, p, threshold):
    precision, recall, f1 = f1_at(y, p, threshold)
    return {
        "support": int(y.sum()),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "ap": float(average_precision_score(y, p)),
        "ece": ece(y, p),
    }


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def logit(p):
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.log(p / (1 - p))


def bagged_threshold(y, p, problem, seed, rounds=100):
    """Median of the best thresholds over samples of problems drawn with replacement."""
    names, number = np.unique(problem, return_inverse=True)
    steps_of = [np.flatnonzero(number == at) for at in range(len(names))]
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(rounds):
        chosen = np.concatenate([steps_of[at] for at in rng.integers(0, len(names), len(names))])
        if y[chosen].any():
            found.append(best_threshold(y[chosen], p[chosen]))
    return float(np.median(found))


def intervals(y, p, threshold, trace, seed, rounds=1000):
    """95 % interval of the F1 by drawing whole traces with replacement."""
    count = trace.max() + 1
    shown = p >= threshold
    per_trace = [np.bincount(trace, own, count) for own in (shown & (y > 0), shown, y > 0)]
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, count, (rounds, count))
    hit, said, there = (own[drawn].sum(1) for own in per_trace)
    f1 = 2 * hit / np.maximum(said + there, 1)
    return [float(np.quantile(f1, 0.025)), float(np.quantile(f1, 0.975))]
