"""The truth itself: finite differences against derivatives known by heart, and kinks that must not be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests import finite, trees


@pytest.mark.parametrize(
    ("phi", "expected"),
    [
        (lambda t: math.sin(0.3 + t), math.cos(0.3)),
        (lambda t: math.exp(2 * t), 2.0),
        (lambda t: (1 + t) ** 5, 5.0),
        (lambda t: 1 / (0.1 + t), -100.0),
    ],
)
def test_slope_is_right_and_says_so(phi: Callable[[float], float], expected: float) -> None:
    found = finite.slope(phi)
    assert found.value == pytest.approx(expected, rel=1e-9)
    assert found.trusted(abs(expected))
    assert abs(found.value - expected) <= 10 * found.error + 1e-11


@pytest.mark.parametrize(
    "phi",
    [
        lambda t: abs(t),
        lambda t: abs(t - 1e-4),
        lambda t: float(t > 1e-5),
        lambda t: max(t, 0.2 * t) + math.sin(t),
        lambda t: math.sin(1.1e5 * t),
        lambda t: math.nan if t > 0 else t,
    ],
)
def test_a_kink_or_jump_is_not_trusted(phi: Callable[[float], float]) -> None:
    assert not finite.slope(phi).trusted(1.0)


def test_gradient_over_containers_and_complex_leaves() -> None:
    def f(p: Any, q: SimpleNamespace) -> float:
        z = p["z"]
        return float(np.sum(np.abs(z) ** 2) * q.s + p["w"][0] ** 3)

    p: Any = {"z": np.array([1 + 2j, 0.5j]), "w": (0.5, 7)}
    q = SimpleNamespace(s=2.0, name="q")
    bar, error = finite.gradient(f, (p, q), 0)
    assert error < 1e-8
    np.testing.assert_allclose(bar["z"], 2 * 2.0 * np.conj(p["z"]), rtol=1e-9)
    assert bar["w"][0] == pytest.approx(0.75)
    bar, _ = finite.gradient(f, (p, q), 1)
    assert bar.s == pytest.approx(5.25)


def test_pairing_agrees_with_a_directional_difference() -> None:
    rng = np.random.default_rng(0)
    args: Any = (np.array([0.3, 1.2]), [0.5, np.array([[1 + 1j]])])

    def f(x: Any, p: Any) -> float:
        return float(np.sum(np.sin(x)) * p[0] + np.real(p[1][0, 0] ** 2))

    direction = trees.random_direction(rng, args)
    bars = (np.cos(args[0]) * 0.5, [float(np.sum(np.sin(args[0]))), 2 * args[1][1]])
    assert trees.pairing(bars, direction)[0] == pytest.approx(float(finite.directional(f, args, direction).value))
