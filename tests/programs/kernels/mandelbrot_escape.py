"""A smoothed escape time under a polynomial map: masks shrink while the loop runs."""

import numpy as np


def f(cx, cy, limit):
    x, y = np.zeros_like(cx), np.zeros_like(cy)
    smooth = np.zeros_like(cx)
    alive = np.ones(cx.shape, dtype=bool)
    count = 0
    while alive.any() and count < limit:
        x2, y2 = x[alive] ** 2, y[alive] ** 2
        new_y = 2 * x[alive] * y[alive] + cy[alive]
        x[alive] = x2 - y2 + cx[alive]
        y[alive] = new_y
        r2 = x**2 + y**2
        gone = alive & (r2 > 16.0)
        smooth[gone] = count + 1 - np.log(np.log(r2[gone]) / 2) / np.log(2)
        alive &= ~gone
        count += 1
    return np.sum(smooth)


ARGNUMS = (0, 1)


def sample():
    return np.array([0.9, 1.3, -0.1, 0.5]), np.array([0.8, -0.4, 0.2, 0.9]), 12
