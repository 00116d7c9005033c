"""Functions to measure, with gradients written by hand the way a good engineer does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    """A primal, its hand-written gradient, and arguments of a given size."""

    name: str
    primal: Callable[..., Any]
    hand: Callable[..., Any]
    argnums: Any
    arguments: Callable[[int], tuple[Any, ...] | None]


def loss(w, x, y):
    p = 1 / (1 + np.exp(-(x @ w)))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def loss_hand(w, x, y):
    e = np.exp(-(x @ w))
    s = 1 + e
    p = 1 / s
    mean_bar = -1.0 / y.size
    p_bar = mean_bar * (y / p - (1 - y) / (1 - p))
    z_bar = p_bar * p / s * e
    return x.T @ z_bar


def loss_arguments(n):
    rng = np.random.default_rng(0)
    return rng.normal(size=5), rng.normal(size=(n, 5)), rng.uniform(size=n)


def heat(u, alpha, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def heat_hand(u, alpha, steps):
    u = u.copy()
    laps = []
    for _ in range(steps):
        lap = u[2:] - 2 * u[1:-1] + u[:-2]
        u[1:-1] += alpha * lap
        laps.append(lap)
    u_bar = 2 * u
    alpha_bar = 0.0
    for _ in range(steps):
        lap = laps.pop()
        step_bar = u_bar[1:-1]
        alpha_bar += np.sum(step_bar * lap)
        lap_bar = alpha * step_bar
        u_bar[2:] += lap_bar
        u_bar[1:-1] -= 2 * lap_bar
        u_bar[:-2] += lap_bar
    return u_bar, alpha_bar


def heat_arguments(n):
    return np.sin(np.arange(float(n))), 0.23, 10


def settle(x, y, limit):
    total = x
    for i in range(y.size):
        if y[i] < 0:
            continue
        total = total * np.sin(y[i]) + x
        if total > limit:
            break
    return total * total


def settle_hand(x, y, limit):
    total = x
    trips = []
    for i in range(y.size):
        if y[i] < 0:
            continue
        sin_y = np.sin(y[i])
        trips.append((i, total, sin_y))
        total = total * sin_y + x
        if total > limit:
            break
    total_bar = 2 * total
    x_bar = 0.0
    y_bar = np.zeros_like(y)
    for i, total, sin_y in reversed(trips):
        x_bar += total_bar
        y_bar[i] += total_bar * total * np.cos(y[i])
        total_bar = total_bar * sin_y
    x_bar += total_bar
    return x_bar, y_bar


def settle_arguments(n):
    if n > 100_000:
        return None  # a scalar loop of a million trips says nothing that a thousand do not
    return 0.3, np.random.default_rng(1).normal(size=n), 1e9


def network(p, x, y):
    h = np.tanh(x @ p["w1"] + p["b1"])
    out = h @ p["w2"] + p["b2"]
    return np.mean((out - y) ** 2)


def network_hand(p, x, y):
    h = np.tanh(x @ p["w1"] + p["b1"])
    out = h @ p["w2"] + p["b2"]
    out_bar = (2.0 / out.size) * (out - y)
    a_bar = (out_bar @ p["w2"].T) * (1 - h * h)
    return {"w1": x.T @ a_bar, "b1": a_bar.sum(0), "w2": h.T @ out_bar, "b2": out_bar.sum(0)}


def network_arguments(n):
    if n != 10:
        return None
    rng = np.random.default_rng(2)
    p = {"w1": rng.normal(size=(64, 64)) * 0.1, "b1": np.zeros(64), "w2": rng.normal(size=(64, 1)), "b2": np.zeros(1)}
    return p, rng.normal(size=(32, 64)), rng.normal(size=(32, 1))


CASES = [
    Case("loss", loss, loss_hand, 0, loss_arguments),
    Case("heat", heat, heat_hand, (0, 1), heat_arguments),
    Case("settle", settle, settle_hand, (0, 1), settle_arguments),
    Case("network", network, network_hand, 0, network_arguments),
]


def thousand_trips(x):
    y = x
    for _ in range(1000):
        y = y * 0.999 + 0.001 * x * y
    return y


def index_loop(x):
    total = 0.0
    for i in range(x.size):
        total = total * 0.5 + x[i] * x[i]
    return total


def of_arguments(count):
    """A function of some arrays that does next to nothing."""
    functions = {1: lambda a0: np.sum(a0), 2: lambda a0, a1: np.sum(a0 * a1),
                 4: lambda a0, a1, a2, a3: np.sum(a0 * a1 + a2 * a3),
                 8: lambda a0, a1, a2, a3, a4, a5, a6, a7: np.sum(a0 * a1 + a2 * a3 + a4 * a5 + a6 * a7)}  # fmt: skip
    return functions[count]


def thirty_lines(x, w, b, steps):
    h = x.copy()
    total = 0.0
    for _ in range(steps):
        z = h @ w + b
        a = np.tanh(z)
        g = 1 / (1 + np.exp(-z))
        h = g * a + (1 - g) * h
        h[0] = h[0] * 0.5
        if np.sum(h) > 10.0:
            h = h / 2.0
        else:
            h = h + 0.01 * a
        norm = np.sqrt(np.sum(h**2) + 1e-3)
        h = h / norm
        total = total + np.mean(h * a)
        if total > 100.0:
            break
    scores = np.exp(h - np.max(h))
    probs = scores / np.sum(scores)
    entropy = -np.sum(probs * np.log(probs + 1e-12))
    center = h - np.mean(h)
    variance = np.mean(center**2)
    skew = np.mean(center**3) / (variance + 1e-3)
    energy = 0.0
    for i in range(1, 4):
        energy += h[i] * h[i - 1]
    penalty = np.sum(np.maximum(np.abs(h) - 0.5, 0.0))
    mix = np.where(h > 0, h, 0.1 * h)
    out = entropy + skew + energy + 0.1 * penalty
    out += np.sum(mix) * total
    return out


def thirty_lines_arguments():
    rng = np.random.default_rng(3)
    return rng.normal(size=8), rng.normal(size=(8, 8)) * 0.3, rng.normal(size=8), 5
