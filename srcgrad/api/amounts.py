"""Sizes as formulas: text in shapes and trips for people, and a number where the arguments are known."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad.api.arguments import pick
from srcgrad.ir.core import Block, Call, Func, Loop, Op, Operand, Range, Value
from srcgrad.ir.types import Arr, Axis, Dim
from srcgrad.ir.walk import definitions

__all__ = ["Amount", "Amounts", "constant", "total"]

# Which argument says the length of what these make.
CREATORS: dict[Any, int] = {np.zeros: 0, np.ones: 0, np.empty: 0, np.full: 0, np.linspace: 2}
Read = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class Amount:
    """A whole number that may depend on the arguments; `read` gives None where they do not tell."""

    text: str
    read: Read
    is_sum: bool = False

    def __add__(self, other: Amount) -> Amount:
        if self.text == "0" or other.text == "0":
            return other if self.text == "0" else self
        if self.text.isdigit() and other.text.isdigit():
            return constant(int(self.text) + int(other.text))
        return Amount(f"{self.text} + {other.text}", _both(operator.add, self.read, other.read), is_sum=True)

    def __mul__(self, other: Amount) -> Amount:
        if "0" in (self.text, other.text):
            return constant(0)
        if self.text == "1" or other.text == "1":
            return other if self.text == "1" else self
        if self.text.isdigit() and other.text.isdigit():
            return constant(int(self.text) * int(other.text))
        return Amount(f"{self.factor} * {other.factor}", _both(operator.mul, self.read, other.read))

    def less(self, number: int) -> Amount:
        """The amount less a number, and never below zero."""
        if number == 0:
            return self
        read = self.read
        return Amount(f"{self.factor} - {number}", lambda values: _less(read(values), number), is_sum=True)

    @property
    def factor(self) -> str:
        """The text as it stands in a product."""
        return f"({self.text})" if self.is_sum else self.text


def _both(fn: Callable[[Any, Any], Any], a: Read, b: Read) -> Read:
    def read(values: Sequence[Any]) -> Any:
        x, y = a(values), b(values)
        return None if x is None or y is None else fn(x, y)

    return read


def _less(count: Any, number: int) -> Any:
    return None if count is None else max(0, count - number)


def constant(number: int) -> Amount:
    """A number that is known."""
    return Amount(str(number), lambda values: number)


def unknown(text: str) -> Amount:
    """A number that only running the program tells."""
    return Amount(text, lambda values: None)


def total(amounts: Sequence[Amount]) -> Amount:
    """The sum, equal terms counted together."""
    counts: dict[str, tuple[int, Amount]] = {}
    for amount in amounts:
        counts[amount.text] = counts.get(amount.text, (0, amount))[0] + 1, amount
    found = constant(0)
    for count, amount in counts.values():
        found = found + constant(count) * amount
    return found


class Amounts:
    """The sizes that occur in one function, by its arguments.

    Parameters
    ----------
    func : Func
        The function.
    names : sequence of str
        What its parameters are called, captured ones last.
    """

    def __init__(self, func: Func, names: Sequence[str]) -> None:
        self.names = names
        self.places: dict[Value, tuple[Any, ...]] = {param: (k,) for k, param in enumerate(func.params)}
        self.places |= {leaf.value: (leaf.param, *leaf.path) for leaf in func.leaves}
        self.makers: dict[Value, Op | Block] = definitions(func.block)
        self.symbols: dict[str, Amount] = {}
        for value, place in self.places.items():
            if isinstance(value.type, Arr) and value.type.dims is not None:
                for axis, dim in enumerate(value.type.dims):
                    if isinstance(dim, Dim) and not dim.minus:
                        self.symbols.setdefault(dim.symbol, self.length(place, axis))

        self.made = {dim.symbol: (op, axis) for op in self.makers.values() if isinstance(op, Call) and _known(op.fn)
                     for axis, dim in enumerate(getattr(op.out.type, "dims", None) or ())
                     if isinstance(dim, Dim) and not dim.minus}  # fmt: skip

    def label(self, place: tuple[Any, ...]) -> str:
        """How a person writes an argument, or what is in it."""
        return str(self.names[place[0]]) + "".join(f"[{key!r}]" for key in place[1:])

    def length(self, place: tuple[Any, ...], axis: int) -> Amount:
        """The length of one axis of an argument."""
        return Amount(f"{self.label(place)}.shape[{axis}]", lambda values: int(np.shape(pick(values, place))[axis]))

    def elements(self, value: Value) -> Amount:
        """The number of elements of an array."""
        kind = value.type
        if not isinstance(kind, Arr) or kind.dims is None:
            return unknown(f"size({value.hint or '?'})")
        found = constant(1)
        for dim in kind.dims:
            found = found * self.axis(dim, value)
        return found

    def axis(self, dim: Axis, value: Value) -> Amount:
        """The length of an axis by its type."""
        if isinstance(dim, int):
            return constant(dim)
        if dim is None:
            return unknown(f"len({value.hint or '?'})")
        if dim.symbol not in self.symbols:
            self.symbols[dim.symbol] = self.created(dim.symbol)
        return self.symbols[dim.symbol].less(dim.minus)

    def created(self, symbol: str) -> Amount:
        """The length of an array that the program makes."""
        if symbol not in self.made:
            return unknown(symbol)
        call, axis = self.made[symbol]
        at = CREATORS[call.fn]
        shape = call.args[at] if len(call.args) > at else call.kwargs.get("num")
        return self.number(shape[axis] if isinstance(shape, tuple) else shape)

    def trips(self, loop: Loop) -> Amount:
        """How often a loop's body runs at most."""
        for source in loop.sources:
            if isinstance(source, Range) and source.step == 1 and type(source.step) is int:
                start, stop = self.number(source.start), self.number(source.stop)
                if start.text == "0":
                    return stop
                if start.text.isdigit():
                    return stop.less(int(start.text))
        return unknown(f"trips(line {loop.span.line})" if loop.span is not None else "trips")

    def number(self, operand: Operand) -> Amount:
        """An integer of the program."""
        if type(operand) is int:
            return constant(operand) if operand >= 0 else Amount(str(operand), lambda values: operand, is_sum=True)
        if not isinstance(operand, Value):
            return unknown("?")
        if operand in self.places:
            place = self.places[operand]
            return Amount(self.label(place), lambda values: _whole(pick(values, place)))
        maker = self.makers.get(operand)
        found = self.computed(maker) if isinstance(maker, Call) else None
        return found or unknown(operand.hint or "?")

    def computed(self, call: Call) -> Amount | None:
        """An integer made by arithmetic or from a shape."""
        args = call.args
        if call.fn is operator.add:
            return self.number(args[0]) + self.number(args[1])
        if call.fn is operator.mul:
            return self.number(args[0]) * self.number(args[1])
        if call.fn is operator.sub and type(args[1]) is int and args[1] >= 0:
            return self.number(args[0]).less(args[1])
        if call.fn is operator.getitem and type(args[1]) is int and isinstance(args[0], Value):
            shape = self.makers.get(args[0])
            if isinstance(shape, Call) and shape.fn is np.shape:
                return self.of_array(shape.args[0], args[1])
        if call.fn is len:
            return self.of_array(args[0], 0)
        if call.fn is np.size and isinstance(args[0], Value):
            return self.elements(args[0])
        return None

    def of_array(self, operand: Operand, axis: int) -> Amount | None:
        """The length of an axis of an array of the program."""
        if not isinstance(operand, Value):
            return None
        kind = operand.type
        if isinstance(kind, Arr) and kind.dims is not None and -len(kind.dims) <= axis < len(kind.dims):
            return self.axis(kind.dims[axis], operand)
        return self.length(self.places[operand], axis) if operand in self.places else None


def _known(fn: Any) -> bool:
    return any(fn is creator for creator in CREATORS)


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, np.integer)) else None
