"""Third derivatives of functions with loops and writes in place, against finite differences of second derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests import finite

RNG = np.random.default_rng(11)
X = np.array([0.7, -0.4, 1.1, 0.3])


def while_with_break(x):
    t = x * 1.0
    k = 0
    while k < 6:
        k += 1
        t = t + 0.2 * np.sin(t) * x
        if np.sum(t * t) > 4.0:
            break
    return np.sum(t**3)


def slice_write(x):
    y = x.copy()
    for _ in range(3):
        y[1:-1] = y[1:-1] + 0.3 * y[:-2] * y[2:]
    return np.sum(y**2)


def view_write(x):
    y = np.outer(x, np.cos(x))
    row = y[1]
    row *= x
    y.T[2] += np.sin(y[1]) * x[0]
    return np.sum(y**2)


def history_buffer(x):
    h = np.zeros(5)
    h[0] = x[0]
    for t in range(4):
        h[t + 1] = np.sin(h[t]) * x[t] + h[t] ** 2
    return np.sum(h**2)


def masked_write(x):
    y = np.exp(x)
    on = x > 0.2
    y[on] = np.sqrt(x[on]) * y[on]
    return np.sum(y**2 * x)


def masked_singularity(x):
    y = x - x[3]
    for _ in range(2):
        y = np.where(y > 0, np.sqrt(y), x * y)
    return np.sum(y**3)


def overwritten_argument(x):
    x[0] *= x[1]
    for i in range(1, 4):
        x[i] += 0.5 * x[i - 1] ** 2
    return np.prod(x)


def nested_loops(x):
    total = 0.0
    for i in range(4):
        inner = 1.0
        for j in range(i + 1):
            inner *= np.cos(x[j]) + 0.1 * inner
        if inner < 0.9:
            total += inner**2 * x[i]
    return total


def swapped(x):
    a, b = x.copy(), x**2
    for _ in range(3):
        a, b = b, a + 0.1 * b * a
        b[1] = np.sin(a[0])
    return np.sum(a * b)


FUNCTIONS = (while_with_break, slice_write, view_write, history_buffer, masked_write, masked_singularity,
             overwritten_argument, nested_loops, swapped)  # fmt: skip


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_third_order(f: Callable[..., Any]) -> None:
    hessian = srcgrad.hessian(f, fallback="error")
    way, left, right = (RNG.normal(size=X.shape) for _ in range(3))
    second = finite.directional(srcgrad.grad(f, fallback="error"), [X], {(0,): right})
    np.testing.assert_allclose(hessian(X.copy()) @ right, second.value, rtol=1e-6, atol=1e-7)
    wanted = finite.directional(lambda x: left @ hessian(x) @ right, [X], {(0,): way})
    assert wanted.trusted(max(abs(float(wanted.value)), 1.0), 1e-6)
    third = srcgrad.jvp(hessian, (X.copy(),), (way,))[1]
    assert left @ third @ right == pytest.approx(float(wanted.value), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_third_order_in_reverse(f: Callable[..., Any]) -> None:
    way, left, right = (RNG.normal(size=X.shape) for _ in range(3))
    hessian = srcgrad.hessian(f, fallback="error")
    wanted = finite.directional(lambda x: left @ hessian(x) @ right, [X], {(0,): way})
    twice = srcgrad.grad(srcgrad.grad(lambda s, t, u: f(X + s * way + t * left + u * right), 0), 1)
    third = srcgrad.grad(twice, 2)(0.0, 0.0, 0.0)
    assert third == pytest.approx(float(wanted.value), rel=1e-6, abs=1e-6)
