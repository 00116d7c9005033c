"""A loop of which the derivative needs nothing but how often it went round, where it may end early."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests import finite


def smoothed(x: Any, s: float, n: int) -> Any:
    for _ in range(n):
        x[1:-1] += 0.119 * (x[2:] - 2 * x[1:-1] + x[:-2])
        if s > 0.735:
            break
    return 0.821 * x.sum()


def twice(x: Any, s: float, n: int) -> Any:
    for i in range(n):
        x[1:-1] = 0.3 * x[1:-1]
        if i > s:
            break
    for i in range(n):
        x[1:-1] = 2.5 * x[1:-1]
        if i > s:
            break
    return x.sum()


def nested(x: Any, s: float, n: int) -> Any:
    for k in range(3):
        i = 0
        while True:
            i += 1
            x[k] = 0.5 * x[k]
            if i > s + k:
                break
    return np.sum(x * np.arange(5.0))


@pytest.mark.parametrize("s", [0.3, 1.3])
@pytest.mark.parametrize("f", [smoothed, twice, nested])
def test_gradient_alone(f: Callable[..., Any], s: float) -> None:
    """The value is not computed, and the forward loop with it was thrown away."""
    x = np.arange(5.0) ** 2
    slopes, error = finite.gradient(lambda x: f(x.copy(), s, 4), (x,), 0)
    assert np.max(error) < 1e-8
    np.testing.assert_allclose(srcgrad.grad(f, fallback="error")(x, s, 4), slopes, rtol=1e-9)
    np.testing.assert_allclose(srcgrad.value_and_grad(f, fallback="error")(x, s, 4)[1], slopes, rtol=1e-9)
