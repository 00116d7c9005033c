"""Rewrites a function, before it is laid out, into what a person would have written: the same numbers, simpler calls."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.shapes import Dims, dims_of, elementwise_operands, is_elementwise, same_dims, type_of
from srcgrad.codegen.operators import known
from srcgrad.codegen.tidy import tidy
from srcgrad.frontend.context import result_type
from srcgrad.ir.core import Block, Call, Func, Loop, Op, Operand, Value, map_operand, values_in
from srcgrad.ir.same import same_operand
from srcgrad.ir.types import Arr, Axis, Num, dtype_kind, is_one
from srcgrad.ir.walk import blocks_of, replace_values, uses
from srcgrad.passes.dce import dce
from srcgrad.passes.fold import is_sharper
from srcgrad.passes.folding import Facts

__all__ = ["polish"]

CREATORS = (np.zeros_like, np.ones_like, np.zeros, np.ones, np.empty, np.empty_like)
DIVISIONS = (operator.truediv, np.divide)
MAX_DEPTH = 6  # of a product in which constant factors are looked for

Rule = Callable[[Call, "_Facts"], "Operand | None"]
"""Gives the operand that stands for the call from now on, or None; it may change the call in place."""


def polish(func: Func) -> None:
    """Simplify a function in place; its results stay the same up to the rounding of cotangents."""
    tidy(func)
    polisher = _Polisher(func)
    polisher.block(func.block)
    if polisher.changed:
        replace_values(func.block, polisher.known)
        dce(func)
    _part_creators(func)


class _Facts(Facts):
    """Also which lengths are equal, because something that needs them to be has been computed."""

    def __init__(self, func: Func) -> None:
        super().__init__(func)
        self.equal: dict[Axis, Axis] = {}
        self.named: list[Value] = []

    def enter(self, call: Call) -> None:
        """Take note of a call that stays: axes longer than one that were broadcast together are of one length."""
        super().enter(call)
        operands = elementwise_operands(call)
        shapes = [dims for dims in map(dims_of, operands or ()) if dims]
        for first, second in pairwise(shapes):
            for a, b in zip(reversed(first), reversed(second), strict=False):
                if a is not None and b is not None and is_one(a) is False and is_one(b) is False:
                    self.equal[self.length(a)] = self.length(b)

    def note(self, call: Call) -> None:
        """Take note of an array that has a name: its shape is that of others, too."""
        if call.out.hint and isinstance(call.out.type, Arr) and call.out.type.dims:
            self.named.append(call.out)

    def length(self, dim: Axis) -> Axis:
        """What stands for a length."""
        while dim in self.equal and self.equal[dim] != dim:
            dim = self.equal[dim]
        return dim

    def same(self, a: Dims, b: Dims) -> bool:
        """Are two shapes surely equal?"""
        if a is None or b is None:
            return False
        return same_dims(tuple(map(self.length, a)), tuple(map(self.length, b)))


class _Polisher:
    def __init__(self, func: Func) -> None:
        self.facts = _Facts(func)
        self.known: dict[Value, Operand] = {}
        self.sharper: set[Value] = set()  # of which more is known than when their readers were typed
        self.changed = False
        self.kept = {leaf.value for leaf in func.leaves}

    def block(self, block: Block) -> None:
        """Rewrite the calls of a block in order; what is learnt inside an inner block holds there only."""
        for op in block.ops:
            if isinstance(op, Call) and not isinstance(op.fn, Func):
                self.call(op)
            for inner in op.blocks:
                equal, named = dict(self.facts.equal), list(self.facts.named)
                self.block(inner)
                self.facts.equal, self.facts.named = equal, named

    def call(self, call: Call) -> None:
        """Apply every rule to a call."""
        args = map_operand(self.resolve, call.args)
        if any(value in self.known or value in self.sharper for value in values_in(call.args)):
            self.retype(call, args)
        call.args = args
        for rule in RULES:
            before, type_ = (call.fn, call.args), call.out.type
            found = rule(call, self.facts)
            if call.out.type != type_:
                self.sharper.add(call.out)
            self.changed |= (call.fn, call.args) != before
            if found is not None and call.out not in self.kept:
                self.known[call.out] = found
                self.changed = True
                return
        self.facts.enter(call)
        self.facts.note(call)

    def retype(self, call: Call, args: tuple[Operand, ...]) -> None:
        """What is known better of the operands is known better of the result."""
        type_ = result_type(call.fn, args, call.kwargs)
        if type_ != call.out.type and is_sharper(type_, call.out.type):
            call.out.type = type_
            self.sharper.add(call.out)

    def resolve(self, value: Value) -> Operand:
        """What stands for a value."""
        while value in self.known and isinstance(self.known[value], Value):
            value = self.known[value]
        return self.known.get(value, value)


def _is_float(operand: Operand) -> bool:
    type_ = type_of(operand)
    if isinstance(type_, Num):
        return type_.kind in ("float", "complex")
    return isinstance(type_, Arr) and type_.dtype is not None and dtype_kind(type_.dtype) in ("float", "complex")


def twice(call: Call, facts: _Facts) -> Operand | None:
    """``a + a`` is 2 * a in a reverse sweep."""
    if call.fn is operator.add and call.sweep == "reverse" and call.args[0] is call.args[1] and _is_float(call.args[0]):
        call.fn, call.args = operator.mul, (2, call.args[0])
    return None


def factor_first(call: Call, facts: _Facts) -> Operand | None:
    """``x * 2`` is 2 * x in a reverse sweep."""
    if call.fn is operator.mul and call.sweep == "reverse":
        a, b = call.args
        if isinstance(a, Value) and type(b) in (int, float) and _is_float(a):
            call.args = b, a
    return None


def cancel(call: Call, facts: _Facts) -> Operand | None:
    """``0.5 * (2 * x)`` is x in a reverse sweep, and ``a * (0.5 / b) * (2 * x)`` is a / b * x."""
    if call.fn is not operator.mul or call.sweep != "reverse":
        return None
    factors = _constant_factors(call, facts, MAX_DEPTH)
    for k, (one, i) in enumerate(factors):
        for other, j in factors[:k]:
            if one is not other and one.args[i] * other.args[j] == 1 and _is_power_of_two(one.args[i]):
                return _cancelled(call, facts, (one, i), (other, j))
    return None


def _constant_factors(call: Call, facts: _Facts, depth: int) -> list[tuple[Call, int]]:
    """The calls of a product that have a constant factor, and where."""
    found = []
    for k, arg in enumerate(call.args):
        if call.fn in DIVISIONS and k == 1:
            continue
        if type(arg) in (int, float):
            found.append((call, k))
        inner = facts.made.get(arg) if isinstance(arg, Value) and facts.once(arg) else None
        if inner is not None and _is_product(inner) and depth:
            found += _constant_factors(inner, facts, depth - 1)
    return found


def _is_product(call: Call) -> bool:
    return call.fn in (operator.mul, *DIVISIONS) and call.sweep == "reverse" and not call.must and not call.kwargs


def _is_power_of_two(number: float) -> bool:
    return abs(math.frexp(number)[0]) == 0.5


def _cancelled(call: Call, facts: _Facts, *places: tuple[Call, int]) -> Operand | None:
    if not all(_is_float(one.args[1 - i]) and _is_float(one.out) for one, i in places):
        return None
    result: Operand | None = None
    if any(one.fn in DIVISIONS and _is_python(one.args[1]) for one, _ in places):
        return None
    for one, i in places:
        rest = one.args[1 - i]
        if one.fn in DIVISIONS or not _same_type(rest, one.out):
            one.args = 1.0, rest
            _divide_inside(call, facts)
        elif one is call:
            result = rest
        else:
            _replace_argument(call, facts, one.out, rest)
    return result


def _replace_argument(call: Call, facts: _Facts, old: Value, new: Operand) -> None:
    """Read `new` for `old` in a product, however deep."""
    if any(arg is old for arg in call.args):
        call.args = tuple(new if arg is old else arg for arg in call.args)
        return
    for arg in call.args:
        inner = facts.made.get(arg) if isinstance(arg, Value) else None
        if inner is not None and _is_product(inner) and facts.once(arg):
            _replace_argument(inner, facts, old, new)


def _divide_inside(call: Call, facts: _Facts) -> None:
    """Divide by what a factor of a product is the reciprocal of, however deep."""
    for arg in call.args:
        inner = facts.made.get(arg) if isinstance(arg, Value) and facts.once(arg) else None
        if inner is not None and _is_product(inner):
            _divide_inside(inner, facts)
    divide(call, facts)


def _is_python(operand: Operand) -> bool:
    return not _is_numpy(operand)


def _same_type(a: Operand, b: Operand) -> bool:
    return type_of(a) == type_of(b)


def divide(call: Call, facts: _Facts) -> Operand | None:
    """``a * (1 / b)`` is a / b in a reverse sweep, where `b` is NumPy's."""
    if call.fn is not operator.mul or call.sweep != "reverse":
        return None
    for a, b in (call.args, call.args[::-1]):
        made = facts.call(b, operator.truediv) or facts.call(b, np.divide)
        if made is None or made.must or made.kwargs or not facts.once(b) or type(made.args[0]) not in (int, float):
            continue
        if made.args[0] == 1 and _is_numpy(made.args[1]):
            call.fn, call.args = operator.truediv, (a, made.args[1])
            return None
    return None


