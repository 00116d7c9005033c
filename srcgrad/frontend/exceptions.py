"""Which exceptions an operation may raise on arguments of the right kinds, and what a caught exception is."""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any, TypeAlias

import numpy as np

from srcgrad import runtime
from srcgrad.frontend.boxes import replace_content
from srcgrad.frontend.context import Context, operand_type
from srcgrad.frontend.objects import find, new_box
from srcgrad.frontend.values import Abstract, Box, Const, Sym, TupleOf
from srcgrad.ir.core import Call, Func, Operand
from srcgrad.ir.types import AnyType, Arr, ListOf, Num, Opaque, Tup, Type
from srcgrad.ir.walk import callees, walk
from srcgrad.rules.core import lookup

Classes: TypeAlias = tuple[type[BaseException], ...]
Args: TypeAlias = list[Abstract]
Kwargs: TypeAlias = dict[str, Abstract]
ANYTHING = Exception  # any class at all

# How an exception was made, among its attributes: positional arguments, others, their names, what it held at first.
ARGS, KWARGS, NAMES, HELD = "<args>", "<kwargs>", "<names>", "<held>"

DIVISIONS = (operator.truediv, operator.floordiv, operator.mod, builtins.divmod)
INDEXING = (operator.getitem, runtime.get_item)
STORES = (runtime.set_item, runtime.add_item)
LIST_ITEMS = (runtime.list_remove, runtime.list_set, runtime.list_add)
CONVERSIONS = (float, int, complex)
EXTREMES = (np.max, np.min, np.argmax, np.argmin, np.nanmax, np.nanmin, np.nanargmax, np.nanargmin)
SUMS = (np.sum, np.mean, np.prod, np.any, np.all, np.std, np.var, np.nansum, np.nanmean, np.cumsum, np.cumprod)
SAFE = {
    builtins.print, builtins.list, builtins.tuple, builtins.isinstance, builtins.bool, builtins.range, builtins.type,
    builtins.str, builtins.repr, builtins.abs, operator.is_, operator.is_not, operator.not_, np.shape, np.size,
    np.ndim, np.zeros_like, np.ones_like, np.empty_like, np.copy, np.ravel, np.real, np.imag, np.conj, np.isscalar,
    np.ndarray.copy, np.result_type, runtime.list_append, runtime.list_insert, runtime.list_join, runtime.list_repeat,
    runtime.join_text, runtime.raises, runtime.exception_of, runtime.handler_of,
    runtime.leave_array, runtime.leave_attribute, runtime.leave_item, runtime.leave_all, runtime.leave_tail,
    runtime.leave_cell,
    runtime.set_errors, runtime.restore_errors, runtime.make_error, runtime.stop_gradient, runtime.zeros_of,
    runtime.sum_to, runtime.entry_copy,
}  # fmt: skip
ONLY_ACT = ("logging", "_thread")
SAFE_MATH = {math.atan, math.atan2, math.tanh, math.asinh, math.fabs, math.copysign, math.isnan, math.isinf,
             math.isfinite, math.erf, math.erfc, math.degrees, math.radians}  # fmt: skip


OUTSIDE_DOMAIN = {math.sqrt, math.log, math.log2, math.log10, math.log1p, math.sin, math.cos, math.tan, math.asin,
                  math.acos, math.acosh, math.atanh}  # fmt: skip
TOO_LARGE = {math.exp, math.expm1, math.sinh, math.cosh}


