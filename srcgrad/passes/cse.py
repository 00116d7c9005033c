"""Computes once what is computed twice.

Before: any function. `cse` gives each pure call whose callee and operands have been seen, in the same block or one
around it, the value of the first. After: the same results, and no two such calls.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from srcgrad.analysis.effects import has_effect
from srcgrad.analysis.sharing import FRESH_ARRAYS, WRITES, is_new_list
from srcgrad.ir.core import Block, Call, Func, If, Loop, Op, Operand, Value, map_operand, operands_of, values_in
from srcgrad.ir.types import Arr, ListOf, Num
from srcgrad.ir.walk import replace_operands, walk

__all__ = ["cse"]

COMMUTATIVE = {operator.add, operator.mul, np.add, np.multiply, np.maximum, np.minimum}


def cse(func: Func, *, reads_per_arm: bool = False) -> Func:
    """Merge equal calls of a function, in place.

    Values never change, so equal calls without effect have equal results wherever they stand; the first has to be
    executed before the second. Constants are equal where type and bits are. Outs of an `If`, and carried and collected
    values of a `Loop`, that are always the same are merged too. New lists, and new arrays that are written, stay apart:
    as one they would have to be copied for each write.

    Parameters
    ----------
    func : Func
        Is changed.
    reads_per_arm : bool
        Leave a read such as ``y[i]`` in an arm of an `If`, even if the same is read before: what is derived from it
        then belongs to the arm as well. For functions that are still to be differentiated.

    Returns
    -------
    Func
        `func` itself.
    """
    merger = _Merger(func, reads_per_arm)
    merger.block(func.block)
    func.edits += bool(merger.known)
    return func


class _Merger:
    def __init__(self, func: Func, reads_per_arm: bool) -> None:
        self.reads_per_arm = reads_per_arm
        self.seen: dict[Hashable, Call] = {}
        self.known: dict[Value, Value] = {}
        self.kept = {leaf.value for leaf in func.leaves}
        self.effects: dict[Any, bool] = {}
        self.func = func
        self._written: set[Value] | None = None

    def change(self, value: Value) -> Value:
        """What stands for a value now."""
        return self.known.get(value, value)

    def block(self, block: Block) -> None:
        """Merge in a block; what was seen in it is forgotten at its end."""
        entered: list[Hashable] = []
        block.ops = [op for op in block.ops if self.stays(op, entered)]
        block.yields = [map_operand(self.change, item) for item in block.yields]
        for key in entered:
            del self.seen[key]

    def arm(self, block: Block) -> None:
        """An arm of an `If`."""
        if not self.reads_per_arm:
            self.block(block)
            return
        outside = self.seen
        self.seen = {key: call for key, call in outside.items() if call.fn is not operator.getitem}
        self.block(block)
        self.seen = outside

    def stays(self, op: Op, entered: list[Hashable]) -> bool:
        """Is an op still there after it was merged with what came before?"""
        if self.known and not self.known.keys().isdisjoint(values_in(operands_of(op))):
            replace_operands(op, self.change)
        match op:
            case Call():
                return self.call(op, entered)
            case If():
                self.arm(op.then)
                self.arm(op.orelse)
                self.merge_outs(op)
            case Loop():
                self.merge_carried(op)
                self.block(op.body)
                self.merge_collected(op)
        return True

    def call(self, op: Call, entered: list[Hashable]) -> bool:
        """Does a call stay, because nothing before it is the same?"""
        if self.has_effect(op):
            return True
        key = call_key(op)
        first = self.seen.setdefault(key, op)
        if first is op:
            entered.append(key)
            return True
        if op.out in self.kept or self.is_own(op) or self.is_own(first):
            return True
        first.must |= op.must
        self.known[op.out] = first.out
        return False

    def is_own(self, op: Call) -> bool:
        """Is it a new list, or a new array that is written?"""
        if isinstance(op.out.type, ListOf):
            return is_new_list(op)
        return _is_in(op.fn, FRESH_ARRAYS) and op.out in self.written()

    def written(self) -> set[Value]:
        """What the function writes, or carries round a loop, where it may be written."""
        if self._written is None:
            self._written = set(values_in([list(_targets(op)) for op in walk(self.func.block)]))
        return self._written

    def has_effect(self, op: Call) -> bool:
        """Does the call do more than make a value? Asked once per function."""
        if id(op.fn) not in self.effects:
            self.effects[id(op.fn)] = has_effect(op)
        return self.effects[id(op.fn)]

    # regions

    def merge_outs(self, op: If) -> None:
        """Results of an `If` that both arms yield alike are one."""
        keys = [operand_key((a, b)) for a, b in zip(op.then.yields, op.orelse.yields, strict=True)]
        keep = self.merge(keys, op.outs)
        op.outs = [op.outs[i] for i in keep]
        for arm in op.blocks:
            arm.yields = [arm.yields[i] for i in keep]

    def merge_carried(self, op: Loop) -> None:
        """Carried values that begin alike and are handed on alike are one."""
        keys = [operand_key(pair) for pair in zip(op.inits, op.carried_yields, strict=True)]
        keep = self.merge(keys, op.carried_outs)
        if len(keep) == len(keys):
            return
        first = dict(reversed(list(zip(keys, op.carried, strict=True))))
        self.known.update((p, first[k]) for k, p in zip(keys, op.carried, strict=True) if first[k] is not p)
        op.body.params = op.items + [op.carried[i] for i in keep]
        op.inits = [op.inits[i] for i in keep]
        self.keep_results(op, [0, *(1 + i for i in keep), *range(1 + len(keys), len(op.outs))])

    def merge_collected(self, op: Loop) -> None:
        """Lists of the same items are one."""
        keys = [operand_key(item) for item in op.collected_yields]
        first = 1 + len(op.inits)
        keep = self.merge(keys, op.collected_outs)
        self.keep_results(op, [*range(first), *(first + i for i in keep)])

    def keep_results(self, op: Loop, keep: list[int]) -> None:
        """Keep some of a loop's results only."""
        op.outs = [op.outs[i] for i in keep]
        op.body.yields = [op.body.yields[i] for i in keep]

    def merge(self, keys: list[Hashable], outs: list[Value]) -> list[int]:
        """Note that outs of equal keys are equal; the places of those that stay."""
        first: dict[Hashable, Value] = {}
        keep = []
        for i, (key, out) in enumerate(zip(keys, outs, strict=True)):
            if first.setdefault(key, out) is out:
                keep.append(i)
            else:
                self.known[out] = first[key]
        return keep


