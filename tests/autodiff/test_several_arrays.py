"""Second derivatives through functions that take or give several arrays: pieces of unequal length, lists, tuples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests import finite

RNG = np.random.default_rng(7)
ARGS = [np.array([0.3, 0.55, 0.8]), np.array([0.7, 0.4])]


def concatenate(x, y):
    z = np.concatenate([x**2, y * x[0], x[1:]])
    return np.sum(np.sin(z) * z)


def concatenate_in_a_loop(x, y):
    for i in range(2):
        z = np.concatenate((x * y[i], y))
        x = np.sin(z[: x.size]) * x
    return np.sum(x**3)


def hstack(x, y):
    return np.sum(np.hstack((x * y[1], y**2, x[:2])) ** 3)


def vstack(x, y):
    return np.sum(np.vstack((x * y[1], x**2, np.outer(x, x))) ** 3)


def column_stack(x, y):
    return np.sum(np.column_stack((x * y[1], np.outer(x, x))) ** 3)


def stack(x, y):
    return np.sum(np.stack([x * x, np.sin(x) * y[0]], axis=1) ** 3)


def array_of_numbers(x, y):
    return np.sum(np.array([[x[0] * y[0], np.sin(x[1])], [1.0, y[1] ** 2]]) ** 3)


def append(x, y):
    return np.sum(np.append(x * x, y * x[0]) ** 3)


def split_and_unpack(x, y):
    first, second = np.split(x * x, [1])
    return np.sum(first * second) * y[0]


def split_and_read(x, y):
    parts = np.split(np.outer(x, x), 3)
    return np.sum(parts[0] * parts[1] * parts[-1]) * y[1]


def split_unequally(x, y):
    parts = np.array_split(x * x, 2)
    return np.sum(parts[0]) ** 2 * parts[1][0] * y[0]


def hsplit(x, y):
    parts = np.hsplit(np.outer(x, x), [1])
    return np.sum(parts[0] * parts[1] ** 2) * y[0]


def vsplit(x, y):
    parts = np.vsplit(np.outer(x, x), [1])
    return np.sum(parts[0] * parts[1] ** 2) * y[0]


def dsplit(x, y):
    parts = np.dsplit(x[:, None, None] * x[:, None] * x, [1])
    return np.sum(parts[0] * parts[1] ** 2) * y[0]


def unstack(x, y):
    p, q, r = np.unstack(np.outer(x, x))
    return np.sum(p * q**2 * r) * y[0]


def broadcast_arrays(x, y):
    a, b = np.broadcast_arrays(x * x, (y * y)[:, None])
    return np.sum(a * b**2)


def quotient_and_remainder(x, y):
    quotient, rest = divmod(x * x, 0.37)
    return np.sum(rest**3 + quotient) * y[0]


FUNCTIONS = (concatenate, concatenate_in_a_loop, hstack, vstack, column_stack, stack, array_of_numbers, append,
             split_and_unpack, split_and_read, split_unequally, hsplit, vsplit, dsplit, unstack, broadcast_arrays,
             quotient_and_remainder)  # fmt: skip


def dot(first: Any, second: Any) -> float:
    return float(sum(np.sum(a * b) for a, b in zip(first, second, strict=True)))


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_second_order(f: Callable[..., Any]) -> None:
    way, weights = ([RNG.normal(size=x.shape) for x in ARGS] for _ in range(2))
    along = {(k,): direction for k, direction in enumerate(way)}
    gradient = srcgrad.grad(f, (0, 1), fallback="error")
    first = finite.directional(f, ARGS, along)
    assert dot(gradient(*ARGS), way) == pytest.approx(float(first.value), rel=1e-7, abs=1e-8)
    wanted = finite.directional(lambda *args: dot(gradient(*args), weights), ARGS, along)
    forward = dot(srcgrad.jvp(gradient, tuple(ARGS), tuple(way))[1], weights)
    reverse = dot(srcgrad.vjp(gradient, *ARGS, argnums=(0, 1))[1](tuple(weights)), way)
    assert [forward, reverse] == pytest.approx([float(wanted.value)] * 2, rel=1e-6, abs=1e-7)
