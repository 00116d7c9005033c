"""The wave equation in two dimensions with three rotating fields and absorbing edges."""

import numpy as np


def laplacian(u):
    out = np.zeros_like(u)
    out[1:-1, 1:-1] = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
    return out


def f(speed, source, receivers, steps):
    shape = speed.shape
    before, now = np.zeros(shape), np.zeros(shape)
    trace = np.zeros((steps, len(receivers)))
    for t in range(steps):
        after = 2 * now - before + 0.2 * speed**2 * laplacian(now)
        after[2, 3] += source[t]
        after[0, :] *= 0.5
        after[-1, :] *= 0.5
        before, now = now, after
        for k, (i, j) in enumerate(receivers):
            trace[t, k] = now[i, j]
    return 0.5 * np.sum(trace**2)


ARGNUMS = (0, 1)


def sample():
    rng = np.random.default_rng(2)
    return 1 + 0.1 * rng.normal(size=(6, 7)), rng.normal(size=8), [(1, 1), (4, 5), (0, 3)], 8
