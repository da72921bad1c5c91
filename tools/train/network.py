"""A small convolutional network over the steps of a trace, on a table of feature vectors.

Each step is the weighted sum of its features' vectors plus its dense features; two convolutions carry
what happens in the steps around it (a check goes on until it ends). A second output predicts the six
weak labels of other traces, which teaches the table about many more sentences than the four behaviours
do. Besides, every feature votes directly for its own step and the steps before and after ("wide").
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

BEHAVIOUR_COUNT = 4
WEAK_COUNT = 6
GAP = 4


@dataclass(frozen=True)
class Settings:
    width: int = 32
    hidden: int = 48
    taps: int = 5
    feature_dropout: float = 0.3
    hidden_dropout: float = 0.3
    weak_weight: float = 0.3
    wide_decay: float = 3e-5
    table_decay: float = 1e-5
    rate: float = 5e-3
    epochs: int = 15
    positions: int = 1024


@dataclass
class Steps:
    """Everything to train on and predict for, all steps of all traces one after another."""

    indices: np.ndarray  # steps × features; 0 is none, else the table's row
    values: np.ndarray
    dense: np.ndarray
    y: np.ndarray
    labelled: np.ndarray  # 1 where y counts
    weak: np.ndarray
    weakly: np.ndarray  # 1 where weak counts
    size: int


def initial(seed, size, dense_width, settings):
    keys = jax.random.split(jax.random.PRNGKey(seed), 6)
    width, hidden, taps = settings.width, settings.hidden, settings.taps

    def normal(key, gain, *shape):
        return jax.random.normal(key, shape) * gain / np.sqrt(np.prod(shape[:-1]))

    return {
        "table": jax.random.normal(keys[0], (size + 1, width)) * 0.3,
        "wide": jnp.zeros((size + 1, BEHAVIOUR_COUNT * 3)),
        "dense": normal(keys[1], 0.5, dense_width, width),
        "near": normal(keys[2], 1.4, taps, width, hidden),
        "near_bias": jnp.zeros(hidden),
        "far": normal(keys[3], 1.4, taps, hidden, hidden),
        "far_bias": jnp.zeros(hidden),
        "out": normal(keys[4], 0.3, width + hidden, BEHAVIOUR_COUNT + WEAK_COUNT),
        "out_bias": jnp.array([-2.0, -2.0, -2.0, -5.0] + [0.0] * WEAK_COUNT),
    }


def convolve(x, weight, bias):
    return jax.lax.conv_general_dilated(x[None], weight, (1,), "SAME", dimension_numbers=("NWC", "WIO", "NWC"))[0] + bias


def forward(p, indices, values, dense, key, settings):
    """Logits for each position; `key` is None when predicting, else the source of dropout."""
    mask = dense[:, :1]
    drop = lambda key, x: x  # noqa: E731
    keys = [None] * 4
    if key is not None:
        keys = jax.random.split(key, 4)
        values = values * (jax.random.uniform(keys[0], values.shape) > settings.feature_dropout) / (1 - settings.feature_dropout)
        rate = settings.hidden_dropout
        drop = lambda key, x: x * (jax.random.uniform(key, x.shape) > rate) / (1 - rate)  # noqa: E731
        dense = dense * jnp.where(jax.random.uniform(keys[3], dense.shape) > 0.1, 1, 0).at[:, 0].set(1)
    bag = jnp.einsum("nm,nmk->nk", values, p["table"][indices])
    votes = jnp.einsum("nm,nmk->nk", values, p["wide"][indices])
    x = drop(keys[1], jax.nn.relu(bag + dense @ p["dense"]) * mask)
    near = drop(keys[2], jax.nn.relu(convolve(x, p["near"], p["near_bias"])) * mask)
    far = jax.nn.relu(convolve(near, p["far"], p["far_bias"])) * mask
    z = jnp.concatenate([x, near + far], 1) @ p["out"] + p["out_bias"]
    wide = votes[:, :4] + jnp.roll(votes[:, 4:8], 1, 0) + jnp.roll(votes[:, 8:], -1, 0)
    return z.at[:, :BEHAVIOUR_COUNT].add(wide)


def loss(p, batch, key, settings):
    indices, values, dense, y, labelled, weak, weakly = batch
    z = forward(p, indices, values, dense, key, settings)
    own = z[:, :BEHAVIOUR_COUNT]
    strong = jnp.maximum(own, 0) - own * y + jnp.log1p(jnp.exp(-jnp.abs(own)))
    other = -(jax.nn.log_softmax(z[:, BEHAVIOUR_COUNT:]) * weak).sum(1)
    total = (strong * labelled[:, None]).sum() + settings.weak_weight * (other * weakly).sum()
    count = labelled.sum() + settings.weak_weight * weakly.sum()
    decay = settings.wide_decay * (p["wide"] ** 2).sum() + settings.table_decay * (p["table"] ** 2).sum()
    return total / jnp.maximum(count, 1) + decay


def lay_out(starts, lengths, positions, order):
    """Sequences of a fixed length with traces laid end to end, apart by GAP; -1 where no step stands."""
    made, current, used = [], np.full(positions, -1), GAP
    for trace in order:
        start, left = starts[trace], lengths[trace]
        while left > 0:
            part = min(left, positions - 2 * GAP)
            if used + part + GAP > positions:
                made.append(current)
                current, used = np.full(positions, -1), GAP
            current[used : used + part] = np.arange(start, start + part)
            used, start, left = used + part + GAP, start + part, left - part
    return [*made, current]


def take(steps, at):
    """The batch of one sequence of step numbers."""
    there = (at >= 0).astype(np.float32)
    row = np.maximum(at, 0)
    column = there[:, None]
    return (
        np.where(column > 0, steps.indices[row], 0),
        steps.values[row] * column,
        steps.dense[row] * column,
        steps.y[row],
        steps.labelled[row] * there,
        steps.weak[row],
        steps.weakly[row] * there,
    )


def train(steps, starts, lengths, settings, seed):
    """Parameters after Adam with a cosine schedule on the traces `[starts, starts + lengths)`."""
    rng = np.random.default_rng(seed)
    p = initial(seed, steps.size, steps.dense.shape[1], settings)
    first, second = jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p)

    @jax.jit
    def update(p, first, second, batch, key, rate, count):
        gradient = jax.grad(loss)(p, batch, key, settings)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, second, gradient)

        def move(p, m, v):
            return p - rate * (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.99**count)) + 1e-8)

        return jax.tree.map(move, p, first, second), first, second

    epochs = [
        batch
        for _ in range(settings.epochs)
        for batch in lay_out(starts, lengths, settings.positions, rng.permutation(len(starts)))
    ]
    for count, at in enumerate(epochs, 1):
        rate = settings.rate * min(1, count / 50) * (0.5 + 0.5 * np.cos(np.pi * count / len(epochs)))
        key = jax.random.PRNGKey(seed * 100003 + count)
        p, first, second = update(p, first, second, take(steps, at), key, rate, count)
    return {name: np.asarray(value) for name, value in p.items()}


def predict(p, steps, starts, lengths, settings):
    """Logits of the behaviours for the steps of these traces; rows of other steps are 0."""
    out = np.zeros((len(steps.y), BEHAVIOUR_COUNT), np.float32)
    run = jax.jit(lambda p, *batch: forward(p, *batch, None, settings)[:, :BEHAVIOUR_COUNT])
    for at in lay_out(starts, lengths, settings.positions, range(len(starts))):
        there = at >= 0
        out[at[there]] = np.asarray(run(p, *take(steps, at)[:3]))[there]
    return out
