"""A hierarchical regression's log posterior: parameters in a frozen dataclass, groups by index."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Params:
    mu: float
    log_tau: float
    offsets: np.ndarray
    slope: np.ndarray
    log_sigma: float

    @property
    def tau(self):
        return np.exp(self.log_tau)

    def intercepts(self):
        return self.mu + self.tau * self.offsets


def log_normal(x, mu, sigma):
    return -0.5 * np.sum(((x - mu) / sigma) ** 2) - np.size(x) * np.log(sigma)


def f(p, x, y, group):
    lp = log_normal(p.mu, 0.0, 5.0) + log_normal(p.log_tau, 0.0, 1.0)
    lp += log_normal(p.offsets, 0.0, 1.0) + log_normal(p.slope, 0.0, 2.0)
    mean = p.intercepts()[group] + x @ p.slope
    return -(lp + log_normal(y, mean, np.exp(p.log_sigma)))


def sample():
    rng = np.random.default_rng(4)
    p = Params(0.3, -0.5, rng.normal(size=3), rng.normal(size=2), -0.2)
    return p, rng.normal(size=(9, 2)), rng.normal(size=9), np.array([0, 1, 2, 0, 1, 2, 0, 0, 1])
