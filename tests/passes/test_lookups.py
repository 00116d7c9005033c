"""Reads that nobody needs stay for their exception only where nothing else looks up the same place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import srcgrad


def source(f: Any, *args: Any) -> str:
    made: Any = srcgrad.grad(f, fallback="error")
    made(*args)
    text: str = made.source
    return text


def counted(x, n):
    t = 0.0
    for i in range(n):
        x[i] = x[i] * 2.0 + 1.0
        t += x[i]
    return t


def guarded(x, n):
    y = np.zeros(3)
    if n > 5:
        y[n] = x[0]
    return y[n] + x[1]


def other_shape(x, n):
    y = np.zeros(3)
    y[n] = x[0]
    return x[n] + np.sum(y)


X = np.array([1.0, 2.0, 3.0, 4.0])


def test_a_read_beside_a_write_of_the_same_place_goes() -> None:
    assert not any(line.strip() == "x[i]" for line in source(counted, X, 3).splitlines())


@pytest.mark.parametrize("f", [counted, guarded, other_shape])
@pytest.mark.parametrize("n", [5, 7])
def test_the_exception_is_still_raised(f: Any, n: int) -> None:
    with pytest.raises(IndexError):
        f(X.copy(), n)
    with pytest.raises(IndexError):
        srcgrad.grad(f, fallback="error")(X, n)


def test_elsewhere_the_index_is_looked_up() -> None:
    with pytest.raises(IndexError):
        srcgrad.grad(other_shape, fallback="error")(X, 3)


def test_what_cannot_raise_goes() -> None:
    def f(x, n):
        return n**2 + np.dot(x, x) + np.sum(x)

    text = source(f, X, 2)
    assert "n ** 2" not in text
    assert "dot" not in text
