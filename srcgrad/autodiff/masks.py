"""Cotangents that are zero off a mask, and products with them that stay zero there whatever the factor is.

Zero times infinity is not zero: the adjoint of ``np.where(x > 0, np.sqrt(x), 0)`` is a masked cotangent times a partial
that is infinite off the mask. So the product is taken inside the mask. A mask is known from the call that made a
cotangent, and it outlives sums, signs, casts, changes of shape, reads of items, and the end of an `If`. A cotangent to
which an arm of an `If`, or no trip of a loop, has given anything is masked as a whole, by a number: a flag.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.signs import is_bounded_above, is_positive
from srcgrad.autodiff.built_masks import BuiltMasks
from srcgrad.autodiff.known_masks import MAX_DEPTH, is_number, is_where
from srcgrad.autodiff.mask_kinds import Everywhere, Mask, Nowhere, Scattered, both, implies, is_flag
from srcgrad.frontend.context import operand_type
from srcgrad.ir.core import Block, Call, If, Op, Operand, Value, operands_of, values_in
from srcgrad.ir.types import Arr, Num, Type, join

QUOTIENTS = {operator.truediv, np.divide}
POWERS = {operator.pow, np.power}
FINITE = {operator.add, operator.sub, operator.neg, operator.mul, operator.getitem, np.add, np.subtract, np.multiply,
          np.negative, np.sign, np.sin, np.cos, np.tanh, np.where, np.reshape, np.transpose, np.broadcast_to, np.abs,
          np.minimum, np.maximum, np.clip, np.sum, np.max, np.min, np.mean, np.ones_like, np.zeros_like, np.real,
          np.imag, np.conj, np.expand_dims, np.squeeze, np.cumsum, np.matmul, operator.matmul, np.dot,
          runtime.as_type}  # fmt: skip


class Masks(BuiltMasks):
    """Products and sums of cotangents in one reverse sweep, which keep what is known of their masks."""

    def times(self, bar: Operand, factor: Operand, given: Mask | None = None) -> Operand:
        """``bar * factor``, zero where `bar` is masked; without the factors 1 and -1. `given` is masked outside."""
        if is_number(factor, 1):
            return bar
        if is_number(factor, -1):
            return self.applier.emit(operator.neg, bar) if isinstance(bar, Value) else -bar
        if not isinstance(bar, Value) and not isinstance(factor, Value):
            return bar * factor
        if is_number(bar, 1) and isinstance(factor, Value):
            return factor
        made = self.maker(bar)
        pushed = self.inside(made, factor, given) if made is not None else None
        return pushed if pushed is not None else self.masked_product(bar, factor, given)

    def inside(self, made: Call, factor: Operand, given: Mask | None) -> Value | None:
        """The product taken inside the call that made the cotangent, where that call is a mask or keeps one."""
        if is_where(made) and any(is_number(part, 0) for part in made.args[1:]):
            given = both(self.condition(made.args[0], on=not is_number(made.args[1], 0)), given)
            parts = [part if is_number(part, 0) else self.times(part, factor, given) for part in made.args[1:]]
            return self.applier.emit(np.where, made.args[0], *parts)
        if made.fn is runtime.add_item and self.is_scattered(made, factor):
            index, value, *steps = made.args[1:]
            read = (operator.getitem, index) if not steps else (runtime.get_item, index, *steps)
            picked = self.applier.emit(read[0], factor, *read[1:])
            base = self.times(made.args[0], factor) if self.mask(made.args[0]) != Nowhere() else made.args[0]
            return self.applier.emit(runtime.add_item, base, index, self.times(value, picked), *steps)
        if made.fn not in (runtime.sum_to, np.sum, operator.neg) or made.kwargs or not isinstance(made.args[0], Value):
            return None
        mask = self.mask(made.args[0])
        if (made.fn is np.sum and len(made.args) > 1) or mask is None or is_flag(mask):
            return None
        return self.applier.emit(made.fn, self.times(made.args[0], factor), *made.args[1:])

    def is_scattered(self, made: Call, factor: Operand) -> bool:
        """Are the items of a cotangent all that is not zero, and has the factor one item for each?"""
        return isinstance(self.mask(made.out), Scattered) and same_shape(operand_type(factor), made.out.type)

    def masked_product(self, bar: Operand, factor: Operand, given: Mask | None) -> Value:
        """The product, masked once more where the factor may be infinite off a mask."""
        mask = self.mask(bar) if self.may_be_infinite(factor) else None
        if mask is None or isinstance(mask, (Nowhere, Everywhere)) or (given is not None and implies(given, mask)):
            return self.applier.emit(operator.mul, bar, factor)
        if is_flag(mask) and not self.is_singular(factor):
            return self.applier.emit(operator.mul, bar, factor)
        on = self.build(mask, bar)
        if is_flag(mask) and isinstance(bar, Value):
            self.meaning[out := self.guarded_product(on, bar, factor)] = mask
            return out
        product = self.applier.emit(operator.mul, bar, factor)
        if isinstance(on, Value):
            self.meaning[on] = mask
        return self.applier.emit(np.where, on, product, 0, type_=product.type)

    def guarded_product(self, on: Operand, bar: Value, factor: Operand) -> Value:
        """The product where a flag is on; where it is not, the cotangent itself, which is zero then."""
        then = Block([], self.taken_with(factor, bar))
        with self.applier.within(then):
            product = self.applier.emit(operator.mul, bar, factor)
        then.yields = [product]
        numbers = isinstance(bar.type, Num) and isinstance(product.type, Num)
        if not numbers and bar.type != product.type:
            self.applier.ctx.block.ops += then.ops
            return self.applier.emit(np.where, on, product, 0, type_=product.type)
        out = Value(join(bar.type, product.type), "")
        self.applier.ctx.append(If(on, then, Block([], [], [bar]), [out]))
        return out

    def taken_with(self, factor: Operand, bar: Value) -> list[Op]:
        """The calls at the end of the block that are there for the factor alone; they are taken out of it."""
        ops, wanted, moved = self.applier.ctx.block.ops, set(values_in(factor)), list[Op]()
        while ops and isinstance(ops[-1], Call) and ops[-1].out in wanted and ops[-1].out is not bar:
            moved.insert(0, ops.pop())
            wanted.update(values_in(operands_of(moved[0])))
        return moved

    def may_be_infinite(self, factor: Operand, depth: int = MAX_DEPTH) -> bool:
        """May the factor not be finite where the operands of the program are?"""
        if not isinstance(factor, Value):
            return False
        made = self.maker(factor) or self.primal.get(factor)
        if made is None:
            return False
        if not isinstance(made, Call) or depth == 0:
            return True
        if made.fn in (np.exp, np.exp2) and is_bounded_above(made.args[0], self.any_maker):
            return False
        if made.fn in QUOTIENTS and self.is_never_zero(made.args[1]):
            return self.may_be_infinite(made.args[0], depth - 1)
        if made.fn in POWERS and isinstance(made.args[1], (int, float)) and made.args[1] >= 0:
            return self.may_be_infinite(made.args[0], depth - 1)
        return made.fn not in FINITE or any(self.may_be_infinite(arg, depth - 1) for arg in made.args)

    def is_singular(self, factor: Operand, depth: int = MAX_DEPTH) -> bool:
        """May a partial be infinite where all values of the program are finite?"""
        made = self.maker(factor)
        if made is None or not self.may_be_infinite(factor):
            return False
        return depth == 0 or made.fn not in FINITE or any(self.is_singular(arg, depth - 1) for arg in made.args)

    def is_never_zero(self, operand: Operand) -> bool:
        """Is it positive, or has a number been put where it is zero?"""
        made = self.any_maker(operand) if isinstance(operand, Value) else None
        if made is None or not is_where(made) or not isinstance(made.args[1], (int, float)) or not made.args[1]:
            return is_positive(operand, self.any_maker)
        test = self.any_maker(made.args[0]) if isinstance(made.args[0], Value) else None
        is_test = test is not None and test.fn in (operator.eq, np.equal)
        return is_test and test is not None and test.args[0] is made.args[2] and is_number(test.args[1], 0)

    def any_maker(self, value: Value) -> Call | None:
        """The call of either sweep that made a value."""
        made = self.maker(value) or self.primal.get(value)
        return made if isinstance(made, Call) else None

    # --- sums and other linear changes --------------------------------------------------------------------------

    def sum(self, before: Operand, bar: Operand, add: Callable[[Operand, Operand], Operand]) -> Value | None:
        """The sum of two cotangents with the same mask, masked again: so it stays known to be masked."""
        first, second = self.maker(before), self.maker(bar)
        if first is None or second is None or not is_where(first) or not is_where(second):
            return None
        zeros = [[is_number(part, 0) for part in call.args[1:]] for call in (first, second)]
        if first.args[0] is not second.args[0] or zeros[0] != zeros[1] or not any(zeros[0]):
            return None
        pairs = zip(first.args[1:], second.args[1:], zeros[0], strict=True)
        parts = [x if is_zero else add(x, y) for x, y, is_zero in pairs]
        return self.applier.emit(np.where, first.args[0], *parts)

    def under(self, bar: Operand, change: Callable[[Value], Operand]) -> Operand:
        """A linear change of a cotangent, inside its mask if it has one."""
        made = self.maker(bar)
        if made is None or not is_where(made) or not any(is_number(part, 0) for part in made.args[1:]):
            return change(bar) if isinstance(bar, Value) else np.real(bar).item()
        parts = [change(part) if isinstance(part, Value) else part for part in made.args[1:]]
        return self.applier.emit(np.where, made.args[0], *parts)


def same_shape(a: Type, b: Type) -> bool:
    """Are both arrays of one shape, for sure?"""
    return isinstance(a, Arr) and isinstance(b, Arr) and a.dims == b.dims and None not in (a.dims or (None,))


def note_ops(primal: dict[Value, Op], ops: list[Op]) -> None:
    """Enter what each op made."""
    for op in ops:
        primal.update((out, op) for out in op.outs)
