"""Whose contents are still read after an op: sets of values as bit masks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from srcgrad.ir.core import Block, Call, Func, If, Op, Operand, Value, operands_of, values_in

__all__ = ["OUTSIDE", "Liveness"]

OUTSIDE = 1  # the bit of all memory that is not the function's own

# These look at the shape and the dtype of their operands only.
SHAPE_ONLY = (np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.result_type)


class Liveness:
    """The values of a function, numbered, and after each op those whose contents are read later.

    Attributes
    ----------
    bits : dict
        Each value's own bit. The lowest bit stands for memory from outside.
    values : list
        The value of each bit; None for the lowest.
    after : dict
        For each op, the values read after it, whichever way the function goes on.
    """

    def __init__(self, func: Func) -> None:
        self.bits: dict[Value, int] = {}
        self.values: list[Value | None] = [None]
        self.after: dict[Op, int] = {}
        self.defined: dict[Block, int] = {}
        self._free: dict[Block, int] = {}
        self._survey(func.block)
        self._block(func.block, 0)

    def mask(self, operand: Operand) -> int:
        """The values in an operand."""
        mask = 0
        for value in values_in(operand):
            mask |= self.bits[value]
        return mask

    def around(self, block: Block) -> int:
        """The values that a block reads and does not define."""
        return self._free[block]

    def members(self, mask: int) -> list[Value]:
        """The values of a mask."""
        found = []
        mask &= ~OUTSIDE
        while mask:
            low = mask & -mask
            value = self.values[low.bit_length() - 1]
            assert value is not None
            found.append(value)
            mask ^= low
        return found

    def _number(self, values: Iterable[Value]) -> int:
        mask = 0
        for value in values:
            self.bits[value] = bit = 1 << len(self.values)
            self.values.append(value)
            mask |= bit
        return mask

    def _survey(self, block: Block) -> None:
        """Number the values; find what each block defines, and what it reads from around it."""
        defined, read = self._number(block.params), 0
        for op in block.ops:
            read |= self._reads(op)
            for inner in op.blocks:
                self._survey(inner)
                read |= self._free[inner]
                defined |= self.defined[inner]
            defined |= self._number(op.outs)
        self.defined[block] = defined
        self._free[block] = (read | self.mask(tuple(block.yields))) & ~defined

    def _reads(self, op: Op) -> int:
        if isinstance(op, Call) and any(op.fn is fn for fn in SHAPE_ONLY):
            return 0
        return self.mask(operands_of(op))

    def _block(self, block: Block, after: int) -> int:
        live = after | self.mask(tuple(block.yields))
        for op in reversed(block.ops):
            self.after[op] = live
            for out in op.outs:
                live &= ~self.bits[out]
            match op:
                case Call():
                    pass
                case If():
                    live = self._block(op.then, live) | self._block(op.orelse, live)
                case _:  # the next trip reads again what this one reads from around the loop
                    live |= self._free[op.body]
                    self._block(op.body, live)
            live |= self._reads(op)
        return live
