"""Prints functions; `srcgrad.ir.parse` reads the text back.

::

    func loss(%w: float64[w0], %n: int captured 'n') {
      %stop: int, %t = loop %i: int in range(0, %n, 1) carry %u = 1.0 {
        %v: float64[w0] = numpy.multiply(%u, %w)
        yield 0, %v
      }
      return %t
    }

A definition is ``%name: type``, the type left out where it is ``any``. Callables go by their dotted names, other
functions of the program by ``@name``; they stand before the function that needs them. Constants are written as in
Python; one that cannot be is printed as ``<object type at address>``, which does not read back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from srcgrad.ir.core import Block, Call, Func, If, Items, Loop, Op, Operand, Range, Source, Value
from srcgrad.ir.names import Names, dotted_name, identifier
from srcgrad.ir.types import ABSENT, ANY
from srcgrad.ir.walk import callees

__all__ = ["print_func", "print_with_names"]

MAX_ARRAY = 10_000  # items: a larger constant array is not written out


def print_func(func: Func, mark: object = None) -> str:
    """The text of a function, after the functions it calls.

    Parameters
    ----------
    func : Func
        What to print.
    mark : Op or Block, optional
        An op, or a block for its last line, whose line begins with ``>>``.
    """
    return print_with_names(func, mark)[0]


def print_with_names(func: Func, mark: object = None) -> tuple[str, dict[Value, str]]:
    """The text of a function, and the names of its values in it."""
    others = [other for other in callees(func.block) if other is not func]
    labels = Names()
    names = {other: labels.fresh(identifier(other.name, "func")) for other in (func, *others)}
    printer = _Printer(names, mark)
    text = printer.func(func)
    return "\n\n".join([*(_Printer(names, mark).func(item) for item in reversed(others)), text]), printer.values


class _Printer:
    """Prints one function; knows the names of its values and of all functions."""

    def __init__(self, funcs: dict[Func, str], mark: object) -> None:
        self.funcs = funcs
        self.mark = mark
        self.names = Names()
        self.values: dict[Value, str] = {}
        self.unnamed = 0

    def func(self, func: Func) -> str:
        label = self.funcs[func]
        named = f" named {func.name!r}" if label != func.name else ""
        first_captured = len(func.params) - len(func.captured)
        params = [self.param(param, func.captured, i - first_captured) for i, param in enumerate(func.params)]
        lines = [f"func {label}{named}({', '.join(params)}) {{"]
        if func.doc:
            lines.append(f"  doc {func.doc!r}")
        lines += self.ops(func.block, "  ")
        lines += [f"  leaf {e.param} {self.operand(e.path)} {self.value(e.value)}" for e in func.leaves]
        return "\n".join([*lines, self.last(func.block, "return", "  "), "}"])

    def param(self, param: Value, captured: list[str], i: int) -> str:
        return self.define(param) + (f" captured {captured[i]!r}" if 0 <= i < len(captured) else "")

    # values and definitions

    def value(self, value: Value) -> str:
        if value not in self.values:
            self.values[value] = self.names.fresh(self.hint(value))
        return "%" + self.values[value]

    def hint(self, value: Value) -> str:
        if value.hint:
            return identifier(value.hint)
        self.unnamed += 1
        return str(self.unnamed - 1)

    def define(self, value: Value) -> str:
        return self.value(value) + (f": {value.type}" if value.type != ANY else "")

    def defines(self, values: Iterable[Value]) -> str:
        text = ", ".join(map(self.define, values))
        return f"{text} = " if text else ""

    # blocks and ops

    def ops(self, block: Block, indent: str) -> Iterator[str]:
        for op in block.ops:
            yield from self.marked(op, self.op(op, indent))

    def marked(self, item: Op | Block, lines: list[str]) -> list[str]:
        return [">>" + lines[0][2:], *lines[1:]] if item is self.mark else lines

    def body(self, block: Block, indent: str) -> list[str]:
        return [*self.ops(block, indent + "  "), self.last(block, "yield", indent + "  ")]

    def last(self, block: Block, word: str, indent: str) -> str:
        line = f"{indent}{word} {', '.join(map(self.operand, block.yields))}".rstrip()
        return self.marked(block, [line])[0]

    def op(self, op: Op, indent: str) -> list[str]:
        match op:
            case Call():
                return [f"{indent}{self.call(op)}"]
            case If():
                head = f"if {self.operand(op.cond)} {{"
                arms = [*self.body(op.then, indent), f"{indent}}} else {{", *self.body(op.orelse, indent)]
                return [f"{indent}{self.defines(op.outs)}{head}", *arms, f"{indent}}}"]
            case Loop():
                head = self.loop_head(op)
                body = self.body(op.body, indent)
                return [f"{indent}{self.defines(op.outs)}{head}", *body, f"{indent}}}"]

    def call(self, op: Call) -> str:
        args = [self.operand(arg) for arg in op.args]
        args += [f"{name}={self.operand(arg)}" for name, arg in op.kwargs.items()]
        facts = (f" style {op.style}" if op.style else "") + " must" * op.must
        return f"{self.defines([op.out])}{self.operand(op.fn)}({', '.join(args)}){facts}"

    def loop_head(self, op: Loop) -> str:
        sources = [self.source(param, source) for param, source in zip(op.items, op.sources, strict=False)]
        inits = zip(op.carried, op.inits, strict=False)
        carry = [f"{self.define(param)} = {self.operand(init)}" for param, init in inits]
        words = ["loop", "reverse"] if op.reverse else ["loop"]
        words += [", ".join(sources)] if sources else []
        words += ["carry", ", ".join(carry)] if carry else []
        return " ".join([*words, "{"])

    def source(self, param: Value, source: Source) -> str:
        match source:
            case Range():
                parts = ", ".join(map(self.operand, (source.start, source.stop, source.step)))
                return f"{self.define(param)} in range({parts})"
            case Items():
                return f"{self.define(param)} in items({self.operand(source.value)})"

    # operands

    def operand(self, operand: Operand) -> str:
        match operand:
            case Value():
                return self.value(operand)
            case Func():
                return f"@{self.funcs[operand]}"
            case slice():
                return f"slice({self.operands((operand.start, operand.stop, operand.step))})"
        kind = type(operand)
        if kind is list:
            return f"[{self.operands(operand)}]"
        if kind is tuple:
            return f"({self.operands(operand)}{',' * (len(operand) == 1)})"
        if kind is dict:
            return "{" + ", ".join(f"{constant(key)}: {self.operand(item)}" for key, item in operand.items()) + "}"
        if isinstance(operand, tuple) and hasattr(operand, "_fields"):
            return f"{constant(kind)}({self.operands(operand)})"
        return constant(operand)

    def operands(self, operands: Iterable[Operand]) -> str:
        return ", ".join(map(self.operand, operands))


def constant(value: Any) -> str:
    """A constant as `parse` reads it, or ``<object type at address>``."""
    if value is ABSENT:
        return "ABSENT"
    write = WRITERS.get(type(value))
    if isinstance(value, (np.generic, np.dtype)):
        write = _numpy_dtype if isinstance(value, np.dtype) else _numpy_scalar
    text = write(value) if write is not None else dotted_name(value)
    return text if text is not None else f"<object {type(value).__name__} at {id(value):#x}>"


def _float(value: float) -> str:
    return repr(value) if math.isfinite(value) else str(value)


def _complex(value: complex) -> str:
    return f"complex({_float(value.real)}, {_float(value.imag)})"


def _tuple(value: tuple[Any, ...]) -> str:
    return f"({', '.join(map(constant, value))}{',' * (len(value) == 1)})"


def _range(value: range) -> str:
    return f"range({value.start}, {value.stop}, {value.step})"


def _numpy_dtype(value: np.dtype[Any]) -> str | None:
    """Simple dtypes only: no fields, no sub-arrays."""
    return f"dtype({value.str!r})" if value.names is None and value.subdtype is None else None


def _numpy_scalar(value: np.generic) -> str | None:
    item = value.item()
    if type(item) not in (bool, int, float, complex):
        return None
    return f"scalar({value.dtype.str!r}, {constant(item)})"


def _array(value: np.ndarray) -> str | None:
    """An array of numbers, its items in C order."""
    if value.dtype.kind not in "biufc" or value.dtype.itemsize > 16 or value.size > MAX_ARRAY:
        return None
    items = ", ".join(constant(item) for item in value.ravel().tolist())
    shape = _tuple(value.shape)
    return f"array({value.dtype.str!r}, {shape}, [{items}])"


WRITERS: dict[type, Callable[[Any], str | None]] = {
    float: _float, complex: _complex, tuple: _tuple, range: _range, np.ndarray: _array,
    **dict.fromkeys((type(None), type(...), bool, int, str, bytes), repr),
}  # fmt: skip
