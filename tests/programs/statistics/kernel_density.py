"""Leave-one-out likelihood of a kernel density estimate in the bandwidth, row by row."""

import numpy as np

ARGNUMS = (0, 1)


def f(log_h, x):
    h = np.exp(log_h)
    n = len(x)
    total = 0.0
    for i in range(n):
        others = np.delete(x, i)
        z = (x[i] - others) / h
        density = np.mean(np.exp(-0.5 * z**2)) / (h * np.sqrt(2 * np.pi))
        total += np.log(density)
    return -total / n


def sample():
    return -0.4, np.array([-1.2, -0.3, 0.1, 0.8, 1.1, 2.0])
