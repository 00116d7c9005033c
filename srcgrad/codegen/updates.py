"""Puts the update of a number that a block hands on after everything that reads the number as it was before."""

from __future__ import annotations

from srcgrad.codegen.effects import PURE, weight
from srcgrad.ir.core import Block, Call, Op, values_in
from srcgrad.ir.types import Num
from srcgrad.ir.walk import reads

__all__ = ["update_last"]


def update_last(block: Block) -> None:
    """Move, in place, the calls that make what a block yields, so that one name can stand for before and after."""
    for item in block.yields:
        call = next((op for op in block.ops if isinstance(op, Call) and op.out is item), None)
        if call is not None and call.sweep == "reverse" and not call.must and weight(call) == PURE:
            _move(block.ops, call)


def _move(ops: list[Op], call: Call) -> None:
    """Move a call of numbers behind all others, where one of them reads an earlier number of the same name."""
    values = list(values_in(call.args))
    if not all(isinstance(value.type, Num) for value in (call.out, *values)):
        return
    before = {value for value in values if value.hint and value.hint == call.out.hint}
    later = ops[ops.index(call) + 1 :]
    read = set(reads(Block(ops=later)))
    if before & read and call.out not in read:
        ops.remove(call)
        ops.append(call)
