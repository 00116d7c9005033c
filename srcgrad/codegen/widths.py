"""How wide an expression will be, told before there are names."""

from __future__ import annotations

import operator

from srcgrad import runtime
from srcgrad.codegen.operators import INFIX, PREFIX, known
from srcgrad.ir.core import Call, Operand, Value

__all__ = ["expression_width"]


def expression_width(call: Call | None, parts: Operand) -> int:
    """About how many columns a call, or bare operands, take; nested values are counted by their names."""
    inside = sum([operand_width(part) + 2 for part in parts]) if isinstance(parts, tuple) else operand_width(parts)
    if call is None:
        return inside
    if known(call.fn, INFIX):
        return inside + 1
    if known(call.fn, PREFIX):
        return inside
    if call.fn in (operator.getitem, runtime.get_item):
        return inside - 2
    return inside + len(getattr(call.fn, "__name__", "")) + 4


def operand_width(operand: Operand) -> int:
    """About how many columns an operand takes."""
    if isinstance(operand, Value):
        return len(operand.hint or "v12")
    if isinstance(operand, (tuple, list)):
        return sum(operand_width(item) + 2 for item in operand)
    if isinstance(operand, slice):
        parts = (operand.start, operand.stop, operand.step)
        return 1 + sum(operand_width(part) for part in parts if part is not None)
    if isinstance(operand, (int, float, complex, str, bool)) or operand is None:
        return len(repr(operand))
    return 5
