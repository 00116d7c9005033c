"""Bodies of functions that call themselves: interpreted once per round, on parameters of their own."""

from __future__ import annotations

from collections.abc import Iterator

from srcgrad.frontend.activations import Frame
from srcgrad.frontend.context import Context, unattempted
from srcgrad.frontend.families import Entry, Made, name_of
from srcgrad.frontend.forms import Builder, Flattener, Form, parameter_type
from srcgrad.frontend.inlining import run_function
from srcgrad.frontend.lost_writes import check_writes, hint_of
from srcgrad.frontend.values import Abstract, Ref, State, Storage, Sym, TupleOf
from srcgrad.ir.core import Block, Value


def interpret(ctx: Context, entry: Entry, frame: Frame, arguments: Flattener, symbols: Iterator[int]) -> Made:
    """Interpret the body into the function's block."""
    block = entry.func.block = Block()
    new = ctx.activation(frame.node, frame.source, frame.parent)
    new.call_span = None  # the code is that of every call
    with ctx.region(block, ctx.state.copy()), unattempted(ctx):
        own = enter(ctx, entry, new, arguments, symbols)
        before = ctx.state.copy()
        ctx.frames.append(new)
        result = ctx.settle(run_function(ctx, new))
        check_writes(ctx, before, block, name_of(entry.family), [s for s in own if s is not None])
        written = entry.writes | {k for k, s in enumerate(own) if s and ctx.contents(s) is not before.memory[s]}
        flattener = Flattener(ctx, None)
        form = flattener.form(result, ())
        check_result(ctx, form)
        leaves = [*flattener.leaves, *(ctx.contents(s) for k in sorted(written) if (s := own[k]))]
        block.yields = [leaves[0] if len(leaves) == 1 else tuple(leaves)]
        return Made(form, origins(ctx, flattener, own, before), written)


def enter(
    ctx: Context, entry: Entry, frame: Frame, arguments: Flattener, symbols: Iterator[int]
) -> list[Storage | None]:
    """Make parameters and bind them; gives the memory of each."""
    block = entry.func.block
    names = [hint_of(operand) for operand in arguments.leaves]
    for name, leaf in zip(names, entry.form.leaves(), strict=True):
        block.params.append(Value(parameter_type(leaf.fact, f"length{next(symbols)}_"), name))
    builder = Builder(ctx, iter(block.params), protected=True)
    for name, part in zip(entry.form.fact, entry.form.parts, strict=True):
        ctx.state.variables[(frame.number, name)] = builder.thing(part, name)
        give_name(ctx, ctx.state.variables[(frame.number, name)], name)
    by_value = {ctx.state.memory[array.storage]: array.storage for array in builder.arrays}
    return [by_value.get(param) for param in block.params]


def give_name(ctx: Context, thing: Abstract, name: str) -> None:
    """A parameter has the name it has in the source."""
    match thing:
        case Ref(storage):
            value = ctx.state.memory[storage]
            if isinstance(value, Value):
                value.hint = name
        case TupleOf(items):
            for k, item in enumerate(items):
                give_name(ctx, item, f"{name}_{k}")
        case Sym(value):
            value.hint = name


def check_result(ctx: Context, form: Form) -> None:
    """Functions made inside a function cannot leave it."""
    if form.kind in ("closure", "other"):
        raise ctx.unsupported("a function that calls itself cannot return a function",
                              "Return numbers, arrays, or containers of them.")  # fmt: skip
    for part in form.parts:
        check_result(ctx, part)


def origins(ctx: Context, flattener: Flattener, own: list[Storage | None], before: State) -> frozenset[int | Storage]:
    """What the arrays in a result may share memory with."""
    found: set[int | Storage] = set()
    for storage in flattener.storages:
        if storage is not None:
            for other in {storage, *ctx.shares.get(storage, ())}:
                if other in own:
                    found.add(own.index(other))
                elif other in before.memory:
                    found.add(other)
    return frozenset(found)
