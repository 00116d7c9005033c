"""One of several things that are no values, functions mostly: a number known at run time says which it is.

What is done to such a thing is done to each of them in an arm of its own.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from srcgrad import runtime
from srcgrad.frontend.branches import branch
from srcgrad.frontend.constants import PLAIN
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.promotion import from_items, storable
from srcgrad.frontend.runtime_lists import read
from srcgrad.frontend.values import Abstract, Chosen, Const, Sym, TupleOf
from srcgrad.ir.core import GO, Operand
from srcgrad.ir.types import PY_INT, Num, join_all

Act = Callable[[Abstract], Abstract]


def for_each_option(ctx: Context, chosen: Chosen, act: Act) -> Abstract:
    """What `act` gives for the thing that is meant."""
    ctx.counter += 1
    key = (ctx.frame.number, f"<chosen {ctx.counter}>")  # as the arms before leave it
    ctx.state.variables[key] = chosen
    try:
        return among(ctx, key, act, 0)
    finally:
        ctx.state.variables.pop(key, None)


def among(ctx: Context, key: Any, act: Act, k: int) -> Abstract:
    """The options from number `k` on."""
    chosen = ctx.state.variables[key]
    assert isinstance(chosen, Chosen)
    option = chosen.options[k]
    if k == len(chosen.options) - 1 or not isinstance(chosen.which, Sym):
        return act(option if isinstance(chosen.which, Sym) else chosen.options[ctx.static(chosen.which, "")])
    test = ctx.emit(operator.eq, chosen.which.value, k, type_=Num("bool"), must=False)
    _, result = branch(ctx, test, lambda: (GO, act(option)), lambda: (GO, among(ctx, key, act, k + 1)))
    ctx.pass_on()
    return Const(None) if result is None else ctx.settle(result)


def at_place(ctx: Context, items: list[Abstract], place: Abstract) -> Abstract:
    """Item `place`, a number known at run time, of things that are known one by one."""
    settled = [ctx.settle(item) for item in items]
    if all(isinstance(item, Const) and isinstance(item.value, PLAIN) for item in settled):
        values = tuple(ctx.static(item, "") for item in settled)
        kind = join_all([operand_type(value) for value in values])
        return ctx.wrap(ctx.emit(operator.getitem, values, ctx.operand(place), type_=kind))
    if all(storable(ctx, item) for item in settled):
        return read(ctx, from_items(ctx, settled), place)
    first = settled[0]
    if isinstance(first, TupleOf) and all(same_shape(first, item) for item in settled):
        columns = zip(*(item.items for item in settled if isinstance(item, TupleOf)), strict=True)
        return TupleOf(tuple(at_place(ctx, list(column), place) for column in columns), first.cls)
    return Chosen(place, tuple(settled))


def same_shape(first: TupleOf, other: Abstract) -> bool:
    """Tuples of one length and class."""
    return isinstance(other, TupleOf) and len(other.items) == len(first.items) and other.cls is first.cls


def place_in_list(ctx: Context, count: int, index: Operand) -> Abstract:
    """An index into `count` things, counted from the start; the error of Python where there is none such."""
    places = tuple(range(count))
    return Sym(ctx.emit(operator.getitem, places, index, type_=PY_INT))


def place_of_key(ctx: Context, keys: list[Any], key: Operand) -> Abstract:
    """The place of a key of a dict; the error of Python where there is none such."""
    return Sym(ctx.emit(runtime.place_of_key, tuple(keys), key, type_=PY_INT))


__all__ = ["at_place", "for_each_option", "place_in_list", "place_of_key"]
