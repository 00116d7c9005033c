"""Functions whose globals are seen through a glass that shows, for what NumPy cannot dispatch, a stand-in that can.

``math.sin(t)``, ``np.array([t, 1.0])`` and srcgrad's own array primitives look inside their arguments before a tensor
is asked. A lifted function is the same code with other globals: each callable that has a rule is replaced by one that
records where a tensor is among its arguments, functions are lifted in turn, and modules show lifted attributes. Names
are looked up at each use, so changed globals are seen.
"""

from __future__ import annotations

import builtins
import dis
import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.rules.constants import is_known
from srcgrad.rules.core import Rule, lookup
from srcgrad.tracer.tensor import Tensor, holds_tensor, plain

Record = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]
CREATORS = {np.zeros, np.ones, np.empty, np.full, np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.array,
            np.copy, np.arange, np.linspace, np.eye, np.identity}  # fmt: skip
UNTOUCHED = ("srcgrad.tracer.", "srcgrad.api.", "srcgrad.frontend.", "srcgrad.ir.", "srcgrad.errors")


CALLED = "()"  # marks the name of a number type where it is called
NUMBER_TYPES = ("float", "int", "complex")


class Scope(dict[str, Any]):
    """Globals seen through the glass; new globals go to the originals when `settle` is called."""

    def __init__(self, original: dict[str, Any], lifter: Lifter) -> None:
        super().__init__(__builtins__=builtins.__dict__)
        self.original, self.lifter = original, lifter

    def __getitem__(self, name: str) -> Any:
        if super().__contains__(name) and name != "__builtins__":
            return super().__getitem__(name)
        if name.endswith(CALLED):
            return self.lifter.called(self[name[: -len(CALLED)]])
        found = self.original[name] if name in self.original else getattr(builtins, name, self)
        if found is self:
            raise KeyError(name)
        return self.lifter.seen(found)

    def settle(self) -> None:
        """Hand globals that were assigned to the original module."""
        for name in [name for name in self if name != "__builtins__"]:
            self.original[name] = self.lifter.unseen(super().__getitem__(name))
            del self[name]


