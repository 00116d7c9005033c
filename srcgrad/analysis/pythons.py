"""Which numbers are surely Python's own: where those are divided by zero, they raise, and NumPy's only warn.

A type does not tell: where paths meet, a Python float and a NumPy float are one type.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from srcgrad.ir.core import Call, If, Items, Loop, Op, Operand, Value
from srcgrad.ir.types import ListOf, Num

__all__ = ["Pythons"]

# What Python numbers give Python numbers for.
ARITHMETIC: tuple[Any, ...] = (
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.neg, operator.pos, operator.abs, builtins.abs, builtins.min, builtins.max, builtins.round, builtins.pow,
    operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge, operator.not_,
)  # fmt: skip
CONVERSIONS: tuple[Any, ...] = (builtins.int, builtins.float, builtins.bool, builtins.complex, builtins.len, np.size,
                                np.ndim)  # fmt: skip
PYTHON = (int, float, complex, bool)


class Pythons:
    """What made each value, and what can be told of it."""

    def __init__(self) -> None:
        self.maker: dict[Value, Op] = {}
        self.home: dict[Value, Loop] = {}

    def enter(self, ops: Iterable[Op]) -> None:
        """Take note of ops, those inside them not included."""
        for op in ops:
            for out in op.outs:
                self.maker[out] = op
            if isinstance(op, Loop):
                self.home.update(dict.fromkeys(op.body.params, op))

    def surely(self, operand: Operand) -> bool:
        """Is it a Python number, whichever way it was come by?"""
        seen: set[Value] = set()
        pending = [operand]
        while pending:
            item = pending.pop()
            if not isinstance(item, Value):
                if type(item) not in PYTHON:
                    return False
            elif item not in seen:
                seen.add(item)
                sources = self._sources(item)
                if sources is None:
                    return False
                pending += sources
        return True

    def _sources(self, value: Value) -> list[Operand] | None:
        """What has to be a Python number for a value to be one; None where it is none, or may not be one."""
        if not isinstance(value.type, Num) or value.type.dtype is not None or value.type.kind is None:
            return None
        if value in self.home:
            return _of_loop(self.home[value], value)
        match self.maker.get(value):
            case None:  # a parameter: its type is that of the argument
                return []
            case If() as op:
                return [arm.yields[op.outs.index(value)] for arm in op.blocks]
            case Loop() as loop:
                k = loop.outs.index(value)
                return [] if k == 0 else _of_loop(loop, loop.carried[k - 1]) if k <= len(loop.inits) else None
            case Call() as call:
                return self._of_call(call)

    def _of_call(self, call: Call) -> list[Operand] | None:
        if call.fn in (operator.getitem, getattr):
            return [] if self._is_given(call.args[0]) else None
        if call.fn in ARITHMETIC:
            return [*call.args]
        is_python = call.fn in CONVERSIONS or getattr(call.fn, "__module__", "") == "math"
        return [] if is_python else None

    def _is_given(self, owner: Operand) -> bool:
        """Is it an argument, a part of one, or a shape?"""
        while isinstance(owner, Value) and not isinstance(owner.type, ListOf):
            made = self.maker.get(owner)
            if made is None:
                return owner not in self.home
            if not isinstance(made, Call) or made.fn not in (operator.getitem, getattr):
                return isinstance(made, Call) and made.fn is np.shape
            owner = made.args[0]
        return False


def _of_loop(loop: Loop, param: Value) -> list[Operand] | None:
    """A number of a range is an int; what is carried is what it begins with, and what a trip hands on."""
    k = loop.body.params.index(param) - len(loop.sources)
    if k < 0:
        return None if isinstance(loop.sources[k], Items) else []
    return [loop.inits[k], loop.carried_yields[k]]
