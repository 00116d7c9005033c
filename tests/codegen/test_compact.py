"""Statements that a person would not write: gone from the text, with the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad.codegen.beginnings import joined
from srcgrad.codegen.tied import Line
from tests import finite

RNG = np.random.default_rng(5)


def gradient_of(f: Callable[..., Any], *args: Any, argnums: Any = 0) -> str:
    """The text of a gradient that is right for these arguments."""
    call = srcgrad.grad(f, argnums=argnums, fallback="error")
    found = call(*args)
    places = argnums if isinstance(argnums, tuple) else (argnums,)
    for bar, place in zip(found if isinstance(argnums, tuple) else (found,), places, strict=True):
        np.testing.assert_allclose(bar, finite.gradient(f, args, place)[0], rtol=1e-7, atol=1e-8)
    text: str = call.source
    return text


def lines(*texts: str) -> list[str]:
    return [line.text for line in joined([Line(text) for text in texts])]


# What loops start from


def test_short_beginnings_share_a_line() -> None:
    assert lines("x_bar = 2 * x", "a_bar = 0.0") == ["x_bar, a_bar = 2 * x, 0.0"]
    assert lines("a = 0.0", "b = 1.0", "c = d", "e = f") == ["a, b = 0.0, 1.0", "c, e = d, f"]


def test_beginnings_that_read_each_other_do_not() -> None:
    assert lines("x = y", "z = x + 1") == ["x = y", "z = x + 1"]
    assert lines("x = y", "x = z") == ["x = y", "x = z"]
    assert lines("x += y", "z = 1") == ["x += y", "z = 1"]
    assert lines("x, y = y, x", "z = 1") == ["x, y = y, x", "z = 1"]


def test_long_beginnings_do_not() -> None:
    long = "x_bar = np.zeros_like(a_name_of_some_length)"
    assert lines(long, "a = 0.0") == [long, "a = 0.0"]


# Sums in place


def two_terms(x: Any) -> Any:
    scale = np.mean(x)
    return np.sum(x * np.exp(-scale * x)) + np.exp(-scale * scale)


def test_a_sum_that_is_returned_is_no_statement() -> None:
    text = gradient_of(two_terms, RNG.normal(size=4))
    assert "x_bar" not in text
    assert "minus_scale" not in text


# Items of parameters


def twice_read(p: Any) -> Any:
    return np.sum((p[0] - 1.0) ** 3) + np.sum((p[0] - p[1]) ** 4)


def test_an_item_that_is_read_twice_has_no_name() -> None:
    assert "= p[0]\n" not in gradient_of(twice_read, RNG.normal(size=(2, 3)))


def test_an_item_that_is_not_there_raises() -> None:
    with pytest.raises(IndexError):
        srcgrad.grad(twice_read)(np.zeros((0, 3)))


def written_between(p: Any) -> Any:
    first = np.sum(p[0] ** 3)
    p[0] = 2 * p[1]
    return first * np.sum(p[0] ** 2)


def on_a_copy(p: Any) -> Any:
    return written_between(p.copy())


def test_an_item_that_is_written_is_read_as_it_was() -> None:
    gradient_of(on_a_copy, RNG.normal(size=(2, 3)))


# Loops over rows


def recurrent(w: Any, xs: Any) -> Any:
    h = np.zeros(2)
    for x in xs:
        h = np.tanh(w @ h + x) * x
    return np.sum(h**2)


def test_rows_are_walked_though_the_reverse_sweep_reads_them() -> None:
    text = gradient_of(recurrent, RNG.normal(size=(2, 2)), RNG.normal(size=(3, 2)))
    assert "for x in xs:" in text
    assert "xs[" not in text


def test_rows_are_walked_where_both_have_cotangents() -> None:
    text = gradient_of(recurrent, RNG.normal(size=(2, 2)), RNG.normal(size=(3, 2)), argnums=(0, 1))
    assert "xs_bar[i]" in text


# Masks


def clipped(x: Any, y: Any) -> Any:
    return np.sum(np.clip(x - y, -0.5, 0.5) + x**2)


def test_a_symmetric_range_is_one_comparison() -> None:
    text = gradient_of(clipped, np.array([0.3, -0.9, 2.0]), np.array([0.1, 0.2, 0.3]))
    assert "abs(x - y) <= 0.5" in text
    assert "1.0" not in text


def lopsided(x: Any) -> Any:
    return np.sum(np.clip(x, -0.25, 0.5) + x**2)


def test_another_range_is_not() -> None:
    assert "abs" not in gradient_of(lopsided, np.array([0.3, -0.9, 2.0]))


def test_what_is_not_a_number_is_in_no_range() -> None:
    found = srcgrad.grad(clipped)(np.array([np.nan, 0.1]), np.zeros(2))
    assert np.isnan(found[0])
    assert found[1] == 1.2


# Sums over what was stretched


def settled(field: Any, beta: Any) -> Any:
    m = np.full(len(field), 0.5)
    for _ in range(3):
        m = np.tanh(beta * field + m)
    return np.sum((1 + m) / 2 * np.log((1 + m) / 2))


def stencil(u: Any, k: Any, steps: int) -> Any:
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += k * (u[2:] + u[:-2])
    return np.sum(u**2)


def test_where_shapes_are_equal_nothing_is_summed() -> None:
    assert "sum_to" not in gradient_of(settled, RNG.normal(size=3), 0.7, argnums=(0, 1))
    assert "sum_to" not in gradient_of(stencil, RNG.normal(size=6), RNG.normal(size=4), 3, argnums=(0, 1))


def stretched(u: Any, k: Any, steps: int) -> Any:
    u = u.copy()
    for _ in range(steps):
        u[1:-1] = u[1:-1] * 0.5 + k * u[:1]
    return np.sum(u**2)


def chain(x: Any, y: Any, n: int) -> Any:
    for _ in range(n):
        x = -(0.5 * (x + y))
    return np.sum(x**2)


def test_where_something_was_stretched_it_is() -> None:
    gradient_of(stretched, RNG.normal(size=6), RNG.normal(size=4), 3, argnums=(0, 1))
    gradient_of(stretched, RNG.normal(size=6), RNG.normal(size=1), 3, argnums=(0, 1))
    gradient_of(chain, RNG.normal(size=(1, 3)), RNG.normal(size=(4, 3)), 3, argnums=(0, 1))
    gradient_of(chain, RNG.normal(size=3), RNG.normal(size=(4, 1)), 2, argnums=(0, 1))


def normalised(x: Any) -> Any:
    return np.sum((x - np.sum(x**2, axis=-1)[..., None]) ** 3)


def test_a_new_axis_is_added_to_in_no_array_of_zeros() -> None:
    text = gradient_of(normalised, RNG.normal(size=(3, 2)))
    assert "zeros" not in text
    assert "expand_dims" not in text
