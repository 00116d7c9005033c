"""Make a failing program small: delete statements, unwrap blocks, simplify expressions while it still fails alike."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from tests.fuzz.check import Outcome
from tests.fuzz.program import Program
from tests.fuzz.report import anonymous

Fails = Callable[[Program], bool]
Edit = Callable[[], None]
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.Try)


def shrink(program: Program, check: Callable[[Program], Outcome], outcome: Outcome, attempts: int = 600) -> Program:
    """The smallest program found for which `check` gives the same kind and cause, whatever names it mentions."""

    def fails(candidate: Program) -> bool:
        found = check(candidate)
        return (found.kind, anonymous(found.signature)) == (outcome.kind, anonymous(outcome.signature))

    return reduce_while(program, fails, attempts)


def reduce_while(program: Program, fails: Fails, attempts: int = 600) -> Program:
    """Keep each edit after which the program still fails, until none is left or the attempts are used up."""
    position, helped = 0, False
    while attempts > 0:
        candidate = edited(program, position)
        if candidate is None and not helped:
            break
        if candidate is None:
            position, helped = 0, False
        elif candidate.text != program.text and _compiles(candidate.text) and fails(candidate):
            program, helped = candidate, True
        else:
            position += 1
        attempts -= 1
    return program


def edited(program: Program, position: int) -> Program | None:
    """The program after edit number `position` of those that apply to it; None past the last."""
    tree = ast.parse(program.text)
    for number, edit in enumerate(_edits(tree)):
        if number == position:
            edit()
            return replace(program, text=ast.unparse(ast.fix_missing_locations(tree)) + "\n")
    return None


def _compiles(text: str) -> bool:
    try:
        compile(text, "<shrunk>", "exec")
    except SyntaxError:
        return False
    return True


def _edits(tree: ast.Module) -> Iterator[Edit]:
    """All edits of a tree, those that remove most first."""
    blocks = [(node, name) for node in ast.walk(tree) for name in BLOCKS if _is_block(node, name)]
    for node, name in blocks:
        for i in reversed(range(len(getattr(node, name)))):
            yield partial(_delete, node, name, i)
    for node, name in blocks:
        for i, statement in enumerate(getattr(node, name)):
            for arm in BLOCKS:
                if isinstance(statement, _COMPOUND) and getattr(statement, arm, None):
                    yield partial(_unwrap, node, name, i, arm)
    yield from _expression_edits(tree)


def _is_block(node: ast.AST, name: str) -> bool:
    return isinstance(getattr(node, name, None), list) and not isinstance(node, ast.Lambda)


def _delete(node: ast.AST, name: str, position: int) -> None:
    block = getattr(node, name)
    del block[position]
    if not block and name == "body":
        block.append(ast.Pass())


def _unwrap(node: ast.AST, name: str, position: int, arm: str) -> None:
    """A compound statement gives way to one of its blocks."""
    block = getattr(node, name)
    block[position : position + 1] = getattr(block[position], arm)


def _expression_edits(tree: ast.Module) -> Iterator[Edit]:
    """Each operator gives way to one operand, each call to an argument, each ternary to an arm."""
    for parent in ast.walk(tree):
        if isinstance(parent, ast.Raise):  # what is raised stays an exception
            continue
        for name, value in ast.iter_fields(parent):
            if isinstance(value, ast.expr):
                for smaller in _simpler(value):
                    yield partial(setattr, parent, name, smaller)
            elif isinstance(value, list):
                yield from _item_edits(value)


def _item_edits(items: list[ast.AST]) -> Iterator[Edit]:
    for i, item in enumerate(items):
        if isinstance(item, ast.expr):
            for smaller in _simpler(item):
                yield partial(items.__setitem__, i, smaller)


def _simpler(node: ast.expr) -> list[ast.expr]:
    """Expressions that may stand in for `node`."""
    match node:
        case ast.BinOp(left=left, right=right):
            found = [left, right]
        case ast.UnaryOp(operand=operand):
            found = [operand]
        case ast.IfExp(body=then, orelse=other):
            found = [then, other]
        case ast.BoolOp(values=values):
            found = list(values)
        case ast.Call(args=[first, *rest]):
            found = [first, *rest]
        case _:
            found = []
    return [copy.deepcopy(each) for each in found]
