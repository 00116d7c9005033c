"""Which values may be the very same list: lists that only hold the same arrays are not."""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.analysis.sharing import WRITES, is_container, is_new_list, sharing
from srcgrad.ir.core import Call, Func, If, Items, Loop, Operand, Value, values_in
from srcgrad.ir.types import AnyType, ListOf, Opaque, Tup, Type
from srcgrad.ir.walk import walk

__all__ = ["Lists"]


class Lists:
    """Groups of values that may be one list."""

    def __init__(self, func: Func) -> None:
        self._parent: dict[Value, Value] = {}
        for op in walk(func.block):
            match op:
                case Call() if op.fn in WRITES:
                    self._join(op.out, op.args[0])
                case Call() if not is_new_list(op):
                    for value in sharing(op).values:
                        self._join(op.out, value)
                case If():
                    for arm in op.blocks:
                        self._join_all(op.outs, arm.yields)
                case Loop():
                    self._loop(op)

    def may_be(self, value: Value, target: Value) -> bool:
        """May `value` be the list `target`, or have it in it?"""
        if isinstance(value.type, (AnyType, Opaque)) or holds_lists(value.type):
            return True
        return isinstance(value.type, ListOf) and self._group(value) is self._group(target)

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
            if is_container(value.type) and is_container(other.type):
                a, b = self._group(value), self._group(other)
                if a is not b:
                    self._parent[b] = a

    def _group(self, value: Value) -> Value:
        while value in self._parent:
            value = self._parent[value]
        return value


def holds_lists(type_: Type) -> bool:
    """May a list or tuple of this type have a list in it?"""
    if isinstance(type_, ListOf):
        return isinstance(type_.item, (ListOf, AnyType, Opaque)) or holds_lists(type_.item)
    if isinstance(type_, Tup):
        return any(isinstance(item, (ListOf, AnyType, Opaque)) or holds_lists(item) for item in type_.items)
    return False
