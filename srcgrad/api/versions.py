"""Compiled versions: code made for one signature, with what it reads from outside and what it was built on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from srcgrad.autodiff.derive import Primal, prepare
from srcgrad.codegen import numpy as numpy_code
from srcgrad.codegen.load import load
from srcgrad.frontend.lower import Captured, Guard, Lowered, StaticArgument, lower
from srcgrad.frontend.signature import MappingSpec, SequenceSpec, Spec, StaticSpec, spec_of
from srcgrad.ir.core import Func

MAX_STATIC = 32


@dataclass
class Version:
    """One compiled function."""

    func: Func
    source: str
    run: Callable[..., Any]
    lowered: Lowered
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def valid(self) -> bool:
        """Is everything that was built in still what it was?"""
        return all(guard.read() is guard.value for guard in self.lowered.guards)

    def captured(self) -> dict[str, Any] | None:
        """The values of hidden parameters, read now; None where their signature has changed."""
        found = {}
        for captured in self.lowered.captured:
            value = captured.read()
            if spec_of(value) != captured.spec:
                return None
            found[captured.value.hint] = value
        return found


def emit(func: Func) -> tuple[str, Callable[..., Any]]:
    """Source text and compiled function."""
    namespace: dict[str, Any] = {}
    text = numpy_code.emit(func, namespace)
    return text, load(text, func.name, namespace)


@dataclass
class Lowering:
    """A primal for one signature."""

    primal: Primal
    lowered: Lowered
    specs: dict[str, Spec]


def lower_for(fn: Callable[..., Any], specs: dict[str, Spec], values: dict[str, Any] | None) -> Lowering:
    """Lower a function, fixing the values of arguments that have to be known."""
    specs = dict(specs)
    for _ in range(MAX_STATIC):
        try:
            lowered = lower(fn, specs)
        except StaticArgument as need:
            if values is None:
                raise
            fix(specs, values, need.leaf)
            continue
        return Lowering(prepare(lowered.func, list(specs.values())), lowered, specs)
    raise AssertionError("the signature does not settle")


def fix(specs: dict[str, Spec], values: dict[str, Any], leaf: tuple[Any, ...]) -> None:
    """Make an argument's value part of its signature."""
    name = list(specs)[leaf[0]]
    value = values[name]
    for key in leaf[1:]:
        value = value[key] if isinstance(value, (dict, list, tuple)) else getattr(value, key)
    specs[name] = _with_static(specs[name], leaf[1:], value)


def _with_static(spec: Spec, path: tuple[Any, ...], value: Any) -> Spec:
    if not path:
        return StaticSpec(value)
    if isinstance(spec, SequenceSpec):
        items = list(spec.items)
        items[path[0]] = _with_static(items[path[0]], path[1:], value)
        return SequenceSpec(spec.cls, tuple(items))
    assert isinstance(spec, MappingSpec)
    items = list(spec.items)
    k = spec.keys.index(path[0])
    items[k] = _with_static(items[k], path[1:], value)
    return MappingSpec(spec.cls, spec.keys, tuple(items))


__all__ = ["Captured", "Guard", "Lowering", "Version", "emit", "lower_for"]
