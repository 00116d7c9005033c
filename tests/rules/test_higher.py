"""NumPy's functions that call functions, and operators that write, against differences."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from tests.rules.derivatives import compare

X = np.array([[1.1, 2.0, 4.0], [0.5, 3.0, 1.5]])
WAY = {(): np.array([[0.7, -0.6, 0.9], [-0.8, 0.5, 1.0]])}


def unit(v: Any) -> Any:
    return v / np.sqrt(np.sum(v**2))


def lines(x: Any) -> Any:
    return np.sum(x[::-1] * np.apply_along_axis(unit, 1, x))


def columns(x: Any) -> Any:
    return np.sum(x**2 * np.apply_along_axis(unit, 0, x))


def column_sums(x: Any) -> Any:
    return np.sum(x[0] * np.apply_along_axis(np.sum, 0, x**2))


def squares(x: Any) -> Any:
    return np.sum(np.apply_along_axis(lambda v: np.outer(v, v), 1, x)[:, 0] ** 2)


def over_axes(x: Any) -> Any:
    return np.sum(np.apply_over_axes(np.sum, x**2, [0, 1]) ** 2)


def pieces(x: Any) -> Any:
    return np.sum(np.piecewise(x, [x < 1.2, x > 2.5], [lambda v: v**3, np.sin, 3.0]) ** 2)


def pieces_with_rest(x: Any) -> Any:
    return np.sum(x * np.piecewise(x, [x < 1.2], [np.exp, lambda v: v**2]))


def items(x: Any) -> Any:
    def f(a: Any, b: Any) -> Any:
        return a * b if a > 1 else a - b**2

    return np.sum(x**2 * np.vectorize(f)(x, 2.0))


CUBE = np.vectorize(lambda a: a**3)


def items_of_a_global(x: Any) -> Any:
    return np.sum(CUBE(x) * x)


def grid(x: Any) -> Any:
    return np.sum(np.fromfunction(lambda i, j: i * x[0, 0] + j * x[1, 1] ** 2, (2, 3)) ** 2)


def written(x: Any) -> Any:
    y = x * 2.0
    operator.iadd(y, x**2)
    y = operator.imul(y, 3.0)
    return operator.call(np.sum, y**2)


PROGRAMS = (lines, columns, column_sums, squares, over_axes, pieces, pieces_with_rest, items, items_of_a_global, grid,
            written)  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_higher(program: Any) -> None:
    compare(program, X, WAY)
