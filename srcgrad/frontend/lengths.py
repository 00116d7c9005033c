"""Lengths that are known symbolically: a shape read from an array, given to a function that makes one."""

from __future__ import annotations

import builtins
import operator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.ir.core import Operand, Value
from srcgrad.ir.types import AnyType, Arr, Axis, Dim, Num, Type, of_constant

# Functions that make an array of a given shape, and the position of the shape among their arguments.
SHAPED: dict[Any, int] = {
    np.zeros: 0, np.ones: 0, np.empty: 0, np.full: 0, np.broadcast_to: 1, runtime.sum_to: 1, np.reshape: 1,
}  # fmt: skip


class Lengths:
    """Which run-time integers and tuples are the lengths of which axes."""

    def __init__(self) -> None:
        self.shapes: dict[Value, tuple[Axis, ...]] = {}
        self.numbers: dict[Value, Axis] = {}

    def learn(self, fn: Any, args: tuple[Operand, ...], out: Value) -> None:
        """Note what a call tells about lengths."""
        first = args[0] if args else None
        if isinstance(first, Value) and isinstance(first.type, Arr) and first.type.dims is not None:
            dims = first.type.dims
            if fn is np.shape:
                self.shapes[out] = dims
            elif (fn is builtins.len and dims) or (fn is np.size and len(dims) == 1):
                self.numbers[out] = dims[0]
        elif fn is operator.getitem and isinstance(first, Value) and first in self.shapes and isinstance(args[1], int):
            dims = self.shapes[first]
            if -len(dims) <= args[1] < len(dims):
                self.numbers[out] = dims[args[1]]
        elif fn is operator.sub and first in self.numbers and isinstance(args[1], int) and args[1] >= 0:
            known = self.numbers[first]
            if isinstance(known, Dim):
                self.numbers[out] = Dim(known.symbol, known.minus + args[1])

    def dims(self, shape: Operand) -> tuple[Axis, ...] | None:
        """The axes of a shape operand; None where they are not known."""
        if isinstance(shape, Value):
            if shape in self.shapes:
                return self.shapes[shape]
            return (self.numbers[shape],) if shape in self.numbers else None
        if isinstance(shape, (int, np.integer)):
            return (int(shape),)
        if isinstance(shape, (tuple, list)):
            return tuple(self.axis(item) for item in shape)
        return None

    def axis(self, item: Operand) -> Axis:
        """One axis of a shape."""
        if isinstance(item, Value):
            return self.numbers.get(item)
        return int(item) if isinstance(item, (int, np.integer)) and item >= 0 else None

    def refine(self, fn: Any, args: tuple[Operand, ...], kwargs: dict[str, Operand], found: Type) -> Type:
        """The result type of a call, with the lengths that its shape argument tells."""
        position = SHAPED.get(fn) if getattr(fn, "__hash__", None) else None
        if position is None or not isinstance(found, (Arr, AnyType)):
            return found
        shape = args[position] if len(args) > position else kwargs.get("shape")
        dims = self.dims(shape)
        dtype = source_dtype(fn, args) if isinstance(found, AnyType) or found.dtype is None else found.dtype
        if isinstance(found, AnyType):
            return Arr(dtype, dims) if dims else found
        if dims is None or (found.dims is not None and len(dims) != len(found.dims)):
            return found
        if found.dims is None:
            return Arr(dtype, dims)
        pairs = zip(dims, found.dims, strict=True)
        return Arr(dtype, tuple(mine if mine is not None else old for mine, old in pairs))


def source_dtype(fn: Any, args: tuple[Operand, ...]) -> np.dtype[Any] | None:
    """The dtype of what is spread out or summed, where it is known: NumPy makes arrays of Python floats float64."""
    if fn not in (np.broadcast_to, runtime.sum_to, np.reshape):
        return None
    source = args[0].type if isinstance(args[0], Value) else of_constant(args[0])
    if isinstance(source, Arr):
        return source.dtype
    if isinstance(source, Num) and source.kind in ("float", "complex"):
        return source.dtype if source.dtype is not None else np.dtype(source.kind)
    return None
