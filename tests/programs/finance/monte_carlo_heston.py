"""A path-dependent option under Heston's model: paths written column by column, a barrier and an average."""

import numpy as np

ARGNUMS = (0, 1)


def f(model, spot, normals, strike, barrier):
    steps, paths, _ = normals.shape
    dt = 1.0 / steps
    log_s = np.zeros((paths, steps + 1))
    log_s[:, 0] = np.log(spot)
    v = np.full(paths, model["v0"])
    for t in range(steps):
        z1 = normals[t, :, 0]
        z2 = model["rho"] * z1 + np.sqrt(1 - model["rho"] ** 2) * normals[t, :, 1]
        root = np.sqrt(np.maximum(v, 1e-8))
        log_s[:, t + 1] = log_s[:, t] - 0.5 * v * dt + root * np.sqrt(dt) * z1
        v = v + model["kappa"] * (model["theta"] - v) * dt + model["xi"] * root * np.sqrt(dt) * z2
    s = np.exp(log_s)
    alive = s.max(axis=1) < barrier
    payoff = np.where(alive, np.maximum(s.mean(axis=1) - strike, 0.0), 0.0)
    return payoff.mean()


def sample():
    rng = np.random.default_rng(0)
    model = {"v0": 0.06, "rho": -0.6, "kappa": 1.5, "theta": 0.08, "xi": 0.3}
    return model, 100.0, rng.normal(size=(6, 20, 2)), 97.0, 160.0
