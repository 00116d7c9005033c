"""What a pullback remembers may be absent on a path: zeros are made like what is there."""

import math

import numpy as np
import pytest

import srcgrad
from tests import finite


def unused_on_a_path(x, s):
    v = np.log(x[0])
    if s != 0.555:
        return s * 0.501
    return np.mean(v)


def one_of_two(x, s):
    rows = [row - row.mean() for row in x]
    return np.sum(rows[0] ** 2) if s < 0.3 else s * x[1, 1] ** 3


@pytest.mark.parametrize("fn", [unused_on_a_path, one_of_two])
@pytest.mark.parametrize("s", [0.1, 0.555, 0.8])
def test_the_pullback_of_a_gradient(fn, s):
    x = np.array([[0.3, 0.4], [0.5, 0.7]])
    gradient = srcgrad.grad(fn, (0, 1), fallback="error", unused="zero")
    _, pullback = srcgrad.vjp(gradient, x, s, argnums=(0, 1))
    x_bar, s_bar = pullback((np.array([[1.0, 2.0], [0.5, -1.0]]), 1.5))

    def weighed(x, s):
        a, b = gradient(x, s)
        return np.sum(a * np.array([[1.0, 2.0], [0.5, -1.0]])) + 1.5 * b

    np.testing.assert_allclose(x_bar, finite.gradient(weighed, (x, s), 0)[0], atol=1e-7)
    if s != 0.555:
        np.testing.assert_allclose(s_bar, finite.gradient(weighed, (x, s), 1)[0], atol=1e-7)


def constant_below(u, d=3):
    if d <= 0:
        return u
    return constant_below(0.654, d - 1) + math.tanh(u)


def early(u, d=2):
    if d <= 0:
        return u
    return constant_below(u)


def summed_list(p):
    return sum([early(p) for _ in range(3)])


def rows_of_lists(p):
    return sum(sum(row) for row in [[early(p) for _ in range(2)] for _ in range(3)])


@pytest.mark.parametrize("f", [summed_list, rows_of_lists])
def test_what_a_recursive_function_packs_has_tangents_and_cotangents(f):
    """The tangent of a pack that two paths yield was zero, and its cotangent a tuple that was written into."""
    g = srcgrad.grad(f, fallback="error")
    step = (g(0.41 + 1e-5) - g(0.41 - 1e-5)) / 2e-5
    assert srcgrad.jvp(g, (0.41,), (1.0,))[1] == pytest.approx(step, rel=1e-8)
    assert srcgrad.grad(g)(0.41) == pytest.approx(step, rel=1e-8)


def sometimes(x):
    total = 0.0
    for k in range(3):
        if k != 1:
            total += early(x[k])
    return total * sum([early(v) for v in x])


def test_a_pack_that_a_path_does_not_make_has_no_cotangent():
    x = np.array([0.2, 0.5, 0.9])
    srcgrad.check_grads(sometimes, (x,), order=2)
