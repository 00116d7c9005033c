"""Lists and tuples of known length where NumPy takes an array: they become one, so that rules see arrays only."""

from __future__ import annotations

import builtins
import inspect
from functools import cache
from typing import Any

import numpy as np

from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.values import Abstract, Box, Const, Ref, Sym, TupleOf
from srcgrad.ir.types import Arr, Num
from srcgrad.rules.core import Rule

Args = list[Abstract]
Kwargs = dict[str, Abstract]

# Their operand is several arrays, not one.
SEVERAL = {np.array, np.stack, np.concatenate, np.vstack, np.hstack, np.dstack, np.column_stack, builtins.list,
           builtins.sum}  # fmt: skip
WHOLE = ("elementwise", "bilinear")  # kinds of rules whose operands are always arrays or numbers


def sequences_as_arrays(ctx: Context, rule: Rule, fn: Any, args: Args, kwargs: Kwargs) -> tuple[Args, Kwargs]:
    """The arguments, sequences as arrays where the rule's operand is one array."""
    if rule.vjp is None or fn in SEVERAL or not any(_is_sequence(arg) for arg in (*args, *kwargs.values())):
        return args, kwargs
    if _is_operator(fn) and not any(_is_array(ctx, arg) for arg in args):
        return args, kwargs  # `+` and `*` of lists
    names = _names(rule)
    converted = [_converted(ctx, rule, names[min(k, len(names) - 1)], arg) for k, arg in enumerate(args)]
    return converted, {name: _converted(ctx, rule, name, arg) for name, arg in kwargs.items()}


def as_arrays(ctx: Context, args: Args) -> Args:
    """The arguments, every sequence as an array."""
    return [ctx.call(Const(np.array), [arg], {}) if _is_sequence(arg) else arg for arg in args]


@cache
def _names(rule: Rule) -> tuple[str, ...]:
    """The parameters of the callable."""
    assert rule.vjp is not None
    return tuple(inspect.signature(rule.vjp).parameters)[rule.skip :]


def _converted(ctx: Context, rule: Rule, name: str, arg: Abstract) -> Abstract:
    if name not in rule.operands or not _is_sequence(arg):
        return arg
    if rule.kind in WHOLE or (rule.kind in ("custom", "defined") and _all_numbers(ctx, arg)):
        return ctx.call(Const(np.array), [arg], {})
    return arg


def _is_sequence(thing: Abstract) -> bool:
    if isinstance(thing, Const):
        return isinstance(thing.value, (list, tuple))
    return isinstance(thing, TupleOf) or (isinstance(thing, Box) and thing.kind == "list")


def _all_numbers(ctx: Context, thing: Abstract) -> bool:
    """Is it numbers, or sequences of numbers, some of them known only at run time?"""
    items = _items(ctx, thing)
    if items is None:
        return isinstance(thing, Const) or (isinstance(thing, Sym) and isinstance(thing.value.type, Num))
    return all(_all_numbers(ctx, item) for item in items) and not all(isinstance(item, Const) for item in items)


def _items(ctx: Context, thing: Abstract) -> tuple[Abstract, ...] | None:
    """The items of a sequence of known length."""
    if isinstance(thing, TupleOf):
        return thing.items
    if isinstance(thing, Box) and thing.kind == "list":
        content = ctx.state.boxes.get(thing.number)
        return content if isinstance(content, tuple) else None
    return None


def _is_operator(fn: Any) -> bool:
    return getattr(fn, "__module__", "") == "_operator"


def _is_array(ctx: Context, thing: Abstract) -> bool:
    return isinstance(thing, Ref) and isinstance(operand_type(ctx.operand(thing)), Arr)
