"""How generated code is spelled: short functions, what must and must not stand in their derivatives, and the truth."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests import finite

RNG = np.random.default_rng(3)
X, Y, M = RNG.uniform(0.5, 1.5, 4), RNG.uniform(0.5, 1.5, 4), RNG.uniform(0.5, 1.5, (4, 3))


def mean_of_difference(x: Any, y: Any) -> Any:
    return -np.mean(y * np.log(x) + (2 - y) * np.log(3 - x))


def huber(x: Any, y: Any) -> Any:
    small = np.abs(x) <= 1.0
    return np.mean(np.where(small, 0.5 * x**2, y * (np.abs(x) - 0.5)))


def spread_mean(x: Any, y: Any) -> Any:
    return np.mean(np.exp(y * x[0]) + x[1])


def softmax_rows(m: Any) -> Any:
    e = np.exp(m - np.max(m, axis=1, keepdims=True))
    return np.sum((e / np.sum(e, axis=1, keepdims=True)) ** 2)


def nearest(m: Any, y: Any) -> Any:
    total = 0.0
    for k in range(y.size):
        total += np.min((m - y[k]) ** 2)
    return total


def root(a: Any, x: Any) -> Any:
    while abs(x * x - a) > 1e-13:
        x = x - (x * x - a) / (2 * x)
    return x


def falling(drag: Any, height: Any) -> Any:
    speed = 0.0
    for _ in range(20):
        speed = speed * (1 - drag) - 0.1
        if height + speed < 0:
            break
        height = height + speed
    return height * speed


def twice_added(x: Any, y: Any) -> Any:
    return np.sum(np.exp(x * x) * y)


def continued(x: Any, i: int) -> Any:
    if i == x.size - 1:
        return x[i]
    return x[i] + 1 / continued(x, i + 1)


def fraction(x: Any) -> Any:
    return continued(x, 0)


CASES: list[tuple[Callable[..., Any], tuple[Any, ...], list[str], list[str]]] = [
    (mean_of_difference, (X, Y), ["/ y.size"], ["np.divide", "share"]),
    (huber, (X, Y), ["1.0 / max(x.size, 1)"], ["np.divide"]),
    (spread_mean, (X, Y), [], ["broadcast_to", "np.sum(spread)"]),
    (softmax_rows, (M,), [").sum(axis=1"], ["np.result_type", "axis=(1,)", "sum_to", "(-"]),
    (nearest, (X, Y), ["found.sum()"], ["dtype=", "np.divide"]),
    (root, (1.7, 2.0), ["while abs(diff := x * x - a) > 1e-13:"], ["while True"]),
    (falling, (0.1, 1.3), ["if not below:", "speed_bar += "], ["= 0.0\n            else"]),
    (twice_added, (X, Y), ["2 * "], []),
    (fraction, (X,), ["return x[i], (ABSENT", "    ratio, "], ["= ABSENT", "pack_0", "same"]),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args", "there", "absent"), CASES, ids=[case[0].__name__ for case in CASES])
def test_spelling(f: Callable[..., Any], args: tuple[Any, ...], there: list[str], absent: list[str]) -> None:
    derivative = srcgrad.grad(f, fallback="error")
    bar = derivative(*args)
    truth, error = finite.gradient(f, args, 0)
    np.testing.assert_allclose(bar, truth, rtol=1e-7, atol=max(1e-8, 10 * error))
    text = derivative.source
    ast.parse(text)
    assert [part for part in there if part not in text] == [], text
    assert [part for part in absent if part in text] == [], text


def test_what_checks_shapes_goes_only_where_something_else_checks_them() -> None:
    def f(m: Any, c: Any) -> Any:
        top = np.max(m, axis=1)
        return np.sum(c * (np.log(np.sum(np.exp(m), axis=1)) + top))

    derivative = srcgrad.grad(f, fallback="error")
    derivative(M, X)
    assert "np.broadcast(" not in derivative.source
    with pytest.raises(ValueError, match="broadcast"):
        derivative(M, RNG.normal(size=3))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_share_of_a_mean_keeps_the_dtype(kind: Any) -> None:
    bar = srcgrad.grad(huber)(X.astype(kind), Y.astype(kind))
    assert bar.dtype == kind
    assert srcgrad.grad(huber)(np.zeros(0, kind), np.zeros(0, kind)).shape == (0,)


def test_the_mean_of_nothing_has_a_gradient_of_nothing() -> None:
    bar = srcgrad.grad(mean_of_difference)(np.zeros(0), np.zeros(0))
    assert bar.shape == (0,)


def test_tangents_are_simplified_too() -> None:
    def f(x: Any) -> Any:
        return np.sum((0.5 * x) ** 2)

    value, dot = srcgrad.jvp(f, (X,), (Y,))
    assert value == pytest.approx(float(f(X)))
    assert dot == pytest.approx(float(np.sum(0.5 * X * Y)))
