"""The same heat equation with respect to the field alone: linear, so there is no tape."""

import numpy as np


def f(u, alpha, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u ** 2)


def f_grad(u, alpha, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    u_bar = 2 * u
    for _ in range(steps):
        lap_bar = alpha * u_bar[1:-1]
        u_bar[2:] += lap_bar
        u_bar[1:-1] -= 2 * lap_bar
        u_bar[:-2] += lap_bar
    return u_bar


def sample():
    return np.sin(np.arange(9.0) ** 2), 0.23, 5
