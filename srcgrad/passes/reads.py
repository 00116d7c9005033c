"""Moves reads of an old version before the write that makes the next, so that the write may happen in place."""

from __future__ import annotations

from srcgrad.analysis.effects import has_effect
from srcgrad.analysis.liveness import Liveness
from srcgrad.analysis.sharing import WRITES
from srcgrad.ir.core import Block, Call, Op, Value, operands_of, values_in
from srcgrad.ir.walk import free_values
from srcgrad.rules.core import lookup

__all__ = ["read_first"]


def read_first(block: Block, write: Call, live: Liveness) -> bool:
    """Move, in place, all that reads the target of a write after it to before it; False where that is not possible.

    After the block nothing may read the target, as `live` tells.
    """
    target = write.args[0]
    start = block.ops.index(write)
    if not isinstance(target, Value) or live.after[block.ops[-1]] & live.bits[target]:
        return False
    later = block.ops[start + 1 :]
    readers = [op for op in later if target in _reads(op)]
    if not readers:
        return False
    makers: dict[Value, Op] = {out: op for op in (write, *later) for out in op.outs}
    moved: set[Op] = set()
    pending: list[Op] = list(readers)
    while pending:
        op = pending.pop()
        if not _may_move(op, write):
            return False
        moved.add(op)
        pending += [makers[v] for v in values_in(operands_of(op)) if v in makers and makers[v] not in moved]
    block.ops[start:] = [*(op for op in later if op in moved), write, *(op for op in later if op not in moved)]
    return True


def _reads(op: Op) -> set[Value]:
    found = set(values_in(operands_of(op)))
    return found.union(*(free_values(inner) for inner in op.blocks))


def _may_move(op: Op, write: Call) -> bool:
    """Only what is computed moves: no writes, no effects, and no exception past another one of the primal."""
    if not isinstance(op, Call) or op is write or op.fn in WRITES or op.fn is list.append:
        return False
    rule = lookup(op.fn)
    pure = rule.effect in ("", "raise") if rule is not None else not has_effect(op)
    return pure and not (op.must and write.must)
