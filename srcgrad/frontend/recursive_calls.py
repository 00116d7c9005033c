"""Calls of functions that call themselves: emitted with values alone; writes and shared memory are caught up with."""

from __future__ import annotations

from srcgrad import runtime
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.families import Entry, NoResultYet, outside_of
from srcgrad.frontend.forms import Builder, Flattener, take_apart
from srcgrad.frontend.poisons import poison_sharers
from srcgrad.frontend.values import Abstract, Storage
from srcgrad.ir.core import Operand, Value
from srcgrad.ir.types import Tup


def emit(ctx: Context, entry: Entry, arguments: Flattener, is_finished: bool) -> Abstract:
    """Emit the call, and put its result together."""
    if entry.result is None:
        raise NoResultYet
    facts = [leaf.fact for leaf in entry.result.leaves()]
    written = sorted(entry.writes)
    kinds = (*facts, *(operand_type(arguments.leaves[k]) for k in written))
    kind = kinds[0] if len(kinds) == 1 else Tup(kinds)
    out = ctx.emit_call(entry.func, tuple(arguments.leaves), {}, type_=kind)
    items = take_apart(ctx, out, kinds)
    stored = (arguments.storages[k] for k in written)
    if is_finished:
        refuse_second_way(ctx, entry, [storage for storage in stored if storage is not None])
    for k, item in zip(written, items[len(facts) :], strict=True):
        write_back(ctx, entry, arguments, k, item)
    builder = Builder(ctx, iter(items[: len(facts)]), protected=False)
    result = builder.thing(entry.result)
    for array in builder.arrays:
        share(ctx, array.storage, entry, arguments)
    return result


def refuse_second_way(ctx: Context, entry: Entry, written: list[Storage]) -> None:
    """A function that writes into an argument, and reads the same memory from outside, would read it as it was."""
    if not written:
        return
    reached = set(written).union(*(ctx.shares.get(storage, ()) for storage in written))
    contents = [ctx.state.memory.get(storage) for storage in reached]
    for value in outside_of(entry.func):
        source: Operand = value
        while isinstance(source, Value):
            if any(source is content for content in contents):
                raise ctx.unsupported(
                    f"cannot differentiate `{entry.func.name}`: it calls itself, writes into an argument, "
                    f"and reads the same memory as `{value.hint or 'a variable'}` of the function around it",
                    "Pass it as the argument only.")  # fmt: skip
            made = ctx.calls.get(source)
            source = made.args[0] if made is not None and made.args else None


def write_back(ctx: Context, entry: Entry, arguments: Flattener, k: int, item: Operand) -> None:
    """The next version of an array that the call has written into."""
    storage = arguments.storages[k]
    if storage is None:
        return
    others = [other for m, other in enumerate(arguments.storages) if m != k and other is not None]
    if storage.captured or any(other is storage or other in ctx.shares.get(storage, ()) for other in others):
        what = "the surrounding program has too" if storage.captured else "another argument may share"
        message = f"cannot differentiate `{entry.func.name}`: it calls itself, and writes into memory that {what}"
        raise ctx.unsupported(message, "Pass a copy.")
    steps = arguments.steps.get(k, ())
    if steps:
        current = ctx.contents(storage)
        item = ctx.emit(runtime.set_item, current, Ellipsis, item, steps, type_=operand_type(current))
    ctx.state.memory[storage] = item
    poison_sharers(ctx, storage)


def share(ctx: Context, storage: Storage, entry: Entry, arguments: Flattener) -> None:
    """A result may be an argument, or a view of it."""
    shares = ctx.shares
    for source in entry.shares:
        origin = arguments.storages[source] if isinstance(source, int) else source
        if origin is not None:
            for other in {origin, *shares.get(origin, ())}:
                shares.setdefault(storage, set()).add(other)
                shares.setdefault(other, set()).add(storage)
