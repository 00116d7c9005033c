"""Three returns: Huber's loss of a whole vector."""

import numpy as np


def f(r, delta):
    size = np.sqrt(r @ r)
    if size < delta:
        return 0.5 * size ** 2
    if size > 100 * delta:
        return 0.0
    return delta * (size - 0.5 * delta)


def f_grad(r, delta):
    size = np.sqrt(r @ r)
    if size < delta:
        return r.copy()
    if size > 100 * delta:
        return np.zeros_like(r)
    return delta / size * r


def sample():
    return np.array([0.9, -1.1, 0.4]), 0.8
