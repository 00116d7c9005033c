"""Functions whose globals are seen through a glass that shows, for what NumPy cannot dispatch, a stand-in that can.

``math.sin(t)``, ``np.array([t, 1.0])`` and srcgrad's own array primitives look inside their arguments before a tensor
is asked. A lifted function is the same code with other globals: each callable that has a rule is replaced by one that
records where a tensor is among its arguments, functions are lifted in turn, and modules show lifted attributes. Names
are looked up at each use, so changed globals are seen.
"""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import json
import pickle
import struct
import sys
import types
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from srcgrad.rules.constants import is_known
from srcgrad.rules.core import Rule, lookup
from srcgrad.tracer.classes import Classes
from srcgrad.tracer.leaving import check_text
from srcgrad.tracer.tensor import Tensor, holds_tensor, plain

Record = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]
CREATORS = {np.zeros, np.ones, np.empty, np.full, np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.array,
            np.copy, np.arange, np.linspace, np.eye, np.identity}  # fmt: skip
ALONE = {"copy", "pickle", "copyreg"}  # modules that ask for the type of a thing to call its methods
UNTOUCHED = ("srcgrad.tracer.", "srcgrad.api.", "srcgrad.frontend.", "srcgrad.ir.", "srcgrad.errors")


CALLED = "()"  # marks the name of a number type where it is called
NUMBER_TYPES = ("float", "int", "complex", "type", "map", "Decimal", "Fraction")
SCALARS = ("float64", "float32", "float16", "complex128", "complex64", "longdouble")
PARSERS = {eval, exec, ord, json.loads, json.load, ast.literal_eval, struct.unpack, struct.unpack_from, pickle.loads,
           pickle.load, float.fromhex, np.array, np.asarray, np.fromstring, np.frombuffer, np.loadtxt, np.genfromtxt,
           np.load, np.fromfile, float, int, complex, Decimal, Fraction, np.float64, np.float32}  # fmt: skip


class Builtins(dict[str, Any]):
    """The builtins of a lifted function; the bodies of its classes look their globals up here as well."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(__import__=scope.imported)
        self.scope = scope

    def __missing__(self, name: str) -> Any:
        return self.scope[name]


class Scope(dict[str, Any]):
    """Globals seen through the glass; new globals go to the originals when `settle` is called."""

    def __init__(self, original: dict[str, Any], lifter: Lifter) -> None:
        super().__init__(__builtins__=Builtins(self))
        self.original, self.lifter = original, lifter
        self.stored: set[str] = set()

    def imported(self, name: str, scope: Any = None, *more: Any) -> Any:
        """``import`` inside a lifted function."""
        return self.lifter.seen(__import__(name, self.original, *more))

    def __getitem__(self, name: str) -> Any:
        if len(self) > 1:
            self.flush()  # functions that are not lifted read the original
        if name.endswith(CALLED):
            return self.lifter.called(self[name[: -len(CALLED)]])
        found = self.original[name] if name in self.original else getattr(builtins, name, self)
        if found is self:
            raise KeyError(name)
        return self.lifter.seen(found)

    def get(self, name: str, default: Any = None) -> Any:
        """As ``globals().get`` has it."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.original

    def flush(self) -> None:
        """Hand globals that were assigned to the original module."""
        for name in [name for name in dict.keys(self) if name != "__builtins__"]:
            self.original[name] = self.lifter.unseen(super().__getitem__(name))
            self.stored.add(name)
            del self[name]

    def settle(self) -> None:
        """The same at the end of a trace: from then on they are plain."""
        self.flush()
        for name in self.stored:
            if name in self.original:
                self.original[name] = plain(self.original[name])
        self.stored.clear()


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
        self.classes = Classes(self.seen)

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
        if thing is isinstance or thing is hasattr:
            return is_instance if thing is isinstance else has_attribute
        if isinstance(thing, functools._lru_cache_wrapper):
            return self.uncached(thing)
        if type(thing).__module__ == "numba.core.registry":
            return self.seen(thing.py_func)
        if isinstance(thing, type):
            self.classes.dress(thing)
        if isinstance(thing, (type, np.ufunc)) or thing is is_known:
            return thing
        if thing in (eval, exec):
            return self.evaluating(thing)
        made = self._by_kind(thing)
        return self.reading(thing, made) if _hashable(thing) and thing in PARSERS else made

    def _by_kind(self, thing: Any) -> Any:
        if self.wrap is not None and _hashable(thing) and thing in CREATORS:
            return self.creating(thing)
        if _is_ruled(thing):
            return self.ruled(thing)
        if isinstance(thing, types.FunctionType) and not _is_untouched(thing.__module__ or ""):
            return self.lift(thing)
        self.classes.reach(thing)
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

    def reading(self, fn: Any, inner: Any) -> Any:
        """Does not read numbers from text that may be that of a value."""

        @functools.wraps(fn, updated=())
        def stand_in(*args: Any, **kwargs: Any) -> Any:
            check_text(args, sys._getframe(1).f_code.co_consts)
            return inner(*args, **kwargs)

        made: Any = stand_in
        made._stands_for = fn
        return made

    def converting(self, kind: type[Any]) -> Any:
        """A scalar type of NumPy as a function."""

        def stand_in(*args: Any) -> Any:
            if not holds_tensor(args):
                return kind(*args)
            (x,) = args
            made = x if isinstance(x, (np.ndarray, np.generic)) else np.multiply(x, np.float64(1))
            return made.astype(kind)

        return stand_in

    def evaluating(self, fn: Any) -> Any:
        """``eval`` or ``exec`` among the names of its caller."""

        @functools.wraps(fn, updated=())
        def stand_in(source: Any, names: Any = None, inner: Any = None) -> Any:
            frame = sys._getframe(1)
            check_text((source,), frame.f_code.co_consts)
            if names is None:
                names, inner = frame.f_globals, Names(frame.f_locals, frame.f_globals)
            return fn(source, names, inner)

        return stand_in

    def uncached(self, fn: Any) -> Any:
        """A cache is not asked about values that have a derivative, and does not get to keep them."""
        inner = self.seen(fn.__wrapped__)

        @functools.wraps(fn, updated=())
        def stand_in(*args: Any, **kwargs: Any) -> Any:
            traced = holds_tensor(args) or holds_tensor(tuple(kwargs.values()))
            return inner(*args, **kwargs) if traced else fn(*args, **kwargs)

        made: Any = stand_in
        made._stands_for = fn
        return made

    def called(self, thing: Any) -> Any:
        """What stands for a type where it is called; as a value (a dtype, in `isinstance`) it is itself."""
        if not isinstance(thing, type):
            return thing
        if thing is type:
            return type_of
        if thing is map:
            return lambda fn, *items: map(self.called(fn), *items)
        made = self.ruled(thing) if _is_ruled(thing) else thing
        if issubclass(thing, np.inexact):
            made = self.converting(thing)
        return self.reading(thing, made) if thing in PARSERS else made

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
        self.classes.settle()
        for scope in self._scopes.values():
            scope.settle()
        for key in [key for key, (thing, _) in self._made.items() if getattr(thing, "__closure__", None)]:
            self._made.pop(key, None)  # closures are made again and again

    def _cell(self, cell: types.CellType) -> types.CellType:
        """The cell itself, so that writes to it are seen; one of its own only where it holds a function or module."""
        try:
            held = cell.cell_contents
        except ValueError:
            return cell
        self.classes.reach(held)
        if not isinstance(held, (types.FunctionType, types.ModuleType)) and not callable(held):
            return cell
        found = self.seen(held)
        return cell if found is held else types.CellType(found)


