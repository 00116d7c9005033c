"""A Jacobian as one function, so that it can be differentiated again: a loop over the basis vectors of the argument."""

from __future__ import annotations

import operator

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.effects import has_effect
from srcgrad.api.derive import Primal, Wanted, copy_with_leaves, finish
from srcgrad.autodiff.activity import varied
from srcgrad.autodiff.bar_types import kind_of
from srcgrad.autodiff.forward import Dots, Forward
from srcgrad.autodiff.functions import Tangents
from srcgrad.errors import UnsupportedError
from srcgrad.ir.core import GO, Block, Func, Leaf, Loop, Operand, Range, Value
from srcgrad.ir.types import PY_INT, Arr, Num
from srcgrad.ir.walk import clone_block


def columns(primal: Primal, wanted: Wanted, *, name: str = "") -> Func:
    """The Jacobian of one real result by one real argument: ``out.shape + in.shape``."""
    func, leaves = copy_with_leaves(primal, wanted)
    target = func.block.yields[0]
    check(func, target, leaves)
    x = leaves[0].value
    work = Forward(set(), functions=Tangents())
    emit = work.applier.emit
    body = clone_block(Block([], func.block.ops, [target]), {})
    rows = Value(Arr(np.dtype(float), (None, None)), "rows")
    with work.applier.within(func.block):
        start = emit(np.zeros, (emit(np.size, x), emit(np.size, target)))
    block = column(work, body, x, rows)
    final = Value(rows.type, "rows")
    with work.applier.within(func.block):
        loop = Loop([Range(0, emit(np.size, x))], [start], block, [Value(PY_INT, "stop"), final])
        work.applier.ctx.append(loop)
        shape = emit(operator.add, emit(np.shape, target), emit(np.shape, x))
        func.block.yields = [emit(np.reshape, emit(np.transpose, final), shape)]
    func.name = name or f"{primal.func.name}_jacobian"
    return finish(func)


def column(work: Forward, body: Block, x: Value, rows: Value) -> Block:
    """The body of the loop: the function along one basis vector, stored as a row."""
    k = Value(PY_INT, "k")
    block = Block([k, rows])
    emit = work.applier.emit
    with work.applier.within(block):
        unit = emit(runtime.set_item, emit(np.zeros, emit(np.size, x)), k, 1.0)
        is_array = isinstance(x.type, Arr)
        dots: Dots = {x: emit(np.reshape, unit, emit(np.shape, x)) if is_array else emit(operator.getitem, unit, 0)}
        work.active = varied(body, [x])
        work.ops(body.ops, dots)
        made = emit(np.ravel, work.tree(body.yields[0], dots))
        block.yields = [GO, emit(runtime.set_item, rows, k, made)]
    return block


def check(func: Func, target: Operand, leaves: list[Leaf]) -> None:
    """Raise where there is more than one block of real numbers, or the program may not run again for each column."""
    values = [*(leaf.value for leaf in leaves), target]
    real = all(isinstance(v, Value) and isinstance(v.type, (Num, Arr)) and kind_of(v.type) == "float" for v in values)
    if len(leaves) != 1 or not real or any(map(has_effect, func.block.ops)):
        raise UnsupportedError(
            "cannot differentiate this Jacobian once more",
            span=func.span,
            reason="that is known for one real array by one other, of a function without effects",
            repair="Use grad, hessian or hvp for higher orders.",
        )


__all__ = ["columns"]
