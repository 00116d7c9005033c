"""The values that a loop starts from in one line, as far as they are short: ``x_bar, a_bar = 2 * x, 0.0``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from srcgrad.codegen.effects import PURE, weight
from srcgrad.codegen.statements import Define, Move, Repeat, Statement
from srcgrad.codegen.tied import Line
from srcgrad.ir.core import values_in

__all__ = ["beginnings", "joined"]

MOST = 3  # values in one line
SHORT = 24  # columns of one of them
COLUMNS = 80  # of such a line

NAME = re.compile(r"[^\W\d]\w*")
ASSIGNMENT = re.compile(r"(\w+) = (.+)")


def beginnings(statements: list[Statement]) -> dict[int, int]:
    """Where what a loop starts from begins, and where the loop is, for the loops among some statements."""
    found = {}
    for end, statement in enumerate(statements):
        if isinstance(statement, Repeat):
            start = _start(statements, end)
            if start < end:
                found[start] = end
    return found


def _start(statements: list[Statement], end: int) -> int:
    """The first of the statements right before a loop that only make what it starts from."""
    first = end - 1
    moves = statements[first] if first >= 0 else None
    if not isinstance(moves, Move):
        return end
    sources = {value for _, source in moves.pairs for value in values_in(source)}
    while first > 0:
        before = statements[first - 1]
        if not isinstance(before, Define) or before.call.out not in sources or weight(before.call) != PURE:
            break
        first -= 1
    return first


def joined(lines: list[Line]) -> list[Line]:
    """Short assignments in a row as few, where none reads what another assigns."""
    runs: list[list[Line]] = []
    for line in lines:
        if runs and _fits(line, runs[-1]):
            runs[-1].append(line)
        else:
            runs.append([line])
    return [_one(group) if len(group) > 1 else group[0] for run in runs for group in _parts(run)]


def _fits(line: Line, run: list[Line]) -> bool:
    """Is it, with those before it, a short assignment that reads nothing they assign?"""
    found = list(_assignments([*run, line]))
    if len(found) <= len(run):
        return False
    names = [name for name, _ in found]
    short = all(len(value) <= SHORT for _, value in found)
    return short and len(set(names)) == len(names) and not set(NAME.findall(found[-1][1])).intersection(names[:-1])


def _parts(run: list[Line]) -> list[list[Line]]:
    """Equal parts of a run, each of which fits into a line."""
    for size in range(min(MOST, len(run)), 1, -1):
        count = -(-len(run) // size)
        size = -(-len(run) // count)
        parts = [run[k : k + size] for k in range(0, len(run), size)]
        if all(sum(len(line.text) + 1 for line in part) <= COLUMNS for part in parts):
            return parts
    return [[line] for line in run]


def _assignments(lines: list[Line]) -> Iterator[tuple[str, str]]:
    """Name and value of the lines that are plain assignments."""
    for line in lines:
        found = ASSIGNMENT.fullmatch(line.text)
        if found is not None:
            yield found[1], found[2]


def _one(group: list[Line]) -> Line:
    """A line for several, which keeps the place of each."""
    names, values = zip(*_assignments(group), strict=True)
    parts = [(value, line.span) for value, line in zip(values, group, strict=True)]
    nested = [part for line in group for part in line.parts]
    text = f"{', '.join(names)} = {', '.join(values)}"
    span = next((line.span for line in group if line.span is not None), None)
    return Line(text, span, (*nested, *parts), any(line.reverse for line in group))
