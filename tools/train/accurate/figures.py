"""Calibration, thresholds and figures from logits on labelled traces."""

import random
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

sys.path.append(str(Path(__file__).resolve().parent.parent))
from metrics import describe, sigmoid  # noqa: E402

from data import BEHAVIOURS  # noqa: E402

SPLITS = 20
DRAWS = 1000
# A step is unsure while its odds are within this factor of the threshold's.
UNSURE = 2


def fit(y, z):
    """Slope, offset (Platt scaling) and threshold of each behaviour."""
    lines = [LogisticRegression(C=1e3).fit(z[:, [at]], y[:, at]) for at in range(4)]
    slope = np.array([line.coef_[0, 0] for line in lines])
    offset = np.array([line.intercept_[0] for line in lines])
    p = sigmoid(z * slope + offset)
    return slope, offset, np.array([expected_best(p[:, at]) for at in range(4)])


def expected_best(p):
    """
    Threshold with the highest F1 expected under calibrated probabilities. It sees no label but through the
    calibration's two numbers, so it varies less with the sample than the threshold with the best observed F1.
    """
    ranked = np.sort(p)[::-1]
    hits = np.cumsum(ranked)
    return ranked[int(np.argmax(2 * hits / (np.arange(1, len(p) + 1) + hits[-1])))]


def halves(problem, seed):
    names = sorted(set(problem))
    random.Random(seed).shuffle(names)
    return np.isin(problem, names[::2])


def cross_fitted(y, z, problem):
    """For each of SPLITS splits into halves by problem: probabilities and thresholds of each step, from the other half."""
    out = []
    for seed in range(SPLITS):
        half = halves(problem, seed)
        if any(y[part].sum(0).min() == 0 for part in (half, ~half)):
            continue
        p, threshold = np.zeros_like(z), np.zeros_like(z)
        for part in (half, ~half):
            slope, offset, own = fit(y[part], z[part])
            p[~part] = sigmoid(z[~part] * slope + offset)
            threshold[~part] = own
        out.append((p, threshold))
    return out


def means(y, crossed, chosen):
    """Mean figures over the splits, of the chosen steps."""
    out = {}
    for at, behaviour in enumerate(BEHAVIOURS):
        if not y[chosen, at].any():
            out[behaviour] = None
            continue
        each = []
        for p, threshold in crossed:
            own = describe(y[chosen, at], p[chosen, at], 0.5)
            # Each half has its own threshold, so what is said at it is counted here.
            said = p[chosen, at] >= threshold[chosen, at]
            hit = float((said & (y[chosen, at] > 0)).sum())
            own["precision"], own["recall"] = hit / max(said.sum(), 1), hit / y[chosen, at].sum()
            own["f1"] = 2 * hit / (said.sum() + y[chosen, at].sum())
            each.append(own)
        out[behaviour] = {key: float(np.mean([own[key] for own in each])) for key in each[0]}
    return out


def intervals(y, crossed, problem, seed=1):
    """95 % intervals of the cross-fitted F1: problems drawn with replacement, a split drawn with each."""
    names, number = np.unique(problem, return_inverse=True)
    rng = np.random.default_rng(seed)
    per = []
    for p, threshold in crossed:
        said = p >= threshold
        per.append([np.stack([np.bincount(number, own[:, at], len(names)) for at in range(4)], 1) for own in (said & (y > 0), said, y > 0)])
    f1 = []
    for _ in range(DRAWS):
        drawn = rng.integers(0, len(names), len(names))
        hit, said, there = (own[drawn].sum(0) for own in per[rng.integers(len(per))])
        f1.append(2 * hit / np.maximum(said + there, 1))
    low, high = np.quantile(f1, [0.025, 0.975], axis=0)
    return {behaviour: [float(low[at]), float(high[at])] for at, behaviour in enumerate(BEHAVIOURS)}


def abstain_bands(threshold):
    """[low, high) around each threshold in which a step is unsure."""
    odds = threshold / (1 - threshold)
    low, high = odds / UNSURE, odds * UNSURE
    return np.stack([low / (1 + low), high / (1 + high)], 1)


def episodes(said):
    """Runs of neighbouring steps."""
    return int((said & ~np.r_[False, said[:-1]]).sum())


def spearman(a, b):
    from scipy.stats import spearmanr

    return float(spearmanr(a, b).statistic) if len(set(a)) > 1 and len(set(b)) > 1 else None


def counts(y, crossed, trace):
    """Per-trace counts against the labels, in steps and in episodes; means over the splits."""
    numbers = [np.flatnonzero(trace == at) for at in range(trace.max() + 1)]
    out = {}
    for at, behaviour in enumerate(BEHAVIOURS):
        made = {}
        for unit, count in (("steps", np.sum), ("episodes", episodes)):
            true = np.array([count(y[own, at] > 0) for own in numbers])
            errors, ranks = [], []
            for p, threshold in crossed:
                said = p[:, at] >= threshold[:, at]
                found = np.array([count(said[own]) for own in numbers])
                errors.append(float(np.abs(found - true).mean()))
                ranks.append(spearman(found, true))
            made[unit] = {"mean": float(true.mean()), "absoluteError": float(np.mean(errors)), "spearman": float(np.mean(ranks))}
        out[behaviour] = made
    return out
