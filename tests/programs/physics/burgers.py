"""Burgers' equation by an upwind scheme with branches per cell, periodic, in place."""

import numpy as np

ARGNUMS = (0, 1)


def f(u0, nu, dx, dt, steps):
    u = u0.copy()
    n = u.size
    for _ in range(steps):
        old = u.copy()
        for i in range(n):
            left, right = old[i - 1], old[(i + 1) % n]
            if old[i] > 0:
                slope = (old[i] - left) / dx
            else:
                slope = (right - old[i]) / dx
            bend = (right - 2 * old[i] + left) / dx**2
            u[i] = old[i] - dt * old[i] * slope + nu * dt * bend
    return np.sum(u**2) * dx


def sample():
    x = np.linspace(0, 2 * np.pi, 9)[:-1]
    return np.sin(x) + 0.3, 0.05, x[1] - x[0], 0.05, 5
