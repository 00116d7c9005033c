"""What has no derivative runs on constants, and is refused on others, at its line and with what to do instead."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided
from scipy import special

import srcgrad
from srcgrad.errors import FallbackWarning, UnsupportedError

X = np.array([0.3, 1.2, 2.5])


def strided(x: Any) -> Any:
    return np.sum(as_strided(x, (2, 2), (8, 8)))


def counted(x: Any) -> Any:
    return np.sum(np.histogramdd(np.stack([x, x], 1), 2, weights=x)[0])


def order(x: Any) -> Any:
    return np.sum(special.jv(x, 2.0))


def exponent(x: Any) -> Any:
    return np.sum(special.gammainc(x, 2.0))


@pytest.mark.parametrize(("program", "hint"), [(strided, "sliding_window_view"), (counted, "bincount"),
                                               (order, "Pass a number"), (exponent, "Pass a number")])  # fmt: skip
def test_refused(program: Any, hint: str) -> None:
    with pytest.raises(UnsupportedError, match=hint) as caught:
        srcgrad.grad(program, fallback="error")(X)
    assert caught.value.span is not None
    assert "return np.sum" in caught.value.span.text
    with pytest.warns(FallbackWarning), pytest.raises(UnsupportedError, match="derivative|differentiate"):
        srcgrad.jvp(program, (X,), (X,))


def test_on_constants() -> None:
    data = np.arange(4.0)

    def f(x: Any) -> Any:
        return np.sum(x * np.histogram2d(data, data, 3)[0]) + np.sum(as_strided(data, (2, 3), (8, 8)) * x)

    expected = np.sum(np.histogram2d(data, data, 3)[0], axis=0) + np.array([1.0, 3.0, 5.0])
    np.testing.assert_allclose(srcgrad.grad(f, fallback="error")(X), expected)
