"""A library that differentiates by finite differences: what the fuzzer itself is tried on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests import finite, trees


class Numeric:
    """The interface under test, done numerically; first order, double precision."""

    def grad(self, f: Any, argnums: Any) -> Callable[..., Any]:
        def gradient(*args: Any) -> Any:
            return tuple(finite.gradient(f, args, i)[0] for i in argnums)

        return gradient

    def value_and_grad(self, f: Any, argnums: Any) -> Callable[..., Any]:
        def both(*args: Any) -> Any:
            value = f(*trees.copied(args))
            return value, tuple(finite.gradient(_silent(f), args, i)[0] for i in argnums)

        return both

    def traced(self, f: Any, argnums: Any) -> Callable[..., Any]:
        return self.value_and_grad(f, argnums)

    def jvp(self, f: Any, args: Any, tangents: Any) -> tuple[Any, Any]:
        way = {path: trees.at(tangents, path) for path, _ in trees.leaves(args)}
        return f(*trees.copied(args)), finite.directional(f, args, way).value

    def vjp(self, f: Any, *args: Any, argnums: Any) -> tuple[Any, Callable[[Any], Any]]:
        bars = self.grad(f, argnums)(*args)
        return f(*trees.copied(args)), lambda bar: trees.map_leaves(lambda _, x: bar * x, bars)


def _silent(f: Any) -> Any:
    """The function without what it prints."""
    module = f.__globals__

    def silent(*args: Any) -> Any:
        module["print"] = lambda *_: None
        try:
            return f(*args)
        finally:
            del module["print"]

    return silent
