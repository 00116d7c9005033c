"""Moves out of a loop what is the same in every trip.

Before: any function. `hoist` moves pure calls of values from outside, which cannot raise, in front of the loop, from
the innermost loop outwards. After: the same results; what is computed once per loop stands before it.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis import sharing
from srcgrad.analysis.effects import has_effect, may_raise
from srcgrad.ir.core import Block, Call, Func, Loop, Op, Value, operands_of, values_in
from srcgrad.rules.core import lookup

__all__ = ["hoist"]

# Not worth a name of their own: views, and questions about shapes. They move where something that moves needs them.
LIGHT = {operator.getitem, runtime.get_item, np.transpose, np.shape, np.size, np.ndim, len, np.broadcast_to,
         np.reshape, np.ravel, tuple, list}  # fmt: skip

WRITES = {*sharing.WRITES, operator.setitem}


def hoist(func: Func) -> Func:
    """Move loop-invariant calls out of the loops of a function, in place.

    Only calls that stand directly in the body move: one in the arm of an `If` may be guarded by it. A loop may make no
    trip at all, so nothing that may raise moves. New arrays and what is written into stay where they are.

    Returns
    -------
    Func
        `func` itself.
    """
    func.edits += _hoist_block(func.block)
    return func


def _hoist_block(block: Block) -> bool:
    """Move out of the loops of a block, the innermost first; did anything move?"""
    ops: list[Op] = []
    below = False
    for op in block.ops:
        for inner in op.blocks:
            below |= _hoist_block(inner)
        if isinstance(op, Loop):
            ops += _take(op)
        ops.append(op)
    moved = len(ops) != len(block.ops)
    block.ops = ops
    return moved or below


def _take(loop: Loop) -> list[Op]:
    """Take out of the body what may stand before the loop."""
    inside = {*loop.body.params, *_made(loop.body)}
    candidates: list[Call] = []
    for op in loop.body.ops:
        if isinstance(op, Call) and inside.isdisjoint(_read(op)) and _may_move(op):
            candidates.append(op)
            inside.discard(op.out)
    moved = _worthwhile(candidates, _written(loop.body)) if candidates else set()
    loop.body.ops = [op for op in loop.body.ops if op not in moved]
    return [op for op in candidates if op in moved]


def _made(block: Block) -> set[Value]:
    """What the ops of a block define, those of inner blocks left out: they are not seen from here."""
    return {out for op in block.ops for out in op.outs}


def _read(op: Op) -> list[Value]:
    return list(values_in(operands_of(op)))


def _may_move(op: Call) -> bool:
    """A new array in each trip is one to write into; outside, it would have to be copied in each trip."""
    if isinstance(op.fn, Func) or _is_in(op.fn, sharing.FRESH_ARRAYS):
        return False
    return not may_raise(op) and not has_effect(op)


def _worthwhile(candidates: list[Call], written: set[Value]) -> set[Op]:
    """The heavy ones, and the light ones that they need."""
    moved: set[Op] = set()
    needed: set[Value] = set()
    for op in reversed(candidates):
        if (not _is_light(op) and op.out not in written) or op.out in needed:
            moved.add(op)
            needed.update(_read(op))
    return moved


def _written(block: Block) -> set[Value]:
    """The arrays of which a block makes the next version."""
    found: set[Value] = set()
    for op in block.ops:
        if isinstance(op, Call) and _is_in(op.fn, WRITES):
            found.update(values_in(op.args[0]))
        for inner in op.blocks:
            found |= _written(inner)
    return found


def _is_light(op: Call) -> bool:
    rule = lookup(op.fn)
    return _is_in(op.fn, LIGHT) or (rule is not None and rule.view is not False)


def _is_in(fn: Any, callables: set[Any]) -> bool:
    try:
        return fn in callables
    except TypeError:  # unhashable
        return False