def call_key(op: Call) -> Hashable:
    """Equal for calls of the same callable with the same operands; a sum does not care for their order."""
    args: Iterable[Hashable] = map(operand_key, op.args)
    if _commutes(op):
        args = sorted(args, key=hash)
    kwargs = tuple((name, operand_key(op.kwargs[name])) for name in sorted(op.kwargs)) if op.kwargs else ()
    return (id(op.fn), tuple(args), kwargs)


def _targets(op: Op) -> Iterable[Operand]:
    """What an op may write."""
    if isinstance(op, Loop):
        return op.inits
    return op.args[:1] if isinstance(op, Call) and _is_in(op.fn, {*WRITES}) else ()


def _is_in(fn: Any, callables: set[Any]) -> bool:
    try:
        return fn in callables
    except TypeError:  # unhashable
        return False


def _commutes(op: Call) -> bool:
    known = len(op.args) == 2 and _is_in(op.fn, COMMUTATIVE)
    return known and all(not isinstance(arg, Value) or isinstance(arg.type, (Num, Arr)) for arg in op.args)


def operand_key(operand: Operand) -> Hashable:
    """Equal for the same values and the same constants: 1, 1.0, True and np.float64(1) differ, as 0.0 and -0.0 do."""
    kind = type(operand)
    if isinstance(operand, Value):
        return operand
    if kind in (int, bool, str, bytes, type(None)):
        return (kind, operand)
    if kind in (float, complex) or isinstance(operand, np.generic):
        return (kind, repr(operand))
    if isinstance(operand, (tuple, list)):
        return (kind, *map(operand_key, operand))
    if kind is slice:
        return (kind, operand_key(operand.start), operand_key(operand.stop), operand_key(operand.step))
    if kind is dict:
        return (kind, *((operand_key(key), operand_key(item)) for key, item in operand.items()))
    return (kind, id(operand))
