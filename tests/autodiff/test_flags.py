"""A cotangent that no path has given anything to counts for nothing, whatever it is multiplied by afterwards."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad


def arm_of_a_trip(x, n):
    y = 0.0
    for k in range(n):
        r = np.sqrt(x)
        y = y + (2.0 if k < 1 else r)
    return y + x


def arm(x, n):
    r = np.sqrt(x)
    if n > 0:
        y = x * 2
    else:
        y = r
    return y


def nested_arms(x, n):
    r = np.log(x)
    y = 3.0 * x
    if n > 1:
        y = y + 1.0
    elif n < 1:
        y = y * r
    return y


def handler(x, n):
    y = 0.0
    for k in range(n):
        r = np.sqrt(x)
        try:
            if k < 1:
                raise ValueError
            y = y + r
        except ValueError:
            y = y + 2.0 * x
    return y


def inner_loop(x, n):
    r = np.sqrt(x)
    y = 5.0 * x
    for i in range(n):
        for j in range(i):
            if j > 0:
                y = y + r
    return y


def twice(x, n):
    s = np.sqrt(x)
    r = np.sqrt(s)
    y = x
    for k in range(n):
        if k > 0:
            y = y + r
        if k > 1:
            y = y + s
    return y


def vectors(x, n):
    r = np.sqrt(x)
    y = 2.0 * x
    for k in range(n):
        if k > 0:
            y = y + r
    return np.sum(y)


def spread(x, n):
    r = 1 / x[0]
    y = 2.0 * x
    if n > 1:
        y = y * r
    return np.sum(y)


def searched(x, n):
    y = x
    k = 0
    while True:
        r = math.sqrt(x)
        if k >= n - 1:
            break
        y = y + r
        k += 1
    return 2 * y


V = np.array([0.0, 4.0])
CASES: list[tuple[Callable[..., Any], Any, int, Any]] = [
    (arm_of_a_trip, 0.0, 1, 1.0), (arm_of_a_trip, 4.0, 3, 1.5), (arm, 0.0, 1, 2.0), (arm, 4.0, 0, 0.25),
    (nested_arms, 0.0, 2, 3.0), (nested_arms, 0.0, 1, 3.0), (nested_arms, 1.0, 0, 3.0), (handler, 0.0, 1, 2.0),
    (handler, 4.0, 3, 2.5), (inner_loop, 0.0, 2, 5.0), (inner_loop, 4.0, 4, 5.75), (twice, 0.0, 1, 1.0),
    (twice, 16.0, 3, 1 + 2 / 32 + 1 / 8), (vectors, V, 1, np.array([2.0, 2.0])),
    (vectors, V + 4, 2, 2 + 0.5 / np.sqrt(V + 4)), (spread, V, 1, np.array([2.0, 2.0])), (searched, 0.0, 1, 2.0),
    (searched, 4.0, 3, 3.0),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x", "n", "expected"), CASES)
def test_what_is_not_there_is_not_multiplied(f: Callable[..., Any], x: Any, n: int, expected: Any) -> None:
    with np.errstate(all="ignore"):
        found = srcgrad.grad(f, fallback="error")(x, n)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_an_infinite_slope_is_still_infinite() -> None:
    assert srcgrad.grad(arm_of_a_trip)(0.0, 2) == math.inf


def test_zero_times_infinity_is_told_where_both_are_there() -> None:
    def square_of_root(x):
        r = np.sqrt(x)
        return r * r * (1.0 if x < 1 else 2.0)

    assert math.isnan(srcgrad.grad(square_of_root)(0.0))


def test_no_flag_where_the_partial_is_finite() -> None:
    def f(x, n):
        r = np.sin(x)
        return r if n > 0 else x

    made: Any = srcgrad.grad(f)
    assert made(1.0, 1) == pytest.approx(math.cos(1.0))
    assert "on" not in made.source.split()
