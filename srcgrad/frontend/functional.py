"""Calls of what Python offers for iterables and functions: `map`, `sorted`, `itertools`, `functools.partial`, ..."""

from __future__ import annotations

import builtins
import functools
import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.frontend import iterating
from srcgrad.frontend.containers import attribute, item_of, new_list
from srcgrad.frontend.context import Context
from srcgrad.frontend.lists import members, new_dict, new_set, pairs
from srcgrad.frontend.sorting import in_order, sorted_walk
from srcgrad.frontend.tables import table_of
from srcgrad.frontend.trips import trips_of
from srcgrad.frontend.values import Abstract, Bound, Box, Const, Generator, Method, RangeOf, Ref, TupleOf

Args = list[Abstract]
Kwargs = dict[str, Abstract]
Handler = Callable[[Context, Args, Kwargs], Any]


def known_items(ctx: Context, thing: Abstract) -> list[Abstract] | None:
    """The items of what has a known number of them; None for anything else, and for a generator."""
    if isinstance(thing, RangeOf) and all(isinstance(p, Const) for p in (thing.start, thing.stop, thing.step)):
        return [Const(k) for k in range(*(ctx.static(p, "") for p in (thing.start, thing.stop, thing.step)))]
    if isinstance(thing, (Generator, Ref)):
        return None
    trips = trips_of(ctx, thing)
    return None if trips.length is None else [trips.item(Const(k)) for k in range(trips.length)]


def as_python(ctx: Context, fn: Callable[..., Any], args: Args, kwargs: Kwargs) -> Abstract:
    """Interpret one of the functions of `iterating` on these arguments."""
    return ctx.call(Const(fn), args, dict(kwargs))


def spelled(fn: Callable[..., Any]) -> Handler:
    """Always as `iterating` spells it."""
    return lambda ctx, args, kwargs: as_python(ctx, fn, args, kwargs)


def decided(fn: Callable[..., Any], of_array: Callable[..., Any]) -> Handler:
    """``any`` and ``all``: of an array as NumPy decides it, else item by item."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
        if isinstance(args[0], Ref):
            return ctx.call(Const(of_array), args, {})
        return as_python(ctx, fn, args, kwargs)

    return handler


def next_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``next`` of a generator that nobody has walked."""
    if not isinstance(args[0], Generator):
        return NotImplemented
    return as_python(ctx, iterating.first_of if len(args) == 1 else iterating.first_or, args, {})


def iter_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``iter``: walked once, from the start."""
    if len(args) == 1 and isinstance(args[0], Generator):
        return args[0]
    return as_python(ctx, iterating.chain, args, {}) if len(args) == 1 else NotImplemented


def map_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``map``."""
    return as_python(ctx, iterating.map_ if len(args) == 2 else iterating.map_many, args, kwargs)


def sorted_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``sorted``."""
    thing = listed(ctx, args[0])
    found = None if isinstance(thing, Ref) else known_items(ctx, thing)
    if found is not None:
        return new_list(ctx, tuple(in_order(ctx, found, kwargs)))
    thing = thing if isinstance(thing, Ref) else ctx.settle(ctx.call(Const(builtins.list), [thing], {}))
    if isinstance(thing, Ref):
        return sorted_walk(ctx, thing, kwargs)
    assert isinstance(thing, Box)
    return new_list(ctx, tuple(in_order(ctx, list(ctx.items(thing)), kwargs)))


def listed(ctx: Context, thing: Abstract) -> Abstract:
    """A generator as a list, anything else as it is."""
    if isinstance(thing, Generator):
        return ctx.call(Const(builtins.list), [thing], {})
    return thing


def from_iterable(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``np.fromiter(items, dtype)`` of numbers."""
    if len(args) + len(kwargs) != 2 or kwargs.keys() - {"dtype"}:
        return NotImplemented
    items = ctx.call(Const(builtins.list), [args[0]], {})
    return ctx.call(Const(np.array), [items], {"dtype": kwargs.get("dtype", args[-1])})


