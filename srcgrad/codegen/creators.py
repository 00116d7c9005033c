"""Gives every loop and every write that starts from an array of zeros one of its own, made where it starts."""

from __future__ import annotations

import numpy as np

from srcgrad import runtime
from srcgrad.codegen.operators import known
from srcgrad.ir.core import Block, Call, Func, Loop, Op, Value
from srcgrad.ir.walk import blocks_of, uses

__all__ = ["part_creators"]

CREATORS = (np.zeros_like, np.ones_like, np.zeros, np.ones, np.empty, np.empty_like)


def part_creators(func: Func) -> None:
    """Give every loop and every write that starts from an array of zeros one of its own, made where it starts."""
    counts = uses(func.block)
    shared: dict[Value, Call] = {}
    first: set[Value] = set()
    for block in blocks_of(func.block):
        for op in list(block.ops):
            if isinstance(op, Call) and known(op.fn, CREATORS) and counts[op.out] > 1:
                shared[op.out] = op
            for value, hint in _starts(op):
                if value in shared and value in first:
                    _renew(block, op, value, shared[value], hint)
                first.add(value)


def _starts(op: Op) -> list[tuple[Value, str]]:
    """The values that an op goes on to write, and what the results are called."""
    if isinstance(op, Loop):
        pairs = zip(op.inits, op.carried, strict=True)
        return [(init, param.hint) for init, param in pairs if isinstance(init, Value)]
    if isinstance(op, Call) and op.fn in (runtime.set_item, runtime.add_item) and isinstance(op.args[0], Value):
        return [(op.args[0], op.out.hint)]
    return []


def _renew(block: Block, op: Op, value: Value, maker: Call, hint: str) -> None:
    out = Value(value.type, hint or value.hint, value.span)
    new = Call(maker.fn, maker.args, dict(maker.kwargs), out, op.span, maker.style, False, _sweep_of(op) or maker.sweep)
    block.ops.insert(block.ops.index(op), new)
    if isinstance(op, Loop):
        op.inits[next(k for k, init in enumerate(op.inits) if init is value)] = out
    elif isinstance(op, Call):
        op.args = (out, *op.args[1:])


def _sweep_of(op: Op) -> str:
    """The sweep that an op belongs to, a loop's is that of its first call."""
    if isinstance(op, Call):
        return op.sweep
    return next((found for block in op.blocks for inner in block.ops if (found := _sweep_of(inner))), "")
