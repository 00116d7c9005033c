"""Code made for one closure serves the next one of the same code: a lambda in a loop is compiled once.

What a function captures is data, read at each call, or something that was built in and is compared. So the same code
object with the same module needs no new code where its cells hold the same functions, modules and classes, and data of
the same kinds. What is kept refers to no closure: readers of cells are kept as the places of the cells.
"""

from __future__ import annotations

import dataclasses
import sys
import threading
import types
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import numpy as np

from srcgrad.api.keys import Same
from srcgrad.api.versions import GONE, Version
from srcgrad.frontend import objects, surroundings
from srcgrad.frontend.signature import spec_of
from srcgrad.frontend.surroundings import Captured, Guard, Read
from srcgrad.frontend.values import Outside
from srcgrad.ir.core import PLAIN, Func, Operand, Value, operands_of
from srcgrad.ir.walk import callees, walk
from srcgrad.rules.core import edition

CODE = (bool, int, float, str, type, types.ModuleType, types.CodeType, np.ufunc, type(np.sum))
MAX_CODES = 256
MAX_EACH = 8  # versions of one code and signature, which differ in what their cells hold
Place = Callable[[types.FunctionType], Read]  # a reader of another closure's cell, or of what all closures share

_kept: OrderedDict[Hashable, list[Kept]] = OrderedDict()
_lock = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Kept:
    """A version without its closure."""

    version: Version
    guards: tuple[tuple[Place, Any], ...]
    captured: tuple[tuple[Place, Captured], ...]


def closure_key(fn: Any, rest: Hashable) -> Hashable | None:
    """What versions are kept under; None for what is no plain function."""
    if not isinstance(fn, types.FunctionType):
        return None
    return Same(fn.__code__), fn.__name__, Same(fn.__globals__), edition(), rest


def forget() -> None:
    """Let go of all that is kept."""
    with _lock:
        _kept.clear()


def again(key: Hashable, fn: Any) -> Iterator[Version]:
    """The versions of other closures that may serve this one; their guards are still to be asked."""
    with _lock:
        found = list(_kept.get(key, ()))
        if found:
            _kept.move_to_end(key)
    for kept in found:
        version = _for_closure(kept, fn)
        if version is not None:
            yield version


def keep(key: Hashable, fn: Any, version: Version) -> None:
    """Keep a version for other closures, if nothing in it is about this one."""
    kept = _without_closure(version, fn)
    if kept is None:
        return
    with _lock:
        _kept[key] = [*_kept.get(key, [])[1 - MAX_EACH :], kept]
        _kept.move_to_end(key)
        while len(_kept) > MAX_CODES:
            _kept.popitem(last=False)


# --- leaving the closure, and entering another one ----------------------------------------------------------------


def _without_closure(version: Version, fn: types.FunctionType) -> Kept | None:
    lowered, lowering = version.lowered, version.lowering
    guards = [(_place(guard.read, fn), guard.value) for guard in lowered.guards]
    captured = [(_place(each.read, fn), each) for each in lowered.captured]
    shared = all(place is not None and is_code(value) for place, value in guards)
    if lowering is None or not shared or any(place is None for place, _ in captured) or _names_closure(version, fn):
        return None
    bare = dataclasses.replace(lowered, guards=[], captured=[], source=None)
    version = dataclasses.replace(version, lowered=bare, lowering=dataclasses.replace(lowering, lowered=bare),
                                  extra=version.extra | {"values": {}})  # fmt: skip
    return Kept(
        version,
        tuple([(place, value) for place, value in guards if place is not None]),
        tuple([(place, dataclasses.replace(each, read=_nothing, key=None)) for place, each in captured
               if place is not None]),
    )  # fmt: skip


def _nothing() -> None:
    """Stands for a reader."""


