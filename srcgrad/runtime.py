"""The helpers that generated code may call. NumPy only, and short: a standalone module gets them pasted.

The array primitives have value semantics: `set_item` and friends return the next version of an array and leave the old
one alone. Generated code that owns the array writes in place instead and never calls them.
"""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np

Steps = tuple[tuple[Any, tuple[Any, ...]], ...]


def view_of(x: Any, steps: Steps) -> Any:
    """Follow `steps`, pairs of a view-returning function and its further arguments, from `x`."""
    for fn, args in steps:
        x = fn(x, *args)
    return x


def get_item(x: Any, index: Any, steps: Steps = ()) -> Any:
    """Read ``x<steps>[index]``."""
    return view_of(x, steps)[index]


def set_item(x: Any, index: Any, value: Any, steps: Steps = ()) -> Any:
    """The version of array `x` after ``x<steps>[index] = value``."""
    new = np.array(x, order="C")  # an array also where x is a NumPy number
    part = view_of(new, steps)
    if steps and not np.may_share_memory(part, new):
        new.reshape(-1)[places_of(new, index, steps)] = value
    else:
        part[index] = value
    return new


def add_item(x: Any, index: Any, value: Any, steps: Steps = ()) -> Any:
    """The version of array `x` after adding `value` at ``x<steps>[index]``; repeated indices accumulate."""
    new = np.array(x, order="C")  # an array also where x is a NumPy number
    part = view_of(new, steps)
    if steps and not np.may_share_memory(part, new):
        np.add.at(new.reshape(-1), places_of(new, index, steps), value)
    else:
        np.add.at(part, index, value)
    return new


def places_of(x: Any, index: Any, steps: Steps) -> Any:
    """Where ``x<steps>[index]`` is in C order: for steps that give copies here, and gave views of another layout."""
    return view_of(np.arange(x.size).reshape(x.shape), steps)[index]


def sum_to(bar: Any, shape: tuple[int, ...]) -> Any:
    """Sum the axes of `bar` that broadcasting stretched from `shape`: the adjoint of broadcasting."""
    if np.shape(bar) == shape:
        return bar
    extra = np.ndim(bar) - len(shape)
    if extra < 0:  # a store drops leading axes of length 1 of the stored value
        return sum_to(bar, shape[-extra:]).reshape(shape)
    ones = tuple(i + extra for i, n in enumerate(shape) if n == 1 and np.shape(bar)[i + extra] != 1)
    summed = np.sum(bar, axis=(*range(extra), *ones), keepdims=True)
    return summed.reshape(shape)


def zeros_of(x: Any) -> Any:
    """The zero cotangent of `x`: the same structure, arrays and numbers replaced by zeros of their dtype."""
    if isinstance(x, list):
        return [zeros_of(item) for item in x]
    if isinstance(x, tuple):
        return tuple(zeros_of(item) for item in x)
    if isinstance(x, np.ndarray):
        return np.zeros_like(x)
    if isinstance(x, np.generic):
        return x.dtype.type(0)
    return type(x)(0) if isinstance(x, (float, complex)) else 0.0


def zeros_of_pack(pack: Any) -> Any:
    """The zero cotangent of what a forward packed, as a list that can be added to; of nothing, 0.0."""
    zeros = zeros_of(pack)
    return list(zeros) if isinstance(zeros, tuple) else zeros


def add_bars(a: Any, b: Any) -> Any:
    """The sum of two cotangents of one value, item by item in lists and tuples."""
    if isinstance(a, (list, tuple)):
        return type(a)(add_bars(x, y) for x, y in zip(a, b, strict=True))
    return a + b


def check_bound(value: Any, name: str, absent: Any) -> Any:
    """Raise the error Python raises where a local variable is read before it has a value."""
    if value is absent:
        raise UnboundLocalError(f"cannot access local variable '{name}' where it is not associated with a value")
    return value


def as_type(
    x: Any, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True
) -> Any:
    """The method ``x.astype(...)`` as a function."""
    return x.astype(dtype, order, casting, subok, copy)


def flatten(x: Any, order: Any = "C") -> Any:
    """The method ``x.flatten(order)`` as a function."""
    return x.flatten(order)


def is_inexact(dtype: Any) -> bool:
    """Is this dtype floating or complex (or not given)?"""
    return dtype is None or np.dtype(dtype).kind in "fc"


def is_array_index(part: Any) -> bool:
    """Is this part of an index an array or a list of integers, which may name an element twice?"""
    return isinstance(part, (np.ndarray, list)) and np.ndim(part) > 0 and np.asarray(part).dtype != bool


