"""Iteratively reweighted least squares with Huber's weights, then the loss of the fit."""

import numpy as np


def huber(r, delta):
    return np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta))


def f(y, delta, x):
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    for _ in range(4):
        r = y - x @ beta
        w = np.minimum(1.0, delta / np.maximum(np.abs(r), 1e-9))
        xw = x * w[:, None]
        beta = np.linalg.solve(xw.T @ x, xw.T @ y)
    return np.sum(huber(y - x @ beta, delta))


ARGNUMS = (0, 1)


def sample():
    rng = np.random.default_rng(6)
    x = np.column_stack([np.ones(8), rng.normal(size=8)])
    return x @ np.array([1.0, 2.0]) + rng.normal(size=8), 0.8, x
