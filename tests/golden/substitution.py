"""Forward substitution for a triangular system."""

import numpy as np

ARGNUMS = (0, 1)


def f(l, b):
    x = np.zeros_like(b)
    for i in range(b.size):
        x[i] = (b[i] - l[i, :i] @ x[:i]) / l[i, i]
    return np.sum(x ** 2)


def f_grad(l, b):
    x = np.zeros_like(b)
    for i in range(b.size):
        x[i] = (b[i] - l[i, :i] @ x[:i]) / l[i, i]
    x_bar = 2 * x
    l_bar = np.zeros_like(l)
    b_bar = np.zeros_like(b)
    for i in reversed(range(b.size)):
        b_bar[i] = x_bar[i] / l[i, i]
        l_bar[i, i] = -b_bar[i] * x[i]
        l_bar[i, :i] = -b_bar[i] * x[:i]
        x_bar[:i] -= b_bar[i] * l[i, :i]
    return l_bar, b_bar


def sample():
    rng = np.random.default_rng(5)
    return np.tril(rng.normal(size=(4, 4))) + 2 * np.eye(4), rng.normal(size=4)
