"""Mean-variance utility with transaction costs and a soft budget over rolling windows."""

import numpy as np


def f(weights, returns, aversion=3.0, cost=0.002, window=4):
    n = returns.shape[0]
    w_old = np.ones(returns.shape[1]) / returns.shape[1]
    w = np.exp(weights) / np.sum(np.exp(weights))
    utility, wealth = 0.0, 1.0
    for start in range(0, n - window + 1, window):
        block = returns[start : start + window]
        mu = block.mean(axis=0)
        cov = np.cov(block, rowvar=False)
        utility += w @ mu - 0.5 * aversion * w @ cov @ w
        utility -= cost * np.abs(w - w_old).sum()
        for r in block:
            wealth *= 1 + w @ r
        drifted = w * np.prod(1 + block, axis=0)
        w_old = drifted / drifted.sum()
    return -(utility + np.log(wealth))


def sample():
    rng = np.random.default_rng(1)
    return np.array([0.1, -0.2, 0.4]), 0.02 * rng.normal(size=(12, 3))
