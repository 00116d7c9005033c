"""What the rewrites before printing know: how operands were made, and which lengths and shapes are equal."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.shapes import Dims, dims_of, elementwise_operands, same_dims, type_of
from srcgrad.frontend.context import result_type
from srcgrad.ir.core import Call, Func, Operand, Value
from srcgrad.ir.types import Arr, Axis, Num, dtype_kind, is_one
from srcgrad.passes.folding import Facts

__all__ = ["Clues", "Rule", "is_float", "is_numpy"]


class Clues(Facts):
    """Also which lengths are equal, because something that needs them to be has been computed."""

    def __init__(self, func: Func) -> None:
        super().__init__(func)
        self.equal: dict[Axis, Axis] = {}
        self.named: list[Value] = []
        self.copies: dict[Value, Value] = {}

    def enter(self, call: Call) -> None:
        """Take note of a call that stays: axes longer than one that were broadcast together are of one length."""
        super().enter(call)
        operands = elementwise_operands(call)
        shapes = [dims for dims in map(dims_of, operands or ()) if dims]
        for first, second in pairwise(shapes):
            for a, b in zip(reversed(first), reversed(second), strict=False):
                if is_one(a) is False and is_one(b) is False:
                    self.equate(a, b)
        if call.fn in (runtime.set_item, runtime.add_item) and len(call.args) == 3:
            self.stored(*call.args)

    def stored(self, x: Operand, index: Operand, value: Operand) -> None:
        """Take note that something fits into a part of an array: axes longer than one are as long as the part's."""
        place, own = dims_of(result_type(operator.getitem, (x, index), {})), dims_of(value)
        for a, b in zip(reversed(own or ()), reversed(place or ()), strict=False):
            if is_one(a) is False:
                self.equate(a, b)

    def equate(self, a: Axis, b: Axis) -> None:
        """Take note that two lengths are equal, where they are known by name."""
        if a is not None and b is not None:
            self.equal[self.length(a)] = self.length(b)

    def learnt(self) -> dict[Axis, Axis]:
        """What is known of lengths now."""
        return dict(self.equal)

    def recollect(self, learnt: dict[Axis, Axis]) -> None:
        """Take note of what was known at another place, which has been passed."""
        for a, b in learnt.items():
            self.equate(a, b)

    def note(self, call: Call) -> None:
        """Take note of an array that has a name: its shape is that of others, too."""
        if call.out.hint and isinstance(call.out.type, Arr) and call.out.type.dims:
            self.named.append(call.out)
        if call.fn in (np.copy, np.ndarray.copy) and len(call.args) == 1 and _copies(call):
            self.copies[call.args[0]] = call.out

    def length(self, dim: Axis) -> Axis:
        """What stands for a length."""
        while dim in self.equal and self.equal[dim] != dim:
            dim = self.equal[dim]
        return dim

    def same(self, a: Dims, b: Dims) -> bool:
        """Are two shapes surely equal?"""
        if a is None or b is None:
            return False
        return same_dims(tuple(map(self.length, a)), tuple(map(self.length, b)))


def _copies(call: Call) -> bool:
    """Is it a copy under the same name, which takes the place of the original?"""
    return isinstance(call.args[0], Value) and isinstance(call.args[0].type, Arr) and call.args[0].hint == call.out.hint


Rule = Callable[[Call, Clues], Operand | None]
"""Gives the operand that stands for the call from now on, or None; it may change the call in place."""


def is_float(operand: Operand) -> bool:
    """Is it surely a floating or complex number, or an array of them?"""
    type_ = type_of(operand)
    if isinstance(type_, Num):
        return type_.kind in ("float", "complex")
    return isinstance(type_, Arr) and type_.dtype is not None and dtype_kind(type_.dtype) in ("float", "complex")


def is_numpy(operand: Operand) -> bool:
    """Is it surely an array or a NumPy number?"""
    type_ = type_of(operand)
    return isinstance(type_, Arr) or (isinstance(type_, Num) and type_.dtype is not None)
