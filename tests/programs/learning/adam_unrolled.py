"""The loss after ten steps of Adam as a function of the learning rate and the start."""

import numpy as np

ARGNUMS = (0, 1)


def f(start, rate, a, b):
    x = start.copy()
    m = np.zeros_like(x)
    v = np.zeros_like(x)
    beta1, beta2 = 0.9, 0.99
    for t in range(1, 11):
        g = a.T @ (a @ x - b)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        x -= rate * m_hat / (np.sqrt(v_hat) + 1e-8)
    return 0.5 * np.sum((a @ x - b) ** 2)


def sample():
    rng = np.random.default_rng(11)
    return rng.normal(size=3), 0.07, rng.normal(size=(5, 3)), rng.normal(size=5)
