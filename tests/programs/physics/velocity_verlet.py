"""Molecular dynamics: velocity Verlet with a force function, states updated in place, a kinetic record."""

import numpy as np

ARGNUMS = (0, 1)


def forces(x, k):
    f_ = np.zeros_like(x)
    for i in range(len(x) - 1):
        d = x[i + 1] - x[i]
        length = np.sqrt(np.sum(d**2))
        pull = k * (length - 1.0) * d / length
        f_[i] += pull
        f_[i + 1] -= pull
    return f_


def f(x0, v0, k, dt, steps):
    x = np.array(x0)
    v = np.array(v0)
    a = forces(x, k)
    kinetic = np.empty(steps)
    for t in range(steps):
        v += 0.5 * dt * a
        x += dt * v
        a = forces(x, k)
        v += 0.5 * dt * a
        kinetic[t] = 0.5 * np.sum(v * v)
    return kinetic.mean() + np.sum(x[-1] ** 2)


def sample():
    rng = np.random.default_rng(1)
    x = np.arange(4.0)[:, None] * np.array([1.1, 0.1]) + 0.05 * rng.normal(size=(4, 2))
    return x, 0.2 * rng.normal(size=(4, 2)), 3.0, 0.05, 6
