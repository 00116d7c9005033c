"""`sorted` and `list.sort`: by keys that are known, else in the order that is found out when the program runs."""

from __future__ import annotations

import builtins
import operator

import numpy as np

from srcgrad import runtime
from srcgrad.frontend import iterating, runtime_lists
from srcgrad.frontend.context import Context
from srcgrad.frontend.promotion import from_items, list_type, storable
from srcgrad.frontend.values import Abstract, Const, Ref, TupleOf
from srcgrad.ir.types import Arr

Kwargs = dict[str, Abstract]

NONE = Const(None)
ORDER = Arr(np.dtype(np.int64), (None,))


def in_order(ctx: Context, items: list[Abstract], kwargs: Kwargs) -> list[Abstract]:
    """The items of a list of known length, sorted; each key is made once, as Python does."""
    key, backwards = settings(ctx, kwargs)
    ranks = [item if _is_none(key) else ctx.settle(ctx.call(key, [item], {})) for item in items]
    if all(map(_is_known, ranks)):
        known = [ctx.static(rank, "what is sorted by") for rank in ranks]
        return [items[k] for k in known_order(ctx, known, backwards)]
    return items if len(items) < 2 else picked(ctx, items, ranks, backwards)


def settings(ctx: Context, kwargs: Kwargs) -> tuple[Abstract, bool]:
    """The key, and whether the largest comes first."""
    if kwargs.keys() - {"key", "reverse"}:
        raise ctx.unsupported("cannot sort with these keywords", "Pass `key` and `reverse`.")
    backwards = bool(ctx.static(kwargs["reverse"], "the direction")) if "reverse" in kwargs else False
    return kwargs.get("key", NONE), backwards


def known_order(ctx: Context, ranks: list[object], backwards: bool) -> list[int]:
    """The places of known ranks in their order."""
    try:
        return [int(k) for k in runtime.order_of(ranks, backwards)]
    except TypeError as error:
        raise ctx.raises(TypeError, *error.args) from None


def picked(ctx: Context, items: list[Abstract], ranks: list[Abstract], backwards: bool) -> list[Abstract]:
    """The items in the order of ranks that are known only at run time."""
    if not all(storable(ctx, thing) for thing in (*ranks, *items)):
        raise ctx.unsupported("cannot sort by keys that are known only at run time",
                              "Sort numbers, arrays or tuples of them, by numbers.")  # fmt: skip
    by = ctx.operand(from_items(ctx, ranks))
    order = ctx.wrap(ctx.emit(runtime.order_of, by, backwards, type_=ORDER))
    held = from_items(ctx, items)
    places = [ctx.call(Const(operator.getitem), [order, Const(k)], {}) for k in range(len(items))]
    return [runtime_lists.read(ctx, held, place) for place in places]


def sorted_walk(ctx: Context, items: Ref, kwargs: Kwargs) -> Abstract:
    """The items of an array, or of a list whose length is not known, as a sorted list."""
    key, backwards = settings(ctx, kwargs)
    if not _is_none(key):
        return ctx.call(Const(iterating.in_order_of), [items, key, Const(backwards)], {})
    if list_type(ctx, items) is not None:
        return ctx.call(Const(iterating.in_order), [items, Const(backwards)], {})
    order = ctx.wrap(ctx.emit(runtime.order_of, ctx.operand(items), backwards, type_=ORDER))
    chosen = ctx.call(Const(operator.getitem), [items, order], {})
    return ctx.call(Const(builtins.list), [chosen], {})


def _is_none(thing: Abstract) -> bool:
    return isinstance(thing, Const) and thing.value is None


def _is_known(thing: Abstract) -> bool:
    return isinstance(thing, Const) or (isinstance(thing, TupleOf) and all(map(_is_known, thing.items)))
