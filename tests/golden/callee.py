"""A function of one's own, called twice."""

import numpy as np


def spring(a, b, rest):
    stretch = np.sqrt(np.sum((a - b) ** 2)) - rest
    return 0.5 * stretch ** 2


def f(p, anchor, rest):
    return spring(p[0], anchor, rest) + spring(p[0], p[1], 2 * rest)


def spring_grad(a, b, rest):
    d = a - b
    length = np.sqrt(np.sum(d ** 2))
    return (length - rest) / length * d


def f_grad(p, anchor, rest):
    p_bar = np.zeros_like(p)
    pull = spring_grad(p[0], p[1], 2 * rest)
    p_bar[0] = spring_grad(p[0], anchor, rest) + pull
    p_bar[1] = -pull
    return p_bar


def sample():
    return np.array([[0.3, 0.9], [1.4, -0.2]]), np.array([0.0, 0.1]), 0.5
