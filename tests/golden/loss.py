"""Logistic loss: the gradient needs neither logarithm nor mean."""

import numpy as np


def f(w, x, y):
    p = 1 / (1 + np.exp(-(x @ w)))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def f_grad(w, x, y):
    e = np.exp(-(x @ w))
    s = 1 + e
    p = 1 / s
    mean_bar = -1.0 / y.size
    p_bar = mean_bar * (y / p - (1 - y) / (1 - p))
    z_bar = p_bar * p / s * e
    return x.T @ z_bar


def sample():
    rng = np.random.default_rng(0)
    return rng.normal(size=3), rng.normal(size=(7, 3)), (rng.random(7) < 0.5) * 1.0
