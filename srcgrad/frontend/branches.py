"""Statements in sequence, `if`, exits: "the rest of the block" goes into the arm that falls through."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Sequence
from typing import Any

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.activations import Arm, NeedStatic, Raises
from srcgrad.frontend.context import CONTINUE, RAISED, Context
from srcgrad.frontend.live_names import live_filter
from srcgrad.frontend.meeting import Side
from srcgrad.frontend.merge import Merger
from srcgrad.frontend.promotion import list_type
from srcgrad.frontend.values import UNDEFINED, Abstract, Box, Chosen, Const, Iteration, Maybe, Ref, Sym, Table, TupleOf
from srcgrad.ir.core import GO, RETURN, Block, If, Operand, Value
from srcgrad.ir.types import PY_INT, Num

Run = Callable[[], tuple[Operand, Abstract | None]]


def run_block(ctx: Context, statements: Sequence[Any]) -> Operand:
    """Interpret statements; the status says whether, and how, they leave the block."""
    for k, node in enumerate(statements):
        rest = statements[k + 1 :]
        done = False
        depth = len(ctx.frames)
        refuge = ctx.refuge()
        try:
            if type(node).__name__ == "If":
                status, done = if_statement(ctx, node, rest)
            else:
                ctx.at(node)
                status = ctx.statement(node)
        except Raises as error:
            del ctx.frames[depth:]
            status = RAISED if error.frame is None else RETURN
        except (UnsupportedError, NeedStatic) as error:
            if refuge is None:
                raise
            count, status = ctx.traced(refuge, statements[k:], error)
            return run_block(ctx, statements[k + count :]) if status == GO else status
        if done:
            return status
        if not isinstance(status, int):
            return guarded_rest(ctx, status, rest)
        if status != GO:
            return status
    return GO


def guarded_rest(ctx: Context, status: Value, rest: Sequence[Any]) -> Operand:
    """The rest of a block that some paths have already left."""
    if not rest:
        return status
    going = ctx.emit(operator.eq, status, GO, type_=Num("bool"), must=False)
    left = gone(ctx, status)
    live = ctx.frame.liveness.after.get(id(rest[-1]))
    return branch(ctx, going, lambda: (run_block(ctx, rest), None), lambda: (left, None), live)[0]


def gone(ctx: Context, status: Value) -> Operand:
    """The status where it is known not to be "go on": a constant where only one is left."""
    left = possible(ctx, ctx.block, status) - {GO}
    return left.pop() if len(left) == 1 else status


def if_statement(ctx: Context, node: Any, rest: Sequence[Any]) -> tuple[Operand, bool]:
    """An `if`. Returns its status, and whether the rest of the block was interpreted with it."""
    ctx.at(node)
    test = truth(ctx, ctx.expr(node.test))
    if isinstance(test, bool):
        return run_block(ctx, node.body if test else node.orelse), False
    ctx.at(node)
    then = ctx.arm(lambda: (run_block(ctx, node.body), None))
    if then.status == RAISED:
        add_if(ctx, test, then.block, Block(), [])
        return run_block(ctx, node.orelse), False
    orelse = ctx.arm(lambda: (run_block(ctx, node.orelse), None))
    if orelse.status == RAISED:
        add_if(ctx, test, Block(), orelse.block, [])
        return run_block(ctx, node.body), False
    live = ctx.frame.liveness.after.get(id(node))
    done = bool(rest) and _leaves(then.status) != _leaves(orelse.status)
    if done:
        extend(ctx, orelse if _leaves(then.status) else then, rest)
        live = ctx.frame.liveness.after.get(id(rest[-1]))
    status, _ = join_arms(ctx, test, then, orelse, live)
    return status, done


def _leaves(status: Operand) -> bool:
    return isinstance(status, int) and status != GO


def extend(ctx: Context, arm: Arm, rest: Sequence[Any]) -> None:
    """Interpret the rest of the block at the end of an arm."""
    with ctx.region(arm.block, arm.state):
        if isinstance(arm.status, Value):
            arm.status = guarded_rest(ctx, arm.status, rest)
        else:
            arm.status = run_block(ctx, rest)
        arm.status, _ = join_splits(ctx, 0, arm.status, None)
        arm.state = ctx.state


def branch(ctx: Context, test: Operand, then: Run, orelse: Run, live: Any = None) -> tuple[Operand, Abstract | None]:
    """An `If` whose arms are given by functions; gives the status and the result."""
    first = ctx.arm(then)
    second = ctx.arm(orelse)
    return join_arms(ctx, test, first, second, live)


def join_splits(ctx: Context, count: int, status: Operand, result: Abstract | None) -> tuple[Operand, Abstract | None]:
    """The paths that left a block on the way meet the one that came to its end, innermost first."""
    while len(ctx.splits) > count:
        split = ctx.splits.pop()
        rest = Arm(ctx.block, ctx.state, status, result)
        ctx.active_blocks.pop()
        ctx.block = split.block
        status, result = join_arms(ctx, split.test, split.left, rest, None)
    return status, result


def join_arms(ctx: Context, test: Operand, then: Arm, orelse: Arm, live: Any) -> tuple[Operand, Abstract | None]:
    """Close two interpreted arms into one `If` and go on with the merged state."""
    merger = Merger(ctx, Side(then.state, then.block), Side(orelse.state, orelse.block))
    if then.status == RAISED or orelse.status == RAISED:
        return _one_survivor(ctx, test, then, orelse)
    state = merger.merge(live_filter(ctx, live))
    result = None
    if then.result is not None or orelse.result is not None:  # a path that was left on the way has none
        result = merger.thing(then.result or UNDEFINED, orelse.result or UNDEFINED, "")
        result = result.held if isinstance(result, Maybe) else result
        merger.sharing()
    status = merger.slot(then.status, orelse.status, "stop")
    then.block.yields = [x for _, x, _ in merger.slots]
    orelse.block.yields = [y for _, _, y in merger.slots]
    add_if(ctx, test, then.block, orelse.block, [value for value, _, _ in merger.slots])
    ctx.state = state
    return status, result


def _one_survivor(ctx: Context, test: Operand, then: Arm, orelse: Arm) -> tuple[Operand, Abstract | None]:
    """One arm always raises: the other's ops go on in the enclosing block, after the check."""
    if then.status == RAISED and orelse.status == RAISED:
        add_if(ctx, test, then.block, orelse.block, [])
        return RAISED, None
    survivor = orelse if then.status == RAISED else then
    blocks = (then.block, Block()) if then.status == RAISED else (Block(), orelse.block)
    add_if(ctx, test, *blocks, [])
    ctx.block.ops += survivor.block.ops
    ctx.state = survivor.state
    return survivor.status, survivor.result


