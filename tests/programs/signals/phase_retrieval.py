"""Amplitude loss of Fourier measurements of a complex signal built from its two parts."""

import numpy as np


def f(parts, masks, amplitudes):
    z = parts["re"] + 1j * parts["im"]
    loss = 0.0
    for mask, seen in zip(masks, amplitudes):
        spectrum = np.fft.fft(mask * z)
        loss += np.sum((np.abs(spectrum) - seen) ** 2)
    smooth = np.sum(np.abs(np.diff(z)) ** 2)
    return loss + 0.1 * smooth


def sample():
    rng = np.random.default_rng(5)
    masks = np.exp(2j * np.pi * rng.random(size=(3, 6)))
    return {"re": rng.normal(size=6), "im": rng.normal(size=6)}, masks, rng.random(size=(3, 6))
