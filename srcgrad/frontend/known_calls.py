"""Calls on what is known while compiling, evaluated at once."""

from __future__ import annotations

import enum
import types
from typing import Any

import numpy as np

from srcgrad.frontend.containers import new_list
from srcgrad.frontend.context import Context
from srcgrad.frontend.values import Abstract, Box, Const, TupleOf
from srcgrad.ir.core import Value

PLAIN_RESULTS = (bool, int, float, complex, str, type(None), np.generic, np.dtype, np.finfo, np.iinfo, tuple, enum.Enum,
                 types.UnionType)  # fmt: skip
OF_TEXT = ("re", "string", "textwrap", "fnmatch", "shlex")  # modules of functions that are evaluated on what is known


def fold(ctx: Context, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract | None:
    """The result of a call on constants, where it is a plain value; None where it has to wait."""
    everything = [*args, *kwargs.values()]
    if not all(_static(ctx, thing) for thing in everything):
        return None
    values = [ctx.static(thing, "") for thing in args]
    named = {key: ctx.static(thing, "") for key, thing in kwargs.items()}
    try:
        with np.errstate(all="raise"):
            result = fn(*values, **named)
    except (ArithmeticError, ValueError, TypeError, IndexError, KeyError, AttributeError):
        return None  # it will be raised, or warned of, when the program gets there
    if isinstance(result, list) and isinstance(getattr(fn, "__self__", None), str):
        return new_list(ctx, tuple(map(Const, result)))
    if (getattr(fn, "__module__", None) or type(getattr(fn, "__self__", None)).__module__) in OF_TEXT:
        return Const(result)
    if isinstance(result, PLAIN_RESULTS) and not isinstance(result, np.ndarray):
        return Const(result)
    return None


def _static(ctx: Context, thing: Abstract) -> bool:
    if isinstance(thing, TupleOf):
        return all(_static(ctx, item) for item in thing.items)
    if isinstance(thing, Box) and thing.kind == "list":
        return all(_static(ctx, item) for item in ctx.items(thing))
    if not isinstance(thing, Const):
        return False
    return not isinstance(thing.value, np.ndarray) and not _holds_values(thing.value)


def _holds_values(value: Any) -> bool:
    if isinstance(value, slice):
        return any(isinstance(part, Value) for part in (value.start, value.stop, value.step))
    return False


def is_pure(fn: Any) -> bool:
    """Does a call depend on nothing but its arguments, and change nothing?"""
    module = getattr(fn, "__module__", None) or ""
    if isinstance(fn, types.BuiltinMethodType) and isinstance(fn.__self__, (str, tuple, int, float)):
        return True
    if isinstance(fn, enum.EnumMeta) or module in OF_TEXT or type(getattr(fn, "__self__", None)).__module__ == "re":
        return True
    pure = ("math", "operator", "_operator", "numpy", "builtins", "cmath")
    return module.split(".")[0] in pure and "random" not in module
