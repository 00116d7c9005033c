"""Puts branches together that belong together: those of one condition, and what follows a branch that gives zeros."""

from __future__ import annotations

import operator

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.sharing import is_immutable
from srcgrad.codegen.arms import sink_sums
from srcgrad.codegen.effects import ACTS, weight
from srcgrad.ir.core import Block, Call, Func, If, Loop, Op, Operand, Value, map_operand, operands_of, values_in
from srcgrad.ir.types import Tup, may_vary
from srcgrad.ir.walk import blocks_of, clone_op, free_values, replace_values, uses
from srcgrad.passes.dce import dce

__all__ = ["is_part", "tidy"]


def tidy(func: Func) -> None:
    """Join, in place, branches of one condition, and end the trips of reverse loops that add nothing but zeros."""
    for block in list(blocks_of(func.block)):
        _join(block)
        _gather_parts(block)
    counts = uses(func.block)
    moved = [sink_sums(block, counts) for block in list(blocks_of(func.block))]
    if any(moved):
        dce(func)
    for block in list(blocks_of(func.block)):
        for op in block.ops:
            if isinstance(op, Loop) and op.sources:
                _sink(op)


def _join(block: Block) -> None:
    k = 0
    while k < len(block.ops):
        last = _next_alike(block, k)
        apart = _parted(block.ops[k : last + 1]) if last else None
        if apart is None:
            k += 1
        else:
            before, joined, after = apart
            block.ops[k : last + 1] = [*before, joined, *after]
            k += len(before)


def _next_alike(block: Block, k: int) -> int:
    """The place of the next branch, if it is of the same condition and only free calls are between them; or 0."""
    first = block.ops[k]
    for j in range(k + 1, len(block.ops)) if isinstance(first, If) else ():
        op = block.ops[j]
        if isinstance(first, If) and isinstance(op, If) and _alike(first, op):
            return j
        if not _is_free(op):
            break
    return 0


def _parted(ops: list[Op]) -> tuple[list[Op], If, list[Op]] | None:
    """Two branches as one, and what goes before and after it; None where the second needs what the first gives."""
    first, *between, second = ops
    assert isinstance(first, If)
    assert isinstance(second, If)
    needed = {value for arm in second.blocks for value in free_values(arm)}
    before: list[Op] = []
    for op in reversed(between):
        if not needed.isdisjoint(op.outs):
            before.insert(0, op)
            needed.update(values_in(operands_of(op)))
    if any(not set(first.outs).isdisjoint(values_in(operands_of(op))) for op in before):
        return None
    return before, _joined(first, second), [op for op in between if op not in before]


def _alike(first: If, second: If) -> bool:
    return isinstance(first.cond, Value) and first.cond is second.cond


def _joined(first: If, second: If) -> If:
    """Two branches of one condition as one: each arm of the second sees what the same arm of the first gives."""
    for before, arm in zip(first.blocks, second.blocks, strict=True):
        given = dict(zip(first.outs, before.yields, strict=True))
        replace_values(arm, given)
        arm.ops[:0] = before.ops
        arm.yields = [*before.yields, *arm.yields]
    joined = If(first.cond, second.then, second.orelse, [*first.outs, *second.outs], first.span)
    first.then.ops, first.orelse.ops, second.outs = [], [], []
    return joined


# Tuples


def _gather_parts(block: Block) -> None:
    """Take a tuple apart where it is made, all at once."""
    parts: dict[Value, list[Op]] = {}
    for op in block.ops:
        if isinstance(op, Call) and is_part(op) and isinstance(op.args[0], Value):
            parts.setdefault(op.args[0], []).append(op)
    own = {*block.params, *(out for op in block.ops for out in op.outs)}
    several = {value: found for value, found in parts.items() if len(found) > 1 and value in own}
    if not several:
        return
    moved = {op for found in several.values() for op in found}
    block.ops = [
        *(part for param in block.params for part in _with_parts(param, several)),
        *(each for op in block.ops if op not in moved for each in (op, *_parts_of(op, several))),
    ]


def _parts_of(op: Op, several: dict[Value, list[Op]]) -> list[Op]:
    """The parts of what an op gives, and the parts of those."""
    return [part for out in op.outs for part in _with_parts(out, several)]


