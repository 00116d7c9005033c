"""Decides which values are printed inside the expression that uses them."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from srcgrad.analysis.memory import Memory
from srcgrad.analysis.sharing import is_immutable
from srcgrad.codegen.effects import ACTS, MAY_RAISE, PURE, weight
from srcgrad.codegen.quiet import stays_quiet
from srcgrad.codegen.statements import Define, Give, Leave, Move, Repeat, Statement, Store, inner, operands
from srcgrad.codegen.tidy import is_part
from srcgrad.codegen.widths import expression_width
from srcgrad.ir.core import Call, Func, Operand, Range, Value, values_in
from srcgrad.ir.types import PY_INT, ListOf, Opaque, Tup
from srcgrad.passes.folding import DERIVED

__all__ = ["Inline", "nest"]

Inline = dict[Value, Call]

WIDTH = 88  # of an expression, as far as it can be told before there are names
FEW = 3  # calls of a cotangent that needs no line of its own
RETURN = 110  # of all that is returned, which may be wrapped between items
CALLS = 14  # in one expression
NOTHING: frozenset[Value] = frozenset()


@dataclass(slots=True)
class Pending:
    """A definition that may still move into the statement that uses it."""

    call: Call
    reads: frozenset[Value]  # the variables it reads, through what is nested in it
    memory: frozenset[Value]  # the memory it reads
    weight: int
    width: int
    calls: int
    at: int
    quiet: bool = True  # may it stand where floating-point warnings are off?


@dataclass(slots=True)
class Touched:
    """What a statement does that an expression may not pass."""

    memory: set[Value]
    assigned: set[Value]
    weight: int
    leaves: bool


def nest(func: Func, statements: list[Statement], memory: Memory, quiet: Set[Statement] = frozenset()) -> Inline:
    """Take out, in place, the definitions that are printed inside their user's expression.

    A definition moves to its only user when nothing on the way writes what it reads, when the order of effects is kept,
    and when the line stays readable. What the user gave a name stays a statement. In the statements that are `quiet`,
    warnings are off, and nothing moves there that is to warn.
    """
    nester = _Nester(memory, quiet)
    nester.count(statements)
    nester.spread_sizes(func, statements)
    nester.visit(statements, 0)
    return nester.inline


class _Nester:
    def __init__(self, memory: Memory, quiet: Set[Statement]) -> None:
        self.memory, self.quiet = memory, quiet
        self.inline: Inline = {}
        self.counts: Counter[Value] = Counter()
        self.acts = False  # does anything act on the world, and so perhaps on what a parameter holds?

    def count(self, statements: list[Statement]) -> None:
        for statement in statements:
            for value in values_in(operands(statement)):
                self.counts[value] += 1
            for inside in inner(statement):
                self.count(inside)

    def spread_sizes(self, func: Func, statements: list[Statement]) -> None:
        """Print sizes of parameters wherever they are used: ``x.size`` is as readable as a name for it."""
        hints = Counter(value.hint for value in self.assigned(statements))
        cheap = {param for param in func.params if not hints[param.hint]}
        self.acts = any(self.touched(statement).weight >= ACTS for statement in statements)
        self.spread(statements, cheap)
        self.spread_indices(statements, {param for param in func.params if param.type == PY_INT})

    def spread_indices(self, statements: list[Statement], counters: set[Value]) -> None:
        """Print ``t + 1`` wherever it is used, where `t` counts the trips or is a parameter."""
        for statement in statements:
            if isinstance(statement, Define) and _is_next(statement.call, counters):
                self.inline[statement.call.out] = statement.call
            if isinstance(statement, Repeat):
                pairs = zip(statement.targets, statement.sources, strict=True)
                counters = counters | {t for t, s in pairs if isinstance(s, Range) and isinstance(t, Value)}
            for inside in inner(statement):
                self.spread_indices(inside, counters)

    def assigned(self, statements: list[Statement]) -> list[Value]:
        """Every variable that some statement assigns."""
        found: list[Value] = []
        for statement in statements:
            match statement:
                case Define(call) | Store(call):
                    found.append(call.out)
                case Move(pairs):
                    found += [target for target, _ in pairs]
                case Repeat():
                    found += values_in(statement.targets)
            for inside in inner(statement):
                found += self.assigned(inside)
        return found

    def spread(self, statements: list[Statement], cheap: set[Value]) -> None:
        for statement in statements:
            if isinstance(statement, Define) and _is_size(statement.call, cheap):
                out = statement.call.out
                if self.acts and _is_part(statement.call):
                    continue
                if (not out.hint or _is_part(statement.call)) and 1 <= self.counts[out] <= _most(statement.call):
                    self.inline[out] = statement.call
                    cheap.add(out)
            for inside in inner(statement):
                self.spread(inside, cheap)

    def visit(self, statements: list[Statement], depth: int) -> None:
        pending: dict[Value, Pending] = {}
        last_read: dict[Value, int] = {}
        is_quiet = False
        for k, statement in enumerate(statements):
            if statement in self.quiet and not is_quiet:
                is_quiet = True
                pending = {value: info for value, info in pending.items() if info.quiet}
            info = self.consume(statement, pending, last_read, k, depth)
            for inside in inner(statement):
                self.visit(inside, depth + 1)
            self.invalidate(pending, self.touched(statement))
            for value in info.reads:
                last_read[value] = k
            if isinstance(statement, Define) and statement.call.out in self.inline:
                continue
            if isinstance(statement, Define) and self.may_move(statement.call):
                pending[statement.call.out] = info
        statements[:] = [s for s in statements if not (isinstance(s, Define) and s.call.out in self.inline)]

    # Users

    def consume(self, statement: Statement, pending: dict[Value, Pending], last_read: dict[Value, int], at: int,
                depth: int) -> Pending:  # fmt: skip
        """Move what is pending into the statement, as far as the line stays readable."""
        parts = operands(statement)
        fixed = self.fixed(statement)
        free = [v for v in values_in(parts) if v in pending and v not in fixed]
        found = [v for v in free if self.suits(v, statement, pending[v], last_read)]
        call = statement.call if isinstance(statement, (Define, Store)) else None
        most = RETURN if isinstance(statement, Give) else WIDTH - 4 * depth
        width = expression_width(call, parts)
        chosen = fitting(width, {v: pending.pop(v) for v in found}, most) if found else {}
        for value, info in chosen.items():
            self.inline[value] = info.call
        return self.describe(call, parts, chosen, at, width)

    def fixed(self, statement: Statement) -> Set[Value]:
        """What a statement needs under a name: the target of a write."""
        if isinstance(statement, Store):
            return set(values_in(statement.call.args[0]))
        return NOTHING

    def suits(self, value: Value, statement: Statement, info: Pending, last_read: dict[Value, int]) -> bool:
        """Should the definition move into this statement, given that it may?"""
        if isinstance(statement, Move):
            targets = [target for target, source in statement.pairs if source is value]
            if not targets:
                return not value.hint
            others = {v for target, source in statement.pairs if source is not value for v in values_in(source)}
            overlaps = targets[0] in others or last_read.get(targets[0], -1) > info.at
            return overlaps and (not value.hint or value.hint == targets[0].hint)
        if isinstance(statement, Give):
            return not value.hint or info.call.sweep in DERIVED or value.hint.endswith(("_bar", "_dot"))
        if not value.hint or (info.call.sweep in DERIVED and not value.hint.endswith(("_bar", "_dot"))):
            return True  # the other names of a reverse sweep are those that rules use
        return info.call.sweep in DERIVED and info.calls <= FEW

    # Definitions

    def may_move(self, call: Call) -> bool:
        if is_part(call) and self.counts[call.args[0]] > 1:
            return False  # it is taken out of its tuple with the other parts
        return self.counts[call.out] == 1 and not _keeps_its_line(call)

    def describe(self, call: Call | None, parts: Operand, chosen: dict[Value, Pending], at: int,
                 width: int) -> Pending:  # fmt: skip
        """What a definition reads and does, with what is nested in it."""
        reads = {v for v in values_in(parts) if v not in chosen}
        memory = {self.memory.group(v) for v in reads if not is_immutable(v.type)}
        heavy, calls = PURE if call is None else weight(call), 1
        for value, info in chosen.items():
            reads |= info.reads
            memory |= info.memory
            heavy = max(heavy, info.weight)
            width += info.width - len(value.hint or "v12")
            calls += info.calls
        quiet = (call is None or stays_quiet(call)) and all(info.quiet for info in chosen.values())
        return Pending(call or _NONE, frozenset(reads), frozenset(memory), heavy, width, calls, at, quiet)

    # What may not be passed

    def touched(self, statement: Statement) -> Touched:
        """What a statement writes, assigns and does, with the statements inside it."""
        result = Touched(set(), set(), PURE, isinstance(statement, (Leave, Give)))
        match statement:
            case Define(call):
                result.weight = weight(call)
            case Store(call):
                result.weight = weight(call)
                result.memory.update(map(self.memory.group, values_in(call.args[0])))
            case Move(pairs):
                result.assigned.update(target for target, _ in pairs)
            case Repeat():
                result.assigned.update(values_in(statement.targets))
        for inside in inner(statement):
            for one in inside:
                more = self.touched(one)
                result.memory |= more.memory
                result.assigned |= more.assigned
                result.weight = max(result.weight, more.weight)
                result.leaves |= more.leaves
        return result

    def invalidate(self, pending: dict[Value, Pending], touched: Touched) -> None:
        """Drop what may not pass a statement."""
        if not (touched.memory or touched.assigned or touched.leaves or touched.weight):
            return
        for value, info in list(pending.items()):
            stays = info.memory & touched.memory or info.reads & touched.assigned
            acts = info.weight >= MAY_RAISE and (touched.weight >= ACTS or touched.leaves)
            if stays or acts or (info.weight >= ACTS and touched.weight >= MAY_RAISE):
                del pending[value]


def fitting(width: int, found: dict[Value, Pending], most: int) -> dict[Value, Pending]:
    """As many of the found as fit into an expression of a width, the narrow ones first."""
    chosen: dict[Value, Pending] = {}
    count = 1
    for value, info in sorted(found.items(), key=lambda item: item[1].width):
        more = info.width - len(value.hint or "v12")
        if width + more <= most and count + info.calls <= CALLS:
            chosen[value] = info
            width += more
            count += info.calls
    return {value: chosen[value] for value in found if value in chosen}


SIZES = (np.shape, np.size, np.ndim, len)


def _is_size(call: Call, cheap: set[Value]) -> bool:
    """Is it a size of a parameter, or an item of its shape?"""
    first = call.args[0] if call.args else None
    if not isinstance(first, Value) or first not in cheap:
        return False
    is_item = call.fn is operator.getitem and type(call.args[1]) is int and is_immutable(first.type)
    return is_item or _is_part(call) or any(call.fn is size for size in SIZES)


def _is_part(call: Call) -> bool:
    """Is it an item of a dict or a list of the user's, under a constant key?"""
    first = call.args[0] if call.args else None
    is_box = isinstance(first, Value) and isinstance(first.type, (Opaque, Tup, ListOf)) and not is_immutable(first.type)
    return is_box and call.fn is operator.getitem and type(call.args[1]) in (str, int)


def _most(call: Call) -> int:
    """In how many places it is as readable as a name for it."""
    return 1 if _is_part(call) else 4


def _is_next(call: Call, counters: set[Value]) -> bool:
    """Is it a counter plus or minus a constant, without a name?"""
    if call.out.hint or call.fn not in (operator.add, operator.sub) or len(call.args) != 2:
        return False
    return call.args[0] in counters and type(call.args[1]) is int


_NONE = Call(operator.pos, (), {}, Value())


def _keeps_its_line(call: Call) -> bool:
    name = getattr(call.fn, "__name__", "")
    return call.fn is list or name in ("raise_error", "raise_from", "check_length", "check_trips")
