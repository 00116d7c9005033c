"""What ufuncs have beyond a call: ``out=``, ``where=``, and the methods at, reduce, accumulate and outer."""

from __future__ import annotations

import inspect
import operator
from functools import lru_cache
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend import spelled
from srcgrad.frontend.array_like import as_arrays
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.reading import read_in_place
from srcgrad.frontend.values import Abstract, Const, Ref, Sym, TupleOf
from srcgrad.frontend.writes import LINEAR, augmented_store, check_same_kind, negated, repeats, store
from srcgrad.ir.core import Operand, Value
from srcgrad.ir.types import Arr, Num, Type
from srcgrad.rules.core import Rule

Args = list[Abstract]
Kwargs = dict[str, Abstract]

OPERATORS: dict[Any, Any] = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.divide: operator.truediv,
    np.power: operator.pow,
}  # fmt: skip
REDUCTIONS: dict[Any, Any] = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min, np.logical_and: np.all,
    np.logical_or: np.any,
}  # fmt: skip
ACCUMULATIONS: dict[Any, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}
NONE = Const(None)


# --- out= and where= ----------------------------------------------------------------------------------------


def into(ctx: Context, rule: Rule, fn: Any, args: Args, kwargs: Kwargs, style: str) -> Abstract | None:
    """A call with ``out=``, by name or by position, or with a ufunc's ``where=``; None where there is neither."""
    args, rest, out = parted(rule, fn, args, dict(kwargs))
    where = rest.pop("where", None) if isinstance(fn, np.ufunc) else None
    if is_always(where):
        where = None
    if out is None and where is None:
        if len(rest) == len(kwargs) and "out" not in kwargs:
            return None
        return ctx.call(Const(fn), args, {**rest, "<style>": Const(style)})
    if out is None:
        raise ctx.unsupported("cannot differentiate `where=` without `out=`: what is not computed has no value",
                              "Pass out=np.zeros(...), or write np.where.")  # fmt: skip
    target, kind = array_out(ctx, out)
    if where is not None:
        return masked(ctx, fn, args, rest, target, kind, where)
    value = ctx.call(Const(fn), args, rest)
    assign_all(ctx, target, kind, value, Ellipsis, same_rank=not isinstance(fn, np.ufunc))
    return target


def parted(rule: Rule, fn: Any, args: Args, rest: Kwargs) -> tuple[Args, Kwargs, Abstract | None]:
    """The arguments without `out`, and it."""
    out = rest.pop("out", None)
    if isinstance(fn, np.ufunc):
        if len(args) > fn.nin:
            args, out = args[: fn.nin], args[fn.nin] if len(args) == fn.nin + 1 else TupleOf(tuple(args[fn.nin :]))
    elif rule.vjp is not None:
        names = own_names(rule)
        if "out" in names and names.index("out") < len(args):
            at = names.index("out")
            out, rest = args[at], {**dict(zip(names[at + 1 :], args[at + 1 :], strict=False)), **rest}
            args = args[:at]
    if isinstance(out, TupleOf) and len(out.items) == 1:
        out = out.items[0]
    return args, rest, None if isinstance(out, Const) and out.value is None else out


@lru_cache(maxsize=4096)
def own_names(rule: Rule) -> list[str]:
    """The parameters of a rule's function, in order."""
    assert rule.vjp is not None
    return list(inspect.signature(rule.vjp).parameters)[rule.skip :]


def is_always(where: Abstract | None) -> bool:
    """``where=True``."""
    return isinstance(where, Const) and where.value is True


def array_out(ctx: Context, out: Abstract) -> tuple[Ref, Arr]:
    """The array that is written, and its type, which has to be known."""
    kind = operand_type(ctx.operand(out)) if isinstance(out, Ref) else None
    if not isinstance(out, Ref) or not isinstance(kind, Arr) or kind.dtype is None or kind.dims is None:
        raise ctx.unsupported("cannot write through this `out=`: its dtype and rank are not known",
                              "Assign the result: x[...] = f(...).")  # fmt: skip
    return out, kind


