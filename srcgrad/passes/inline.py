"""Puts small functions where they are called.

Before: any function. `inline` replaces calls of functions that are small, or called in one place only, by their ops.
After: the same results; the calls that are left are of large or recursive functions.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

from srcgrad.errors import Span
from srcgrad.ir.core import Block, Call, Func, Op, Operand, Value, map_operand
from srcgrad.ir.walk import blocks_of, callees, clone_block, replace_values, walk

__all__ = ["inline"]

SMALL = 40  # ops


def inline(func: Func) -> Func:
    """Replace calls of functions by their ops, in place; callees are inlined into first.

    A function that calls itself, through others or not, stays a function. A call gives a tuple where the callee has
    several results: reads from it are left to `fold`.

    Returns
    -------
    Func
        `func` itself.
    """
    reached = callees(func.block)
    if not reached:
        return func
    calls = (op for each in (func, *reached) for op in walk(each.block) if isinstance(op, Call))
    counts: Counter[Any] = Counter(op.fn for op in calls if isinstance(op.fn, Func))
    done: set[Func] = set()
    for each in _callees_first(func):
        _inline_into(each, done, counts)
        done.add(each)
    return func


def _callees_first(func: Func) -> list[Func]:
    """The function and all it reaches, each after those it calls; the order within a recursion does not matter."""
    order: dict[Func, None] = {}
    stack: list[tuple[Func, bool]] = [(func, False)]
    entered: set[Func] = set()
    while stack:
        each, left = stack.pop()
        if left:
            order[each] = None
        elif each not in entered:
            entered.add(each)
            stack.append((each, True))
            stack += [(op.fn, False) for op in walk(each.block) if isinstance(op, Call) and isinstance(op.fn, Func)]
    return list(order)


def _inline_into(func: Func, done: set[Func], counts: Counter[Any]) -> None:
    results: dict[Value, Operand] = {}
    for block in list(blocks_of(func.block)):
        ops: list[Op] = []
        for op in block.ops:
            if isinstance(op, Call) and isinstance(op.fn, Func) and _should(op, done, counts):
                body = _body(op)
                ops += body.ops
                results[op.out] = body.yields[0] if len(body.yields) == 1 else tuple(body.yields) or None
            else:
                ops.append(op)
        block.ops = ops
    if results:
        _replace(func, results)


def _should(op: Call, done: set[Func], counts: Counter[Any]) -> bool:
    """Is the callee finished, so not recursive, and small or called once?"""
    callee = cast(Func, op.fn)
    if callee not in done or callee in callees(callee.block):
        return False
    return counts[callee] == 1 or sum(1 for _ in walk(callee.block)) <= SMALL


def _body(op: Call) -> Block:
    """A copy of the callee's block with the arguments in place of the parameters."""
    callee = cast(Func, op.fn)
    named = callee.captured[len(callee.captured) - len(op.kwargs) :] if op.kwargs else []
    args = [*op.args, *(op.kwargs[name] for name in named)]
    mapping: dict[Value, Operand] = dict(zip(callee.params, args, strict=True))
    block = clone_block(Block([], callee.block.ops, callee.block.yields), mapping)
    if op.span is not None:
        _note_call(block, op.span)
    return block


def _note_call(block: Block, call: Span) -> None:
    """Say of each op of a block through which call it was reached."""
    known: dict[Span, Span] = {}  # most spans are those of several ops
    for op in walk(block):
        if op.span is not None:
            op.span = known.get(op.span) or known.setdefault(op.span, op.span.called(call))


def _replace(func: Func, results: dict[Value, Operand]) -> None:
    """Put the results in place of the calls; one may be made of those of calls found before."""
    for out, result in results.items():
        results[out] = map_operand(lambda value: results.get(value, value), result)
    replace_values(func.block, results)
