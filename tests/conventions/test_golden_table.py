"""The table of conventions, row by row, through `grad` and through `jvp`: each value is written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import srcgrad

INF, NAN = np.inf, np.nan


@dataclass(frozen=True)
class Row:
    """A function, where it is tried, and the gradient by each argument; `xfail` says what is wrong today."""

    name: str
    f: Callable[..., Any]
    args: tuple[Any, ...]
    wanted: tuple[Any, ...]
    argnums: tuple[int, ...] = (0,)
    xfail: str = ""


def vector(*items: float) -> np.ndarray:
    return np.array(items, dtype=float)


def stored_twice(v):
    y = np.zeros(2)
    y[[0, 0]] = v
    return np.sum(y * np.array([3.0, 5.0]))


SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])
COFACTORS = np.array([[4.0, 4.0, -4.0], [-2.0, -2.0, 2.0], [0.0, 0.0, 0.0]])

KINKS = [
    Row("abs at 0", lambda x: np.abs(x), (0.0,), (0.0,)),
    Row("abs of an array at 0", lambda x: np.sum(np.abs(x)), (vector(0, -2),), (vector(0, -1),)),
    Row("maximum tie", lambda x, y: np.maximum(x, y), (2.0, 2.0), (0.5, 0.5), (0, 1)),
    Row("minimum tie", lambda x, y: np.sum(np.minimum(x, y)), (vector(2, 1), vector(2, 3)),
        (vector(0.5, 1), vector(0.5, 0)), (0, 1)),
    Row("max over an axis, tie", lambda x: np.sum(np.max(x, axis=1)), (np.array([[1.0, 3, 3], [2, 1, 0]]),),
        (np.array([[0, 0.5, 0.5], [1, 0, 0]]),)),
    Row("min, tie of three", lambda x: np.min(x), (vector(1, 1, 1),), (vector(1, 1, 1) / 3,)),
    Row("item at argmax picks one", lambda x: x[np.argmax(x)], (vector(1, 3, 3),), (vector(0, 1, 0),)),
    Row("where at the kink", lambda x: np.where(x > 0, x, 0), (0.0,), (0.0,)),
    Row("clip at its bounds", lambda x: np.sum(np.clip(x, 1.0, 2.0)), (vector(0, 1, 1.5, 2, 3),),
        (vector(0, 1, 1, 1, 0),)),
    Row("clip by its bounds", lambda x, lo, hi: np.sum(np.clip(x, lo, hi)), (vector(0, 1, 1.5, 2, 3), 1.0, 2.0),
        (1.0, 1.0), (1, 2)),
    Row("clip with lo above hi", lambda x, lo, hi: np.sum(np.clip(x, lo, hi)), (vector(0, 5), 2.0, 1.0),
        (vector(0, 0), 0.0, 2.0), (0, 1, 2)),
    Row("median of an even count", lambda x: np.median(x), (vector(4, 1, 3, 2),), (vector(0, 0, 0.5, 0.5),)),
    Row("floor", lambda x: np.floor(x), (1.5,), (0.0,)),
    Row("sign", lambda x: np.sum(np.sign(x) * x), (vector(-2, 3),), (vector(-1, 1),)),
    Row("round", lambda x: np.sum(np.round(x)), (vector(1.4, 2.6),), (vector(0, 0),)),
    Row("floor division", lambda x, y: x // y, (7.0, 2.0), (0.0, 0.0), (0, 1)),
    Row("remainder", lambda x, y: np.sum(x % y), (vector(5.5, -5.5), 2.0), (vector(1, 1), -2.0 + 3.0), (0, 1)),
    Row("sort, tie", lambda x: np.sum(np.sort(x) * np.arange(3.0)), (vector(2, 1, 2),), (vector(1, 0, 2),)),
]  # fmt: skip

SINGULARITIES = [
    Row("where(sqrt)", lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0)), (vector(0, -1, 4),), (vector(0, 0, 0.25),)),
    Row("minimum(1, 1 / x)", lambda x: np.sum(np.minimum(1, 1 / x)), (vector(0, 2),), (vector(0, -0.25),)),
    Row("0 * sqrt", lambda x: 0.0 * np.sqrt(x), (np.float64(0),), (NAN,)),
    Row("zero * sqrt", lambda x, zero: zero * np.sqrt(x), (np.float64(0), 0.0), (NAN,)),
    Row("sqrt at 0", lambda x: np.sqrt(x), (0.0,), (INF,)),
    Row("sqrt of an array at 0", lambda x: np.sum(np.sqrt(x)), (vector(0),), (vector(INF),)),
    Row("x**0.5 at 0", lambda x: x**0.5, (0.0,), (INF,)),
    Row("x**0.5 of an array at 0", lambda x: np.sum(x**0.5), (vector(0),), (vector(INF),)),
    Row("norm at 0", lambda x: np.linalg.norm(x), (vector(0, 0),), (vector(0, 0),)),
    Row("1-norm at 0", lambda x: np.linalg.norm(x, 1), (vector(0, 0),), (vector(0, 0),)),
    Row("Frobenius norm at 0", lambda x: np.linalg.norm(x), (np.zeros((2, 2)),), (np.zeros((2, 2)),)),
    Row("nuclear norm at 0", lambda x: np.linalg.norm(x, "nuc"), (np.zeros((2, 2)),), (np.zeros((2, 2)),)),
    Row("spectral norm at 0", lambda x: np.linalg.norm(x, 2), (np.zeros((2, 2)),), (np.zeros((2, 2)),)),
    Row("sqrt(sum(x**2))", lambda x: np.sqrt(np.sum(x**2)), (vector(0, 0),), (vector(0, 0),)),
    Row("sqrt(sum(x * x))", lambda x: np.sqrt(np.sum(x * x)), (vector(0, 0),), (vector(0, 0),)),
    Row("sqrt(x @ x)", lambda x: np.sqrt(x @ x), (vector(0, 0),), (vector(0, 0),)),
    Row("sqrt(dot(x, x))", lambda x: np.sqrt(np.dot(x, x)), (vector(0, 0),), (vector(0, 0),)),
    Row("sqrt(sum(abs(x)**2))", lambda x: np.sqrt(np.sum(np.abs(x) ** 2)), (vector(0, 0),), (vector(0, 0),)),
    Row("sum(x**2)**0.5", lambda x: np.sum(x**2) ** 0.5, (vector(0, 0),), (vector(0, 0),)),
    Row("sqrt(sum(x**2)) by rows", lambda x: np.sum(np.sqrt(np.sum(x**2, axis=1))), (np.array([[0.0, 0], [3, 4]]),),
        (np.array([[0, 0], [0.6, 0.8]]),)),
    Row("hypot", lambda x, y: np.hypot(x, y), (0.0, 0.0), (0.0, 0.0), (0, 1)),
    Row("arctan2", lambda y, x: np.arctan2(y, x), (0.0, 0.0), (0.0, 0.0), (0, 1)),
    Row("angle", lambda z: np.angle(z), (0j,), (0j,)),
    Row("sinc", lambda x: np.sinc(x), (0.0,), (0.0,)),
    Row("x**0 at 0", lambda x: x**0, (0.0,), (0.0,)),
    Row("x**1.0 at 0", lambda x: np.sum(x**1.0), (vector(0, 2),), (vector(1, 1),)),
    Row("x**y by x at (0, 0)", lambda x, y: x**y, (0.0, 0.0), (0.0,)),
    Row("x**y by y", lambda x, y: np.sum(x**y), (vector(0, 0), vector(2, 0)), (vector(0, 0),), (1,)),
    Row("x**y by y, x below 0", lambda x, y: x**y, (np.float64(-2), np.float64(3)), (NAN,), (1,)),
    Row("x * log(x)", lambda x: x * np.log(x), (np.float64(0),), (NAN,)),
    Row("logaddexp of -inf", lambda x, y: np.logaddexp(x, y), (-INF, -INF), (0.0, 0.0), (0, 1)),
    Row("logaddexp of -inf and 0", lambda x, y: np.logaddexp(x, y), (-INF, 0.0), (0.0, 1.0), (0, 1)),
    Row("prod with a zero", lambda x: np.prod(x), (vector(2, 0, 3),), (vector(0, 6, 0),)),
    Row("prod with two zeros", lambda x: np.prod(x), (vector(2, 0, 0),), (vector(0, 0, 0),)),
    Row("std of equal numbers", lambda x: np.std(x), (vector(2, 2, 2),), (vector(0, 0, 0),)),
    Row("det of rank n - 1", lambda a: np.linalg.det(a), (SINGULAR,), (COFACTORS,)),
    Row("det of rank n - 2", lambda a: np.linalg.det(a), (np.ones((3, 3)),), (np.zeros((3, 3)),)),
    Row("eigh, equal eigenvalues", lambda a: np.sum(np.linalg.eigh(a)[0] ** 2), (2 * np.eye(2),), (4 * np.eye(2),)),
    Row("eigh, what both vectors span", lambda a: np.sum((np.linalg.eigh(a)[1] @ np.linalg.eigh(a)[1].T) * WEIGHTS),
        (2 * np.eye(2),), (np.zeros((2, 2)),)),
    Row("svd, equal values", lambda a: np.sum(np.linalg.svd(a, full_matrices=False)[1]), (2 * np.eye(2),),
        (np.eye(2),)),
    Row("svd, full and oblong", lambda a: np.sum(np.linalg.svd(a)[1]), (np.array([[3.0, 0, 0], [0, 2, 0]]),),
        (np.array([[1.0, 0, 0], [0, 1, 0]]),)),
    Row("cholesky, symmetric part", lambda a: np.linalg.cholesky(a)[1, 0], (np.array([[4.0, 0], [0, 1]]),),
        (np.array([[0, 0.25], [0.25, 0]]),)),
    Row("eigvalsh, symmetric part", lambda a: np.linalg.eigvalsh(a)[1], (np.array([[1.0, 1], [1, 1]]),),
        (np.full((2, 2), 0.5),)),
]  # fmt: skip

WEIGHTS = np.array([[1.0, 2.0], [3.0, 4.0]])


def doubled_in_place(x):
    y = x
    y += 1
    return np.sum(x * y)


def through_transpose(x):
    y = x.copy()
    y.T[0] *= 3
    return np.sum(y)


def through_ravel(x):
    y = x.copy()
    y.ravel()[1] = y[1, 1] * 5
    return np.sum(y)


def through_reshape(x):
    y = x.copy()
    y.reshape(4)[:2] = 0.0
    return np.sum(y)


def through_out(x):
    y = np.empty_like(x)
    np.multiply(x, x, out=y)
    return np.sum(y)


def through_copyto(x):
    y = np.zeros_like(x)
    np.copyto(y, 2 * x)
    return np.sum(y)


def overwritten_capture(x):
    held = x.copy()

    def used(v):
        return np.sum(v * held)

    first = used(x)
    held[:] = 0.0
    return first


WRITES = [
    Row("gather with duplicates", lambda x: np.sum(x[[0, 0, 1]]), (vector(1, 2, 3),), (vector(2, 1, 0),)),
    Row("store with duplicates", stored_twice, (vector(1, 2),), (vector(0, 3),)),
    Row("y = x; y += 1", doubled_in_place, (vector(1, 2),), (vector(4, 6),)),
    Row("write through .T", through_transpose, (np.ones((2, 2)),), (np.array([[3.0, 1], [3, 1]]),)),
    Row("write through ravel", through_ravel, (np.ones((2, 2)),), (np.array([[1.0, 0], [1, 6]]),)),
    Row("write through reshape", through_reshape, (np.ones((2, 2)),), (np.array([[0.0, 0], [1, 1]]),)),
    Row("out=", through_out, (vector(1, 2),), (vector(2, 4),)),
    Row("copyto", through_copyto, (vector(1, 2),), (vector(2, 2),)),
    Row("captured, then overwritten", overwritten_capture, (vector(1, 2),), (vector(2, 4),)),
    Row("empty", lambda x: np.sum(x**2), (np.zeros(0),), (np.zeros(0),)),
    Row("real part of complex arithmetic", lambda x: np.abs(np.exp(1j * x) * x), (2.0,), (1.0,)),
    Row("C to R", lambda z: np.abs(z) ** 2, (1 + 2j,), (2 - 4j,)),
]  # fmt: skip

ROWS = KINKS + SINGULARITIES + WRITES
MARKED = [
    pytest.param(row, id=row.name, marks=[pytest.mark.xfail(strict=True, reason=row.xfail)] if row.xfail else [])
    for row in ROWS
]


def copied(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(x.copy() if isinstance(x, np.ndarray) else x for x in args)


# Where everything is flat, no argument matters.
@pytest.mark.filterwarnings("ignore::srcgrad.errors.UnusedArgumentWarning")
@pytest.mark.parametrize("row", MARKED)
def test_grad(row):
    args = copied(row.args)
    with np.errstate(all="ignore"):
        found = srcgrad.grad(row.f, row.argnums)(*args)
    for got, wanted in zip(found, row.wanted, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-13)
    for after, before in zip(args, row.args, strict=True):
        np.testing.assert_array_equal(after, before)


def directions(x: Any) -> list[tuple[Any, Any]]:
    """Unit changes of an argument, each with the index of the entry that it changes; for complex numbers both ways."""
    if not isinstance(x, np.ndarray):
        return [(type(x)(1), ())] + ([(1j, ())] if isinstance(x, complex) else [])
    found = []
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = 1
        found.append((step, index))
    return found


# Where everything is flat, no argument matters.
@pytest.mark.filterwarnings("ignore::srcgrad.errors.UnusedArgumentWarning")
@pytest.mark.parametrize("row", MARKED)
def test_jvp(row):
    for argnum, wanted in zip(row.argnums, row.wanted, strict=True):
        for step, index in directions(row.args[argnum]):
            tangents = tuple(step if i == argnum else None for i in range(len(row.args)))
            with np.errstate(all="ignore"):
                found = srcgrad.jvp(row.f, copied(row.args), tangents)[1]
            slope = np.asarray(wanted)[index] * (step if index == () else 1)
            np.testing.assert_allclose(found, np.real(slope), rtol=1e-12, atol=1e-13)


def test_masked_side_at_second_order():
    hessian = srcgrad.hessian(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0)))(vector(0, -1, 4))
    np.testing.assert_allclose(hessian, np.diag([0, 0, -1 / 32]), atol=1e-15)


def test_no_logarithm_for_an_exponent_that_is_held():
    gradient = srcgrad.grad(lambda x, y: np.sum(x**y))
    np.testing.assert_array_equal(gradient(vector(-2, 0), vector(3, 2)), vector(12, 0))
    assert "log" not in gradient.source


@pytest.mark.parametrize("mode", ["grad", "jvp"])
def test_index_out_of_bounds(mode):
    def f(x):
        return x[3]

    with pytest.raises(IndexError, match="out of bounds"):
        srcgrad.grad(f)(np.ones(3)) if mode == "grad" else srcgrad.jvp(f, (np.ones(3),), (np.ones(3),))


@pytest.mark.parametrize("mode", ["grad", "jvp"])
def test_max_of_nothing(mode):
    def f(x):
        return np.max(x)

    with pytest.raises(ValueError, match="zero-size"):
        srcgrad.grad(f)(np.zeros(0)) if mode == "grad" else srcgrad.jvp(f, (np.zeros(0),), (np.zeros(0),))


def depends_on_the_vectors(a):
    return np.sum(np.linalg.eigh(a)[1] * WEIGHTS)


def test_equal_eigenvalues_and_a_choice_of_vectors():
    with pytest.warns(RuntimeWarning, match="equal eigenvalues"):
        assert np.isnan(srcgrad.grad(depends_on_the_vectors)(2 * np.eye(2))).all()


def test_equal_eigenvalues_and_a_choice_of_vectors_forward():
    step = np.array([[0.0, 1.0], [1.0, 0.0]])
    with pytest.warns(RuntimeWarning, match="equal eigenvalues"):
        srcgrad.jvp(depends_on_the_vectors, (2 * np.eye(2),), (step,))
