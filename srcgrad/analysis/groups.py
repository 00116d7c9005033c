"""Groups of values, joined one by one."""

from __future__ import annotations

import abc
from collections.abc import Iterable

from srcgrad.ir.core import Items, Loop, Operand, Value, values_in
from srcgrad.ir.types import Type

__all__ = ["Groups"]


class Groups(abc.ABC):
    """Values in groups, each of which has one that stands for it."""

    def __init__(self) -> None:
        self._parent: dict[Value, Value] = {}

    def group(self, value: Value) -> Value:
        """The value that stands for the group."""
        parent = self._parent
        while (above := parent.get(value)) is not None:
            if (higher := parent.get(above)) is not None:
                parent[value] = higher
            value = above
        return value

    @abc.abstractmethod
    def is_apart(self, type_: Type) -> bool:
        """Are values of this type in no group?"""

    def _join_carried(self, loop: Loop) -> None:
        self._join_all(loop.carried, loop.inits)
        self._join_all(loop.carried, loop.carried_yields)
        self._join_all(loop.carried, loop.carried_outs)

    def _join_items(self, loop: Loop) -> None:
        for item, source in zip(loop.items, loop.sources, strict=True):
            if isinstance(source, Items):
                self._join(item, source.value)

    def _join_all(self, values: Iterable[Value], operands: Iterable[Operand]) -> None:
        for value, operand in zip(values, operands, strict=True):
            self._join(value, operand)

    def _join(self, value: Value, operand: Operand) -> None:
        if self.is_apart(value.type):
            return
        for other in values_in(operand):
            if not self.is_apart(other.type):
                a, b = self.group(value), self.group(other)
                if a is not b:
                    self._parent[b] = a
