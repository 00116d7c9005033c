"""Names for values that pass from one generated function to another, and were never named."""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.ir.core import Block, Call, If, Value
from srcgrad.ir.names import Guess
from srcgrad.ir.walk import walk

__all__ = ["guess_names"]


def guess_names(values: Iterable[Value], block: Block) -> None:
    """Call, in place, each value without a name after the function that made it in a block."""
    nameless = {value for value in values if value.hint == ""}
    if not nameless:
        return
    makers = {op.out: op for op in walk(block) if isinstance(op, Call)}
    for op in walk(block):
        for k, out in enumerate(op.outs):
            if out in nameless:
                given = (arm.yields[k] for arm in op.blocks) if isinstance(op, If) else (out,)
                calls = [makers[value] for value in given if isinstance(value, Value) and value in makers]
                out.hint = Guess(getattr(calls[0].fn, "__name__", "") if calls else "")
