"""Computes at compile time what can be, and simplifies what types allow to.

Before: any function. `fold` goes through it once, in order, and rewrites each op with what it knows of its operands.
After: the same results, to the bit and the dtype (but for the reciprocals of cotangents), from simpler ops; what they
no longer read is left to `dce`.
"""

from __future__ import annotations

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.shapes import type_of
from srcgrad.frontend.context import result_type
from srcgrad.ir.core import (
    GO,
    Block,
    Call,
    Func,
    If,
    Loop,
    Op,
    Operand,
    Range,
    Value,
    map_operand,
    operands_of,
    values_in,
)
from srcgrad.ir.same import same_constant
from srcgrad.ir.types import AnyType, Arr, Num, Type, same_dtype
from srcgrad.ir.walk import replace_operands
from srcgrad.passes.fold_algebra import ALGEBRA
from srcgrad.passes.fold_constants import evaluate
from srcgrad.passes.fold_shapes import SHAPES, target_dims
from srcgrad.passes.fold_sums import SUMS
from srcgrad.passes.folding import Facts, Known, Rewrite

__all__ = ["fold"]

REWRITES = {fn: (*ALGEBRA.get(fn, ()), *SUMS.get(fn, ()), *SHAPES.get(fn, ())) for fn in (*ALGEBRA, *SUMS, *SHAPES)}
MAX_REWRITES = 8  # of one call, one after the other


def fold(func: Func) -> Func:
    """Simplify a function in place.

    Constants are folded, arithmetic is simplified where no bit changes (never ``0 * x``), an `If` of a known condition
    gives way to its arm, what both arms or all trips yield alike is no longer yielded, and questions about shapes are
    answered from types, or asked of values that are there anyway.

    Returns
    -------
    Func
        `func` itself.
    """
    folder = _Folder(func)
    folder.run()
    func.edits += folder.changed
    return func


