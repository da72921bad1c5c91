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
