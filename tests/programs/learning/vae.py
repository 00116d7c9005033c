"""The evidence lower bound of a variational autoencoder with a fixed noise draw."""

import numpy as np


def dense(p, name, x):
    return x @ p[f"{name}_w"] + p[f"{name}_b"]


def encode(p, x):
    h = np.tanh(dense(p, "enc", x))
    return dense(p, "mu", h), dense(p, "logvar", h)


def decode(p, z):
    return dense(p, "out", np.tanh(dense(p, "dec", z)))


def bernoulli(logits, x):
    return np.sum(x * logits - np.logaddexp(0, logits), axis=-1)


def f(p, x, noise):
    mu, logvar = encode(p, x)
    z = mu + np.exp(0.5 * logvar) * noise
    reconstruction = bernoulli(decode(p, z), x)
    divergence = -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=1)
    return -(reconstruction - divergence).mean()


def sample():
    rng = np.random.default_rng(6)
    shapes = {"enc": (5, 4), "mu": (4, 2), "logvar": (4, 2), "dec": (2, 4), "out": (4, 5)}
    p = {}
    for name, (a, b) in shapes.items():
        p[f"{name}_w"] = rng.normal(size=(a, b)) / np.sqrt(a)
        p[f"{name}_b"] = 0.1 * rng.normal(size=b)
    return p, (rng.random(size=(6, 5)) > 0.5).astype(float), rng.normal(size=(6, 2))
