"""A recurrence that keeps its states: the history is its own tape."""

import numpy as np

ARGNUMS = (0, 1)


def f(a, x):
    h = np.zeros(x.size + 1)
    for t in range(x.size):
        h[t + 1] = np.tanh(a * h[t] + x[t])
    return np.sum(h ** 2)


def f_grad(a, x):
    h = np.zeros(x.size + 1)
    for t in range(x.size):
        h[t + 1] = np.tanh(a * h[t] + x[t])
    h_bar = 2 * h
    a_bar = 0.0
    x_bar = np.zeros_like(x)
    for t in reversed(range(x.size)):
        z_bar = h_bar[t + 1] * (1 - h[t + 1] ** 2)
        a_bar += z_bar * h[t]
        h_bar[t] += z_bar * a
        x_bar[t] = z_bar
    return a_bar, x_bar


def sample():
    return 0.6, np.array([0.5, -0.3, 0.9, 0.1])
