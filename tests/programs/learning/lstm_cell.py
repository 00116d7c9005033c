"""An LSTM over a sequence, its gates cut from one matrix product, states kept in a list."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def step(params, state, x):
    h, c = state
    z = np.concatenate([h, x]) @ params["w"] + params["b"]
    i, f_, o, g = np.split(z, 4)
    c = sigmoid(f_) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, c


def f(params, xs, targets):
    hidden = params["b"].shape[0] // 4
    state = (np.zeros(hidden), np.zeros(hidden))
    outputs = []
    for x in xs:
        state = step(params, state, x)
        outputs.append(state[0] @ params["out"])
    outputs = np.array(outputs)
    return ((outputs - targets) ** 2).sum() / len(targets)


def sample():
    rng = np.random.default_rng(2)
    n, d = 4, 3
    params = {
        "w": 0.5 * rng.normal(size=(n + d, 4 * n)),
        "b": 0.1 * rng.normal(size=4 * n),
        "out": rng.normal(size=(n, 2)),
    }
    return params, rng.normal(size=(6, d)), rng.normal(size=(6, 2))
