"""Which values vary with the chosen inputs: a fixpoint around loops."""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.autodiff.apply import active_inputs
from srcgrad.ir.core import Block, Call, Func, If, Items, Loop, Operand, Value, values_in
from srcgrad.ir.types import may_vary


def varied(block: Block, inputs: Iterable[Value]) -> set[Value]:
    """Every value that depends differentiably on the inputs."""
    found = set(inputs)
    _block(block, found)
    return found


def _block(block: Block, found: set[Value]) -> None:
    for op in block.ops:
        match op:
            case Call():
                if may_vary(op.out.type) and _any(_inputs(op), found):
                    found.add(op.out)
            case If():
                _block(op.then, found)
                _block(op.orelse, found)
                for out, x, y in zip(op.outs, op.then.yields, op.orelse.yields, strict=True):
                    _mark(out, (x, y), found)
            case Loop():
                _loop(op, found)


def _inputs(call: Call) -> Iterable[Value]:
    if isinstance(call.fn, Func):
        return values_in((call.args, call.kwargs))
    return active_inputs(call)


def _any(values: Iterable[Value], found: set[Value]) -> bool:
    return any(value in found for value in values)


def _mark(out: Value, operands: Operand, found: set[Value]) -> None:
    if may_vary(out.type) and _any(values_in(operands), found):
        found.add(out)


def _loop(op: Loop, found: set[Value]) -> None:
    for source, item in zip(op.sources, op.items, strict=True):
        if isinstance(source, Items):
            _mark(item, source.value, found)
    for param, init in zip(op.carried, op.inits, strict=True):
        _mark(param, init, found)
    while True:
        _block(op.body, found)
        before = len(found)
        for param, after in zip(op.carried, op.carried_yields, strict=True):
            _mark(param, after, found)
        if len(found) == before:
            break
    for out, init, after in zip(op.carried_outs, op.inits, op.carried_yields, strict=True):
        _mark(out, (init, after), found)
    for out, after in zip(op.collected_outs, op.collected_yields, strict=True):
        _mark(out, after, found)