def stored_item(bar: Any, index: Any, steps: Steps = ()) -> Any:
    """Read ``bar<steps>[index]``, zero where a store through the same index was overwritten by its own later items."""
    region = get_item(bar, index, steps)
    parts = [part for part in (index if isinstance(index, tuple) else (index,)) if is_array_index(part)]
    if not parts:
        return region
    positions = np.arange(region.size).reshape(np.shape(region))
    last = view_of(np.full(np.shape(bar), -1), steps)
    last[index] = positions
    stays = last[index] == positions
    if stays.all():
        return region
    if any(isinstance(part, np.ndarray) and not part.flags.c_contiguous for part in parts):
        raise ValueError("which of the values stored at a repeated index stays depends on memory layout: "
                         "make the index contiguous with np.ascontiguousarray")  # fmt: skip
    return np.where(stays, region, np.zeros_like(region))


def join(arrays: Any, axis: int = 0, lift: Any = np.atleast_1d) -> Any:
    """Concatenate `arrays` along `axis`, each lifted first: np.atleast_2d for vstack, np.ravel for ``axis=None``."""
    return np.concatenate([lift(array) for array in arrays], axis)


def split_like(bar: Any, arrays: Any, axis: int = 0, lift: Any = np.atleast_1d) -> Any:
    """The pieces of `bar` that `join` took from each of `arrays`: its adjoint."""
    ends = np.cumsum([np.shape(lift(array))[axis] for array in arrays])
    pieces = [np.reshape(b, np.shape(a)) for b, a in zip(np.split(bar, ends[:-1], axis), arrays, strict=True)]
    return like_nest(pieces, arrays)


def like_nest(items: Any, nest: Any) -> Any:
    """The items as the kind of container `nest` is: an array, a list or a tuple."""
    if isinstance(nest, np.ndarray):
        return np.stack(items)
    return list(items) if isinstance(nest, list) else tuple(items)


def as_columns(x: Any) -> Any:
    """What `np.column_stack` makes of an operand: vectors become columns."""
    return np.atleast_2d(x).T if np.ndim(x) < 2 else x


def unstack_like(bar: Any, nest: Any, axis: int = 0) -> Any:
    """Take apart along `axis` what `np.stack` joined or, for deeper nests, `np.array` made: items as in `nest`."""
    if not isinstance(nest, (list, tuple, np.ndarray)):
        return bar
    if isinstance(nest, np.ndarray):
        return np.moveaxis(bar, axis, 0) if axis else bar
    return like_nest([unstack_like(b, n) if isinstance(n, (list, tuple)) else b
                      for b, n in zip(np.moveaxis(bar, axis, 0), nest, strict=True)], nest)  # fmt: skip


def sum_like(bars: Any, arrays: Any) -> Any:
    """Sum each of `bars` to the shape of its array."""
    return tuple(sum_to(bar, np.shape(array)) for bar, array in zip(bars, arrays, strict=True))


def broadcast_like(arrays: Any, bars: Any) -> Any:
    """Broadcast each of `arrays` to the shape of its bar: the adjoint of `sum_like`."""
    return tuple(np.broadcast_to(array, np.shape(bar)) for array, bar in zip(arrays, bars, strict=True))


def fit_to(bar: Any, shape: tuple[int, ...]) -> Any:
    """Sum the axes of `bar` where `shape` has 1, and stretch those where `bar` has 1; the ranks are the same."""
    summed = sum_to(bar, tuple(1 if n == 1 else m for m, n in zip(np.shape(bar), shape, strict=True)))
    return np.broadcast_to(summed, shape) if np.shape(summed) != shape else summed


def spread(x: Any, kept: str, labels: str, shape: tuple[int, ...]) -> Any:
    """Write `x` over axes named `labels`: on the diagonal of repeated letters, the same along letters not in `kept`."""
    new = np.zeros(shape, np.result_type(x))
    letters = "".join(dict.fromkeys(labels))
    view = np.einsum(f"{labels}->{letters}", new)
    order = [kept.index(letter) for letter in letters if letter in kept]
    gaps = tuple(axis for axis, letter in enumerate(letters) if letter not in kept)
    view[...] = np.expand_dims(np.transpose(x, order), gaps)
    return new


