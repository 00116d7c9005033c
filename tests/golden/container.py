"""A dict of parameters: the gradient is a dict of the same keys."""

import numpy as np


def f(p, x):
    h = np.tanh(x @ p["w"] + p["b"])
    return np.sum(h ** 2) * p["scale"]


def f_grad(p, x):
    h = np.tanh(x @ p["w"] + p["b"])
    z_bar = 2 * p["scale"] * h * (1 - h * h)
    return {"w": x.T @ z_bar, "b": np.sum(z_bar, axis=0), "scale": np.sum(h ** 2)}


def sample():
    rng = np.random.default_rng(1)
    return {"w": rng.normal(size=(3, 2)), "b": rng.normal(size=2), "scale": 0.7}, rng.normal(size=(5, 3))
