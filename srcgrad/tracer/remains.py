"""What a traced function leaves behind (in globals, containers, attributes, closures) is plain again afterwards."""

from __future__ import annotations

import functools
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from srcgrad.tracer.leaving import is_users
from srcgrad.tracer.tensor import holds_tensor, plain

LIMIT = 20_000  # things looked at; what a function can reach may be large
ATOMS = (int, float, complex, str, bytes, np.ndarray, np.generic, type(None))
FOREIGN = {"numba", "llvmlite", "numpy", "scipy", "srcgrad", "builtins", *sys.stdlib_module_names}
Put = Callable[[Any], None]


def settle(*roots: Any) -> None:
    """Replace the tensors in everything that can be reached from some things by their values."""
    for thing in reached(*roots):
        for item, put in list(places(thing)):
            if holds_tensor(item) and not isinstance(item, list):
                put(plain(item))


def arrays(*roots: Any) -> Iterator[np.ndarray]:
    """The arrays that can be reached from some things."""
    for thing in reached(*roots):
        yield from (item for item, _ in list(places(thing)) if isinstance(item, np.ndarray))


def reached(*roots: Any) -> Iterator[Any]:
    """Everything that can be reached and holds something."""
    seen: set[int] = set()
    stack = list(roots)
    while stack and len(seen) < LIMIT:
        thing = stack.pop()
        if isinstance(thing, ATOMS) or id(thing) in seen:
            continue
        seen.add(id(thing))
        yield thing
        stack += [item for item, _ in list(places(thing))]


def places(thing: Any) -> Iterator[tuple[Any, Put]]:
    """The things that a thing holds, each with what puts another in its place."""
    if isinstance(thing, dict):
        yield from keyed(thing, thing)
    elif isinstance(thing, (list, deque)):
        yield from keyed(thing, enumerate(thing))
    elif isinstance(thing, (tuple, set, frozenset)):
        yield from ((item, _nowhere) for item in thing)
    elif isinstance(thing, types.FunctionType):
        yield from of_function(thing)
    elif isinstance(thing, types.MethodType):
        yield thing.__self__, _nowhere
        yield thing.__func__, _nowhere
    elif isinstance(thing, functools.partial):
        yield from ((item, _nowhere) for item in (thing.func, thing.args, thing.keywords))
    elif is_own(thing):
        yield from ((item, functools.partial(_set, thing, name)) for name, item in attributes(thing))
        yield type(thing), _nowhere


def keyed(container: Any, items: Any) -> Iterator[tuple[Any, Put]]:
    """The items of a dict or a list."""
    pairs = items.items() if isinstance(items, dict) else items
    return ((item, functools.partial(container.__setitem__, key)) for key, item in pairs)


def of_function(fn: types.FunctionType) -> Iterator[tuple[Any, Put]]:
    """What a function of the user's reads: globals, cells, defaults, its own attributes."""
    if not is_users(fn.__code__.co_filename) and not fn.__code__.co_filename.startswith("<"):
        return
    scope = getattr(fn.__globals__, "original", fn.__globals__)
    for code in codes(fn.__code__):
        for name in code.co_names:
            if name in scope:
                yield scope[name], functools.partial(scope.__setitem__, name)
    for cell in fn.__closure__ or ():
        if cell != types.CellType():
            yield cell.cell_contents, functools.partial(setattr, cell, "cell_contents")
    yield from ((item, _nowhere) for item in (fn.__defaults__, fn.__kwdefaults__))
    yield fn.__dict__, _nowhere


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code of a function and of those inside it."""
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from codes(const)


def is_own(thing: Any) -> bool:
    """Is it a class of the user's, or an object of one?"""
    kind = thing if isinstance(thing, type) else type(thing)
    module = getattr(kind, "__module__", None)
    return (module if isinstance(module, str) else "builtins").split(".")[0] not in FOREIGN


def attributes(thing: Any) -> Iterator[tuple[str, Any]]:
    """The attributes that an object or a class has of its own."""
    held = getattr(thing, "__dict__", None)
    yield from list(held.items()) if isinstance(held, (dict, types.MappingProxyType)) else []
    for kind in type(thing).__mro__ if not isinstance(thing, type) else ():
        slots = kind.__dict__.get("__slots__", ())
        yield from ((name, getattr(thing, name)) for name in slots if isinstance(name, str) and hasattr(thing, name))


def _set(thing: Any, name: str, item: Any) -> None:
    (type if isinstance(thing, type) else object).__setattr__(thing, name, item)


def _nowhere(item: Any) -> None:
    """Nothing can be put there."""
