"""What is known of the layout of arrays in memory: decides whether a reshape shares memory with what it reshapes."""

from __future__ import annotations

import operator
from itertools import pairwise
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.values import Abstract, Const, Ref, Steps
from srcgrad.ir.core import Operand
from srcgrad.ir.types import PY_INT, Arr, Type, dtype_kind
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


MAX_PIECES = 16

# What a result is to the memory of what it is made from.
NEW, SAME, VIEW, MAYBE = "new", "the same array", "a view", "maybe a view"


def relation(rule: Rule, fn: Any, base: Ref, kind: Type, operands: list[Operand]) -> str:
    """`NEW`, `SAME`, `VIEW` or `MAYBE`; `operands` are all arguments by position."""
    decide = DECIDED.get(fn)
    if decide is not None:
        decided: str = decide(base, kind, operands)
        return decided
    if rule.view is True or keeps_memory(base, fn, operands):
        return VIEW
    return NEW if rule.view is False else MAYBE


def _converted(base: Ref, kind: Type, operands: list[Operand]) -> str:
    """``asarray`` and the like: the array itself where nothing has to be converted."""
    if not isinstance(kind, Arr):
        return MAYBE
    dtype = operands[1] if len(operands) > 1 else None
    order = operands[2] if len(operands) > 2 else None
    if dtype is not None and kind.dtype is not None and _dtype(dtype) not in (None, kind.dtype):
        return NEW
    same = dtype is None or (kind.dtype is not None and _dtype(dtype) == kind.dtype)
    return SAME if same and order in (None, "K", "A") else MAYBE


def _dtype(operand: Operand) -> np.dtype[Any] | None:
    try:
        return np.dtype(operand)
    except TypeError:
        return None


def _cast(base: Ref, kind: Type, operands: list[Operand]) -> str:
    """``astype``: a copy, unless ``copy=False``."""
    copy = operands[5] if len(operands) > 5 else True
    return NEW if copy is True else _converted(base, kind, operands[:3])


def _in_order(base: Ref, kind: Type, operands: list[Operand]) -> str:
    """``ascontiguousarray``: the array itself where it is in order already."""
    whole = isinstance(kind, Arr) and kind.ndim != 0 and base.storage.contiguous and is_whole_block(base.steps)
    return SAME if whole and len(operands) == 1 else MAYBE


def _real(base: Ref, kind: Type, operands: list[Operand]) -> str:
    if not isinstance(kind, Arr) or kind.dtype is None:
        return MAYBE
    return VIEW if dtype_kind(kind.dtype) == "complex" else SAME


def _imag(base: Ref, kind: Type, operands: list[Operand]) -> str:
    if not isinstance(kind, Arr) or kind.dtype is None:
        return MAYBE
    return VIEW if dtype_kind(kind.dtype) == "complex" else NEW


def _diag(base: Ref, kind: Type, operands: list[Operand]) -> str:
    """A diagonal is a view, a diagonal matrix is not."""
    if not isinstance(kind, Arr) or kind.ndim is None:
        return MAYBE
    return VIEW if kind.ndim == 2 else NEW


DECIDED: dict[Any, Any] = {
    np.asarray: _converted, np.asanyarray: _converted, runtime.as_type: _cast, np.ascontiguousarray: _in_order,
    np.real: _real, np.imag: _imag, np.diag: _diag,
}  # fmt: skip

# Views that NumPy gives for reading only.
READ_ONLY = (np.broadcast_to, np.broadcast_arrays, np.diagonal, np.diag, np.lib.stride_tricks.sliding_window_view)


def einsum_views(args: list[Abstract]) -> bool:
    """May ``np.einsum`` of these give a view: of one array, no axis summed?"""
    if len(args) != 2 or not isinstance(args[0], Const) or not isinstance(args[0].value, str):
        return len(args) == 2
    before, arrow, after = args[0].value.replace(" ", "").partition("->")
    return not arrow or set(before) == set(after)


def split_slices(ctx: Context, fn: Any, operands: list[Operand]) -> list[Operand] | None:
    """The pieces of ``np.split`` along a known axis as slices; None where they are not known."""
    axis = operands[2] if len(operands) > 2 else 0
    sections = operands[1] if len(operands) > 1 else None
    if fn is not np.split or type(axis) is not int or axis < 0:
        return None
    before = (slice(None),) * axis
    if isinstance(sections, (list, tuple)) and all(type(at) is int for at in sections):
        ends = [None, *sections, None]
        return [(*before, slice(*pair)) for pair in pairwise(ends)]
    if type(sections) is not int or not 0 < sections <= MAX_PIECES:
        return None
    shape = ctx.emit(np.shape, operands[0], style="attribute", must=False)
    length = ctx.emit(operator.getitem, shape, axis, type_=PY_INT, must=False)
    step = ctx.emit(operator.floordiv, length, sections, type_=PY_INT, must=False)
    ends = [0, *(ctx.emit(operator.mul, step, k, type_=PY_INT, must=False) for k in range(1, sections)), length]
    return [(*before, slice(*pair)) for pair in pairwise(ends)]