def add_if(ctx: Context, test: Operand, then: Block, orelse: Block, outs: list[Value]) -> None:
    """Append the op."""
    ctx.append(If(test, then, orelse, outs, ctx.span))


def truth(ctx: Context, thing: Abstract) -> bool | Operand:
    """The truth of a thing: a bool where it is known, else an operand to test."""
    match thing:
        case Const(value):
            return bool(value)
        case Chosen(which, options):
            truths = tuple(truth(ctx, option) for option in options)
            return truths[0] if len(set(truths)) == 1 else ctx.emit(
                operator.getitem, truths, ctx.operand(which), type_=Num("bool"))  # fmt: skip
        case TupleOf(items):
            return bool(items)
        case Box(kind="object"):
            return truth(ctx, ctx.call(Const(bool), [thing], {}))
        case Box() if isinstance(table := ctx.state.boxes.get(thing.number), Table):
            return truth(ctx, table.keys)
        case Box():
            return bool(ctx.items(thing))
        case Iteration(kind="keys" | "values" | "items", items=(Box() as viewed,)):
            return bool(ctx.items(viewed))
        case Ref() if list_type(ctx, thing) is not None:
            held = ctx.emit(builtins.len, ctx.operand(thing), type_=PY_INT)
            return ctx.emit(operator.gt, held, 0, type_=Num("bool"))
        case Sym() | Ref():
            operand = ctx.operand(thing)
            return operand if isinstance(operand, Value) else bool(operand)
    settled = ctx.settle(thing)
    return True if settled is thing else truth(ctx, settled)


def possible(ctx: Context, block: Block, status: Operand, around: tuple[Block, ...] = ()) -> set[int]:
    """Which statuses an operand may be, given the ops that may define it in the block and those around it."""
    if not isinstance(status, Value):
        return {status}
    if status in ctx.stop_kinds:
        return set(ctx.stop_kinds[status])
    found = chooser(ctx, status, (block, *around))
    if found is None:
        return {GO, 1, 2, CONTINUE}
    op, outer = found
    k = op.outs.index(status)
    return possible(ctx, op.then, op.then.yields[k], outer) | possible(ctx, op.orelse, op.orelse.yields[k], outer)


def chooser(ctx: Context, status: Value, blocks: tuple[Block, ...]) -> tuple[If, tuple[Block, ...]] | None:
    """The `If` that gives a status, and the blocks around its arms."""
    blocks = (*blocks, *reversed(ctx.active_blocks))
    for depth, block in enumerate(blocks):
        for op in block.ops:
            if isinstance(op, If) and status in op.outs:
                return op, blocks[depth:]
    return None


def as_stop(ctx: Context, block: Block, status: Operand, around: tuple[Block, ...] = ()) -> Operand:
    """The stop kind for a status: `continue` is no reason to stop."""
    if not isinstance(status, Value):
        return GO if status == CONTINUE else status
    if CONTINUE not in possible(ctx, block, status, around):
        return status
    found = chooser(ctx, status, (block, *around))
    if found is None:
        return status
    op, outer = found
    k = op.outs.index(status)
    out = Value(Num("int"), "stop")
    for arm in op.blocks:
        arm.yields.append(as_stop(ctx, arm, arm.yields[k], outer))
    op.outs.append(out)
    return out