def _with_parts(value: Value, several: dict[Value, list[Op]]) -> list[Op]:
    return [each for part in several.get(value, []) for each in (part, *_parts_of(part, several))]


def is_part(call: Call) -> bool:
    """Is it an item of a tuple whose length is known?"""
    if call.fn is not operator.getitem or not isinstance(call.args[0], Value) or type(call.args[1]) is not int:
        return False
    type_ = call.args[0].type
    if is_immutable(type_) and not may_vary(type_):  # a shape, whose lengths are as readable as names for them
        return False
    return isinstance(type_, Tup) and 0 <= call.args[1] < len(type_.items)


# Zeros


def _sink(loop: Loop) -> None:
    """Move what follows the last branch of a trip into its arms, where one of them then does nothing."""
    body = loop.body
    k = next((k for k, op in reversed(list(enumerate(body.ops))) if not isinstance(op, Call)), -1)
    op, rest = body.ops[k] if k >= 0 else None, body.ops[k + 1 :]
    if not isinstance(op, If) or not rest or not all(_is_free(call) for call in rest):
        return
    for idle, busy in (op.blocks, op.blocks[::-1]):
        after = _idle(loop, op, idle, rest) if _gives_cotangents(loop, idle, busy) else None
        if after is not None:
            _end_early(loop, op, busy, rest, after)
            return


def _is_free(op: Op) -> bool:
    return isinstance(op, Call) and op.sweep == "reverse" and not op.must and weight(op) < ACTS


def _gives_cotangents(loop: Loop, idle: Block, busy: Block) -> bool:
    """Is what is zero in one arm a cotangent in the other, so that the zero says that there is none?"""
    found = {op.out for op in busy.ops if isinstance(op, Call) and op.sweep == "reverse"} | {*loop.carried}
    pairs = zip(idle.yields, busy.yields, strict=True)
    return all(isinstance(other, Value) and other in found for item, other in pairs if _is_zero(item))


def _idle(loop: Loop, op: If, arm: Block, rest: list[Op]) -> list[Operand] | None:
    """What a trip gives where it takes this arm, if nothing is computed after the zeros that the arm gives."""
    given = dict(zip(op.outs, arm.yields, strict=True))
    if arm.ops or not any(_is_zero(item) for item in arm.yields):
        return None
    for call in rest:
        if isinstance(call, Call):
            args = map_operand(lambda value: given.get(value, value), call.args)
            given[call.out] = _without_zeros(call, args)
    after = [map_operand(lambda value: given.get(value, value), item) for item in loop.body.yields]
    if len(after) != 1 + len(loop.carried) or not isinstance(after[0], int):
        return None
    idle = all(item is param for item, param in zip(after[1:], loop.carried, strict=True))
    return after if idle else None


def _is_zero(operand: Operand) -> bool:
    return type(operand) is float and operand == 0.0


def _without_zeros(call: Call, args: tuple[Operand, ...]) -> Operand:
    """What a call of a reverse sweep gives, given that a zero is no cotangent at all; else its own value."""
    if call.fn in (operator.neg, np.sum, runtime.sum_to) and _is_zero(args[0]):
        return 0.0
    if call.fn is operator.mul and any(map(_is_zero, args)):
        return 0.0
    if call.fn in (operator.truediv, np.divide) and _is_zero(args[0]):
        return 0.0
    if call.fn in (operator.add, operator.sub) and _is_zero(args[1]):
        return args[0]
    if call.fn is operator.add and _is_zero(args[0]):
        return args[1]
    if call.fn is runtime.add_item and _is_zero(args[2]):
        return args[0]
    return call.out


def _end_early(loop: Loop, op: If, busy: Block, rest: list[Op], after: list[Operand]) -> None:
    """Make the branch the last op of the trip: `rest` in the busy arm, nothing in the other."""
    known: dict[Value, Operand] = dict(zip(op.outs, busy.yields, strict=True))
    busy.ops += [clone_op(call, known) for call in rest]
    yields = [map_operand(lambda value: known.get(value, value), item) for item in loop.body.yields]
    idle = op.then if busy is op.orelse else op.orelse
    busy.yields, idle.yields = yields[1:], after[1:]
    op.outs = [Value(param.type, param.hint, param.span) for param in loop.carried]
    loop.body.ops = loop.body.ops[: loop.body.ops.index(op) + 1]
    loop.body.yields = [after[0], *op.outs]
