"""Conventions about kinds: what a gradient is for each kind of argument, and what is refused."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import srcgrad

FLOATS = ["float16", "float32", "float64"]


def squares(x):
    return np.sum(np.mean(x * x) + np.std(x) + np.where(x > 1, 2 * x, 0.5 * x))


@pytest.mark.parametrize("dtype", FLOATS)
def test_cotangent_has_the_dtype_of_its_primal(dtype):
    x = np.array([0.5, 1.5, 2.5], dtype)
    assert srcgrad.grad(squares)(x).dtype == dtype
    value, tangent = srcgrad.jvp(squares, (x,), (np.ones_like(x),))
    assert np.result_type(value) == np.result_type(tangent) == dtype


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_cotangent_has_the_dtype_of_its_primal(dtype):
    x = np.array([1 + 1j, 2 - 1j], dtype)
    gradient = srcgrad.grad(lambda z: np.sum(np.abs(z * 2.0) ** 2))(x)
    assert gradient.dtype == dtype
    np.testing.assert_allclose(gradient, 8 * np.conj(x), rtol=1e-6)


def test_a_real_operand_of_complex_arithmetic_has_a_real_cotangent():
    gradient = srcgrad.grad(lambda x: np.sum(np.abs(np.exp(1j * x) * x)))(np.array([1.0, 2.0]))
    assert gradient.dtype == float
    np.testing.assert_allclose(gradient, 1.0)


@dataclass
class Pair:
    """A container with attributes."""

    first: Any
    second: Any


def cube(x):
    return x * x * x


@pytest.mark.parametrize("x", [2.0, np.float64(2), np.float32(2), np.array(2.0)], ids=lambda x: type(x).__name__)
def test_kind_of_a_number(x):
    gradient = srcgrad.grad(cube)(x)
    assert type(gradient) is type(x)
    assert gradient == 12


def test_structure_of_containers():
    def f(p):
        return p["b"] * np.sum(p["a"][0]) + p["a"][1]

    gradient = srcgrad.grad(f)({"b": 2.0, "a": [np.ones(2), 3.0]})
    assert list(gradient) == ["b", "a"]
    assert gradient["b"] == 2.0
    assert gradient["a"][1] == 1.0
    np.testing.assert_array_equal(gradient["a"][0], [2.0, 2.0])


def test_dataclass():
    gradient = srcgrad.grad(lambda p: p.first * np.sum(p.second))(Pair(2.0, np.ones(3)))
    assert isinstance(gradient, Pair)
    assert gradient.first == 3.0
    np.testing.assert_array_equal(gradient.second, [2.0, 2.0, 2.0])


def test_constants_in_a_container_come_back_as_none():
    gradient = srcgrad.grad(lambda p: p["x"] ** p["n"])({"x": 3.0, "n": 2, "name": "cubic"})
    assert gradient == {"x": 6.0, "n": None, "name": None}


def test_python_int_is_a_float():
    assert srcgrad.grad(cube)(3) == srcgrad.grad(cube)(3.0) == 27.0


def test_python_int_that_is_used_as_a_count():
    def repeated(n):
        total = 1.0
        for _ in range(n):
            total = total * 2
        return total * n

    with pytest.raises(TypeError, match="float|argnums"):
        srcgrad.grad(repeated)(3)


def test_integer_array():
    with pytest.raises(TypeError, match="int64"):
        srcgrad.grad(lambda x: np.sum(x * x))(np.arange(3))


@pytest.mark.parametrize("mode", ["zero", "none", "error"])
def test_argument_without_influence(mode):
    gradient = srcgrad.grad(lambda x, y: np.sum(x), (0, 1), unused=mode)
    if mode == "error":
        with pytest.raises(ValueError, match="`y`"):
            gradient(np.ones(2), np.ones(3))
    elif mode == "none":
        assert gradient(np.ones(2), np.ones(3))[1] is None
    else:
        with pytest.warns(srcgrad.UnusedArgumentWarning, match="`y`"):
            np.testing.assert_array_equal(gradient(np.ones(2), np.ones(3))[1], np.zeros(3))


def test_no_warning_where_stop_gradient_explains_it():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert srcgrad.grad(lambda x: srcgrad.stop_gradient(x) * 2)(3.0) == 0.0


@pytest.mark.parametrize("make", [lambda x: np.sum(x) * np.ones(1), lambda x: np.sum(x) * np.ones((1, 1)), np.sum])
def test_results_of_one_number(make):
    np.testing.assert_array_equal(srcgrad.grad(lambda x: make(x))(np.ones(2)), np.ones(2))


@pytest.mark.parametrize(
    ("f", "named"),
    [
        (lambda x: x * 2, r"\(3,\)"),
        (lambda x: None, "None"),
        (lambda x: x[0] > 0, "bool"),
        (lambda x: x.size, "int"),
        (lambda x: np.sum(x) * 1j, "complex"),
    ],
)
def test_results_that_are_refused(f, named):
    with pytest.raises(srcgrad.NonScalarError, match=named):
        srcgrad.grad(f)(np.ones(3))


def test_gradients_are_fresh():
    x = np.ones(3)
    first, second = srcgrad.grad(lambda a, b: np.sum(a + b), (0, 1))(x, np.ones(3))
    assert not np.shares_memory(first, second)
    assert first.flags.writeable
    assert not np.shares_memory(srcgrad.grad(lambda a: 0.5 * np.sum(a * a))(x), x)


def descending(x, n):
    return x if n < 1 else np.sin(descending(x, n - 1)) + x


def picking(x, n, depth):
    if depth < 1:
        return x[n]
    return picking(x, n, depth - 1) * 2.0


def counting(x, n, depth):
    total = x
    if depth > 0:
        for _ in range(n):
            total = total + counting(x, n, depth - 1)
    return total


@pytest.mark.parametrize(
    ("f", "args"), [(picking, (np.ones(3), 1, 2)), (counting, (2.0, 2, 2)), (lambda x, n: counting(x, n, 2), (1.0, 2))]
)
def test_python_int_that_a_recursive_function_uses_as_a_count_or_index(f, args):
    with pytest.raises(srcgrad.NonDifferentiableError, match=r"`n`|index or a count|argnums"):
        srcgrad.grad(f, 1).compile(*args)
    srcgrad.grad(f)(*args)


def test_python_int_that_a_recursive_function_only_compares():
    assert srcgrad.grad(descending, 1)(1.0, 2) == 0.0
