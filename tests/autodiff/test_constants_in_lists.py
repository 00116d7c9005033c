"""Constants that stand beside active values in a list have tangent zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests import finite

TABLE = np.array([0.5, -2.0])


def nested(t: Any) -> Any:
    a = np.array([[1.0, t], [0.0, 2]])
    return np.sum(a @ a)


def stacked(t: Any) -> Any:
    return np.sum(np.stack([TABLE, t * TABLE, [3.0, 4.0]]) ** 2)


def joined(t: Any) -> Any:
    return np.sum(np.concatenate([TABLE, [t, 5.0], (t * t, 2)]) ** 3)


def columns(t: Any) -> Any:
    return np.sum(np.column_stack([TABLE, t + TABLE]) ** 3)


def complex_entries(t: Any) -> Any:
    return np.sum(np.abs(np.array([1j, t + 2j, 3.0])) ** 3)


def asked(t: Any) -> Any:
    return np.sum(np.asarray([(t, 7.0), (2.0, t)]) ** 2)


@pytest.mark.parametrize("f", [nested, stacked, joined, columns, complex_entries, asked])
def test_both_modes(f: Callable[[Any], Any]) -> None:
    slope = finite.slope(lambda h: f(0.7 + h)).value
    assert srcgrad.jvp(f, (0.7,), (1.0,))[1] == pytest.approx(slope, rel=1e-8)
    assert srcgrad.grad(f)(0.7) == pytest.approx(slope, rel=1e-8)
