"""The marginal likelihood of a Gaussian process with a sum of kernels given as a list of functions."""

import numpy as np


def squared_distance(a, b):
    return np.sum((a[:, None, :] - b[None, :, :]) ** 2, axis=-1)


def rbf(p, a, b):
    return np.exp(p["log_var"]) * np.exp(-0.5 * squared_distance(a, b) / np.exp(2 * p["log_len"]))


def rational(p, a, b):
    return np.exp(p["log_var"]) * (1 + squared_distance(a, b) / 2) ** -1.0


KERNELS = {"rbf": rbf, "rational": rational}


def f(params, x, y):
    k = np.exp(params["log_noise"]) * np.eye(len(x))
    for name, p in params["kernels"].items():
        k = k + KERNELS[name](p, x, x)
    chol = np.linalg.cholesky(k)
    alpha = np.linalg.solve(chol.T, np.linalg.solve(chol, y))
    return 0.5 * y @ alpha + np.sum(np.log(np.diag(chol))) + 0.5 * len(y) * np.log(2 * np.pi)


def sample():
    rng = np.random.default_rng(0)
    params = {
        "log_noise": -1.0,
        "kernels": {"rbf": {"log_var": 0.1, "log_len": -0.2}, "rational": {"log_var": -0.7}},
    }
    return params, rng.normal(size=(6, 2)), rng.normal(size=6)
