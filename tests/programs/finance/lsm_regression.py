"""Longstaff and Schwartz: continuation values by least squares on the paths in the money, backwards in time."""

import numpy as np


def f(spot, vol, normals, strike, rate=0.04):
    steps, paths = normals.shape
    dt = 1 / steps
    s = np.empty((steps + 1, paths))
    s[0] = spot
    for t in range(steps):
        s[t + 1] = s[t] * np.exp((rate - 0.5 * vol**2) * dt + vol * np.sqrt(dt) * normals[t])
    cash = np.maximum(strike - s[-1], 0)
    for t in range(steps - 1, 0, -1):
        cash = cash * np.exp(-rate * dt)
        inside = np.flatnonzero(s[t] < strike)
        if len(inside) < 4:
            continue
        x = s[t][inside] / strike
        basis = np.stack([np.ones_like(x), x, x**2], axis=1)
        coefficients = np.linalg.solve(basis.T @ basis + 1e-6 * np.eye(3), basis.T @ cash[inside])
        exercise = strike - s[t][inside]
        better = exercise > basis @ coefficients
        cash[inside[better]] = exercise[better]
    return np.exp(-rate * dt) * cash.mean()


ARGNUMS = (0, 1)


def sample():
    rng = np.random.default_rng(3)
    return 95.0, 0.3, rng.normal(size=(4, 24)), 100.0
