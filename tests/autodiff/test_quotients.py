"""A quotient that only warned has a derivative without an exception; of Python numbers it is made by Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad


def after_a_loop(x, n):
    t = 0.0
    for v in x:
        t += np.sin(v)
    return t / n


def by_a_floor(x, n):
    return n + x[0] * 1.0 / math.floor(x[0])


def by_a_count(x, n):
    return np.sum(x) / n


def by_an_arm(x, n):
    if n > 0:
        d = 2.0
    else:
        d = np.sum(x) * 0.0
    return x[0] / d


def python_only(x, n):
    t = x
    for _ in range(3):
        t = t / n + 1.0
    return t


ONES = np.array([0.5, 0.5])


@pytest.mark.parametrize("f", [after_a_loop, by_a_floor, by_a_count, by_an_arm])
def test_no_exception_where_there_was_none(f: Callable[..., Any]) -> None:
    with np.errstate(all="ignore"):
        assert not np.isfinite(f(ONES, 0))
        found = srcgrad.grad(f, fallback="error")(ONES, 0)
        _, dot = srcgrad.jvp(f, (ONES, 0), (ONES, None))
    assert not np.isfinite(found[0])
    assert not np.isfinite(dot)


@pytest.mark.parametrize("f", [after_a_loop, by_a_count, by_an_arm])
def test_elsewhere_it_is_the_quotient(f: Callable[..., Any]) -> None:
    step = 1e-6 * np.array([1.0, 0.0])
    slope = (f(ONES + step, 3) - f(ONES - step, 3)) / 2e-6
    assert srcgrad.grad(f, fallback="error")(ONES, 3)[0] == pytest.approx(slope, rel=1e-8)


def test_python_numbers_are_divided_by_python() -> None:
    made: Any = srcgrad.grad(python_only, fallback="error")
    assert made(2.0, 4.0) == pytest.approx(1 / 64)
    assert "np" not in made.source


def test_python_numbers_still_raise() -> None:
    with pytest.raises(ZeroDivisionError):
        srcgrad.grad(python_only, fallback="error")(2.0, 0.0)
