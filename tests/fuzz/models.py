"""What random programs are given beside numbers and arrays: objects with methods, namedtuples, nested containers."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from tests.fuzz.writer import Helper, Shape, Var, Writer


@dataclass
class Params:
    """A container with attributes: what a small model looks like."""

    w: Any
    b: Any
    s: Any


class Triple(NamedTuple):
    """The same as a namedtuple."""

    w: Any
    b: Any
    s: Any


class Model:
    """The same with behaviour: a method, one that writes, a property, a call, an item."""

    def __init__(self, w: Any, b: Any, s: Any) -> None:
        self.w = w
        self.b = b
        self.s = s

    def affine(self, t: Any) -> Any:
        """A method that reads."""
        return np.tanh(t * self.b + self.s)

    def train(self, rate: Any) -> Any:
        """A method that writes attributes, one of them in place."""
        self.s = self.s - rate * np.sin(self.s)
        self.b *= 0.9
        return self.s * rate

    @property
    def size(self) -> Any:
        """A number made of all of it."""
        return np.sum(np.tanh(self.w)) * self.s

    def __call__(self, t: Any) -> Any:
        return np.sin(self.s * t)


def items_of(w: Writer, name: str, pattern: str, items: dict[str, Any]) -> None:
    """Enter the items under their full names."""
    for key, value in items.items():
        w.define(Var(name + pattern.format(key), np.shape(value), bound=False, argument=True))


def make_container(w: Writer, items: dict[str, Any], n: int) -> Any:
    """An object of one of the kinds that only the language programs have, its items in scope."""
    kind = w.one_of(["model", "model", "model", "record", "nested", "namespace"])
    if kind == "record" and w.may("namedtuple argument"):
        w.note("namedtuple argument")
        items_of(w, "p", ".{}", items)
        return Triple(**items)
    if kind == "nested" and w.may("nested argument"):
        w.note("nested argument")
        items_of(w, "p['layers'][0]", "['{}']", items)
        items_of(w, "p['last']", ".{}", items)
        return {"layers": [items], "last": Params(**{key: _copy(value) for key, value in items.items()})}
    if kind == "model" and w.may("object argument"):
        w.note("object argument")
        _enter_model(w, items, n)
        return Model(**items)
    items_of(w, "p", ".{}", items)
    if w.may("namespace write"):
        w.note("namespace write")
        _may_write(w)
    return SimpleNamespace(**items)


def _enter_model(w: Writer, items: dict[str, Any], n: int) -> None:
    items_of(w, "p", ".{}", items)
    w.define(Var("p.size", bound=False))
    vector: Shape = (n,)
    w.frames[-1].helpers += [Helper("p.affine", (("t", vector, False),), vector, "object argument"),
                             Helper("p", (("t", (), False),), (), "object argument")]  # fmt: skip
    if w.may("object argument write"):
        w.note("object argument write")
        w.frames[-1].helpers.append(Helper("p.train", (("rate", (), False),), (), "object argument write"))
    _may_write(w)


def _may_write(w: Writer) -> None:
    if w.may("object argument write"):
        w.attributes |= {"p.w", "p.b", "p.s"}


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value * 0.8
