"""Energy of a Lennard-Jones cluster by a double loop with a cutoff."""

import numpy as np


def f(positions, epsilon, sigma, cutoff):
    n = len(positions)
    energy = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            d = positions[i] - positions[j]
            r2 = np.dot(d, d)
            if r2 > cutoff**2:
                continue
            s6 = (sigma**2 / r2) ** 3
            energy += 4 * epsilon * (s6**2 - s6)
    return energy


ARGNUMS = (0, 1, 2)


def sample():
    rng = np.random.default_rng(0)
    grid = np.array([[i, j, 0.2 * i * j] for i in range(3) for j in range(2)], dtype=float)
    return 1.2 * grid + 0.05 * rng.normal(size=grid.shape), 0.8, 1.1, 2.5
