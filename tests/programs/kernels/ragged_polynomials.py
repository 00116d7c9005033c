"""Horner's scheme over a ragged list of polynomials, bookkeeping in sets and ints."""

import numpy as np


def horner(coefficients, x):
    value = 0.0
    for c in reversed(coefficients):
        value = value * x + c
    return value


def f(polys, xs):
    seen = set()
    best, where = -1e300, -1
    total = 0.0
    for i, coefficients in enumerate(polys):
        degree = len(coefficients) - 1
        if degree in seen:
            continue
        seen.add(degree)
        value = np.mean([horner(coefficients, x) for x in xs])
        total += value**2 / (1 + degree)
        if value > best:
            best, where = value, i
    return total + best * (where + 1)


ARGNUMS = (0, 1)


def sample():
    return [[1.0, 0.5], [0.2, -0.3, 0.9], [2.0, 1.0], [0.1, 0.2, 0.3, 0.4]], [0.3, -0.8, 1.2]
