"""Calls of functions that have a rule: emitted, with the memory that their results share."""

from __future__ import annotations

import inspect
import operator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend.array_like import sequences_as_arrays
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.defined import definition_type, know_settings
from srcgrad.frontend.inlining import is_numpys
from srcgrad.frontend.known_calls import fold
from srcgrad.frontend.layout import NEW, SAME, VIEW, einsum_views, note_layout, relation, split_slices
from srcgrad.frontend.methods import METHODS
from srcgrad.frontend.promotion import list_type
from srcgrad.frontend.runtime_lists import as_array
from srcgrad.frontend.ufuncs import into
from srcgrad.frontend.values import Abstract, Const, Ref, Sym, TupleOf
from srcgrad.ir.core import Operand
from srcgrad.ir.types import Arr, Num
from srcgrad.rules.core import Rule

OF_LISTS = {np.array, np.stack, np.concatenate, np.vstack, np.hstack, np.dstack, np.column_stack}


def call_rule(ctx: Context, rule: Rule, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract], style: str
              ) -> Abstract:  # fmt: skip
    """Emit a call of a function that has a rule."""
    fn, args = with_arrays(ctx, fn, args)
    args, kwargs = sequences_as_arrays(ctx, rule, fn, args, kwargs)
    stored = into(ctx, rule, fn, args, kwargs, style)
    if stored is not None:
        return stored
    if rule.effect == "":
        folded = fold(ctx, fn, args, kwargs)
        if folded is not None:
            return folded
    know_settings(ctx, rule, args, kwargs)
    if may_view(rule, fn) and args and isinstance(args[0], Ref):
        viewed = view(ctx, rule, fn, args, kwargs, style)
        if viewed is not None:
            return viewed
    operands = tuple(ctx.operand(arg) for arg in args)
    named = {key: ctx.operand(arg) for key, arg in kwargs.items()}
    must = rule.effect in ("io", "random")
    known = definition_type(ctx, rule, args, kwargs) if rule.kind == "defined" else None
    made = ctx.wrap(ctx.emit_call(fn, operands, named, style=style, must=must, type_=known))
    if isinstance(made, Ref):
        note_layout(ctx, rule, fn, args, style, made)
        if fn is np.einsum and einsum_views(args) and isinstance(args[1], Ref):
            ctx.may_share(args[1].storage, made.storage)
    return made


def with_arrays(ctx: Context, fn: Any, args: list[Abstract]) -> tuple[Any, list[Abstract]]:
    """A function of NumPy takes a run-time list as an array, unless it is one of arrays side by side."""
    if not any(list_type(ctx, arg) is not None for arg in args) or fn in OF_LISTS:
        return fn, args
    if fn in (np.asarray, np.asanyarray, np.ascontiguousarray):
        return np.array, args
    if is_numpys(fn) or isinstance(fn, np.ufunc) or fn in METHODS.values():
        return fn, [as_array(ctx, arg) for arg in args]
    if getattr(fn, "__module__", "") == "_operator" and any(is_of_numpy(ctx, arg) for arg in args):
        return fn, [as_array(ctx, arg) for arg in args]
    return fn, args


def is_of_numpy(ctx: Context, thing: Abstract) -> bool:
    """Is it an array or a number of NumPy, which take a list beside them as an array?"""
    kind = operand_type(ctx.operand(thing)) if isinstance(thing, (Ref, Sym)) else None
    return isinstance(kind, Arr) or (isinstance(kind, Num) and kind.kind not in ("int", "bool"))


def may_view(rule: Rule, fn: Any) -> bool:
    """May the result be the first argument, or a view of it?"""
    return rule.view is not False or fn is runtime.as_type


def view(ctx: Context, rule: Rule, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract], style: str
         ) -> Abstract | None:  # fmt: skip
    """A call whose result shares memory with its first argument."""
    base, copied = args[0], kwargs.get("copy")
    assert isinstance(base, Ref)
    if isinstance(copied, Const) and copied.value is True:
        return None
    kind = operand_type(ctx.operand(base))
    operands = [ctx.operand(arg) for arg in args]
    if kwargs:
        operands = positional(ctx, rule, fn, operands, {key: ctx.operand(arg) for key, arg in kwargs.items()})
    how = relation(rule, fn, base, kind, operands)
    if how in (SAME, NEW):
        return base if how == SAME else None
    value = ctx.emit_call(fn, tuple(operands), {}, style=style)
    if isinstance(value.type, Num):
        return Sym(value)
    steps = (*base.steps, (fn, tuple(operands[1:])))
    if how == VIEW and isinstance(value.type, Arr):
        return Ref(base.storage, steps)
    pieces = split_slices(ctx, fn, operands) if how == VIEW else None
    if pieces is not None:
        return TupleOf(tuple(Ref(base.storage, (*base.steps, (operator.getitem, (piece,)))) for piece in pieces))
    return ctx.maybe_view(base, value)


def positional(ctx: Context, rule: Rule, fn: Any, operands: list[Operand], named: dict[str, Operand]
               ) -> list[Operand]:  # fmt: skip
    """All arguments by position, as far as they are given."""
    if rule.vjp is None:
        return operands
    signature = inspect.signature(rule.vjp)
    names = list(signature.parameters.values())[rule.skip :]
    bound = signature.replace(parameters=names).bind(*operands, **named)
    given = max(k + 1 for k, parameter in enumerate(names) if parameter.name in bound.arguments)
    bound.apply_defaults()
    if fn is runtime.as_type:  # takes them all by position
        return [*bound.args, *bound.kwargs.values()]
    for name, value in bound.kwargs.items():
        if value is not signature.parameters[name].default:
            raise ctx.unsupported(f"cannot follow memory through `{name}=` here", "Leave it out.")
    spread = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in names)
    return list(bound.args) if spread else list(bound.args[:given])
