"""NumPy's functions where differences along random directions do not tell: ties, zeros, conditions, empty results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

import srcgrad
from tests import finite


def gradient(f: Any, *args: Any) -> Any:
    return srcgrad.grad(f, fallback="error")(*args)


def test_trim_zeros_keeps_what_is_inside() -> None:
    x = np.array([0.0, 1.5, 0.0, 2.5, 0.0])
    np.testing.assert_allclose(gradient(trimmed, x), [0.0, 3.0, 0.0, 5.0, 0.0])


def trimmed(x: Any) -> Any:
    return np.sum(np.trim_zeros(x) ** 2)


def trimmed_plane(x: Any) -> Any:
    return np.sum(np.trim_zeros(x) * np.array([[1.0, 2.0]]))


def test_trim_zeros_of_a_matrix() -> None:
    x = np.array([[0.0, 0.0, 0.0], [0.0, 1.5, 2.5]])
    np.testing.assert_allclose(gradient(trimmed_plane, x), [[0.0, 0.0, 0.0], [0.0, 1.0, 2.0]])


def sum_of_exponentials(x: Any) -> Any:
    return special.logsumexp(x)


@pytest.mark.parametrize(("x", "slope"), [([-np.inf, -np.inf], [0, 0]), ([-np.inf, 0.0], [0, 1]),
                                          ([1000.0, 1000.0], [0.5, 0.5])])  # fmt: skip
def test_logsumexp_at_the_ends(x: Any, slope: Any) -> None:
    np.testing.assert_allclose(gradient(sum_of_exponentials, np.array(x)), slope)


def entropy(x: Any) -> Any:
    return special.xlogy(x, 2.0 * x + 1.0)


def test_xlogy_at_zero() -> None:
    assert gradient(entropy, 0.0) == 0.0


def deviation(x: Any) -> Any:
    return np.nanstd(x)


def test_deviation_of_a_constant() -> None:
    np.testing.assert_allclose(gradient(deviation, np.array([2.0, np.nan, 2.0])), [0.0, 0.0, 0.0])


def largest(x: Any) -> Any:
    return np.nanmax(x)


def test_ties_of_the_largest_share() -> None:
    np.testing.assert_allclose(gradient(largest, np.array([2.0, np.nan, 2.0, 1.0])), [0.5, 0.0, 0.5, 0.0])


def between(x: Any, q: Any) -> Any:
    return np.quantile(x, q)


def test_fraction_of_a_quantile() -> None:
    x = np.array([4.0, 1.0, 2.0])
    np.testing.assert_allclose(srcgrad.grad(between, argnums=(0, 1), fallback="error")(x, 0.25)[1], 2.0)
    np.testing.assert_allclose(gradient(between, x, 0.25), [0.0, 0.5, 0.5])


def test_items_that_are_nan_make_the_quantile_nan() -> None:
    assert np.isnan(srcgrad.value_and_grad(between, fallback="error")(np.array([1.0, np.nan, 2.0]), 0.5)[0])


def shared(x: Any) -> Any:
    return np.sum(np.intersect1d(x, np.array([2.0, 3.0, 7.0])) ** 2) + np.sum(np.setdiff1d(x, np.array([2.0]))) * 3.0


def test_common_items() -> None:
    np.testing.assert_allclose(gradient(shared, np.array([3.0, 1.0, 2.0, 1.0])), [6.0 + 3.0, 3.0, 4.0, 0.0])


def distance(x: Any, A: Any, b: Any) -> Any:
    solution, rest, _, s = np.linalg.lstsq(A * x, b)
    return np.sum(solution**2) + rest[0] + np.sum(s)


def test_all_results_of_least_squares() -> None:
    rng = np.random.default_rng(3)
    A, b = rng.normal(size=(5, 2)), rng.normal(size=5)
    truth = finite.slope(lambda t: distance(1.3 + t, A, b))
    assert abs(gradient(distance, 1.3, A, b) - truth.value) < 1e-7 * (1 + abs(truth.value))


def test_rank_deficient_least_squares() -> None:
    A = np.outer([1.0, 2.0, 3.0], [1.0, 1.0])
    b = np.array([1.0, -1.0, 2.0])
    np.testing.assert_allclose(gradient(solution, b, A), np.linalg.pinv(A).T @ np.array([1.0, 2.0]))


def solution(b: Any, A: Any) -> Any:
    return np.sum(np.linalg.lstsq(A, b)[0] * np.array([1.0, 2.0]))


def windows(x: Any) -> Any:
    y = x * 2.0
    seen = np.lib.stride_tricks.sliding_window_view(y, 2)
    y[0] = 5.0 * x[2]
    return np.sum(seen * seen[::-1])


def test_windows_follow_the_array() -> None:
    x = np.array([1.0, 2.0, 4.0])
    way = np.array([0.7, -0.4, 0.9])
    truth = finite.slope(lambda t: windows(x + t * way))
    assert abs(np.dot(gradient(windows, x), way) - truth.value) < 1e-7 * (1 + abs(truth.value))
