"""A call is admitted to the code of the call before exactly where that code is right for it."""

from __future__ import annotations

import itertools
import types
from typing import Any

import numpy as np
import pytest

from srcgrad import AliasError, grad
from srcgrad.api.admission import READERS, Writer, admission
from srcgrad.api.keys import key_of
from srcgrad.frontend import surroundings
from srcgrad.frontend.values import Outside


class Model:
    """An object that counts as a container."""

    def __init__(self, w: Any) -> None:
        self.w = w


class Mine(np.ndarray):
    """A class of its own."""


VALUES: list[Any] = [
    1.0, 2.0, 1, True, False, None, "a", "b", 1j, np.float64(1.0), np.float32(1.0), np.int64(1),
    np.ones(3), np.zeros(3), np.ones(4), np.ones((3, 1)), np.ones(3, "f4"), np.ones(3, int), np.ones(3).view(Mine),
    [], (), {}, [1.0], (1.0,), [1.0, 2.0], [2.0, 1.0], [1.0, 2], [np.ones(3)], (np.ones(3), [1.0]), (np.ones(3), [1]),
    {"a": 1.0}, {"b": 1.0}, {"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0}, {1: np.ones(2)}, {(1, 2): np.ones(2)},
    Model(1.0), Model(np.ones(2)), Model(np.ones(2)), types.SimpleNamespace(w=1.0), np.sin, np.cos, [1.0] * 100,
    [1.0] * 101, {k: 1.0 for k in range(50)},
]  # fmt: skip


def version_of(*args: Any) -> Any:
    """Stands for a version that was built on nothing."""
    return types.SimpleNamespace(guards=(), outside=(), lowering=None, extra={"statics": {}})


@pytest.mark.parametrize("value", VALUES, ids=lambda v: f"{type(v).__name__}")
def test_equal_keys_and_no_others(value):
    admit = admission(version_of(), (value,), {})
    for other in VALUES:
        assert (admit((other,)) is not None) == (key_of(other) == key_of(value)), other


def test_several_arguments_and_their_number():
    for values in itertools.product(VALUES[:4], [np.ones(3), [1.0]]):
        admit = admission(version_of(), values, {})
        assert admit(values) == {}
        assert admit(values[:1]) is None
        assert admit((*values, 1.0)) is None
        assert admit(values[::-1]) is None
    assert admission(version_of(), (), {})(()) == {}


def test_common_readers_are_written_out():
    scope = {"np": np, "f": np.sin}
    owner = Outside(Model(np.ones(2)), "m", surroundings.global_of(scope, "m"))
    readers = [
        surroundings.global_of(scope, "np"), surroundings.builtin_of(scope, "len"),
        surroundings.attribute_of(owner, "w"),
        surroundings.item_of(owner, 0), surroundings.code_of(version_of), surroundings.value_attribute(np, "sum"),
        surroundings.part_of(surroundings.global_of(scope, "f"), "__self__"),
    ]  # fmt: skip
    for read in readers:
        writer = Writer()
        writer.reading(read)
        assert read not in writer.bound.values()
        assert read.__code__ in READERS


OWN = {"scale": 2.0}
RATE = 2.0


def scaled(x):
    return x * RATE


def program(x, n):
    return scaled(x) ** 2 * len([1, 2]) + OWN["scale"] * n


def test_every_call_sees_what_changed_since_the_last(monkeypatch):
    g = grad(program)
    for _ in range(3):
        assert g(3.0, 1) == 2 * 4 * 2 * 3.0
    monkeypatch.setitem(globals(), "RATE", 3.0)
    for _ in range(3):
        assert g(3.0, 1) == 2 * 9 * 2 * 3.0
    monkeypatch.setitem(globals(), "scaled", lambda x: x)
    for _ in range(3):
        assert g(3.0, 1) == 2 * 2 * 3.0
    monkeypatch.setitem(globals(), "len", lambda x: 5)
    for _ in range(3):
        assert g(3.0, 1) == 5 * 2 * 3.0
    monkeypatch.undo()
    for _ in range(3):
        assert g(3.0, 1) == 2 * 4 * 2 * 3.0


def test_captured_arrays_of_other_sizes_and_kinds():
    w = np.ones(2)
    g = grad(lambda x: np.sum(w * x) ** 2)
    for made in (np.ones(2), np.ones(5), np.float64(3.0), np.full(5, 2.0), 2, np.ones((2, 2))):
        w = made
        expected = 2 * np.sum(w * 3.0) * np.sum(w)
        for _ in range(3):
            assert g(3.0) == expected


def test_values_that_are_built_in():
    def power(x, axis, name):
        return np.sum(np.sum(x, axis=axis) ** (2 if name == "a" else 3))

    g, x = grad(power), np.arange(6.0).reshape(2, 3)
    for _ in range(3):
        for axis, name, p in ((0, "a", 2), (1, "a", 2), (1, "b", 3), (1, "b", 3)):
            total = np.sum(x, axis=axis, keepdims=True)
            np.testing.assert_allclose(g(x, axis, name), np.broadcast_to(p * total ** (p - 1), x.shape))


def test_layouts_are_compared():
    def f(x):
        v = x.reshape(-1)
        v[0] = 0.0
        return np.sum(x**2)

    g, c = grad(f, fallback="error"), np.arange(1.0, 5.0).reshape(2, 2)
    for _ in range(3):
        np.testing.assert_allclose(g(c), [[0.0, 4.0], [6.0, 8.0]])
    for _ in range(3):
        with pytest.raises(AliasError):  # a copy in this layout, which is not proved
            g(c.T)
    np.testing.assert_allclose(g(c), [[0.0, 4.0], [6.0, 8.0]])
