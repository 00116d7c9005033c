"""A polynomial by Horner's rule, with respect to the coefficients and the point."""

import numpy as np

ARGNUMS = (0, 1)


def f(coefficients, x):
    value = 0.0
    for c in coefficients:
        value = value * x + c
    return value


def f_grad(coefficients, x):
    value = 0.0
    values = []
    for c in coefficients:
        values.append(value)
        value = value * x + c
    value_bar, x_bar = 1.0, 0.0
    coefficients_bar = np.zeros_like(coefficients)
    for i in reversed(range(len(values))):
        coefficients_bar[i] = value_bar
        x_bar += value_bar * values[i]
        value_bar *= x
    return coefficients_bar, x_bar


def sample():
    return np.array([0.7, -1.1, 0.4, 2.0]), 0.8
