"""The log-likelihood of a linear state-space model by the Kalman filter."""

import numpy as np


def f(params, ys):
    a = np.array([[1.0, params["dt"]], [0.0, params["damp"]]])
    c = np.array([[1.0, 0.0]])
    q = np.diag(np.exp(params["log_q"]))
    r = np.exp(params["log_r"]) * np.eye(1)
    m, p = np.zeros(2), np.eye(2)
    ll = 0.0
    for y in ys:
        m = a @ m
        p = a @ p @ a.T + q
        s = c @ p @ c.T + r
        innovation = np.atleast_1d(y) - c @ m
        gain = np.linalg.solve(s, c @ p).T
        _, logdet = np.linalg.slogdet(2 * np.pi * s)
        ll += -0.5 * (innovation @ np.linalg.solve(s, innovation) + logdet)
        m = m + gain @ innovation
        p = (np.eye(2) - gain @ c) @ p
    return -ll


def sample():
    rng = np.random.default_rng(1)
    return {"dt": 0.3, "damp": 0.9, "log_q": np.array([-2.0, -1.5]), "log_r": -1.0}, np.cumsum(rng.normal(size=8))
