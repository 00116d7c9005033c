"""Calls of functions that a rule defines by others: put in their place where a derivative passes through them.

A call on constants stays as it is, so that ``np.cov`` of data is ``np.cov`` in the derivative too.
"""

from __future__ import annotations

from srcgrad.autodiff.activity import varied
from srcgrad.autodiff.apply import Applier
from srcgrad.autodiff.refusals import refuse_active
from srcgrad.ir.core import Block, Call, Func, Op, Operand, Value, map_operand
from srcgrad.ir.walk import blocks_of, callees, replace_values, walk
from srcgrad.rules.core import lookup

__all__ = ["expand"]


def expand(func: Func, inputs: list[Value]) -> bool:
    """Replace, in place, calls of defined functions that vary with the inputs; of recursive callees, all.

    A definition may use others that are defined, so this is done until there is none left.

    Returns
    -------
    bool
        Has anything changed?
    """
    refuse_active(func, inputs)
    changed = False
    for each in callees(func.block):
        while _expand(each, None):
            changed = True
    while _expand(func, inputs):
        changed = True
    return changed


def _expand(func: Func, inputs: list[Value] | None) -> bool:
    if not any(is_defined(op) for op in walk(func.block)):
        return False
    active = None if inputs is None else varied(func.block, inputs)
    results: dict[Value, Operand] = {}
    for block in list(blocks_of(func.block)):
        block.ops = _ops(block, active, results)
    if not results:
        return False
    for out, result in results.items():
        results[out] = map_operand(lambda value: results.get(value, value), result)
    replace_values(func.block, results)
    func.edits += 1
    return True


def is_defined(op: Op) -> bool:
    """Is it a call of a function that a rule defines by others?"""
    if not isinstance(op, Call):
        return False
    rule = lookup(op.fn)
    return rule is not None and rule.kind == "defined"


def _ops(block: Block, active: set[Value] | None, results: dict[Value, Operand]) -> list[Op]:
    """The block's ops, calls that are replaced noted with their results."""
    ops: list[Op] = []
    for op in block.ops:
        if isinstance(op, Call) and is_defined(op) and (active is None or op.out in active):
            made, results[op.out] = _definition(op)
            ops += made
        else:
            ops.append(op)
    return ops


def _definition(call: Call) -> tuple[list[Op], Operand]:
    """The ops of a call's definition, and its result."""
    rule, applier, block = lookup(call.fn), Applier(), Block()
    assert rule is not None
    assert rule.vjp is not None
    with applier.within(block):
        result = applier.operand(applier.run(rule.vjp, list(call.args), dict(call.kwargs), call.span))
    if isinstance(result, Value) and not result.hint:
        result.hint = call.out.hint
    return block.ops, tuple(result) if isinstance(result, tuple) else result  # of a named tuple the items are used
