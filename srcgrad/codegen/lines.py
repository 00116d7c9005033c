"""Statements as lines of text, each with its place in the primal."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.codegen.beginnings import beginnings, joined
from srcgrad.codegen.comments import TURN, headings, lines_of_groups
from srcgrad.codegen.effects import ACTS, weight
from srcgrad.codegen.expressions import Expressions
from srcgrad.codegen.moves import ordered
from srcgrad.codegen.operators import COMPARE, INFIX, NOT, OPPOSITES, known
from srcgrad.codegen.quiet import calls_in
from srcgrad.codegen.ranges import Ranges
from srcgrad.codegen.statements import (
    Branch,
    Define,
    Give,
    Leave,
    Move,
    Repeat,
    Statement,
    Store,
    inner,
    operands,
)
from srcgrad.codegen.tidy import is_part
from srcgrad.codegen.tied import Line, same_place
from srcgrad.codegen.wrap import wrap
from srcgrad.codegen.writes import write_line
from srcgrad.errors import Span
from srcgrad.ir.core import Call, Operand, Range, Source, Value, values_in
from srcgrad.ir.types import Tup

__all__ = ["Lines"]

MOST_ASSIGNED = 2  # in the head of a `while`
MOST_COLUMNS = 80  # of such a head


class Lines:
    """Prints the statements of one function; floating-point warnings are off in those that are `quiet`."""

    def __init__(self, expressions: Expressions, ranges: Ranges, scalars: set[Value],
                 quiet: Set[Statement] = frozenset()) -> None:  # fmt: skip
        self.quiet = quiet
        self.expressions, self.ranges, self.scalars = expressions, ranges, scalars
        self.comments: dict[Statement, list[str]] = {}
        self.waiting: list[Line] = []
        self.uses: Counter[Value] = Counter()
        self.is_draft = False  # no line needs its place

    def comment(self, statements: list[Statement]) -> None:
        """Put comments above the statements that start something."""
        for found in (headings(statements, self.expressions.inline), lines_of_groups(statements)):
            for statement, text in found.items():
                self.comments.setdefault(statement, []).append(text)

    def refer(self, statements: list[Statement]) -> None:
        """Enter everything foreign into the namespace, by printing once with names that are not final."""
        self.count(statements)
        variables = self.ranges.variables
        self.expressions.names = {value: f"v{k}" for k, value in enumerate(variables)}
        self.is_draft = True
        self.body(statements)
        self.is_draft = False

    def count(self, statements: list[Statement]) -> None:
        """Count the reads of every variable."""
        for statement in statements:
            for value in self.ranges.members(self.ranges.reads(operands(statement))):
                self.uses[value] += 1
            for inside in inner(statement):
                self.count(inside)

    def head(self, name: str, params: list[str], doc: str) -> list[Line]:
        """The line with ``def``, and the docstring."""
        line = f"def {name}({', '.join(params)}):"
        return [Line(text) for text in (*wrap(line), *([f"    {doc.strip()!r}"] if doc.strip() else []))]

    def body(self, statements: list[Statement]) -> list[Line]:
        """The lines of a function's statements, one level deeper than its head."""
        lines = self.sequence([statement for statement in statements if statement not in self.quiet])
        if lines and any(call.fn is runtime.set_errors for statement in statements for call in calls_in(statement)):
            errstate = self.expressions.references.of(np.errstate)
            lines = [Line(f"with {errstate}():"), *indented(lines)]  # the settings end here, also by an exception
        lines += self.quietly([statement for statement in statements if statement in self.quiet])
        if self.is_draft:
            return []
        return [line.with_text(text) for line in indented(lines or [Line("pass")]) for text in wrap(line.text)]

    def quietly(self, statements: list[Statement]) -> list[Line]:
        """The lines of statements without floating-point warnings; the comment that heads them is above that."""
        if not statements:
            return []
        comments = self.comments.get(statements[0], [])
        heading = [Line(comments.pop(0))] if comments and comments[0] == TURN else []
        errstate = self.expressions.references.of(np.errstate)
        lines = self.sequence(statements)
        return [*heading, *([Line(f"with {errstate}(all='ignore'):"), *indented(lines)] if lines else [])]

    def sequence(self, statements: list[Statement]) -> list[Line]:
        """The lines of statements in a row; parts of one tuple are taken in one line."""
        lines: list[Line] = []
        starts = beginnings(statements)
        k = 0
        while k < len(statements):
            count, line = self.unpacking(statements, k)
            if k in starts:
                lines += self.beginning(statements[k : starts[k]])
                count = starts[k] - k
            elif count:
                lines += [*self.above(statements[k : k + count]), self.tie(line, statements[k])]
            else:
                lines += self.statement(statements[k])
            k += count or 1
        return lines

    def beginning(self, statements: list[Statement]) -> list[Line]:
        """The lines of what a loop starts from: as few as are readable between the comments."""
        lines: list[Line] = []
        group: list[Line] = []
        for statement in statements:
            above = self.above([statement])
            if above:
                lines += [*joined(group), *above]
                group = []
            group += self.bare(statement)
        return [*lines, *joined(group)]

    def unpacking(self, statements: list[Statement], k: int) -> tuple[int, str]:
        """How many statements from the `k`-th on are one line ``a, b = t``, and that line."""
        first = statements[k]
        maker = first.call if isinstance(first, Define) and not is_part(first.call) else None
        start = k + (maker is not None)
        box = maker.out if maker is not None else _box(first)
        if box is None or not isinstance(box.type, Tup) or box in self.expressions.inline:
            return 0, ""
        end = start
        while end < len(statements) and _box(statements[end]) is box:
            end += 1
        taken = [s for s in statements[start:end] if isinstance(s, Define) and s not in self.ranges.dead]
        places = {s.call.args[1]: self.expressions.names[s.call.out] for s in taken}
        if len(places) < 2 or len(set(places.values())) < len(taken):
            return 0, ""
        if maker is not None and self.uses[box] != end - start:
            return 0, ""
        targets = ", ".join(places.get(i, "_") for i in range(len(box.type.items)))
        value = self.expressions.call(maker)[0] if maker is not None else self.expressions.names[box]
        return end - k, f"{targets} = {value}"

    def above(self, statements: list[Statement]) -> list[Line]:
        """The comments above statements, with those that waited for one."""
        waiting, self.waiting = self.waiting, []
        return [*waiting, *(Line(text) for statement in statements for text in self.comments.get(statement, []))]

    def statement(self, statement: Statement) -> list[Line]:
        """The lines of one statement, with the comments above it."""
        above = self.above([statement])
        lines = self.bare(statement)
        if not lines:  # the comment waits for the next that prints something
            self.waiting = above
            return []
        return [*above, *lines]

    def bare(self, statement: Statement) -> list[Line]:
        """The lines of one statement."""
        match statement:
            case Branch():
                return self.branch(statement)
            case Repeat():
                return self.repeat(statement)
        return [self.tie(text, statement) for text in self.simple(statement)]

    def simple(self, statement: Statement) -> list[str]:
        """The lines of a statement that holds no other."""
        match statement:
            case Define():
                return self.define(statement)
            case Store(call):
                if self.ranges.is_needless(statement):
                    return []
                return [write_line(self.expressions, call), *self.rename(statement)]
            case Move():
                return self.move(statement)
            case Leave(word):
                return [word]
            case Give(operand):
                return [self.give(operand)]
        return []

    # Places

    def tie(self, text: str, statement: Statement) -> Line:
        """A line with the place it stems from: its statement's, else that of the last expression it evaluates."""
        if self.is_draft:
            return Line(text)
        own = getattr(statement, "call", None) or getattr(statement, "span", None)
        nested = list(self.nested(operands(statement)))
        calls = [*nested, own] if isinstance(own, Call) else nested
        spans = [call.span for call in calls if call.span is not None and call.span.file]
        span = own if isinstance(own, Span) else spans[-1] if spans else None
        several = any(not same_place(one, span) for one in spans)
        parts = tuple((self.expressions.call(call)[0], call.span) for call in nested) if several else ()
        return Line(text, span, parts, any(call.sweep == "reverse" for call in calls))

    def nested(self, operand: Operand) -> Iterator[Call]:
        """The calls inside an expression, in the order in which they are evaluated."""
        for value in values_in(operand):
            call = self.expressions.inline.get(value)
            if call is not None:
                yield from self.nested((*call.args, *call.kwargs.values()))
                yield call

    def define(self, statement: Define) -> list[str]:
        """An assignment; the bare expression where only its effect is wanted."""
        call = statement.call
        if call.fn is runtime.raise_error and isinstance(call.args[0], type):
            return [f"raise {self.expressions.call(Call(call.args[0], call.args[1:], call.kwargs, call.out))[0]}"]
        if call.fn is runtime.raise_error and len(call.args) == 1:
            return [f"raise {self.expressions.text(call.args[0])}"]
        if call.fn is runtime.raise_from and isinstance(call.args[1], type):
            error = self.expressions.call(Call(call.args[1], call.args[2:], call.kwargs, call.out))[0]
            return [f"raise {error} from {self.expressions.text(call.args[0])}"]
        if statement in self.ranges.dead:
            return [] if self.ranges.is_needless(statement) else [self.expressions.call(call)[0]]
        return [self.assign(call.out, call)]

    def assign(self, target: Value, call: Call) -> str:
        """``target = call``, or an augmented assignment where that is the same."""
        name = self.expressions.names[target]
        if known(call.fn, INFIX) and INFIX[call.fn][1] > COMPARE and not call.kwargs:
            first = call.args[0]
            plain = isinstance(first, Value) and first not in self.expressions.inline
            if plain and first in self.scalars and self.expressions.names[first] == name:
                return self.augmented(name, call.fn, call.args[1])
        return f"{name} = {self.expressions.call(call)[0]}"

    def augmented(self, name: str, fn: Any, operand: Operand) -> str:
        """``name += operand``."""
        spelled = INFIX[fn][0]
        negated = self.expressions.negated(operand)
        if spelled == "+" and negated is not None:
            spelled, operand = "-", negated
        return f"{name} {spelled}= {self.expressions.text(operand)}"

    def rename(self, statement: Store) -> list[str]:
        """The assignment where what was written goes on under another name."""
        call = statement.call
        target = call.args[0]
        if not isinstance(target, Value) or statement in self.ranges.dead:
            return []
        old, new = self.expressions.names[target], self.expressions.names[call.out]
        return [] if old == new else [f"{new} = {old}"]

    def move(self, statement: Move) -> list[str]:
        """Assignments in an order in which none overwrites what the next reads."""
        names = self.expressions.names
        assignments = []
        for target, source in self.ranges.live_pairs.get(statement, []):
            text = self.source(target, source)
            if text:
                reads = {names[v] for v in self.ranges.members(self.ranges.reads(source))}
                assignments.append((names[target], text, reads))
        lines = []
        for group in ordered(assignments):
            if len(group) == 1:
                lines.append(group[0][1])
            else:
                values = [text.partition(" = ")[2] for _, text, _ in group]
                lines.append(f"{', '.join(name for name, _, _ in group)} = {', '.join(values)}")
        return lines

    def source(self, target: Value, source: Operand) -> str:
        """The assignment of one pair; empty where both have one name."""
        name = self.expressions.names[target]
        call = self.expressions.inline.get(source) if isinstance(source, Value) else None
        if call is not None:
            return self.assign(target, call)
        text = self.expressions.text(source)
        return "" if text == name else f"{name} = {text}"

    def give(self, operand: Operand) -> str:
        """``return``, a tuple without parentheses."""
        if type(operand) is tuple and len(operand) > 1 and not hasattr(operand, "_fields"):
            return f"return {self.expressions.items(operand)}"
        return "return" if operand is None else f"return {self.expressions.text(operand)}"

    # Branches

    def branch(self, branch: Branch) -> list[Line]:
        """``if``, ``elif`` and ``else``; no empty arms."""
        then, orelse = indented(self.sequence(branch.then)), indented(self.sequence(branch.orelse))
        negated = branch.negated
        if not then:
            then, orelse, negated = orelse, then, not negated
        if not then:
            return []
        lines = [self.tie(f"if {self.condition(branch.cond, negated)}:", branch), *then]
        if not orelse:
            return lines
        nested = self.only_branch(orelse)
        return [*lines, *(nested or [Line("else:"), *orelse])]

    def only_branch(self, lines: list[Line]) -> list[Line]:
        """The lines as ``elif``, where they are one branch and nothing else."""
        heads = [line.text for line in lines if not line.text.startswith("     ")]
        if not heads[0].startswith("    if ") or any(not h.startswith(("    elif ", "    else:")) for h in heads[1:]):
            return []
        first, *rest = [line.with_text(line.text[4:]) for line in lines]
        return [first.with_text("el" + first.text), *rest]

    def condition(self, cond: Operand, negated: bool) -> str:
        """A condition, or its negation."""
        if not negated:
            return self.expressions.text(cond)
        call = self.expressions.inline.get(cond) if isinstance(cond, Value) else None
        if call is not None and known(call.fn, OPPOSITES):
            return self.expressions.call(Call(OPPOSITES[call.fn], call.args, {}, call.out))[0]
        if call is not None and call.fn is operator.not_:
            return self.expressions.text(call.args[0])
        return f"not {self.expressions.text(cond, NOT)}"

    # Loops

    def repeat(self, repeat: Repeat) -> list[Line]:
        """A loop."""
        if not repeat.sources:
            return self.while_loop(repeat)
        body = indented(self.sequence(repeat.body) or [Line("pass")])
        targets = [self.target(target, alone=len(repeat.targets) == 1) for target in repeat.targets]
        return [self.tie(f"for {', '.join(targets)} in {self.sources(repeat)}:", repeat), *body]

    def while_loop(self, repeat: Repeat) -> list[Line]:
        """The condition in the head, where the body starts with nothing but what an exit asks for."""
        count = next((k for k, statement in enumerate(repeat.body) if not isinstance(statement, Define)), 0)
        first = repeat.body[count] if repeat.body else None
        if isinstance(first, Branch) and not first.orelse and self.breaks(first.then):
            condition = self.head_condition(repeat.body[:count], first)
            if condition:
                body = self.sequence(repeat.body[count + 1 :]) or [Line("pass")]
                return [self.tie(f"while {condition}:", first), *indented(body)]
        return [self.tie("while True:", repeat), *indented(self.sequence(repeat.body))]

    def breaks(self, statements: list[Statement]) -> bool:
        """Is an exit all that is printed?"""
        return [line.text for line in self.sequence(statements)] == ["break"]

    def head_condition(self, before: list[Statement], first: Branch) -> str:
        """When a loop goes on, what is computed `before` assigned in passing; empty where that is not readable."""
        calls = [s.call for s in before if isinstance(s, Define) and s not in self.ranges.dead]
        if len(calls) < len(before) or len(calls) > MOST_ASSIGNED or any(weight(call) >= ACTS for call in calls):
            return ""
        self.expressions.heads = {call.out: call for call in calls}
        text = self.condition(first.cond, not first.negated)
        left, self.expressions.heads = self.expressions.heads, {}
        ends = [text.find(f"{self.expressions.names[call.out]} := ") for call in calls]
        return "" if left or ends != sorted(ends) or (calls and len(text) > MOST_COLUMNS) else text

    def target(self, target: Operand, alone: bool) -> str:
        """What takes an item: ``_`` where nobody reads it; a tuple in parentheses, unless it is `alone`."""
        if isinstance(target, Value):
            return self.expressions.names[target] if self.ranges.is_needed(target) else "_"
        parts = ", ".join(self.target(part, False) for part in target) + "," * (len(target) == 1)
        return parts if alone else f"({parts})"

    def sources(self, repeat: Repeat) -> str:
        """What a loop walks."""
        counts = repeat.sources[0] if len(repeat.sources) == 1 else None
        target = repeat.targets[0] if repeat.targets else None
        unread = isinstance(target, Value) and not self.ranges.is_needed(target)
        reverse = repeat.reverse and not (isinstance(counts, Range) and unread)
        texts = [self.loop_source(source, reverse) for source in repeat.sources]
        if len(texts) == 1:
            return texts[0]
        return f"{self.expressions.references.of(zip)}({', '.join(texts)})"

    def loop_source(self, source: Source, reverse: bool) -> str:
        """One of the things that a loop walks."""
        if isinstance(source, Range):
            text = f"{self.expressions.references.of(range)}({self.bounds(source)})"
        else:
            text = self.expressions.text(source.value)
        return f"{self.expressions.references.of(reversed)}({text})" if reverse else text

    def bounds(self, source: Range) -> str:
        """The arguments of ``range``."""
        parts: Iterable[Operand] = (source.start, source.stop, source.step)
        if type(source.step) is int and source.step == 1:
            parts = (source.stop,) if type(source.start) is int and source.start == 0 else (source.start, source.stop)
        return self.expressions.items(parts)


def indented(lines: list[Line]) -> list[Line]:
    """The lines, one level deeper."""
    return [line.with_text("    " + line.text) for line in lines]


def _box(statement: Statement) -> Value | None:
    """The tuple that a statement takes a part of."""
    if not isinstance(statement, Define) or not is_part(statement.call):
        return None
    box = statement.call.args[0]
    return box if isinstance(box, Value) else None
