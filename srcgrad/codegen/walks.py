"""Loops over arrays as the user wrote them: ``for x in xs``, where the index serves no other purpose."""

from __future__ import annotations

import operator
import re

from srcgrad.ir.core import Block, Call, Func, Items, Loop, Range, Value
from srcgrad.ir.types import Arr
from srcgrad.ir.walk import replace_values, uses, walk

__all__ = ["walk_items"]


def walk_items(func: Func) -> None:
    """Walk, in place, the items of a parameter instead of its indices; an index that stays is called `i`."""
    lengths = {op.out: op for op in walk(func.block) if isinstance(op, Call) and op.fn is len}
    for op in list(walk(func.block)):
        if isinstance(op, Loop):
            for k, source in enumerate(op.sources):
                array = _array(source, lengths)
                if array is not None and array in func.params and _is_written_so(op, op.items[k], array):
                    _walk(op, k, array)


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


def _walk(loop: Loop, k: int, array: Value) -> None:
    item = loop.items[k]
    reads = [op for op in walk(loop.body) if isinstance(op, Call) and op.fn is operator.getitem
             and op.args[0] is array and op.args[1] is item]  # fmt: skip
    if loop.reverse or len(loop.sources) > 1 or uses(loop.body)[item] != len(reads) or not reads:
        item.hint = "i"
        return
    for read in reads:
        block = next(b for b in [loop.body, *_inner(loop)] if read in b.ops)
        block.ops.remove(read)
    new = Value(reads[0].out.type, item.hint, item.span)
    loop.body.params[k] = new
    loop.sources[k] = Items(array)
    replace_values(loop.body, {read.out: new for read in reads})


def _inner(loop: Loop) -> list[Block]:
    return [block for op in walk(loop.body) for block in op.blocks]
