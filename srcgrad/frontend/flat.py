"""``a.flat``: the items of an array in C order, whatever its layout."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.values import Abstract, Const, Ref, Special
from srcgrad.frontend.writes import augmented_store, store
from srcgrad.ir.core import Operand, Value
from srcgrad.ir.types import PY_INT, Arr, Num, Opaque, Tup


@dataclass(frozen=True, eq=False)
class Flat(Special):
    """The items of one array."""

    array: Ref

    def mapped(self, change: Callable[[Abstract], Abstract]) -> Abstract:
        """The same of another array."""
        changed = change(self.array)
        return Flat(changed) if isinstance(changed, Ref) else self

    def item(self, ctx: Context, index: Abstract) -> Abstract:
        """``a.flat[index]``: a number, or a copy."""
        return ctx.wrap(ctx.emit(operator.getitem, self.ravelled(ctx), ctx.operand(index)))

    def ravelled(self, ctx: Context) -> Operand:
        """The items as a vector."""
        current = ctx.operand(self.array)
        return current if self.rank(ctx) == 1 else ctx.emit(np.ravel, current)

    def rank(self, ctx: Context) -> int:
        """The rank of the array, which has to be known."""
        kind = operand_type(ctx.operand(self.array))
        if not isinstance(kind, Arr) or kind.ndim is None:
            raise ctx.unsupported("cannot write through `.flat` of an array of unknown rank", "Write through an index.")
        return kind.ndim

    def write(self, ctx: Context, index: Abstract, thing: Abstract) -> None:
        """``a.flat[index] = value``."""
        key, value = ctx.operand(index), ctx.operand(thing)
        if key is Ellipsis and self.rank(ctx) != 1 and not isinstance(operand_type(value), Num):
            shape = ctx.emit(
                np.shape, ctx.operand(self.array), style="attribute", type_=Tup((PY_INT,) * self.rank(ctx))
            )
            value = ctx.emit(np.reshape, value, shape)
        store(ctx, self.array, runtime.set_item, self.index(ctx, key), value)

    def augment(self, ctx: Context, index: Abstract, fn: Any, right: Any) -> None:
        """``a.flat[index] op= value``."""
        augmented_store(ctx, self.array, Const(self.index(ctx, ctx.operand(index))), fn, right)

    def index(self, ctx: Context, key: Operand) -> Operand:
        """The index into the array itself: by axes, since a reshape might be a copy."""
        rank = self.rank(ctx)
        if rank == 1 or key is Ellipsis:
            return key
        current = ctx.operand(self.array)
        size = ctx.emit(np.size, current, style="attribute", type_=PY_INT)
        one = is_integer(key)
        places = ctx.emit(builtins.range, size, type_=Opaque("range")) if one else ctx.emit(np.arange, size)
        kind = PY_INT if one else Arr(np.dtype(np.intp), (None,))
        place = ctx.emit(operator.getitem, places, key, type_=kind, must=True)
        shape = ctx.emit(np.shape, current, style="attribute", type_=Tup((PY_INT,) * rank))
        found = ctx.emit(np.unravel_index, place, shape, type_=Tup((kind,) * rank))
        return tuple(ctx.emit(operator.getitem, found, k, type_=kind) for k in range(rank))


def is_integer(key: Operand) -> bool:
    """One place, not several."""
    if isinstance(key, Value):
        return isinstance(key.type, Num)
    return isinstance(key, (int, np.integer))
