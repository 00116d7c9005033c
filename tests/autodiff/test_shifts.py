"""Maxima that are only subtracted for the sake of range: no derivative along them where they cancel, else as ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests import finite

X = np.array([[1.0, -0.5, 0.3], [0.2, 2.0, -1.0]])


def logsumexp(x: Any) -> Any:
    top = np.max(x, axis=1, keepdims=True)
    return np.sum(np.array([0.7, -1.2]) * (np.log(np.sum(np.exp(x - top), axis=1)) + top[:, 0]))


def squeezed(x: Any) -> Any:
    top = np.max(x, axis=-1, keepdims=True)
    return np.sum((np.squeeze(top, 1) + np.log(np.mean(np.exp(x - top), axis=-1))) ** 2)


def softmax(x: Any) -> Any:
    e = np.exp(x - np.max(x))
    return np.sum(np.sin(3 * e / np.sum(e)))


def rows(x: Any) -> Any:
    e = np.exp(x - np.max(x, axis=1)[:, None])
    return np.sum((e / e.sum(axis=1, keepdims=True)) ** 3)


def log_softmax(x: Any) -> Any:
    z = x - np.max(x, axis=1, keepdims=True)
    return np.sum((z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)))[[0, 1], [2, 0]])


def of_two(x: Any) -> Any:
    top = np.maximum(x[0], x[1])
    return np.sum(top + np.log(np.exp(x[0] - top) + 2 * np.exp(x[1] - top)))


CANCEL = [logsumexp, squeezed, softmax, rows, log_softmax, of_two]


@pytest.mark.parametrize("f", CANCEL)
def test_a_shift_that_cancels_has_no_derivative(f: Callable[..., Any]) -> None:
    gradient = srcgrad.grad(f, fallback="error")
    np.testing.assert_allclose(gradient(X), finite.gradient(f, (X,), 0)[0], rtol=1e-8, atol=1e-10)
    assert "==" not in gradient.source  # nobody looks for the place of the maximum
    assert "stop_gradient" not in gradient.source


@pytest.mark.parametrize("f", CANCEL)
def test_to_second_order_and_forwards(f: Callable[..., Any]) -> None:
    v = np.random.default_rng(3).normal(size=X.shape)
    slope = finite.directional(f, (X,), {(0,): v}).value
    np.testing.assert_allclose(srcgrad.jvp(f, (X,), (v,))[1], slope, rtol=1e-8)
    second = finite.slope(lambda t: finite.gradient(f, (X + t * v,), 0)[0], step=2e-2).value
    np.testing.assert_allclose(srcgrad.hvp(f, (X,), v), second, rtol=1e-5, atol=1e-6)


def also_returned(x: Any) -> Any:
    top = np.max(x)
    return np.log(np.sum(np.exp(x - top))) + top + top**2


def half(x: Any) -> Any:
    top = np.max(x)
    return np.log(np.sum(np.exp(x - top))) + 0.5 * top


def other_axis(x: Any) -> Any:
    top = np.max(x, axis=0)
    return np.sum(np.log(np.sum(np.exp(x - top), axis=1)) + np.sum(top))


def squared(x: Any) -> Any:
    e = np.exp(x - np.max(x))
    return np.sum(e**2) / np.sum(e)


def in_a_loop(x: Any) -> Any:
    top, total = np.max(x), 0.0
    for row in x:
        total = total + np.sum(np.exp(row - top))
    return np.log(total) + top


def clipped(x: Any) -> Any:
    e = np.exp(x - np.max(x))
    return np.sum(np.sin(e / np.maximum(np.sum(e), 1.5)))


@pytest.mark.parametrize("f", [also_returned, half, other_axis, squared, in_a_loop, clipped])
def test_a_shift_that_stays_keeps_its_derivative(f: Callable[..., Any]) -> None:
    found = srcgrad.grad(f, fallback="error")(X)
    np.testing.assert_allclose(found, finite.gradient(f, (X,), 0)[0], rtol=1e-8, atol=1e-10)


def test_what_overflows_without_the_shift_does_not_with_it() -> None:
    found = srcgrad.grad(softmax)(np.array([[1000.0, 1000.5], [-2000.0, 999.0]]))
    assert np.all(np.isfinite(found))
