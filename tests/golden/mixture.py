"""Negative log-likelihood of a mixture of spherical Gaussians."""

import numpy as np

ARGNUMS = (0, 1, 2)


def f(weights, means, scales, x):
    total = 0.0
    for i in range(x.shape[0]):
        d2 = np.sum((x[i] - means) ** 2, axis=1)
        log_p = weights - x.shape[1] * scales - 0.5 * d2 * np.exp(-2 * scales)
        total -= np.log(np.sum(np.exp(log_p)))
    return total + x.shape[0] * np.log(np.sum(np.exp(weights)))


def f_grad(weights, means, scales, x):
    weights_bar, means_bar, scales_bar = np.zeros_like(weights), np.zeros_like(means), np.zeros_like(scales)
    precision = np.exp(-2 * scales)
    for i in range(x.shape[0]):
        d = x[i] - means
        d2 = np.sum(d ** 2, axis=1)
        p = np.exp(weights - x.shape[1] * scales - 0.5 * d2 * precision)
        log_p_bar = -p / np.sum(p)
        weights_bar += log_p_bar
        scales_bar += log_p_bar * (d2 * precision - x.shape[1])
        means_bar += (log_p_bar * precision)[:, None] * d
    e = np.exp(weights)
    weights_bar += x.shape[0] / np.sum(e) * e
    return weights_bar, means_bar, scales_bar


def sample():
    rng = np.random.default_rng(4)
    return rng.normal(size=2), rng.normal(size=(2, 3)), 0.3 * rng.normal(size=2), rng.normal(size=(4, 3))
