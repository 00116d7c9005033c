"""Comments: where a sweep starts, and the line of the primal that a group of the reverse sweep belongs to."""

from __future__ import annotations

from srcgrad.codegen.statements import Branch, Define, Move, Repeat, Statement, Store, inner
from srcgrad.errors import Span
from srcgrad.ir.core import Call, Value

__all__ = ["TURN", "headings", "lines_of_groups"]

TURN = "# reverse sweep"
FEW = 5  # statements of a reverse sweep that need no further comments


def headings(statements: list[Statement], inline: dict[Value, Call]) -> dict[Statement, str]:
    """The comment above a statement of a function where a sweep starts; none where there is one sweep only."""
    sweeps = {statement: _sweep(statement, inline) for statement in statements}
    order = [(statement, sweep) for statement, sweep in sweeps.items() if sweep]
    last_forward = max((k for k, (_, sweep) in enumerate(order) if sweep == "forward"), default=-1)
    first_reverse = next((k for k, (_, sweep) in enumerate(order) if sweep == "reverse"), len(order))
    if last_forward < 0 or first_reverse == len(order) or first_reverse < last_forward:
        return {}
    first = next(statement for statement in statements)
    return {first: "# forward sweep", _start(statements, order[first_reverse][0]): TURN}


def _start(statements: list[Statement], first: Statement) -> Statement:
    """The first of the moves right before a statement: a loop's initial values belong to it."""
    k = next(k for k, statement in enumerate(statements) if statement is first)
    while k > 0 and isinstance(statements[k - 1], Move):
        k -= 1
    return statements[k]


def _sweep(statement: Statement, inline: dict[Value, Call]) -> str:
    if isinstance(statement, (Define, Store)):
        return statement.call.sweep
    if isinstance(statement, Branch) and isinstance(statement.cond, Value) and statement.cond in inline:
        found = inline[statement.cond].sweep
        if found:
            return found
    for inside in inner(statement):
        for one in inside:
            if found := _sweep(one, inline):
                return found
    return ""


def lines_of_groups(statements: list[Statement]) -> dict[Statement, str]:
    """The primal's line above the first of consecutive statements of the reverse sweep that stem from it."""
    if _count(statements) <= FEW:
        return {}
    found: dict[Statement, str] = {}
    _groups(statements, found, None)
    return found if len(set(found.values())) > 1 else {}


def _count(statements: list[Statement]) -> int:
    total = 0
    for statement in statements:
        total += isinstance(statement, (Define, Store)) and statement.call.sweep == "reverse"
        total += sum(map(_count, inner(statement)))
    return total


def _groups(statements: list[Statement], found: dict[Statement, str], current: Span | None) -> None:
    for statement in statements:
        if isinstance(statement, (Define, Store)) and statement.call.sweep == "reverse":
            span = statement.call.span
            if span is not None and (current is None or (span.file, span.line) != (current.file, current.line)):
                current = span
                text = span.text.strip()
                if text and not text.startswith(("def ", "@", "for ", "while ", "class ")):
                    found[statement] = f"# {text}"
        elif isinstance(statement, (Branch, Repeat)):
            for inside in inner(statement):
                _groups(inside, found, None)
            current = None