def _is_numpy(operand: Operand) -> bool:
    type_ = type_of(operand)
    return isinstance(type_, Arr) or (isinstance(type_, Num) and type_.dtype is not None)


def spread(call: Call, facts: _Facts) -> Operand | None:
    """What is broadcast to the shape of another operand is broadcast by the operation itself."""
    if call.kwargs or not (is_elementwise(call.fn) or call.fn is np.where) or len(call.args) < 2:
        return None
    for k, arg in enumerate(call.args):
        made = facts.call(arg, np.broadcast_to)
        if made is None or len(made.args) != 2 or made.kwargs or not _keeps_dtype(made.args[0], made.out):
            continue
        if any(_has_shape(other, made, facts) for other in call.args[:k] + call.args[k + 1 :]):
            new = _without_leading_axis(made.args[0], facts)
            call.args = (*call.args[:k], new, *call.args[k + 1 :])
    return None


def _keeps_dtype(x: Operand, out: Value) -> bool:
    """Python's numbers are weak: only NumPy's, or those of double precision, count like arrays of them."""
    if _is_numpy(x):
        return True
    doubles = isinstance(out.type, Arr) and out.type.dtype in (np.dtype(float), np.dtype(complex))
    return doubles and type(x) in (float, complex)


def _has_shape(other: Operand, made: Call, facts: _Facts) -> bool:
    """Has another operand of the same operation, itself not broadcast, the shape of the result of `made`?"""
    if not isinstance(other, Value) or facts.call(other, np.broadcast_to) is not None:
        return False
    if not isinstance(made.args[0], Value) and not _is_double(other):
        return False
    shape = facts.call(made.args[1], np.shape)
    like = shape.args[0] if shape is not None and isinstance(shape.args[0], Value) else None
    if like is not None and facts.shapes.representative(like) is facts.shapes.representative(other):
        return True
    return facts.same(dims_of(other), dims_of(made.out))


