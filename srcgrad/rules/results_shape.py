"""Result types of the rules for shapes, items, creation, products and linear algebra.

Most are found by trial: the function runs on zeros whose unknown lengths are distinct numbers, twice with different
numbers in opposite order and once with ones where a length may be 1. An axis of the result whose length follows an
axis of an operand in all runs has the dim of that axis; where the runs disagree on the rank nothing is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.ir.types import ANY, Arr, Axis, Dim, ListOf, Num, Tup, Type, dtype_kind, is_one, join_all, of_constant
from srcgrad.rules.axes import spelled_out
from srcgrad.rules.results import Dims, ResultFn, broadcast_axis, broadcast_dims, dims_of, fresh_dim, seen, type_of

RISING = (11, 13, 17, 19, 23, 29, 31, 37, 41, 43)
LARGEST_TRIAL = 2_000_000
REFUSALS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


class Unknown(Exception):
    """Something in the arguments is not known well enough."""


class Lengths:
    """The numbers that stand for symbolic lengths in one run."""

    def __init__(self, order: dict[str, int], run: str, integers: bool) -> None:
        self.order, self.run, self.integers = order, run, integers

    def of_symbol(self, symbol: str) -> int:
        """The number for a symbol: rising with its place, or falling."""
        place = self.order.setdefault(symbol, len(self.order))
        if place >= len(RISING):
            raise Unknown
        return RISING[place] if self.run != "falling" else 2 * RISING[-1] + 1 - RISING[place]

    def of_axis(self, axis: Axis) -> int:
        """The length of an axis."""
        if isinstance(axis, int):
            return axis
        if self.run == "ones" and is_one(axis) is None:
            return 1
        return self.of_symbol("?") if axis is None else self.of_symbol(axis.symbol) - axis.minus

    def example(self, operand: Any) -> Any:
        """A value of the type of an operand; constants stand for themselves."""
        if isinstance(operand, (tuple, list)):
            return type(operand)(self.example(item) for item in operand)
        if isinstance(operand, Tup):
            return tuple(self.example(item) for item in operand.items)
        if isinstance(operand, Arr) and operand.dims is not None:
            shape = tuple(map(self.of_axis, operand.dims))
            if math.prod(shape) > LARGEST_TRIAL:
                raise Unknown
            return np.zeros(shape, operand.dtype)
        if isinstance(operand, Num):
            return self.number(operand)
        if isinstance(operand, Type):
            raise Unknown
        return operand

    def number(self, operand: Num) -> Any:
        """A number; an integer may be a length, which differs from run to run."""
        if operand.kind == "int" and self.integers:
            return 1 if self.run == "ones" else self.of_symbol(f"int{len(self.order)}")
        if operand.kind in (None, "int"):
            raise Unknown
        example = {"bool": True, "float": 1.0, "complex": 1j}[operand.kind]
        return example if operand.dtype is None else operand.dtype.type(example)


def axes_in(operand: Any) -> Iterator[Dim]:
    """Every symbolic dim among the operands."""
    if isinstance(operand, (tuple, list)):
        for item in operand:
            yield from axes_in(item)
    elif isinstance(operand, Tup):
        yield from axes_in(operand.items)
    elif isinstance(operand, Arr) and operand.dims is not None:
        yield from (dim for dim in operand.dims if isinstance(dim, Dim))


def vague_dtype(operand: Any) -> bool:
    """Is the dtype of an array among the operands unknown?"""
    if isinstance(operand, (tuple, list)):
        return any(map(vague_dtype, operand))
    if isinstance(operand, Tup):
        return any(map(vague_dtype, operand.items))
    return isinstance(operand, Arr) and operand.dtype is None


def by_trial(fn: Callable[..., Any], integers: bool = False) -> ResultFn:
    """The result type of `fn`, found by running it; `integers`: int arguments are lengths and counts, never axes."""

    def result(*args: Any, **kwargs: Any) -> Type:
        operands = [*args, *kwargs.values()]
        dims = list(dict.fromkeys(axes_in(operands)))
        runs = [Lengths({}, run, integers) for run in ("rising", "falling", "ones")]
        try:
            outs = [_run(fn, args, kwargs, run) for run in runs]
        except (Unknown, *REFUSALS):
            return ANY
        return _follow(outs, runs, dims, vague_dtype(operands))

    return result


def _run(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], run: Lengths) -> Any:
    values = [run.example(arg) for arg in args]
    named = {name: run.example(arg) for name, arg in kwargs.items()}
    with np.errstate(all="ignore"):
        return fn(*values, **named)


def _follow(outs: list[Any], runs: list[Lengths], dims: list[Dim], vague: bool) -> Type:
    """The type of a result from what it was in three runs."""
    first = outs[0]
    if isinstance(first, (tuple, list)):
        if any(len(out) != len(first) for out in outs):
            return ANY
        items = tuple(_follow(list(parts), runs, dims, vague) for parts in zip(*outs, strict=True))
        return Tup(items) if isinstance(first, tuple) else ListOf(join_all(items)) if items else ANY
    if any(type(out) is not type(first) or np.ndim(out) != np.ndim(first) for out in outs):
        return ANY
    if not isinstance(first, np.ndarray):
        return Num(None) if vague else of_constant(first)
    if any(out.dtype != first.dtype for out in outs):
        return Arr(None, None)
    lengths = zip(*(out.shape for out in outs), strict=True)
    return Arr(None if vague else first.dtype, tuple(_same_axis(found, runs, dims) for found in lengths))


def _same_axis(found: tuple[int, ...], runs: list[Lengths], dims: list[Dim]) -> Axis:
    """The axis that had the lengths `found` in the runs."""
    for dim in dims:
        if found == tuple(run.of_axis(dim) for run in runs):
            return dim
    if len(set(found)) == 1 and found[0] < RISING[0] - 1:
        return found[0]
    return fresh_dim("n")


def trials(*fns: Callable[..., Any]) -> Iterator[ResultFn]:
    """`by_trial` of each."""
    return (by_trial(fn) for fn in fns)


def same(x: Any, *args: Any, **kwargs: Any) -> Type:
    """The type of the first argument, where it is an array of rank 1 or more (of rank 0, numbers may come out)."""
    found = type_of(x)
    return found if isinstance(found, Arr) and found.dims != () and found.dims is not None else ANY


def same_matrix(a: Any, *args: Any, **kwargs: Any) -> Type:
    """The type of the first argument with an inexact dtype."""
    found = type_of(a)
    if not isinstance(found, Arr):
        return ANY
    inexact = found.dtype is not None and dtype_kind(found.dtype) in ("float", "complex")
    return found if inexact else Arr(None, found.dims)


def written(x: Any, *args: Any, **kwargs: Any) -> Type:
    """An array after a write: what it was."""
    found = type_of(x)
    return found if isinstance(found, Arr) else ANY


# Items


def getitem(x: Any, index: Any) -> Type:
    """The type of ``x[index]``."""
    found = type_of(x)
    if isinstance(found, Tup) and isinstance(index, int):
        return found.items[index] if -len(found.items) <= index < len(found.items) else ANY
    if isinstance(found, ListOf):
        return found.item if isinstance(type_of(index), Num) else ANY
    if not isinstance(found, Arr) or found.dims is None:
        return ANY
    parts = index if isinstance(index, tuple) else (index,)
    if not all(map(is_basic, parts)):
        return advanced(found, parts)
    dims = basic_dims(found.dims, parts)
    if dims is None:
        return ANY
    if dims or any(part is Ellipsis for part in parts):
        return Arr(found.dtype, dims)
    return ANY if found.dtype is None else Num(dtype_kind(found.dtype), found.dtype)


def is_integer(part: Any) -> bool:
    """Is this part of an index one integer?"""
    found = type_of(part)
    return isinstance(found, Num) and found.kind == "int"


def is_basic(part: Any) -> bool:
    """Is this part of an index an integer, a slice, None or an ellipsis?"""
    return part is None or part is Ellipsis or isinstance(part, slice) or is_integer(part)


def consumed(part: Any) -> int:
    """How many axes a part of an index stands for."""
    if part is None or part is Ellipsis:
        return 0
    found = type_of(part)
    if isinstance(found, Arr) and found.dtype is not None and found.dtype.kind == "b" and found.dims is not None:
        return len(found.dims)
    return 1


def filled_index(ndim: int, parts: tuple[Any, ...]) -> list[Any] | None:
    """The parts with full slices for the ellipsis and the axes not named; None where there are too many."""
    rest = ndim - sum(map(consumed, parts))
    if rest < 0 or sum(part is Ellipsis for part in parts) > 1:
        return None
    place = next((k for k, part in enumerate(parts) if part is Ellipsis), len(parts))
    return [*parts[:place], *[slice(None)] * rest, *parts[place + 1 :]]


def basic_dims(dims: Dims, parts: tuple[Any, ...]) -> Dims | None:
    """The dims after basic indexing."""
    full = filled_index(len(dims), parts)
    if full is None:
        return None
    left = iter(dims)
    result: list[Axis] = []
    for part in full:
        if part is None:
            result.append(1)
        elif isinstance(part, slice):
            result.append(sliced(next(left), part))
        else:
            next(left)
    return tuple(result)


def sliced(dim: Axis, part: slice) -> Axis:
    """The length of a sliced axis."""
    bounds = (part.start, part.stop, part.step)
    if any(isinstance(bound, Type) for bound in bounds):
        return fresh_dim("n")
    if isinstance(dim, int):
        return len(range(*part.indices(dim)))
    if bounds in ((None, None, None), (0, None, None), (None, None, 1), (None, None, -1)):
        return dim
    start, stop = part.start or 0, part.stop
    from_ends = start >= 0 and (stop is None or stop < 0) and part.step in (None, 1)
    if dim is None:
        return fresh_dim("n")
    if not from_ends:
        return Dim(_part_of(dim, bounds))
    gone = dim.minus + int(start) - int(stop or 0)
    return dim if gone == dim.minus else Dim(dim.symbol, gone)


def _part_of(dim: Dim, bounds: tuple[Any, ...]) -> str:
    """A symbol for the length of a slice: the same slice of the same axis has the same."""
    words = ["" if bound is None else str(int(bound)).replace("-", "m") for bound in bounds]
    return f"{dim.symbol}_{dim.minus}s{'_'.join(words)}"


def advanced(x: Arr, parts: tuple[Any, ...]) -> Type:
    """The type of an item read with arrays or lists in the index."""
    full = filled_index(len(x.dims or ()), parts)
    types = [type_of(np.asarray(part)) if isinstance(part, list) and _is_plain(part) else type_of(part)
             for part in full or ()]  # fmt: skip
    arrays = [t for t, part in zip(types, full or (), strict=True) if not isinstance(part, slice) and part is not None]
    if full is None or not all(_is_index_array(t) for t in arrays):
        return Arr(x.dtype, None) if full is not None and _some_array(arrays) else ANY
    places = [k for k, part in enumerate(full) if not isinstance(part, slice) and part is not None]
    region = broadcast_dims(*[d for t in arrays if (d := dims_of(t)) is not None])
    together = places == list(range(places[0], places[-1] + 1))
    rest = basic_dims_around(x.dims or (), full)
    before = sum(1 for part in full[: places[0]]) if together else 0
    dims = (*rest[:before], *region, *rest[before:])
    return Arr(x.dtype, dims) if dims else ANY


def _is_plain(part: list[Any]) -> bool:
    """Is this a list of constants?"""
    return all(isinstance(item, (int, np.integer)) for item in part)


def _is_index_array(type_: Type) -> bool:
    """Is this an integer, or an array of integers of known rank?"""
    if isinstance(type_, Num):
        return type_.kind == "int"
    return isinstance(type_, Arr) and type_.dims is not None and type_.dtype is not None and type_.dtype.kind in "iu"


def _some_array(types: list[Type]) -> bool:
    """Is any part certainly an array of rank 1 or more, so that the item is an array?"""
    return any(isinstance(t, Arr) and bool(t.dims) for t in types)


def basic_dims_around(dims: Dims, full: list[Any]) -> Dims:
    """The dims that slices and None give, in order, the arrays left out."""
    left = iter(dims)
    result: list[Axis] = []
    for part in full:
        if part is None:
            result.append(1)
            continue
        dim = next(left)
        if isinstance(part, slice):
            result.append(sliced(dim, part))
    return tuple(result)


def view_of(x: Any, steps: Any) -> Type:
    """The type after the steps of a view."""
    found = type_of(x)
    for fn, args in steps:
        found = by_trial(fn)(found, *args)
    return found


def get_item(x: Any, index: Any, steps: Any = ()) -> Type:
    """The type of an item of a view."""
    return getitem(view_of(x, steps), index)


def sum_to(bar: Any, shape: Any) -> Type:
    """The type of a cotangent summed to a shape."""
    found, wanted = type_of(bar), type_of(shape)
    if not isinstance(found, (Arr, Num)) or not isinstance(wanted, Tup):
        return ANY
    if isinstance(shape, tuple) and all(isinstance(n, int) for n in shape):
        dims: Dims = shape
    else:
        dims = tuple(fresh_dim("n") for _ in wanted.items)
    return Arr(found.dtype, dims) if dims else ANY


def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Type:
    """The type of `np.take`."""
    x, where = type_of(a), type_of(np.asarray(indices)) if isinstance(indices, list) else type_of(indices)
    if isinstance(axis, Type) or not isinstance(x, Arr) or x.dims is None or dims_of(where) is None:
        return ANY
    taken = dims_of(where) or ()
    place = 0 if axis is None else axis % len(x.dims)
    dims = taken if axis is None else (*x.dims[:place], *taken, *x.dims[place + 1 :])
    if dims:
        return Arr(x.dtype, dims)
    return ANY if x.dtype is None else Num(dtype_kind(x.dtype), x.dtype)


def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Type:
    """The type of `np.take_along_axis`."""
    x, where = type_of(arr), type_of(indices)
    if not isinstance(x, Arr) or not isinstance(where, Arr) or x.dims is None or where.dims is None or axis is None:
        return Arr(x.dtype, None) if isinstance(x, Arr) else ANY
    if isinstance(axis, Type) or len(x.dims) != len(where.dims):
        return Arr(x.dtype, None)
    others = broadcast_dims(x.dims, where.dims)
    place = axis % len(x.dims)
    return Arr(x.dtype, tuple(where.dims[k] if k == place else d for k, d in enumerate(others)))


def same_or_flat(a: Any, *args: Any, **kwargs: Any) -> Type:
    """The type of a sorted array; flat where the axis is None."""
    axis = kwargs.get("axis", -1)
    found = type_of(a)
    if args or isinstance(axis, Type) or not isinstance(found, Arr):
        return Arr(found.dtype, None) if isinstance(found, Arr) else ANY
    return found if axis is not None or found.ndim == 1 else Arr(found.dtype, (None,))


# Shapes


def reshape(a: Any, shape: Any, order: Any = "C", **kwargs: Any) -> Type:
    """The type of a reshaped array."""
    x = type_of(a)
    wanted = type_of(shape)
    if not isinstance(x, (Arr, Num)) or not isinstance(wanted, (Tup, Num)):
        return ANY
    lengths = shape if isinstance(shape, (tuple, list)) else wanted.items if isinstance(wanted, Tup) else (shape,)
    known = [int(n) if not isinstance(n, Type) and n >= 0 else fresh_dim("n") for n in lengths]
    return Arr(x.dtype if isinstance(x, Arr) else None, tuple(known))


def broadcast_to(array: Any, shape: Any, subok: Any = False) -> Type:
    """The type of a broadcast array: an axis that is not 1 keeps its dim."""
    x, target = type_of(array), reshape(array, shape)
    if not isinstance(target, Arr) or target.dims is None or not isinstance(x, Arr) or x.dims is None:
        return target
    if len(x.dims) > len(target.dims):
        return ANY
    extra = len(target.dims) - len(x.dims)
    kept = [d if is_one(d) is False else t for d, t in zip(x.dims, target.dims[extra:], strict=True)]
    return Arr(x.dtype, (*target.dims[:extra], *kept))


def join_result(fn: Callable[..., Any]) -> ResultFn:
    """The type of several arrays joined: rank and dtype, and the lengths that all runs agree on."""
    return by_trial(fn)


def diff(a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Type:
    """The type of `np.diff`: the axis is shorter by n."""
    x = type_of(a)
    plain = isinstance(n, int) and isinstance(axis, int) and prepend is None and append is None
    if not isinstance(x, Arr) or x.dims is None or not plain or not -len(x.dims) <= axis < len(x.dims):
        return Arr(None, None) if isinstance(x, Arr) else ANY
    dims = list(x.dims)
    dims[axis] = sliced(dims[axis], slice(n, None))
    return Arr(x.dtype if x.dtype is not None and x.dtype.kind in "fc" else None, tuple(dims))


transpose, swapaxes, moveaxis, rollaxis = trials(np.transpose, np.swapaxes, np.moveaxis, np.rollaxis)
matrix_transpose, expand_dims, squeeze = trials(np.matrix_transpose, np.expand_dims, np.squeeze)
atleast_1d, atleast_2d, atleast_3d = trials(np.atleast_1d, np.atleast_2d, np.atleast_3d)
ravel, at_least_vector, rot90 = trials(np.ravel, np.ascontiguousarray, np.rot90)
concatenate, stack, vstack, hstack = trials(np.concatenate, np.stack, np.vstack, np.hstack)
dstack, column_stack, append = trials(np.dstack, np.column_stack, np.append)
tile, pad = trials(np.tile, np.pad)
trace, diagonal, diag = trials(np.trace, np.diagonal, np.diag)
triangle, copied, join = trials(np.tril, np.copy, runtime.join)


def diagflat(v: Any, k: Any = 0) -> Type:
    """The type of a matrix with the items of an array on a diagonal; a trial would make a huge one."""
    x = type_of(v)
    if not isinstance(x, Arr):
        return ANY
    side = fresh_dim("n")
    return Arr(x.dtype, (side, side))


def repeat(a: Any, repeats: Any, axis: Any = None) -> Type:
    """The type of `np.repeat`: the lengths of the other axes stay."""
    x = type_of(a)
    if not isinstance(x, Arr) or x.dims is None or isinstance(axis, Type):
        return ANY
    if axis is None:
        return Arr(x.dtype, (fresh_dim("n"),))
    return Arr(x.dtype, tuple(fresh_dim("n") if k == axis % len(x.dims) else d for k, d in enumerate(x.dims)))


def split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Type:
    """The type of `np.split`: a list of arrays of unknown length along the axis."""
    piece = repeat(ary, 1, axis)
    if not isinstance(piece, Arr) or piece.dims is None or axis is None:
        return ANY
    own = dims_of(type_of(ary)) or ()
    return ListOf(Arr(piece.dtype, tuple(d if d in own else None for d in piece.dims)))


# Creation

filled, full, eye, identity = (by_trial(fn, integers=True) for fn in (np.zeros, np.full, np.eye, np.identity))
arange_trial, as_type, array_trial = by_trial(np.arange, integers=True), by_trial(runtime.as_type), by_trial(np.array)


def arange(*args: Any, **kwargs: Any) -> Type:
    """The type of `np.arange`: of numbers that are not known, not even the length is."""
    if any(isinstance(arg, Num) and arg.kind != "int" for arg in (*args, *kwargs.values())):
        return Arr(None, (fresh_dim("n"),))
    return arange_trial(*args, **kwargs)


def filled_like(a: Any = None, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None,
                **kwargs: Any) -> Type:  # fmt: skip
    """The type of `np.zeros_like` and friends."""
    like = type_of(kwargs.get("prototype", a))
    if shape is not None or isinstance(dtype, Type):
        return ANY
    dims = dims_of(like)
    if isinstance(like, Num):
        like = Arr(_number_example(like).dtype if like.kind is not None else None, ())
    if not isinstance(like, Arr):
        return ANY
    return Arr(like.dtype if dtype is None else np.dtype(dtype), dims)


def _number_example(number: Num) -> Any:
    """An array of the dtype NumPy gives a number."""
    if number.dtype is not None:
        return np.zeros((), number.dtype)
    return np.asarray({"bool": True, "int": 1, "float": 1.0, "complex": 1j}[number.kind or "float"])


def full_like(a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None,
              **kwargs: Any) -> Type:  # fmt: skip
    """The type of `np.full_like`."""
    return filled_like(a, dtype, order, subok, shape)


def linspace(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, **kwargs: Any) -> Type:
    """The type of `np.linspace` between numbers."""
    ends = [type_of(start), type_of(stop)]
    if kwargs or not all(isinstance(t, Num) and t.kind in ("int", "float") for t in ends):
        return ANY
    if any(isinstance(t, Num) and t.dtype is not None and t.dtype != np.float64 for t in ends):
        return Arr(None, (num if isinstance(num, int) else fresh_dim("n"),))
    return Arr(np.dtype(float), (num if isinstance(num, int) else fresh_dim("n"),))


def conversion(fn: Callable[..., Any]) -> ResultFn:
    """The type of a number converted by `fn`; `np.float64` and the like convert arrays too."""
    example = of_constant(fn(1.0))

    def result(x: Any = 0.0) -> Type:
        found = type_of(x)
        if isinstance(found, Num) or fn is float:
            return example
        if not isinstance(found, Arr) or not found.dims or not isinstance(example, Num):
            return ANY
        return Arr(example.dtype, found.dims)

    return result


def complex_number(real: Any = 0.0, imag: Any = 0.0) -> Type:
    """A Python complex number."""
    return Num("complex")


def array(object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: Any = False,
          ndmin: Any = 0) -> Type:  # fmt: skip
    """The type of `np.array`."""
    found = type_of(object)
    if isinstance(found, Arr) and ndmin == 0 and not isinstance(dtype, Type):
        return found if dtype is None else Arr(np.dtype(dtype), found.dims)
    return array_trial(object, dtype, ndmin=ndmin)


def asarray(a: Any, dtype: Any = None, order: Any = None, **kwargs: Any) -> Type:
    """The type of `np.asarray`."""
    return array(a, dtype)


# Products


def product(fn: Callable[..., Any], lengths: Callable[[Dims, Dims], Dims]) -> ResultFn:
    """The type of a product of two arrays: dtype and rank seen, dims by a formula."""

    def result(a: Any, b: Any, *args: Any, **kwargs: Any) -> Type:
        x, y = type_of(a), type_of(b)
        dims = dims_of(x), dims_of(y)
        if dims[0] is None or dims[1] is None or args or kwargs:
            return ANY
        vague = vague_dtype([x, y])
        example = seen(fn, tuple(map(_with_dtype, (x, y))), {}, 2)
        if example is None:
            return ANY
        if np.ndim(example) == 0:
            return Num(None) if vague else of_constant(example)
        found = lengths(dims[0], dims[1])
        return Arr(None if vague else example.dtype, found if len(found) == np.ndim(example) else None)

    return result


def _with_dtype(type_: Type) -> Type:
    return Arr(np.dtype(float), type_.dims) if isinstance(type_, Arr) and type_.dtype is None else type_


def matmul_dims(a: Dims, b: Dims) -> Dims:
    """The dims of ``a @ b``."""
    batch = broadcast_dims(a[:-2], b[:-2])
    return (*batch, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


def dot_dims(a: Dims, b: Dims) -> Dims:
    """The dims of ``np.dot(a, b)``."""
    if not a or not b:
        return a or b
    return (*a[:-1], *b[:-2], *(b[-1:] if len(b) > 1 else ()))


def inner_dims(a: Dims, b: Dims) -> Dims:
    """The dims of ``np.inner(a, b)``."""
    return (*a[:-1], *b[:-1]) if a and b else a or b


def outer_dims(a: Dims, b: Dims) -> Dims:
    """The dims of ``np.outer(a, b)``."""
    return tuple(d[0] if len(d) == 1 else 1 if not d else fresh_dim("n") for d in (a, b))


def vecdot_dims(a: Dims, b: Dims) -> Dims:
    """The dims of ``np.vecdot(a, b)``."""
    return broadcast_dims(a[:-1], b[:-1])


matmul, dot, inner = product(np.matmul, matmul_dims), product(np.dot, dot_dims), product(np.inner, inner_dims)
outer, vecdot = product(np.outer, outer_dims), product(np.vecdot, vecdot_dims)
vdot = product(np.vdot, lambda a, b: ())


def unknown_lengths(fn: Callable[..., Any]) -> ResultFn:
    """The type of a function of which the rank and dtype are seen on axes of length 3."""

    def result(a: Any, b: Any, *args: Any, **kwargs: Any) -> Type:
        x, y = type_of(a), type_of(b)
        if dims_of(x) is None or dims_of(y) is None or any(isinstance(v, Type) for v in (*args, *kwargs.values())):
            return ANY
        settings = {name: frozen(value) for name, value in kwargs.items()}
        example = seen(fn, (*map(_with_dtype, (x, y)), *map(frozen, args)), settings, 3)
        if example is None or np.ndim(example) == 0:
            return ANY
        return Arr(None if vague_dtype([x, y]) else example.dtype, (None,) * np.ndim(example))

    return result


def frozen(setting: Any) -> Any:
    """Lists as tuples."""
    return tuple(map(frozen, setting)) if isinstance(setting, (list, tuple)) else setting


tensordot, kron = unknown_lengths(np.tensordot), unknown_lengths(np.kron)
cross, linalg_cross = unknown_lengths(np.cross), unknown_lengths(np.linalg.cross)


def einsum(subscripts: Any, *operands: Any, optimize: Any = False) -> Type:
    """The type of `np.einsum`."""
    types = [type_of(x) for x in operands]
    dims = [d for t in types if (d := dims_of(t)) is not None]
    if not isinstance(subscripts, str) or len(dims) != len(types):
        return ANY
    try:
        letters = spelled_out(subscripts, tuple(map(len, dims)))
    except ValueError:
        return ANY
    if any(len(term) != len(d) for term, d in zip(letters, dims, strict=False)):
        return ANY
    lengths: dict[str, Axis] = {}
    for term, axes in zip(letters, dims, strict=False):
        for letter, axis in zip(term, axes, strict=True):
            lengths[letter] = broadcast_axis(lengths[letter], axis) if letter in lengths else axis
    dtypes = [t.dtype for t in types if isinstance(t, Arr) and t.dtype is not None]
    dtype = np.result_type(*dtypes) if len(dtypes) == len(types) else None
    if letters[-1]:
        return Arr(dtype, tuple(lengths[letter] for letter in letters[-1]))
    return ANY if dtype is None else Num(dtype_kind(dtype), dtype)


# Linear algebra


def solve(a: Any, b: Any) -> Type:
    """The type of `np.linalg.solve`."""
    x, y = type_of(a), type_of(b)
    if not isinstance(x, Arr) or not isinstance(y, Arr) or x.dims is None or y.dims is None:
        return ANY
    inexact = all(d is not None and d.kind in "fc" for d in (x.dtype, y.dtype))
    dtype = np.result_type(x.dtype, y.dtype) if inexact else None
    if len(y.dims) == 1:
        return Arr(dtype, x.dims[:-1])
    return Arr(dtype, (*broadcast_dims(x.dims[:-2], y.dims[:-2]), x.dims[-2], y.dims[-1]))


def _inexact(a: Any) -> Arr | None:
    """A stack of matrices of known rank and of an inexact dtype."""
    found = type_of(a)
    good = isinstance(found, Arr) and found.dims is not None and len(found.dims) >= 2
    if not isinstance(found, Arr) or not good or found.dtype is None or found.dtype.kind not in "fc":
        return None
    return found


def _real(dtype: Any) -> np.dtype[Any]:
    """The dtype of the absolute values."""
    return np.zeros((), dtype).real.dtype


def stack_of(dtype: np.dtype[Any], dims: Dims) -> Type:
    """An array, or a number where there are no dims."""
    return Arr(dtype, dims) if dims else Num(dtype_kind(dtype), dtype)


def per_matrix(a: Any) -> Type:
    """One number per matrix."""
    x = _inexact(a)
    return ANY if x is None or x.dims is None or x.dtype is None else stack_of(x.dtype, x.dims[:-2])


def slogdet(a: Any) -> Type:
    """The sign and the logarithm, per matrix."""
    x = _inexact(a)
    if x is None or x.dims is None or x.dtype is None:
        return ANY
    return Tup((stack_of(x.dtype, x.dims[:-2]), stack_of(_real(x.dtype), x.dims[:-2])))


def eigh(a: Any, UPLO: Any = "L") -> Type:
    """The eigenvalues and vectors."""
    x = _inexact(a)
    if x is None or x.dims is None or x.dtype is None:
        return ANY
    return Tup((Arr(_real(x.dtype), x.dims[:-1]), x))


def eigvalsh(a: Any, UPLO: Any = "L") -> Type:
    """The eigenvalues."""
    both = eigh(a)
    return both.items[0] if isinstance(both, Tup) else ANY


def eigvals(a: Any) -> Type:
    """Eigenvalues, real or complex as their values are."""
    x = _inexact(a)
    return ANY if x is None or x.dims is None else Arr(x.dtype if x.dtype is not None and x.dtype.kind == "c" else None,
                                                       x.dims[:-1])  # fmt: skip


def eig(a: Any) -> Type:
    """Eigenvalues and vectors, real or complex as their values are."""
    x = _inexact(a)
    return ANY if x is None else Tup((eigvals(a), Arr(x.dtype if x.dtype is not None and x.dtype.kind == "c" else None,
                                                      x.dims)))  # fmt: skip


def svdvals(x: Any) -> Type:
    """The singular values."""
    a = _inexact(x)
    if a is None or a.dims is None:
        return ANY
    short = a.dims[-1] if a.dims[-1] == a.dims[-2] else fresh_dim("k")
    return Arr(_real(a.dtype), (*a.dims[:-2], short))


def svd(a: Any, full_matrices: Any = True, compute_uv: Any = True) -> Type:
    """The singular value decomposition."""
    x, s = _inexact(a), svdvals(a)
    if x is None or x.dims is None or not isinstance(s, Arr) or s.dims is None:
        return ANY
    if compute_uv is False:
        return s
    if compute_uv is not True or not isinstance(full_matrices, bool):
        return ANY
    rows, columns = (x.dims[-2], x.dims[-1]) if full_matrices else (s.dims[-1], s.dims[-1])
    return Tup((Arr(x.dtype, (*x.dims[:-1], rows)), s, Arr(x.dtype, (*x.dims[:-2], columns, x.dims[-1]))))


def qr(a: Any, mode: Any = "reduced") -> Type:
    """The factors of a QR decomposition."""
    x, s = _inexact(a), svdvals(a)
    if x is None or x.dims is None or not isinstance(s, Arr) or s.dims is None or mode not in ("reduced", "r"):
        return ANY
    r = Arr(x.dtype, (*x.dims[:-2], s.dims[-1], x.dims[-1]))
    return r if mode == "r" else Tup((Arr(x.dtype, (*x.dims[:-1], s.dims[-1])), r))


def pinv(a: Any, *args: Any, **kwargs: Any) -> Type:
    """The pseudoinverse."""
    x = _inexact(a)
    return ANY if x is None or x.dims is None else Arr(x.dtype, (*x.dims[:-2], x.dims[-1], x.dims[-2]))


norm_trial = by_trial(np.linalg.norm)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Type:
    """The type of `np.linalg.norm`."""
    found = type_of(x)
    if isinstance(found, Num):
        return ANY
    if axis is None and keepdims is False and isinstance(found, Arr) and found.dtype is not None:
        known = found.dtype.kind in "fc"
        return Num("float", _real(found.dtype)) if known and ord is None else norm_trial(x, ord, axis, keepdims)
    return norm_trial(x, ord, axis, keepdims)
