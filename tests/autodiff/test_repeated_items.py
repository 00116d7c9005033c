"""One array that a tape holds several times is not written in place while another item is still to be read."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad
from tests import finite


def carried(w: Any) -> Any:
    x, v = w[2], w[0]
    for _ in x:
        v = x * v[2]
    return np.sum(v)


def test_reverse_over_reverse() -> None:
    rng = np.random.default_rng(0)
    w, u, d = rng.normal(size=(3, 3, 3))
    gradient = srcgrad.grad(carried)
    _, pullback = srcgrad.vjp(gradient, w)
    truth = finite.slope(lambda t: np.sum(u * gradient(w + t * d))).value
    np.testing.assert_allclose(np.sum(pullback(u)[0] * d), truth, rtol=1e-9)


def picked(x: Any, y: Any) -> Any:
    return np.sum(np.outer(x, y)[np.ix_([0, 1], [1, 0])] ** 3)


def test_an_index_of_arrays_is_no_new_axis() -> None:
    x, y = np.array([0.5, -1.2]), np.array([0.3, 2.0])
    x_bar = srcgrad.grad(picked)(x, y)
    np.testing.assert_allclose(x_bar, 3 * x**2 * np.sum(y**3), rtol=1e-12)
