"""Statements: the program as a person would lay it out, before it has names.

Structured single assignment becomes assignments, branches, loops and exits. A value may be assigned in several places:
what an `If` gives in each arm, what a loop carries before it and at the end of a trip.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from srcgrad.analysis.sharing import WRITES
from srcgrad.codegen.guards import Guards
from srcgrad.errors import Span
from srcgrad.ir.core import (
    GO,
    Block,
    Call,
    Func,
    If,
    Items,
    Loop,
    Op,
    Operand,
    Range,
    Source,
    Value,
    map_operand,
    values_in,
)
from srcgrad.ir.types import ABSENT, Tup
from srcgrad.ir.walk import replace_values, uses, walk

__all__ = ["Branch", "Define", "Give", "Leave", "Move", "Repeat", "Statement", "Store", "ends", "inner", "layout",
           "operands"]  # fmt: skip


@dataclass(eq=False, slots=True)
class Define:
    """``out = call``; only ``call`` where nobody reads `out`."""

    call: Call


@dataclass(eq=False, slots=True)
class Store:
    """A write in place into the first operand, which `out` is from now on."""

    call: Call


@dataclass(eq=False, slots=True)
class Move:
    """Parallel assignment."""

    pairs: list[tuple[Value, Operand]]


@dataclass(eq=False, slots=True)
class Branch:
    """``if cond``, or ``if not cond`` where it is `negated`."""

    cond: Operand
    then: list[Statement]
    orelse: list[Statement]
    negated: bool = False
    span: Span | None = None


@dataclass(eq=False, slots=True)
class Repeat:
    """``for targets in zip(*sources)``, and ``while True`` without sources."""

    sources: list[Source]
    targets: list[Operand]
    body: list[Statement]
    reverse: bool
    span: Span | None = None


@dataclass(eq=False, slots=True)
class Leave:
    """``break`` or ``continue``."""

    word: str


@dataclass(eq=False, slots=True)
class Give:
    """``return``."""

    operand: Operand


Statement: TypeAlias = Define | Store | Move | Branch | Repeat | Leave | Give
Finish: TypeAlias = Callable[[list[Operand]], list[Statement]]
Wanted: TypeAlias = Callable[[If, list[Operand]], bool]


def operands(statement: Statement) -> Operand:
    """What the statement itself reads, the statements inside it not counted."""
    match statement:
        case Define() | Store():
            call = statement.call
            return (*call.args, *call.kwargs.values()) if call.kwargs else call.args
        case Move(pairs):
            return tuple(operand for _, operand in pairs)
        case Branch(cond):
            return cond
        case Repeat(sources):
            return tuple((s.start, s.stop, s.step) if isinstance(s, Range) else s.value for s in sources)
        case Give(operand):
            return operand
        case Leave():
            return ()


def inner(statement: Statement) -> list[list[Statement]]:
    """The lists of statements inside a statement."""
    kind = type(statement)
    if kind is Define or kind is Store:  # most statements
        return []
    if isinstance(statement, Branch):
        return [statement.then, statement.orelse]
    return [statement.body] if isinstance(statement, Repeat) else []


def ends(statements: list[Statement]) -> bool:
    """Does the list end in an exit?"""
    return bool(statements) and isinstance(statements[-1], (Leave, Give))


def layout(func: Func, in_place: set[Call]) -> list[Statement]:
    """The statements of a function.

    Parameters
    ----------
    func : Func
        Its loops collect nothing, its writes may happen in place. It is changed: after a loop, what was carried is read
        under the loop's own values.
    in_place : set of Call
        The updates that write their first operand.
    """
    same: dict[Value, Operand] = {}
    for op in walk(func.block):
        if isinstance(op, Loop):
            same.update(zip(op.carried_outs, op.carried, strict=True))
            for out, param in zip(op.carried_outs, op.carried, strict=True):
                param.hint = param.hint or out.hint
    if same:
        replace_values(func.block, same)
    return _Layout(func, in_place).function()


class _Layout:
    def __init__(self, func: Func, in_place: set[Call]) -> None:
        self.func, self.in_place = func, in_place
        self.counts = uses(func.block)
        self.guards = Guards(func)

    def function(self) -> list[Statement]:
        block = self.func.block
        return self.tail(block, list(block.yields), _give, _returns)

    def tail(self, block: Block, items: list[Operand], finish: Finish, wanted: Wanted) -> list[Statement]:
        """A block in tail position: its last `If` is finished in each arm, where that is `wanted`."""
        last = block.ops[-1] if block.ops else None
        if not isinstance(last, If) or not wanted(last, items):
            return [*self.straight(block.ops), *finish(items)]
        then, orelse = (self.tail(arm, _given(last, arm, items), finish, wanted) for arm in last.blocks)
        return [*self.straight(block.ops[:-1]), *_branch(last, then, orelse, guard=not last.then.ops)]

    def straight(self, ops: list[Op]) -> list[Statement]:
        statements: list[Statement] = []
        for op in ops:
            match op:
                case Call():
                    writes = op.fn in WRITES or op.fn is list.append or op in self.in_place
                    statements.append(Store(op) if writes else Define(op))
                case If():
                    _add_branch(statements, self.branch(op))
                case Loop():
                    statements += self.loop(op)
        return statements

    def branch(self, op: If) -> Branch:
        return Branch(op.cond, self.arm(op, True), self.arm(op, False), False, op.span)

    def arm(self, op: If, side: bool) -> list[Statement]:
        """One arm of an `If`, with what it gives; what is absent and never read there is not assigned."""
        arm = op.then if side else op.orelse
        given = [
            out if item is ABSENT and self.guards.only_read(out, op.cond, not side) else item
            for out, item in zip(op.outs, arm.yields, strict=True)
        ]
        return [*self.straight(arm.ops), *_moves(op.outs, given)]

    def loop(self, loop: Loop) -> list[Statement]:
        stop, carried = loop.outs[0], loop.carried
        kept = [stop] if self.counts[stop] else []

        def finish(items: list[Operand]) -> list[Statement]:
            kind, following = items[0], items[1:]
            known = isinstance(kind, int)
            moves = _moves([*carried, *kept], [*following, *([kind] if kept else [])])
            if known and kind == GO:
                return _moves(carried, following)
            return [*moves, Leave("break") if known else Branch(kind, [Leave("break")], [])]

        body = self.tail(loop.body, list(loop.body.yields), finish, _exits)
        sources = [s if isinstance(s, Range) else Items(s.value) for s in loop.sources]
        targets = [self.unpacked(item, body) for item in loop.items]
        repeat = Repeat(sources, targets, body, loop.reverse, loop.span)
        return [*_moves([*carried, *kept], [*loop.inits, *([GO] if kept else [])]), repeat]

    def unpacked(self, item: Value, body: list[Statement]) -> Operand:
        """A tuple that is only taken apart, as its parts; the statements that do it are dropped."""
        parts = {}
        for statement in body:
            if isinstance(statement, Define) and _part_of(statement.call, item) is not None:
                parts[_part_of(statement.call, item)] = statement
        if not isinstance(item.type, Tup) or len(parts) != self.counts[item] or not parts:
            return item
        body[:] = [s for s in body if s not in parts.values()]
        count = len(item.type.items)
        return tuple(parts[k].call.out if k in parts else Value(item.type.items[k]) for k in range(count))


def _given(op: If, arm: Block, items: list[Operand]) -> list[Operand]:
    """Operands as they are at the end of an arm."""
    known = dict(zip(op.outs, arm.yields, strict=True))
    return [map_operand(lambda value: known.get(value, value), item) for item in items]


def _add_branch(statements: list[Statement], branch: Branch) -> None:
    """Append a branch, or continue the one before it where that has the same condition."""
    last = statements[-1] if statements else None
    if isinstance(last, Branch) and _continues(last, branch):
        last.then += branch.then
        last.orelse += branch.orelse
    else:
        statements.append(branch)


def _continues(last: Branch, branch: Branch) -> bool:
    alike = isinstance(branch.cond, Value) and last.cond is branch.cond and not last.negated
    return alike and not ends(last.then) and not ends(last.orelse)


def _part_of(call: Call, item: Value) -> int | None:
    """Which part of a tuple a call takes."""
    taken = call.fn is operator.getitem and call.args[0] is item and type(call.args[1]) is int
    return call.args[1] if taken else None


def _moves(targets: list[Value], items: list[Operand]) -> list[Statement]:
    pairs = [(target, item) for target, item in zip(targets, items, strict=True) if target is not item]
    return [Move(pairs)] if pairs else []


def _give(items: list[Operand]) -> list[Statement]:
    return [Give(items[0] if len(items) == 1 else tuple(items) or None)]


def _returns(op: If, items: list[Operand]) -> bool:
    """Is all that is returned given by this `If`, or some of it only in one arm?"""
    found = set(values_in(items))
    given = zip(op.outs, op.then.yields, op.orelse.yields, strict=True)
    absent = any(out in found and (a is ABSENT or b is ABSENT) for out, a, b in given)
    return absent or (bool(found) and found <= set(op.outs))


def _exits(op: If, items: list[Operand]) -> bool:
    """Does this `If` decide whether the loop goes on, or skip the rest of the trip?"""
    return any(items[0] is out for out in op.outs) or (not op.then.ops and bool(op.orelse.ops) and bool(op.outs))


def _branch(op: If, then: list[Statement], orelse: list[Statement], guard: bool) -> Iterator[Statement]:
    """The `If`, flat where an arm leaves."""
    if guard and not ends(then) and orelse:
        then = [*then, Leave("continue")]
    if ends(then):
        yield Branch(op.cond, then, [], False, op.span)
        yield from orelse
    elif ends(orelse):
        yield Branch(op.cond, orelse, [], True, op.span)
        yield from then
    else:
        yield Branch(op.cond, then, orelse, False, op.span)
