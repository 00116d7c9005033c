"""What a loop carries: found by interpreting its body until nothing new differs."""

from __future__ import annotations

from typing import Any

from srcgrad.frontend.activations import Arm
from srcgrad.frontend.branches import Run, as_stop, possible
from srcgrad.frontend.context import Context
from srcgrad.frontend.live_names import live_filter
from srcgrad.frontend.meeting import Side
from srcgrad.frontend.merge import Merger
from srcgrad.frontend.values import State, substitute, substitute_box
from srcgrad.ir.core import GO, Block, Loop, Operand, Source, Value
from srcgrad.ir.types import Num, join

MAX_ROUNDS = 12


def loop(ctx: Context, node: Any, sources: list[Source], items: list[Value], body: Run,
         unrolls: bool = False) -> tuple[Operand, set[int]]:  # fmt: skip
    """Emit a `Loop`. Gives its stop kind and which kinds that may be."""
    start = ctx.state
    live = live_filter(ctx, ctx.frame.liveness.head.get(id(node)))
    head = start.copy()
    previous: Merger | None = None
    for _ in range(MAX_ROUNDS):
        outer = Side(start.copy(), Block())
        arm = run_from(ctx, head, body)
        merger = Merger(ctx, outer, Side(arm.state, arm.block), may_unroll=unrolls)
        merged = merger.merge(live)
        if previous is not None and matches(previous, merger):
            return close(ctx, node, sources, items, previous, merger, arm, outer.block)
        if previous is not None:
            widen(previous, merger)
        previous, head = merger, merged
    raise ctx.unsupported("the kinds of the values this loop carries do not settle",
                          "Give each variable its final kind (float, array rank) before the loop.")  # fmt: skip


def run_from(ctx: Context, head: State, body: Run) -> Arm:
    """Interpret the body from the state at the loop's head."""
    outer = ctx.state
    ctx.state = head
    try:
        return ctx.arm(body)
    finally:
        ctx.state = outer


def matches(previous: Merger, current: Merger) -> bool:
    """Did this round find exactly what the round before assumed?"""
    if len(previous.slots) != len(current.slots):
        return False
    pairs = zip(previous.slots, current.slots, strict=True)
    same = all(join(p[0].type, c[0].type) == p[0].type and _same_operand(p[1], c[1]) for p, c in pairs)
    return same and _sharing(previous) >= _sharing(current)


def _same_operand(x: Operand, y: Operand) -> bool:
    return x is y or not isinstance(x, Value) or not isinstance(y, Value) or x.hint == y.hint


def _sharing(merger: Merger) -> int:
    fresh = list(dict.fromkeys(merger.merged.values()))
    return sum(b in merger.ctx.shares.get(a, ()) for k, a in enumerate(fresh) for b in fresh[:k])


def widen(previous: Merger, current: Merger) -> None:
    """Types only ever grow from round to round."""
    if len(previous.slots) == len(current.slots):
        for (old, _, _), (new, _, _) in zip(previous.slots, current.slots, strict=True):
            if old.hint == new.hint:  # of one variable: what is carried may be found in another order
                new.type = join(old.type, new.type)


def close(ctx: Context, node: Any, sources: list[Source], items: list[Value], head: Merger, found: Merger, arm: Arm,
          prelude: Block) -> tuple[Operand, set[int]]:  # fmt: skip
    """Build the op from the last round, and go on with the state after the loop."""
    ctx.block.ops += prelude.ops
    params = [slot[0] for slot in head.slots]
    stop = as_stop(ctx, arm.block, arm.status)
    kinds = possible(ctx, arm.block, stop)
    arm.block.params = [*items, *params]
    arm.block.yields = [stop, *(slot[2] for slot in found.slots)]
    stop_out = Value(Num("int"), "stop")
    ctx.stop_kinds[stop_out] = kinds if sources == [] else kinds | {GO}
    outs = [Value(p.type, p.hint) for p in params]
    ctx.append(Loop(sources, [slot[1] for slot in found.slots], arm.block, [stop_out, *outs], span=ctx.span))
    ctx.state = rename(head.state, dict(zip(params, outs, strict=True)))
    return stop_out, kinds


def rename(state: State, mapping: dict[Value, Operand]) -> State:
    """The state with the carried parameters replaced by the loop's results."""
    new = State()
    new.variables = {key: substitute(thing, mapping) for key, thing in state.variables.items()}
    for storage, value in state.memory.items():
        new.memory[storage] = mapping.get(value, value) if isinstance(value, Value) else value
    for number, content in state.boxes.items():
        structured = isinstance(content, (tuple, dict))
        new.boxes[number] = substitute_box(content, mapping) if structured else content
    return new
