"""Forward mode through a loop of in-place updates."""

import numpy as np

MODE = "jvp"
ARGNUMS = (0, 1)


def f(x, v, steps):
    x, v = x.copy(), v.copy()
    for _ in range(steps):
        r3 = np.sum(x ** 2) ** 1.5
        v -= 0.1 * x / r3
        x += 0.1 * v
    return x


def f_jvp(x, v, steps, x_dot, v_dot):
    x, v, x_dot, v_dot = x.copy(), v.copy(), x_dot.copy(), v_dot.copy()
    for _ in range(steps):
        r2 = np.sum(x ** 2)
        r3 = r2 ** 1.5
        r3_dot = 3 * r2 ** 0.5 * np.sum(x * x_dot)
        v_dot -= 0.1 * (x_dot - x * r3_dot / r3) / r3
        v -= 0.1 * x / r3
        x_dot += 0.1 * v_dot
        x += 0.1 * v
    return x, x_dot


def sample():
    return np.array([1.0, 0.2]), np.array([-0.1, 0.9]), 5
