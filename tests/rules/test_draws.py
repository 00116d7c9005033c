"""Random draws: their paths against the same draws for other parameters, and what has no path is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import UnsupportedError
from tests import finite

FAMILIES: dict[str, tuple[float, ...]] = {
    "normal": (0.3, 1.5), "laplace": (0.3, 1.5), "logistic": (0.3, 1.5), "gumbel": (0.3, 1.5), "exponential": (1.5,),
    "rayleigh": (1.5,), "uniform": (0.3, 2.5), "lognormal": (0.3, 0.7), "weibull": (1.7,), "power": (1.7,),
    "pareto": (2.7,),
}  # fmt: skip
GENERATORS = [np.random.default_rng, np.random.RandomState]


@pytest.mark.parametrize("make", GENERATORS)
@pytest.mark.parametrize("name", sorted(FAMILIES))
@pytest.mark.parametrize("size", [None, 3, (2, 2)])
def test_paths(make: Any, name: str, size: Any) -> None:
    given = FAMILIES[name]
    way = [0.7, -0.4][: len(given)]

    def drawn(t: float) -> Any:
        rng = make(5)
        parameters = [x + t * d for x, d in zip(given, way, strict=True)]
        return np.sum(getattr(rng, name)(*parameters, size=size) ** 2)

    truth = finite.slope(drawn)
    rng = make(5)
    draw = getattr(rng, name)

    def f(*parameters: float) -> Any:
        return np.sum(draw(*parameters, size=size) ** 2)

    start = rng.bit_generator.state if hasattr(rng, "bit_generator") else rng.get_state()
    bars = srcgrad.grad(f, argnums=tuple(range(len(given))), fallback="error")(*given)
    assert abs(np.dot(bars, way) - truth.value) < 1e-6 * (1 + abs(truth.value))
    restore(rng, start)
    tangent = srcgrad.jvp(f, given, tuple(way))[1]
    assert abs(tangent - truth.value) < 1e-6 * (1 + abs(truth.value))


def restore(rng: Any, state: Any) -> None:
    """Put a generator back."""
    if hasattr(rng, "bit_generator"):
        rng.bit_generator.state = state
    else:
        rng.set_state(state)


def test_drawn_once_and_in_order() -> None:
    rng = np.random.default_rng(5)

    def f(m: Any, s: Any) -> Any:
        total = 0.0
        for k in range(4):
            total = total + rng.normal(m[k % 2], s) ** 2
        return total

    m, s = np.array([1.0, 2.0]), 0.5
    value, (m_bar, s_bar) = srcgrad.value_and_grad(f, argnums=(0, 1), fallback="error")(m, s)
    again = np.random.default_rng(5)
    z = np.array([again.normal(m[k % 2], s) for k in range(4)])
    np.testing.assert_allclose(value, np.sum(z**2))
    np.testing.assert_allclose(m_bar, [2 * (z[0] + z[2]), 2 * (z[1] + z[3])])
    np.testing.assert_allclose(s_bar, np.sum(2 * z * (z - np.tile(m, 2)) / s))


def test_a_generator_made_inside() -> None:
    def f(m: float) -> Any:
        rng = np.random.default_rng(3)
        return np.sum(m * rng.standard_normal(3) + rng.normal(m, 1.0, 3))

    noise = np.random.default_rng(3).standard_normal(3)
    np.testing.assert_allclose(srcgrad.grad(f, fallback="error")(1.5), np.sum(noise) + 3)


@pytest.mark.parametrize("name", ["poisson", "gamma", "standard_t", "geometric"])
def test_without_path(name: str) -> None:
    rng = np.random.default_rng(3)
    draw = getattr(rng, name)

    def f(m: float) -> Any:
        return np.sum(m * draw(m, size=3))

    with pytest.raises(UnsupportedError, match=name) as caught:
        srcgrad.grad(f, fallback="error")(0.5)
    assert caught.value.span is not None


def test_constant_draws_of_any_kind() -> None:
    rng = np.random.default_rng(3)

    def f(m: float) -> Any:
        return m * np.sum(rng.poisson(3.0, 4))

    np.testing.assert_allclose(srcgrad.grad(f, fallback="error")(0.5), np.sum(np.random.default_rng(3).poisson(3.0, 4)))
