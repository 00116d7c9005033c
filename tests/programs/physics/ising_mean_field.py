"""Mean-field magnetisation by a fixed-point iteration until it settles, then the free energy."""

import numpy as np

ARGNUMS = (0, 1)


def f(coupling, field, beta=0.8):
    m = np.full(len(field), 0.5)
    for sweep in range(200):
        new = np.tanh(beta * (coupling @ m + field))
        change = np.abs(new - m).max()
        m = new
        if change < 1e-12:
            break
    else:
        raise RuntimeError("no fixed point in 200 sweeps")
    energy = -0.5 * m @ coupling @ m - field @ m
    entropy = -np.sum((1 + m) / 2 * np.log((1 + m) / 2) + (1 - m) / 2 * np.log((1 - m) / 2))
    return energy - entropy / beta


def sample():
    rng = np.random.default_rng(3)
    a = 0.2 * rng.normal(size=(4, 4))
    return a + a.T, 0.5 * rng.normal(size=4)