def _for_closure(kept: Kept, fn: types.FunctionType) -> Version | None:
    captured = []
    for place, each in kept.captured:
        read = place(fn)
        try:
            spec = spec_of(read(), each.label)
        except GONE:
            return None
        if spec != each.spec:
            return None
        captured.append(dataclasses.replace(each, read=read))
    guards = [Guard(place(fn), value) for place, value in kept.guards]
    version = kept.version
    lowered = dataclasses.replace(version.lowered, guards=guards, captured=captured)
    assert version.lowering is not None
    lowering = dataclasses.replace(version.lowering, lowered=lowered)
    return dataclasses.replace(version, lowered=lowered, lowering=lowering, extra=dict(version.extra), shared=True)


# --- what is about a closure, and what is not ---------------------------------------------------------------------


def is_code(value: Any) -> bool:
    """Is it part of the program, not data that a kept version would keep alive?"""
    if isinstance(value, types.FunctionType):
        return value.__closure__ is None
    if isinstance(value, types.BuiltinFunctionType):
        return value.__self__ is None or isinstance(value.__self__, types.ModuleType)
    return value is None or isinstance(value, CODE)


def _place(read: Read, fn: types.FunctionType) -> Place | None:
    """How the same is read of another closure; None where that cannot be told."""
    code = getattr(read, "__code__", None)
    if code is None:
        return None
    cells = zip(code.co_freevars, read.__closure__ or (), strict=True)
    content = {name: cell.cell_contents for name, cell in cells}
    if code is _CELL:
        return _cell_place(content["cell"], fn)
    if code is _CODE and content["fn"] is fn:
        return surroundings.code_of
    return (lambda _: read) if _is_shared(read) else None


def _is_shared(read: Read) -> bool:
    """Does a reader read the same for all closures: a global, or a part of one?"""
    code = getattr(read, "__code__", None)
    content = [cell.cell_contents for cell in getattr(read, "__closure__", None) or ()]
    return code in _SHARED and all(
        _is_shared(part.read) and is_code(part.value) if isinstance(part, Outside)
        else is_code(part) or _is_module(part) for part in content
    )  # fmt: skip


def _is_module(scope: Any) -> bool:
    """Is it the names of a module?"""
    module = sys.modules.get(scope.get("__name__", "")) if isinstance(scope, dict) else None
    return module is not None and module.__dict__ is scope


def _cell_place(cell: Any, fn: types.FunctionType) -> Place | None:
    for k, own in enumerate(fn.__closure__ or ()):
        if own is cell:
            return lambda other: surroundings.cell_of((other.__closure__ or ())[k])
    return None


def _code_in(factory: Callable[..., Any]) -> types.CodeType:
    return next(item for item in factory.__code__.co_consts if isinstance(item, types.CodeType))


_CELL, _CODE = _code_in(surroundings.cell_of), _code_in(surroundings.code_of)
_SHARED = {_code_in(factory) for factory in (
    surroundings.global_of, surroundings.builtin_of, surroundings.code_of, surroundings.value_attribute,
    surroundings.attribute_of, objects.in_class, objects.holder_of, objects.type_of_object,
)}  # fmt: skip


def _names_closure(version: Version, fn: types.FunctionType) -> bool:
    """Does the code name the closure or a cell, because it writes there?"""
    funcs = [version.func, version.lowered.func]
    return any(_is_own(part, fn) for func in funcs for part in _constants(func))


def _constants(func: Func) -> Iterator[Any]:
    """What operands hold besides values and plain numbers."""
    for each in (func, *callees(func.block)):
        for op in walk(each.block):
            yield from _parts(operands_of(op))
            yield getattr(op, "fn", None)


def _parts(operand: Operand) -> Iterator[Any]:
    if isinstance(operand, (tuple, list)):
        for item in operand:
            yield from _parts(item)
    elif isinstance(operand, dict):
        yield from _parts(list(operand.values()))
    elif type(operand) not in PLAIN and not isinstance(operand, Value):
        yield operand


def _is_own(part: Any, fn: types.FunctionType) -> bool:
    """Is it this closure, one of its cells, or data of the program?"""
    if part is fn or isinstance(part, (types.CellType, np.ndarray)):
        return True
    return isinstance(part, types.FunctionType) and part.__closure__ is not None


__all__ = ["again", "closure_key", "forget", "keep"]
