"""The agreed values at ties, kinks, zeros and infinities, asked of the rules directly."""

from __future__ import annotations

import math
import operator

import numpy as np
import pytest

from srcgrad.rules.core import lookup
from tests.rules.direct import Called

INF, NAN = np.inf, np.nan


def grads(fn, *args, **kwargs):
    """The cotangents of all active operands for a cotangent of ones, one after the other."""
    called = Called(lookup(fn), fn, args, kwargs)
    with np.errstate(all="ignore"):
        out = called.primal()
        bars = called.fitted_vjp(out, np.ones_like(out) if isinstance(out, np.ndarray) else type(out)(1))
    return [np.asarray(bar).tolist() for bar in bars.values()]


def tangent(fn, *args, **kwargs):
    """The tangent of the result along ones in every active operand."""
    called = Called(lookup(fn), fn, args, kwargs)
    with np.errstate(all="ignore"):
        dots = {n: np.ones_like(x)[()] for n, x in called.operands.items()}
        return np.asarray(called.jvp(called.primal(), dots)).tolist()


ROWS = [
    (np.abs, (0.0,), [0.0]),
    (np.fabs, (np.zeros(2),), [[0.0, 0.0]]),
    (np.abs, (np.zeros(1, complex),), [[0j]]),
    (np.maximum, (np.array([1.0, 2.0, 3.0]), 2.0), [[0.0, 0.5, 1.0], 1.5]),
    (np.minimum, (np.array([1.0, 2.0, 3.0]), 2.0), [[1.0, 0.5, 0.0], 1.5]),
    (np.fmax, (1.0, NAN), [1.0, 0.0]),
    (np.fmax, (NAN, 1.0), [0.0, 1.0]),
    (np.fmin, (2.0, 2.0), [0.5, 0.5]),
    (np.where, (np.array([True, False]), np.array([1.0, INF]), 0.0), [[1.0, 0.0], 1.0]),
    (np.clip, (np.array([0.0, 1.0, 1.5, 2.0, 3.0]), 1.0, 2.0), [[0.0, 1.0, 1.0, 1.0, 0.0], 1.0, 1.0]),
    (np.clip, (np.array([0.0, 5.0]), 2.0, 1.0), [[0.0, 0.0], 0.0, 2.0]),
    (np.sqrt, (0.0,), [INF]),
    (math.sqrt, (0.0,), [INF]),
    (np.cbrt, (0.0,), [INF]),
    (operator.pow, (0.0, 0.5), [INF, 0.0]),
    (operator.pow, (0.0, 0), [0.0]),
    (operator.pow, (np.array([0.0, 2.0]), 0), [[0.0, 0.0]]),
    (operator.pow, (0.0, 1.0), [1.0, 0.0]),
    (operator.pow, (np.array([0.0]), np.array([0.0])), [[0.0], [0.0]]),
    (operator.pow, (np.array([0.0]), np.array([2.0])), [[0.0], [0.0]]),
    (operator.pow, (np.array([-2.0]), np.array([3.0])), [[12.0], [NAN]]),
    (np.power, (np.array([-2.0]), 3), [[12.0]]),
    (np.float_power, (0.0, 0.0), [0.0, 0.0]),
    (np.hypot, (0.0, 0.0), [0.0, 0.0]),
    (math.hypot, (0.0, 0.0), [0.0, 0.0]),
    (np.arctan2, (0.0, 0.0), [0.0, 0.0]),
    (math.atan2, (0.0, 0.0), [0.0, 0.0]),
    (np.angle, (0j,), [0j]),
    (np.sinc, (0.0,), [0.0]),
    (np.logaddexp, (-INF, -INF), [0.0, 0.0]),
    (np.logaddexp, (-INF, 0.0), [0.0, 1.0]),
    (np.logaddexp2, (-INF, -INF), [0.0, 0.0]),
    (np.remainder, (5.5, 2.0), [1.0, -2.0]),
    (np.remainder, (-5.5, 2.0), [1.0, 3.0]),
    (np.fmod, (-5.5, 2.0), [1.0, 2.0]),
    (np.heaviside, (np.array([-1.0, 0.0, 1.0]), 0.5), [[0.0, 0.0, 0.0], 1.0]),
    (np.log, (0.0,), [INF]),
    (np.log1p, (-1.0,), [INF]),
    (np.arctanh, (1.0,), [INF]),
    (np.true_divide, (1.0, 0.0), [INF, -INF]),
    (np.reciprocal, (0.0,), [-INF]),
    (np.max, (np.array([1.0, 3.0, 3.0]),), [[0.0, 0.5, 0.5]]),
    (np.min, (np.array([[1.0, 1.0], [0.0, 2.0]]), 1), [[[0.5, 0.5], [1.0, 0.0]]]),
    (np.ptp, (np.array([1.0, 1.0]),), [[0.0, 0.0]]),
    (np.prod, (np.array([2.0, 0.0, 3.0]),), [[0.0, 6.0, 0.0]]),
    (np.prod, (np.array([2.0, 0.0, 0.0]),), [[0.0, 0.0, 0.0]]),
    (np.prod, (np.zeros((0,)),), [[]]),
    (np.cumprod, (np.array([2.0, 0.0, 3.0, 0.0]),), [[1.0, 2.0 + 6.0, 0.0, 0.0]]),
    (np.std, (np.array([2.0, 2.0]),), [[0.0, 0.0]]),
    (np.var, (np.array([2.0, 2.0]),), [[0.0, 0.0]]),
    (np.mean, (np.zeros((0, 3)), 1), [np.zeros((0, 3)).tolist()]),
    (np.sum, (np.zeros(0),), [[]]),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0].__name__}{row[1]}")
