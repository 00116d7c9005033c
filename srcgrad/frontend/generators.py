"""Generators: the body runs in place, and what it yields goes straight to whoever consumes it."""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from srcgrad.frontend.activations import Frame
from srcgrad.frontend.branches import as_stop, branch, possible, run_block
from srcgrad.frontend.context import CONTINUE, RAISED, Context
from srcgrad.frontend.values import Abstract, Const, Generator, Sym
from srcgrad.ir.core import BREAK, GO, RETURN, Operand, Value
from srcgrad.ir.types import Num

LEFT = "<left>"  # how the consumer left the generator: a stop kind, kept with the generator's variables

NEW, BEGUN, ENDED = 0, 1, 2  # how far a generator was walked

Each = Callable[[Abstract], Operand]


@dataclass(eq=False)
class Consumer:
    """Who takes the items of a generator: the activation it runs in, and what it does with one."""

    frame: Frame
    each: Each
    kinds: set[int] = field(default_factory=set)
    attempts: int = 0  # how many `try` statements are around it
    once: bool = False  # the body of a `with`: the generator goes on however it is left


@dataclass
class Ending:
    """How a walk over a generator ended: a stop kind, which ones it may be, and the status of the body's own end."""

    stop: Operand
    kinds: set[int]
    status: Operand


@functools.lru_cache(maxsize=2048)
def is_generator(node: Any) -> bool:
    """Does a function's own body yield?"""
    return isinstance(node.body, list) and any(_yields(statement) for statement in node.body)


def _yields(node: Any) -> bool:
    if isinstance(node, (ast.Yield, ast.YieldFrom)):
        return True
    if isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
        return False
    return any(_yields(child) for child in ast.iter_child_nodes(node))


def generator(ctx: Context, frame: Frame, bound: dict[str, Abstract]) -> Generator:
    """What the call of a generator function gives: nothing of its body has run yet."""
    made = Generator(frame, bound)
    ctx.state.boxes[made.number] = {"used": Const(NEW)}
    return made


def consume(ctx: Context, source: Generator, each: Each, once: bool = False) -> Ending:
    """Run a generator's body to its end; `each` gets every item, and says how to go on."""
    if not starts(ctx, source):
        return Ending(GO, set(), GO)
    frame = source.frame
    for name, thing in source.bound.items():
        ctx.state.variables[(frame.number, name)] = thing
    ctx.state.variables[(frame.number, LEFT)] = Const(GO)
    consumer = Consumer(ctx.frame, each, attempts=len(ctx.attempts), once=once)
    before, frame.consumer = frame.consumer, consumer
    span = ctx.span
    ctx.frames.append(frame)
    try:
        status = run_block(ctx, frame.node.body)
    finally:
        ctx.frames.pop()
        ctx.span, frame.consumer = span, before
    if status == RAISED:
        return Ending(GO, set(), RAISED)
    ctx.pass_on()
    stop = ctx.operand(ctx.state.variables.pop((frame.number, LEFT)))
    ctx.forget(frame)
    if not consumer.kinds and not once:
        ctx.state.boxes[source.number] = {"used": Const(ENDED)}
    return Ending(stop, consumer.kinds, status)


def starts(ctx: Context, source: Generator) -> bool:
    """Note that the generator runs now; False where it has come to its end before. It cannot be walked in parts."""
    used = ctx.items(source)["used"]
    if isinstance(used, Const) and used.value == ENDED:
        return False
    if not isinstance(used, Const) or used.value != NEW:
        raise ctx.unsupported("cannot walk a generator that may have been walked before",
                              "Make a list of its items first: xs = list(items).")  # fmt: skip
    ctx.state.boxes[source.number] = {"used": Const(BEGUN)}
    return True


def yield_(ctx: Context, node: Any) -> Operand:
    """``yield item`` as a statement."""
    item = Const(None) if node.value is None else ctx.settle(ctx.expr(node.value))
    return hand_over(ctx, item)


def hand_over(ctx: Context, item: Abstract) -> Operand:
    """Give an item to the consumer, and go on or leave as it says."""
    frame, span = ctx.frame, ctx.span
    consumer: Consumer | None = frame.consumer
    if consumer is None:
        raise ctx.unsupported("cannot differentiate a generator", "Return a list, or consume the generator in a loop.")
    ctx.frames.append(consumer.frame)
    attempts = ctx.attempts
    if not consumer.once:  # the generator's own `try` does not see what the loop's body raises
        ctx.attempts = attempts[: consumer.attempts]
    try:
        status = consumer.each(item)
    finally:
        ctx.frames.pop()
        ctx.attempts = attempts
    ctx.span = span
    return leave(ctx, frame, consumer, status)


def leave(ctx: Context, frame: Frame, consumer: Consumer, status: Operand) -> Operand:
    """What the consumer's status means for the generator: to go on, or to end as if by `return`."""
    if consumer.once and status != RAISED:
        ctx.pass_on()  # an exception in the body of a `with` arises where the generator yields
        ctx.state.variables[(frame.number, LEFT)] = Sym(status) if isinstance(status, Value) else Const(status)
        return GO
    status = as_stop(ctx, ctx.block, status)
    if not isinstance(status, Value):
        if status in (GO, CONTINUE, RAISED):
            return GO if status == CONTINUE else status
        consumer.kinds.add(int(status))
        ctx.state.variables[(frame.number, LEFT)] = Const(status)
        return RETURN
    consumer.kinds |= possible(ctx, ctx.block, status) & {BREAK, RETURN}
    going = ctx.emit(operator.eq, status, GO, type_=Num("bool"), must=False)

    def ended() -> tuple[Operand, None]:
        ctx.state.variables[(frame.number, LEFT)] = Sym(status)
        return RETURN, None

    return branch(ctx, going, lambda: (GO, None), ended)[0]


def yield_value(ctx: Context, node: Any) -> Abstract:
    """``x = yield item``."""
    raise ctx.unsupported("cannot read what is sent into a generator", "Write `yield` as a statement of its own.")


def yield_from(ctx: Context, node: Any) -> Operand:
    """``yield from items``: a loop that yields each."""
    return ctx.statements["For"](ctx, _loop_for(node))


@functools.lru_cache(maxsize=512)
def _loop_for(node: Any) -> ast.For:
    name = "<item>"
    item = ast.Expr(ast.Yield(ast.Name(name, ast.Load())))
    made = ast.For(ast.Name(name, ast.Store()), node.value, [item], [], None)
    for part in ast.walk(made):
        if not hasattr(part, "lineno") and "lineno" in part._attributes:
            ast.copy_location(part, node)
    return made
