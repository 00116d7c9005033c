"""Lists and tuples where NumPy takes an array, and `sorted` of arrays: the same numbers as with arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad
from tests.frontend.agree import agree

X = np.array([0.3, 0.4])


def elementwise(x: Any, s: float) -> Any:
    return np.sum(np.tanh([x[1], s * x[0]]))


def operator_left(x: Any, s: float) -> Any:
    return np.sum([x[0], s] * x) + np.sum((x[0], s) - x)


def operator_right(x: Any, s: float) -> Any:
    return np.sum(x / (x[0], s)) + np.sum(x ** [2, 3]) + np.sum(1 / (x * [1, 2]))


def products(x: Any, s: float) -> Any:
    return [x[0], s] @ x + np.dot(x, [s, x[1]]) + np.sum([x, 2 * x] @ x) + np.inner([x[0], s], x)


def outer(x: Any, s: float) -> Any:
    return np.sum(np.outer([x[0], s], x) ** 2) + np.sum(np.convolve((x[0], s), x) ** 2)


def extremes(x: Any, s: float) -> Any:
    return np.max([x[0], s]) * np.std([x[0], s]) + np.sum(np.clip([x[0], s], 0.1, 0.35) * x) + np.ptp((x[0], s))


def named(x: Any, s: float) -> Any:
    return np.sum(np.maximum([x[0], s], x) * [s, 2.0]) + np.median(a=[x[0], s, 1.0])


def lists_stay_lists(x: Any, s: float) -> Any:
    both = [x[0], s] * 2 + [x[1]]
    return sum(both) * len(both)


def sorted_is_a_list(x: Any, s: float) -> Any:
    twice = sorted(x * s) * 2
    twice.insert(0, x[0] ** 2)
    return sum(twice) * len(twice) + twice[0] * twice[-1]


def sorted_backwards(x: Any, s: float) -> Any:
    down = sorted([x[0], s, x[1]], reverse=True) + [x[1]]
    return down[0] * down[1] - down[2] ** 2 + len(down) * down[3] + sorted(x, reverse=True)[0]


def log_sum_exp(v: Any) -> Any:
    highest = np.max(v)
    shifted = v - highest
    return highest + np.log(np.exp(shifted).sum(axis=None))


def run_time_list_and_number(x: Any, s: float) -> Any:
    total = np.zeros(2)
    for i in range(len(total)):
        total[i] = log_sum_exp([x[k] * x[i] + s for k in range(x.size)])
    return np.sum(total)


def converted(x: Any, s: float) -> Any:
    return np.sum(np.asarray(x, order="C", copy=None) ** 2) + np.sum(np.reshape(x, (2, 1), copy=True)) * s


FUNCTIONS = (elementwise, operator_left, operator_right, products, outer, extremes, named, lists_stay_lists,
             sorted_is_a_list, sorted_backwards, run_time_list_and_number, converted)  # fmt: skip


@pytest.mark.parametrize("fn", FUNCTIONS, ids=lambda fn: fn.__name__)
def test_sequences(fn: Callable[..., Any]) -> None:
    agree(fn, X, 0.37, argnums=(0, 1))


def averaged(x: Any, s: float) -> Any:
    return np.mean([x[0], s * x[1], 2]) * np.sum((s, x[0] * s)) + np.max([s, x[1]])


def nested_lists(x: Any, s: float) -> Any:
    return np.sum(np.mean([[s, x[0]], [x[1] * s, 1]], axis=0) ** 2)


@pytest.mark.parametrize("f", [averaged, nested_lists])
def test_reductions_of_lists_have_types(f: Callable[..., Any]) -> None:
    agree(f, X, 0.7)
    gradient = grad(f, (0, 1))
    gradient(X, 0.7)
    for word in ("sum_to", "one_number", "zeros_of", "np.real"):
        assert word not in gradient.source
