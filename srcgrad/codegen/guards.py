"""Under which conditions a value is read: where it is absent otherwise, nothing needs to be assigned."""

from __future__ import annotations

from srcgrad.ir.core import Block, Func, If, Operand, Value, operands_of, values_in
from srcgrad.ir.types import ABSENT
from srcgrad.ir.walk import walk

__all__ = ["Guards"]

Guard = tuple[Value, bool]


class Guards:
    """The conditions that hold wherever a value is read, of values that are absent on some path."""

    def __init__(self, func: Func) -> None:
        self._common: dict[Value, frozenset[Guard]] = {}
        self._absent = {
            out
            for op in walk(func.block)
            if isinstance(op, If)
            for arm in op.blocks
            for out, item in zip(op.outs, arm.yields, strict=True)
            if item is ABSENT
        }
        if self._absent:
            self._block(func.block, frozenset())

    def only_read(self, value: Value, cond: Operand, side: bool) -> bool:
        """Is the value read only where the condition is `side`?"""
        common = self._common.get(value)
        return common is None or (isinstance(cond, Value) and (cond, side) in common)

    def _block(self, block: Block, held: frozenset[Guard]) -> None:
        for op in block.ops:
            self._read(operands_of(op), held)
            if isinstance(op, If) and isinstance(op.cond, Value):
                self._block(op.then, held | {(op.cond, True)})
                self._block(op.orelse, held | {(op.cond, False)})
            else:
                for inner in op.blocks:
                    self._block(inner, held)
        self._read(tuple(block.yields), held)

    def _read(self, operand: Operand, held: frozenset[Guard]) -> None:
        for value in values_in(operand):
            if value in self._absent:
                self._common[value] = self._common.get(value, held) & held
