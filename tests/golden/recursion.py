"""A function that calls itself: the sum of a continued fraction."""

import numpy as np


def fraction(x, i):
    if i == x.size - 1:
        return x[i]
    return x[i] + 1 / fraction(x, i + 1)


def f(x):
    return fraction(x, 0)


def f_grad(x):
    tails = x.copy()
    for i in reversed(range(x.size - 1)):
        tails[i] = x[i] + 1 / tails[i + 1]
    x_bar = np.ones_like(x)
    for i in range(1, x.size):
        x_bar[i] = -x_bar[i - 1] / tails[i] ** 2
    return x_bar


def sample():
    return (np.array([1.2, 0.7, 2.1, 0.9]),)
