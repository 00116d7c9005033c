"""Functions compiled by Numba are read through their Python function, as the whole program and as callees."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests import finite

numba = pytest.importorskip("numba")
X = np.array([0.3, 0.4])


@numba.njit
def series(p: Any) -> Any:
    if p > 1.0:
        return (1 - np.cos(np.sqrt(p))) / p
    total, term, k = 0.5, -p / math.gamma(5), 1
    while total + term != total:
        total = total + term
        k += 1
        term = (-p) ** k / math.gamma(2 * k + 3)
    return total


@numba.njit
def written(x: Any) -> Any:
    for i in range(x.size):
        x[i] *= 2
    return series(x[0]) + x[1] ** 2


def program(x: Any) -> Any:
    return written(x) * series(4 * x[1])


@pytest.mark.parametrize("mode", ["source", "trace"])
@pytest.mark.parametrize("f", [written, program], ids=["compiled", "callee"])
def test_derivatives(f: Any, mode: str) -> None:
    x = X.copy()
    slopes, error = finite.gradient(lambda x: f(x.copy()), (x,), 0)
    assert np.max(error) < 1e-6
    np.testing.assert_allclose(srcgrad.grad(f, mode=mode)(x), slopes, rtol=1e-7)
    np.testing.assert_array_equal(x, X)
