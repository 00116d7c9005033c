"""An embedded Runge-Kutta pair with step control: a while loop that accepts or rejects."""

import numpy as np


def pendulum(t, y, p):
    theta, omega = y
    return np.array([omega, -p["g"] / p["l"] * np.sin(theta) - p["c"] * omega])


def heun_euler(t, y, h, p):
    k1 = pendulum(t, y, p)
    k2 = pendulum(t + h, y + h * k1, p)
    return y + 0.5 * h * (k1 + k2), np.max(np.abs(0.5 * h * (k2 - k1)))


def f(p, y0):
    t, h, y = 0.0, 0.1, y0
    rejected = 0
    while t < 1.0:
        new, error = heun_euler(t, y, h, p)
        if error > 5e-3:
            h = 0.5 * h
            rejected += 1
            if rejected > 50:
                raise RuntimeError("the steps shrink without end")
            continue
        t += h
        y = new
        if error < 1e-3:
            h = 1.5 * h
        if t + h > 1.0:
            h = 1.0 - t
            if h < 1e-12:
                break
    return y[0] ** 2 + 0.1 * y[1] ** 2


ARGNUMS = (0, 1)


def sample():
    return {"g": 9.81, "l": 1.3, "c": 0.2}, np.array([0.7, -0.1])
