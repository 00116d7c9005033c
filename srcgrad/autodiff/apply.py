"""Rules at work: reads a rule's source with the frontend and emits its derivative of one call."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np

from srcgrad.autodiff.templates import Given, again, keep, key_of
from srcgrad.errors import Span, UnsupportedError
from srcgrad.frontend.activations import NeedStatic
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.inlining import inline_object
from srcgrad.frontend.lower import new_context
from srcgrad.frontend.values import Abstract, Box, Const, State, Sym, TupleOf
from srcgrad.ir.core import Block, Call, Operand, Value, values_in
from srcgrad.ir.types import Arr, Num, Tup
from srcgrad.rules.core import Rule, lookup
from srcgrad.runtime import sum_to


@functools.lru_cache(maxsize=2048)
def own_signature(rule: Rule) -> inspect.Signature:
    """The signature of the callable itself, as its rule repeats it."""
    assert rule.vjp is not None
    signature = inspect.signature(rule.vjp)
    return signature.replace(parameters=list(signature.parameters.values())[rule.skip :])


@functools.lru_cache(maxsize=2048)
def positional_names(rule: Rule) -> tuple[str, ...]:
    """The parameters that take positional arguments, one each."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(name for name, parameter in own_signature(rule).parameters.items() if parameter.kind in kinds)


def bind(rule: Rule, call: Call) -> dict[str, Operand]:
    """The call's operands by the rule's parameter names; an error that names the line where they do not fit."""
    names = positional_names(rule)
    if not call.kwargs and len(call.args) == len(names):
        return dict(zip(names, call.args, strict=True))
    try:
        return dict(own_signature(rule).bind(*call.args, **call.kwargs).arguments)
    except TypeError as error:
        raise UnsupportedError(
            f"cannot differentiate this call of `{name_of(call.fn)}`",
            span=call.span,
            reason=f"its rule does not know these arguments: {error}",
            repair="Leave them out, or write the function in terms of others.",
        ) from None


def name_of(fn: Any) -> str:
    """How to name a callable in a message."""
    module = getattr(fn, "__module__", None)
    name = getattr(fn, "__name__", type(fn).__name__)
    return f"np.{name}" if module and module.split(".")[0] == "numpy" else str(name)


def rule_of(call: Call) -> Rule:
    """The rule of a call on active values."""
    rule = lookup(call.fn)
    if rule is None:
        raise UnsupportedError(
            f"cannot differentiate a call of `{name_of(call.fn)}`: it has no rule",
            span=call.span,
            repair="Declare a rule for it, or write it in terms of NumPy functions.",
        )
    return rule


def operands_with_derivative(rule: Rule, call: Call) -> dict[str, Operand]:
    """Name and operand of what the rule differentiates."""
    if rule.vjp is None:
        return {}
    bound = bind(rule, call)
    return {name: bound[name] for name in rule.operands if name in bound}


def active_inputs(call: Call) -> Iterator[Value]:
    """The values through which a derivative may pass."""
    rule = lookup(call.fn)
    if rule is None:
        yield from values_in((call.args, call.kwargs))
    elif rule.kind != "constant":
        for operand in operands_with_derivative(rule, call).values():
            yield from values_in(operand)


class Applier:
    """Emits into a block that changes as regions are entered."""

    def __init__(self) -> None:
        self.ctx: Context = new_context(Span("", 0))

    def emit(self, fn: Any, *args: Operand, hint: str = "", **kwargs: Operand) -> Value:
        """Append a call."""
        return self.ctx.emit(fn, *args, hint=hint, **kwargs)

    def run(self, fn: Any, args: list[Operand], kwargs: dict[str, Operand], span: Span | None) -> Abstract:
        """Interpret a rule's function on operands."""
        ctx = self.ctx
        ctx.state, ctx.span = State(), span
        given = Given(fn, args, kwargs)
        key = key_of(ctx, given)
        return again(ctx, key, given) or self.interpret(key, given)

    def interpret(self, key: Hashable | None, given: Given) -> Abstract:
        """The same by reading the source."""
        ctx, start = self.ctx, len(self.ctx.block.ops)
        things = [thing_of(ctx, arg) for arg in given.args]
        named = {name: thing_of(ctx, arg) for name, arg in given.kwargs.items()}
        try:
            result = inline_object(ctx, given.fn, things, named)
        except NeedStatic as need:
            raise UnsupportedError(
                f"{need.why} must be known before the program runs",
                span=ctx.span,
                repair="Write it as a constant.",
            ) from None
        keep(ctx, key, given, ctx.block.ops[start:], result)
        return result

    def operand(self, thing: Abstract) -> Operand:
        """What the interpreted rule gave, as an operand."""
        return self.ctx.operand(thing)

    def within(self, block: Block) -> Any:
        """Emit into another block for a while."""
        return self.ctx.region(block, State())


def thing_of(ctx: Context, operand: Operand) -> Abstract:
    """An operand as the frontend sees it."""
    if isinstance(operand, Value):
        return Sym(operand) if isinstance(operand.type, Num) else wrap(ctx, operand)
    if isinstance(operand, tuple) and any(True for _ in values_in(operand)):
        return TupleOf(tuple(thing_of(ctx, item) for item in operand))
    if isinstance(operand, list):
        box = Box("list")
        ctx.state.boxes[box.number] = tuple(thing_of(ctx, item) for item in operand)
        return box
    return Const(operand)


def wrap(ctx: Context, value: Value) -> Abstract:
    """A run-time value of any type."""
    if isinstance(value.type, Tup):
        return ctx.wrap(value)
    return ctx.wrap(value) if not isinstance(value.type, Num) else Sym(value)


def fit(applier: Applier, bar: Operand, x: Value) -> Operand:
    """The cotangent of an elementwise operand: what broadcasting stretched is summed again."""
    if not may_stretch(operand_type(bar), x.type):
        return bar
    if isinstance(x.type, Num):
        return applier.emit(np.sum, bar)
    return applier.emit(sum_to, bar, applier.emit(np.shape, x))


def may_stretch(bar: Any, own: Any) -> bool:
    """May a cotangent of type `bar` be larger than the operand of type `own`?"""
    if isinstance(bar, Num):
        return not isinstance(own, Num) and not (isinstance(own, Arr) and own.dims is not None)
    if not isinstance(bar, Arr) or bar.dims is None:
        return True
    if isinstance(own, Num) or bar.dims == ():
        return bar.dims != ()
    if not isinstance(own, Arr) or own.dims is None or len(own.dims) != len(bar.dims):
        return True
    return any(not _same_length(mine, theirs) for mine, theirs in zip(own.dims, bar.dims, strict=True))


def _same_length(mine: Any, theirs: Any) -> bool:
    """Equal for certain: the same symbol, or `mine` is known not to be 1 and so was not stretched."""
    if mine == theirs and mine is not None:
        return True
    if isinstance(mine, int):
        return mine != 1
    return mine is not None and mine.one is False
