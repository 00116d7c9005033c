"""What a signature says of an argument, as text: its annotation, and the check that the code is made for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.codegen.globals import Globals, refuse
from srcgrad.frontend.signature import ArraySpec, MappingSpec, NumSpec, SequenceSpec, Spec, StaticSpec
from srcgrad.ir.core import Operand, Value
from srcgrad.ir.types import Arr, Num, dtype_kind

__all__ = ["CHECK", "CHECK_APART", "KIND_OF", "annotation", "annotation_of_result", "apart_text", "checks",
           "expression_of"]  # fmt: skip

# Pasted into a module: the code is right for one signature only, and silently wrong for another.
KIND_OF = '''\
{kinds} = {{}}  # names of the kinds of arrays seen so far


def {kind_of}(value):
    """The dtype and axes of an array, `1` where an axis has length 1; else the type, or the value."""
    if isinstance(value, {np}.ndarray):
        key = value.dtype, tuple([n == 1 for n in value.shape])
        if key not in {kinds}:
            {kinds}[key] = f"{{value.dtype}}[{{', '.join('1' if one else ':' for one in key[1])}}]"
        return {kinds}[key]
    if value is None or isinstance(value, (bool, str)):
        return repr(value)
    if isinstance(value, {np}.generic):
        return f"np.{{value.dtype}}"
    if isinstance(value, (list, tuple)):
        return f"{{type(value).__name__}} of {{len(value)}}"
    if isinstance(value, dict):
        return f"dict of {{', '.join(sorted(map(repr, value)))}}"
    return type(value).__name__
'''
CHECK = '''\
def {check}(*arguments):
    """Raise unless every (label, value, kind) fits."""
    for label, value, kind in arguments:
        if type(value) is float and kind == "float":
            continue
        found = {kind_of}(value)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if found != kind and not (kind == "float" and number):
            raise TypeError(f"{{label}} is {{found}}, and this code was made for {{kind}}")
'''
CHECK_APART = '''\
def {check_apart}(*pairs):
    """Raise where an array that is written shares its memory with another."""
    for label, array, other, rest in pairs:
        if {np}.shares_memory(array, rest, max_work=10_000):
            raise ValueError(f"{{label}} is written, and {{other}} shares its memory: pass a copy")
'''


def annotation(spec: Spec, globals_: Globals) -> str:
    """The annotation of a parameter; empty where none is short and true."""
    match spec:
        case ArraySpec(dtype):
            return _array(dtype, globals_)
        case NumSpec(kind, dtype):
            return kind if dtype is None else f"{globals_.numpy()}.{dtype.type.__name__}"
        case StaticSpec(value):
            return _of_constant(value)
        case SequenceSpec(cls, items) if cls in (list, tuple):
            return _sequence(cls.__name__, [annotation(item, globals_) for item in items])
        case MappingSpec(cls, keys, items) if cls is dict:
            return _mapping([type(key).__name__ for key in keys], [annotation(item, globals_) for item in items])
    return ""


def _array(dtype: np.dtype[Any], globals_: Globals) -> str:
    return f"{globals_.array_type()}[{globals_.numpy()}.{dtype.type.__name__}]"


def _of_constant(value: object) -> str:
    if value is None:
        return "None"
    return type(value).__name__ if type(value) in (bool, int, float, complex, str) else ""


def _sequence(name: str, items: list[str]) -> str:
    if "" in items:
        return ""
    if name == "tuple":
        return f"tuple[{', '.join(items) or '()'}]"
    return f"list[{' | '.join(dict.fromkeys(items))}]" if items else ""


def _mapping(keys: list[str], items: list[str]) -> str:
    if "" in items or not items:
        return ""
    return f"dict[{' | '.join(dict.fromkeys(keys))}, {' | '.join(dict.fromkeys(items))}]"


def annotation_of_result(operand: Operand, globals_: Globals) -> str:
    """The annotation of what a function returns; empty where it is not known."""
    if isinstance(operand, Value):
        return _of_type(operand.type, globals_)
    if type(operand) in (list, tuple):
        return _sequence(type(operand).__name__, [annotation_of_result(item, globals_) for item in operand])
    if type(operand) is dict:
        items = [annotation_of_result(item, globals_) for item in operand.values()]
        return _mapping([type(key).__name__ for key in operand], items)
    return _of_constant(operand)


def _of_type(kind: object, globals_: Globals) -> str:
    match kind:
        case Arr(dtype, dims) if dtype is not None and dims is not None:
            return _array(dtype, globals_) if dims else ""  # NumPy may give a number for an array without axes
        case Num(word, dtype) if dtype is not None and dtype_kind(dtype) in ("float", "complex"):
            return f"{globals_.numpy()}.{dtype.type.__name__}"
        case Num(word) if word is not None:
            return word
    return ""


@dataclass(frozen=True)
class _Check:
    """One thing to look at: an expression, and the kind it must be."""

    expression: str
    kind: str

    def __str__(self) -> str:
        return f"({self.expression!r}, {self.expression}, {self.kind!r})"


def checks(name: str, spec: Spec, globals_: Globals) -> Iterator[_Check]:
    """The checks of one argument, containers before what they hold.

    Raises
    ------
    UnsupportedError
        The code was made for one object, which the module cannot name.
    """
    match spec:
        case ArraySpec():
            yield _Check(name, str(spec))
        case NumSpec():
            yield _Check(name, str(spec))
        case SequenceSpec(cls, items):
            yield _Check(name, f"{cls.__name__} of {len(items)}")
            for k, item in enumerate(items):
                yield from checks(f"{name}[{k}]", item, globals_)
        case MappingSpec(cls, keys, items):
            yield _Check(name, _mapping_kind(cls, keys))
            for key, item in zip(keys, items, strict=True):
                yield from checks(_item(name, spec, key), item, globals_)
        case StaticSpec(value):
            yield _static(name, value, globals_)


def _item(name: str, spec: Spec, key: Any) -> str:
    by_attribute = isinstance(spec, MappingSpec) and spec.cls is not dict
    return f"{name}.{key}" if by_attribute else f"{name}[{key!r}]"


def expression_of(name: str, spec: Spec, path: tuple[Any, ...]) -> str:
    """How a place in an argument is spelled."""
    for key in path:
        name = _item(name, spec, key)
        if isinstance(spec, SequenceSpec):
            spec = spec.items[key]
        elif isinstance(spec, MappingSpec):
            spec = spec.items[spec.keys.index(key)]
    return name


def apart_text(written: str, other: str) -> str:
    """One argument of the check that two arrays share no memory."""
    return f"({written!r}, {written}, {other!r}, {other})"


def _mapping_kind(cls: type, keys: tuple[Any, ...]) -> str:
    return f"dict of {', '.join(sorted(map(repr, keys)))}" if cls is dict else cls.__name__


def _static(name: str, value: object, globals_: Globals) -> _Check:
    if value is None or isinstance(value, (bool, str)):
        return _Check(name, repr(value))
    if isinstance(value, (int, float, complex)):
        return _Check(f"{name} == {globals_.text(name, value)}", "True")
    if getattr(value, "__name__", "") == "<lambda>":
        refuse(name, value, "the code was made for this one function, which has no name")
    return _Check(f"{name} is {globals_.name(getattr(value, '__name__', name), value)}", "True")
