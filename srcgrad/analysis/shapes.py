"""Which shapes are equal, and which broadcast together: read off the types, and off the ops that made the values."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.ir.core import PLAIN, Call, Func, Operand, Value
from srcgrad.ir.types import ANY, AnyType, Arr, Axis, ListOf, Num, Tup, Type, is_one, join_all, of_constant
from srcgrad.rules.core import lookup

__all__ = ["Dims", "Pair", "Shapes", "dims_of", "elementwise_operands", "fit", "same_dims", "type_of"]

Dims = tuple[Axis, ...] | None
Pair = frozenset[Value]

ELEMENTWISE = {
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.neg, operator.pos, operator.abs, operator.lt, operator.le, operator.gt, operator.ge, operator.eq,
    operator.ne, operator.and_, operator.or_, operator.xor, operator.invert,
    np.where, np.clip, np.round, np.around, np.real, np.imag, np.angle, np.nan_to_num, np.isclose, np.sinc,
}  # fmt: skip

# The result has the shape of the first argument.
SAME_SHAPE = {np.zeros_like, np.ones_like, np.full_like, np.empty_like, np.copy, np.ndarray.copy, np.ndarray.astype,
              runtime.set_item, runtime.add_item}  # fmt: skip

# The result has the shape that is an operand.
SHAPED = ((runtime.sum_to, 1), (np.broadcast_to, 1), (np.zeros, 0), (np.ones, 0), (np.empty, 0), (np.full, 0))

NUMERIC = frozenset({Arr, Num, AnyType})  # what may be a number or an array
NO_VALUES: frozenset[Value] = frozenset()
MAX_BASES = 8  # a value made of more has itself for its base, so that long sums stay cheap


def type_of(operand: Operand) -> Type:
    """The type of an operand; a type stands for itself."""
    if isinstance(operand, Value):
        return operand.type
    if type(operand) in PLAIN:
        return of_constant(operand)
    if isinstance(operand, Type):
        return operand
    if type(operand) is tuple:
        return Tup(tuple(map(type_of, operand)))
    if isinstance(operand, list):
        return ListOf(join_all(list(map(type_of, operand))) if operand else ANY)
    return of_constant(operand)


def dims_of(operand: Operand) -> Dims:
    """The dims of an operand or type, those of a number are ``()``; None where the rank is unknown."""
    type_ = operand.type if type(operand) is Value else type_of(operand)
    if type(type_) is Arr:
        return type_.dims
    return () if type(type_) is Num else None


def same_dims(a: Dims, b: Dims) -> bool:
    """Are two shapes proved equal?"""
    return a is not None and a == b and None not in a


def fit(a: Dims, b: Dims) -> bool:
    """Do two shapes provably broadcast together?"""
    if a is None or b is None:
        return a == () or b == ()
    return all(_axes_fit(x, y) for x, y in zip(reversed(a), reversed(b), strict=False))


def _axes_fit(a: Axis, b: Axis) -> bool:
    return is_one(a) is True or is_one(b) is True or (a is not None and a == b)


def all_fit(operands: Iterable[Operand]) -> bool:
    """Do all operands provably broadcast together?"""
    return all(fit(a, b) for a, b in combinations(map(dims_of, operands), 2))


def is_elementwise(fn: Any) -> bool:
    """Does a callable work item by item, after broadcasting its positional arguments?"""
    if isinstance(fn, np.ufunc):
        return fn.signature is None and fn.nout == 1
    try:
        known = fn in ELEMENTWISE
    except TypeError:  # unhashable
        return False
    if known:
        return True
    rule = lookup(fn)
    return rule is not None and rule.kind == "elementwise"


def elementwise_operands(call: Call) -> tuple[Operand, ...] | None:
    """The numbers and arrays that an elementwise call broadcasts; None for any other call."""
    if call.kwargs or not is_elementwise(call.fn):
        return None
    is_given = True
    for arg in call.args:
        if arg is None:
            is_given = False
        elif type(arg.type if type(arg) is Value else type_of(arg)) not in NUMERIC:
            return None
    return call.args if is_given else tuple([arg for arg in call.args if arg is not None])


class Shapes:
    """The shapes of the values of a function, in terms of each other. Calls are entered in order.

    `bases` are values whose shapes, broadcast together, are the shape of a value. A `representative` has the same
    shape as a value, and is made earlier: a parameter of the function where there is one.
    """

    def __init__(self, func: Func) -> None:
        self._entered: list[Call] = []  # of which nobody has asked anything since
        self._made: dict[Value, Call] = {}
        self._baseless: list[Call] = []  # of which nobody has asked for bases since
        self._bases: dict[Value, frozenset[Value]] = {}
        self._same: dict[Value, Value] = {}
        self._params: dict[Any, Value] = {}
        for param in func.params:
            dims = dims_of(param)
            if isinstance(param.type, Arr) and same_dims(dims, dims) and param not in func.optional:
                self._params.setdefault(dims, param)

    def enter(self, call: Call) -> None:
        """Take note of a call; its operands have been entered before."""
        self._entered.append(call)

    def _study(self) -> None:
        """Take over what was entered: when something is asked for, since few passes do."""
        for call in self._entered:
            self._made[call.out] = call
        self._baseless += self._entered
        self._entered.clear()

    def _like(self, out: Value, operands: tuple[Operand, ...]) -> Value | None:
        """The operand that has the shape of the result."""
        arrays = [item for item in operands if not (type(item) is Value and type(item.type) is Num)]
        arrays = [item for item in arrays if dims_of(item) != ()]
        if len(arrays) == 1 and type(arrays[0]) is Value:
            return arrays[0]
        values = [operand for operand in arrays if isinstance(operand, Value)]
        if values and len(values) == len(arrays) and len(set(map(self._nearest, values))) == 1:
            return values[0]
        dims = dims_of(out)
        return next((value for value in values if same_dims(dims_of(value), dims)), None)

    def bases(self, operand: Operand) -> frozenset[Value]:
        """The values whose shapes make up the shape of an operand."""
        self._study()
        for call in self._baseless:
            operands = self._shaping(call)
            bases = self._united(operands or ())
            if operands and len(bases) <= MAX_BASES and not any(isinstance(item, np.ndarray) for item in operands):
                self._bases[call.out] = bases
        self._baseless.clear()
        return self._base(operand)

    def _base(self, operand: Operand) -> frozenset[Value]:
        if type(operand) is not Value or dims_of(operand) == ():
            return NO_VALUES
        found = self._bases.get(operand)
        return frozenset((operand,)) if found is None else found

    def _united(self, operands: Iterable[Operand]) -> frozenset[Value]:
        return NO_VALUES.union(*map(self._base, operands))

    def representative(self, value: Value) -> Value:
        """A value of the same shape, defined no later: the nearest to the function's parameters."""
        self._study()
        return self._nearest(value)

    def _nearest(self, value: Value) -> Value:
        known = self._known(value)
        if known is None:
            self._settle(value)
        return known or self._same[value]

    def _known(self, value: Value) -> Value | None:
        param = self._params.get(value.type.dims) if self._params and type(value.type) is Arr else None
        return param or self._same.get(value)

    def _settle(self, value: Value) -> None:
        """Find the representative of a value, after those of the operands that it was made of."""
        pending = [value]
        while pending:
            last = pending[-1]
            call = self._made.get(last)
            operands = self._shaping(call) if call is not None and type(last.type) is not Num else None
            values = [item for item in operands or () if type(item) is Value and type(item.type) is not Num]
            unknown = [item for item in values if self._known(item) is None]
            if unknown:
                pending += unknown
                continue
            same = self._like(last, operands) if operands is not None else None
            self._same[last] = self._nearest(same) if same is not None else last
            pending.pop()

    def _shaping(self, call: Call) -> tuple[Operand, ...] | None:
        """The operands that the shape of the result is made of, None where the call is not known."""
        place = _shape_place(call)
        if place is not None:
            owner = self.owner(call.args[place]) if len(call.args) > place and "shape" not in call.kwargs else None
            return None if owner is None else (owner,)
        operands = elementwise_operands(call)
        return call.args[:1] if operands is None and call.args and _keeps_shape(call) else operands

    def owner(self, shape: Operand) -> Value | None:
        """The array whose shape an operand is, as a whole or item by item."""
        self._study()
        made = self._call(shape, np.shape)
        if made is not None:
            return made.args[0] if len(made.args) == 1 and isinstance(made.args[0], Value) else None
        if type(shape) is not tuple or not shape:
            return None
        items = [self._call(item, operator.getitem) for item in shape]
        places = [item.args[1] if item is not None else None for item in items]
        owners = {self._call(item.args[0], np.shape) for item in items if item is not None}
        found = owners.pop() if places == [*range(len(items))] and len(owners) == 1 else None
        array = found.args[0] if found is not None and len(found.args) == 1 else None
        return array if isinstance(array, Value) and len(dims_of(array) or ()) == len(items) else None

    def _call(self, operand: Operand, fn: Any) -> Call | None:
        made = self._made.get(operand) if type(operand) is Value else None
        return made if made is not None and made.fn is fn else None

    def checks(self, call: Call) -> set[Pair]:
        """The pairs of bases of which an elementwise call checks, at run time, that they broadcast together."""
        operands = elementwise_operands(call)
        if operands is None:
            return set()
        bases = sorted(NO_VALUES.union(*map(self.bases, operands)), key=id)
        return {frozenset(pair) for pair in combinations(bases, 2) if not fit(*map(dims_of, pair))}


def _shape_place(call: Call) -> int | None:
    """Which operand is the shape of the result."""
    return next((place for fn, place in SHAPED if call.fn is fn), None)


def _keeps_shape(call: Call) -> bool:
    try:
        return call.fn in SAME_SHAPE and "shape" not in call.kwargs
    except TypeError:  # unhashable
        return False
