"""The stencil of the polyhedral benchmarks: two arrays swept in turn."""

import numpy as np


def f(a, b, steps):
    for _ in range(1, steps):
        b[1:-1, 1:-1] = 0.2 * (a[1:-1, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] + a[2:, 1:-1] + a[:-2, 1:-1])
        a[1:-1, 1:-1] = 0.2 * (b[1:-1, 1:-1] + b[1:-1, :-2] + b[1:-1, 2:] + b[2:, 1:-1] + b[:-2, 1:-1])
    return np.sum(a**2) + np.sum(a * b)


ARGNUMS = (0, 1)


def sample():
    rng = np.random.default_rng(1)
    return rng.normal(size=(5, 6)), rng.normal(size=(5, 6)), 4
