"""A recurrent network over a sequence."""

import numpy as np

ARGNUMS = (0, 1, 2)


def f(w, u, h, xs):
    for x in xs:
        h = np.tanh(w @ h + u @ x)
    return np.sum(h ** 2)


def f_grad(w, u, h, xs):
    hs = [h]
    for x in xs:
        h = np.tanh(w @ h + u @ x)
        hs.append(h)
    h_bar = 2 * h
    w_bar, u_bar = np.zeros_like(w), np.zeros_like(u)
    for t in reversed(range(len(xs))):
        z_bar = h_bar * (1 - hs[t + 1] ** 2)
        w_bar += np.outer(z_bar, hs[t])
        u_bar += np.outer(z_bar, xs[t])
        h_bar = w.T @ z_bar
    return w_bar, u_bar, h_bar


def sample():
    rng = np.random.default_rng(6)
    return rng.normal(size=(3, 3)), rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=(4, 2))
