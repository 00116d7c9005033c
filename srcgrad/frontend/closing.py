"""What functions read from outside becomes further parameters, handed through every call."""

from __future__ import annotations

from srcgrad.ir.core import Call, Func, Value
from srcgrad.ir.walk import callees, defined_in, free_values, replace_values, walk


def close_functions(entry: Func) -> None:
    """Hand the values from outside that functions read through every call, as further parameters."""
    funcs = list(callees(entry.block))
    free = outside_values(funcs)
    for func in (entry, *funcs):
        for op in walk(func.block):
            if isinstance(op, Call) and isinstance(op.fn, Func):
                op.args = (*op.args, *free[op.fn])
    for func in funcs:
        inner = {value: Value(value.type, value.hint, value.span) for value in free[func]}
        replace_values(func.block, inner)
        func.block.params = [*func.block.params, *inner.values()]


def outside_values(funcs: list[Func]) -> dict[Func, dict[Value, None]]:
    """The values from outside that each function needs, for itself or for those it calls."""
    free = {func: dict(free_values(func.block)) for func in funcs}
    own = {func: defined_in(func.block) for func in funcs}
    while True:
        count = sum(map(len, free.values()))
        for func in funcs:
            for other in callees(func.block):
                free[func].update((value, None) for value in free[other] if value not in own[func])
        if sum(map(len, free.values())) == count:
            return free
