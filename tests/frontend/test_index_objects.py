"""Arrays made by indexing (`np.r_`, `np.c_`, `np.mgrid`), limits of dtypes, flags, modes of floating-point errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests.frontend.agree import agree

X = np.array([1.0, 2.0, 3.0])
Y = np.array([0.5, 0.2, 0.1])


def columns(x: Any, y: Any) -> Any:
    return np.sum(np.c_[x, y] ** 2 * np.arange(6.0).reshape(3, 2))


def columns_of_columns(x: Any, y: Any) -> Any:
    return np.sum(np.c_[np.ones(3), np.c_[x, y], np.outer(x, y)].T @ x)


def column_of_numbers(x: Any, y: Any) -> Any:
    return np.sum(np.c_[x[0], y[0], 2.0] ** 2)


def row(x: Any, y: Any) -> Any:
    return np.sum(np.r_[x, 0.5, y[0], 1:4, 0:1:3j, y] ** 2 * np.arange(14.0))


def row_of_list(x: Any, y: Any) -> Any:
    return np.sum(np.r_[[x[0], y[1]], -x[::-1]] ** 3)


def rows(x: Any, y: Any) -> Any:
    return np.sum(np.r_[np.outer(x, y), np.outer(y, x)] ** 2)


def grids(x: Any, y: Any) -> Any:
    dense = np.mgrid[: x.size, 0 : y.size]
    i, j = np.ogrid[: x.size, 0:3]
    return np.sum(dense[0] * x * y[:, None]) + np.sum((i + 2 * j) * x) + np.sum(np.mgrid[0:1:3j] * y)


def limits(x: Any, y: Any) -> Any:
    lowest = np.finfo(x.dtype).eps
    return np.sum(np.log(x + lowest)) + np.sum(np.clip(y, np.finfo(np.float32).eps, np.iinfo(np.int8).max))


def read_only(x: Any, y: Any) -> Any:
    square = x**2
    square.setflags(write=False)
    return np.sum(square * y)


def modes(x: Any, y: Any) -> Any:
    before = np.seterr(invalid="ignore")
    logs = np.log(x) * y
    np.seterr(**before)
    return np.sum(logs) if np.geterr()["invalid"] == before["invalid"] else 0.0 * x[0]


PROGRAMS = [columns, columns_of_columns, column_of_numbers, row, row_of_list, rows, grids, limits, read_only, modes]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_derivatives(f: Callable[..., Any]) -> None:
    agree(f, X, Y, argnums=(0, 1))


def test_modes_are_put_back() -> None:
    before = np.geterr()
    srcgrad.grad(modes, fallback="error")(X, Y)
    assert np.geterr() == before


def test_write_into_an_array_made_read_only_is_refused() -> None:
    def f(x: Any) -> Any:
        square = x**2
        square.setflags(write=False)
        square[0] = 1.0
        return np.sum(square)

    with pytest.raises(srcgrad.UnsupportedError, match="made read-only"):
        srcgrad.grad(f, fallback="error")(X)


@pytest.mark.parametrize("directions", ["r", "0,2"])
def test_directions_in_text_are_refused(directions: str) -> None:
    def f(x: Any) -> Any:
        return np.sum(np.r_[directions, x, x])

    with pytest.raises(srcgrad.UnsupportedError, match="directions in text"):
        srcgrad.grad(f, fallback="error")(X)
