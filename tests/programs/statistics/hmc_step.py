"""The energy error of a Hamiltonian step on a density whose gradient is written out; leapfrog with half steps."""

import numpy as np


def potential(q, a):
    return 0.5 * q @ a @ q + 0.1 * np.sum(q**4)


def slope(q, a):
    return 0.5 * (a + a.T) @ q + 0.4 * q**3


def f(step, q0, p0, a, count):
    q, p = q0.copy(), p0.copy()
    p -= 0.5 * step * slope(q, a)
    for i in range(count):
        q += step * p
        if i != count - 1:
            p -= step * slope(q, a)
    p -= 0.5 * step * slope(q, a)
    before = potential(q0, a) + 0.5 * np.dot(p0, p0)
    after = potential(q, a) + 0.5 * np.dot(p, p)
    return (after - before) ** 2


ARGNUMS = (0, 1, 2)


def sample():
    rng = np.random.default_rng(7)
    return 0.2, rng.normal(size=3), rng.normal(size=3), np.diag([1.0, 2.0, 0.5]) + 0.1, 4
