"""Message passing over an edge list with scatter-adds, mean readout."""

import numpy as np

ARGNUMS = (0, 1, 2)


def f(w_msg, w_self, w_out, nodes, senders, receivers, target):
    h = nodes
    degree = np.zeros(len(nodes))
    np.add.at(degree, receivers, 1.0)
    for _ in range(3):
        messages = np.tanh(h[senders] @ w_msg)
        total = np.zeros_like(h)
        np.add.at(total, receivers, messages)
        h = np.tanh(h @ w_self + total / np.maximum(degree, 1.0)[:, None])
    out = h.mean(axis=0) @ w_out
    return (out - target) ** 2


def sample():
    rng = np.random.default_rng(7)
    senders = np.array([0, 1, 2, 3, 4, 0, 2, 4])
    receivers = np.array([1, 2, 3, 4, 0, 2, 0, 1])
    return (
        rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=3),
        rng.normal(size=(5, 3)), senders, receivers, 0.3,
    )  # fmt: skip
