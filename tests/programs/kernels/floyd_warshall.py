"""Shortest paths over a table of distances, then a soft sum of them."""

import numpy as np


def f(path):
    n = path.shape[0]
    for k in range(n):
        path[:] = np.minimum(path[:], np.add.outer(path[:, k], path[k, :]))
    return np.log(np.sum(np.exp(path)))


def sample():
    rng = np.random.default_rng(6)
    d = rng.random(size=(5, 5)) * 3 + 0.2
    np.fill_diagonal(d, 0.0)
    return (d + 0.01 * rng.random(size=(5, 5)),)
