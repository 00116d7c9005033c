"""Classes and functions of the standard library that programs keep their numbers in, or choose by."""

from __future__ import annotations

import builtins
import collections
import functools
import itertools
import operator
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend import iterating
from srcgrad.frontend.boxes import NO_ITEM
from srcgrad.frontend.builtins import example_of
from srcgrad.frontend.containers import shape
from srcgrad.frontend.context import Context
from srcgrad.frontend.functional import known_items
from srcgrad.frontend.lists import new_dict, pairs
from srcgrad.frontend.objects import class_of
from srcgrad.frontend.objects import new_box as new_object
from srcgrad.frontend.values import Abstract, Box, Const, RangeOf, Ref, Sym, TupleOf
from srcgrad.ir.types import Opaque

Args = list[Abstract]
Kwargs = dict[str, Abstract]

INDICES = {1: iterating.indices_1, 2: iterating.indices_2, 3: iterating.indices_3, 4: iterating.indices_4}


def namespace(cls: type) -> Callable[[Context, Args, Kwargs], Any]:
    """``types.SimpleNamespace(a=1, b=2)``: an object that has just these attributes."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
        given = pairs(ctx, args[0]) if args else {}
        return new_object(ctx, "object", {**given, **kwargs}, cls)

    return handler


def ordered_dict(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``collections.OrderedDict``: as every dict is."""
    return new_dict(ctx, {**(pairs(ctx, args[0]) if args else {}), **kwargs})


@functools.lru_cache(maxsize=512)
def named_class(name: str, fields: Any, module: str) -> type:
    """One class for every time the same is asked for."""
    make: Any = collections.namedtuple
    made: type = make(name, fields, module=module)
    return made


def namedtuple(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``collections.namedtuple(name, fields)`` in a function."""
    if kwargs or len(args) != 2:
        return NotImplemented
    name, fields = (ctx.static(arg, "the fields of a named tuple") for arg in args)
    module = ctx.frame.source.fn.__module__
    return Const(named_class(name, fields if isinstance(fields, str) else tuple(fields), module))


def counter(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``collections.Counter`` of things that are known, or of counts."""
    given = ctx.settle(args[0]) if args else Const(())
    if isinstance(given, Box) and given.kind == "dict":
        counts = dict(ctx.items(given))
    else:
        items = known_items(ctx, given)
        if items is None or not all(isinstance(item, Const) for item in items):
            made = new_dict(ctx, dict(kwargs))
            ctx.factories[made.number] = NO_ITEM
            ctx.call(Const(iterating.count_into), [made, given], {})
            return made
        found = collections.Counter(ctx.static(item, "what is counted") for item in items)
        counts = {key: Const(count) for key, count in found.items()}
    made = new_dict(ctx, {**counts, **kwargs})
    ctx.factories[made.number] = NO_ITEM
    return made


def zip_longest(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``itertools.zip_longest``."""
    fill = kwargs.get("fillvalue", Const(None))
    known = [None if isinstance(arg, (Ref, RangeOf)) else known_items(ctx, arg) for arg in args]
    lists = [items for items in known if items is not None]
    if len(lists) == len(args):
        return TupleOf(tuple(TupleOf(row) for row in itertools.zip_longest(*lists, fillvalue=fill)))
    if len(args) != 2:
        raise ctx.unsupported("cannot walk more than two things of unknown length to the end of the longest",
                              "Write the loop with its conditions.")  # fmt: skip
    walked = [arg if isinstance(arg, Ref) else ctx.settle(ctx.call(Const(builtins.list), [arg], {})) for arg in args]
    return ctx.call(Const(iterating.zip_longest_two), [*walked, fill], {})


def ndindex(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``np.ndindex``: the loops over all axes, one in the other."""
    axes = list(args[0].items) if len(args) == 1 and isinstance(args[0], TupleOf) else args
    if len(axes) not in INDICES or not all(isinstance(n, (Const, Sym)) for n in axes):
        raise ctx.unsupported("cannot tell how many axes `np.ndindex` walks here", "Write one loop per axis.")
    return ctx.call(Const(INDICES[len(axes)]), axes, {})


def ndenumerate(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``np.ndenumerate``: every place, and what is there."""
    axes = shape(ctx, args[0]) if isinstance(args[0], Ref) else None
    if not isinstance(axes, TupleOf):
        raise ctx.unsupported("cannot tell how many axes `np.ndenumerate` walks here", "Write one loop per axis.")
    return ctx.call(Const(iterating.enumerate_items), [ndindex(ctx, [axes], {}), args[0]], {})


STANDARD: dict[Any, Callable[[Context, Args, Kwargs], Any]] = {
    types.SimpleNamespace: namespace(types.SimpleNamespace),
    collections.OrderedDict: ordered_dict, collections.Counter: counter, itertools.zip_longest: zip_longest,
    collections.namedtuple: namedtuple, np.ndindex: ndindex, np.ndenumerate: ndenumerate,
}  # fmt: skip


# --- what says which function is meant ----------------------------------------------------------------------------

DISPATCHED = getattr(functools.singledispatch(lambda thing: thing), "__code__", None)


def chosen_by_class(ctx: Context, fn: Any, args: Args) -> Any:
    """The function that a ``functools.singledispatch`` calls for these arguments; None of any other function."""
    if getattr(fn, "__code__", None) is not DISPATCHED or not args:
        return None
    cls = python_class(ctx, args[0])
    if cls is None:
        raise ctx.unsupported("cannot tell the class of the argument that chooses the function", "Call it by its name.")
    found = fn.dispatch(cls)
    ctx.guard(lambda: fn.dispatch(cls), found)
    return found


def python_class(ctx: Context, thing: Abstract) -> type | None:
    """The class of a thing at run time, None where that is not known."""
    cls = class_of(thing)
    if cls is not None:
        return cls
    if isinstance(thing, Const):
        return type(thing.value)
    example = example_of(ctx, thing)
    return None if example is NotImplemented else type(example)


def make_named(ctx: Context, fn: Any, args: Args) -> Abstract | None:
    """``Point._make(items)``; None of any other function."""
    cls: Any = getattr(fn, "__self__", None)
    named = isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields")
    if not named or getattr(fn, "__name__", "") != "_make" or len(args) != 1:
        return None
    count = len(cls._fields)
    if isinstance(args[0], Ref):
        ctx.emit(runtime.check_length, ctx.operand(args[0]), count, must=True, type_=Opaque("check"))
        return ctx.call(Const(cls), [item_at(ctx, args[0], k) for k in range(count)], {})
    items = known_items(ctx, args[0])
    return None if items is None else ctx.call(Const(cls), items, {})


def item_at(ctx: Context, thing: Abstract, k: int) -> Abstract:
    """``thing[k]``."""
    return ctx.call(Const(operator.getitem), [thing, Const(k)], {})
