"""Signatures: what is known of each argument when code is made. Sizes are not in them, but which axes have length 1."""

from __future__ import annotations

import dataclasses
import enum
import operator
import types
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.errors import ArgumentError
from srcgrad.frontend.classes import is_users
from srcgrad.frontend.context import Context
from srcgrad.frontend.values import Abstract, Box, Const, Sym, TupleOf
from srcgrad.ir.core import Leaf, Value
from srcgrad.ir.types import ANY, Arr, Dim, Num, Opaque, Type, dtype_kind


@dataclass(frozen=True)
class Spec:
    """What is known of one argument."""


@dataclass(frozen=True)
class ArraySpec(Spec):
    """An array: dtype, rank, which axes have length 1; where a write needs to know it, whether it is contiguous."""

    dtype: np.dtype[Any]
    ones: tuple[bool, ...]
    contiguous: bool | None = None

    def __str__(self) -> str:
        return f"{self.dtype}[{', '.join('1' if one else ':' for one in self.ones)}]"


@dataclass(frozen=True)
class NumSpec(Spec):
    """A number; `dtype` for a NumPy scalar."""

    kind: str
    dtype: np.dtype[Any] | None = None

    def __str__(self) -> str:
        return self.kind if self.dtype is None else f"np.{self.dtype}"


@dataclass(frozen=True)
class AnySpec(Spec):
    """An array or a number of unknown rank."""

    def __str__(self) -> str:
        return "any"


@dataclass(frozen=True, eq=False)
class StaticSpec(Spec):
    """A Python object that is known: the same object, or an equal plain value."""

    value: Any

    def _key(self) -> Any:
        plain = isinstance(self.value, (int, float, complex, str, bool, type(None), np.dtype))
        return (type(self.value), self.value) if plain else id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StaticSpec) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __str__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True)
class SequenceSpec(Spec):
    """A list, tuple or named tuple."""

    cls: type
    items: tuple[Spec, ...]

    def __str__(self) -> str:
        return f"{self.cls.__name__}[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True)
class MappingSpec(Spec):
    """A dict, or an object seen through its attributes."""

    cls: type
    keys: tuple[Any, ...]
    items: tuple[Spec, ...]

    def __str__(self) -> str:
        inner = ", ".join(f"{k}: {v}" for k, v in zip(self.keys, self.items, strict=True))
        return f"{self.cls.__name__}{{{inner}}}"


REFUSED = {
    ("decimal", "Decimal"): "float(x)",
    ("fractions", "Fraction"): "float(x)",
    ("pandas", "DataFrame"): "x.to_numpy()",
    ("pandas", "Series"): "x.to_numpy()",
    ("pandas", "Index"): "x.to_numpy()",
    ("numpy.ma", "MaskedArray"): "x.filled(0.0)",
    ("numpy", "matrix"): "np.asarray(x)",
}


def refuse(value: Any, label: str) -> None:
    """Raise for the kinds of input that look like arrays or numbers and are not."""
    cls = type(value)
    module = cls.__module__
    for (root, name), instead in REFUSED.items():
        if cls.__name__ == name and (module == root or module.startswith(root + ".")):
            raise ArgumentError(f"cannot differentiate with `{label}` a {root}.{name}", repair=f"Pass {instead}.")
    if isinstance(value, np.ndarray) and value.dtype.kind not in "biufc":
        raise ArgumentError(f"cannot differentiate with `{label}` an array of {value.dtype}",
                            repair="Convert it to numbers: x.astype(float).")  # fmt: skip


def spec_of(value: Any, label: str = "argument") -> Spec:
    """The signature of one argument."""
    cls = type(value)
    if cls is np.ndarray:
        if value.dtype.kind not in "biufc":
            refuse(value, label)
        return ArraySpec(value.dtype, tuple([n == 1 for n in value.shape]))
    if cls is float:
        return NumSpec("float")
    if cls is bool or value is None or isinstance(value, str):
        return StaticSpec(value)
    if cls in (int, complex):
        return NumSpec(cls.__name__)
    if isinstance(value, np.generic):
        return NumSpec(dtype_kind(value.dtype), value.dtype)
    return _container_spec(value, label)


def _container_spec(value: Any, label: str) -> Spec:
    refuse(value, label)
    if isinstance(value, enum.Enum):
        return StaticSpec(value)
    if isinstance(value, (list, tuple)):
        items = tuple(spec_of(item, f"{label}[{k}]") for k, item in enumerate(value))
        return SequenceSpec(type(value), items)
    if isinstance(value, dict):
        return MappingSpec(dict, tuple(value), tuple(spec_of(v, f"{label}[{k!r}]") for k, v in value.items()))
    if isinstance(value, np.ndarray):
        return spec_of(value.view(np.ndarray), label)
    names = attributes_of(value)
    if names:
        return MappingSpec(type(value), names, tuple(spec_of(getattr(value, n), f"{label}.{n}") for n in names))
    return StaticSpec(value)


