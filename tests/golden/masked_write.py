"""A write under a mask: what was there gets no gradient."""

import numpy as np


def f(x, y):
    z = x * y
    low = z < 0
    z[low] = np.exp(z[low]) - 1
    return np.sum(z ** 2)


def f_grad(x, y):
    z = x * y
    low = z < 0
    e = np.exp(z[low])
    z_bar = 2 * z
    z_bar[low] = 2 * (e - 1) * e
    return z_bar * y


def sample():
    return np.array([0.4, -0.9, 1.2, 0.7]), np.array([1.1, 0.6, -0.8, 0.9])
