"""Result types shared by the rules: each is called like the function, with values replaced by their types.

The dtype, and whether a scalar or an array comes out, is not deduced but seen: the function itself is called once on
ones of the same dtypes and ranks. What cannot be known stays unknown.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from srcgrad.ir.types import ANY, PY_INT, AnyType, Arr, Axis, Dim, Num, Opaque, Tup, Type, is_one, of_constant

ResultFn = Callable[..., Type]
Dims = tuple[Axis, ...]

_EXAMPLES: dict[str, Any] = {"bool": True, "int": 1, "float": 1.0, "complex": 1.0 + 0j}
_counter = itertools.count()


def fresh_dim(hint: str) -> Dim:
    """A length nothing is known of, not even whether it is 1."""
    return Dim(f"{hint}{next(_counter)}")


def type_of(operand: Any) -> Type:
    """The type of an argument: itself, or the type of the constant."""
    return operand if isinstance(operand, Type) else of_constant(operand)


def as_array(operand: Any) -> Type:
    """The type of what NumPy computes with: of a sequence, that of the array made of it."""
    items = operand.items if isinstance(operand, Tup) else operand
    if not isinstance(items, (list, tuple)):
        return type_of(operand)
    types = [as_array(item) for item in items]
    shapes = {dims_of(each) for each in types}
    if not types or any(map(_is_vague, types)) or len(shapes) != 1 or not all(isinstance(t, (Num, Arr)) for t in types):
        return ANY
    dims = shapes.pop()
    examples = [_example(each, 1) for each in types]
    return ANY if dims is None or None in dims else Arr(np.array(examples).dtype, (len(types), *dims))


def dims_of(type_: Type) -> Dims | None:
    """The dims of a number or array, None where the rank is unknown."""
    if isinstance(type_, Num):
        return ()
    return type_.dims if isinstance(type_, Arr) else None


def broadcast_axis(a: Axis, b: Axis) -> Axis:
    """The length of two axes broadcast together."""
    if a == b or is_one(b):
        return a
    if is_one(a):
        return b
    known = [d for d in (a, b) if is_one(d) is False]
    sizes = [d for d in known if isinstance(d, int)]
    return (sizes or known or [None])[0]


def broadcast_dims(*shapes: Dims) -> Dims:
    """The dims of several shapes broadcast together."""
    ndim = max(map(len, shapes), default=0)
    padded = [(1,) * (ndim - len(shape)) + tuple(shape) for shape in shapes]
    result: Dims = (1,) * ndim
    for shape in padded:
        result = tuple(broadcast_axis(a, b) for a, b in zip(result, shape, strict=True))
    return result


def _example(type_: Any, length: int) -> Any:
    """A value of this type: ones."""
    if isinstance(type_, Num):
        return type_.dtype.type(1) if type_.dtype is not None else _EXAMPLES[type_.kind or "float"]
    if isinstance(type_, Arr):
        return np.ones((length,) * (type_.ndim or 0), type_.dtype)
    return type_


@lru_cache(maxsize=4096)
def _seen(fn: Callable[..., Any], args: tuple[Any, ...], names: tuple[str, ...], length: int, kinds: Any) -> Any:
    """What `fn` returns on ones, None where it refuses them; `kinds` keeps 1, 1.0 and True apart in the cache."""
    values = [_example(arg, length) for arg in args]
    split = len(values) - len(names)
    try:
        with np.errstate(all="ignore"):
            return fn(*values[:split], **dict(zip(names, values[split:], strict=True)))
    except (TypeError, ValueError, ArithmeticError, LookupError):
        return None


def seen(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], length: int = 1) -> Any:
    """What `fn` returns for ones of these types, every axis of length `length`; None where that is unknown."""
    items = tuple([_bare(item) for item in (*args, *kwargs.values())])
    try:
        return _seen(fn, items, tuple(kwargs), length, tuple(map(type, items)))
    except TypeError:  # a list, or a tuple with one inside, has no hash
        return None


def _bare(item: Any) -> Any:
    """A type without its lengths: what `_seen` depends on."""
    item = of_constant(item) if isinstance(item, np.ndarray) else item
    return Arr(item.dtype, (1,) * len(item.dims)) if isinstance(item, Arr) and item.dims is not None else item


def _is_vague(type_: Type) -> bool:
    """Is the dtype or the rank unknown?"""
    if isinstance(type_, Num):
        return type_.kind is None
    if isinstance(type_, Arr):
        return type_.dtype is None or type_.dims is None
    return not isinstance(type_, Opaque)


def elementwise_result(fn: Callable[..., Any]) -> ResultFn:
    """The result type of an elementwise function or operator: operands broadcast, Python numbers weak."""

    def result(*args: Any, **kwargs: Any) -> Type:
        if kwargs.get("out") is not None or kwargs.get("where", True) is not True:
            return ANY
        types = [type_of(arg) for arg in (*args, *kwargs.values()) if arg is not None]
        types = [t for t in types if not isinstance(t, Opaque) or t.name in ("list", "object")]
        if any(map(_is_vague, types)):
            return _vague(fn, types)
        dims = [d for d in map(dims_of, types) if d is not None]
        example = seen(fn, args, kwargs)
        if example is None or len(dims) != len(types):
            return ANY
        return Arr(example.dtype, broadcast_dims(*dims)) if np.ndim(example) else of_constant(example)

    return result


def _vague(fn: Callable[..., Any], types: list[Type]) -> Type:
    """What is left to say where an operand is not known well: an array if one is, a number if all are."""
    if all(isinstance(t, Num) for t in types) and not isinstance(seen(fn, tuple(types), {}), (np.ndarray, type(None))):
        return Num(None)
    if not all(isinstance(t, (Num, Arr)) for t in types):
        return ANY
    dims = [dims_of(t) for t in types]
    if not any(dims):
        return ANY
    known = [d for d in dims if d is not None]
    return Arr(None, broadcast_dims(*known) if len(known) == len(dims) else None)


def power_result(fn: Callable[..., Any]) -> ResultFn:
    """The result type of ``**``: as elementwise, but the kind of a power of Python numbers depends on their values."""
    usual = elementwise_result(fn)

    def result(*args: Any, **kwargs: Any) -> Type:
        types = [type_of(arg) for arg in args]
        weak = all(isinstance(t, Num) and t.dtype is None for t in types)
        if len(types) == 2 and weak and not kwargs:
            return _python_power(args[0], args[1])
        return _power_of_arrays(usual, args, types, kwargs)

    return result


def _power_of_arrays(usual: ResultFn, args: tuple[Any, ...], types: list[Type], kwargs: dict[str, Any]) -> Type:
    """An integer base can take shortcuts that depend on the exponent's value."""
    found = usual(*args, **kwargs)
    base = types[0] if types else ANY
    integer = isinstance(base, (Arr, Num)) and base.dtype is not None and base.dtype.kind in "iub"
    if integer and isinstance(found, Arr) and isinstance(args[-1], Num):
        return Arr(None, found.dims)
    return found


