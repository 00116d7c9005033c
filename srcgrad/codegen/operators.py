"""How Python spells the functions of `operator`, and how tightly each spelling binds."""

from __future__ import annotations

import operator
from collections.abc import Container
from typing import Any

__all__ = ["ASSIGN", "ATOM", "COMMA", "COMPARE", "INFIX", "MUL", "NOT", "OPPOSITES", "POW", "PREFIX", "UNARY", "known"]

ASSIGN, COMMA, NOT, COMPARE, OR, XOR, AND, SHIFT, ADD, MUL, UNARY, POW, ATOM = range(13)

INFIX: dict[Any, tuple[str, int]] = {
    operator.lt: ("<", COMPARE), operator.le: ("<=", COMPARE), operator.gt: (">", COMPARE),
    operator.ge: (">=", COMPARE), operator.eq: ("==", COMPARE), operator.ne: ("!=", COMPARE),
    operator.is_: ("is", COMPARE), operator.is_not: ("is not", COMPARE),
    operator.or_: ("|", OR), operator.xor: ("^", XOR), operator.and_: ("&", AND),
    operator.lshift: ("<<", SHIFT), operator.rshift: (">>", SHIFT),
    operator.add: ("+", ADD), operator.sub: ("-", ADD),
    operator.mul: ("*", MUL), operator.truediv: ("/", MUL), operator.floordiv: ("//", MUL), operator.mod: ("%", MUL),
    operator.matmul: ("@", MUL), operator.pow: ("**", POW),
}  # fmt: skip

PREFIX: dict[Any, tuple[str, int]] = {
    operator.not_: ("not ", NOT), operator.neg: ("-", UNARY), operator.pos: ("+", UNARY), operator.invert: ("~", UNARY),
}  # fmt: skip

# Negations that hold for all operands: not so for `<` and NaN.
OPPOSITES: dict[Any, Any] = {
    operator.is_: operator.is_not, operator.is_not: operator.is_,
}  # fmt: skip


def known(fn: Any, table: Container[Any]) -> bool:
    """Is a callable in a table? One that cannot be hashed is in none."""
    try:
        return fn in table
    except TypeError:
        return False
