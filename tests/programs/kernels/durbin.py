"""Levinson and Durbin's recursion for a Toeplitz system."""

import numpy as np


def f(r):
    y = np.empty_like(r)
    y[0] = -r[0]
    alpha, beta = -r[0], 1.0
    for k in range(1, len(r)):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(np.flip(r[:k]), y[:k])) / beta
        y[:k] += alpha * np.flip(y[:k])
        y[k] = alpha
    return np.sum(y * y)


def sample():
    return (np.array([0.4, -0.2, 0.15, 0.05, -0.1]),)
