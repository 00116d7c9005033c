"""What an op does besides giving a value: effects, and exceptions.

Three questions, from weak to strong:

`is_pure`: no effect, and the result depends on the operands only. Such an op may be merged with an equal one that was
executed before it; it may be removed where nobody reads it, unless it is a primal op that `must` run.

`may_raise`: an op that may raise keeps its place: it is not moved out of a guard or out of a loop.

`must_run`: the primal's exceptions are the gradient's exceptions. A primal op that has an effect or may raise is marked
so when it is made, and no pass removes it. What may raise is decided from the types of the operands:

- NumPy arithmetic on arrays and NumPy scalars raises only where shapes do not broadcast; Python's numbers raise where
  they are divided by zero, and where a power overflows.
- Reads through slices only do not raise; other indices do. Writes raise where the index does or the value does not fit.
- `math`, `numpy.linalg`, and reductions without identity (the largest of no items) raise.
- Taken as valid: the kinds of the operands (no TypeError for text plus a number), and Python ints that fit a float.

An elementwise op whose only fault may be its shapes is `only_shapes`: it need not run where something else that runs
broadcasts the same operands.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.shapes import all_fit, dims_of, elementwise_operands, is_elementwise, type_of
from srcgrad.ir.core import Call, Func, If, Items, Loop, Op, Operand, Range
from srcgrad.ir.types import AnyType, Arr, Axis, Dim, ListOf, Num, Opaque, Tup, Type, dtype_kind, is_one
from srcgrad.rules.core import lookup

__all__ = ["fits_numbers", "has_effect", "is_plain_slice", "is_pure", "is_truth", "may_raise", "must_run",
           "only_shapes", "slices_only", "sure_numpy"]  # fmt: skip

Args = tuple[Operand, ...]
Kwargs = Mapping[str, Operand]

IMPURE_OPERATORS = {operator.setitem, operator.delitem, operator.call, operator.attrgetter, operator.methodcaller}
BUILTINS = {abs, min, max, len, int, float, bool, complex, round, pow, sum, divmod, tuple, list, isinstance, type,
            any, all, sorted, str, repr, range, slice, dict}  # fmt: skip
NUMPY = {
    np.shape, np.ndim, np.size, np.zeros, np.ones, np.full, np.empty, np.eye, np.arange, np.linspace, np.zeros_like,
    np.ones_like, np.full_like, np.empty_like, np.copy, np.array, np.asarray, np.where, np.clip, np.round, np.around,
    np.sum, np.mean, np.prod, np.std, np.var, np.max, np.min, np.argmax, np.argmin, np.any, np.all, np.cumsum,
    np.cumprod, np.sort, np.argsort, np.dot, np.inner, np.outer, np.tensordot, np.einsum, np.vdot, np.trace, np.diag,
    np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.expand_dims, np.squeeze, np.broadcast_to,
    np.broadcast, np.broadcast_shapes, np.concatenate, np.stack, np.tile, np.repeat, np.flip, np.roll,
    np.triu, np.tril, np.take, np.real, np.imag, np.angle, np.nan_to_num, np.isclose, np.sinc, np.result_type,
    np.ndarray.astype, np.ndarray.copy,
}  # fmt: skip


# Effects


def is_pure(op: Op) -> bool:
    """Has the op no effect, and a result that depends on its operands only? It may raise."""
    return not has_effect(op)


def has_effect(op: Op, _within: tuple[Func, ...] = ()) -> bool:
    """Does the op, or an op inside it, do something besides giving values: print, draw, assert, an unknown call?"""
    if not isinstance(op, Call):
        return any(has_effect(inner, _within) for block in op.blocks for inner in block.ops)
    if isinstance(op.fn, Func):
        if op.fn in _within:
            return False
        return any(has_effect(inner, (*_within, op.fn)) for inner in op.fn.block.ops)
    return _fn_has_effect(op.fn)


def _fn_has_effect(fn: Any) -> bool:
    rule = lookup(fn)
    try:
        if _module(fn) == runtime.__name__ and fn.__name__.startswith(("check_", "raise_")):
            return True
        if rule is not None or fn in BUILTINS or fn in NUMPY:
            return rule is not None and rule.effect not in ("", "raise")
    except TypeError:  # unhashable
        return True
    return not (_is_numeric(fn) or (_module(fn) == "_operator" and fn not in IMPURE_OPERATORS))


def _is_numeric(fn: Any) -> bool:
    """Is it a ufunc, or of a module whose functions are all pure?"""
    return _is_compiled_ufunc(fn) or _module(fn) in ("math", "cmath", "numpy.linalg", "numpy.fft", runtime.__name__)


def _is_compiled_ufunc(fn: Any) -> bool:
    """Not one that calls a Python function on objects."""
    return isinstance(fn, np.ufunc) and not all(loop.startswith("O") for loop in fn.types)


def _module(fn: Any) -> str:
    return str(getattr(fn, "__module__", ""))


# Exceptions


def may_raise(op: Op) -> bool:
    """May the op raise, as far as the types of its operands tell?"""
    match op:
        case Call():
            return must_run(op.fn, op.args, op.kwargs)
        case If():
            return not is_truth(op.cond) or _inside_may_raise(op)
        case Loop():
            return not all(map(_is_safe_source, op.sources)) or _inside_may_raise(op)


def _inside_may_raise(op: If | Loop) -> bool:
    return any(may_raise(inner) for block in op.blocks for inner in block.ops)


def is_truth(operand: Operand) -> bool:
    """Has it a truth value for sure? An array of several items has none."""
    type_ = type_of(operand)
    return isinstance(type_, (Num, Opaque, ListOf, Tup)) or dims_of(type_) == ()


def _is_safe_source(source: Range | Items) -> bool:
    return isinstance(source, Items) or (isinstance(source.step, int) and source.step != 0)


def must_run(fn: Any, arg_types: Sequence[Operand], kwargs: Kwargs | None = None) -> bool:
    """Must a primal call run even where nobody reads its result, because it has an effect or may raise?

    Parameters
    ----------
    fn : callable or Func
        What is called.
    arg_types : sequence
        The positional arguments: operands, or types where no operand is at hand. Constants tell more than types.
    kwargs : mapping, optional
        The keyword arguments, likewise.
    """
    if isinstance(fn, Func):
        return _func_must_run(fn, ())
    if _fn_has_effect(fn):
        return True
    args, kwargs = tuple(arg_types), kwargs or {}
    if not kwargs and fn not in SAFE and is_elementwise(fn):
        return not (_values_are_safe(fn, args) and all_fit(arg for arg in args if arg is not None))
    return not _is_safe(fn, args, kwargs)


def _func_must_run(func: Func, within: tuple[Func, ...]) -> bool:
    if func in within:
        return False
    pending: list[Op] = list(func.block.ops)
    while pending:
        op = pending.pop()
        for block in op.blocks:
            pending += block.ops
        if isinstance(op, Call) and isinstance(op.fn, Func):
            if _func_must_run(op.fn, (*within, func)):
                return True
        elif op.must or must_run(op.fn, op.args, op.kwargs) if isinstance(op, Call) else _head_may_raise(op):
            return True
    return False


def _head_may_raise(op: If | Loop) -> bool:
    return not is_truth(op.cond) if isinstance(op, If) else not all(map(_is_safe_source, op.sources))


def only_shapes(call: Call) -> bool:
    """Is a mismatch of shapes the only way in which an elementwise call can fail?"""
    if elementwise_operands(call) is None or _fn_has_effect(call.fn):
        return False
    return _values_are_safe(call.fn, call.args)


# Elementwise functions: safe but for the shapes


def _values_are_safe(fn: Any, args: Args) -> bool:
    types = [type_of(arg) for arg in args if arg is not None]
    if not all(isinstance(type_, (Num, Arr, AnyType)) for type_ in types):
        return False
    check = SPECIAL.get(fn)
    if check is not None:
        return check(args, types)
    return _is_compiled_ufunc(fn) or _is_listed(fn)


def _is_listed(fn: Any) -> bool:
    return fn in NUMPY or _module(fn) == "_operator"


def _kind(type_: Type) -> str | None:
    if isinstance(type_, Num):
        return type_.kind
    return dtype_kind(type_.dtype) if isinstance(type_, Arr) and type_.dtype is not None else None


def sure_numpy(type_: Type) -> bool:
    """Is it surely an array or a NumPy scalar, which warns where a Python number raises?"""
    return isinstance(type_, Arr) or (isinstance(type_, Num) and type_.dtype is not None)


def _is_number(operand: Operand) -> bool:
    return isinstance(operand, (int, float, complex))


def _divides(args: Args, types: list[Type]) -> bool:
    return any(map(sure_numpy, types)) or (_is_number(args[1]) and args[1] != 0)


def _raises_to_power(args: Args, types: list[Type]) -> bool:
    """Python's powers overflow; NumPy's integers refuse negative exponents."""
    inexact = any(_kind(type_) in ("float", "complex") for type_ in types)
    natural = isinstance(args[1], (int, float)) and args[1] >= 0
    whole = type(args[1]) is int and natural and _kind(types[0]) in ("int", "bool")
    return whole or (any(map(sure_numpy, types)) and (inexact or natural))


def _power_ufunc(args: Args, types: list[Type]) -> bool:
    natural = isinstance(args[1], (int, float)) and args[1] >= 0
    return natural or any(_kind(type_) in ("float", "complex") for type_ in types)


def _not_all_bool(args: Args, types: list[Type]) -> bool:
    return not all(_kind(type_) == "bool" and sure_numpy(type_) for type_ in types)


def _are_bits(args: Args, types: list[Type]) -> bool:
    return all(_kind(type_) in ("bool", "int") for type_ in types)


def _are_ordered(args: Args, types: list[Type]) -> bool:
    return any(map(sure_numpy, types)) or all(_kind(type_) in ("bool", "int", "float") for type_ in types)


SPECIAL: dict[Any, Callable[[Args, list[Type]], bool]] = {
    **dict.fromkeys((operator.truediv, operator.floordiv, operator.mod), _divides),
    operator.pow: _raises_to_power,
    np.power: _power_ufunc,
    **dict.fromkeys((operator.sub, operator.neg, np.subtract, np.negative), _not_all_bool),
    **dict.fromkeys((operator.and_, operator.or_, operator.xor, operator.invert, np.bitwise_and, np.bitwise_or,
                     np.bitwise_xor, np.invert), _are_bits),
    **dict.fromkeys((operator.lt, operator.le, operator.gt, operator.ge), _are_ordered),
    **dict.fromkeys((np.left_shift, np.right_shift, np.ldexp, np.gcd, np.lcm), lambda args, types: False),
}  # fmt: skip


# Other functions


def _is_safe(fn: Any, args: Args, kwargs: Kwargs) -> bool:
    try:
        check = SAFE.get(fn)
    except TypeError:  # unhashable
        return False
    if check is None:
        return _is_ours(fn)
    return bool(args) and check(args, kwargs)


def _is_ours(fn: Any) -> bool:
    """Is it a function of the package whose rule says that it has no effect? It is called with what it is meant for."""
    rule = lookup(fn) if (getattr(fn, "__module__", None) or "").startswith("srcgrad.rules.") else None
    return rule is not None and rule.effect == ""


def _always(args: Args, kwargs: Kwargs) -> bool:
    return True


def _is_array_like(args: Args, kwargs: Kwargs) -> bool:
    return isinstance(type_of(args[0]), (Num, Arr, AnyType))


def _alone(args: Args, kwargs: Kwargs) -> bool:
    """Called with one array or number and nothing else."""
    return len(args) == 1 and not kwargs and _is_array_like(args, kwargs)


def _measures(args: Args, kwargs: Kwargs) -> bool:
    """The number of items, or the length of an axis that is there."""
    dims = dims_of(args[0])
    if len(args) != 2 or kwargs or dims is None:
        return _alone(args, kwargs)
    return type(args[1]) is int and -len(dims) <= args[1] < len(dims)


def _reduces(args: Args, kwargs: Kwargs) -> bool:
    """No axis, or axes that are there."""
    if len(args) > 2 or not kwargs.keys() <= {"axis", "keepdims"} or not _is_array_like(args, kwargs):
        return False
    axis, dims = args[1] if len(args) == 2 else kwargs.get("axis"), dims_of(args[0])
    axes = axis if isinstance(axis, tuple) else (axis,)
    if axis is None or dims is None:
        return axis is None
    constant = all(isinstance(a, int) and -len(dims) <= a < len(dims) for a in axes)
    return constant and len({a % len(dims) for a in axes}) == len(axes)


def _has_length(args: Args, kwargs: Kwargs) -> bool:
    return isinstance(type_of(args[0]), (ListOf, Tup)) or bool(dims_of(args[0]))


def _multiplies(args: Args, kwargs: Kwargs) -> bool:
    """Matrices whose inner axes are proved equal, with at most two axes each."""
    if len(args) != 2 or kwargs:
        return False
    a, b = map(dims_of, args)
    if not a or not b or len(a) > 2 or len(b) > 2:
        return False
    if args[0] is args[1] and len(a) == 1:
        return True
    inner = b[-2] if len(b) == 2 else b[0]
    return a[-1] is not None and a[-1] == inner


def _dots(args: Args, kwargs: Kwargs) -> bool:
    scalar = len(args) == 2 and not kwargs and () in map(dims_of, args)
    return scalar or _multiplies(args, kwargs)


def _transposes(args: Args, kwargs: Kwargs) -> bool:
    return _alone(args, kwargs)


def _is_real_number(args: Args, kwargs: Kwargs) -> bool:
    """One number that float() takes."""
    type_ = type_of(args[0])
    return len(args) == 1 and not kwargs and dims_of(type_) == () and _kind(type_) in ("bool", "int", "float")


def _is_integer(args: Args, kwargs: Kwargs) -> bool:
    return _is_real_number(args, kwargs) and _kind(type_of(args[0])) != "float"


def _are_numbers(args: Args, kwargs: Kwargs) -> bool:
    """Numbers that have an order, at least two."""
    kinds = {_kind(type_of(arg)) for arg in args if dims_of(arg) == ()}
    return len(args) > 1 and not kwargs and len(kinds) > 0 and kinds <= {"bool", "int", "float"} and _scalars(args)


def _scalars(args: Args) -> bool:
    return all(dims_of(arg) == () for arg in args)


def _has_shape(args: Args, kwargs: Kwargs) -> bool:
    """A shape of constants, or of lengths of something."""
    sizes = args[0] if isinstance(args[0], tuple) else (args[0],)
    return all(isinstance(size, int) and size >= 0 for size in sizes)


def _broadcasts(args: Args, kwargs: Kwargs) -> bool:
    return len(args) == 2 and dims_of(args[0]) == ()


def _counts(args: Args, kwargs: Kwargs) -> bool:
    return len(args) < 3 and _scalars(args)


SAFE: dict[Any, Callable[[Args, Kwargs], bool]] = {
    **dict.fromkeys((np.shape, np.ndim, np.zeros_like, np.ones_like, np.empty_like, np.copy, np.ravel,
                     np.array, np.asarray, np.real, np.imag, np.iscomplexobj, np.ndarray.copy, abs), _alone),
    **dict.fromkeys((np.sum, np.mean, np.prod, np.std, np.var, np.any, np.all), _reduces),
    **dict.fromkeys((operator.matmul, np.matmul), _multiplies),
    **dict.fromkeys((math.atan, math.atan2, math.tanh, math.asinh, math.fabs, math.copysign, math.isnan, math.isinf,
                     math.isfinite, math.erf, math.erfc, math.degrees, math.radians), lambda a, k: _scalars(a)),
    **dict.fromkeys((np.zeros, np.ones, np.empty, np.eye), _has_shape),
    **dict.fromkeys((min, max), _are_numbers),
    **dict.fromkeys((runtime.sum_to, runtime.zeros_of, runtime.zeros_of_pack), _always),
    **dict.fromkeys((tuple, list, slice, isinstance, type), _always),
    **dict.fromkeys((operator.is_, operator.is_not, operator.not_), lambda a, k: all(map(is_truth, a))),
    **dict.fromkeys((np.tril, np.triu), lambda a, k: _alone(a, k) and bool(dims_of(a[0]))),
    np.trace: lambda a, k: _alone(a, k) and len(dims_of(a[0]) or ()) > 1,
    np.size: _measures, np.dot: _dots, np.outer: _always, np.transpose: _transposes, np.broadcast_to: _broadcasts,
    np.arange: _counts,
    len: _has_length, float: _is_real_number, int: _is_integer,
    bool: lambda a, k: is_truth(a[0]),
    operator.getitem: lambda a, k: _reads(a[0], a[1]),
    runtime.get_item: lambda a, k: len(a) == 2 and not k and _reads(a[0], a[1]),
    runtime.set_item: lambda a, k: len(a) == 3 and not k and _writes(*a),
    runtime.add_item: lambda a, k: len(a) == 3 and not k and _writes(*a),
}  # fmt: skip


# Indices

NO_BOUNDS = (Opaque("ellipsis"), Opaque("NoneType"))


def slices_only(index: Operand) -> bool:
    """Only slices (with a step that is not 0), new axes and an ellipsis: such a read cannot be out of bounds."""
    return all(is_plain_slice(part) or type_of(part) in NO_BOUNDS for part in _parts(index))


def _parts(index: Operand) -> tuple[Operand, ...]:
    if isinstance(index, Tup):
        return index.items
    return index if isinstance(index, tuple) else (index,)


def is_plain_slice(part: Operand) -> bool:
    """Is it a slice, with a step that is not 0?"""
    if isinstance(part, Opaque):
        return part.name == "slice"
    return isinstance(part, slice) and (part.step is None or (isinstance(part.step, int) and part.step != 0))


def _reads(x: Operand, index: Operand) -> bool:
    type_ = type_of(x)
    if isinstance(type_, Tup):
        return isinstance(index, int) and -len(type_.items) <= index < len(type_.items)
    if isinstance(type_, (Num, ListOf, Opaque)):
        return isinstance(type_, ListOf) and is_plain_slice(index)
    return slices_only(index) or _in_bounds(dims_of(x), index)


def _in_bounds(dims: tuple[Axis, ...] | None, index: Operand) -> bool:
    """Constant indices of axes of constant length."""
    parts = _parts(index)
    if dims is None or len(parts) > len(dims):
        return False
    return all(is_plain_slice(part) or _is_within(part, dim) for part, dim in zip(parts, dims, strict=False))


def _is_within(part: Operand, dim: Axis) -> bool:
    return type(part) is int and isinstance(dim, int) and -dim <= part < dim


def _writes(x: Operand, index: Operand, value: Operand) -> bool:
    """The index is safe, and the value surely fits what it selects."""
    if not _reads(x, index) or isinstance(type_of(x), (Tup, ListOf)) or _drops_imaginary(x, value):
        return False
    if dims_of(value) == ():
        return True
    target, given = _selected(dims_of(x), index), dims_of(value)
    if target is None or given is None or len(given) > len(target):
        return False
    stretched = zip(reversed(target), reversed(given), strict=False)
    return all(is_one(b) is True or (a is not None and a == b) for a, b in stretched)


def fits_numbers(x: Operand, value: Operand) -> bool:
    """Can a number surely be stored in any place of an array?"""
    return isinstance(type_of(x), Arr) and dims_of(value) == () and not _drops_imaginary(x, value)


def _drops_imaginary(x: Operand, value: Operand) -> bool:
    return _kind(type_of(value)) in ("complex", None) and _kind(type_of(x)) != "complex"


def _selected(dims: tuple[Axis, ...] | None, index: Operand) -> tuple[Axis, ...] | None:
    """The dims of ``x[index]`` for plain slices; None where they are not simple."""
    parts = _parts(index)
    if dims is None or len(parts) > len(dims) or not all(isinstance(part, slice) for part in parts):
        return dims if index is ... else None
    return (*map(_sliced, dims, parts), *dims[len(parts) :])


def _sliced(dim: Axis, part: slice) -> Axis:
    """The length of an axis after ``start:`` , ``:-stop`` or both; None where it is not of that form."""
    start, stop = part.start or 0, part.stop or 0
    if part.step not in (None, 1) or part.stop == 0 or not isinstance(start, int) or not isinstance(stop, int):
        return None
    if start < 0 or stop > 0 or dim is None:
        return None
    if isinstance(dim, int):
        return max(0, dim - start + stop)
    return Dim(dim.symbol, dim.minus + start - stop, dim.one if start == stop else None)
