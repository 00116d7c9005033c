"""The forward algorithm of a hidden Markov model in logarithms."""

import numpy as np


def logsumexp(a, axis):
    top = np.max(a, axis=axis, keepdims=True)
    return np.squeeze(top, axis=axis) + np.log(np.sum(np.exp(a - top), axis=axis))


def normalise(logits):
    return logits - logsumexp(logits, axis=-1)[..., None]


def f(start, transition, emission, observations):
    start, transition, emission = normalise(start), normalise(transition), normalise(emission)
    alpha = start + emission[:, observations[0]]
    for o in observations[1:]:
        alpha = logsumexp(alpha[:, None] + transition, axis=0) + emission[:, o]
    return -logsumexp(alpha, axis=0)


ARGNUMS = (0, 1, 2)


def sample():
    rng = np.random.default_rng(1)
    return rng.normal(size=3), rng.normal(size=(3, 3)), rng.normal(size=(3, 4)), np.array([0, 2, 1, 3, 3, 0])
