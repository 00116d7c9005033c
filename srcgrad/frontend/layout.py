"""What is known of the layout of arrays in memory: decides whether a reshape shares memory with what it reshapes."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.values import Abstract, Ref, Steps
from srcgrad.ir.core import Operand
from srcgrad.ir.types import Arr
from srcgrad.rules.core import Rule

# Functions whose results are in C order, whatever they are given.
C_ORDER = {np.zeros, np.ones, np.empty, np.full, np.arange, np.linspace, np.eye, np.identity, np.stack,
           operator.matmul, np.matmul, np.outer}  # fmt: skip


def note_layout(ctx: Context, rule: Rule, fn: Any, args: list[Abstract], style: str, made: Ref) -> None:
    """Note whether a new array is certainly contiguous in C order, or will be if the arguments it depends on are."""
    storage = made.storage
    storage.contiguous = always_contiguous(ctx, rule, fn, style, made)
    if storage.contiguous or rule.kind != "elementwise":
        return
    arrays = [arg for arg in args if isinstance(arg, Ref)]
    if all(is_ordered(arg.steps) for arg in arrays):
        storage.contiguous = all(arg.storage.contiguous for arg in arrays)
        storage.unknown_layout = not storage.contiguous and all(
            arg.storage.contiguous or arg.storage.unknown_layout for arg in arrays
        )


def always_contiguous(ctx: Context, rule: Rule, fn: Any, style: str, made: Ref) -> bool:
    """Is the result contiguous in any case?"""
    if rule.view is not False:
        return False
    kind = operand_type(ctx.operand(made))
    return fn in C_ORDER or (isinstance(kind, Arr) and kind.ndim == 1) or (fn is np.copy and style == "method")


def is_ordered(steps: Steps) -> bool:
    """Do the views keep the order of the axes in memory, so that a ufunc's result is in C order?"""
    return all(fn is operator.getitem and all(map(_goes_forward, _parts(args[0]))) for fn, args in steps)


def _goes_forward(part: Operand) -> bool:
    return not isinstance(part, slice) or part.step is None or (isinstance(part.step, int) and part.step > 0)


def is_whole_block(steps: Steps) -> bool:
    """Do the views of a contiguous array give a contiguous one: leading indices, then a slice of one axis at most?"""
    if not steps:
        return True
    if len(steps) > 1 or steps[0][0] is not operator.getitem:
        return False
    parts = list(_parts(steps[0][1][0]))
    while parts and not isinstance(parts[0], slice):
        if parts.pop(0) in (None, Ellipsis):
            return False
    return all(part.step in (None, 1) and (k == 0 or _is_full(part)) for k, part in enumerate(parts)
               if isinstance(part, slice)) and all(isinstance(part, slice) for part in parts)  # fmt: skip


def _is_full(part: slice) -> bool:
    return part.start in (None, 0) and part.stop is None


def _parts(index: Operand) -> tuple[Operand, ...]:
    return index if isinstance(index, tuple) else (index,)


def keeps_memory(base: Ref, fn: Any, operands: list[Operand]) -> bool:
    """Is this reshape or ravel certainly a view?"""
    in_c_order = len(operands) == (2 if fn is np.reshape else 1) or operands[-1] in ("C", None)
    return fn in (np.reshape, np.ravel) and in_c_order and base.storage.contiguous and is_whole_block(base.steps)
