"""What a function that is not read may touch: judged by its bytecode, and by that of the functions it calls by name."""

from __future__ import annotations

import dis
import functools
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad.frontend.classes import is_users

STORES = {"STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE"}
GLOBALS = {"STORE_GLOBAL", "DELETE_GLOBAL"}
ARRAY_CHANGERS = {"fill", "sort", "put", "itemset", "resize", "partition", "setflags", "at", "copyto", "place",
                  "putmask", "put_along_axis", "fill_diagonal", "__setitem__", "eval", "exec", "shuffle",
                  "byteswap"}  # fmt: skip
OTHER_CHANGERS = {"append", "extend", "insert", "pop", "popitem", "remove", "clear", "update", "setdefault", "add",
                  "discard", "reverse", "appendleft", "popleft", "rotate", "setattr", "__setattr__"}  # fmt: skip
CELLS = {"STORE_DEREF", "DELETE_DEREF"}
FIXED = (str, int, float, complex, bytes, type(None), np.generic, np.dtype, np.ufunc, types.ModuleType,
         types.FunctionType, types.BuiltinFunctionType)  # fmt: skip
MAX_FUNCTIONS = 200
LIMIT = 5_000


@dataclass
class Touch:
    """What a function may do besides giving a value.

    Attributes
    ----------
    arrays : may it write into arrays?
    attributes : may it set attributes?
    writes : may it change anything of what it is given, or of what it reads from outside?
    outside : the mutable things and the arrays it may reach by name, by identity
    names : the names of the globals and cells it reads or binds
    stores : those it binds
    functions : the functions it was judged by
    callables : the scopes and names where functions and classes were found, and what they were
    """

    arrays: bool = False
    attributes: bool = False
    writes: bool = False
    outside: dict[int, Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    stores: set[str] = field(default_factory=set)
    functions: list[types.FunctionType] = field(default_factory=list)
    callables: list[tuple[dict[str, Any], str, Any]] = field(default_factory=list)

    @property
    def acts(self) -> bool:
        """May it change something that it is not given?"""
        held = self.outside.values()
        if self.stores or (self.arrays and self.outside) or (self.attributes and (self.outside or self.callables)):
            return True
        return self.writes and any(not isinstance(x, (np.ndarray, np.random.Generator, tuple)) for x in held)


def touch_of(fn: Callable[..., Any]) -> Touch:
    """What a function may touch; of one made in C nothing is known, and nothing is assumed."""
    found = Touch()
    found.outside.update((id(x), x) for bound in bound_to(fn) for x in parts(bound))
    for each in functions(fn):
        scope = getattr(each.__globals__, "original", each.__globals__)
        read = {name for code in codes(each.__code__) for name in code.co_names if name in scope}
        held = cells(each)
        found.attributes = found.attributes or any(map(sets_attributes, codes(each.__code__)))
        found.arrays = found.arrays or any(map(writes_arrays, codes(each.__code__)))
        found.writes = found.writes or found.arrays or any(changes(c, each.__code__) for c in codes(each.__code__))
        stored = {name for code in codes(each.__code__) for name in bound_outside(code, each.__code__)}
        found.stores |= stored
        found.names |= read | set(held) | stored
        found.functions.append(each)
        found.callables += [(scope, name, scope[name]) for name in read if callable(scope[name])]
        own = (*(each.__defaults__ or ()), *(each.__kwdefaults__ or {}).values(), *each.__dict__.values())
        for thing in (*(scope[name] for name in read), *held.values(), *own):
            found.outside.update((id(x), x) for x in parts(thing))
    return found


def functions(fn: Any) -> Iterator[types.FunctionType]:
    """The Python functions that may run: the function's own, and those it names."""
    seen: set[int] = set()
    stack = [fn]
    while stack and len(seen) < MAX_FUNCTIONS:
        each = plain_function(stack.pop())
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        names = {name for code in codes(each.__code__) for name in code.co_names}
        near = [each.__globals__.get(name) for name in names] + list(cells(each).values())
        stack += [x for x in near if x is not None]
        modules = [x for x in near if isinstance(x, types.ModuleType) and is_own(x)]
        stack += [getattr(module, name, None) for module in modules for name in names]


def plain_function(thing: Any) -> types.FunctionType | None:
    """The user's Python function behind a callable."""
    if isinstance(thing, functools.partial):
        return plain_function(thing.func)
    if isinstance(thing, types.MethodType):
        return plain_function(thing.__func__)
    if isinstance(thing, functools._lru_cache_wrapper):
        return plain_function(thing.__wrapped__)
    if not isinstance(thing, types.FunctionType):
        thing = vars(type(thing)).get("__call__") if is_users(type(thing)) else None
    own = isinstance(thing, types.FunctionType) and (thing.__module__ or "").split(".")[0] not in ("numpy", "srcgrad")
    return thing if own else None


def bound_to(fn: Any) -> list[Any]:
    """The object of a method, the arguments of a partial, a callable object itself."""
    if isinstance(fn, functools.partial):
        return [*fn.args, *fn.keywords.values(), *bound_to(fn.func)]
    if isinstance(fn, types.FunctionType):
        return []
    return [getattr(fn, "__self__", fn)]


def is_own(module: types.ModuleType) -> bool:
    """May functions of this module touch the user's things?"""
    return module.__name__.split(".")[0] not in ("numpy", "scipy", "srcgrad", "math", "builtins")


def cells(fn: types.FunctionType) -> dict[str, Any]:
    """What the variables of enclosing functions hold."""
    pairs = zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True)
    return {name: cell.cell_contents for name, cell in pairs if cell != types.CellType()}


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code of a function and of those inside it."""
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from codes(const)


def writes_arrays(code: types.CodeType) -> bool:
    """May it write into an array?"""
    if ARRAY_CHANGERS & set(code.co_names) or any(isinstance(c, tuple) and "out" in c for c in code.co_consts):
        return True
    return any(map(is_store, dis.get_instructions(code)))


def is_store(step: dis.Instruction) -> bool:
    """Is it ``a[k] = b`` or ``a += b``?"""
    return step.opname in STORES or (step.opname == "BINARY_OP" and step.argrepr.endswith("="))


def changes(code: types.CodeType, top: types.CodeType) -> bool:
    """May it change a container, an object, a global, or a variable of the functions around `top`?"""
    return bool(OTHER_CHANGERS & set(code.co_names) or bound_outside(code, top)) or sets_attributes(code)


def sets_attributes(code: types.CodeType) -> bool:
    """Does it set attributes?"""
    if {"setattr", "__setattr__"} & set(code.co_names):
        return True
    return any(step.opname in ("STORE_ATTR", "DELETE_ATTR") for step in dis.get_instructions(code))


def bound_outside(code: types.CodeType, top: types.CodeType) -> set[str]:
    """The globals, and the variables of the functions around `top`, that it binds."""
    steps = list(dis.get_instructions(code))
    cells = {step.argval for step in steps if step.opname in CELLS and step.argval in top.co_freevars}
    return cells | {step.argval for step in steps if step.opname in GLOBALS}


def parts(thing: Any) -> Iterator[Any]:
    """A mutable thing, and those it holds."""
    seen: set[int] = set()
    stack = [thing]
    while stack and len(seen) < LIMIT:
        each = stack.pop()
        if isinstance(each, FIXED) or (isinstance(each, type) and not is_users(each)) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, dict):
            stack += each.values()
        elif isinstance(each, (list, tuple, set, frozenset)):
            stack += each
        elif is_users(each) or is_users(type(each)):
            stack += getattr(each, "__dict__", {}).values()
