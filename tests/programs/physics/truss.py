"""Compliance of a truss: element stiffness scattered into a global matrix, supports removed, solved."""

import numpy as np


def stiffness(nodes, bars, areas, young=1.0):
    n = 2 * len(nodes)
    k = np.zeros((n, n))
    for (a, b), area in zip(bars, areas):
        d = nodes[b] - nodes[a]
        length = np.linalg.norm(d)
        c = d / length
        block = young * area / length * np.outer(c, c)
        for p, i in enumerate((a, b)):
            for q, j in enumerate((a, b)):
                sign = 1 if p == q else -1
                k[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += sign * block
    return k


def f(nodes, areas, bars, free, load):
    k = stiffness(nodes, bars, areas)
    u = np.linalg.solve(k[np.ix_(free, free)], load)
    volume = sum(a * np.linalg.norm(nodes[j] - nodes[i]) for (i, j), a in zip(bars, areas))
    return load @ u + 0.1 * volume


ARGNUMS = (0, 1)


def sample():
    nodes = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.1], [1.1, 1.0]])
    bars = [(0, 2), (1, 2), (1, 3), (2, 3), (0, 3)]
    return nodes, np.array([1.0, 0.8, 1.2, 0.7, 0.9]), bars, [4, 5, 6, 7], np.array([0.0, -1.0, 0.2, -0.5])
