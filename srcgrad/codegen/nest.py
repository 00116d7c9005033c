"""Decides which values are printed inside the expression that uses them."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass

from srcgrad.analysis.memory import Memory
from srcgrad.analysis.sharing import is_immutable
from srcgrad.codegen.effects import ACTS, MAY_RAISE, PURE, weight
from srcgrad.codegen.everywhere import everywhere
from srcgrad.codegen.quiet import calls_in, stays_quiet
from srcgrad.codegen.statements import Define, Give, Leave, Move, Repeat, Statement, Store, inner, operands
from srcgrad.codegen.tidy import is_part
from srcgrad.codegen.widths import expression_width
from srcgrad.ir.core import Call, Func, Operand, Value, values_in
from srcgrad.passes.folding import DERIVED

__all__ = ["Inline", "nest"]

Inline = dict[Value, Call]

WIDTH = 88  # of an expression, as far as it can be told before there are names
FEW = 3  # calls of a cotangent that needs no line of its own
RETURN = 110  # of all that is returned, which may be wrapped between items
CALLS = 14  # in one expression
SUMMED = 8  # of a sum that could be done in place
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


def nest(func: Func, statements: list[Statement], memory: Memory, quiet: set[Statement]) -> Inline:
    """Take out, in place, the definitions that are printed inside their user's expression.

    A definition moves to its only user when nothing on the way writes what it reads, when the order of effects is kept,
    and when the line stays readable. What the user gave a name stays a statement. In the statements that are `quiet`,
    warnings are off, and nothing moves there that is to warn; sums in place that become definitions are added to them.
    """
    nester = _Nester(memory, quiet)
    nester.count(statements)
    nester.inline.update(everywhere(func, statements, nester.counts))
    nester.visit(statements, 0)
    return nester.inline


class _Nester:
    def __init__(self, memory: Memory, quiet: set[Statement]) -> None:
        self.memory, self.quiet = memory, quiet
        self.inline: Inline = {}
        self.counts: Counter[Value] = Counter()
        self.again = False  # inside a statement of the reverse sweep

    def count(self, statements: list[Statement]) -> None:
        """Count the uses of every value."""
        for statement in statements:
            for value in values_in(operands(statement)):
                self.counts[value] += 1
            for inside in inner(statement):
                self.count(inside)

    def visit(self, statements: list[Statement], depth: int) -> None:
        """Move definitions of a block to their users."""
        pending: dict[Value, Pending] = {}
        last_read: dict[Value, int] = {}
        is_quiet = False
        for k, statement in enumerate(statements):
            if statement in self.quiet and not is_quiet:
                is_quiet = True
                pending = {value: info for value, info in pending.items() if info.quiet}
            store = statement
            most = RETURN if isinstance(statements[-1], Give) and k + 2 == len(statements) else WIDTH - 4 * depth
            if isinstance(store, Store) and self.extends(store, pending, most):
                statement = Define(store.call)
            info = self.consume(statement, pending, last_read, k, depth)
            if statement is not store:
                statement = statements[k] = self.settled(store, statement)
            self.visit_inside(statement, depth + 1)
            self.invalidate(pending, self.touched(statement))
            for value in info.reads:
                last_read[value] = k
            if isinstance(statement, Define) and statement.call.out in self.inline:
                continue
            if isinstance(statement, Define) and self.may_move(statement.call):
                pending[statement.call.out] = info
        statements[:] = [s for s in statements if not (isinstance(s, Define) and s.call.out in self.inline)]

    def visit_inside(self, statement: Statement, depth: int) -> None:
        """The same in the blocks of a statement."""
        blocks = inner(statement)
        if blocks:
            before = self.again
            self.again = before or any(call.sweep == "reverse" for call in calls_in(statement))
            for inside in blocks:
                self.visit(inside, depth)
            self.again = before

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

    def extends(self, store: Store, pending: dict[Value, Pending], most: int) -> bool:
        """Is ``x_bar = a; x_bar += b`` as readable as ``x_bar = a + b``?"""
        call = store.call
        first = call.args[0]
        info = pending.get(first) if isinstance(first, Value) else None
        if not isinstance(first, Value) or info is None or not self.takes_in(call, first, info):
            return False
        others = [pending[v] for v in values_in(call.args[1]) if v in pending]
        width = expression_width(call, call.args) + sum(other.width for other in (info, *others))
        return info.calls + sum(other.calls for other in others) <= SUMMED and width <= most

    def takes_in(self, call: Call, value: Value, info: Pending) -> bool:
        """Is the call a sum of cotangents that goes on with a value of the same name?"""
        is_sum = call.fn in (operator.add, operator.sub) and call.sweep == info.call.sweep == "reverse"
        return is_sum and call.args[0] is value and call.out.hint == value.hint

    def settled(self, store: Statement, define: Statement) -> Statement:
        """The definition that may stand for a sum in place, where the sum has taken in what it was to be added to."""
        if not isinstance(define, Define) or define.call.args[0] not in self.inline:
            return store
        if store in self.quiet:
            self.quiet.add(define)
        return define

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
        if isinstance(statement, Define) and self.takes_in(statement.call, value, info):
            return True
        if info.calls <= FEW and self.is_again(statement, info.call):
            return True
        if not value.hint or (info.call.sweep in DERIVED and not value.hint.endswith(("_bar", "_dot"))):
            return True  # the other names of a reverse sweep are those that rules use
        return info.call.sweep in DERIVED and info.calls <= FEW

    def is_again(self, statement: Statement, call: Call) -> bool:
        """Is it the primal's, but not where the user wrote it: of a function that is called, or computed again?"""
        if call.sweep in DERIVED or not isinstance(statement, (Define, Store)):
            return False
        is_called = call.span is not None and call.span.within is not None
        return self.again or (is_called and statement.call.sweep == "reverse")

    # Definitions

    def may_move(self, call: Call) -> bool:
        """May a definition move at all?"""
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


_NONE = Call(operator.pos, (), {}, Value())


def _keeps_its_line(call: Call) -> bool:
    name = getattr(call.fn, "__name__", "")
    return call.fn is list or name in ("raise_error", "raise_from", "check_length", "check_trips")
