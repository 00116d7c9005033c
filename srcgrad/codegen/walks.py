"""Loops over arrays as the user wrote them: ``for x in xs``, where the index serves no other purpose."""

from __future__ import annotations

import operator
import re

from srcgrad.ir.core import Call, Func, Items, Loop, Range, Value, map_operand, values_in
from srcgrad.ir.types import Arr, ListOf, Tup, Type
from srcgrad.ir.walk import blocks_of, replace_values, uses, walk

__all__ = ["walk_items"]


def walk_items(func: Func, twins: dict[Value, Value]) -> None:
    """Walk, in place, the items of a parameter instead of its indices; an index that stays is called `i`.

    `twins` says of what loops take from lists which value was put there: an index that is only put there to read the
    same item again is put there as that item.
    """
    lengths = {op.out: op for op in walk(func.block) if isinstance(op, Call) and op.fn is len}
    for op in list(walk(func.block)):
        if isinstance(op, Loop):
            for k, source in enumerate(op.sources):
                array = _array(source, lengths)
                if array is not None and array in func.params and _is_written_so(op, op.items[k], array):
                    _Walk(func, op, k, array, twins).rewrite()


def _array(source: Range | Items, lengths: dict[Value, Call]) -> Value | None:
    """The array of whose indices a range consists."""
    if not isinstance(source, Range) or not isinstance(source.stop, Value) or source.stop not in lengths:
        return None
    if type(source.start) is not int or source.start != 0 or type(source.step) is not int or source.step != 1:
        return None
    array = lengths[source.stop].args[0]
    return array if isinstance(array, Value) and isinstance(array.type, Arr) else None


def _is_written_so(loop: Loop, item: Value, array: Value) -> bool:
    text = loop.span.text.strip() if loop.span is not None else ""
    return bool(item.hint) and re.match(rf"for {item.hint} in {array.hint}\s*:", text) is not None


class _Walk:
    """One loop over the indices of a parameter."""

    def __init__(self, func: Func, loop: Loop, k: int, array: Value, twins: dict[Value, Value]) -> None:
        self.func, self.loop, self.k, self.array = func, loop, k, array
        self.item = loop.items[k]
        self.later = [v for v, twin in twins.items() if twin is self.item and not isinstance(v.type, ListOf)]

    def rewrite(self) -> None:
        """Walk the items, or call the index `i`."""
        reads = self.reads(self.item)
        kept = [op for op in walk(self.loop.body) if isinstance(op, Call) and op.fn is list.append
                and any(value is self.item for value in values_in(op.args[1]))]  # fmt: skip
        again = [read for value in self.later for read in self.reads(value)]
        counts = uses(self.func.block)
        only = counts[self.item] == len(reads) + len(kept) and sum(counts[v] for v in self.later) == len(again)
        if self.loop.reverse or len(self.loop.sources) > 1 or not reads or not only or bool(kept) != bool(again):
            for value in (self.item, *self.later):
                value.hint = "i"
            return
        new = self.taken(self.item, reads)
        for call in kept:
            call.args = (call.args[0], map_operand(lambda v: new if v is self.item else v, call.args[1]))
        self.loop.body.params[self.k] = new
        self.loop.sources[self.k] = Items(self.array)
        for value in self.later:
            self.retake(value)

    def reads(self, index: Value) -> list[Call]:
        """Where the array is read at an index."""
        return [op for op in walk(self.func.block) if isinstance(op, Call) and op.fn is operator.getitem
                and op.args[0] is self.array and op.args[1] is index]  # fmt: skip

    def taken(self, index: Value, reads: list[Call]) -> Value:
        """What stands for the item that was read at an index."""
        for read in reads:
            next(block for block in blocks_of(self.func.block) if read in block.ops).ops.remove(read)
        new = Value(reads[0].out.type, self.item.hint, index.span)
        replace_values(self.func.block, {read.out: new for read in reads})
        return new

    def retake(self, index: Value) -> None:
        """Take the item from the list in place of its index, and tell the types of what holds it."""
        new = self.taken(index, self.reads(index))
        for op in walk(self.func.block):
            if isinstance(op, Call) and op.out is index:
                op.out = new
                self.hold(op.args[0], op.args[1], new.type)
            elif isinstance(op, Loop) and index in op.items:
                op.body.params[op.items.index(index)] = new
                self.tell(op, new)

    def hold(self, record: Value, place: int, type_: Type) -> None:
        """Note that a record of the trips holds something else at a place."""
        assert isinstance(record.type, Tup)
        items = list(record.type.items)
        items[place] = type_
        record.type = Tup(tuple(items))
        for op in walk(self.func.block):
            if isinstance(op, Loop) and record in op.items:
                self.tell(op, record)

    def tell(self, loop: Loop, item: Value) -> None:
        """Tell the type of a list that a loop walks from that of its items."""
        source = loop.sources[loop.items.index(item)]
        assert isinstance(source, Items)
        source.value.type = ListOf(item.type)
