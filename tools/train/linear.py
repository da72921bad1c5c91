"""Logistic regression on a step's features and on those of the steps before and after it."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression

from dataset import BEHAVIOURS, shifted

ROLES = (0, -1, 1)
NEIGHBOUR = 0.6
DENSE = 0.3
STRENGTH = 1.0


@dataclass
class Linear:
    """Weights on the extractor's own values: [behaviour, role, feature]."""

    sparse: np.ndarray
    dense: np.ndarray
    bias: np.ndarray


def design(features, idf):
    """Columns of all roles; the factors even out how strongly each group is regularised."""
    weighted = features.sparse.multiply(idf).tocsr()
    parts = [shifted(weighted, features.trace, role) * (1 if role == 0 else NEIGHBOUR) for role in ROLES]
    parts += [sp.csr_matrix(DENSE * shifted(features.dense, features.trace, role)) for role in ROLES]
    matrix = sp.hstack(parts).tocsr()
    matrix.sort_indices()
    return matrix


def fit(matrix, y, idf, dense_width):
    unsure = ((y > 0) & (y < 1)).any(1)

    def one(behaviour):
        model = LogisticRegression(C=STRENGTH, solver="liblinear", tol=1e-3, random_state=0)
        # A step with a probability counts as both, each with its share.
        both = sp.vstack([matrix, matrix[unsure]])
        shares = np.concatenate([np.where(unsure, 1 - y[:, behaviour], 1), y[unsure, behaviour]])
        model.fit(both, np.concatenate([np.where(unsure, 0, y[:, behaviour]), np.ones(unsure.sum())]), sample_weight=shares)
        return model.coef_[0], model.intercept_[0]

    fitted = Parallel(2, prefer="threads")(delayed(one)(behaviour) for behaviour in range(len(BEHAVIOURS)))
    coefficients = np.array([own for own, _ in fitted])
    words = len(idf) * len(ROLES)
    sparse = coefficients[:, :words].reshape(len(BEHAVIOURS), len(ROLES), len(idf))
    factor = np.array([1 if role == 0 else NEIGHBOUR for role in ROLES])
    return Linear(
        sparse * factor[None, :, None] * idf[None, None, :],
        coefficients[:, words:].reshape(len(BEHAVIOURS), len(ROLES), dense_width) * DENSE,
        np.array([own for _, own in fitted]),
    )


def logits(model, features):
    """What the fitted model says, computed the way the exported graph does."""
    out = np.tile(model.bias, (features.dense.shape[0], 1))
    for at, role in enumerate(ROLES):
        own = features.sparse @ model.sparse[:, at].T + features.dense @ model.dense[:, at].T
        out += shifted(own, features.trace, role)
    return out
