"""A gradient has the shape of its argument also where a branch gives nothing to it."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad


def left_early(b: Any, w: float) -> Any:
    total = b.sum()
    if w != 0.422:
        return 0.249 * w
    return total + b @ b


def row_and_matrix(m: Any, w: float) -> Any:
    first = m[0].sum()
    total = m.sum() * w
    if w > 1.0:
        return total * first
    return total + np.sum(m * m)


def test_the_zero_of_an_arm_has_the_shape_of_the_argument() -> None:
    g = srcgrad.grad(left_early, fallback="error")
    np.testing.assert_array_equal(g(np.ones(3), 0.3), np.zeros(3))
    np.testing.assert_array_equal(g(np.ones(3), 0.422), np.full(3, 3.0))


def test_parts_of_a_sum_keep_their_shapes() -> None:
    for w in (0.4, 1.4):
        srcgrad.check_grads(row_and_matrix, (np.arange(1.0, 7.0).reshape(2, 3), w), order=2)