def _python_power(base: Any, exponent: Any) -> Type:
    """A negative base with a fractional exponent is complex, an int with a negative exponent is a float."""
    kinds = [getattr(type_of(x), "kind", None) for x in (base, exponent)]
    if None in kinds:
        return Num(None)
    if "complex" in kinds:
        return Num("complex")
    if "float" in kinds:
        real = kinds[1] != "float" or _is_at_least_0(base) or _is_whole(exponent)
        return Num("float" if real else None)
    if isinstance(exponent, Type):
        return Num(None)
    return Num("int" if exponent >= 0 else "float")


def _is_at_least_0(base: Any) -> bool:
    """Is it a constant that is not negative?"""
    return not isinstance(base, Type) and bool(base >= 0)


def _is_whole(exponent: Any) -> bool:
    """Is it a constant without fractional part?"""
    return not isinstance(exponent, Type) and float(exponent).is_integer()


def number(kind: str) -> ResultFn:
    """Always a Python number of this kind."""

    def result(*args: Any, **kwargs: Any) -> Type:
        return Num(kind)

    return result


def opaque(name: str) -> ResultFn:
    """Always an object without derivative."""

    def result(*args: Any, **kwargs: Any) -> Type:
        return Opaque(name)

    return result


def reduction_result(fn: Callable[..., Any]) -> ResultFn:
    """The result type of a function that reduces `axis` of its first argument; `keepdims` as NumPy has it."""
    return _axis_result(fn, reduced_dims)


def along_result(fn: Callable[..., Any]) -> ResultFn:
    """The result type of a function that works along `axis`, and flattens without one."""
    return _axis_result(fn, _running_dims)


def _axis_result(fn: Callable[..., Any], lengths: Callable[[Dims, Any, Any], Dims | None]) -> ResultFn:
    signature = inspect.signature(fn)

    def result(*args: Any, **kwargs: Any) -> Type:
        bound = signature.bind(*args, **kwargs)
        given = bound.arguments
        a = as_array(args[0]) if args else ANY
        # These change no dtype, and on the ones that are tried they may not be legal.
        settings = {k: v for k, v in list(given.items())[1:] if k not in ("where", "initial", "ddof", "correction")}
        if given.get("out") is not None or not isinstance(a, (Num, Arr)) or _is_vague(a):
            return ANY
        example = seen(fn, (a,), settings, length=2)
        if example is None or any(isinstance(v, Type) for v in settings.values()):
            return ANY
        default = signature.parameters["axis"].default
        axis = given.get("axis", default)
        dims = lengths(dims_of(a) or (), axis, given.get("keepdims", False))
        if not isinstance(example, np.ndarray):
            return of_constant(example)
        return Arr(example.dtype, dims if dims is not None and len(dims) == example.ndim else None)

    return result


def reduced_dims(dims: Dims, axis: Any, keepdims: Any) -> Dims:
    """The dims after the reduction of `axis` (None: all)."""
    ndim = len(dims)
    axes = range(ndim) if axis is None else [axis] if isinstance(axis, (int, np.integer)) else axis
    gone = {int(k) % ndim for k in axes} if ndim else set()
    if keepdims is True:
        return tuple(1 if k in gone else d for k, d in enumerate(dims))
    return tuple(d for k, d in enumerate(dims) if k not in gone)


def _running_dims(dims: Dims, axis: Any, keepdims: Any) -> Dims | None:
    """The dims of a running sum: the array's own, or one axis of all elements."""
    if axis is not None:
        return dims
    return dims if len(dims) == 1 else (None,)


def shape_result(a: Any) -> Type:
    """The type of ``np.shape(a)``."""
    dims = dims_of(type_of(a))
    return Opaque("tuple") if dims is None else Tup((PY_INT,) * len(dims))


def first_dims(*hints: str) -> ResultFn:
    """As many integer arrays, of one unknown length, as the first argument has axes: ``np.nonzero``."""

    def result(a: Any, *args: Any) -> Type:
        dims = dims_of(type_of(a))
        if not dims or args:
            return ANY
        return Tup((Arr(np.dtype(np.intp), (fresh_dim("_".join(hints)),)),) * len(dims))

    return result


def same_as_first(x: Any, *args: Any, **kwargs: Any) -> Type:
    """The type of the first argument where it is a number or an array."""
    found = type_of(x)
    return found if isinstance(found, (Num, Arr, AnyType)) else ANY
