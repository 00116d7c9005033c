"""`check_grads`: passes what is right, and names leaf, index and both numbers of what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad import testing
from tests import finite, trees


@dataclass
class Model:
    w: Any
    b: Any


def affine(p: Any, x: Any) -> Any:
    return {"y": np.tanh(p["w"] @ x + p["b"]), "norm": (np.sum(x**2), 3)}


def of_object(p: Any, x: Any) -> Any:
    return np.sum(np.sin(p.w * x) + p.b)


def of_complex(z: Any) -> Any:
    return np.abs(z) ** 2 * z


P = {"w": np.array([[0.1, -0.4, 0.3], [0.7, 0.2, -0.5]]), "b": np.array([0.2, -0.1]), "steps": 3}
X = np.array([0.3, -0.6, 0.9])
CASES: list[tuple[Any, tuple[Any, ...]]] = [
    (affine, (P, X)),
    (of_object, (Model(np.array([0.3, 0.4, 0.1]), 0.7), X)),
    (of_complex, (np.array([0.3 + 0.4j, -0.2 + 0.9j]),)),
    (lambda x, n: x[1] ** n, (X, 3)),
    (lambda x: np.float32(2) * x, (np.array([0.5, 1.5], dtype=np.float32),)),
]


def numeric_jvp(f: Any, args: Any, tangents: Any) -> Any:
    """Forward mode by finite differences; a result of several leaves is taken leaf by leaf."""
    way = {path: trees.at(tangents, path) for path, _ in trees.leaves(args)}
    way = {path: dot for path, dot in way.items() if dot is not None}
    wide = trees.widened(args)

    def dot(path: Any, _: Any) -> Any:
        return finite.directional(lambda *a: trees.at(f(*a), path), wide, way).value

    value = f(*args)
    return value, trees.map_leaves(dot, value)


def numeric_vjp(f: Any, *args: Any, argnums: Any) -> Any:
    """Reverse mode by finite differences of the paired result."""
    value = f(*args)

    def pullback(bar: Any) -> Any:
        def paired(*moved: Any) -> float:
            weights = {path: trees.at(bar, path) for path, _ in trees.leaves(value)}
            return trees.pairing(f(*moved), weights)[0]

        bars = [finite.gradient(paired, trees.widened(args), i)[0] for i in argnums]
        return tuple(bars)

    return value, pullback


@pytest.fixture
def numeric(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The checker on numerical derivatives instead of srcgrad's."""
    monkeypatch.setattr(testing, "jvp", numeric_jvp)
    monkeypatch.setattr(testing, "vjp", numeric_vjp)
    return monkeypatch


@pytest.mark.usefixtures("numeric")
@pytest.mark.parametrize(("f", "args"), CASES)
def test_right_derivatives_pass(f: Any, args: tuple[Any, ...]) -> None:
    testing.check_grads(f, args, order=1)


def test_a_wrong_cotangent_is_named(numeric: pytest.MonkeyPatch) -> None:
    def wrong(f: Any, *args: Any, argnums: Any) -> Any:
        value, pullback = numeric_vjp(f, *args, argnums=argnums)

        def spoiled(bar: Any) -> Any:
            bars = pullback(bar)
            bars[0]["w"][1, 2] += 0.5
            return bars

        return value, spoiled

    numeric.setattr(testing, "vjp", wrong)
    with pytest.raises(AssertionError, match=r"reverse mode of f is wrong at args\[0\]\['w'\]\[1, 2\]: srcgrad gives"):
        testing.check_grads(affine, (P, X), order=1)


def test_a_wrong_tangent_is_named(numeric: pytest.MonkeyPatch) -> None:
    def wrong(f: Any, args: Any, tangents: Any) -> Any:
        value, dots = numeric_jvp(f, args, tangents)
        return value, dots + tangents[0].b * 0.25

    numeric.setattr(testing, "jvp", wrong)
    expected = r"forward mode of f is wrong at args\[0\]\.b: srcgrad gives 3.25.*, finite differences give (3\.0|2\.9)"
    with pytest.raises(AssertionError, match=expected):
        testing.check_grads(of_object, (CASES[1][1]), order=1)


@pytest.mark.usefixtures("numeric")
@pytest.mark.parametrize(
    "f", [lambda x: np.sum(np.abs(x)), lambda x: np.sum(np.sqrt(np.abs(x))), lambda x: float(x[0] > 0)]
)
def test_a_kink_is_not_passed_silently(f: Any) -> None:
    with pytest.raises(AssertionError, match="there is a kink or a jump at this point"):
        testing.check_grads(f, (np.array([0.0, 1.0]),), order=1)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="modes are reverse and forward"):
        testing.check_grads(np.sin, (0.5,), modes=("backward",))


def second_order(x: Any, s: Any) -> Any:
    y = x.copy()
    for i in range(1, 3):
        y[i] = np.sin(y[i - 1] * s) + x[i]
    return np.sum(y**2)


def vector(x: Any) -> Any:
    return np.tanh(x) * x[0]


@pytest.mark.parametrize(("f", "args"), [(second_order, (X, 0.7)), (vector, (X,)), *CASES])
def test_srcgrad_is_right_to_second_order(f: Any, args: tuple[Any, ...]) -> None:
    srcgrad.check_grads(f, args)


def test_arguments_by_number_and_keyword() -> None:
    srcgrad.check_grads(second_order, (X,), kwargs={"s": 0.7}, argnums=0)
    srcgrad.check_grads(lambda n, x: x**n, (3, 2), argnums=1, modes=("reverse",))
