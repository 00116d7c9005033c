"""Moves what both arms of a branch do last to after the branch: ``x_bar[i] += out_bar`` once, not twice."""

from __future__ import annotations

from collections.abc import Iterator

from srcgrad.ir.core import Block, Call, If, Operand, Value, values_in
from srcgrad.ir.same import same_operand
from srcgrad.ir.types import join
from srcgrad.ir.walk import reads

__all__ = ["join_tails"]


def join_tails(block: Block) -> None:
    """Move, in place, calls of a reverse sweep that end both arms of a branch and differ in one operand at most."""
    for op in [op for op in block.ops if isinstance(op, If)]:
        at = block.ops.index(op) + 1
        while (call := _joined(op)) is not None:
            block.ops.insert(at, call)


def _joined(op: If) -> Call | None:
    """The call that may follow the branch, whose arms are without it from now on; None where there is none."""
    ends = [arm.ops[-1] if arm.ops else None for arm in op.blocks]
    first, second = ends
    if not isinstance(first, Call) or not isinstance(second, Call) or not _is_alike(first, second):
        return None
    places = [_place(arm, end.out) for arm, end in zip(op.blocks, (first, second), strict=True)]
    differing = [k for k, (a, b) in enumerate(zip(first.args, second.args, strict=True)) if not same_operand(a, b)]
    if places[0] is None or places[0] != places[1] or len(differing) > 1 or not _is_outer(op, first, second, differing):
        return None
    return _moved(op, first, second, places[0], differing)


def _is_alike(first: Call, second: Call) -> bool:
    alike = first.fn is second.fn and len(first.args) == len(second.args) and same_operand(first.kwargs, second.kwargs)
    return alike and first.sweep == second.sweep == "reverse" and first.must == second.must


def _place(arm: Block, out: Value) -> int | None:
    """Where the arm gives a value, if it does so once and reads it nowhere else."""
    found = [k for k, item in enumerate(arm.yields) if item is out]
    inside = Block(ops=arm.ops)
    others = [item for item in arm.yields if item is not out]
    return found[0] if len(found) == 1 and out not in {*reads(inside), *values_in(others)} else None


def _is_outer(op: If, first: Call, second: Call, differing: list[int]) -> bool:
    """Is all that both read, but for the operands in which they differ, made outside of the arms?"""
    made = {out for arm in op.blocks for inner in arm.ops for out in inner.outs}
    for call in (first, second):
        rest = [arg for k, arg in enumerate(call.args) if k not in differing]
        if any(value in made for value in values_in((rest, call.kwargs))):
            return False
    return all(isinstance(call.args[k], Value) for call in (first, second) for k in differing)


def _moved(op: If, first: Call, second: Call, place: int, differing: list[int]) -> Call:
    """The call after the branch, which hands on the operand in which its arms differ."""
    out = op.outs[place]
    args: list[Operand] = list(first.args)
    for arm in op.blocks:
        arm.ops.pop()
    if differing:
        k = differing[0]
        given = [call.args[k] for call in (first, second)]
        args[k] = op.outs[place] = Value(join(given[0].type, given[1].type), next(_hints(given), out.hint), out.span)
        op.then.yields[place], op.orelse.yields[place] = given
    else:
        del op.outs[place], op.then.yields[place], op.orelse.yields[place]
    return Call(first.fn, tuple(args), first.kwargs, out, first.span, first.style, first.must, first.sweep)


def _hints(values: list[Value]) -> Iterator[str]:
    return (value.hint for value in values if value.hint)
