"""srcgrad with statements that it is made to refuse at random, so that they become islands."""

from __future__ import annotations

import random
from typing import Any

import srcgrad
from srcgrad.frontend import lower

SHARE = 0.15  # of the statements
NEVER = ("FunctionDef", "Pass", "Break", "Continue", "Global", "Nonlocal")


class Refusing(lower.Interpreter):
    """Refuses some statements of the user's functions, always the same ones."""

    def statement(self, node: Any) -> Any:
        """Interpret a statement, unless it is one of those."""
        own = self.fixed_span or self.frame.silent or (self.frame.source.fn.__module__ or "").startswith("srcgrad")
        if not own and type(node).__name__ not in NEVER:
            place = (self.frame.source.fn.__code__.co_name, node.lineno, node.col_offset)
            if random.Random(str(place)).random() < SHARE:
                raise self.unsupported("refused at random", "")
        return super().statement(node)


class Islands:
    """srcgrad, where an interpreter that refuses some statements has taken the place of its own."""

    def __init__(self) -> None:
        lower.Interpreter = Refusing  # type: ignore[misc]

    def grad(self, f: Any, argnums: Any) -> Any:
        return srcgrad.grad(f, argnums, fallback="silent", unused="zero")

    def value_and_grad(self, f: Any, argnums: Any) -> Any:
        return srcgrad.value_and_grad(f, argnums, fallback="silent", unused="zero")

    def traced(self, f: Any, argnums: Any) -> Any:
        """The same by the tracer."""
        return srcgrad.value_and_grad(f, argnums, mode="trace", unused="zero")

    def jvp(self, f: Any, args: Any, tangents: Any) -> Any:
        return srcgrad.jvp(f, args, tangents)

    def vjp(self, f: Any, *args: Any, argnums: Any) -> Any:
        return srcgrad.vjp(f, *args, argnums=argnums)
