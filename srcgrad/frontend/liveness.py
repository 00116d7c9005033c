"""Which local names may still be read after a statement: keeps what cannot matter out of joins and loops."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Names = frozenset[str]
NOTHING: Names = frozenset()


@dataclass
class Liveness:
    """`after`: live once the statement is done. `head`: live at the start of each trip of a loop. By node identity."""

    after: dict[int, Names] = field(default_factory=dict)
    head: dict[int, Names] = field(default_factory=dict)
    always: Names = NOTHING  # read by nested functions, which may run at any time
    loops: list[tuple[Names, Names]] = field(default_factory=list)  # live at break, at continue

    def block(self, statements: list[Any], out: Names) -> Names:
        """Live before the statements, given what is live after them."""
        for statement in reversed(statements):
            self.after[id(statement)] = out | self.always
            out = self.statement(statement, out)
        return out

    def statement(self, node: Any, out: Names) -> Names:
        """Live before one statement."""
        match type(node).__name__:
            case "If":
                return reads(node.test) | self.block(node.body, out) | self.block(node.orelse, out)
            case "For" | "While":
                return self.loop(node, out)
            case "Return":
                return reads(node.value)
            case "Break":
                return self.loops[-1][0]
            case "Continue":
                return self.loops[-1][1]
            case "Assign" | "AnnAssign":
                targets = node.targets if hasattr(node, "targets") else [node.target]
                stored = frozenset().union(*(writes(target) for target in targets))
                return (out - stored) | reads(node)
            case "AugAssign":
                return out | reads(node) | writes(node.target)
        return out | reads(node)

    def loop(self, node: Any, out: Names) -> Names:
        """Two passes around the body are enough: names only ever join the set."""
        after = self.block(node.orelse, out) | out  # where paths of the body meet, one may be that of a break
        is_for = type(node).__name__ == "For"
        bound = writes(node.target) if is_for else NOTHING
        head = after if is_for else after | reads(node.test)
        for _ in range(2):
            self.loops.append((out, head))
            head = head | (self.block(node.body, head) - bound)
            self.loops.pop()
        self.head[id(node)] = head | self.always
        return head | reads(node.iter) if is_for else head


def reads(node: Any) -> Names:
    """Names loaded anywhere below a node."""
    if node is None:
        return NOTHING
    return frozenset(_names(node, "Load"))


def writes(node: Any) -> Names:
    """Names stored anywhere below a node."""
    return frozenset(_names(node, "Store"))


def _names(node: Any, use: str) -> Iterator[str]:
    below: Any
    for below in ast.walk(node):
        if type(below).__name__ == "Name" and type(below.ctx).__name__ == use:
            yield below.id


def analyse(function: Any) -> Liveness:
    """The liveness of a function's body."""
    nested = ("FunctionDef", "Lambda", "GeneratorExp")
    inner = [n for n in ast.walk(function) if type(n).__name__ in nested and n is not function]
    result = Liveness(always=frozenset().union(*(reads(n) for n in inner)))
    if isinstance(function.body, list):
        result.block(function.body, NOTHING)
    return result
