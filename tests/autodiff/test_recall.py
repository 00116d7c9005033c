"""What the reverse sweep tapes, and what it computes again: as little as it can, and right either way."""

from __future__ import annotations

import contextlib
import io
import itertools
import random

import numpy as np
import pytest

import srcgrad
from srcgrad.analysis.cut import INFINITE, Network
from tests import finite


def source_of(f, *args, value=False):
    """The derivative with respect to all arguments is right; its source without comments."""
    make = srcgrad.value_and_grad if value else srcgrad.grad
    grad = make(f, argnums=tuple(range(len(args))), fallback="error")
    found = grad(*args)[1] if value else grad(*args)
    for k in range(len(args)):
        expected, error = finite.gradient(f, args, k)
        assert error < 1e-6
        np.testing.assert_allclose(found[k], expected, rtol=1e-6, atol=1e-8)
    return "\n".join(line for line in grad.source.splitlines() if not line.strip().startswith("#"))


X = np.array([0.3, -0.8, 1.1, 0.6])


def test_one_value_taped_where_the_others_follow_from_it():
    def f(x, r):
        for _ in range(9):
            x = r * x * (1 - x)
        return x

    source = source_of(f, 0.31, 2.7)
    assert "xs.append(x)" in source
    assert source.count(".append(") == 1


def test_no_forward_loop_where_all_is_computed_again():
    def f(x):
        total = 0.0
        for i in range(x.size):
            for j in range(i):
                total += np.exp(-((x[i] - x[j]) ** 2))
        return total

    source = source_of(f, X)
    assert source.count("for ") == 2
    assert source.count("np.exp") == 1


def test_a_forward_loop_that_stays_tapes_what_is_dear():
    def f(x):
        total = 0.0
        for i in range(x.size):
            total += np.exp(-(x[i] ** 2))
        return total

    source = source_of(f, X, value=True)
    assert source.count("np.exp") == 1
    assert ".append(" in source


def test_a_condition_is_decided_once_where_something_is_taped():
    def f(x, y):
        for i in range(y.size):
            if y[i] > 0:
                x = np.sin(x) * y[i]
        return x

    source = source_of(f, 0.7, X)
    assert source.count(" > 0") == 1


def test_a_condition_is_decided_again_where_nothing_is_taped():
    def f(y):
        total = 0.0
        for i in range(y.size):
            if y[i] > 0:
                total += y[i] ** 2
        return total

    assert ".append(" not in source_of(f, X)


def test_a_loop_that_prints_stays():
    def f(x):
        total = 0.0
        for i in range(x.size):
            print(i)
            total += x[i] ** 3
        return total

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        found = srcgrad.grad(f)(X)
    assert out.getvalue() == "0\n1\n2\n3\n"
    np.testing.assert_allclose(found, 3 * X**2)


def test_a_loop_that_may_fail_fails_as_before():
    def f(x, y):
        total = 0.0
        for i in range(x.size):
            total += x[i] * y[i] ** 2
        return total

    with pytest.raises(IndexError):
        srcgrad.grad(f)(X, X[:2])

    def shapes(x, y):
        total = 0.0
        for i in range(x.shape[0]):
            total += np.sum((x[i] - y) ** 2)
        return total

    with pytest.raises(ValueError, match="broadcast"):
        srcgrad.grad(shapes)(np.outer(X, X), X[:3])
    source_of(shapes, np.outer(X, X), X)


def test_shapes_fail_before_what_comes_after():
    def f(x, y):
        total = 0.0
        for i in range(x.shape[0]):
            total += np.sum((x[i] - y) ** 2)
        print("after")
        return total

    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(ValueError, match="broadcast"):
        srcgrad.grad(f)(np.outer(X, X), X[:3])
    assert out.getvalue() == ""


def test_products_and_reductions_are_not_done_twice():
    def f(x, w):
        for _ in range(3):
            x = np.tanh(w @ x) + np.sum(x * x) * x
        return np.sum(x)

    source = source_of(f, 0.2 * X, np.outer(X, X[::-1]))
    assert source.count("np.tanh") == 1
    assert source.count("w @ x") == 1


def test_random_draws_are_not_repeated():
    def f(x):
        rng = np.random.default_rng(0)
        total = 0.0
        for _ in range(5):
            total += x * x * rng.normal()
        return total

    with contextlib.suppress(srcgrad.SrcgradError):
        rng = np.random.default_rng(0)
        assert srcgrad.grad(f, fallback="error")(0.7) == pytest.approx(2 * 0.7 * sum(rng.normal() for _ in range(5)))


# The cut


def cheapest(nodes, edges):
    """The capacity of the cheapest cut, by trying all."""
    best = INFINITE
    for chosen in itertools.product((True, False), repeat=len(nodes)):
        side = {"s", *itertools.compress(nodes, chosen)}
        best = min(best, sum(capacity for a, b, capacity in edges if a in side and b not in side))
    return best


def test_cuts_are_the_cheapest():
    rng = random.Random(1)
    for _ in range(60):
        nodes = list("abcdef")
        ends = [(a, b) for a in ["s", *nodes] for b in [*nodes, "t"] if a != b]
        edges = [(a, b, rng.choice([1.0, 2.0, 5.0, 0.5])) for a, b in ends if rng.random() < 0.3]
        network = Network()
        for edge in edges:
            network.edge(*edge)
        side = network.cut("s", "t")
        assert "t" not in side
        found = sum(capacity for a, b, capacity in edges if a in side and b not in side)
        assert found == pytest.approx(cheapest(nodes, edges))
