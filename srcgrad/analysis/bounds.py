"""Which indices are surely within bounds: those that a loop takes from a range of the array's own length."""

from __future__ import annotations

import operator
from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.effects import fits_numbers, is_plain_slice
from srcgrad.analysis.shapes import Shapes, dims_of, type_of
from srcgrad.ir.core import Call, Loop, Operand, Range, Value
from srcgrad.ir.types import Arr, Dim, ListOf

__all__ = ["Bounds"]

READS = (operator.getitem, runtime.get_item)
WRITES = (runtime.set_item, runtime.add_item)


class Sum(NamedTuple):
    """A length, or nothing, plus a number."""

    length: Hashable
    plus: int


class Bounds:
    """Knows the ranges of loop variables. Calls and loops are entered in order, a loop before its body."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.ranges: dict[Value, Range] = {}
        self.made: dict[Value, Call] = {}

    def enter(self, call: Call) -> None:
        """Take note of a call."""
        self.made[call.out] = call

    def enter_loop(self, loop: Loop) -> None:
        """Take note of the ranges that a loop walks."""
        for item, source in zip(loop.items, loop.sources, strict=True):
            if isinstance(source, Range):
                self.ranges[item] = source

    def are_kept(self, call: Call) -> bool:
        """Is it a read or write of which every index is proved within bounds, and that cannot fail otherwise?"""
        if call.kwargs or call.fn not in (*READS, *WRITES) or len(call.args) != (2 if call.fn in READS else 3):
            return False
        x, index = call.args[:2]
        if call.fn in WRITES and not fits_numbers(x, call.args[2]):
            return False
        parts = index if isinstance(index, tuple) else (index,)
        type_ = type_of(x)
        ranks = isinstance(type_, Arr) and type_.dims is not None and len(parts) <= len(type_.dims)
        if not isinstance(x, Value) or not (ranks or (len(parts) == 1 and isinstance(type_, (Arr, ListOf)))):
            return False
        return all(is_plain_slice(part) or self.is_within(part, x, axis) for axis, part in enumerate(parts))

    def is_within(self, index: Operand, x: Value, axis: int) -> bool:
        """Is ``0 <= index < length`` for an axis of `x`?"""
        low, high = self.first_and_last(index)
        dims = dims_of(x)
        dim = dims[axis] if dims is not None and axis < len(dims) else None
        if low.length is not None or low.plus < 0:
            return False
        if isinstance(dim, int) and high.length is None:
            return high.plus < dim
        return high.length is not None and high.length == self.length(x, axis) and high.plus < 0

    def first_and_last(self, index: Operand) -> tuple[Sum, Sum]:
        """The least and the greatest that an index can be."""
        base, plus = self.sum(index)
        source = self.ranges.get(base) if isinstance(base, Value) else None
        if source is None or type(source.step) is not int or source.step == 0:
            return Sum(base, plus), Sum(base, plus)
        low, high = self.first_and_last(source.start)[0], self.first_and_last(source.stop)[1]
        if source.step < 0:
            low, high = self.first_and_last(source.stop)[0], self.first_and_last(source.start)[1]
            return Sum(low.length, low.plus + 1 + plus), Sum(high.length, high.plus + plus)
        return Sum(low.length, low.plus + plus), Sum(high.length, high.plus - 1 + plus)

    def sum(self, operand: Operand) -> Sum:
        """An int operand as a length, or another value, plus a number."""
        if type(operand) is int:
            return Sum(None, operand)
        if not isinstance(operand, Value):
            return Sum(object(), 0)
        made = self.made.get(operand)
        if made is not None and made.fn in (operator.add, operator.sub) and type(made.args[1]) is int:
            length, plus = self.sum(made.args[0])
            return Sum(length, plus + (made.args[1] if made.fn is operator.add else -made.args[1]))
        return Sum(self.asked_length(made) or operand, 0)

    def asked_length(self, made: Call | None) -> Hashable:
        """The length that ``len(x)``, ``x.size`` or ``x.shape[k]`` asks for."""
        if made is None or made.kwargs or not made.args or not isinstance(made.args[0], Value):
            return None
        x = made.args[0]
        if made.fn is len or (made.fn is np.size and len(made.args) == 1 and len(dims_of(x) or ()) == 1):
            return self.length(x, 0)
        shape = self.made.get(x)
        known = made.fn is operator.getitem and shape is not None and shape.fn is np.shape
        if shape is None or not known or type(made.args[1]) is not int or made.args[1] < 0:
            return None
        return self.length(shape.args[0], made.args[1]) if isinstance(shape.args[0], Value) else None

    def length(self, x: Value, axis: int) -> Hashable:
        """What stands for the length of an axis: its symbol, or a value of that shape and the axis."""
        dims = dims_of(x)
        dim = dims[axis] if dims is not None and axis < len(dims) else None
        if isinstance(dim, Dim) and dim.minus == 0:
            return dim.symbol
        return self.shapes.representative(x), axis
