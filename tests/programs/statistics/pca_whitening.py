"""Whitened scores from an eigendecomposition, and their fourth moment along a direction."""

import numpy as np


def f(x, direction):
    centred = x - x.mean(axis=0)
    cov = centred.T @ centred / (len(x) - 1)
    values, vectors = np.linalg.eigh(cov)
    white = centred @ vectors / np.sqrt(values)
    scores = white @ vectors.T @ direction
    return np.mean(scores**4) / np.linalg.norm(direction) ** 4


ARGNUMS = (0, 1)


def sample():
    rng = np.random.default_rng(8)
    return rng.normal(size=(9, 3)) * np.array([1.0, 2.0, 0.5]), np.array([0.5, -0.3, 0.9])
