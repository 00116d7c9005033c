"""Expressions as text, with no more parentheses than they need."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.codegen.nest import Inline
from srcgrad.codegen.operators import ASSIGN, ATOM, COMMA, COMPARE, INFIX, MUL, NOT, POW, PREFIX, UNARY, known
from srcgrad.codegen.references import References
from srcgrad.ir.core import Call, Operand, Value
from srcgrad.ir.types import Arr, Num
from srcgrad.passes.folding import DERIVED

__all__ = ["Expressions", "Text"]

Text = tuple[str, int]  # and how tightly it binds

ATTRIBUTES: dict[Any, str] = {np.transpose: "T", np.shape: "shape", np.size: "size", np.ndim: "ndim", np.real: "real",
                              np.imag: "imag"}  # fmt: skip
SPELLED: dict[Any, str] = {np.result_type: "dtype", np.matrix_transpose: "mT"}  # where the program has an attribute
METHODS: dict[Any, str] = {runtime.as_type: "astype", runtime.flatten: "flatten", list.copy: "copy",
                           list.append: "append"}  # fmt: skip


class Expressions:
    """Prints operands and calls.

    Parameters
    ----------
    names : mapping
        The name of each variable.
    inline : dict
        The calls that are printed where their value is used.
    references : References
        Names of constants and callables.
    """

    def __init__(self, names: Mapping[Value, str], inline: Inline, references: References) -> None:
        self.names, self.inline, self.references = names, inline, references
        self.heads: dict[Value, Call] = {}  # what is assigned where it is read for the first time

    def text(self, operand: Operand, tight: int = COMMA) -> str:
        """An operand, in parentheses where it binds less tightly than its place asks."""
        text, binds = self.operand(operand)
        return f"({text})" if binds < tight else text

    def operand(self, operand: Operand) -> Text:
        """An operand and how tightly it binds."""
        match operand:
            case Value():
                call = self.inline.get(operand)
                if call is not None:
                    return self.call(call)
                return self.walrus(operand) if operand in self.heads else (self.names[operand], ATOM)
            case tuple() if hasattr(operand, "_fields"):
                return f"{self.references.of(type(operand))}({self.items(operand)})", ATOM
            case tuple():
                return f"({self.items(operand)}{',' * (len(operand) == 1)})", ATOM
            case list():
                return f"[{self.items(operand)}]", ATOM
            case dict():
                pairs = (f"{self.text(key)}: {self.text(value)}" for key, value in operand.items())
                return "{" + ", ".join(pairs) + "}", ATOM
            case slice():
                return f"slice({self.items((operand.start, operand.stop, operand.step))})", ATOM
        return self.constant(operand)

    def walrus(self, value: Value) -> Text:
        """``name := call`` where a variable of a condition is read for the first time."""
        call = self.heads.pop(value)
        return f"{self.names[value]} := {self.call(call)[0]}", ASSIGN

    def constant(self, value: Any) -> Text:
        """A constant: a number with a sign binds like one."""
        text = self.references.of(value)
        if text.startswith("-"):
            return text, UNARY
        is_number = type(value) is int
        return text, POW if is_number else ATOM  # `2.real` is not a read of an attribute

    def items(self, operands: Any) -> str:
        """Operands with commas between them."""
        return ", ".join(map(self.text, operands))

    # Calls

    def call(self, call: Call) -> Text:
        """A call, an operator or an index, as people write it."""
        fn: Any = call.fn
        args = call.args
        if known(fn, SPECIAL) and not call.kwargs:
            return SPECIAL[fn](self, call)
        if known(fn, INFIX) and len(args) == 2:
            return self.infix(*INFIX[fn], *args)
        if known(fn, PREFIX) and len(args) == 1:
            spelled, binds = PREFIX[fn]
            return spelled + self.text(args[0], binds), binds
        if fn is np.divide and len(args) == 2 and not call.kwargs and any(map(_is_numpy, args)):
            return self.infix(*INFIX[operator.truediv], *args)
        if fn is np.divide and len(args) == 2 and not call.kwargs and type(args[0]) is float and self.is_size(args[1]):
            size = f"{self.references.of(max)}({self.text(args[1])}, 1)"  # of nothing there is no share to be had
            return f"{self.text(args[0], MUL)} / {size}", MUL
        if known(fn, ATTRIBUTES) and len(args) == 1 and not call.kwargs and _is_array(args[0]):
            return f"{self.text(args[0], ATOM)}.{ATTRIBUTES[fn]}", ATOM
        if call.style == "attribute" and len(args) == 1:
            name = ATTRIBUTES.get(fn) or SPELLED.get(fn) or str(fn.__name__)
            return f"{self.text(args[0], ATOM)}.{name}", ATOM
        owner = getattr(fn, "__objclass__", None)
        if (call.style == "method" or owner in (np.ndarray, list) or _is_own_sum(call)) and args:
            name = METHODS.get(fn) or str(fn.__name__)
            return f"{self.text(args[0], ATOM)}.{name}({self.arguments(args[1:], call.kwargs)})", ATOM
        return f"{self.references.of(fn)}({self.arguments(args, call.kwargs)})", ATOM

    def is_size(self, operand: Operand) -> bool:
        """Is it printed as the number of items of an array?"""
        call = self.inline.get(operand) if isinstance(operand, Value) else None
        return call is not None and (call.fn is np.size or call.fn is len)

    def arguments(self, args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> str:
        """What stands between the parentheses of a call."""
        return ", ".join(
            [*(self.text(arg, ASSIGN) for arg in args), *(f"{key}={self.text(value)}" for key, value in kwargs.items())]
        )

    def infix(self, spelled: str, binds: int, left: Operand, right: Operand) -> Text:
        """``left + right``; a negated right side is subtracted."""
        if binds == POW:
            return f"{self.text(left, ATOM)} ** {self.text(right, UNARY)}", POW
        if spelled == "+" and (negated := self.negated(right)) is not None:
            spelled, right = "-", negated
        first = self.text(left, binds + 1 if binds == COMPARE else binds)
        return f"{first} {spelled} {self.text(right, binds + 1)}", binds

    def negated(self, operand: Operand) -> Operand | None:
        """What is negated in an operand that is a nested negation."""
        call = self.inline.get(operand) if isinstance(operand, Value) else None
        return call.args[0] if call is not None and call.fn is operator.neg else None

    # Items

    def item(self, x: Operand, index: Operand, steps: Operand = ()) -> Text:
        """``x<steps>[index]``; all of an item of the last step is that item."""
        if index is Ellipsis and steps and steps[-1][0] is operator.getitem:
            index, steps = steps[-1][1][0], steps[:-1]
        return f"{self.view(x, steps)}[{self.index(index)}]", ATOM

    def view(self, x: Operand, steps: Operand) -> str:
        """``x<steps>``: indices, transposes and reshapes in a row."""
        text = self.text(x, ATOM)
        for fn, args in steps:
            text = self.step(text, fn, args)
        return text

    def step(self, text: str, fn: Callable[..., Any], args: Operand) -> str:
        """One step further into a view."""
        if fn is operator.getitem:
            return f"{text}[{self.index(args[0])}]"
        if fn is np.transpose and not args:
            return f"{text}.T"
        if fn in (np.transpose, np.reshape, np.ravel, np.swapaxes, np.squeeze, np.diagonal):
            return f"{text}.{fn.__name__}({self.items(args)})"
        if fn in (np.real, np.imag):
            return f"{text}.{fn.__name__}"
        return f"{self.references.of(fn)}({', '.join([text, *map(self.text, args)])})"

    def index(self, index: Operand) -> str:
        """What stands between the brackets."""
        if type(index) is tuple and index:
            return ", ".join(map(self.part, index)) + "," * (len(index) == 1)
        return self.part(index)

    def part(self, part: Operand) -> str:
        """One part of an index: a slice with colons."""
        if not isinstance(part, slice):
            return self.text(part)
        start, stop = (self.bound(bound) for bound in (part.start, part.stop))
        return f"{start}:{stop}" + (f":{self.bound(part.step)}" if part.step is not None else "")

    def bound(self, bound: Operand) -> str:
        """A bound of a slice; sums are left without spaces where they are short."""
        return "" if bound is None else self.text(bound, NOT)


def _is_array(operand: Operand) -> bool:
    return isinstance(operand, Value) and isinstance(operand.type, Arr)


def _is_own_sum(call: Call) -> bool:
    """Is it a sum that no user wrote, of an array? Its method does the same in less than half the time."""
    return call.fn is np.sum and call.sweep in DERIVED and bool(call.args) and _is_array(call.args[0])


def _is_numpy(operand: Operand) -> bool:
    """Is it surely an array or a NumPy scalar, whose division by zero does not raise?"""
    scalar = isinstance(operand, Value) and isinstance(operand.type, Num) and operand.type.dtype is not None
    return scalar or _is_array(operand)


def _get_item(self: Expressions, call: Call) -> Text:
    return self.item(*call.args)


def _view_of(self: Expressions, call: Call) -> Text:
    return self.view(*call.args), ATOM


def _list(self: Expressions, call: Call) -> Text:
    if call.args and isinstance(call.args[0], list):
        return self.text(call.args[0]), ATOM
    return "[]" if not call.args else f"list({self.items(call.args)})", ATOM


def _list_repeat(self: Expressions, call: Call) -> Text:
    return self.infix(*INFIX[operator.mul], *call.args)


def _list_join(self: Expressions, call: Call) -> Text:
    return self.infix(*INFIX[operator.add], *call.args)


def _contains(self: Expressions, call: Call) -> Text:
    return f"{self.text(call.args[1], COMPARE + 1)} in {self.text(call.args[0], COMPARE + 1)}", COMPARE


def _abs(self: Expressions, call: Call) -> Text:
    return f"abs({self.text(call.args[0], ASSIGN)})", ATOM


SPECIAL: dict[Any, Callable[[Expressions, Call], Text]] = {
    operator.getitem: _get_item, runtime.get_item: _get_item, runtime.view_of: _view_of, list: _list,
    operator.contains: _contains, operator.abs: _abs, runtime.list_repeat: _list_repeat,
    runtime.list_join: _list_join,
}  # fmt: skip
