"""Functions that are made on the way: decorated, cached, with defaults; and what runs once and in order."""

import functools

import numpy as np
import pytest

from tests.frontend.agree import agree, refused

V = np.array([1.2, 2.5, 0.7])


def twice(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return 2 * fn(*args, **kwargs)

    return wrapper


def times(k):
    def deco(fn):
        def wrapper(v):
            return k * fn(v)

        return wrapper

    return deco


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@functools.cache
def weight(k):
    return 1.0 / (k + 1)


@twice
def top(v):
    return v**3


def decorated(x):
    @twice
    def f(v):
        return v * x

    @times(3.0)
    @twice
    def g(v):
        return v**2

    return f(x) + g(x) + top(x)


def cached_in_a_loop(x, n):
    s = 0.0
    for k in range(n):
        s = s + fib(4) * weight(2) * x**k
    return s


def cached(x):
    s = 0.0
    for k in range(3):
        s += weight(k) * x**k + fib(k + 3) * x
    return s


def with_nonlocal(x):
    c = 0.0

    def add(v):
        nonlocal c
        c += v * x
        return c

    add(1.0)
    add(x)
    return c * x


def deleted(x):
    y = x * 2
    d = {"a": x, "b": y}
    xs = [x, y, x * y]
    del d["a"], xs[0]
    del y
    return sum(xs) + d["b"]


def once_in_order(x):
    n = [0]

    def v(a):
        n[0] += 1
        return a

    r = 0.0
    if v(0.0) < v(x) < v(2.0):
        r = x * 2
    if v(x > 5) and v(True) or v(x < 9):
        r += x
    return r * n[0]


def with_walrus(x):
    y = (z := x * 2) if (q := x - 1) > 0 else (z := x * 5)
    return y * z + q


def lambdas(x):
    fs = [lambda v, k=k: v * k for k in range(3)]
    g = lambda *a, **k: sum(a) * k["s"]
    h = lambda first, *rest: first + sum(rest)
    return sum(f(x) for f in fs) + g(x, x, s=x) + h(*[x, x, 3.0])


class Doubler:
    def __init__(self):
        self.g = 2.0

    @twice
    def m(self, v):
        return v * self.g

    @functools.lru_cache
    def c(self, k):
        return k * 2


def decorated_method(x):
    o = Doubler()
    return o.m(x)


PROGRAMS = [(decorated, (2.0,)), (cached_in_a_loop, (2.0, 3)), (cached, (2.0,)), (with_nonlocal, (2.0,)),
            (deleted, (2.0,)), (with_walrus, (2.0,)), (with_walrus, (0.5,)), (lambdas, (2.0,)),
            (decorated_method, (2.0,))]  # fmt: skip


@pytest.mark.parametrize(("fn", "args"), PROGRAMS)
def test_program(fn, args):
    agree(fn, *args)


@pytest.mark.parametrize("x", [1.0, 3.0])
def test_operands_are_evaluated_once_and_in_order(x):
    agree(once_in_order, x, order=1)


def test_a_nested_function_that_keeps_its_results():
    def f(x):
        @functools.cache
        def g(k):
            return k * x

        return g(2) + g(2)

    assert refused(f, 2.0) == "cannot read a nested function that keeps its results"
