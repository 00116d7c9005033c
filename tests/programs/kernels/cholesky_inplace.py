"""Cholesky's factorisation written out, in the lower half of its argument."""

import numpy as np


def f(a):
    n = a.shape[0]
    for j in range(n):
        for k in range(j):
            a[j, j] -= a[j, k] ** 2
        a[j, j] = np.sqrt(a[j, j])
        for i in range(j + 1, n):
            for k in range(j):
                a[i, j] -= a[i, k] * a[j, k]
            a[i, j] /= a[j, j]
    logdet = 0.0
    for j in range(n):
        logdet += 2 * np.log(a[j, j])
    return logdet + np.sum(np.tril(a))


def sample():
    m = np.array([[1.0, 0.2, -0.3], [0.5, 1.5, 0.1], [0.2, -0.4, 0.9]])
    return (m @ m.T + np.eye(3),)