def _is_double(operand: Operand) -> bool:
    type_ = type_of(operand)
    return isinstance(type_, Arr) and type_.dtype in (np.dtype(float), np.dtype(complex), np.dtype(bool))


def _without_leading_axis(x: Operand, facts: _Facts) -> Operand:
    """Broadcasting adds axes in front by itself."""
    made = facts.call(x, operator.getitem)
    if made is None or made.args[1] != (None,) or not dims_of(made.args[0]):
        return x
    return made.args[0]


def stored_spread(call: Call, facts: _Facts) -> Operand | None:
    """What is broadcast in order to be stored is broadcast by the store itself."""
    if call.fn not in (runtime.add_item, runtime.set_item):
        return None
    made = facts.call(call.args[2], np.broadcast_to)
    if made is not None and len(made.args) == 2 and not made.kwargs:
        call.args = (*call.args[:2], _without_leading_axis(made.args[0], facts), *call.args[3:])
    return None


def new_axis(call: Call, facts: _Facts) -> Operand | None:
    """``np.expand_dims(x, 1)`` is ``x[:, None]``."""
    if call.fn is not np.expand_dims or call.kwargs or len(call.args) != 2 or not isinstance(call.args[0], Value):
        return None
    dims, axis = dims_of(call.args[0]), call.args[1]
    if not dims or type(axis) is not int or not 0 <= axis <= 3 or not isinstance(call.args[0].type, Arr):
        return None
    call.fn, call.args = operator.getitem, (call.args[0], (*[slice(None)] * axis, None))
    return None


