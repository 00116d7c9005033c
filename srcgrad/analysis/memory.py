"""Which values may ever share memory: groups, whatever the order of things."""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.analysis.sharing import WRITES, is_container, is_immutable, sharing, stored_in
from srcgrad.ir.core import Call, Func, If, Items, Loop, Operand, Value, values_in
from srcgrad.ir.walk import walk

__all__ = ["Memory"]


class Memory:
    """Groups of values that may share memory at some time.

    Parameters
    ----------
    func : Func
        The function; its lists may be filled by `list.append`.
    in_place : set of Call
        Further calls that are to write their first operand.
    tapes : bool
        Does what is appended to a list share memory with it?
    """

    def __init__(self, func: Func, in_place: Iterable[Call] = (), tapes: bool = True) -> None:
        self._tapes = tapes
        self._parent: dict[Value, Value] = {}
        self._in_place = set(in_place)
        for op in walk(func.block):
            match op:
                case Call():
                    self._call(op)
                case If():
                    for arm in op.blocks:
                        self._join_all(op.outs, arm.yields)
                case Loop():
                    self._loop(op)

    def group(self, value: Value) -> Value:
        """The value that stands for the group."""
        parent = self._parent
        while (above := parent.get(value)) is not None:
            if (higher := parent.get(above)) is not None:
                parent[value] = higher
            value = above
        return value

    def _call(self, call: Call) -> None:
        if call.fn is list.append and not self._tapes:
            return
        if call.fn in WRITES or call.fn is list.append or call in self._in_place:
            held = call.args[1:2] if call.fn is list.append else (stored_in(call),)
            self._join(call.out, call.args[0])
            self._join(call.out, held if call.fn is list.append or is_container(call.out.type) else ())
        else:
            self._join(call.out, sharing(call).values)

    def _loop(self, loop: Loop) -> None:
        self._join_all(loop.carried, loop.inits)
        self._join_all(loop.carried, loop.carried_yields)
        self._join_all(loop.carried, loop.carried_outs)
        self._join_all(loop.collected_outs, loop.collected_yields)
        for item, source in zip(loop.items, loop.sources, strict=True):
            if isinstance(source, Items):
                self._join(item, source.value)

    def _join_all(self, values: Iterable[Value], operands: Iterable[Operand]) -> None:
        for value, operand in zip(values, operands, strict=True):
            self._join(value, operand)

    def _join(self, value: Value, operand: Operand) -> None:
        if is_immutable(value.type):
            return
        for other in values_in(operand):
            if not is_immutable(other.type):
                a, b = self.group(value), self.group(other)
                if a is not b:
                    self._parent[b] = a
