"""NumPy's objects that are indexed to make arrays: ``np.r_``, ``np.c_``, ``np.mgrid``, ``np.ogrid``."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.values import Abstract, Const, Sym, TupleOf
from srcgrad.ir.core import Value
from srcgrad.ir.types import Arr, Num

JOINERS = {id(np.r_): 1, id(np.c_): 2}  # by identity: to how many dimensions the pieces are raised
GRIDS = {id(np.mgrid), id(np.ogrid)}


def indexed(ctx: Context, thing: Any, index: Abstract) -> Abstract | None:
    """``np.r_[...]`` and the like of what is not all known; None where it is not one of these objects."""
    if id(thing) not in JOINERS and id(thing) not in GRIDS:
        return None
    items = list(index.items) if isinstance(index, TupleOf) else [index]
    if all(map(_is_known, items)):
        values = tuple(ctx.static(item, "") for item in items)
        return Const(thing[values if isinstance(index, TupleOf) else values[0]])
    if id(thing) in JOINERS:
        return joined(ctx, items, JOINERS[id(thing)])
    return grid(ctx, items, isinstance(index, TupleOf), dense=thing is np.mgrid)


def _is_known(item: Abstract) -> bool:
    if not isinstance(item, Const):
        return False
    parts = (item.value.start, item.value.stop, item.value.step) if isinstance(item.value, slice) else ()
    return not any(isinstance(part, Value) for part in parts)


def joined(ctx: Context, items: list[Abstract], rank: int) -> Abstract:
    """The pieces side by side: along the first axis for ``np.r_``, along the last for ``np.c_``."""
    pieces = tuple(raised(ctx, item, rank) for item in items)
    return ctx.call(Const(np.concatenate), [TupleOf(pieces)], {"axis": Const(0 if rank == 1 else -1)})


def raised(ctx: Context, item: Abstract, rank: int) -> Abstract:
    """One piece, a number or an array, with at least that many dimensions; new ones come last."""
    if isinstance(item, Const) and isinstance(item.value, str):
        raise ctx.unsupported("cannot read directions in text here", "Call `np.concatenate` or `np.stack`.")
    if isinstance(item, Const) and isinstance(item.value, slice):
        item = stepped(ctx, item.value)
    if not isinstance(item, Const | Sym):
        item = ctx.call(Const(np.asarray), [item], {})
    kind = operand_type(ctx.operand(item))
    known = 0 if isinstance(kind, Num) else len(kind.dims) if isinstance(kind, Arr) and kind.dims is not None else None
    if known is None:
        raise ctx.unsupported("cannot tell how many dimensions this has", "Call `np.concatenate` or `np.stack`.")
    if known >= rank:
        return item
    if known == 1:
        return ctx.call(Const(np.expand_dims), [item, Const(-1)], {})
    return ctx.call(Const(np.reshape), [item, TupleOf((Const(1),) * rank)], {})


def stepped(ctx: Context, part: slice) -> Abstract:
    """``start:stop:step`` as an array; an imaginary step tells how many points."""
    step: Any = 1 if part.step is None else part.step
    first, last = (ctx.wrap(0 if end is None else end) for end in (part.start, part.stop))
    if isinstance(step, complex):
        return ctx.call(Const(np.linspace), [first, last, Const(int(abs(step)))], {})
    return ctx.call(Const(np.arange), [first, last, ctx.wrap(step)], {})


def grid(ctx: Context, items: list[Abstract], many: bool, dense: bool) -> Abstract:
    """The coordinates of a grid: one array for all axes, or one for each."""
    if not all(isinstance(item, Const) and isinstance(item.value, slice) for item in items):
        raise ctx.unsupported("cannot make a grid of this", "Call `np.meshgrid`.")
    axes = [stepped(ctx, item.value) for item in items if isinstance(item, Const)]
    if not many:
        return axes[0]
    made = ctx.call(Const(np.meshgrid), axes, {"indexing": Const("ij"), "sparse": Const(not dense)})
    return ctx.call(Const(np.stack), [made], {}) if dense else made