def reduce(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``functools.reduce``."""
    return as_python(ctx, iterating.reduce if len(args) == 2 else iterating.reduce_from, args, kwargs)


def accumulate(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``itertools.accumulate``."""
    named = {"function" if key == "func" else key: thing for key, thing in kwargs.items()}
    return as_python(ctx, iterating.accumulate, args, named)


def repeat(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``itertools.repeat``."""
    given = [*args, *kwargs.values()]
    return as_python(ctx, iterating.repeat if len(given) == 2 else iterating.repeat_forever, given, {})


def islice(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``itertools.islice``."""
    return as_python(ctx, iterating.islice if len(args) == 2 else iterating.islice_from, args, kwargs)


def product(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``itertools.product``: nested loops, or known tuples."""
    times = ctx.static(kwargs["repeat"], "how often") if "repeat" in kwargs else 1
    parts = [listed(ctx, arg) for arg in args] * times
    if len(parts) in (2, 3) and not all(isinstance(part, (TupleOf, Box, Const)) for part in parts):
        return as_python(ctx, iterating.product_of_two if len(parts) == 2 else iterating.product_of_three, parts, {})
    return tuples(itertools.product(*(every(ctx, part) for part in parts)))


def chosen(fn: Callable[..., Any]) -> Handler:
    """``itertools.combinations`` and the like, of known items."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
        thing = listed(ctx, args[0])
        size = ctx.static(args[1], "how many to choose") if len(args) > 1 else None
        if fn is itertools.combinations and size == 2 and isinstance(thing, (RangeOf, Ref)):
            if isinstance(thing, Ref):
                return as_python(ctx, iterating.pairs_of, [thing], {})
            if isinstance(thing.step, Const) and thing.step.value == 1:
                return as_python(ctx, iterating.pairs_in_range, [thing.start, thing.stop], {})
        items = every(ctx, thing)
        return tuples(fn(items) if size is None else fn(items, size))

    return handler


def every(ctx: Context, thing: Abstract) -> list[Abstract]:
    """The items, whose number has to be known."""
    found = known_items(ctx, thing)
    if found is None:
        raise ctx.unsupported("cannot combine items whose number is not known", "Write the loops out.")
    return found


def tuples(groups: Any) -> TupleOf:
    """Groups of things as a tuple of tuples."""
    return TupleOf(tuple(TupleOf(tuple(group)) for group in groups))


def partial(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``functools.partial``."""
    return Bound(args[0], tuple(args[1:]), dict(kwargs))


def dict_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``dict``."""
    if len(args) == 1 and not kwargs and isinstance(args[0], Box) and table_of(ctx, args[0]) is not None:
        return ctx.call(Method(args[0], "copy"), [], {})
    return new_dict(ctx, {**(pairs(ctx, args[0]) if args else {}), **kwargs})


def from_keys(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``dict.fromkeys``."""
    thing = args[1] if len(args) > 1 else Const(None)
    return new_dict(ctx, dict.fromkeys((ctx.static(key, "a key") for key in every(ctx, listed(ctx, args[0]))), thing))


def set_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``set`` and ``frozenset``."""
    return new_set(ctx, tuple(members(ctx, args[0])) if args else ())


def getter(ctx: Context, fn: Any, args: Args) -> Abstract:
    """A call of an ``operator.itemgetter``, ``attrgetter`` or ``methodcaller``."""
    cls, given = fn.__reduce__()[:2]
    if cls is operator.itemgetter:
        found = [item_of(ctx, args[0], Const(key)) for key in given]
    elif cls is operator.attrgetter:
        found = [functools.reduce(lambda thing, name: attribute(ctx, thing, name), path.split("."), args[0])
                 for path in given]  # fmt: skip
    else:
        return ctx.call(attribute(ctx, args[0], given[0]), [ctx.fixed(v, "argument") for v in given[1:]], {})
    return found[0] if len(found) == 1 else TupleOf(tuple(found))


GETTERS = (operator.itemgetter, operator.attrgetter, operator.methodcaller)

FUNCTIONAL: dict[Any, Handler] = {
    builtins.any: decided(iterating.any_, np.any), builtins.all: decided(iterating.all_, np.all),
    builtins.next: next_, builtins.iter: iter_, builtins.map: map_, builtins.filter: spelled(iterating.filter_),
    builtins.sorted: sorted_, functools.reduce: reduce, itertools.accumulate: accumulate,
    itertools.chain: spelled(iterating.chain), itertools.chain.from_iterable: spelled(iterating.chain_from),
    itertools.starmap: spelled(iterating.starmap), itertools.filterfalse: spelled(iterating.filterfalse),
    itertools.takewhile: spelled(iterating.takewhile), itertools.dropwhile: spelled(iterating.dropwhile),
    itertools.compress: spelled(iterating.compress), itertools.count: spelled(iterating.count),
    itertools.repeat: repeat, itertools.islice: islice, itertools.pairwise: spelled(iterating.pairwise),
    itertools.product: product, itertools.combinations: chosen(itertools.combinations),
    itertools.permutations: chosen(itertools.permutations),
    itertools.combinations_with_replacement: chosen(itertools.combinations_with_replacement),
    functools.partial: partial, builtins.dict: dict_, builtins.set: set_, builtins.frozenset: set_,
    dict.fromkeys: from_keys, np.fromiter: from_iterable,
}  # fmt: skip
