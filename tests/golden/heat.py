"""An explicit heat equation in place: the coefficient needs the Laplacians, the field needs nothing."""

import numpy as np

ARGNUMS = (0, 1)


def f(u, alpha, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u ** 2)


def f_grad(u, alpha, steps):
    u = u.copy()
    laps = []
    for _ in range(steps):
        lap = u[2:] - 2 * u[1:-1] + u[:-2]
        u[1:-1] += alpha * lap
        laps.append(lap)
    u_bar = 2 * u
    alpha_bar = 0.0
    for _ in range(steps):
        lap = laps.pop()
        step_bar = u_bar[1:-1]
        alpha_bar += np.sum(step_bar * lap)
        lap_bar = alpha * step_bar
        u_bar[2:] += lap_bar
        u_bar[1:-1] -= 2 * lap_bar
        u_bar[:-2] += lap_bar
    return u_bar, alpha_bar


def sample():
    return np.sin(np.arange(9.0) ** 2), 0.23, 5
