"""Floating-point warnings: those of the primal as a plain call gives them, none of the reverse sweep."""

from __future__ import annotations

import math
import threading
import warnings

import numpy as np
import pytest

import srcgrad
from tests.conventions.test_golden_table import ROWS


def warned(run):
    """What a call gives, and the floating-point warnings on the way."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        result = run()
    return result, [str(w.message) for w in caught if " encountered in " in str(w.message)]


@pytest.mark.parametrize("row", [row for row in ROWS if not row.xfail], ids=lambda row: row.name)
def test_the_reverse_sweep_is_silent_where_the_primal_is(row):
    copies = [[np.array(x) if isinstance(x, np.ndarray) else x for x in row.args] for _ in range(2)]
    _, plain = warned(lambda: row.f(*copies[0]))
    _, found = warned(lambda: srcgrad.grad(row.f, tuple(range(len(row.args))))(*copies[1]))
    assert set(found) <= set(plain)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x**0.5, 0.0),
        (lambda x: math.sqrt(x), 0.0),
        (lambda x: np.log(x), 0.0),
        (lambda x: x**1.5 * x**0.5, 0.0),
        (lambda x: np.sum(np.sqrt(x)), np.zeros(2)),
        (lambda x: np.sum(x**0.5), np.zeros(2)),
        (lambda x: np.sum(np.arcsin(x)), np.ones(2)),
        (lambda x: np.sum(x**-0.5), np.full(2, 1e-250)),
        (lambda x: 7.0 % x, 5e-324),
        (lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)), np.zeros(2)),
    ],
)
@pytest.mark.parametrize("make", [srcgrad.grad, srcgrad.value_and_grad, lambda f: lambda x: srcgrad.vjp(f, x)[1](1.0)])
def test_nothing_is_raised_at_singular_points(f, x, make):
    with np.errstate(all="ignore"):
        make(f)(x)  # what the forward sweep raises, it raises here
    found = warned(lambda: make(f)(x))[1]
    assert set(found) <= set(warned(lambda: f(x))[1])


def test_errstate_of_the_caller_holds_for_the_forward_sweep():
    g = srcgrad.grad(lambda x: np.sum(np.log(np.log(x))))
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        g(np.zeros(2))


def test_the_forward_sweep_warns_like_a_plain_call():
    def f(x, y):
        return np.sum(np.sqrt(x / y) * x)

    x, y = np.array([1.0, 4.0]), np.array([0.0, 1.0])
    assert warned(lambda: srcgrad.value_and_grad(f)(x, y))[1] == warned(lambda: f(x, y))[1]
    x = np.array([-1.0, 4.0])
    assert warned(lambda: srcgrad.grad(f)(x, y))[1] == warned(lambda: f(x, y))[1]


def test_errstate_is_as_before_after_an_exception_and_in_other_threads():
    def f(x):
        return np.sum(np.sqrt(x))

    g = srcgrad.grad(f)
    seen = []

    def work():
        with np.errstate(divide="raise"):
            g(np.zeros(2))
            seen.append(np.geterr()["divide"])

    threads = [threading.Thread(target=work) for _ in range(4)]
    before = np.geterr()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["raise"] * 4
    assert np.geterr() == before


def test_a_sweep_that_cannot_warn_has_no_errstate():
    g = srcgrad.grad(lambda x: np.sum(np.sin(x) * x / 3))
    g(np.ones(2))
    assert "errstate" not in g.source


def test_the_comment_stands_above_the_errstate():
    def f(x):
        y = np.sqrt(x)
        return np.sum(y)

    g = srcgrad.grad(f)
    g(np.ones(2))
    assert "np.errstate(all='ignore'):" in g.source
    forward, _, _ = g.source.partition("    with ")
    assert "np.sqrt(x)" in forward  # the forward sweep warns


POINTS = [0.0, -0.0, 1.0, -1.0, 2.0, 1e-300, 5e-324, 1e150, 1e308, 700.0, -700.0]
SCALAR = {
    "x**0.5": lambda x: x**0.5, "x**1.5": lambda x: x**1.5, "x**3": lambda x: x**3, "x**-1": lambda x: x**-1,
    "1 / x": lambda x: 1 / x, "abs(x)**0.5": lambda x: abs(x)**0.5, "sqrt": lambda x: math.sqrt(x),
    "log": lambda x: math.log(x), "exp": lambda x: math.exp(x), "asin": lambda x: math.asin(x),
    "acosh": lambda x: math.acosh(x), "atanh": lambda x: math.atanh(x), "cosh": lambda x: math.cosh(x),
    "hypot": lambda x: math.hypot(x, x), "atan2": lambda x: math.atan2(x, x), "x**x": lambda x: x**x,
    "2**x": lambda x: 2.0**x, "x%2": lambda x: x % 2.0, "7%x": lambda x: 7.0 % x, "cbrt": lambda x: np.cbrt(x),
    "np.power": lambda x: np.power(x, 0.3), "np.log": lambda x: np.log(x), "(x * x)**0.5": lambda x: (x * x)**0.5,
}  # fmt: skip


@pytest.mark.parametrize("name", SCALAR)
@pytest.mark.parametrize("make", [srcgrad.grad, lambda f: srcgrad.grad(srcgrad.grad(f))], ids=["first", "second"])
def test_python_numbers_at_singular_points(name, make):
    f = SCALAR[name]
    for x in POINTS:
        try:
            value, plain = warned(lambda x=x: f(x))
        except (ArithmeticError, ValueError):
            continue
        if not isinstance(value, complex):
            assert set(warned(lambda x=x: make(f)(x))[1]) <= set(plain)
