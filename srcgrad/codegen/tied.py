"""Generated lines beside the lines of the primal they stem from, for people who read both."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from srcgrad.codegen import numpy as numpy_code
from srcgrad.errors import Span
from srcgrad.ir.core import Call, Func, If, Loop
from srcgrad.ir.walk import walk

__all__ = ["tie"]

TURN = "# reverse sweep"
Place = tuple[str, int]  # file and line


def tie(func: Func) -> list[tuple[str, Span | None]]:
    """The lines of the default emitter, each with its place in the primal, None where nothing tells.

    A line is tied by the comment above its group; by the name it assigns, where all of this name stems from one line or
    is assigned as often as the program makes it; or, for an unnamed intermediate, with the line it is computed for.
    The emitter does not say which is which, so this is a guide for readers and nothing to compute with.
    """
    lines = numpy_code.emit(func, {}).splitlines()
    main = [node for node in ast.parse("\n".join(lines)).body if isinstance(node, ast.FunctionDef)][-1]
    spans = _Tie(func, lines).spans(main)
    return [(line, spans.get(number)) for number, line in enumerate(lines, 1)]


class _Tie:
    """Finds the places of the statements of one function."""

    def __init__(self, func: Func, lines: list[str]) -> None:
        self.lines = lines
        self.turn = next((k for k, line in enumerate(lines, 1) if line.strip() == TURN), len(lines) + 1)
        self.by_name: dict[tuple[bool, str], list[Span]] = {}
        self.by_text: dict[str, dict[Place, Span]] = {}
        heads: dict[str, dict[Place, Span]] = {}
        for op in walk(func.block):
            if op.span is not None:
                self.by_text.setdefault(op.span.text.strip(), {})[_place(op.span)] = op.span
                if isinstance(op, Call):
                    key = op.sweep == "reverse", op.out.hint
                    self.by_name.setdefault(key, []).append(op.span)
                else:
                    heads.setdefault(_head_of(op), {})[_place(op.span)] = op.span
        self.heads = heads
        self.in_order: dict[int, Span] = {}

    def spans(self, main: ast.FunctionDef) -> dict[int, Span]:
        """The place of each line that has one."""
        self.in_order = self.pairs(main)
        return dict(self.block(main.body))

    def pairs(self, main: ast.FunctionDef) -> dict[int, Span]:
        """The places of statements that assign one name as often as the program has values of this name, in order."""
        found: dict[tuple[bool, str], list[int]] = {}
        for node in _statements(main.body):
            name = _target(node)
            for hint in _hints(name)[-1:] if name is not None else ():
                found.setdefault((self.is_reverse(node), hint), []).append(node.lineno)
        return {number: span for key, numbers in found.items() if len(numbers) == len(self.by_name.get(key, ()))
                for number, span in zip(numbers, self.by_name[key], strict=True)}  # fmt: skip

    def block(self, body: list[ast.stmt]) -> Iterator[tuple[int, Span]]:
        """The statements of a block; an unnamed intermediate goes with the next statement of its sweep."""
        found = [self.statement(node) for node in body]
        comment: Span | None = None
        for k, node in enumerate(body):
            comment = self.comment(node) or (comment if _is_simple(node) and node.lineno != self.turn + 1 else None)
            span = (comment if self.is_reverse(node) else None) or found[k] or self.next_of(body, found, k)
            if span is not None:
                last = (node.end_lineno or node.lineno) if _is_simple(node) else node.lineno
                yield from ((number, span) for number in range(node.lineno, last + 1))
            for inner in _blocks(node):
                yield from self.block(inner)

    def next_of(self, body: list[ast.stmt], found: list[Span | None], k: int) -> Span | None:
        """The place of the next simple statement, for one that assigns a name srcgrad made."""
        if not isinstance(body[k], ast.Assign) or (name := _target(body[k])) is None or self.is_users(name):
            return None
        for node, span in zip(body[k + 1 :], found[k + 1 :], strict=True):
            if not _is_simple(node) or self.is_reverse(node) != self.is_reverse(body[k]) or self.comment(node):
                return None
            if span is not None:
                return span
        return None

    def is_users(self, name: str) -> bool:
        return any((sweep, hint) in self.by_name for sweep in (True, False) for hint in _hints(name))

    def is_reverse(self, node: ast.stmt) -> bool:
        return node.lineno > self.turn

    def statement(self, node: ast.stmt) -> Span | None:
        """The only place in question for a statement."""
        same = self.by_text.get(self.lines[node.lineno - 1].strip(), {})
        if same and not self.is_reverse(node):
            return _only(same)
        if isinstance(node, (ast.For, ast.While, ast.If)):
            return _only(self.heads.get(type(node).__name__, {})) if not self.is_reverse(node) else None
        name = _target(node)
        for hint in _hints(name) if name is not None else ():
            if spans := self.by_name.get((self.is_reverse(node), hint)):
                return _only({_place(span): span for span in spans}) or self.in_order.get(node.lineno)
        return None

    def comment(self, node: ast.stmt) -> Span | None:
        """What the comment right above a statement quotes."""
        above = self.lines[node.lineno - 2].strip()
        return _only(self.by_text.get(above[2:], {})) if above.startswith("# ") and above != TURN else None


def _place(span: Span) -> Place:
    return span.file, span.line


def _only(places: dict[Place, Span]) -> Span | None:
    return next(iter(places.values())) if len(places) == 1 else None


def _head_of(op: Loop | If) -> str:
    if isinstance(op, If):
        return "If"
    return "For" if op.sources else "While"


def _target(node: ast.stmt) -> str | None:
    """The variable that a statement assigns or writes into."""
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    while isinstance(target, (ast.Subscript, ast.Attribute)):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def _hints(name: str) -> tuple[str, str]:
    """What a variable may be called in the IR: its name, or that without the number that tells it from another."""
    return name, re.sub(r"_\d+$", "", name)


def _is_simple(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr, ast.Return))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        for inner in _blocks(node):
            yield from _statements(inner)


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse"):
        inner = getattr(node, field, None)
        if inner:
            yield inner
