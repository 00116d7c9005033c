"""What a code object is apart from where it stands: bytecode compared, nested code walked, source ranges read."""

from __future__ import annotations
import __future__

import functools
import operator
import types
from collections.abc import Hashable, Iterator
from typing import Any, TypeAlias

Range: TypeAlias = tuple[int | None, int | None, int | None, int | None]

# The bits of `co_flags` that a ``from __future__ import`` sets. The two oldest features share bits with other flags.
FUTURE: int = functools.reduce(
    operator.or_,
    (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names[2:]),
)


def future_flags(code: types.CodeType) -> int:
    """The ``from __future__`` features `code` was compiled with, as `compile` wants them."""
    return code.co_flags & FUTURE


def nested(code: types.CodeType) -> Iterator[types.CodeType]:
    """Every code object inside `code`, at any depth, outer before inner."""
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield const
            yield from nested(const)


def fingerprint(code: types.CodeType) -> Hashable:
    """Equal for two code objects exactly if they run the same, wherever they stand."""
    return (
        code.co_code,
        code.co_exceptiontable,
        code.co_flags,
        code.co_name,
        (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
        (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars),
        tuple(map(_constant, code.co_consts)),
    )


def ranges(code: types.CodeType) -> set[Range]:
    """The source ranges (line, column, end line, end column) of the instructions that have columns."""
    found = {(line, col, end_line, end_col) for line, end_line, col, end_col in code.co_positions()}
    return {place for place in found if None not in place}


def _constant(const: Any) -> Hashable:
    """`const` such that equal means the same constant: 1, 1.0 and True differ, so do 0.0 and -0.0; nan is nan."""
    if isinstance(const, types.CodeType):
        return fingerprint(const)
    if isinstance(const, tuple):
        return tuple(map(_constant, const))
    if isinstance(const, frozenset):
        return frozenset(map(_constant, const))
    return type(const), repr(const)
