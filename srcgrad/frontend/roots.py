"""What a number is computed from."""

from __future__ import annotations

from srcgrad.frontend.context import Context
from srcgrad.ir.core import Call, Op, Value, operands_of, values_in


def roots_of(ctx: Context, value: Value) -> set[Value]:
    """The parameters, and the leaves of parameters, a number is computed from."""
    leaves = {leaf.value for leaf in ctx.leaves}
    made: dict[Value, Op] = {}
    for block in ctx.open_blocks:
        for op in block.ops:
            for out in op.outs:
                made[out] = op
    seen: set[Value] = set()
    todo = [value]
    roots: set[Value] = set()
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        maker = made.get(current)
        if isinstance(maker, Call) and current not in leaves:
            todo += values_in(operands_of(maker))
        else:
            roots.add(current)
    return roots
