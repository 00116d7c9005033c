"""Conditional likelihood of an ARMA(p, q) model with lags of any number."""

import numpy as np


def f(params, y, p, q):
    c, phi, theta = params[0], params[1 : 1 + p], params[1 + p :]
    errors = np.zeros(len(y))
    for t in range(p, len(y)):
        mean = c
        for i in range(p):
            mean += phi[i] * y[t - 1 - i]
        for j in range(q):
            if t - 1 - j >= 0:
                mean += theta[j] * errors[t - 1 - j]
        errors[t] = y[t] - mean
    sigma2 = np.sum(errors[p:] ** 2) / (len(y) - p)
    return 0.5 * np.log(sigma2)


def sample():
    rng = np.random.default_rng(5)
    return np.array([0.1, 0.5, -0.2, 0.3]), rng.normal(size=15), 2, 1
