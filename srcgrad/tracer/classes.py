"""Methods of the user's classes, lifted while functions are traced.

A class cannot be seen through a glass as a module can: its objects, and ``isinstance``, hold on to the class itself. So
the methods of a class that a traced function reaches are replaced, until no trace is under way, by ones that run the
lifted method in a thread that traces, and the method itself in all others.
"""

from __future__ import annotations

import abc
import functools
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

from srcgrad.tracer.modes import MODE, RUNS

LEFT_ALONE = {"__getattribute__", "__del__", "__init_subclass__", "__class_getitem__", "__set_name__", "__hash__"}
OTHERS = {"numpy", "scipy", "srcgrad", "numba", *sys.stdlib_module_names}
DEPTH = 3  # how deep in containers objects are looked for
WIDTH = 64  # among how many items


class Classes:
    """The classes that traces have reached.

    Parameters
    ----------
    seen : callable
        Gives what stands for a function in a trace.
    """

    def __init__(self, seen: Callable[[Any], Any]) -> None:
        self.seen = seen
        self._kept: dict[type, dict[str, Any]] = {}  # the methods that are replaced
        self._lock = threading.Lock()

    def reach(self, thing: Any, depth: int = DEPTH) -> None:
        """Replace the methods of the class of an object, and of the objects that containers hold."""
        if isinstance(thing, (list, tuple, dict)) and depth:
            items = list(thing.values()) if isinstance(thing, dict) else thing
            for item in items[:WIDTH]:
                self.reach(item, depth - 1)
        if type(thing) not in self._kept and is_users_class(type(thing)):
            self.dress(type(thing))
            self.reach(getattr(thing, "__dict__", None), depth)

    def dress(self, cls: type) -> None:
        """Replace the methods of a class and of the classes it inherits from."""
        with self._lock:
            for base in cls.__mro__:
                if base not in self._kept and is_users_class(base):
                    self._replace(base)

    def _replace(self, cls: type) -> None:
        kept = self._kept[cls] = {}
        for name, thing in list(vars(cls).items()):
            made = None if name in LEFT_ALONE else self._dressed(thing)
            if made is not None:
                kept[name] = thing
                setattr(cls, name, made)

    def _dressed(self, thing: Any) -> Any:
        if isinstance(thing, types.FunctionType):
            return self.method(thing)
        if isinstance(thing, (staticmethod, classmethod)) and isinstance(thing.__func__, types.FunctionType):
            return type(thing)(self.method(thing.__func__))
        if type(thing) is property:
            read, write, delete = (part and self.method(part) for part in (thing.fget, thing.fset, thing.fdel))
            return property(read, write, delete, thing.__doc__)
        if type(thing) is functools.cached_property:
            made = functools.cached_property(self.method(thing.func))
            made.attrname = thing.attrname
            return made
        return None

    def method(self, fn: Any) -> Any:
        """What is called instead of a method."""

        @functools.wraps(fn)
        def stand_in(*args: Any, **kwargs: Any) -> Any:
            if not MODE.tracing:
                return fn(*args, **kwargs)
            if args:
                self.reach(getattr(args[0], "__dict__", None))
            return self.seen(fn)(*args, **kwargs)

        return stand_in

    def settle(self) -> None:
        """Give the classes back their methods, where no thread traces."""
        with self._lock:
            if RUNS:
                return
            for cls, kept in self._kept.items():
                for name, thing in kept.items():
                    setattr(cls, name, thing)
            self._kept.clear()


def is_users_class(cls: Any) -> bool:
    """Is it written in Python, outside of NumPy and Python's own library, and made in the usual way?"""
    if type(cls) not in (type, abc.ABCMeta) or (cls.__module__ or "").partition(".")[0] in OTHERS:
        return False
    return bool(cls.__flags__ & (1 << 9))  # made by a class statement: its attributes can be set
