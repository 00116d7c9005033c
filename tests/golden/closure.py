"""A function inside the function reads its names."""

import numpy as np


def f(x, c):
    scale = np.mean(x)

    def bend(t):
        return t * np.exp(-scale * t)

    return np.sum(bend(x)) + c * bend(scale)


def f_grad(x, c):
    scale = np.mean(x)
    e = np.exp(-scale * x)
    es = np.exp(-scale * scale)
    scale_bar = c * (es - 2 * scale * scale * es) - np.sum(x * x * e)
    return e - scale * x * e + scale_bar / x.size


def sample():
    return np.array([0.5, -0.8, 1.3]), 0.6
