"""What two paths hold: is it one thing, of one kind, of one length?"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.frontend.constants import PLAIN
from srcgrad.frontend.values import Abstract, Bound, Box, Chosen, Closure, Const, Method, Sym
from srcgrad.ir.core import ABSENT
from srcgrad.ir.types import ListOf, Opaque, Tup, Type

GONE = Const(ABSENT)


def class_of_box(box: Box) -> type | None:
    """The class of a container; None of a plain list or dict, whoever made it."""
    return None if box.cls in (list, dict) else box.cls


def lengths_differ(first: Any, second: Any) -> bool:
    """Are they lists of known lengths, which are different ones?"""
    return isinstance(first, tuple) and isinstance(second, tuple) and len(first) != len(second)


def keys_differ(first: Any, second: Any) -> bool:
    """Have two dicts of known keys different ones, or another order of them?"""
    return isinstance(first, dict) and isinstance(second, dict) and list(first) != list(second)


def loses_tuple(first: Type, second: Type) -> bool:
    """Would a list that holds both not know how long its tuples are?"""
    match first, second:
        case ListOf(x), ListOf(y):
            return loses_tuple(x, y) or of_two_lengths(x, y)
        case Tup(xs), Tup(ys):
            return any(loses_tuple(x, y) or of_two_lengths(x, y) for x, y in zip(xs, ys, strict=False))
    return False


def of_two_lengths(first: Type, second: Type) -> bool:
    """Are they tuples, of different lengths?"""
    return isinstance(first, Tup) and isinstance(second, Tup) and len(first.items) != len(second.items)


def is_option(thing: Abstract) -> bool:
    """May it be one of several things of which a number says which?"""
    if isinstance(thing, Const):
        return not isinstance(thing.value, (*PLAIN, np.ndarray)) or thing.value is None
    return isinstance(thing, (Closure, Bound, Method, Chosen)) or (isinstance(thing, Box) and thing.kind == "object")


def options_of(thing: Abstract) -> tuple[Abstract, ...]:
    """What it may be."""
    return thing.options if isinstance(thing, Chosen) else (thing,)


def same_option(first: Abstract, second: Abstract) -> bool:
    """Are they one thing, but for values that can be merged?"""
    match first, second:
        case Const(x), Const(y):
            return x is y
        case Closure(), Closure():
            return first.node is second.node and first.frame is second.frame
        case Bound(), Bound():
            shape = len(first.args) == len(second.args) and list(first.kwargs) == list(second.kwargs)
            return shape and same_option(first.fn, second.fn)
        case Method(), Method():
            return first.name == second.name and same_option(first.owner, second.owner)
    return first is second


def is_error(thing: Abstract) -> bool:
    """Is it an exception, made by the program or raised by an operation?"""
    if isinstance(thing, Sym):
        return thing.value.type == Opaque("exception")
    return isinstance(thing, Box) and thing.cls is not None and issubclass(thing.cls, BaseException)


def is_plain(thing: Abstract) -> bool:
    """May an op yield it?"""
    return not isinstance(thing, Const) or thing is GONE or isinstance(thing.value, (*PLAIN, np.ndarray))