class Lifter:
    """Lifts functions.

    Parameters
    ----------
    record : callable
        What is called instead of a function with a rule where a tensor is among the arguments.
    wrap : callable, optional
        What is done to new arrays, so that tensors can be written into them.
    """

    def __init__(self, record: Record, wrap: Callable[[Any], Any] | None = None) -> None:
        self.record, self.wrap = record, wrap
        self._made: dict[int, tuple[Any, Any]] = {}  # by identity; the original is kept alive
        self._scopes: dict[int, Scope] = {}

    def seen(self, thing: Any) -> Any:
        """What stands for a thing; the thing itself where nothing has to."""
        if thing is None or isinstance(thing, (int, float, str, np.ndarray, Tensor)):
            return thing
        known = self._made.get(id(thing))
        if known is not None:
            return known[1]
        made = self._stand_in(thing)
        if made is not thing:
            self._made[id(thing)] = (thing, made)
        return made

    def unseen(self, thing: Any) -> Any:
        """The thing that a stand-in stands for."""
        return getattr(thing, "_stands_for", thing)

    def _stand_in(self, thing: Any) -> Any:
        if isinstance(thing, types.ModuleType):
            return ModuleView(thing, self)
        if isinstance(thing, ModuleView) or "_stands_for" in getattr(thing, "__dict__", {}):
            return thing  # lifted before
        if thing is isinstance:
            return is_instance
        if isinstance(thing, (type, np.ufunc)) or thing is is_known:
            return thing
        if self.wrap is not None and _hashable(thing) and thing in CREATORS:
            return self.creating(thing)
        if _is_ruled(thing):
            return self.ruled(thing)
        if isinstance(thing, types.FunctionType) and not (thing.__module__ or "").startswith(UNTOUCHED):
            return self.lift(thing)
        return thing

    def ruled(self, fn: Any) -> Any:
        """Records where a tensor is among the arguments."""
        record = self.record

        @functools.wraps(fn, updated=())
        def stand_in(*args: Any, **kwargs: Any) -> Any:
            if kwargs.get("out") is not None:
                return fn(*args, **kwargs)  # the array protocols know what to do with it
            if holds_tensor(args) or (kwargs and holds_tensor(tuple(kwargs.values()))):
                return record(fn, args, kwargs)
            return fn(*args, **kwargs)

        made: Any = stand_in
        made._stands_for = fn
        return made

    def creating(self, fn: Any) -> Any:
        """Makes an array that tensors can be written into."""
        inner, wrap = self.ruled(fn), self.wrap
        assert wrap is not None

        @functools.wraps(fn, updated=())
        def stand_in(*args: Any, **kwargs: Any) -> Any:
            return wrap(inner(*args, **kwargs))

        made: Any = stand_in
        made._stands_for = fn
        return made

    def called(self, thing: Any) -> Any:
        """What stands for a type where it is called; as a value (a dtype, in `isinstance`) it is itself."""
        return self.ruled(thing) if isinstance(thing, type) and _is_ruled(thing) else thing

    def lift(self, fn: types.FunctionType) -> types.FunctionType:
        """The function with lifted globals, and lifted functions in its cells."""
        scope = self.scope(fn.__globals__)
        cells = fn.__closure__ and tuple(map(self._cell, fn.__closure__))
        made = types.FunctionType(marked(fn.__code__), scope, fn.__name__, fn.__defaults__, cells)
        made.__kwdefaults__ = fn.__kwdefaults__
        made.__dict__.update(fn.__dict__, _stands_for=fn)
        made.__qualname__, made.__module__ = fn.__qualname__, fn.__module__
        return made

    def scope(self, original: dict[str, Any]) -> Scope:
        """The one scope for a module's globals."""
        if id(original) not in self._scopes:
            self._scopes[id(original)] = Scope(original, self)
        return self._scopes[id(original)]

    def settle(self) -> None:
        """Hand all assigned globals to their modules."""
        for scope in self._scopes.values():
            scope.settle()

    def _cell(self, cell: types.CellType) -> types.CellType:
        """The cell itself, so that writes to it are seen; one of its own only where it holds a function or module."""
        try:
            held = cell.cell_contents
        except ValueError:
            return cell
        if not isinstance(held, (types.FunctionType, types.ModuleType)) and not callable(held):
            return cell
        found = self.seen(held)
        return cell if found is held else types.CellType(found)


class ModuleView:
    """A module with lifted attributes."""

    def __init__(self, module: types.ModuleType, lifter: Lifter) -> None:
        self.__dict__["_stands_for"] = module
        self.__dict__["_lifter"] = lifter

    def __getattr__(self, name: str) -> Any:
        return self._lifter.seen(getattr(self._stands_for, name))

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._stands_for, name, self._lifter.unseen(value))


def is_instance(thing: Any, kinds: Any) -> bool:
    """``isinstance`` that asks about the value of a tensor; a tensor is one, too."""
    if isinstance(thing, Tensor):
        return isinstance(plain(thing), kinds) or isinstance(thing, kinds)
    return isinstance(thing, kinds)


@functools.lru_cache(maxsize=1024)
def marked(code: types.CodeType) -> types.CodeType:
    """The code with the names of number types marked where they are called: ``float(x)``, not ``dtype=float``."""
    names, text = list(code.co_names), bytearray(code.co_code)
    for step in dis.get_instructions(code):
        # the lowest bit of the argument of LOAD_GLOBAL says that a call follows
        if step.opname == "LOAD_GLOBAL" and step.argval in NUMBER_TYPES and (step.arg or 0) & 1:
            name = step.argval + CALLED
            if name not in names:
                names.append(name)
            if names.index(name) < 128 and (step.arg or 0) < 256:
                text[step.offset + 1] = names.index(name) << 1 | 1
    consts = tuple([marked(c) if isinstance(c, types.CodeType) else c for c in code.co_consts])
    return code.replace(co_names=tuple(names), co_code=bytes(text), co_consts=consts)


def _hashable(thing: Any) -> bool:
    return getattr(type(thing), "__hash__", None) is not None


def _is_ruled(thing: Any) -> bool:
    """Is it a function with a rule, and not the rule?"""
    return callable(thing) and not isinstance(thing, Rule) and lookup(thing) is not None