class _Folder:
    def __init__(self, func: Func) -> None:
        self.func = func
        self.facts = Facts(func)
        self.known: dict[Value, Operand] = {}
        self.sharper: set[Value] = set()  # of which more is known than when their readers were typed
        self.kept = {leaf.value for leaf in func.leaves}
        self.changed = False

    def run(self) -> None:
        self.block(self.func.block)

    def change(self, value: Value) -> Operand:
        return self.known.get(value, value)

    def block(self, block: Block) -> None:
        old, block.ops = block.ops, []
        for op in old:
            self.op(op, block.ops)
        block.yields = [map_operand(self.change, item) for item in block.yields]

    def op(self, op: Op, into: list[Op]) -> None:
        learnt = False
        if self.known and not self.known.keys().isdisjoint(values_in(operands_of(op))):
            replace_operands(op, self.change)
            learnt = isinstance(op, Call) and bool(op.kwargs)  # perhaps the dtype
        if isinstance(op, Call):
            self.call(op, into, learnt)
        elif isinstance(op, If):
            self.branch(op, into)
        else:
            self.loop(op, into)

    # calls

    def call(self, call: Call, into: list[Op], learnt: bool = False) -> None:
        rewritten = learnt
        for _ in range(MAX_REWRITES):
            result = self.rewrite(call)
            if result is False and not self.facts.new:
                break
            if self.facts.new:
                into += self.facts.new
                self.facts.new.clear()
                self.changed = True
            if isinstance(result, Known) and call.out not in self.kept:
                self.replace(call.out, result.operand)
                return
            if result is not True:
                break
            rewritten = self.changed = True
        self.retype(call, rewritten)
        self.facts.enter(call)
        into.append(call)

    def replace(self, out: Value, operand: Operand) -> None:
        self.known[out] = operand
        self.changed = True
        if isinstance(operand, Value) and operand.type != out.type:
            self.sharper.add(operand)

    def retype(self, call: Call, rewritten: bool) -> None:
        """What is known better of the operands is known better of the result."""
        if call.fn in (np.broadcast_to, runtime.sum_to) and len(call.args) == 2:
            type_ = broadcast_type(call, self.facts)
        elif rewritten or (self.sharper and not self.sharper.isdisjoint(values_in(call.args))):
            type_ = result_type(call.fn, call.args, call.kwargs)
        else:
            return
        if type_ != call.out.type and is_sharper(type_, call.out.type):
            call.out.type = type_
            self.changed = True
            self.sharper.add(call.out)

    def rewrite(self, call: Call) -> Known | bool:
        if isinstance(call.fn, Func):
            return False
        for rule in rewrites_of(call):
            result = rule(call, self.facts)
            if result is not False:
                return result
        if call.args and type(call.args[0]) is Value:  # most calls; there is nothing to evaluate
            return False
        return evaluate(call) or False

    # regions

    def branch(self, op: If, into: list[Op]) -> None:
        if not isinstance(op.cond, Value) and type(op.cond) in (bool, int, float, type(None)):
            return self.only_arm(op, op.then if op.cond else op.orelse, into)
        self.block(op.then)
        self.block(op.orelse)
        keep = []
        for i, (out, then, orelse) in enumerate(zip(op.outs, op.then.yields, op.orelse.yields, strict=True)):
            if _are_same(then, orelse) and out not in self.kept:
                self.known[out] = then
                self.changed = True
            else:
                keep.append(i)
        op.outs = [op.outs[i] for i in keep]
        for arm in op.blocks:
            arm.yields = [arm.yields[i] for i in keep]
        into.append(op)
        return None

    def only_arm(self, op: If, arm: Block, into: list[Op]) -> None:
        """The ops of the arm that is taken stand in the place of the `If`."""
        self.changed = True
        for inner in arm.ops:
            self.op(inner, into)
        for out, item in zip(op.outs, arm.yields, strict=True):
            self.known[out] = map_operand(self.change, item)

    def loop(self, op: Loop, into: list[Op]) -> None:
        if _has_no_trip(op):
            self.changed = True
            lists: list[Operand] = [[] for _ in op.collected_outs]
            self.known.update(zip(op.outs, [GO, *op.inits, *lists], strict=True))
            return
        self.drop_constants(op)
        self.block(op.body)
        stop = op.body.yields[0]
        if type(stop) is int and stop == GO and op.sources and self.facts.uses[op.outs[0]]:
            self.known[op.outs[0]] = GO
            self.changed = True
        into.append(op)

    def drop_constants(self, op: Loop) -> None:
        """What a trip hands on as it got it is not carried."""
        pairs = zip(op.carried, op.carried_yields, strict=True)
        keep = [param is not item for param, item in pairs]
        if all(keep):
            return
        self.changed = True
        for stays, param, out, init in zip(keep, op.carried, op.carried_outs, op.inits, strict=True):
            if not stays:
                self.known[param] = self.known[out] = init
        count = len(op.inits)
        op.body.params = op.items + [param for param, stays in zip(op.carried, keep, strict=True) if stays]
        around = [True, *keep, *[True] * (len(op.outs) - 1 - count)]
        op.outs = [out for out, stays in zip(op.outs, around, strict=True) if stays]
        op.body.yields = [item for item, stays in zip(op.body.yields, around, strict=True) if stays]
        op.inits = [init for init, stays in zip(op.inits, keep, strict=True) if stays]


def rewrites_of(call: Call) -> tuple[Rewrite, ...]:
    """The rewrites of a callable; none for one that has no hash."""
    try:
        return REWRITES.get(call.fn, ())
    except TypeError:
        return ()


def _has_no_trip(op: Loop) -> bool:
    """Is one of the sources a range that is known to be empty?"""
    return any(isinstance(source, Range) and _is_empty(source) for source in op.sources)


def _is_empty(source: Range) -> bool:
    parts = (source.start, source.stop, source.step)
    return all(type(part) is int for part in parts) and source.step != 0 and len(range(*parts)) == 0


def _are_same(a: Operand, b: Operand) -> bool:
    """Do both arms yield one operand? A value that both see is from outside."""
    if isinstance(a, Value) or isinstance(b, Value):
        return a is b
    return next(values_in((a, b)), None) is None and same_constant(a, b)


def broadcast_type(call: Call, facts: Facts) -> Type:
    """The type of a call that changes a shape to one that is known."""
    dims, type_ = target_dims(call.args[1], facts), type_of(call.args[0])
    if not dims:
        return call.out.type
    dtype = type_.dtype if isinstance(type_, (Num, Arr)) else None
    if type(call.args[0]) in (float, complex):
        dtype = np.dtype(type(call.args[0]))
    return Arr(dtype, dims)


def is_sharper(new: Type, old: Type) -> bool:
    """Does the new type say something the old one does not, and nothing less?"""
    if not isinstance(new, Arr) or not isinstance(old, Arr):
        return isinstance(old, (AnyType, Arr)) and isinstance(new, (Num, Arr))
    keeps_dtype = old.dtype is None or same_dtype(old.dtype, new.dtype)
    return keeps_dtype and new.dims is not None and (None not in new.dims or old.dims is None or None in old.dims)
