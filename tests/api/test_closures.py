"""A lambda in a loop is compiled once; another closure of the same code never gets what was meant for this one."""

from __future__ import annotations

import functools
import gc
import math
import types
import weakref
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad import grad, value_and_grad
from srcgrad.api import closures

W = np.array([0.3, -0.7, 1.1])


@pytest.fixture(autouse=True)
def nothing_kept():
    grad(lambda x: x * np.sin(x))(1.0)  # chapters of rules that are read late have been read
    closures.forget()


def shared(derivative: Any) -> bool:
    """Was its code made for another closure?"""
    return derivative._last.shared


def weighted(w, a):
    return np.sum((w * a) ** 2)


def steps(k):
    """A closure, and what sets its cells."""
    a, s = np.full(3, k + 1.0), 0.5 * k

    def put(new_a, new_s):
        nonlocal a, s
        a, s = new_a, new_s

    return lambda w: weighted(w, a) * s, put


def test_data_in_cells_is_read_from_the_closure_itself():
    for k in range(4):
        f, put = steps(k)
        g, a = grad(f), np.full(3, k + 1.0)
        np.testing.assert_allclose(g(W), W * a**2 * k)
        assert shared(g) == (k > 0)
        put(2 * a, 3.0)  # the closure sees it, and so does the next call
        for _ in range(3):
            np.testing.assert_allclose(g(W), 24 * W * a**2)


def closure_over(thing):
    return lambda x: np.sum(x * thing) * 2.0


def test_other_kinds_of_data_are_other_code():
    for thing, expected in ((2.0, 4.0), (np.ones(3), 6.0), (np.ones((2, 3)), 12.0), (3, 6.0), (np.full(4, 2.0), 16.0)):
        for _ in range(3):
            assert grad(closure_over(thing))(1.5) == expected


def applied(f):
    return lambda x: f(x) * 2.0


def test_functions_in_cells_are_compared():
    pairs = ((math.sin, math.cos), (np.cos, lambda v: -math.sin(v)), (np.exp, math.exp), (math.sin, math.cos))
    for f, derivative in pairs:
        for _ in range(2):
            assert grad(applied(f))(0.7) == pytest.approx(2 * derivative(0.7))
    for power in (2, 3):
        assert grad(applied(lambda x, p=power: x**p))(0.7) == pytest.approx(2 * power * 0.7 ** (power - 1))


def test_closures_in_cells_have_cells_of_their_own():
    def scaled(c):
        return lambda x: x * c

    for c in (1.0, 5.0, 7.0):
        assert grad(applied(scaled(c)))(0.7) == 2 * c


def reading(owner):
    return lambda x: x * owner[0] if isinstance(owner, (list, tuple)) else x * owner.w


def test_containers_and_objects_in_cells():
    for value in (2.0, 3.0, 4.0):
        for owner in ([value], (value,), types.SimpleNamespace(w=value)):
            assert grad(reading(owner))(1.5) == value


def test_cells_that_are_written():
    def counted():
        count = 0

        def f(x):
            nonlocal count
            count += 1
            return x * count

        return f, lambda: count

    for _ in range(3):
        f, look = counted()
        g = grad(f)
        assert [g(2.0), g(2.0), look()] == [1.0, 2.0, 2]


def lists_that_grow():
    seen: list[float] = []

    def f(x):
        seen.append(x * 2)
        return x * len(seen)

    return f, seen


def test_lists_that_are_written():
    for _ in range(3):
        f, seen = lists_that_grow()
        g = grad(f)
        assert [g(2.0), g(3.0)] == [1.0, 2.0]
        assert seen == [4.0, 6.0]


def test_numbers_that_are_built_in():
    def sums(axis, n):
        return lambda x: np.sum(np.sum(x, axis=axis) ** n)

    x = np.arange(6.0).reshape(2, 3)
    for axis, n in ((0, 2), (1, 2), (0, 3), (0, 2)):
        total = np.sum(x, axis=axis, keepdims=True)
        np.testing.assert_allclose(grad(sums(axis, n))(x), np.broadcast_to(n * total ** (n - 1), x.shape))


def test_defaults():
    for k in range(3):
        assert grad(lambda x, k=k: x * k)(2.0) == k
        assert grad(lambda x, *, k=k: x * k)(2.0) == k


def helper(x):
    return x * 2


def calling():
    return lambda x: helper(x)


def test_globals_that_change(monkeypatch):
    assert [grad(calling())(1.0) for _ in range(2)] == [2.0, 2.0]
    monkeypatch.setitem(globals(), "helper", lambda x: x * 3)
    assert [grad(calling())(1.0) for _ in range(2)] == [3.0, 3.0]


def product(c):
    return lambda x, y: x**3 * y * c


def test_options_and_orders():
    for c in (2.0, 3.0):
        f = product(c)
        assert grad(f)(2.0, 1.0) == 12 * c
        assert grad(f, 1)(2.0, 1.0) == 8 * c
        assert value_and_grad(f, (0, 1))(2.0, 1.0) == (8 * c, (12 * c, 8 * c))
        assert grad(grad(f))(2.0, 1.0) == 12 * c
        assert srcgrad.hessian(f)(2.0, 1.0) == 12 * c
        assert srcgrad.jvp(f, (2.0, 1.0), (1.0, 0.0))[1] == 12 * c
        assert srcgrad.vjp(f, 2.0, 1.0)[1](1.0) == (12 * c, 8 * c)


def test_nothing_captured_is_kept_alive():
    def run():
        a = np.ones(3)
        assert grad(lambda w: weighted(w, a))(W).shape == (3,)
        return weakref.ref(a)

    first, second = run(), run()
    gc.collect()
    assert first() is None
    assert second() is None


def cubed(x):
    return x**3


def cubing():
    return lambda x: cubed(x)


def test_rules_that_are_declared_later():
    assert [grad(cubing())(2.0) for _ in range(2)] == [12.0, 12.0]
    srcgrad.rule.defvjp(cubed, lambda out_bar, out, x: out_bar * 100.0)
    assert [grad(cubing())(2.0) for _ in range(2)] == [100.0, 100.0]


def wrapped(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)

    return wrapper


def test_wrappers_of_other_functions():
    fs = [lambda x: x**2, lambda x: x**3, lambda x: x**2]
    for f, expected in zip(fs, (4.0, 12.0, 4.0), strict=True):
        for make in (wrapped, lambda f: wrapped(wrapped(f)), lambda f: functools.partial(wrapped(f))):
            assert grad(make(f))(2.0) == expected


class Model:
    def __init__(self, power):
        self.power = power

    def __call__(self, x):
        return x**self.power

    def loss(self, x):
        return self(x) * 2


class Louder(Model):
    def __call__(self, x):
        return super().__call__(x) * 10


def test_methods_and_objects():
    for model, expected in ((Model(2), 4.0), (Model(3), 12.0), (Louder(2), 40.0), (Model(2), 4.0)):
        assert grad(model)(2.0) == expected
        assert grad(model.loss)(2.0) == 2 * expected
        assert grad(applied(model))(2.0) == 2 * expected
        assert grad(applied(model.loss))(2.0) == 4 * expected
