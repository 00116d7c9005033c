"""What the rewrites of `fold` work with: the calls that made the operands, and the two ways to simplify a call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from srcgrad.analysis.shapes import Shapes
from srcgrad.ir.core import Call, Func, Operand, Value
from srcgrad.ir.types import Arr, Num, dtype_kind, may_vary, of_constant
from srcgrad.ir.walk import uses

__all__ = ["DERIVED", "Facts", "Known", "Rewrite", "become", "has_signed_zero", "real_kind"]


DERIVED = ("reverse", "tangent")  # sweeps of which the last bit is nobody's business


@dataclass(frozen=True)
class Known:
    """The result of a call is an operand that is there already, and the call cannot raise."""

    operand: Operand


class Facts:
    """What is known where a call stands: how its operands were made, and how often each is read."""

    def __init__(self, func: Func) -> None:
        self.shapes = Shapes(func)
        self.uses: Counter[Value] = uses(func.block)
        self.made: dict[Value, Call] = {}
        self.new: list[Call] = []  # calls that go before the one that is rewritten

    def enter(self, call: Call) -> None:
        """Take note of a call that stays."""
        self.made[call.out] = call
        self.shapes.enter(call)

    def call(self, operand: Operand, fn: Any) -> Call | None:
        """The call that made an operand, if it is one of `fn`."""
        if type(operand) is not Value:
            return None
        made = self.made.get(operand)
        return made if made is not None and made.fn is fn else None

    def once(self, operand: Operand) -> bool:
        """Is the operand read in one place only?"""
        return type(operand) is Value and self.uses[operand] == 1

    def emit(self, like: Call, fn: Any, *args: Operand) -> Value:
        """Add a call before the one that is rewritten; type, hint, span and `must` are those of `like`."""
        out = Value(like.out.type, like.out.hint, like.out.span)
        call = Call(fn, args, {}, out, like.span, "", like.must, like.sweep)
        self.new.append(call)
        self.enter(call)
        self.uses[out] += 1
        return out


Rewrite: TypeAlias = Callable[[Call, Facts], "Known | bool"]
"""Gives what the call is `Known` to be, True where it changed the call in place, False where it does not apply."""


def become(call: Call, fn: Any, *args: Operand, **kwargs: Operand) -> bool:
    """Make another call of a call; its result keeps name and type."""
    if call.fn is not fn:
        call.style = ""
    call.fn, call.args, call.kwargs = fn, args, kwargs
    return True


def real_kind(operand: Operand, call: Call) -> str | None:
    """int or float, where the operand is surely of that kind and arithmetic gives it back unchanged.

    A 0-d array is not: arithmetic makes a scalar of it. Nor is a complex number: times one, an infinite one is NaN.
    A Python float may be an int on another path, but not where `call` belongs to a reverse sweep.
    """
    type_ = operand.type if isinstance(operand, Value) else None
    if isinstance(type_, Num):
        sure = type_.kind == "int" or type_.dtype is not None or call.sweep in DERIVED
        return type_.kind if sure and type_.kind in ("int", "float") else None
    if isinstance(type_, Arr) and type_.dtype is not None and type_.dims:
        kind = dtype_kind(type_.dtype)
        return kind if kind in ("int", "float") else None
    return None


def has_signed_zero(operand: Operand, call: Call) -> bool:
    """Is it surely a floating or complex number, so that its negative is of the other sign even where it is 0?"""
    type_ = operand.type if isinstance(operand, Value) else of_constant(operand)
    dtype = type_.dtype if isinstance(type_, (Arr, Num)) else None
    if dtype is None:
        number = not isinstance(operand, Value) and isinstance(operand, (float, complex))
        return number or (call.sweep in DERIVED and may_vary(type_))
    return dtype_kind(dtype) in ("float", "complex")
