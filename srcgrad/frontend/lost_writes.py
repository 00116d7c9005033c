"""Writes into memory from outside a function that calls itself: they would be lost, so they are refused."""

from __future__ import annotations

from typing import Any

from srcgrad import runtime
from srcgrad.errors import UnsupportedError
from srcgrad.frontend.constants import same_constant
from srcgrad.frontend.context import Context
from srcgrad.frontend.values import Poison, Ref, State, Storage, TupleOf
from srcgrad.ir.core import Block, Call, Operand, Value
from srcgrad.ir.walk import walk

WRITES = (runtime.set_item, runtime.add_item)


def check_writes(ctx: Context, before: State, block: Block, name: str, own: list[Storage]) -> None:
    """Refuse writes into memory from outside that is not an argument's: each call has values of its own."""
    after = ctx.state
    for storage, value in before.memory.items():
        if any(storage is argument for argument in own):
            continue
        now = after.memory.get(storage)
        if now is not value and not _is_equal(now, value):
            raise lost_write(ctx, block, f"`{storage.hint}`" if storage.hint else "an array", name)
    for number, content in before.boxes.items():
        if not same_content(after.boxes.get(number), content):
            raise lost_write(ctx, block, "a container", name)


def lost_write(ctx: Context, block: Block, what: str, name: str) -> UnsupportedError:
    """The complaint, at the first write."""
    calls = [op for op in walk(block) if isinstance(op, Call) and op.fn in WRITES]
    written = [op for op in calls if f"`{hint_of(op.args[0])}`" == what] or calls
    return UnsupportedError(
        f"cannot differentiate `{name}`: it calls itself, and writes into {what}, which is not its own",
        span=written[0].span if written else ctx.span,
        reason="Every call of a recursive function has values of its own: the write would be lost.",
        repair="Write into a copy, and return it.",
    )


def hint_of(operand: Operand) -> str:
    """The name of a value."""
    return operand.hint if isinstance(operand, Value) else ""


def _is_equal(x: Any, y: Any) -> bool:
    return not isinstance(x, (Value, Poison)) and not isinstance(y, (Value, Poison)) and same_constant(x, y)


def same_content(x: Any, y: Any) -> bool:
    """The same contents of a container, item by item."""
    if x is y:
        return True
    if isinstance(x, dict) and isinstance(y, dict):
        return list(x) == list(y) and all(same_content(x[key], y[key]) for key in x)
    if isinstance(x, tuple) and isinstance(y, tuple):
        return len(x) == len(y) and all(same_content(p, q) for p, q in zip(x, y, strict=True))
    if type(x) is not type(y) or isinstance(x, Poison):
        return False
    return _same_thing(x, y)


def _same_thing(x: Any, y: Any) -> bool:
    match x:
        case TupleOf(items, cls):
            return bool(cls is y.cls) and same_content(items, y.items)
        case Ref(storage, steps):
            return bool(storage is y.storage and steps == y.steps)
    value = getattr(x, "value", None)
    return value is not None and (value is y.value or _is_equal(value, y.value))
