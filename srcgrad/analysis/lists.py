"""Which values may be the very same list, or have it in them: lists that only hold the same arrays are not."""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.analysis.sharing import WRITES, is_new_list, sharing, stored_in
from srcgrad.ir.core import Call, Func, If, Items, Loop, Operand, Value, values_in
from srcgrad.ir.types import AnyType, Arr, ListOf, Num, Opaque, Tup, Type
from srcgrad.ir.walk import walk

__all__ = ["Lists"]


class Lists:
    """Groups of values that may be one list, or a list and what holds it."""

    def __init__(self, func: Func) -> None:
        self._parent: dict[Value, Value] = {}
        for op in walk(func.block):
            match op:
                case Call() if op.fn in WRITES:
                    self._join(op.out, (op.args[0], stored_in(op)))
                case Call() if op.fn is list.append:
                    self._join(op.args[0], op.args[1])
                case Call() if not is_new_list(op) or holds_lists(op.out.type):
                    self._join(op.out, sharing(op).values)
                case If():
                    for arm in op.blocks:
                        self._join_all(op.outs, arm.yields)
                case Loop():
                    self._loop(op)

    def may_be(self, value: Value, target: Value) -> bool:
        """May `value` be the list `target`, or have it in it?"""
        if isinstance(value.type, (AnyType, Opaque)) or _holds_unknown(value.type):
            return True
        is_list = isinstance(value.type, ListOf) or holds_lists(value.type)
        return is_list and self._group(value) is self._group(target)

    def _loop(self, loop: Loop) -> None:
        self._join_all(loop.carried, loop.inits)
        self._join_all(loop.carried, loop.carried_yields)
        self._join_all(loop.carried, loop.carried_outs)
        for item, source in zip(loop.items, loop.sources, strict=True):
            if isinstance(source, Items):
                self._join(item, source.value)

    def _join_all(self, values: Iterable[Value], operands: Iterable[Operand]) -> None:
        for value, operand in zip(values, operands, strict=True):
            self._join(value, operand)

    def _join(self, value: Value, operand: Operand) -> None:
        for other in values_in(operand):
            if not isinstance(value.type, (Arr, Num)) and not isinstance(other.type, (Arr, Num)):
                a, b = self._group(value), self._group(other)
                if a is not b:
                    self._parent[b] = a

    def _group(self, value: Value) -> Value:
        while value in self._parent:
            value = self._parent[value]
        return value


def holds_lists(type_: Type) -> bool:
    """May a list or tuple of this type have a list in it?"""
    return any(isinstance(item, (ListOf, AnyType, Opaque)) or holds_lists(item) for item in _items(type_))


def _holds_unknown(type_: Type) -> bool:
    """May it have something in it that might be anything, a list among others?"""
    return any(isinstance(item, (AnyType, Opaque)) or _holds_unknown(item) for item in _items(type_))


def _items(type_: Type) -> tuple[Type, ...]:
    if isinstance(type_, ListOf):
        return (type_.item,)
    return type_.items if isinstance(type_, Tup) else ()
