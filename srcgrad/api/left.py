"""What a derivative leaves behind: nothing changes inside the arguments it is taken by."""

from __future__ import annotations

import operator
from typing import Any

from srcgrad import runtime
from srcgrad.ir.core import Call, Func, Operand, Value
from srcgrad.ir.walk import replace_values

Target = tuple[Any, ...]
LEAVES = (runtime.leave_array, runtime.leave_attribute, runtime.leave_item, runtime.leave_all, runtime.leave_tail)


def keep_entry_values(func: Func, targets: tuple[Target, ...]) -> None:
    """Take out what would change the contents of differentiated arguments, and the copies made for it."""
    if not any(isinstance(op, Call) and op.fn in LEAVES for op in func.block.ops):
        return
    made = {op.out: op for op in func.block.ops if isinstance(op, Call)}
    kept = []
    for op in func.block.ops:
        own = isinstance(op, Call) and op.fn in (*LEAVES, runtime.entry_copy) and is_target(func, made, op, targets)
        if not own:
            kept.append(op)
        elif isinstance(op, Call) and op.fn is runtime.entry_copy:
            replace_values(func.block, {op.out: op.args[0]})
    func.block.ops = kept


def is_target(func: Func, made: dict[Value, Call], op: Call, targets: tuple[Target, ...]) -> bool:
    """Is what the op changes, or copies, part of a differentiated argument, or does it hold one?"""
    place = place_of(func, made, op.args[0])
    return place is not None and any(place[: len(t)] == t or t[: len(place)] == place for t in targets)


def place_of(func: Func, made: dict[Value, Call], operand: Operand) -> Target | None:
    """Where in the arguments a value comes from."""
    path: list[Any] = []
    while isinstance(operand, Value):
        if operand in func.params:
            return (func.params.index(operand), *reversed(path))
        call = made.get(operand)
        if call is None or call.fn not in (operator.getitem, getattr, runtime.entry_copy):
            return None
        path += call.args[1:2]
        operand = call.args[0]
    return None


__all__ = ["keep_entry_values"]
