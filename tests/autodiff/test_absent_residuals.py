"""What a pullback remembers may be absent on a path: zeros are made like what is there."""

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
