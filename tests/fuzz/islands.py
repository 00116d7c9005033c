"""srcgrad with statements that it is made to refuse at random, so that they become islands."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import srcgrad
from srcgrad.frontend.lower import Interpreter

SHARE = 0.1  # of the statements
NEVER = ("FunctionDef", "Pass", "Break", "Continue", "Global", "Nonlocal")


@contextmanager
def refused_at_random(share: float = SHARE) -> Iterator[None]:
    """Within it some statements of the user's functions are refused, always the same ones."""
    interpret = Interpreter.statement

    def statement(self: Interpreter, node: Any) -> Any:
        module = self.frame.source.fn.__module__ or ""
        if not self.fixed_span and not self.frame.silent and not module.startswith("srcgrad."):
            place = f"{self.frame.source.fn.__code__.co_name} {node.lineno} {node.col_offset}"
            if type(node).__name__ not in NEVER and random.Random(place).random() < share:
                raise self.unsupported("refused at random", "")
        return interpret(self, node)

    with patch.object(Interpreter, "statement", statement):
        yield


class Islands:
    """srcgrad under `refused_at_random`."""

    def grad(self, f: Any, argnums: Any) -> Any:
        return refusing(srcgrad.grad(f, argnums, fallback="silent", unused="zero"))

    def value_and_grad(self, f: Any, argnums: Any) -> Any:
        return refusing(srcgrad.value_and_grad(f, argnums, fallback="silent", unused="zero"))

    def traced(self, f: Any, argnums: Any) -> Any:
        """The same by the tracer."""
        return srcgrad.value_and_grad(f, argnums, mode="trace", unused="zero")

    def jvp(self, f: Any, args: Any, tangents: Any) -> Any:
        return refusing(srcgrad.jvp)(f, args, tangents)

    def vjp(self, f: Any, *args: Any, argnums: Any) -> Any:
        return refusing(srcgrad.vjp)(f, *args, argnums=argnums)


def refusing(fn: Any) -> Any:
    """The function, under `refused_at_random`."""

    def run(*args: Any, **kwargs: Any) -> Any:
        with refused_at_random():
            return fn(*args, **kwargs)

    return run
