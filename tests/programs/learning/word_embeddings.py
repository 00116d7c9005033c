"""Skip-gram with negative sampling: rows of two tables, picked by integer arrays."""

import numpy as np

ARGNUMS = (0, 1)


def log_sigmoid(x):
    return -np.logaddexp(0.0, -x)


def f(words, contexts, pairs, negatives):
    loss = 0.0
    for (center, context), wrong in zip(pairs, negatives):
        v = words[center]
        loss -= log_sigmoid(v @ contexts[context])
        loss -= log_sigmoid(-(contexts[wrong] @ v)).sum()
    return loss / len(pairs)


def sample():
    rng = np.random.default_rng(10)
    pairs = np.array([[0, 1], [2, 3], [0, 3], [4, 1]])
    negatives = rng.integers(0, 5, size=(4, 3))
    return rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), pairs, negatives
