"""A gated recurrent unit over a padded batch: finished sequences keep their state by a mask."""

import numpy as np

ARGNUMS = (0, 1)


def sigmoid(z):
    return 0.5 * (np.tanh(0.5 * z) + 1)


def f(wx, wh, x, lengths):
    batch, steps, _ = x.shape
    hidden = wh.shape[0]
    h = np.zeros((batch, hidden))
    for t in range(steps):
        gates = x[:, t] @ wx
        r = sigmoid(gates[:, :hidden] + h @ wh[:, :hidden])
        z = sigmoid(gates[:, hidden : 2 * hidden] + h @ wh[:, hidden : 2 * hidden])
        n = np.tanh(gates[:, 2 * hidden :] + r * (h @ wh[:, 2 * hidden :]))
        new = (1 - z) * n + z * h
        alive = (t < lengths)[:, None]
        h = np.where(alive, new, h)
    return np.sum(h**2) + np.sum(h[:, 0])


def sample():
    rng = np.random.default_rng(3)
    return 0.7 * rng.normal(size=(2, 9)), 0.7 * rng.normal(size=(3, 9)), rng.normal(size=(3, 5, 2)), np.array([5, 2, 3])
