"""Which variables surely hold immutable scalars: ``a += b`` gives such a name a new value and changes no object.

A function such as `np.where` or `np.broadcast_to` makes an array of rank 0 from numbers. That is a number in every
respect but one: ``+=`` changes it in place, for everybody who has it.
"""

from __future__ import annotations

import operator

import numpy as np

from srcgrad.codegen.operators import INFIX, PREFIX, known
from srcgrad.codegen.statements import Define, Move, Repeat, Statement, Store, inner
from srcgrad.ir.core import Call, Func, Operand, Range, Value, values_in
from srcgrad.ir.types import Arr, Num

__all__ = ["surely_scalar"]

# Their results are scalars whenever they are numbers.
REDUCTIONS = {np.sum, np.mean, np.prod, np.max, np.min, np.std, np.var, np.dot, np.vdot, np.inner, np.trace, np.size,
              np.ndim, len, float, int, bool, complex, abs, sum, min, max, round, pow, np.argmax, np.argmin,
              np.median, np.linalg.norm, np.linalg.det}  # fmt: skip


def surely_scalar(func: Func, statements: list[Statement], inline: dict[Value, Call]) -> set[Value]:
    """The variables that hold Python numbers or NumPy scalars, never arrays of rank 0."""
    finder = _Finder(inline)
    finder.look(statements)
    numbers = {value for value in finder.sources if isinstance(value.type, Num)}
    numbers |= {param for param in func.params if isinstance(param.type, Num)}
    while True:
        lost = {value for value in numbers if not finder.always_scalar(value, numbers)}
        if not lost:
            return numbers
        numbers -= lost


class _Finder:
    def __init__(self, inline: dict[Value, Call]) -> None:
        self.inline = inline
        self.sources: dict[Value, list[Call | Operand]] = {}

    def look(self, statements: list[Statement]) -> None:
        """Collect what each variable is assigned."""
        for statement in statements:
            match statement:
                case Define(call) | Store(call):
                    self.sources.setdefault(call.out, []).append(call)
                case Move(pairs):
                    for target, source in pairs:
                        self.sources.setdefault(target, []).append(source)
                case Repeat(sources, targets):
                    for source, target in zip(sources, targets, strict=True):
                        for value in values_in(target):
                            self.sources.setdefault(value, []).append(0 if isinstance(source, Range) else None)
            for inside in inner(statement):
                self.look(inside)

    def always_scalar(self, value: Value, numbers: set[Value]) -> bool:
        """Is everything that the variable is assigned a scalar?"""
        return all(self.is_scalar(source, numbers) for source in self.sources.get(value, []))

    def is_scalar(self, source: Call | Operand, numbers: set[Value]) -> bool:
        """Is what is assigned a scalar, given the variables that may be?"""
        if isinstance(source, Value):
            call = self.inline.get(source)
            return source in numbers if call is None else self.is_scalar(call, numbers)
        if not isinstance(source, Call):
            return isinstance(source, (int, float, complex, np.generic))
        fn = source.fn
        if fn is operator.getitem:
            index = source.args[1] if isinstance(source.args[1], tuple) else source.args[1:]
            is_array = isinstance(source.args[0], Value) and isinstance(source.args[0].type, Arr)
            return is_array and not any(part is Ellipsis for part in index)  # `x[0, ...]` is an array of rank 0
        if isinstance(fn, np.ufunc) or known(fn, INFIX) or known(fn, PREFIX) or known(fn, REDUCTIONS):
            return "out" not in source.kwargs
        return getattr(fn, "__module__", "") in ("math", "cmath")
