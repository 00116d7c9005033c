"""A two-level system under a pulse: complex matrices, exponentials by Taylor, the transfer probability."""

import numpy as np

SX = np.array([[0, 1], [1, 0]], dtype=complex)
SZ = np.array([[1, 0], [0, -1]], dtype=complex)


def propagate(h, dt):
    term = np.eye(2, dtype=complex)
    total = np.eye(2, dtype=complex)
    for k in range(1, 12):
        term = term @ (-1j * dt * h) / k
        total = total + term
    return total


def f(pulse, detuning, dt):
    state = np.array([1.0 + 0j, 0.0])
    for amplitude in pulse:
        h = 0.5 * detuning * SZ + 0.5 * amplitude * SX
        state = propagate(h, dt) @ state
    return np.abs(state[1]) ** 2


ARGNUMS = (0, 1)


def sample():
    return np.array([0.3, 0.9, 1.4, 0.8, 0.2]), 0.4, 0.6
