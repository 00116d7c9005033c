"""The syntax outside the language that is differentiated from source: one table of refusals, and the walk that asks it.

To widen the language, delete a row.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.source import Source


class Refusal(NamedTuple):
    """What is written, why it cannot be read, and what to write instead."""

    what: str
    why: str
    repair: str


_ASYNC = "it runs in steps that other tasks interleave, so there is no one program to reverse"
_PLAIN_DEF = "compute in a plain `def`, and await outside of it"
_CLEANUP = "which statements ran is known only at run time"

OUTSIDE: dict[type[ast.AST], Refusal] = {
    ast.AsyncFunctionDef: Refusal("`async def`", _ASYNC, _PLAIN_DEF),
    ast.AsyncFor: Refusal("`async for`", _ASYNC, _PLAIN_DEF),
    ast.AsyncWith: Refusal("`async with`", _ASYNC, _PLAIN_DEF),
    ast.Await: Refusal("`await`", _ASYNC, _PLAIN_DEF),
    ast.TryStar: Refusal("`try` with `except*`", _CLEANUP, "test for the exceptional case with `if` before it arises"),
}

# Parts of the syntax that compute nothing of what a call returns.
NOT_RUN = frozenset({"annotation", "returns", "type_params"})


def check(source: Source) -> None:
    """Refuse a function that uses syntax outside the language.

    Parameters
    ----------
    source : Source
        The function. Its own decorators, defaults and annotations are not part of it.

    Raises
    ------
    UnsupportedError
        At the first such place in the text, with its exact columns.
    """
    node = source.node
    body = node.body if isinstance(node.body, list) else [node.body]
    outside = [node] if type(node) in OUTSIDE else [bad for part in body for bad in _outside(part)]
    if outside:
        refuse(source, min(outside, key=lambda bad: (bad.lineno, bad.col_offset)))


def refuse(source: Source, node: Any) -> NoReturn:
    """Raise the refusal of a statement or expression."""
    refusal = OUTSIDE[type(node)]
    raise UnsupportedError(
        f"{refusal.what} cannot be differentiated from source",
        span=source.span(node),
        reason=refusal.why,
        repair=refusal.repair,
    )


def _outside(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """What is outside the language in `node`, outer before inner."""
    if type(node) in OUTSIDE and isinstance(node, ast.expr | ast.stmt):
        yield node
    for part in _parts(node):
        yield from _outside(part)


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name not in NOT_RUN:
            yield from (part for part in (value if isinstance(value, list) else [value]) if isinstance(part, ast.AST))
