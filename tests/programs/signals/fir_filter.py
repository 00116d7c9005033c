"""A causal filter by two loops, a smooth envelope, and a spectral error."""

import numpy as np


def convolve(x, h):
    y = np.zeros(len(x))
    for n in range(len(x)):
        for k in range(min(n + 1, len(h))):
            y[n] += h[k] * x[n - k]
    return y


def envelope(y, decay):
    e = np.zeros_like(y)
    level = 0.0
    for n, v in enumerate(y):
        level = max(abs(v), decay * level)
        e[n] = level
    return e


def f(h, x, target):
    y = convolve(x, h)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(len(y)) / len(y))
    spectrum = np.abs(np.fft.rfft(window * y)) ** 2
    return np.mean((spectrum - target) ** 2) + 0.1 * envelope(y, 0.9).sum()


def sample():
    rng = np.random.default_rng(0)
    return np.array([0.5, -0.3, 0.2]), rng.normal(size=12), rng.random(size=7)
