"""Islands: calls that cannot be read are traced, while the function around them is compiled."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import FallbackWarning, UnsupportedError
from tests.finite import slope

TEXT = """
import numpy as np
COUNT = []
def total(x, s=1.0):
    COUNT.append(1)
    return np.sum(np.sin(x)) * s
def both(a, b):
    return a * b + a
def pair(a):
    return a, a * 2
def writing(a):
    a[0] = 5.0
    return np.sum(a * a)
def itself(a):
    return a
def noisy(a):
    return a * RNG.normal()
RNG = np.random.default_rng(1)
"""
NAMES: dict = {}
exec(TEXT, NAMES)
total, both, pair, writing, itself, noisy = (NAMES[n] for n in "total both pair writing itself noisy".split())
X = np.array([0.1, 0.2, 0.3])


def once(x):
    y = x * 2
    return total(y) * np.sum(x)


def in_a_loop(x):
    t = 0.0
    for i in range(3):
        t = t + total(x * i, s=x[0]) * x[i]
    return t


def of_two_arrays(x):
    return np.sum(both(x, x**2) ** 2)


def carried(x):
    t = np.sum(x)
    for _ in range(4):
        t = both(t, x[1])
    return t


def in_an_arm(x):
    if x[0] > 0:
        return total(x)
    return np.sum(x)


def before_a_write(x):
    y = x * 1.0
    t = total(y)
    y[0] = 7.0
    return t * total(y)


def filled_in_a_loop(x):
    y = np.zeros(3)
    t = 0.0
    for i in range(3):
        t = t + total(y) * x[i] + both(y, y)[0]
        y[i] = x[i] ** 2
        y += x
    return t


def of_the_same_twice(x):
    return both(x, x) @ both(x, x)


def in_a_callee(x):
    return once(x) * in_an_arm(x)


SOUND = [
    once,
    in_a_loop,
    of_two_arrays,
    carried,
    in_an_arm,
    before_a_write,
    filled_in_a_loop,
    of_the_same_twice,
    in_a_callee,
]


def truth(fn, x):
    """The gradient by finite differences."""

    def at(row):
        return lambda t: fn(x + float(t) * row)

    return np.array([slope(at(row)).value for row in np.eye(len(x))])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", SOUND, ids=lambda fn: fn.__name__)
def test_gradient(fn):
    expected = truth(fn, X)
    np.testing.assert_allclose(srcgrad.grad(fn)(X), expected, rtol=1e-9)
    np.testing.assert_allclose(srcgrad.grad(fn)(X), expected, rtol=1e-9)
    assert srcgrad.explain(fn, X).path == "mixed"
    value, pull = srcgrad.vjp(fn, X)
    assert value == pytest.approx(fn(X))
    np.testing.assert_allclose(pull(2.0)[0], 2 * expected, rtol=1e-9)
    np.testing.assert_allclose(pull(1.0)[0], expected, rtol=1e-9)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", SOUND, ids=lambda fn: fn.__name__)
def test_forward_and_second_order(fn):
    gradient = srcgrad.grad(fn, mode="trace")
    np.testing.assert_allclose(srcgrad.jvp(fn, (X,), (X,))[1], gradient(X) @ X, rtol=1e-9)
    rows = [truth(lambda x, k=k: gradient(x)[k], X) for k in range(3)]
    np.testing.assert_allclose(srcgrad.hessian(fn)(X), rows, rtol=1e-6, atol=1e-8)


@pytest.mark.filterwarnings("ignore")
def test_mixed_second_derivatives_are_not_lost():
    def product(x, y):
        return both(x, y) * x

    found = srcgrad.grad(lambda x, y: srcgrad.grad(product)(x, y), 1)(2.0, 3.0)
    assert found == pytest.approx(4.0)
    assert srcgrad.grad(srcgrad.grad(product), 1)(2.0, 3.0) == pytest.approx(4.0)


def test_says_where_and_why():
    def f(x):
        return total(x) * 2.0

    with pytest.warns(FallbackWarning, match="`total`: it has no rule and no source"):
        srcgrad.grad(f)(X)
    found = srcgrad.explain(f, X)
    (file, line, text) = found.reasons[0]
    assert file == __file__
    assert line == f.__code__.co_firstlineno + 1
    assert "exec" in text
    with pytest.raises(UnsupportedError, match="no rule and no source"):
        srcgrad.grad(f, fallback="error")(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        srcgrad.grad(lambda x: total(x) * 3.0, fallback="silent")(X)


@pytest.mark.filterwarnings("ignore")
def test_runs_once():
    def f(x):
        return total(x) * 2.5

    NAMES["COUNT"].clear()
    srcgrad.grad(f)(X)
    assert len(NAMES["COUNT"]) == 1


@pytest.mark.filterwarnings("ignore")
def test_what_was_drawn_is_what_is_differentiated():
    value, grad = srcgrad.value_and_grad(lambda x: noisy(x) * 2.0)(3.0)
    assert grad * 3.0 == pytest.approx(value)


def uses_pair(x):
    a, b = pair(x)
    return np.sum(a * b)


def uses_writing(x):
    y = x * 1.0
    return writing(y) * y[0]


def uses_itself(x):
    y = x * 1.0
    z = itself(y)
    z[0] = 3.0
    return np.sum(y * x)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", [uses_pair, uses_writing, uses_itself], ids=lambda fn: fn.__name__)
def test_what_is_no_island_is_traced_as_a_whole(fn):
    expected = truth(fn, X)
    np.testing.assert_allclose(srcgrad.vjp(fn, X)[1](1.0)[0], expected, rtol=1e-9)
    np.testing.assert_allclose(srcgrad.grad(fn)(X), expected, rtol=1e-9)
    np.testing.assert_allclose(srcgrad.grad(fn)(X), expected, rtol=1e-9)
    assert srcgrad.explain(fn, X).path == "traced"
