"""A chain of masses: state and parameters in dicts, a list of recorded energies."""

import numpy as np


def derivative(state, params):
    x, v = state["x"], state["v"]
    stretch = np.diff(np.concatenate([[0.0], x, [len(x) + 1.0]]))
    force = params["k"] * (stretch[1:] - stretch[:-1]) - params["c"] * v
    return {"x": v, "v": force / params["m"]}


def add(state, rate, h):
    return {key: state[key] + h * rate[key] for key in state}


def rk4(state, params, h):
    k1 = derivative(state, params)
    k2 = derivative(add(state, k1, h / 2), params)
    k3 = derivative(add(state, k2, h / 2), params)
    k4 = derivative(add(state, k3, h), params)
    return {key: state[key] + h / 6 * (k1[key] + 2 * k2[key] + 2 * k3[key] + k4[key]) for key in state}


def f(params, x0):
    state = {"x": x0, "v": np.zeros_like(x0)}
    energies = []
    for _ in range(6):
        state = rk4(state, params, 0.1)
        energies.append(0.5 * np.sum(params["m"] * state["v"] ** 2))
    return np.mean(energies) + max(energies)


ARGNUMS = (0, 1)


def sample():
    return {"k": 2.0, "c": 0.1, "m": np.array([1.0, 0.7, 1.4])}, np.array([1.1, 1.8, 3.2])