def may_raise(fn: Any, args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Classes:
    """The exceptions that a call may raise; `ANYTHING` among them where that is not known."""
    if isinstance(fn, Func):
        return inside(fn)
    if fn in SAFE or fn in SAFE_MATH or getattr(getattr(fn, "__objclass__", fn), "__module__", "") in ONLY_ACT:
        return ()
    types = [operand_type(arg) for arg in args]
    if getattr(fn, "__module__", "") == "math":
        return of_math(fn, types)
    if fn is runtime.check_bound:
        return (UnboundLocalError,)
    if fn is runtime.place_of_key:
        return (KeyError,)
    if fn is runtime.check_length:
        return (ValueError,)
    if fn in CONVERSIONS:
        return conversion(fn, types[0]) if types else ()
    if fn in INDEXING or fn in STORES or fn in LIST_ITEMS:
        return item(fn, args, types)
    return computation(fn, args, kwargs, types)


def of_math(fn: Any, types: list[Type]) -> Classes:
    """Functions of `math`: of floats most raise one of the two; an int may be too large for a float."""
    floats = all(isinstance(kind, Num) and kind.kind == "float" for kind in types)
    if floats and fn in OUTSIDE_DOMAIN:
        return (ValueError,)
    if floats and fn in TOO_LARGE:
        return (OverflowError,)
    return (ValueError, OverflowError)


def inside(func: Func) -> Classes:
    """What a function that calls itself may raise."""
    found: dict[type[BaseException], None] = {}
    for each in [func, *callees(func.block)]:
        for op in walk(each.block):
            if isinstance(op, Call) and not isinstance(op.fn, Func):
                error: Any = op.args[0] if op.fn is runtime.raise_error else None
                own: Classes = (error,) if is_exception(error) else may_raise(op.fn, op.args, op.kwargs)
                found.update((cls, None) for cls in own)
    return tuple(found)


def conversion(fn: Any, kind: Type) -> Classes:
    """``float(x)``, ``int(x)``."""
    if isinstance(kind, Num):
        return () if fn is not int or kind.kind in ("int", "bool") else (ValueError, OverflowError)
    return (ValueError, TypeError, OverflowError)


def item(fn: Any, args: tuple[Operand, ...], types: list[Type]) -> Classes:
    """Reading and writing items."""
    if isinstance(types[0], (Num, AnyType)):
        return (IndexError, TypeError, ValueError)
    if types[0] == Opaque("dict"):
        return (KeyError,)
    index = () if surely_inside(args[1], types[0]) else (IndexError,)
    if fn in STORES and not isinstance(types[2], Num):
        return (*index, ValueError)
    return index


def surely_inside(index: Operand, kind: Type) -> bool:
    """Slices, new axes, and constant indices of axes of constant length."""
    parts = index if isinstance(index, tuple) else (index,)
    dims = kind.dims if isinstance(kind, Arr) else None
    if isinstance(kind, Tup):
        dims = (len(kind.items),)
    if dims is not None and sum(part is not None and part is not ... for part in parts) > len(dims):
        return False
    if dims is None and len(parts) > 1:
        return False
    ahead = ... not in [part for part in parts if part is ...]
    new = any(part is None for part in parts)
    return all(part is None or part is ... or isinstance(part, slice) or
               (ahead and not new and dims is not None and within(part, dims[k]))
               for k, part in enumerate(parts))  # fmt: skip


def within(part: Operand, dim: Any) -> bool:
    """A constant index of an axis of constant length."""
    return type(part) is int and type(dim) is int and -dim <= part < dim


def computation(fn: Any, args: tuple[Operand, ...], kwargs: dict[str, Operand], types: list[Type]) -> Classes:
    """Everything else."""
    numbers = all(isinstance(kind, Num) for kind in types) and not kwargs
    if numbers and getattr(fn, "__module__", "") in ("_operator", "builtins"):
        return arithmetic(fn, args, types)
    if fn is builtins.len:
        return () if isinstance(types[0], (ListOf, Tup)) or has_axes(types[0]) else (TypeError,)
    if fn in SUMS and len(args) == 1 and not kwargs:
        return ()
    if fn in EXTREMES and len(args) == 1 and not kwargs:
        return (ValueError,)
    if is_elementwise(fn) and not kwargs:
        return elementwise(fn, types)
    if (getattr(fn, "__module__", None) or "").startswith("numpy.linalg"):
        return (np.linalg.LinAlgError, ValueError)
    if fn in (operator.matmul, np.dot, np.matmul):
        return (ValueError,)
    if fn in (np.zeros, np.ones, np.eye, np.arange) and isinstance(args[0], int) and args[0] >= 0:
        return ()
    if fn is np.asarray and isinstance(types[0], (Arr, Num)):
        return ()
    return (ANYTHING,)


def arithmetic(fn: Any, args: tuple[Operand, ...], types: list[Type]) -> Classes:
    """Operators on numbers."""
    if fn in DIVISIONS:
        divisor = args[1]
        return () if isinstance(divisor, (int, float)) and divisor else (ZeroDivisionError,)
    if fn is operator.pow or fn is builtins.pow:
        return (ZeroDivisionError, OverflowError)
    if fn in (operator.lshift, operator.rshift):
        return (ValueError, OverflowError)
    return ()


def elementwise(fn: Any, types: list[Type]) -> Classes:
    """Shapes may not fit where two operands have some; of what may be Python's numbers all may be wrong."""
    wide = [kind for kind in types if not isinstance(kind, Num)]
    shapes = len(wide) > 1 and not (all(isinstance(kind, Arr) for kind in wide) and one_shape(wide))
    unknown = all(isinstance(kind, (Num, AnyType)) for kind in types)
    division = (ZeroDivisionError,) if unknown and fn in DIVISIONS else ()
    power = (ZeroDivisionError, OverflowError) if unknown and fn is operator.pow else ()
    negative = (ValueError,) if fn in (operator.pow, np.power) else ()
    return (*division, *power, *((ValueError,) if shapes else negative))


def one_shape(kinds: list[Any]) -> bool:
    """Have arrays one shape for sure?"""
    dims = kinds[0].dims
    return dims is not None and None not in dims and all(kind.dims == dims for kind in kinds)


def is_elementwise(fn: Any) -> bool:
    """A ufunc, an operator, or a function whose rule is elementwise."""
    if isinstance(fn, np.ufunc) or getattr(fn, "__module__", "") == "_operator":
        return getattr(fn, "signature", None) is None and fn is not operator.matmul
    rule = lookup(fn)
    return rule is not None and rule.kind == "elementwise" and not rule.effect and not isinstance(fn, type)


def floats(fn: Any) -> bool:
    """May NumPy raise on floating-point errors in it?"""
    if isinstance(fn, Func):
        return True
    return fn not in SAFE and fn not in INDEXING and getattr(fn, "__module__", "") != "math" and lookup(fn) is not None


def has_axes(kind: Type) -> bool:
    """Surely an array with an axis?"""
    return isinstance(kind, Arr) and bool(kind.dims)


def classes_of(ctx: Context, handler: Any) -> Classes:
    """The exceptions that a handler takes."""
    if handler.type is None:
        return (BaseException,)
    known = ctx.static(ctx.settle(ctx.expr(handler.type)), "which exceptions are caught")
    return flat(known)


def flat(known: Any) -> Classes:
    """One class, or a tuple of such."""
    if isinstance(known, tuple):
        return tuple(cls for each in known for cls in flat(each))
    return (known,)


def is_exception(value: Any) -> bool:
    """Is it a class of exceptions?"""
    return isinstance(value, type) and issubclass(value, BaseException)


def made_exception(ctx: Context, cls: type, args: Args, kwargs: Kwargs) -> Abstract:
    """An exception as the program sees it: its arguments, and what its own constructor sets."""
    box = new_box(ctx, "object", {"args": TupleOf(tuple(args))}, cls)
    init = find(cls, "__init__")
    if hasattr(init, "__code__"):
        ctx.call(Const(init), [box, *args], kwargs)
    if hasattr(init, "__code__"):
        content = ctx.items(box)
        given = {ARGS: TupleOf(tuple(args)), KWARGS: TupleOf(tuple(kwargs.values())), NAMES: Const(tuple(kwargs))}
        ctx.state.boxes[box.number] = {**content, **given, HELD: Const(tuple(content))}
    return box


def spelled(ctx: Context, error: Box) -> tuple[type, Args, Kwargs]:
    """How an exception is made anew: its class and the arguments of its constructor."""
    content, cls = ctx.items(error), error.cls
    assert cls is not None
    if ARGS not in content and content.keys() == {"args"}:
        return cls, list(content["args"].items), {}
    if HELD not in content or len(content) != len(content[HELD].value) + len((ARGS, KWARGS, NAMES, HELD)):
        raise ctx.unsupported(f"cannot tell how this `{cls.__name__}` was made", "Raise a new one.")
    named = zip(content[NAMES].value, content[KWARGS].items, strict=True)
    return cls, list(content[ARGS].items), dict(named)


def text_of(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``str(error)``."""
    return in_words(ctx, str, args)


def repr_of(ctx: Context, args: Args, kwargs: Kwargs) -> Any:
    """``repr(error)``."""
    return in_words(ctx, repr, args)


def in_words(ctx: Context, fn: Any, args: Args) -> Any:
    """An exception as text."""
    thing = args[0] if len(args) == 1 else None
    made = isinstance(thing, Box) and is_exception(thing.cls)
    caught = isinstance(thing, Sym) and thing.value.type == Opaque("exception")
    if thing is None or not (made or caught):
        return NotImplemented
    return Sym(ctx.emit(fn, ctx.operand(thing), type_=Opaque("str")))


def set_arguments(ctx: Context, args: Args, kwargs: Kwargs) -> Abstract:
    """``super().__init__(*args)`` of an exception."""
    box = args[0]
    assert isinstance(box, Box)
    replace_content(ctx, box, {**ctx.items(box), "args": TupleOf(tuple(args[1:]))})
    return Const(None)


# The constructors of Python's own exceptions, and what makes text of one.
ON_EXCEPTIONS: dict[Any, Any] = {
    **{cls.__init__: set_arguments for cls in vars(builtins).values() if is_exception(cls)},
    str: text_of,
    repr: repr_of,
}
