"""A phase-locked loop: an object with state that a method updates sample by sample."""

import numpy as np


class Loop:
    def __init__(self, gain, leak):
        self.gain = gain
        self.leak = leak
        self.phase = 0.0
        self.freq = 0.1

    def step(self, sample):
        error = sample * np.cos(self.phase)
        self.freq += self.leak * error
        self.phase += self.freq + self.gain * error
        return error


def f(gain, leak, signal):
    loop = Loop(gain, leak)
    total = 0.0
    for s in signal:
        total += loop.step(s) ** 2
    return total / len(signal) + 0.01 * loop.freq**2


ARGNUMS = (0, 1)


def sample():
    return 0.2, 0.03, np.sin(0.15 * np.arange(20) + 0.4)
