"""Every public name has a class; what has no derivative says so; what is interpreted is right."""

from __future__ import annotations

import builtins
import warnings
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import SrcgradError
from srcgrad.rules import classes
from tests import finite
from tests.rules.classification import NEWEST, Name, counts, everything, share_unsupported

NAMES = everything()
NUMPY = tuple(map(int, np.__version__.split(".")[:2]))
MOST = 0.1  # of what takes floats


def unknown() -> list[str]:
    return [f"{each.where}.{each.name}" for each in NAMES if not each.kind]


@pytest.mark.skipif(NUMPY > NEWEST, reason="the names of this NumPy are told in the sweep")
def test_every_name_has_a_class() -> None:
    assert unknown() == []


@pytest.mark.sweep
def test_every_name_of_any_numpy_has_a_class() -> None:
    assert unknown() == []


def test_few_names_are_not_supported(capsys: pytest.CaptureFixture[str]) -> None:
    share = share_unsupported(NAMES)
    with capsys.disabled():
        print(f"\n{len(NAMES)} names: {dict(counts(NAMES))}; not supported of those that take floats: {share:.1%}")
    assert share <= MOST


def test_every_refusal_says_why() -> None:
    for each in NAMES:
        if each.kind in (classes.OPAQUE, classes.UNSUPPORTED):
            assert each.why.endswith("."), each


def test_names_are_declared_once() -> None:
    assert len(classes.declared()) == sum(len(each.names.split()) for each in classes.DECLARED)


X = np.array([0.3, 1.2, 2.5])
OWNERS: dict[str, Any] = {"numpy": np, "builtins": builtins, "numpy.lib.stride_tricks": np.lib.stride_tricks}
CALLED = [each for each in NAMES if each.where in OWNERS and each.takes_floats
          and each.kind in (classes.OPAQUE, classes.UNSUPPORTED)]  # fmt: skip


@pytest.mark.parametrize("each", CALLED, ids=lambda each: each.name)
def test_what_has_no_derivative_gives_no_wrong_one(each: Name) -> None:
    """It is refused, or where the tracer can follow it, right."""
    fn = getattr(OWNERS[each.where], each.name)

    def program(x: Any) -> Any:
        return np.sum(fn(x)) * 1.0

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = srcgrad.grad(program)(X)
        except (SrcgradError, TypeError, ValueError, AttributeError, OSError):
            return
        assert np.sum(found * X) == pytest.approx(finite.slope(lambda t: program(X + t * X)).value, rel=1e-6)


MATRIX = np.array([[0.3, 1.2, 2.5], [1.4, 0.2, -0.6]])


def compressed(x: Any) -> Any:
    return x.compress([True, False, True], axis=1)


def by_number(x: Any) -> Any:
    return np.argmax(x, axis=0).choose(x)


def parted(x: Any) -> Any:
    return x[0][x[0].argpartition(1)] * x[1]


def turned(x: Any) -> Any:
    return x.mT @ x


def counted(x: Any) -> Any:
    found = np.unique_counts(x)
    return found.values * found.counts


def all_unique(x: Any) -> Any:
    found = np.unique_all(x)
    return found.values[found.inverse_indices] * found.indices[0]


def inverse(x: Any) -> Any:
    values, places = np.unique_inverse(x)
    return values[places]


def summed(x: Any) -> Any:
    return np.histogram2d(MATRIX[0], MATRIX[1], 2, weights=x[0])[0]


@pytest.mark.parametrize("fn", [compressed, parted, turned, counted, all_unique, inverse, summed])
def test_from_source_and_by_tensors(fn: Any) -> None:
    def program(x: Any) -> Any:
        return np.sum(np.sin(fn(x)))

    check(program, MATRIX)
    x = srcgrad.tensor(MATRIX, requires_grad=True)
    program(x).backward()
    np.testing.assert_allclose(x.grad, srcgrad.grad(program)(MATRIX), rtol=1e-12)


def from_triangle(x: Any) -> Any:
    rng = np.random.default_rng(3)
    return rng.triangular(x[0], x[1], x[2], 7)


def around(x: Any) -> Any:
    return np.random.default_rng(3).multivariate_normal(x, np.eye(3), 4)


def kept(x: Any) -> Any:
    return np.polynomial.polynomial.polytrim(x, 0.1) ** 2


@pytest.mark.parametrize("fn", [from_triangle, around, kept])
def test_from_source(fn: Any) -> None:
    check(lambda x: np.sum(np.sin(fn(x))), np.array([-1.0, 0.5, 2.0]))


def test_choose_with_numbers_of_an_array() -> None:
    check(lambda x: np.sum(np.sin(by_number(x))), MATRIX)


def check(program: Any, x: Any) -> None:
    """Both modes, from source, against a difference."""
    way = np.cos(np.arange(x.size)).reshape(x.shape)
    slope = finite.slope(lambda t: program(x + t * way)).value
    assert np.sum(srcgrad.grad(program, fallback="error")(x) * way) == pytest.approx(slope, rel=1e-7, abs=1e-8)
    assert srcgrad.jvp(program, (x,), (way,))[1] == pytest.approx(slope, rel=1e-7, abs=1e-8)


def swapped(x: Any) -> Any:
    rows = np.stack([x, x * x], 1)
    np.random.default_rng(3).shuffle(rows)
    return np.sum(rows * np.arange(6.0).reshape(3, 2))


def test_rows_are_not_shuffled_as_views() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(srcgrad.errors.TracedValueError, match="permutation"):
            srcgrad.grad(swapped)(X)