def assign_all(ctx: Context, target: Ref, kind: Arr, value: Abstract, index: Operand, *, same_rank: bool) -> None:
    """``target[index] = value`` as ``out=`` does it: what does not fit without loss of kind is refused."""
    operand = ctx.operand(value)
    found = operand_type(operand)
    if same_rank and rank_of(found) != kind.ndim:
        raise ctx.unsupported("cannot write through this `out=`: it is not known to have the rank of the result",
                              "Assign the result: x[...] = f(...).")  # fmt: skip
    if same_rank and getattr(found, "dtype", None) != kind.dtype:
        raise ctx.unsupported("cannot write through this `out=`: it is not known to have the dtype of the result",
                              "Assign the result: x[...] = f(...).")  # fmt: skip
    check_same_kind(ctx, kind, found)
    store(ctx, target, runtime.set_item, index, operand)


def rank_of(kind: Type) -> int | None:
    """The rank, None where unknown."""
    return kind.ndim if isinstance(kind, Arr) else 0 if isinstance(kind, Num) else None


def masked(ctx: Context, fn: Any, args: Args, rest: Kwargs, target: Ref, kind: Arr, where: Abstract) -> Abstract:
    """Computed only where the mask is set: what stands elsewhere is no operand at all."""
    mask = ctx.operand(where)
    known = operand_type(mask)
    if not isinstance(known, Arr) or known.dtype != np.dtype(bool):
        raise ctx.unsupported("cannot differentiate `where=` that is not known to be an array of bool",
                              "Compare arrays to get one.")  # fmt: skip
    shape = ctx.emit(np.shape, ctx.operand(target), style="attribute", must=False)
    mask = stretched(ctx, mask, kind, shape)
    picked = [picked_operand(ctx, ctx.operand(arg), kind, shape, mask) for arg in args]
    value = ctx.call(Const(fn), picked, rest)
    assign_all(ctx, target, kind, value, mask, same_rank=False)
    return target


def stretched(ctx: Context, operand: Operand, kind: Arr, shape: Value) -> Operand:
    """The operand in the shape of the target."""
    own = operand_type(operand)
    if isinstance(own, Arr) and own.dims == kind.dims and None not in (kind.dims or (None,)):
        return operand
    return ctx.emit(np.broadcast_to, operand, shape)


def picked_operand(ctx: Context, operand: Operand, kind: Arr, shape: Value, mask: Operand) -> Abstract:
    """The items of an operand under a mask; numbers are what they are."""
    if isinstance(operand_type(operand), Num):
        return Sym(operand) if isinstance(operand, Value) else Const(operand)
    return ctx.wrap(ctx.emit(operator.getitem, stretched(ctx, operand, kind, shape), mask))


# --- methods ------------------------------------------------------------------------------------------------


def ufunc_method(ctx: Context, fn: np.ufunc, name: str, args: Args, kwargs: Kwargs) -> Abstract:
    """``np.add.at(...)`` and the like."""
    match name:
        case "at" if len(args) == 3 and not kwargs:
            at(ctx, fn, args[0], args[1], args[2])
            return NONE
        case "reduce" if args:
            return reduced(ctx, fn, args, kwargs)
        case "accumulate" if args:
            return accumulated(ctx, fn, args, kwargs)
        case "outer" if len(args) == 2:
            return outer(ctx, fn, args[0], args[1], kwargs)
    raise ctx.unsupported(f"cannot differentiate `np.{fn.__name__}.{name}` called this way",
                          "Write a loop, or use functions that have a rule.")  # fmt: skip


def at(ctx: Context, fn: np.ufunc, array: Abstract, index: Abstract, value: Abstract) -> None:
    """``fn.at(array, index, value)``: every occurrence of a repeated index counts."""
    if not isinstance(array, Ref) or not isinstance(operand_type(ctx.operand(array)), Arr):
        raise ctx.unsupported(f"cannot tell what `np.{fn.__name__}.at` writes into", "Write into an array.")
    key = ctx.operand(index)
    spelled_as = OPERATORS.get(fn)
    check_same_kind(ctx, operand_type(ctx.operand(array)), operand_type(ctx.operand(value)))
    if spelled_as in LINEAR:
        operand = ctx.operand(value)
        store(ctx, array, runtime.add_item, key, negated(ctx, operand) if LINEAR[spelled_as] else operand)
    elif not repeats(key):
        augmented_store(ctx, array, index, spelled_as or fn, lambda: value)
    else:
        at_repeated(ctx, Const(spelled_as or fn), array, index, value)


