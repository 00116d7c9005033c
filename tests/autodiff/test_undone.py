"""What can be had back exactly is not taped: counters, swaps, writes into integers, linear writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests import finite


def by_two(x, n):
    k = 1
    t = 0.0
    for _ in range(n):
        t += x[k] ** 2
        k += 2
    return t


def downwards(x, n):
    k = n
    t = 0.0
    for v in x[:n]:
        k = k - 1
        t += v * x[k] ** 3
    return t


def in_a_loop(x, n):
    k = 0
    t = 0.0
    for i in range(n):
        for _ in range(i):
            t += np.sin(x[k % 4]) * x[i]
            k += 1
    return t


def backwards(x, n):
    k = 0
    t = 0.0
    for i in reversed(range(n)):
        t += x[i] ** 2 * x[k]
        k += 1
    return t


def turned(x, n):
    for i in range(n // 2):
        x[i], x[n - 1 - i] = x[n - 1 - i], x[i]
    return np.sum(x**2 * np.arange(x.size))


def sorted_in_place(x, n):
    for i in range(n):
        for j in range(n - 1 - i):
            if x[j] > x[j + 1]:
                x[j], x[j + 1] = x[j + 1], x[j]
    return np.sum(x**2 * np.arange(x.size))


def shifted(x, n):
    for i in range(n):
        x[i + 1] += 2.0 * x[i]
        x[i] -= x[i + 1]
    return np.sum(x**2)


X = np.array([0.7, -1.1, 2.3, 0.4, 1.9, -0.6, 0.2, 1.3, -0.8])


@pytest.mark.parametrize("f", [by_two, downwards, in_a_loop, backwards, turned, sorted_in_place, shifted])
def test_gradient(f: Callable[..., Any]) -> None:
    truth, error = finite.gradient(f, (X, 4), 0)
    assert error < 1e-6
    np.testing.assert_allclose(srcgrad.grad(f, fallback="error")(X, 4), truth, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("f", [by_two, downwards, turned, shifted])
def test_nothing_is_taped(f: Callable[..., Any]) -> None:
    made: Any = srcgrad.grad(f, fallback="error")
    made(X, 4)
    assert "append" not in made.source


def test_only_the_decisions_of_a_sort_are_taped() -> None:
    made: Any = srcgrad.grad(sorted_in_place, fallback="error")
    made(X, 4)
    lines = [line.strip() for line in made.source.splitlines() if "append" in line]
    assert lines == ["aboves.append(above)", "tripss.append(aboves)"]
    assert made.source.count("copy") == 1
