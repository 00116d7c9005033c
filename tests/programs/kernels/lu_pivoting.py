"""Gaussian elimination with partial pivoting: rows swapped by fancy indexing, the sign kept."""

import numpy as np


def solve(a, b):
    a, b = a.copy(), b.copy()
    n = len(b)
    sign = 1.0
    for k in range(n):
        p = k + int(np.argmax(np.abs(a[k:, k])))
        if p != k:
            a[[k, p]] = a[[p, k]]
            b[k], b[p] = b[p], b[k]
            sign = -sign
        for i in range(k + 1, n):
            m = a[i, k] / a[k, k]
            a[i, k:] -= m * a[k, k:]
            b[i] -= m * b[k]
    x = np.zeros(n)
    for i in reversed(range(n)):
        x[i] = (b[i] - a[i, i + 1 :] @ x[i + 1 :]) / a[i, i]
    return x, sign * np.prod(np.diag(a))


def f(a, b):
    x, det = solve(a, b)
    return np.sum(x**2) + 0.1 * det


ARGNUMS = (0, 1)


def sample():
    rng = np.random.default_rng(0)
    return rng.normal(size=(4, 4)), rng.normal(size=4)
