"""The `else` of a loop assigns a name that the loop has assigned too: after a `break` it is the loop's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.frontend.agree import agree


def in_a_for(x: Any, s: float) -> Any:
    for k in range(3):
        s = np.log(1.2 + x[0] ** 2) * (k + 1)
        if x[1] > 0.5 and s > 0.2:
            s = np.tanh(x[1])
            break
    else:
        s = np.cos(x[-1])
    return 0.772 * s


def in_a_while(x: Any, s: float) -> Any:
    k, t = 0, s * 2.0
    while k < 3:
        k, t = k + 1, np.sin(x[0]) * k
        if t > x[1]:
            t = t * s
            break
    else:
        t = x[1] * x[0]
    return t * s


@pytest.mark.parametrize("fn", [in_a_for, in_a_while], ids=lambda fn: fn.__name__)
@pytest.mark.parametrize("second", [0.4, 0.9, 0.1])
def test_after_a_break(fn: Any, second: float) -> None:
    agree(fn, np.array([0.8, second]), 0.3, argnums=(0, 1))
