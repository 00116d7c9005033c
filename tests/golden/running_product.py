"""A running product stored as it goes."""

import numpy as np


def f(x, c):
    p = np.empty_like(x)
    p[0] = x[0]
    for i in range(1, x.size):
        p[i] = p[i - 1] * x[i]
    return np.sum(c * p)


def f_grad(x, c):
    p = np.empty_like(x)
    p[0] = x[0]
    for i in range(1, x.size):
        p[i] = p[i - 1] * x[i]
    p_bar = c.copy()
    x_bar = np.zeros_like(x)
    for i in reversed(range(1, x.size)):
        x_bar[i] = p_bar[i] * p[i - 1]
        p_bar[i - 1] += p_bar[i] * x[i]
    x_bar[0] = p_bar[0]
    return x_bar


def sample():
    return np.array([0.9, -1.3, 0.0, 1.7]), np.array([0.4, 1.1, -0.6, 0.8])
