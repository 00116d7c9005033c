"""Which values may be the very same list, or have it in them: lists that only hold the same arrays are not."""

from __future__ import annotations

from srcgrad.analysis.groups import Groups
from srcgrad.analysis.sharing import WRITES, is_new_list, sharing, stored_in
from srcgrad.ir.core import Call, Func, If, Loop, Value
from srcgrad.ir.types import AnyType, Arr, ListOf, Num, Opaque, Tup, Type
from srcgrad.ir.walk import walk

__all__ = ["Lists"]


class Lists(Groups):
    """Groups of values that may be one list, or a list and what holds it."""

    def __init__(self, func: Func) -> None:
        super().__init__()
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
        return is_list and self.group(value) is self.group(target)

    def _loop(self, loop: Loop) -> None:
        self._join_carried(loop)
        self._join_items(loop)

    def is_apart(self, type_: Type) -> bool:
        """Are values of this type in no group?"""
        return isinstance(type_, (Arr, Num))


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
