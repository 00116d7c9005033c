"""The likelihood of a GARCH(1,1) model: a recursion of variances over returns."""

import numpy as np


def f(params, returns):
    omega, alpha, beta = np.exp(params)
    n = len(returns)
    sigma2 = np.zeros(n)
    sigma2[0] = np.var(returns)
    for t in range(1, n):
        sigma2[t] = omega + alpha * returns[t - 1] ** 2 + beta * sigma2[t - 1]
    ll = -0.5 * np.sum(np.log(2 * np.pi) + np.log(sigma2) + returns**2 / sigma2)
    return -ll / n


def sample():
    rng = np.random.default_rng(2)
    return np.log([0.05, 0.1, 0.8]), rng.normal(size=30)
