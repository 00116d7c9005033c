"""Modified Gram and Schmidt on columns, writing both factors."""

import numpy as np


def f(a):
    a = a.copy()
    m, n = a.shape
    q = np.zeros_like(a)
    r = np.zeros((n, n))
    for k in range(n):
        norm = np.sqrt(np.dot(a[:, k], a[:, k]))
        r[k, k] = norm
        q[:, k] = a[:, k] / norm
        r[k, k + 1 :] = q[:, k] @ a[:, k + 1 :]
        a[:, k + 1 :] -= q[:, k, np.newaxis] * r[np.newaxis, k, k + 1 :]
    return np.sum(q[0] ** 3) + np.trace(r)


def sample():
    return (np.random.default_rng(4).normal(size=(5, 3)),)
