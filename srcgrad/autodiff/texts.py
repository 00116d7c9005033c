"""Text that is made of values with a derivative: it may be printed and compared, and not be read as a number again."""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.autodiff.activity import varied
from srcgrad.errors import UnsupportedError
from srcgrad.ir.core import Call, Func, If, Loop, Op, Operand, Value, values_in
from srcgrad.ir.types import Opaque, may_vary
from srcgrad.ir.walk import walk

__all__ = ["refuse_numbers_from_text"]

ROUNDS = 3  # through loops whose text was made in an earlier trip


def refuse_numbers_from_text(func: Func, inputs: Iterable[Value]) -> None:
    """Raise where a number is computed from text that depends on the inputs: it has lost its derivative."""
    ops = list(walk(func.block))
    if not any(is_text(out) for op in ops for out in op.outs):
        return
    active = varied(func.block, inputs)
    texts: set[Value] = set()
    for _ in range(ROUNDS):
        for op in ops:
            _follow(op, active, texts)


def is_text(value: Value) -> bool:
    """Is it text for sure?"""
    return isinstance(value.type, Opaque) and value.type.name == "str"


def _follow(op: Op, active: set[Value], texts: set[Value]) -> None:
    match op:
        case Call():
            _call(op, active, texts)
        case If():
            for out, x, y in zip(op.outs, op.then.yields, op.orelse.yields, strict=True):
                _mark(out, (x, y), texts)
        case Loop():
            for out, param, init, after in zip(op.carried_outs, op.carried, op.inits, op.carried_yields, strict=True):
                _mark(param, (init, after), texts)
                _mark(out, (init, after), texts)


def _call(call: Call, active: set[Value], texts: set[Value]) -> None:
    given = set(values_in((call.args, call.kwargs)))
    if is_text(call.out) and given & (active | texts):
        texts.add(call.out)
    elif given & texts and may_vary(call.out.type):
        raise UnsupportedError(
            "cannot read a number from text that is made of a value with a derivative",
            span=call.span,
            reason="the derivative is lost where the value becomes text",
            repair="Compute with the value itself, or mark it: srcgrad.stop_gradient(x).",
        )


def _mark(out: Value, operands: Operand, texts: set[Value]) -> None:
    if any(value in texts for value in values_in(operands)):
        texts.add(out)