def cofactor(a: Any) -> Any:
    """The cofactors of square matrices, of any rank: the derivative of the determinant."""
    u, s, vh = np.linalg.svd(a)
    n = s.shape[-1]
    others = np.where(np.eye(n, dtype=bool), 1, s[..., None, :])
    scale = (np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
    return scale * (u.conj() * np.prod(others, axis=-1)[..., None, :]) @ vh.conj()


def cofactor_step(a: Any, step: Any) -> Any:
    """How `cofactor` changes along `step`: the second derivative of the determinant, for matrices of any rank."""
    u, s, vh = np.linalg.svd(a)
    n = s.shape[-1]
    i, j, k = np.ogrid[:n, :n, :n]
    others = np.prod(np.where((k == i) | (k == j), 1, s[..., None, None, :]), axis=-1) * (i != j)[..., 0]
    turned = np.swapaxes(u.conj(), -1, -2) @ step @ np.swapaxes(vh.conj(), -1, -2)
    turned = np.swapaxes(turned, -1, -2)
    on = np.einsum("...ij,...jj->...i", others, turned)[..., None] * np.eye(n, dtype=bool)
    scale = (np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
    return scale * (u.conj() @ (on - others * turned) @ vh.conj())


def tied(values: Any) -> Any:
    """Which pairs of `values` (last axis; an element with itself too) are equal but for rounding."""
    gaps = np.abs(values[..., None, :] - values[..., :, None])
    return gaps <= negligible_size(values)[..., None, None]


def negligible_size(values: Any) -> Any:
    """What counts as zero beside the largest of `values` along the last axis."""
    sizes = np.abs(values)
    return 64 * np.finfo(sizes.dtype).eps * np.max(sizes, axis=-1, initial=0)


def untied(turns: Any, stretches: Any, slopes: Any, ties: Any) -> Any:
    """Drop the entries of `turns` between tied pairs of eigenvalues or singular values.

    That is right for functions of the space that the tied vectors span. NaN, with a warning, where the function depends
    on the vectors themselves, or where the cotangents do not tell how it follows the pair when it splits: the
    symmetric part (`stretches`) is not zero nor are those of the values (`slopes`).
    """
    pairs = ties & ~np.eye(ties.shape[-1], dtype=bool)
    size = np.max(np.abs(turns) + np.abs(stretches), axis=(-2, -1), initial=0, keepdims=True)
    steep = np.abs(slopes) > 1e-9 * np.max(np.abs(slopes), axis=-1, initial=0, keepdims=True)
    doubtful = pairs & (np.abs(stretches) > 1e-6 * size)
    broken = (pairs & (np.abs(turns) > 1e-6 * size)) | (doubtful & (steep[..., None, :] | steep[..., :, None]))
    warn_of_ties(broken | doubtful)
    return np.where(broken, np.nan, np.where(ties, 0, turns))


def warn_of_ties(where: Any) -> None:
    """Warn, where any is true, that tied vectors have a derivative only as far as the space they span has one."""
    if np.any(where):
        text = "equal eigenvalues or singular values: right only for functions of the space their vectors span"
        warnings.warn(text, RuntimeWarning, stacklevel=3)


def between_ties(turns: Any, ties: Any) -> Any:
    """Drop the entries of a tangent between tied pairs, with a warning where they are not zero."""
    off = ties & ~np.eye(ties.shape[-1], dtype=bool)
    warn_of_ties(off & (np.abs(turns) > 1e-6 * np.max(np.abs(turns), axis=(-2, -1), initial=0, keepdims=True)))
    return np.where(ties, 0, turns)


def peaks(v: Any) -> Any:
    """One at the largest component of each column, zero elsewhere."""
    sizes = np.abs(v)
    return (np.argmax(sizes, axis=-2)[..., None, :] == np.arange(v.shape[-2])[:, None]).astype(sizes.dtype)


def norm_weights(s: Any, ord: Any) -> Any:
    """The derivative of a norm by each singular value: of all, or split evenly among the largest or the smallest."""
    nonzero = s > negligible_size(s)[..., None]
    if ord == "nuc":
        return nonzero.astype(s.dtype)
    extreme = (np.max if ord > 0 else np.min)(s, axis=-1, keepdims=True)
    hits = (np.abs(s - extreme) <= negligible_size(s)[..., None]) & nonzero
    return hits / np.maximum(np.sum(hits, axis=-1, keepdims=True), 1).astype(s.dtype)


def extreme_lines(x: Any, ord: Any, axes: tuple[int, ...]) -> Any:
    """One, split evenly, for columns (`ord` 1, -1) or rows (inf, -inf) whose absolute sum is the largest or least."""
    inner, outer = axes if abs(ord) == 1 else axes[::-1]
    sums = np.sum(np.abs(x), axis=inner, keepdims=True)
    hits = sums == (np.max if ord > 0 else np.min)(sums, axis=outer, keepdims=True)
    return hits / np.sum(hits, axis=outer, keepdims=True).astype(sums.dtype)


def fresh(x: Any) -> Any:
    """The same value with memory of its own: arrays are copied, also those in lists and tuples."""
    if isinstance(x, (list, tuple)):
        return type(x)(*map(fresh, x)) if hasattr(x, "_fields") else type(x)(map(fresh, x))
    if isinstance(x, dict):
        return {key: fresh(item) for key, item in x.items()}
    return x.copy() if isinstance(x, np.ndarray) else x


def add_at(x: Any, index: Any, value: Any) -> None:
    """``x[index] += value`` in place; repeated indices accumulate."""
    np.add.at(x, index, value)


def place_of_key(keys: Any, key: Any, missing: int | None = None) -> int:
    """The place of a key among those of a dict; `missing` where there is none such, or else a KeyError."""
    if key in keys:
        place: int = keys.index(key)
        return place
    if missing is None:
        raise KeyError(key)
    return missing


def reversed_list(items: list[Any]) -> list[Any]:
    """The list from its end."""
    return items[::-1]


def list_append(xs: list[Any], value: Any) -> list[Any]:
    """The list after ``xs.append(value)``."""
    return [*xs, value]


def list_insert(xs: list[Any], index: int, value: Any) -> list[Any]:
    """The list after ``xs.insert(index, value)``."""
    new = list(xs)
    new.insert(index, value)
    return new


def list_remove(xs: list[Any], index: int = -1, like: Any = None) -> list[Any]:
    """The list after ``del xs[index]``, an item like `like`."""
    new = list(xs)
    del new[index]
    return new


def list_set(xs: Any, index: Any, value: Any, steps: Steps = (), like: Any = None) -> Any:
    """The list after ``xs<steps>[index] = value``; the steps lead through lists in it; there was an item `like`."""
    new = list(xs)
    key = steps[0][1][0] if steps else index
    new[key] = list_set(new[key], index, value, steps[1:]) if steps else value
    return new


def list_add(xs: Any, index: Any, value: Any, steps: Steps = ()) -> Any:
    """The list after adding `value` to the item, or items, ``xs<steps>[index]``."""
    new = list(xs)
    key = steps[0][1][0] if steps else index
    new[key] = list_add(new[key], index, value, steps[1:]) if steps else add_bars(new[key], value)
    return new


def list_repeat(xs: list[Any], count: int) -> list[Any]:
    """``xs * count``."""
    return xs * count


def list_fold(bar: list[Any], xs: list[Any]) -> list[Any]:
    """The cotangent of `xs` from that of ``xs * count``: the sums over the copies."""
    n = len(xs)
    return [functools.reduce(add_bars, bar[k + n :: n], bar[k]) if bar else zeros_of(x) for k, x in enumerate(xs)]


def list_join(xs: list[Any], ys: list[Any]) -> list[Any]:
    """``xs + ys`` of lists."""
    return xs + ys


def for_each(bar: Any, items: Any) -> list[Any]:
    """The cotangent of what was summed, for each of its items, in memory of its own."""
    return [fresh(sum_to(bar, np.shape(item))) for item in items]


def stop_gradient(x: Any) -> Any:
    """`x` itself, to which the derivative is blind.

    Parameters
    ----------
    x : array, number or container
        What is held constant.

    Returns
    -------
    array, number or container
        The same object.

    Examples
    --------
    >>> import srcgrad
    >>> srcgrad.grad(lambda x: x * srcgrad.stop_gradient(x))(3.0)
    3.0
    """
    detach = getattr(x, "detach", None)  # a tensor that records would go on recording
    return x if detach is None else detach()


def check_trips(found: int, written: int) -> None:
    """Raise where a loop that is written out for the items of a list would end before the last of them."""
    if found != written:
        raise ValueError(f"a loop beside a list of {written} items ends after {found} of them")


def check_length(x: Any, count: int, more: bool = False) -> None:
    """Raise the error Python raises where an array is unpacked into too many or too few names."""
    if len(x) != count and not (more and len(x) > count):
        many = "too many values to unpack" if len(x) > count else f"not enough values to unpack (got {len(x)})"
        raise ValueError(f"{many} (expected {'at least ' if more else ''}{count})")


def order_of(ranks: Any, backwards: bool = False) -> Any:
    """The places of the items in the order in which Python sorts them."""
    return np.array(sorted(range(len(ranks)), key=ranks.__getitem__, reverse=backwards), dtype=np.int64)


def raise_error(error: Any, *args: Any, **kwargs: Any) -> None:
    """``raise error(*args, **kwargs)``; the exception itself where `error` is one."""
    raise error if isinstance(error, BaseException) else error(*args, **kwargs)


def make_error(cls: Any, *args: Any, **kwargs: Any) -> Any:
    """The exception ``cls(*args, **kwargs)``."""
    return cls(*args, **kwargs)


def raise_from(cause: Any, error: Any, *args: Any, **kwargs: Any) -> None:
    """``raise error(*args, **kwargs) from cause``."""
    raise (error if isinstance(error, BaseException) else error(*args, **kwargs)) from cause


def raises(classes: Any, fn: Any, *args: Any, **kwargs: Any) -> int:
    """Which of `classes`, counted from 1, takes what ``fn(*args, **kwargs)`` raises; 0 where none does."""
    return handler_of(classes, exception_of(fn, *args, **kwargs))


def handler_of(classes: Any, error: Any) -> int:
    """The place, from 1, of the first of `classes` (or tuples of such) that `error` is of; 0 where there is none."""
    return next((k + 1 for k, cls in enumerate(classes) if isinstance(error, cls)), 0)


class Trial:
    """Keeps the exception that is raised in its body; NumPy does not warn there."""

    error: BaseException | None = None

    def __enter__(self) -> None:
        modes: Any = {key: "raise" if mode == "raise" else "ignore" for key, mode in np.geterr().items()}
        self.before = np.seterr(**modes)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        np.seterr(**self.before)
        self.error = error.with_traceback(None) if error is not None else None
        return isinstance(error, Exception)


def exception_of(fn: Any, *args: Any, **kwargs: Any) -> BaseException | None:
    """What ``fn(*args, **kwargs)`` raises, None where it does not."""
    trial = Trial()
    with trial:
        fn(*args, **kwargs)
    return trial.error


def set_errors(**modes: Any) -> Any:
    """What NumPy does on floating-point errors from here on; gives what it did before."""
    return np.seterr(**modes)


def restore_errors(before: Any) -> None:
    """What NumPy did on floating-point errors before `set_errors`."""
    np.seterr(**before)


def join_text(*parts: Any) -> str:
    """The text of an f-string: literal parts and (value, conversion, format) triples."""
    convert: dict[int, Any] = {-1: lambda v: v, 115: str, 114: repr, 97: ascii}
    return "".join(p if isinstance(p, str) else format(convert[p[1]](p[0]), p[2]) for p in parts)


def with_attributes(x: Any, attributes: dict[str, Any]) -> Any:
    """A shallow copy of an object, made without its ``__init__``, with attributes replaced."""
    cls: Any = type(x)
    new = cls.__new__(cls)
    new.__dict__.update(getattr(x, "__dict__", {}))
    for name, value in attributes.items():
        object.__setattr__(new, name, value)
    return new


def entry_copy(x: Any) -> Any:
    """A copy of an array of the surrounding program, which is written before the derivative is done."""
    return x.copy()


def leave_array(x: Any, final: Any) -> None:
    """``x[...] = final``: what a plain call leaves in an array of the surrounding program."""
    x[...] = final


def leave_attribute(owner: Any, name: str, value: Any) -> None:
    """``owner.name = value``; arrays are copied, since the derivative goes on with its own."""
    setattr(owner, name, fresh(value))


class Outside:
    """A list or dict of the surrounding program, itself and not its items."""

    def __init__(self, held: Any) -> None:
        self.held = held


def leave_item(owner: Any, key: Any, value: Any) -> None:
    """``owner[key] = value``; arrays are copied, since the derivative goes on with its own."""
    container = owner.held if isinstance(owner, Outside) else owner
    container[key] = fresh(value)


def leave_all(owner: Any, content: Any) -> None:
    """The list or dict takes other contents; arrays that were not in it are copied."""
    container = owner.held if isinstance(owner, Outside) else owner
    before = list(container.values() if isinstance(container, dict) else container)

    def own(item: Any) -> Any:
        return item if any(item is known for known in before) else fresh(item)

    made = {key: own(item) for key, item in content.items()} if isinstance(content, dict) else list(map(own, content))
    container.clear()
    (container.update if isinstance(container, dict) else container.extend)(made)


def leave_tail(owner: Any, start: int, items: list[Any]) -> None:
    """``owner[start:] = items``; arrays are copied."""
    container = owner.held if isinstance(owner, Outside) else owner
    container[start:] = fresh(items)


def leave_cell(cell: Any, name: str, value: Any) -> None:
    """The variable of an enclosing function takes a value."""
    cell.cell_contents = fresh(value)