class Names(dict[str, Any]):
    """The names that evaluated code sees: those of its caller, then its globals."""

    def __init__(self, inner: dict[str, Any], outer: Any) -> None:
        super().__init__(inner)
        self.outer = outer

    def __missing__(self, name: str) -> Any:
        return self.outer[name]


class ModuleView:
    """A module with lifted attributes."""

    __slots__ = ("_lifter", "_stands_for")
    _lifter: Lifter
    _stands_for: types.ModuleType

    def __init__(self, module: types.ModuleType, lifter: Lifter) -> None:
        object.__setattr__(self, "_stands_for", module)
        object.__setattr__(self, "_lifter", lifter)

    def __getattr__(self, name: str) -> Any:
        if name == "__dict__":
            return vars(self._stands_for)
        if name.endswith(CALLED):
            return self._lifter.called(getattr(self._stands_for, name[: -len(CALLED)]))
        return self._lifter.seen(getattr(self._stands_for, name))

    def __dir__(self) -> Iterator[str]:
        return iter(dir(self._stands_for))

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._stands_for, name, self._lifter.unseen(value))


def type_of(thing: Any, *more: Any) -> Any:
    """``type`` that tells the type of a tensor's value."""
    return type(thing, *more) if more else type(plain(thing)) if isinstance(thing, Tensor) else type(thing)


def is_instance(thing: Any, kinds: Any) -> bool:
    """``isinstance`` that asks about the value of a tensor; a tensor is one, too."""
    if isinstance(thing, Tensor):
        return isinstance(plain(thing), kinds) or isinstance(thing, kinds)
    return isinstance(thing, kinds)


def has_attribute(thing: Any, name: str) -> bool:
    """``hasattr`` that asks the value of a tensor."""
    return hasattr(plain(thing) if isinstance(thing, Tensor) else thing, name)


@functools.lru_cache(maxsize=1024)
def marked(code: types.CodeType) -> types.CodeType:
    """The code with the names of number types marked where they are called: ``float(x)``, not ``dtype=float``."""
    names, text = list(code.co_names), bytearray(code.co_code)
    before = None
    for step in dis.get_instructions(code):
        if is_called(step, before):
            name = step.argval + CALLED
            if name not in names:
                names.append(name)
            wide = step.opname == "LOAD_GLOBAL" or (step.opname == "LOAD_ATTR" and sys.version_info >= (3, 12))
            number = names.index(name) << 1 | (step.arg or 0) & 1 if wide else names.index(name)
            if number < 256 and (step.arg or 0) < 256:
                text[step.offset + 1] = number
        before = step
    consts = tuple([marked(c) if isinstance(c, types.CodeType) else c for c in code.co_consts])
    return code.replace(co_names=tuple(names), co_code=bytes(text), co_consts=consts)


def is_called(step: dis.Instruction, before: dis.Instruction | None) -> bool:
    """Does it load one of the types that are replaced where they are called?"""
    if step.opname == "LOAD_GLOBAL":  # the lowest bit of the argument says that a call follows
        return step.argval in NUMBER_TYPES and bool((step.arg or 0) & 1)
    if step.argval not in SCALARS:
        return False
    if step.opname == "LOAD_METHOD":
        return True
    if step.opname != "LOAD_ATTR" or before is None:
        return False
    by_bit = sys.version_info >= (3, 12) and bool((step.arg or 0) & 1)
    return by_bit or (before.opname == "LOAD_GLOBAL" and bool((before.arg or 0) & 1))


def _is_untouched(module: str) -> bool:
    return module in ALONE or module.startswith(UNTOUCHED)


def _hashable(thing: Any) -> bool:
    try:
        hash(thing)
    except TypeError:
        return False
    return True


def _is_ruled(thing: Any) -> bool:
    """Is it a function with a rule, and not the rule?"""
    return callable(thing) and not isinstance(thing, Rule) and lookup(thing) is not None
