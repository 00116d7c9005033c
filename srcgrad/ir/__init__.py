"""The intermediate representation: the language, its text, its verifier, and going through it."""

from srcgrad.ir.core import (
    ABSENT,
    BREAK,
    EXHAUSTED,
    GO,
    RETURN,
    Block,
    Call,
    Func,
    If,
    Items,
    Leaf,
    Loop,
    Op,
    Operand,
    Range,
    Source,
    Value,
)
from srcgrad.ir.parse import parse
from srcgrad.ir.same import same_func
from srcgrad.ir.text import print_func
from srcgrad.ir.verify import VerificationError, verify

Func.printer = print_func
Func.comparison = same_func

__all__ = ["ABSENT", "BREAK", "EXHAUSTED", "GO", "RETURN", "Block", "Call", "Func", "If", "Items", "Leaf", "Loop",
           "Op", "Operand", "Range", "Source", "Value", "VerificationError", "parse", "print_func", "same_func",
           "verify"]  # fmt: skip
