"""Methods of classes in traced functions: lifted while a trace runs, and the classes' own afterwards."""

from __future__ import annotations

import functools
import math
import threading
from typing import Any

import numpy as np
import pytest

import srcgrad
from tests import finite

X = np.array([0.3, 0.7])


class Layer:
    """Writes into an array of its own and calls what NumPy cannot dispatch."""

    count = 0

    def __init__(self, w: Any) -> None:
        self.w = w

    def forward(self, x: Any) -> Any:
        out = np.zeros(2)
        for k in range(2):
            out[k] = math.sin(self.w * x[k])
        return out

    @property
    def size(self) -> Any:
        return np.array([self.w, 1.0])[0]

    @functools.cached_property
    def doubled(self) -> Any:
        return np.array([self.w, self.w]) * 2

    @staticmethod
    def bent(t: Any) -> Any:
        return math.exp(t) if t > 0 else t

    @classmethod
    def made(cls, t: Any) -> Any:
        return cls(np.array([t, 1.0])[0])

    def __mul__(self, other: Any) -> Any:
        return Layer(math.sqrt(self.w) * other)


class Wide(Layer):
    """Inherits, and calls what it inherits."""

    def forward(self, x: Any) -> Any:
        return super().forward(x) + np.array([x[1], x[0]])


class Model:
    """Holds objects in a list and a dict."""

    def __init__(self, w: Any) -> None:
        self.layers = [Layer(w), Wide(w * 2)]
        self.named = {"last": Layer(w)}

    def __call__(self, x: Any) -> Any:
        for layer in (*self.layers, *self.named.values()):
            x = layer.forward(x)
        return np.sum(x)


OUTSIDE = Model(0.5)


def made_inside(x: Any) -> Any:
    layer = Wide(x[0])
    return np.sum(layer.forward(x)) + layer.size * layer.doubled[1] + Layer.bent(x[1]) + Layer.made(x[1]).w


def made_outside(x: Any) -> Any:
    return OUTSIDE(x)


def nested(x: Any) -> Any:
    return Model(x[0])(x) + (Layer(x[1]) * 3.0).forward(x)[0]


def asked(x: Any) -> Any:
    return x[0] ** 2 if not hasattr(float(x[0]), "__len__") else 0.0


@pytest.mark.parametrize("f", [made_inside, made_outside, nested, asked], ids=lambda f: f.__name__)
def test_derivatives(f: Any) -> None:
    slopes, error = finite.gradient(f, (X,), 0)
    assert np.max(error) < 1e-7
    np.testing.assert_allclose(srcgrad.grad(f, mode="trace")(X), slopes, rtol=1e-8)


def test_the_classes_are_themselves_afterwards() -> None:
    before = {cls: dict(vars(cls)) for cls in (Layer, Wide, Model)}
    srcgrad.grad(nested, mode="trace")(X)
    assert {cls: dict(vars(cls)) for cls in (Layer, Wide, Model)} == before


def test_also_after_an_error() -> None:
    before = dict(vars(Layer))

    def f(x: Any) -> Any:
        Layer(x[0]).forward(x)
        raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        srcgrad.grad(f, mode="trace")(X)
    assert dict(vars(Layer)) == before


def test_other_threads_see_the_methods_as_they_are() -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        layer = Layer(x[0])
        other = threading.Thread(target=lambda: seen.append(Layer(0.5).forward(np.ones(2))))
        other.start()
        other.join()
        return np.sum(layer.forward(x))

    srcgrad.grad(f, mode="trace")(X)
    assert type(seen[0]) is np.ndarray
    np.testing.assert_allclose(seen[0], np.sin(0.5))