def test_row(row):
    fn, args, expected = row
    found = grads(fn, *args)
    for f, e in zip(found, expected, strict=False):
        np.testing.assert_array_equal(f, e)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0].__name__}{row[1]}")
def test_row_forward(row):
    fn, args, expected = row
    if np.ndim(args[0]) == 0:
        finite = [e for e in expected if not (np.isinf(np.sum(e)) and np.sum(e) < 0)]
        if len(finite) == len(expected):
            np.testing.assert_array_equal(tangent(fn, *args), sum(expected))


def test_a_side_not_taken_gets_zero_not_zero_times_infinity():
    for fn, args in ((np.minimum, (1.0, 2.0)), (np.where, (True, 1.0, 2.0)), (np.clip, (3.0, 0.0, 1.0))):
        called = Called(lookup(fn), fn, args, {})
        bars = called.fitted_vjp(called.primal(), INF)
        assert sorted(bar.item() for bar in bars.values())[0] == 0
        assert not any(np.isnan(bar) for bar in bars.values())


@pytest.mark.parametrize("x", [1e-7, 1e-3, 0.02, 0.0318, 0.0319, 0.05])
def test_sinc_keeps_its_digits_near_zero(x):
    with np.errstate(all="ignore"):
        t = np.longdouble(np.pi) * np.longdouble(x)
    terms = [(-1) ** k * 2 * k * t ** (2 * k - 1) / math.factorial(2 * k + 1) for k in range(1, 14)]
    assert grads(np.sinc, x)[0] == pytest.approx(float(np.pi * sum(terms)), rel=1e-12)


def test_cumprod_at_many_zeros_against_its_definition():
    x = np.array([1.5, 0.0, 2.0, 0.0, -1.0, 0.5])
    weights = np.arange(1.0, 7.0)
    expected = [sum(weights[j] * np.prod(np.delete(x[: j + 1], i)) for j in range(i, 6)) for i in range(6)]
    called = Called(lookup(np.cumprod), np.cumprod, (x,), {})
    np.testing.assert_allclose(called.vjp(called.primal(), weights)["a"], expected, atol=1e-14)


@pytest.mark.parametrize("axis", [None, 0, (0, 2), (-1, 0)])
def test_prod_at_zeros_against_its_definition(axis):
    x = np.array([[[1.0, 0.0], [2.0, 3.0]], [[0.0, 2.0], [0.0, -1.0]]])
    called = Called(lookup(np.prod), np.prod, (x,), {"axis": axis, "keepdims": True})
    out = called.primal()
    bar = np.arange(1.0, out.size + 1).reshape(out.shape)
    expected = np.empty_like(x)
    for index in np.ndindex(x.shape):
        raised = x.copy()
        raised[index] += 1.0  # a product is linear in each factor: a step of 1 is exact
        expected[index] = np.sum(bar * (np.prod(raised, axis=axis, keepdims=True) - out))
    np.testing.assert_allclose(called.vjp(out, bar)["a"], expected, atol=1e-14)


def test_the_exponent_in_use_decides_the_spelling():
    rule = lookup(np.power)
    x = np.array([1.5, 2.0])
    np.testing.assert_array_equal(rule.vjp(x**2, x, 2)[0], 2 * x)
    assert rule.vjp(x**0, x, 0)[0] == 0
    assert rule.vjp(x, x, 1)[0] == 1


def test_python_numbers_do_not_raise_where_the_function_did_not():
    for fn, args in ((math.pow, (0.0, 0.5)), (operator.pow, (1e-200, -1)), (operator.pow, (1e-300, 0.5)),
                     (np.sqrt, (0.0,)), (math.cbrt, (0.0,)), (np.arctan, (1j,)), (np.log10, (0.0,)),
                     (operator.mod, (3.0, math.inf)), (math.fmod, (3.0, math.inf))):  # fmt: skip
        called = Called(lookup(fn), fn, args, {})
        with np.errstate(all="ignore"):
            called.vjp(called.primal(), 1.0)
