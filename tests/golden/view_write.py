"""A write through a view of the array that is used afterwards."""

import numpy as np


def f(x):
    a = x.copy()
    edge = a[:, 0]
    edge *= np.exp(edge)
    a[1:, :] += a[:-1, :]
    return np.sum(a ** 2)


def f_grad(x):
    a = x.copy()
    edge = a[:, 0]
    exp_edge = np.exp(edge)
    factor = (1 + edge) * exp_edge
    edge *= exp_edge
    a[1:, :] += a[:-1, :]
    a_bar = 2 * a
    a_bar[:-1, :] += a_bar[1:, :].copy()
    a_bar[:, 0] *= factor
    return a_bar


def sample():
    return (np.array([[0.3, -0.5, 0.2], [0.8, 0.1, -0.7], [-0.4, 0.6, 0.9]]),)
