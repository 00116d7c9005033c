"""A pendulum by the leapfrog method."""

import numpy as np

ARGNUMS = (0, 1)


def f(q, p, dt, steps):
    for _ in range(steps):
        p = p - 0.5 * dt * np.sin(q)
        q = q + dt * p
        p = p - 0.5 * dt * np.sin(q)
    return 0.5 * p ** 2 + q


def f_grad(q, p, dt, steps):
    qs = [q]
    for _ in range(steps):
        p = p - 0.5 * dt * np.sin(q)
        q = q + dt * p
        p = p - 0.5 * dt * np.sin(q)
        qs.append(q)
    q_bar, p_bar = 1.0, p
    for t in reversed(range(steps)):
        q_bar -= 0.5 * dt * p_bar * np.cos(qs[t + 1])
        p_bar += dt * q_bar
        q_bar -= 0.5 * dt * p_bar * np.cos(qs[t])
    return q_bar, p_bar


def sample():
    return 0.9, -0.2, 0.15, 6