def at_repeated(ctx: Context, fn: Const, array: Ref, index: Abstract, value: Abstract) -> None:
    """One by one, in order."""
    same = {array.storage, *ctx.shares.get(array.storage, ())}
    if isinstance(value, Ref) and value.storage in same:
        value = ctx.call(Const(np.copy), [value], {})
    parts = list(index.items) if isinstance(index, TupleOf) else [index]
    ranks = [index_rank(ctx, part) for part in parts]
    scalar = rank_of(operand_type(ctx.operand(value))) == 0
    if ranks == [1]:
        each = spelled.at_one if scalar else spelled.at_each
        read_in_place(ctx, each, [fn, array, parts[0], value])
    elif ranks == [1, 1]:
        read_in_place(ctx, spelled.at_pairs, [fn, array, *parts, value])
    else:
        raise ctx.unsupported(f"cannot differentiate `np.{getattr(fn.value, '__name__', '')}.at` with this index",
                              "Use one or two index arrays of rank 1.")  # fmt: skip


def index_rank(ctx: Context, part: Abstract) -> int | None:
    """The rank of one part of an index."""
    operand = ctx.operand(part)
    if isinstance(operand, (list, np.ndarray)):
        return np.ndim(operand)
    return rank_of(operand_type(operand))


def reduced(ctx: Context, fn: np.ufunc, args: Args, kwargs: Kwargs) -> Abstract:
    """``fn.reduce(array, axis=0)``."""
    names = ("array", "axis", "dtype", "out", "keepdims", "initial", "where")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    array, axis = given.pop("array"), given.pop("axis", Const(0))
    given = {key: thing for key, thing in given.items() if not is_default(key, thing)}
    if fn in REDUCTIONS:
        return ctx.call(Const(REDUCTIONS[fn]), [array], {"axis": axis, **given})
    if given:
        raise ctx.unsupported(f"cannot differentiate `np.{fn.__name__}.reduce` with `{next(iter(given))}`",
                              "Leave it out.")  # fmt: skip
    return read_in_place(ctx, spelled.reduce, [Const(OPERATORS.get(fn, fn)), first_axis(ctx, array, axis)])


def is_default(key: str, thing: Abstract) -> bool:
    """An argument that says nothing."""
    if not isinstance(thing, Const):
        return False
    if key in ("dtype", "out"):
        return thing.value is None
    return (key, thing.value) in (("keepdims", False), ("where", True))


def first_axis(ctx: Context, array: Abstract, axis: Abstract) -> Abstract:
    """The array with `axis` in front."""
    known = ctx.static(axis, "the axis")
    if not isinstance(known, int):
        raise ctx.unsupported("cannot reduce over these axes with this ufunc", "Reduce over one axis.")
    return array if known == 0 else ctx.call(Const(np.moveaxis), [array, Const(known), Const(0)], {})


def accumulated(ctx: Context, fn: np.ufunc, args: Args, kwargs: Kwargs) -> Abstract:
    """``fn.accumulate(array, axis=0)``."""
    given = {**dict(zip(("array", "axis", "dtype", "out"), args, strict=False)), **kwargs}
    array, axis = given.pop("array"), given.pop("axis", Const(0))
    given = {key: thing for key, thing in given.items() if not is_default(key, thing)}
    if fn in ACCUMULATIONS:
        return ctx.call(Const(ACCUMULATIONS[fn]), [array], {"axis": axis, **given})
    if given:
        raise ctx.unsupported(f"cannot differentiate `np.{fn.__name__}.accumulate` with `{next(iter(given))}`",
                              "Leave it out.")  # fmt: skip
    made = read_in_place(ctx, spelled.accumulate, [Const(OPERATORS.get(fn, fn)), first_axis(ctx, array, axis)])
    known = ctx.static(axis, "the axis")
    return made if known == 0 else ctx.call(Const(np.moveaxis), [made, Const(0), Const(known)], {})


def outer(ctx: Context, fn: np.ufunc, a: Abstract, b: Abstract, kwargs: Kwargs) -> Abstract:
    """``fn.outer(a, b)``: every item of one with every item of the other."""
    a, b = as_arrays(ctx, [a, b])
    left, right = (rank_of(operand_type(ctx.operand(thing))) for thing in (a, b))
    if left is None or right is None:
        raise ctx.unsupported(f"cannot differentiate `np.{fn.__name__}.outer` of arrays of unknown rank", "Add axes.")
    if left and right:
        a = ctx.call(Const(operator.getitem), [a, Const((Ellipsis, *(None,) * right))], {})
    return ctx.call(Const(OPERATORS.get(fn, fn) if not kwargs else fn), [a, b], kwargs)