def needless_sum(call: Call, facts: _Facts) -> Operand | None:
    """Summing to the shape that something has is needless; so is the real part of what is real."""
    x = call.args[0] if call.args else None
    if not isinstance(x, Value) or not isinstance(x.type, Arr) or x.type.dtype is None or call.kwargs:
        return None
    if call.fn is np.real and dtype_kind(x.type.dtype) == "float":
        return x
    if call.fn is runtime.sum_to and _same_shape(x, _shape_owner(call.args[1], facts), facts):
        return x
    return None


def _shape_owner(shape: Operand, facts: _Facts) -> Operand:
    """The array whose shape an operand is."""
    made = facts.call(shape, np.shape)
    if made is not None:
        return made.args[0]
    items = [facts.call(item, operator.getitem) for item in shape] if type(shape) is tuple and shape else []
    owners = {facts.call(item.args[0], np.shape) for item in items if item is not None}
    owner = next(iter(owners)) if len(owners) == 1 else None
    if owner is None or [item.args[1] for item in items if item is not None] != list(range(len(items))):
        return None
    return owner.args[0] if len(dims_of(owner.args[0]) or ()) == len(items) else None


def _same_shape(a: Operand, b: Operand, facts: _Facts, depth: int = MAX_DEPTH) -> bool:
    """Have two arrays surely the same shape: the same items of arrays of one shape, or made item by item of such?"""
    if not isinstance(a, Value) or not isinstance(b, Value) or depth == 0:
        return False
    if facts.shapes.representative(a) is facts.shapes.representative(b) or facts.same(dims_of(a), dims_of(b)):
        return True
    first, second = (facts.made.get(value) for value in (a, b))
    if first is not None and first.fn in (operator.mul, operator.add, operator.sub, operator.neg):
        arrays = [arg for arg in first.args if dims_of(arg) != ()]
        if arrays and all(_same_shape(arg, b, facts, depth - 1) for arg in arrays):
            return True
    if second is not None and first is not None and first.fn is operator.getitem and second.fn is operator.getitem:
        both_arrays = isinstance(first.args[0], Value) and isinstance(first.args[0].type, Arr)
        alike = same_operand(first.args[1], second.args[1])
        return both_arrays and alike and _same_shape(first.args[0], second.args[0], facts, depth - 1)
    return False


def sum_of_number(call: Call, facts: _Facts) -> Operand | None:
    """The sum of a NumPy number is itself."""
    x = call.args[0] if call.fn is np.sum and len(call.args) == 1 and not call.kwargs else None
    is_number = isinstance(x, Value) and isinstance(x.type, Num) and x.type.dtype is not None
    return x if is_number and _is_float(x) else None


def plain_read(call: Call, facts: _Facts) -> Operand | None:
    """All of an item of an array is that item, where it is an array; what a mask selects has one axis."""
    if call.fn is runtime.get_item and len(call.args) == 3 and call.args[1] is Ellipsis:
        x, steps = call.args[0], call.args[2]
        rank = len(dims_of(x) or ())
        if len(steps) == 1 and steps[0][0] is operator.getitem and rank > 1 and _is_count(steps[0][1][0]):
            call.fn, call.args, call.style = operator.getitem, (x, steps[0][1][0]), ""
            call.out.type = Arr(x.type.dtype, dims_of(x)[1:])
    if call.fn is operator.getitem and isinstance(call.args[1], Value) and isinstance(call.args[0], Value):
        x, mask = (arg.type for arg in call.args)
        masks = isinstance(mask, Arr) and isinstance(x, Arr) and mask.dtype == bool and mask.ndim == x.ndim
        if masks and x.dims and call.out.type == Arr(x.dtype):
            call.out.type = Arr(x.dtype, (None,))
    return None


def _is_count(part: Operand) -> bool:
    return type(part) is int or (isinstance(part, Value) and isinstance(part.type, Num))


def store_once(call: Call, facts: _Facts) -> Operand | None:
    """``x[i] = 0; x[i] += v`` is x[i] = v, where `i` names no item twice."""
    made = facts.call(call.args[0], runtime.set_item) if call.fn is runtime.add_item else None
    if made is None or not facts.once(call.args[0]) or made.must or not _is_zero(made.args[2]):
        return None
    place, other = _place(call), _place(made)
    same = place is not None and other is not None and same_operand(place, other)
    if same and _dtype(call.args[2]) == _dtype(call.out) is not None:
        call.fn, call.args = runtime.set_item, (made.args[0], made.args[1], call.args[2], *made.args[3:])
    return None


