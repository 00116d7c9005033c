"""The trapezoid rule for an integral with a parameter and a moving end."""

import numpy as np

ARGNUMS = (0, 1)


def f(a, end, n):
    x = np.linspace(0.0, 1.0, n) * end
    y = np.exp(-a * x ** 2)
    return np.sum(y[1:] + y[:-1]) * end / (2 * (n - 1))


def f_grad(a, end, n):
    unit = np.linspace(0.0, 1.0, n)
    x = unit * end
    y = np.exp(-a * x ** 2)
    pairs = np.sum(y[1:] + y[:-1])
    width = end / (2 * (n - 1))
    y_bar = np.full(n, 2 * width)
    y_bar[0] = y_bar[-1] = width
    power_bar = -y_bar * y
    a_bar = np.sum(power_bar * x ** 2)
    return a_bar, pairs / (2 * (n - 1)) + np.sum(2 * a * power_bar * x * unit)


def sample():
    return 0.8, 1.7, 9
