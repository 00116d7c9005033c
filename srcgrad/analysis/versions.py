"""Versions of arrays: those that a write makes of one another, also on its way round a loop."""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.analysis.sharing import WRITES, is_immutable
from srcgrad.ir.core import Block, Call, If, Loop, Op, Operand, Value, values_in
from srcgrad.ir.walk import walk

__all__ = ["overwritten"]


def overwritten(block: Block) -> set[Value]:
    """Arrays that a later write in place may reach: who keeps one has to copy it."""
    versions, found, targets = _Versions(), list[Value](), list[Value]()
    for op in walk(block):
        versions.enter(op)
        if isinstance(op, Call) and op.fn in WRITES:
            targets += values_in(op.args[0])
        elif isinstance(op, Loop):
            found += [*values_in(op.inits), *op.carried]
    groups = set(map(versions.group, targets))
    return {*targets, *(value for value in found if versions.group(value) in groups)}


class _Versions:
    """Groups of versions, whatever the order of things."""

    def __init__(self) -> None:
        self._parent: dict[Value, Value] = {}

    def group(self, value: Value) -> Value:
        """The value that stands for the group."""
        while value in self._parent:
            value = self._parent[value]
        return value

    def enter(self, op: Op) -> None:
        match op:
            case Call() if op.fn in WRITES:
                self._join([op.out], [op.args[0]])
            case If():
                for arm in op.blocks:
                    self._join(op.outs, arm.yields)
            case Loop():
                self._join(op.carried, op.inits)
                self._join(op.carried, op.carried_yields)
                self._join(op.carried, op.carried_outs)
            case _:
                pass

    def _join(self, values: Iterable[Value], operands: Iterable[Operand]) -> None:
        for value, operand in zip(values, operands, strict=True):
            for other in values_in(operand):
                a, b = self.group(value), self.group(other)
                if a is not b and not is_immutable(value.type) and not is_immutable(other.type):
                    self._parent[a] = b
