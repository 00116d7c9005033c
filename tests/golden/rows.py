"""Rows of a matrix are views; writing a row writes the matrix."""

import numpy as np


def f(m, shift):
    m = m.copy()
    for row in m:
        row /= 1 + np.sum(row ** 2)
        row += shift
    return np.sum(m ** 3)


def f_grad(m, shift):
    sums, out = [], m.copy()
    for row in out:
        s = 1 + np.sum(row ** 2)
        row /= s
        row += shift
        sums.append(s)
    m_bar = 3 * out ** 2
    for i in reversed(range(len(sums))):
        scaled = out[i] - shift
        m_bar[i] = m_bar[i] / sums[i] - 2 * np.sum(m_bar[i] * scaled) * scaled
    return m_bar


def sample():
    return np.array([[0.4, -0.6], [1.1, 0.3], [-0.2, 0.8]]), 0.3
