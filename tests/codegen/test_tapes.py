"""What is put on a tape inside the arms of an `If` is what that arm computed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests import finite


def depth_of(u: Any, d: int) -> Any:
    if d <= 0:
        return math.log(1.2 + u**2)
    return 0.7 * depth_of(0.76, d - 1) + 0.2 * math.sqrt(1.3 + u**2) / (1.5 + math.sqrt(1.3 + u**2) ** 2)


def in_loops(x: Any, s: Any, d: int) -> Any:
    y = x.copy()
    for _ in range(2):
        for i in range(x.size):
            y[i] = math.exp(-(depth_of(s, d) ** 2)) + 0.4 * x[-1 - i]
    return np.sum(y**2) + s


@pytest.mark.parametrize("d", [0, 2])
def test_packs_of_recursive_calls(d: int) -> None:
    x, s = np.array([0.5, -0.3]), -0.52
    truth = finite.slope(lambda t: in_loops(x, s + t, d)).value
    assert srcgrad.grad(in_loops, argnums=1, fallback="error")(x, s, d) == pytest.approx(truth, rel=1e-8)
