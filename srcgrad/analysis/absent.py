"""Which values of a function have no value on some paths."""

from __future__ import annotations

from srcgrad.ir.core import ABSENT, Block, If, Loop, Operand, Value

__all__ = ["may_be_absent"]


def may_be_absent(block: Block) -> set[Value]:
    """The results of branches and loops that may be `ABSENT` when the program runs."""
    found: set[Value] = set()
    count = -1
    while count < len(found):  # what a loop carries may become absent in a later trip
        count = len(found)
        _visit(block, found)
    return found


def _visit(block: Block, found: set[Value]) -> None:
    for op in block.ops:
        if isinstance(op, If):
            for arm in op.blocks:
                _visit(arm, found)
                found.update(out for out, item in zip(op.outs, arm.yields, strict=True) if _is_absent(item, found))
        elif isinstance(op, Loop):
            _visit_loop(op, found)


def _visit_loop(op: Loop, found: set[Value]) -> None:
    for param, out, *items in zip(op.carried, op.carried_outs, op.inits, op.carried_yields, strict=True):
        if any(_is_absent(item, found) for item in items):
            found.update((param, out))
    _visit(op.body, found)


def _is_absent(item: Operand, found: set[Value]) -> bool:
    return item is ABSENT or (isinstance(item, Value) and item in found)
