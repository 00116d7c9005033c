"""Which values may ever share memory: groups, whatever the order of things."""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.analysis.groups import Groups
from srcgrad.analysis.sharing import WRITES, is_container, is_immutable, sharing, stored_in
from srcgrad.ir.core import Call, Func, If, Loop
from srcgrad.ir.types import Type
from srcgrad.ir.walk import walk

__all__ = ["Memory"]


class Memory(Groups):
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
        super().__init__()
        self._tapes = tapes
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

    def is_apart(self, type_: Type) -> bool:
        """Are values of this type in no group?"""
        return is_immutable(type_)

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
        self._join_carried(loop)
        self._join_all(loop.collected_outs, loop.collected_yields)
        self._join_items(loop)
