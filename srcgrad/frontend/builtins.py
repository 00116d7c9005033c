"""Python's builtins that work on structure rather than on numbers."""

from __future__ import annotations

import bisect
import builtins
import collections
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend import iterating, runtime_lists, tables
from srcgrad.frontend.array_like import as_arrays
from srcgrad.frontend.branches import branch, truth
from srcgrad.frontend.containers import attribute, item_of, new_list, shape
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.functional import FUNCTIONAL, known_items
from srcgrad.frontend.lists import new_dict, pairs
from srcgrad.frontend.promotion import list_type, promote
from srcgrad.frontend.tables import table_of
from srcgrad.frontend.trips import held, listed, trips_of
from srcgrad.frontend.values import Abstract, Box, Const, Generator, Iteration, Method, RangeOf, Ref, Sym, TupleOf
from srcgrad.frontend.writes import repeats
from srcgrad.ir.core import GO
from srcgrad.ir.types import PY_BOOL, PY_INT, Arr, ListOf, Num, Opaque
from srcgrad.rules.constants import is_known

Args = list[Abstract]
Kwargs = dict[str, Abstract]


def length(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``len``."""
    match args[0]:
        case TupleOf(items):
            return Const(len(items))
        case Box() if (table := table_of(ctx, args[0])) is not None:
            return ctx.wrap(tables.size(ctx, table))
        case Box():
            return Const(len(ctx.items(args[0])))
        case Const(value):
            return Const(len(value))
        case Iteration(kind="keys" | "values" | "items", items=(Box() as viewed,)):
            return Const(len(ctx.items(viewed)))
        case Ref():
            return Sym(ctx.emit(builtins.len, ctx.operand(args[0]), type_=PY_INT))
        case RangeOf():
            return Sym(ctx.emit(builtins.len, ctx.operand(args[0]), type_=PY_INT))
    return NotImplemented


def range_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``range``."""
    if len(args) == 1:
        return RangeOf(Const(0), args[0], Const(1))
    return RangeOf(args[0], args[1], args[2] if len(args) > 2 else Const(1))


def zip_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``zip``; with ``strict=True`` the lengths are compared before the first item."""
    if "strict" in kwargs and ctx.static(kwargs["strict"], "whether zip is strict"):
        for k, other in enumerate(args[1:]):
            ctx.call(Const(iterating.check_zip), [args[0], other, Const(k + 2)], {})
    return Iteration("zip", tuple(args))


def enumerate_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``enumerate``."""
    start = kwargs.get("start", args[1] if len(args) > 1 else Const(0))
    return Iteration("enumerate", (args[0], start))


def reversed_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``reversed``."""
    return Iteration("reversed", tuple(args))


def items_known(ctx: Context, thing: Abstract) -> list[Abstract] | None:
    """The items of something of known length, None where the length is not known."""
    if isinstance(thing, (Sym, Ref)):
        return None
    if isinstance(thing, RangeOf):
        return known_items(ctx, thing)
    trips = trips_of(ctx, thing)
    if trips.length is None:
        return None
    return [trips.item(Const(k)) for k in range(trips.length)]


def extreme(larger: bool) -> Callable[[Context, Args, Kwargs], Any]:
    """``max`` and ``min``: the first of the largest, decided by comparing, as Python does."""
    compare = operator.gt if larger else operator.lt

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
        candidates = args
        if len(args) == 1 and (isinstance(args[0], Generator) or "key" in kwargs) and "default" not in kwargs:
            return ctx.call(Const(iterating.largest if larger else iterating.smallest), args, kwargs)
        if "key" in kwargs:
            raise ctx.unsupported("cannot use keywords of max and min", "Compare in a loop.")
        if len(args) == 1:
            thing = held(ctx, args[0])
            found = items_known(ctx, thing)
            if found is None and "default" in kwargs:
                return ctx.call(Const(iterating.largest_or if larger else iterating.smallest_or),
                                [thing, kwargs["default"]], {})  # fmt: skip
            if found is None:
                return ctx.call(Const(np.max if larger else np.min), [runtime_lists.as_array(ctx, thing)], {})
            candidates = found
        if not candidates:
            if "default" in kwargs:
                return kwargs["default"]
            raise ctx.raises(ValueError, f"{'max' if larger else 'min'}() arg is an empty sequence")
        best = candidates[0]
        for other in candidates[1:]:
            best = better(ctx, compare, best, other)
        return best

    return handler


def better(ctx: Context, compare: Callable[..., Any], best: Abstract, other: Abstract) -> Abstract:
    """`other` where it compares, else `best`."""
    test = truth(ctx, ctx.call(Const(compare), [other, best], {}))
    if isinstance(test, bool):
        return other if test else best
    _, result = branch(ctx, test, lambda: (GO, other), lambda: (GO, best))
    assert result is not None
    return result


def sum_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``sum``."""
    start = kwargs.get("start", args[1] if len(args) > 1 else None)
    if isinstance(args[0], (Generator, RangeOf, Iteration)):
        return ctx.call(Const(iterating.sum_), [args[0], start or Const(0)], {})
    found = items_known(ctx, args[0])
    if list_type(ctx, args[0]) is not None:
        operands = (ctx.operand(args[0]), *([] if start is None else [ctx.operand(start)]))
        return ctx.wrap(ctx.emit_call(builtins.sum, operands, {}))
    if found is None:
        total = ctx.call(Const(np.sum), [args[0]], {"axis": Const(0)})
        return total if start is None else ctx.call(Const(operator.add), [start, total], {})
    total = start if start is not None else Const(0)
    for item in found:
        total = ctx.call(Const(operator.add), [total, item], {})
    return total


def tuple_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``tuple``."""
    if not args:
        return TupleOf(())
    found = items_known(ctx, held(ctx, args[0]))
    if found is None:
        raise ctx.unsupported("cannot make a tuple of items whose number is not known", "Make a list.")
    return TupleOf(tuple(found))


def list_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``list``."""
    if args and list_type(ctx, args[0]) is not None and isinstance(args[0], Ref):
        return runtime_lists.copied(ctx, args[0], [], {})
    if args and isinstance(args[0], Generator):
        return listed(ctx, args[0])
    thing = held(ctx, args[0]) if args else TupleOf(())
    found = items_known(ctx, thing)
    if found is not None:
        return new_list(ctx, tuple(found))
    if isinstance(thing, Ref):
        return runtime_lists.as_list(ctx, thing)
    return listed(ctx, iterated(ctx, thing))


def iterated(ctx: Context, thing: Abstract) -> Generator:
    """Anything that can be walked as a generator of its items."""
    made = thing if isinstance(thing, Generator) else ctx.call(Const(iterating.chain), [thing], {})
    assert isinstance(made, Generator)
    return made


def ndarray_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``np.ndarray(shape, dtype)``: memory that nothing is known of."""
    plain = len(args) <= 2 and kwargs.keys() <= {"shape", "dtype", "order"}
    return ctx.call(Const(np.empty), args, kwargs) if plain else NotImplemented


def print_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``print``: an effect, once and in order."""
    operands = tuple(ctx.operand(arg) for arg in args)
    named = {key: ctx.operand(arg) for key, arg in kwargs.items()}
    ctx.emit_call(builtins.print, operands, named, must=True, type_=Opaque("None"))
    return Const(None)


def isinstance_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``isinstance``, decided by what is known of the kind."""
    classes = ctx.static(args[1], "the class")
    if isinstance(args[0], Const):
        return Const(isinstance(args[0].value, classes))
    example = example_of(ctx, args[0])
    if example is not NotImplemented:
        return Const(isinstance(example, classes))
    if isinstance(args[0], (Ref, Sym)):  # of a kind that only the running program knows
        return Sym(ctx.emit(builtins.isinstance, ctx.operand(args[0]), classes, type_=PY_BOOL))
    return NotImplemented


def example_of(ctx: Context, thing: Abstract) -> Any:
    """Something of the same Python class."""
    match thing:
        case TupleOf(_, cls):
            return () if cls is None else tuple.__new__(cls, ())
        case Box(kind="list"):
            return []
        case Box(kind="dict"):
            return {}
        case Box(kind="set"):
            return set()
    kind = operand_type(ctx.operand(thing))
    if isinstance(kind, ListOf):
        return []
    if isinstance(kind, Arr):
        return np.zeros(0)
    if isinstance(kind, Num) and kind.kind is not None:
        plain = {"bool": False, "int": 0, "float": 0.0, "complex": 0j}
        return plain[kind.kind] if kind.dtype is None else kind.dtype.type(0)
    return NotImplemented


def divmod_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``divmod``."""
    return TupleOf((ctx.call(Const(operator.floordiv), args, {}), ctx.call(Const(operator.mod), args, {})))


def where(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``np.where(condition)``: the places where it holds."""
    return ctx.call(Const(np.nonzero), args, {}) if len(args) == 1 and not kwargs else NotImplemented


def interp(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``np.interp`` of lists: of the arrays they stand for."""
    arrays = as_arrays(ctx, args)
    changed = any(array is not arg for array, arg in zip(arrays, args, strict=True))
    return ctx.call(Const(np.interp), arrays, kwargs) if changed else NotImplemented


def getitem(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``operator.getitem``."""
    return item_of(ctx, args[0], args[1])


def bool_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``bool``."""
    test = truth(ctx, args[0])
    return Const(test) if isinstance(test, bool) else Sym(ctx.emit(builtins.bool, test, type_=Num("bool")))


def pow_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``pow`` of two numbers."""
    return ctx.call(Const(operator.pow), args, {}) if len(args) == 2 else NotImplemented


def rank(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``np.ndim``, where the rank is known."""
    if isinstance(args[0], (Ref, Sym)):
        found = attribute(ctx, args[0], "ndim")
        return found if isinstance(found, Const) else NotImplemented
    return NotImplemented


def shape_of(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``np.shape``, a tuple where the rank is known."""
    if not isinstance(args[0], (Ref, Sym)):
        return NotImplemented
    found = shape(ctx, args[0])
    return found if isinstance(found, TupleOf) else NotImplemented


def complex_kind(answer: bool) -> Callable[[Context, Args, Kwargs], Any]:
    """``np.iscomplexobj`` and ``np.isrealobj``, where the dtype is known."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
        if not isinstance(args[0], (Ref, Sym)):
            return NotImplemented
        kind = operand_type(ctx.operand(args[0]))
        if isinstance(kind, Arr) and kind.dtype is not None:
            return Const((kind.dtype.kind == "c") is answer)
        if isinstance(kind, Num) and kind.kind is not None:
            return Const((kind.kind == "complex") is answer)
        return NotImplemented

    return handler


def stored(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``stored_item``: a plain read, where no index can be repeated."""
    if repeats(ctx.operand(args[1])):
        return NotImplemented
    return read(ctx, args, kwargs) if _no_steps(args) else ctx.call(Const(runtime.get_item), args, kwargs)


def read(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``get_item`` through no views: ``x[index]``."""
    return item_of(ctx, args[0], args[1]) if _no_steps(args) and isinstance(args[0], Ref) else NotImplemented


def _no_steps(args: Args) -> bool:
    return len(args) < 3 or (isinstance(args[2], Const) and args[2].value == ()) or args[2] == TupleOf(())


def known(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``is_known``, the question rules ask of their arguments."""
    return Const(isinstance(args[0], Const))


def slice_(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``slice(start, stop, step)``."""
    return Const(slice(*(ctx.operand(arg) for arg in args)))


def bisected(fn: Callable[..., Any]) -> Callable[[Context, Args, Kwargs], Abstract]:
    """``bisect.bisect_left(items, x)``: a number that does not vary."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
        named = {key: ctx.operand(arg) for key, arg in kwargs.items()}
        return ctx.wrap(ctx.emit_call(fn, tuple(ctx.operand(arg) for arg in args), named, type_=PY_INT))

    return handler


def str_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``str`` of a number, an array, or a list of such."""
    if len(args) != 1 or not isinstance(args[0], (Sym, Ref, TupleOf)):
        return NotImplemented
    return Sym(ctx.emit(runtime.join_text, (ctx.operand(args[0]), ord("s"), ""), type_=Opaque("str")))


def deque_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``collections.deque``: a list with two ends, and at times with a greatest length."""
    limit = kwargs.get("maxlen", args[1] if len(args) > 1 else Const(None))
    made = list_(ctx, [], {})
    if not (isinstance(limit, Const) and limit.value is None):
        ctx.limits[made.number] = ctx.static(limit, "how long a deque may be")
    if args:
        ctx.call(Method(made, "extend"), [args[0]], {})
    return ctx.settle(made)


def defaultdict_(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``collections.defaultdict``: a dict that knows what to do about a missing key."""
    if not args:
        return NotImplemented
    made = new_dict(ctx, {**(pairs(ctx, args[1]) if len(args) > 1 else {}), **kwargs})
    ctx.factories[made.number] = args[0]
    return made


def error_modes(fn: Callable[..., Any]) -> Callable[[Context, Args, Kwargs], Any]:
    """``np.seterr`` and ``np.geterr``: what was set before, as a dict."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
        given = tuple(ctx.operand(arg) for arg in args)
        named = {key: ctx.operand(arg) for key, arg in kwargs.items()}
        before = ctx.emit_call(fn, given, named, hint="before", must=True)
        return new_dict(ctx, {key: ctx.wrap(ctx.emit(operator.getitem, before, key, type_=Opaque("str")))
                              for key in np.geterr()})  # fmt: skip

    return handler


def insort(fn: Callable[..., Any]) -> Callable[[Context, Args, Kwargs], Any]:
    """``bisect.insort(items, x)``."""

    def handler(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
        thing = ctx.settle(args[0])
        if kwargs or len(args) != 2 or (isinstance(thing, Box) and (thing.kind != "list" or thing.protected)):
            return NotImplemented
        place = bisected(fn)(ctx, args, {})
        if isinstance(thing, Box) and not isinstance(place, Const):
            thing = promote(ctx, thing)
        if not isinstance(thing, Ref) or list_type(ctx, thing) is None:
            return ctx.call(Method(thing, "insert"), [place, args[1]], {})
        runtime_lists.insert_at(ctx, thing, ctx.operand(place), args[1])
        return Const(None)

    return handler


SPECIAL: dict[Any, Callable[[Context, Args, Kwargs], Any]] = {
    builtins.len: length, builtins.range: range_, builtins.zip: zip_, builtins.enumerate: enumerate_,
    builtins.reversed: reversed_, builtins.max: extreme(True), builtins.min: extreme(False), builtins.sum: sum_,
    builtins.tuple: tuple_, builtins.list: list_, builtins.print: print_, builtins.isinstance: isinstance_,
    np.ndarray: ndarray_, builtins.slice: slice_, bisect.bisect_left: bisected(bisect.bisect_left),
    bisect.bisect_right: bisected(bisect.bisect_right), builtins.str: str_, collections.deque: deque_,
    collections.defaultdict: defaultdict_,
    bisect.insort_left: insort(bisect.bisect_left), bisect.insort_right: insort(bisect.bisect_right),
    builtins.divmod: divmod_, operator.getitem: getitem, builtins.bool: bool_, builtins.pow: pow_,
    is_known: known, runtime.stored_item: stored, runtime.get_item: read,
    np.where: where, np.interp: interp, np.ndim: rank, np.shape: shape_of, np.iscomplexobj: complex_kind(True),
    np.isrealobj: complex_kind(False), np.seterr: error_modes(np.seterr), np.geterr: error_modes(np.geterr),
    **FUNCTIONAL,
}  # fmt: skip
