"""A two-dimensional stencil in place, with a coefficient field."""

import numpy as np

ARGNUMS = (0, 1)


def f(u, k, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1, 1:-1] += k * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1])
    return np.sum(u ** 2)


def f_grad(u, k, steps):
    u = u.copy()
    laps = []
    for _ in range(steps):
        lap = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
        u[1:-1, 1:-1] += k * lap
        laps.append(lap)
    u_bar = 2 * u
    k_bar = np.zeros_like(k)
    for lap in reversed(laps):
        k_bar += u_bar[1:-1, 1:-1] * lap
        lap_bar = k * u_bar[1:-1, 1:-1]
        u_bar[2:, 1:-1] += lap_bar
        u_bar[:-2, 1:-1] += lap_bar
        u_bar[1:-1, 2:] += lap_bar
        u_bar[1:-1, :-2] += lap_bar
        u_bar[1:-1, 1:-1] -= 4 * lap_bar
    return u_bar, k_bar


def sample():
    rng = np.random.default_rng(3)
    return rng.normal(size=(5, 4)), 0.1 + 0.1 * rng.random((3, 2)), 3