def attributes_of(value: Any) -> tuple[str, ...]:
    """The attributes by which an object counts as a container: a dataclass's fields, or its instance attributes."""
    if isinstance(value, type) or (callable(value) and not hasattr(value, "__dict__")):
        return ()
    if dataclasses.is_dataclass(value):
        return tuple(f.name for f in dataclasses.fields(value))
    attributes = getattr(value, "__dict__", None)
    if isinstance(value, types.SimpleNamespace):
        return tuple(attributes or ())
    if not attributes or type(value).__module__ in ("builtins", "types", "functools", "logging", "threading"):
        return ()
    if callable(value) and not is_users(type(value)):
        return ()
    return tuple(name for name in attributes if isinstance(name, str))


def type_of(spec: Spec, name: str) -> Type:
    """The IR type of an argument; no other may have the same name, which its lengths are called after."""
    match spec:
        case ArraySpec(dtype, ones):
            return Arr(dtype, tuple(1 if one else Dim(f"{name}{k}", one=False) for k, one in enumerate(ones)))
        case NumSpec(kind, dtype):
            return Num(kind, dtype)
        case AnySpec():
            return ANY
        case SequenceSpec(cls) | MappingSpec(cls):
            return Opaque(cls.__name__)
    return Opaque("static")


def enter(ctx: Context, spec: Spec, value: Value, path: tuple[Any, ...], found: list[Leaf], param: int, name: str,
          statics: dict[tuple[Any, ...], Any]) -> Abstract:  # fmt: skip
    """The thing an argument is at entry; numbers and arrays in it are noted as leaves."""
    if (param, *path) in statics:
        return Const(statics[(param, *path)])
    match spec:
        case StaticSpec(known):
            return Const(known)
        case SequenceSpec(cls, items):
            parts = tuple(_enter_item(ctx, item, value, path, k, found, param, name, statics)
                          for k, item in enumerate(items))  # fmt: skip
            if issubclass(cls, tuple):
                return TupleOf(parts, None if cls is tuple else cls)
            box = Box("list", cls=cls, protected=True)
            ctx.state.boxes[box.number] = parts
            ctx.entered.append((box, value, parts))
            return box
        case MappingSpec(cls, keys, items):
            box = Box("dict" if cls is dict else "object", cls=cls, protected=True)
            ctx.state.boxes[box.number] = {
                key: _enter_item(ctx, item, value, path, key, found, param, name, statics, cls is not dict)
                for key, item in zip(keys, items, strict=True)
            }
            ctx.entered.append((box, value, ctx.state.boxes[box.number]))
            return box
    leaf = Leaf(param, path, value)
    found.append(leaf)
    if isinstance(spec, NumSpec):
        return Sym(value)
    array = ctx.new_array(value, name)
    if path:
        ctx.entered_arrays.append((leaf, array.storage))
    if isinstance(spec, ArraySpec):
        array.storage.contiguous = spec.contiguous is True or len(spec.ones) == 0
        array.storage.unknown_layout = spec.contiguous is None
    return array


def with_layout(spec: Spec, value: Any) -> Spec:
    """The signature with the layout of every array in it."""
    match spec:
        case ArraySpec(dtype, ones):
            return ArraySpec(dtype, ones, bool(value.flags.c_contiguous))
        case SequenceSpec(cls, items):
            return SequenceSpec(cls, tuple(with_layout(item, v) for item, v in zip(items, value, strict=True)))
        case MappingSpec(cls, keys, items):
            parts = (value[key] if cls is dict else getattr(value, key) for key in keys)
            return MappingSpec(cls, keys, tuple(with_layout(item, v) for item, v in zip(items, parts, strict=True)))
    return spec


def _enter_item(ctx: Context, spec: Spec, value: Value, path: tuple[Any, ...], key: Any, found: list[Leaf], param: int,
                name: str, statics: dict[tuple[Any, ...], Any], by_attribute: bool = False) -> Abstract:  # fmt: skip
    label = key if isinstance(key, str) and key.isidentifier() else f"{name}_{key}"
    label = str(label)
    if isinstance(spec, StaticSpec):
        return Const(spec.value)
    fn = getattr if by_attribute else operator.getitem
    symbol = ".".join(map(str, (param, *path, key, "")))
    item = ctx.emit(fn, value, key, hint=label, type_=type_of(spec, symbol), must=False)
    return enter(ctx, spec, item, (*path, key), found, param, label, statics)
