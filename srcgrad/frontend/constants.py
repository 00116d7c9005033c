"""When two operands are the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.ir.core import Operand, Value

PLAIN = (int, float, complex, str, bool, np.generic, type(None))


def same_constant(x: Any, y: Any) -> bool:
    """The same constant: same type and value, arrays and objects by identity."""
    if x is y:
        return True
    if type(x) is not type(y) or isinstance(x, np.ndarray):
        return False
    if isinstance(x, (tuple, list)):
        return len(x) == len(y) and all(same_constant(p, q) for p, q in zip(x, y, strict=True))
    if isinstance(x, PLAIN):
        return repr(x) == repr(y)
    return False


def operand_key(operand: Operand) -> Any:
    """A key under which equal operands meet."""
    return id(operand) if isinstance(operand, Value) else (type(operand), repr(operand))
