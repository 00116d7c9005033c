"""Writes in place as lines: ``x[i] = v``, ``x[i] += v``, ``x += v``, ``xs.append(v)``."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.codegen.expressions import Expressions
from srcgrad.codegen.operators import COMPARE, INFIX, known
from srcgrad.ir.core import Call, Operand, Value
from srcgrad.ir.same import same_operand
from srcgrad.ir.types import Arr, Num, Type, dtype_kind, of_constant

__all__ = ["write_line"]

ADDED = INFIX[operator.add][1] + 1  # how tightly the right side of a sum has to bind


def write_line(expressions: Expressions, call: Call) -> str:
    """The line of a write into the first operand of a call."""
    if call.fn is list.append:
        return f"{expressions.text(call.args[0])}.append({_appended(expressions, call.args[1])})"
    if call.fn in LISTS:
        return LISTS[call.fn](expressions, *call.args)
    if call.fn is runtime.set_item:
        return _set(expressions, *call.args)
    if call.fn is runtime.add_item:
        return _add(expressions, *call.args)
    return _augmented(expressions, expressions.text(call.args[0]), INFIX[call.fn][0], call.args[1])


def _list_append(expressions: Expressions, xs: Operand, value: Operand) -> str:
    return f"{expressions.text(xs)}.append({expressions.text(value)})"


def _list_insert(expressions: Expressions, xs: Operand, index: Operand, value: Operand) -> str:
    return f"{expressions.text(xs)}.insert({expressions.text(index)}, {expressions.text(value)})"


def _list_remove(expressions: Expressions, xs: Operand, index: Operand = -1, like: Operand = None) -> str:
    return f"{expressions.text(xs)}.pop({'' if index == -1 else expressions.text(index)})"


def _list_set(expressions: Expressions, xs: Operand, index: Operand, value: Operand, steps: Operand = (),
              like: Operand = None) -> str:  # fmt: skip
    return f"{expressions.item(xs, index, steps)[0]} = {expressions.text(value)}"


def _list_add(expressions: Expressions, xs: Operand, index: Operand, value: Operand, steps: Operand = ()) -> str:
    """A number is added in place; an array is not, since it may be elsewhere too."""
    target = expressions.item(xs, index, steps)[0]
    if isinstance(operand_kind(value), Num):
        return _augmented(expressions, target, "+", value)
    if isinstance(operand_kind(value), Arr):
        return f"{target} = {target} + {expressions.text(value, ADDED)}"
    return f"{target} = {expressions.references.of(runtime.add_bars)}({target}, {expressions.text(value)})"


def operand_kind(operand: Operand) -> Type:
    """The type of an operand."""
    return operand.type if isinstance(operand, Value) else of_constant(operand)


LISTS: dict[Any, Callable[..., str]] = {
    runtime.list_append: _list_append, runtime.list_insert: _list_insert, runtime.list_remove: _list_remove,
    runtime.list_set: _list_set, runtime.list_add: _list_add,
}  # fmt: skip


def _appended(expressions: Expressions, item: Operand) -> str:
    return expressions.text(item)


def _set(expressions: Expressions, x: Operand, index: Operand, value: Operand, steps: Operand = ()) -> str:
    target = _target(expressions, x, index, steps)
    call = expressions.inline.get(value) if isinstance(value, Value) else None
    if call is not None and _updates(expressions, call, x, index, steps):
        if not target.endswith("[...]") or not isinstance(x, Value) or not isinstance(x.type, Arr) or steps:
            return _augmented(expressions, target, INFIX[call.fn][0], call.args[1])
        return _augmented(expressions, target[:-5], INFIX[call.fn][0], call.args[1])
    return f"{target} = {expressions.text(value)}"


def _updates(expressions: Expressions, call: Call, x: Operand, index: Operand, steps: Operand) -> bool:
    """Is the value ``x[index] op something``, in the dtype of `x`?"""
    if not known(call.fn, INFIX) or INFIX[call.fn][1] <= COMPARE or not _keeps_dtype(x, call):
        return False
    first = call.args[0]
    if index is Ellipsis and not steps and first is x:
        return True
    read = expressions.inline.get(first) if isinstance(first, Value) else None
    if read is None or read.fn not in (operator.getitem, runtime.get_item):
        return False
    own = read.args[2] if len(read.args) > 2 else ()
    return read.args[0] is x and same_operand((index, steps), (read.args[1], own))


def _keeps_dtype(x: Operand, call: Call) -> bool:
    """Is the result surely of the dtype that `x` has, so that nothing is cast where it is stored?"""
    dtype = x.type.dtype if isinstance(x, Value) and isinstance(x.type, Arr) else None
    return dtype is not None and dtype == _dtype(call.out.type) and dtype_kind(dtype) in ("float", "complex")


def _dtype(type_: Type) -> object:
    if isinstance(type_, Num) and type_.dtype is None:
        return {"float": np.dtype(float), "complex": np.dtype(complex)}.get(type_.kind or "")
    return getattr(type_, "dtype", None)


def _add(expressions: Expressions, x: Operand, index: Operand, value: Operand, steps: Operand = ()) -> str:
    if index is Ellipsis and not steps and isinstance(x, Value) and isinstance(x.type, Arr) and x.type.ndim != 0:
        return _augmented(expressions, expressions.text(x), "+", value)
    kind = _index_kind(index)
    if kind == "once":
        return _augmented(expressions, _target(expressions, x, index, steps), "+", value)
    view = expressions.view(x, steps)
    index_text = expressions.text(index)
    fn = expressions.references.of(np.add.at if kind == "repeated" else runtime.add_at)
    return f"{fn}({view}, {index_text}, {expressions.text(value)})"


def _index_kind(index: Operand) -> str:
    """May the index name an element twice: "once", "repeated", or "unknown"?"""
    kinds = {_part_kind(part) for part in (index if isinstance(index, tuple) else (index,))}
    return "repeated" if "repeated" in kinds else "unknown" if "unknown" in kinds else "once"


def _part_kind(part: Operand) -> str:
    if isinstance(part, (list, np.ndarray)):
        return "once" if isinstance(part, np.ndarray) and part.dtype == bool else "repeated"
    if not isinstance(part, Value) or isinstance(part.type, Num):
        return "once"
    if isinstance(part.type, Arr) and part.type.dtype is not None:
        return "once" if part.type.dtype == bool or part.type.ndim == 0 else "repeated"
    return "unknown"


def _augmented(expressions: Expressions, target: str, spelled: str, value: Operand) -> str:
    negated = expressions.negated(value)
    if spelled == "+" and negated is not None:
        spelled, value = "-", negated
    return f"{target} {spelled}= {expressions.text(value)}"


def _target(expressions: Expressions, x: Operand, index: Operand, steps: Operand) -> str:
    return expressions.item(x, index, steps)[0]