def _place(call: Call) -> Operand | None:
    """The indices of a write, one after the other, if none may name an item twice."""
    index, steps = call.args[1], call.args[3] if len(call.args) > 3 else ()
    if any(fn is not operator.getitem for fn, _ in steps):
        return None
    indices = tuple(i for i in (*(args[0] for _, args in steps), index) if i is not Ellipsis)
    return indices if all(_names_once(index) for index in indices) else None


def _names_once(index: Operand) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    masks = [isinstance(part, Value) and isinstance(part.type, Arr) and part.type.dtype == bool for part in parts]
    return all(mask or _is_count(part) or isinstance(part, slice) or part is None or part is Ellipsis
               for part, mask in zip(parts, masks, strict=True))  # fmt: skip


def _is_zero(operand: Operand) -> bool:
    return type(operand) in (int, float) and operand == 0


def _dtype(operand: Operand) -> np.dtype[Any] | None:
    type_ = type_of(operand)
    return type_.dtype if isinstance(type_, (Arr, Num)) else None


def size_of_another(call: Call, facts: _Facts) -> Operand | None:
    """The size of something without a name is that of a named array of the same shape."""
    x = call.args[0] if call.fn in (np.size, np.shape) and len(call.args) == 1 else None
    if isinstance(x, Value) and not x.hint and x in facts.made:
        other = next((value for value in facts.named if facts.same(dims_of(value), dims_of(x))), None)
        call.args = call.args if other is None else (other,)
    return None


def add_to_nothing(call: Call, facts: _Facts) -> Operand | None:
    """What is added to all of an array of zeros is the sum."""
    if call.fn is not runtime.add_item or len(call.args) > 3 or not _is_everything(call.args[1]):
        return None
    zeros, value = call.args[0], call.args[2]
    made = facts.call(zeros, np.zeros_like)
    if made is None or not isinstance(value, Value) or not isinstance(value.type, Arr) or value.type != zeros.type:
        return None
    return value if facts.same(dims_of(value), dims_of(zeros)) else None


def _is_everything(index: Operand) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is Ellipsis or (isinstance(part, slice) and part == slice(None)) for part in parts)


RULES: tuple[Rule, ...] = (
    plain_read, needless_sum, sum_of_number, store_once, spread, stored_spread, new_axis, add_to_nothing, size_of_another, twice, cancel, divide, factor_first,
)  # fmt: skip


# Arrays of zeros


def _part_creators(func: Func) -> None:
    """Give every loop and every write that starts from an array of zeros one of its own, made where it starts."""
    counts = uses(func.block)
    shared: dict[Value, Call] = {}
    first: set[Value] = set()
    for block in blocks_of(func.block):
        for op in list(block.ops):
            if isinstance(op, Call) and known(op.fn, CREATORS) and counts[op.out] > 1:
                shared[op.out] = op
            for value, hint in _starts(op):
                if value in shared and value in first:
                    _renew(block, op, value, shared[value], hint)
                first.add(value)


def _starts(op: Op) -> list[tuple[Value, str]]:
    """The values that an op goes on to write, and what the results are called."""
    if isinstance(op, Loop):
        pairs = zip(op.inits, op.carried, strict=True)
        return [(init, param.hint) for init, param in pairs if isinstance(init, Value)]
    if isinstance(op, Call) and op.fn in (runtime.set_item, runtime.add_item) and isinstance(op.args[0], Value):
        return [(op.args[0], op.out.hint)]
    return []


def _renew(block: Block, op: Op, value: Value, maker: Call, hint: str) -> None:
    out = Value(value.type, hint or value.hint, value.span)
    new = Call(maker.fn, maker.args, dict(maker.kwargs), out, op.span, maker.style, False, _sweep_of(op) or maker.sweep)
    block.ops.insert(block.ops.index(op), new)
    if isinstance(op, Loop):
        op.inits[next(k for k, init in enumerate(op.inits) if init is value)] = out
    elif isinstance(op, Call):
        op.args = (out, *op.args[1:])


def _sweep_of(op: Op) -> str:
    """The sweep that an op belongs to, a loop's is that of its first call."""
    if isinstance(op, Call):
        return op.sweep
    return next((found for block in op.blocks for inner in block.ops if (found := _sweep_of(inner))), "")
