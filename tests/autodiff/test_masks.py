"""What is singular off a mask counts for nothing: at first and second order, in both modes, wherever the mask goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests import finite

X = np.array([1.0, 2.2, 1.5])  # the functions are singular at 1


def reciprocal(x):
    r = x - 1.0
    return np.sum(np.where(r != 0, 1 / r, x) ** 2)


def root(x):
    return np.sum(np.where(x > 1, np.sqrt(x - 1), x) ** 3)


def negated(x):
    return np.sum(np.where(x > 1, -np.log(x - 1) * x, 0.0) ** 2)


def chosen_by_minimum(x):
    return np.sum(np.minimum(1.0, 1 / (x - 1.0)) ** 3)


def largest(x):
    return np.max(np.where(x > 1, np.sqrt(x - 1), 0)) ** 2


def broadcast(x):
    pairs = x[:, None] - x[None, :]
    distance = np.sqrt(pairs * pairs * np.ones((3, 3)))
    return np.sum(np.where(distance > 0, distance**-1.5, 0.0) * x)


def transposed(x):
    table = np.sqrt(np.outer(x - 1, np.ones(2)))
    return np.sum(np.where(np.outer(np.ones(2), x) > 1, table.T, 0.0) ** 3 * x)


def reshaped(x):
    column = np.reshape(np.log(x - 1), (3, 1))
    return np.sum(np.where(x[:, None] > 1, column * x[:, None], x[:, None]) ** 2)


def sliced(x):
    return np.sum(np.sqrt(x - 1)[1:] ** 3 * x[1:])


def of_a_number(x):
    s = x[0] - 1
    return np.sum(np.where(x > 3, np.sqrt(s), x) ** 2)


def twice(x):
    on = x > 1
    y = np.where(on, np.sqrt(x - 1), 0.0)
    return np.sum(np.where(on, y * np.log(x - 1), x) ** 2)


def in_a_branch(x):
    r = np.sqrt(x - 1)
    y = x * x
    if x[1] > 1:
        y = np.where(x > 1, r, y)
    return np.sum(y**3)


def in_a_loop(x):
    total = 0.0
    for _ in range(2):
        x = np.where(x > 1, np.sqrt(x - 1), 0.0) + x
        total += np.sum(x**2)
    return total


def written(x):
    y = x * x
    on = x > 1
    y[on] = np.log(x[on] - 1)
    return np.sum(y**2)


FUNCTIONS = (reciprocal, root, negated, chosen_by_minimum, largest, broadcast, transposed, reshaped, sliced,
             of_a_number, twice, in_a_branch, in_a_loop, written)  # fmt: skip
# Finite differences cross the singular point: only along directions that keep the first component is there a truth.
ALONG = np.array([0.0, 3.0, -0.5])


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_masked(f: Callable[..., Any]) -> None:
    gradient = srcgrad.grad(f, fallback="error")
    with np.errstate(all="ignore"):
        first = finite.directional(f, [X], {(0,): ALONG})
        second = finite.directional(lambda x: gradient(x) @ ALONG, [X], {(0,): ALONG})
        found = gradient(X.copy())
        pushed = srcgrad.jvp(f, (X.copy(),), (ALONG,))[1]
        forward = srcgrad.jvp(gradient, (X.copy(),), (ALONG,))[1]
        reverse = srcgrad.vjp(gradient, X.copy())[1](ALONG)[0]
    assert np.isfinite([found, forward, reverse]).all()
    assert [found @ ALONG, pushed] == pytest.approx([float(first.value)] * 2, rel=1e-7, abs=1e-8)
    assert [forward @ ALONG, reverse @ ALONG] == pytest.approx([float(second.value)] * 2, rel=1e-6, abs=1e-7)


def test_zero_times_infinity_is_no_mask() -> None:
    with np.errstate(all="ignore"):
        assert np.isnan(srcgrad.grad(lambda x, zero: zero * np.sqrt(x))(np.float64(0.0), 0.0))


def test_the_mask_is_applied_once() -> None:
    gradient = srcgrad.grad(twice)
    with np.errstate(all="ignore"):
        gradient(X.copy())
    assert gradient.source.count("np.where") <= 6


def norm_and_more(x):
    r = np.sqrt(np.sum(x**2))
    return r * r + 2 * r


@pytest.mark.parametrize("order", [1, 2])
def test_root_of_a_sum_of_squares_off_zero(order: int) -> None:
    x = np.array([0.6, -0.8])
    if order == 1:
        np.testing.assert_allclose(srcgrad.grad(norm_and_more)(x), 2 * x + 2 * x, rtol=1e-14)
    else:
        wanted = 2 * np.eye(2) + 2 * (np.eye(2) - np.outer(x, x))
        np.testing.assert_allclose(srcgrad.hessian(norm_and_more)(x), wanted, rtol=1e-12)


def test_root_of_what_is_surely_positive_stays_short() -> None:
    gradient = srcgrad.grad(lambda x: np.sqrt(np.sum(x**2) + 1e-9))
    gradient(np.zeros(2))
    assert "where" not in gradient.source
