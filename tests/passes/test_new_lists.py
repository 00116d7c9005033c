"""Run-time lists and what they hold: written in place where they may be, and never one where the program has two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests import finite

X = np.array([0.5, -1.2, 2.0])


def row_by_row(x, n):
    rows = []
    for k in range(n):
        rows.append(np.zeros(3))
        for j in range(3):
            rows[-1][j] = x[j] * k
    return np.sum(np.array(rows) ** 2)


def row_by_row_twice(x, n):
    rows = []
    for k in range(n):
        rows.append(x * k)
        for j in range(3):
            rows[-1][j] = rows[-1][j] * x[j]
            rows[-1][j] = rows[-1][j] + x[0]
    return np.sum(np.array(rows) ** 2)


def kept_rows(x, n):
    rows, kept = [], []
    for k in range(n):
        rows.append(x * k)
        kept.append(rows[-1])
        rows[-1] = rows[-1] * x
        for j in range(3):
            rows[-1][j] = x[j] * k
    return np.sum(np.array(rows) * np.array(kept))


def two_lists(x, n):
    a, b = [], []
    for k in range(n):
        a.append(x[0] * k)
        b.append(x[1] * x[2])
    return sum(a) * sum(b)


def two_arrays(x, n):
    a, b = np.zeros(n), np.zeros(n)
    for k in range(n):
        a[k] = x[0] * k
        b[k] = x[1] * a[k]
    return np.sum(a * b)


def lists_in_a_list(x, n):
    rows = []
    for k in range(n):
        row = []
        for j in range(k):
            row.append(x[0] * j + x[1])
        rows.append(row)
    t = 0.0
    for row in rows:
        for v in row:
            t = t + v * v
    return t


@pytest.mark.parametrize("f", [row_by_row, row_by_row_twice, two_lists, two_arrays, lists_in_a_list])
def test_gradient(f: Callable[..., Any]) -> None:
    truth, error = finite.gradient(f, (X, 4), 0)
    assert error < 1e-6
    np.testing.assert_allclose(srcgrad.grad(f, fallback="error")(X, 4), truth, rtol=1e-7, atol=1e-8)


def test_what_is_kept_is_right_or_refused() -> None:
    """`kept[k]` is the array of before; the names are told apart, or the program is not taken."""
    truth, _ = finite.gradient(kept_rows, (X, 4), 0)
    try:
        found = srcgrad.grad(kept_rows, fallback="error")(X, 4)
    except srcgrad.SrcgradError:
        return
    np.testing.assert_allclose(found, truth, rtol=1e-7, atol=1e-8)


def test_no_list_is_copied() -> None:
    made: Any = srcgrad.grad(two_lists, fallback="error")
    made(X, 4)
    assert "copy" not in made.source
    assert "fresh" not in made.source


def test_arrays_that_are_written_stay_apart() -> None:
    made: Any = srcgrad.grad(two_arrays, fallback="error")
    made(X, 4)
    assert "a, b = b, a" not in made.source


def test_no_tape_of_the_rows_that_are_written() -> None:
    made: Any = srcgrad.grad(row_by_row, fallback="error")
    made(X, 4)
    assert "zip" not in made.source
