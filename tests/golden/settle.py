"""A loop with continue and break."""

import numpy as np

ARGNUMS = (0, 1)


def f(x, y, limit):
    total = x
    for i in range(y.size):
        if y[i] < 0:
            continue
        total = total * np.sin(y[i]) + x
        if total > limit:
            break
    return total * total


def f_grad(x, y, limit):
    total = x
    trips = []
    for i in range(y.size):
        if y[i] < 0:
            continue
        sin_y = np.sin(y[i])
        trips.append((i, total, sin_y))
        total = total * sin_y + x
        if total > limit:
            break
    total_bar = 2 * total
    x_bar = 0.0
    y_bar = np.zeros_like(y)
    for i, total, sin_y in reversed(trips):
        x_bar += total_bar
        y_bar[i] += total_bar * total * np.cos(y[i])
        total_bar = total_bar * sin_y
    x_bar += total_bar
    return x_bar, y_bar


def sample():
    return 0.8, np.array([0.5, -1.0, 1.2, 0.9, 1.4, 0.3]), 2.1
