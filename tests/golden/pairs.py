"""Loops in loops: the energy of particles on a line."""

import numpy as np


def f(x):
    energy = 0.0
    for i in range(x.size):
        for j in range(i):
            r2 = (x[i] - x[j]) ** 2 + 0.1
            energy += 1 / r2
    return energy


def f_grad(x):
    x_bar = np.zeros_like(x)
    for i in range(x.size):
        for j in range(i):
            d = x[i] - x[j]
            r2 = d ** 2 + 0.1
            d_bar = -2 * d / r2 ** 2
            x_bar[i] += d_bar
            x_bar[j] -= d_bar
    return x_bar


def sample():
    return (np.array([0.1, 0.7, -0.4, 1.3]),)
