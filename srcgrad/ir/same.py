"""Are two functions the same program? Values may be named otherwise, spans and hints are ignored."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad.ir.core import Block, Call, Func, If, Items, Loop, Op, Operand, Range, Source, Value

__all__ = ["same_func", "same_operand"]

Pair = Callable[[Any, Any], bool]


def same_func(a: Func, b: Func) -> bool:
    """Equal up to the identity of values: the same ops on the same operands with the same types, callees included."""
    return _Match().func(a, b)


def same_operand(a: Operand, b: Operand) -> bool:
    """Equal operands: the same values (by identity) and the same constants (by type and bits) in the same places."""
    return _Match().operand(a, b)


class _Match:
    """Grows a one-to-one relation between the values of two functions while it compares them."""

    def __init__(self) -> None:
        self.values: dict[Value, Value] = {}
        self.back: dict[Value, Value] = {}
        self.funcs: dict[int, Func] = {}

    def func(self, a: Func, b: Func) -> bool:
        if id(a) in self.funcs:
            return self.funcs[id(a)] is b
        self.funcs[id(a)] = b  # assumed while it is looked at, so that recursion ends
        if (a.name, a.doc, a.captured) != (b.name, b.doc, b.captured) or not self.block(a.block, b.block):
            return False
        facts = [(leaf.param, leaf.path, leaf.value) for leaf in a.leaves]
        return self.operand(facts, [(leaf.param, leaf.path, leaf.value) for leaf in b.leaves])

    def block(self, a: Block, b: Block) -> bool:
        if not (self.define(a.params, b.params) and self.each(self.op, a.ops, b.ops)):
            return False
        return self.operand(list(a.yields), list(b.yields))

    def op(self, a: Op, b: Op) -> bool:
        match a, b:
            case Call(), Call():
                same = self.operand((a.fn, a.args, a.kwargs), (b.fn, b.args, b.kwargs))
                return same and (a.style, a.must) == (b.style, b.must) and self.define(a.outs, b.outs)
            case If(), If():
                same = self.operand(a.cond, b.cond) and self.block(a.then, b.then) and self.block(a.orelse, b.orelse)
                return same and self.define(a.outs, b.outs)
            case Loop(), Loop():
                same = a.reverse == b.reverse and self.each(self.source, a.sources, b.sources)
                same = same and self.operand(a.inits, b.inits) and self.block(a.body, b.body)
                return same and self.define(a.outs, b.outs)
        return False

    def source(self, a: Source, b: Source) -> bool:
        match a, b:
            case Range(), Range():
                return self.operand((a.start, a.stop, a.step), (b.start, b.stop, b.step))
            case Items(), Items():
                return self.operand(a.value, b.value)
        return False

    def each(self, pair: Pair, a: Sequence[Any], b: Sequence[Any]) -> bool:
        return len(a) == len(b) and all(map(pair, a, b))

    def define(self, a: Sequence[Value], b: Sequence[Value]) -> bool:
        for x, y in zip(a, b, strict=False):
            self.values[x], self.back[y] = y, x
        return len(a) == len(b) and all(_same_type(x, y) for x, y in zip(a, b, strict=True))

    def operand(self, a: Operand, b: Operand) -> bool:
        match a, b:
            case Value(), Value():
                return self.values.get(a, a) is b and self.back.get(b, b) is a
            case Func(), Func():
                return self.func(a, b)
        if type(a) is not type(b):
            return False
        if isinstance(a, (tuple, list)):
            return self.each(self.operand, a, b)
        if isinstance(a, dict):
            keys = self.each(same_constant, list(a), list(b))
            return keys and self.each(self.operand, list(a.values()), list(b.values()))
        if isinstance(a, slice):
            return self.operand((a.start, a.stop, a.step), (b.start, b.stop, b.step))
        return same_constant(a, b)


def same_constant(a: Any, b: Any) -> bool:
    """Are two constants the same, to the sign of a zero? Objects of unknown kind are when they are one object."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, (float, complex)) and not isinstance(a, np.generic):
        return _bits(a) == _bits(b)
    if isinstance(a, (np.ndarray, np.generic)):
        return bool(a.dtype == b.dtype and a.shape == b.shape and not a.dtype.hasobject and a.tobytes() == b.tobytes())
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same_constant, a, b))
    equal_by_value = isinstance(a, (int, str, bytes, range, np.dtype)) or hasattr(a, "__self__")
    return equal_by_value and bool(a == b)


def _same_type(a: Value, b: Value) -> bool:
    """Both: the text leaves out what a type knows besides, and NumPy says that ``dtype("float64") == None``."""
    return a.type == b.type and str(a.type) == str(b.type)


def _bits(number: complex) -> bytes:
    z = complex(number)
    return struct.pack("dd", z.real, z.imag)
