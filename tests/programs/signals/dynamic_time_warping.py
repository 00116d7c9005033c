"""Soft dynamic time warping over a table with infinite edges."""

import numpy as np


def soft_min(values, gamma):
    z = [-v / gamma for v in values]
    top = max(z)
    return -gamma * (top + np.log(sum(np.exp(v - top) for v in z)))


def f(x, y, gamma):
    n, m = len(x), len(y)
    table = np.full((n + 1, m + 1), 1e10)
    table[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (x[i - 1] - y[j - 1]) ** 2
            table[i, j] = cost + soft_min((table[i - 1, j], table[i, j - 1], table[i - 1, j - 1]), gamma)
    return table[n, m]


ARGNUMS = (0, 1)


def sample():
    rng = np.random.default_rng(3)
    return rng.normal(size=5), rng.normal(size=4), 0.3
