"""where, maximum and clip; the root is singular where the mask is off."""

import numpy as np


def f(x, y):
    root = np.where(x > 0, np.sqrt(x), 0.0)
    return np.sum(root * np.maximum(x, y) + np.clip(y - x, -0.5, 0.5))


def f_grad(x, y):
    on = x > 0
    root = np.sqrt(np.where(on, x, 1.0))
    x_bar = np.where(on, root * (x > y) + 0.5 * np.maximum(x, y) / root, 0.0)
    x_bar -= np.abs(y - x) <= 0.5
    return x_bar


def sample():
    return np.array([-1.0, 0.7, 2.0, 0.3]), np.array([0.4, 0.9, 1.3, -0.1])
