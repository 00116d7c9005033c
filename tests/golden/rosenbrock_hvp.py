"""Second order: the Hessian of Rosenbrock's function times a vector."""

import numpy as np

MODE = "hvp"


def f(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def f_hvp(x, v):
    a, da = x[:-1], v[:-1]
    r, dr = x[1:] - a ** 2, v[1:] - 2 * a * da
    out = np.zeros_like(x)
    out[1:] += 200.0 * dr
    out[:-1] -= 400.0 * (dr * a + r * da)
    out[:-1] += 2 * da
    return out


def sample():
    return (np.array([0.8, 1.2, -0.5, 0.4]),)
