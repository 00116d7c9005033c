"""Signs that are known, by what gradients do with them: no mask where a partial is finite, and one where it is not."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad
from tests import finite


def picked(z: Any, labels: Any) -> Any:
    z = z - np.max(z, axis=1, keepdims=True)
    scores = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(scores[np.arange(len(labels)), labels])


def test_a_sum_of_exponentials_divides_without_a_mask() -> None:
    z, labels = np.random.default_rng(0).normal(size=(3, 4)), np.array([0, 3, 3])
    gradient = srcgrad.grad(picked)
    d = np.random.default_rng(1).normal(size=z.shape)
    truth = finite.slope(lambda t: picked(z + t * d, labels)).value
    np.testing.assert_allclose(np.sum(gradient(z, labels) * d), truth, rtol=1e-9)
    assert "bool" not in gradient.source  # no mask of the items that are picked


def of_squares(x: Any, rows: Any) -> Any:
    return np.sum(np.log(np.sum(x**2, axis=1))[rows])


def test_a_sum_of_squares_may_be_zero_where_it_is_not_read() -> None:
    x = np.array([[0.0, 0.0], [1.0, 2.0], [0.5, -1.0]])
    with np.errstate(divide="ignore"):
        found = srcgrad.grad(of_squares)(x, np.array([1, 2]))
    np.testing.assert_allclose(found, [[0.0, 0.0], [0.4, 0.8], [0.8, -1.6]])


def grown(x: Any) -> Any:
    return np.sum(np.where(x > 50.0, x, np.log1p(np.exp(x))))


def test_an_exponential_may_overflow() -> None:
    with np.errstate(over="ignore"):
        found = srcgrad.grad(grown)(np.array([1000.0, 0.0]))
    np.testing.assert_allclose(found, [1.0, 0.5])


def off_its_maximum(x: Any) -> Any:
    w = np.exp(x - np.max(x))
    return np.sum(np.where(x > 0, w / np.sum(w), 0.0) ** 2)


def test_less_its_maximum_an_exponential_is_finite() -> None:
    x = np.array([0.3, -0.7, 1.1])
    d = np.array([0.2, -1.0, 0.5])
    truth = finite.slope(lambda t: off_its_maximum(x + t * d)).value
    np.testing.assert_allclose(np.sum(srcgrad.grad(off_its_maximum)(x) * d), truth, rtol=1e-8)
