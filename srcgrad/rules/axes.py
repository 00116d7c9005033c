"""Pure functions of axes, shapes, indices and subscripts: evaluated once where their arguments are known.

They have no derivative. Rules call them; none looks at the contents of an array.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.errors import UnsupportedError
from srcgrad.rules.core import constant
from srcgrad.runtime import is_inexact

Shape = tuple[int, ...]


def inverse_permutation(axes: Any) -> Shape:
    """The permutation that undoes `axes`."""
    return tuple(int(k) for k in np.argsort([axis % len(axes) for axis in axes]))


def rolled_axes(ndim: int, axis: int, start: int) -> Shape:
    """The permutation that `np.rollaxis` applies."""
    axes = list(range(ndim))
    axis, start = axis % ndim, start + ndim if start < 0 else start
    axes.insert(start - (axis < start), axes.pop(axis))
    return tuple(axes)


def reading_order(order: Any) -> Any:
    """C or F; the orders that depend on the memory layout cannot be undone from the shape."""
    if order not in ("C", "F"):
        raise UnsupportedError(f"order={order!r} depends on how the array lies in memory",
                               repair="Write order='C' or order='F'.")  # fmt: skip
    return order


def whole(axis: int, ndim: int) -> tuple[slice, ...]:
    """Full slices for the axes before `axis`: to prepend to an index."""
    return (slice(None),) * (axis % ndim)


def tile_shape(shape: Shape, reps: Any) -> Shape:
    """Repetitions and lengths in turn, one pair per axis of the tiled array."""
    counts = tuple(int(r) for r in np.atleast_1d(reps))
    ndim = max(len(shape), len(counts))
    lengths = (1,) * (ndim - len(shape)) + tuple(shape)
    counts = (1,) * (ndim - len(counts)) + counts
    return tuple(n for pair in zip(counts, lengths, strict=True) for n in pair)


def tile_axes(ndim: int, reps: Any) -> Shape:
    """The axes of `tile_shape` that count repetitions."""
    return tuple(range(0, 2 * max(ndim, np.size(reps)), 2))


def repeat_shape(shape: Shape, repeats: int, axis: int) -> Shape:
    """`shape` with an axis of length `repeats` after `axis`."""
    axis = axis % len(shape)
    return (*shape[: axis + 1], int(repeats), *shape[axis + 1 :])


def repeat_index(length: int, repeats: Any) -> Any:
    """From which element each element of the repeated axis comes."""
    return np.repeat(np.arange(length), repeats)


def pad_widths(ndim: int, axis: int, before: int, after: int) -> tuple[tuple[int, int], ...]:
    """Widths for `np.pad` along one axis only."""
    return tuple((before, after) if k == axis % ndim else (0, 0) for k in range(ndim))


def interior(ndim: int, pad_width: Any) -> tuple[slice, ...]:
    """The index of the original array inside the padded one."""
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(k, pad_width.get(k - ndim, 0)) for k in range(ndim)]
        pad_width = [(w, w) if np.ndim(w) == 0 else w for w in pad_width]
    widths = np.broadcast_to(np.asarray(pad_width, int), (ndim, 2)).tolist()
    return tuple(slice(before, -after if after else None) for before, after in widths)


def padded_positions(shape: Shape, pad_width: Any, mode: Any, reflect_type: str) -> Any:
    """From which element of the flattened array each padded element comes."""
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise UnsupportedError(f"np.pad with mode={mode!r} has no rule",
                               repair="constant, empty, edge, reflect, symmetric and wrap have.")  # fmt: skip
    if reflect_type != "even":
        raise UnsupportedError(f"np.pad with reflect_type={reflect_type!r} has no rule")
    return np.pad(np.arange(math.prod(shape)).reshape(shape), pad_width, mode)


def negated(shift: Any) -> Any:
    """The shifts of `np.roll` the other way."""
    return tuple(-s for s in shift)


def diagonal_index(shape: Shape, offset: int, axis1: int, axis2: int) -> tuple[Any, ...]:
    """The index of a diagonal, once the two axes are moved to the end."""
    rows, columns = shape[axis1], shape[axis2]
    length = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    return (..., np.arange(length) + max(0, -offset), np.arange(length) + max(0, offset))


def last_two(axis1: int, axis2: int) -> Any:
    """The step that moves two axes to the end."""
    return ((np.moveaxis, ((axis1, axis2), (-2, -1))),)


def wrapped(indices: Any, length: int, mode: str) -> Any:
    """The indices that `np.take` uses in this mode."""
    if mode == "raise":
        return indices
    return np.clip(indices, 0, length - 1) if mode == "clip" else np.mod(indices, length)


def along_index(shape: Shape, indices: Any, axis: int) -> tuple[Any, ...]:
    """The index that `np.take_along_axis` uses."""
    grids = np.ogrid[tuple(slice(n) for n in shape)]
    return tuple(indices if k == axis % len(shape) else grid for k, grid in enumerate(grids))


def deleted_positions(length: int, obj: Any) -> Any:
    """Which elements of an axis `np.delete` leaves."""
    return np.delete(np.arange(length), obj)


def join_axis(ndim: int) -> int:
    """The axis along which `np.hstack` and `np.hsplit` work."""
    return 0 if ndim == 1 else 1


def interleaved(first: Shape, second: Shape) -> Shape:
    """The lengths of two shapes in turn, the shorter filled with ones: the axes of a Kronecker product."""
    ndim = max(len(first), len(second))
    padded = [(1,) * (ndim - len(shape)) + tuple(shape) for shape in (first, second)]
    return tuple(n for pair in zip(*padded, strict=True) for n in pair)


def odd_axes(ndim: int) -> Shape:
    """1, 3, 5, ... below ``2 * ndim``."""
    return tuple(range(1, 2 * ndim, 2))


def even_axes(ndim: int) -> Shape:
    """0, 2, 4, ... below ``2 * ndim``."""
    return tuple(range(0, 2 * ndim, 2))


def span(start: int, stop: int) -> Shape:
    """The axes from `start` up to `stop`."""
    return tuple(range(start, stop))


def contracted(ndim_a: int, ndim_b: int, axes: Any) -> tuple[Shape, Shape]:
    """The axes over which `np.tensordot` sums, for each operand."""
    if np.ndim(axes) == 0:
        return span(ndim_a - int(axes), ndim_a), span(0, int(axes))
    a, b = axes
    return (tuple(int(k) % ndim_a for k in np.atleast_1d(a)), tuple(int(k) % ndim_b for k in np.atleast_1d(b)))


def free_axes(ndim: int, taken: Shape) -> Shape:
    """The axes that are not taken."""
    return tuple(k for k in range(ndim) if k not in taken)


def restore_first(ndim_a: int, ndim_b: int, axes: Any) -> Shape:
    """The permutation from (free axes of a, summed axes in the order of b) to the axes of a."""
    a, b = contracted(ndim_a, ndim_b, axes)
    order = sorted(range(len(b)), key=lambda k: b[k])
    return inverse_permutation((*free_axes(ndim_a, a), *(a[k] for k in order)))


def restore_second(ndim_a: int, ndim_b: int, axes: Any) -> Shape:
    """The permutation from (summed axes in the order of a, free axes of b) to the axes of b."""
    a, b = contracted(ndim_a, ndim_b, axes)
    order = sorted(range(len(a)), key=lambda k: a[k])
    return inverse_permutation((*(b[k] for k in order), *free_axes(ndim_b, b)))


def spelled_out(subscripts: str, ndims: Shape) -> tuple[str, ...]:
    """The letters of each operand of an einsum and of its result, without ellipses."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    spare = [c for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in subscripts]
    widths = [n - len(term.replace("...", "")) if "..." in term else 0 for term, n in zip(terms, ndims, strict=True)]
    dots = "".join(spare[: max(widths)])
    if not arrow:
        letters = "".join(terms).replace(".", "")
        output = "..." * ("..." in inputs) + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    full = [term.replace("...", dots[len(dots) - width :]) for term, width in zip(terms, widths, strict=True)]
    return (*full, output.replace("...", dots))


def shared_letters(letters: tuple[str, ...], which: int) -> str:
    """The letters of one operand that the result or another operand has too, each once."""
    others = "".join(term for k, term in enumerate(letters) if k != which)
    return "".join(c for c in dict.fromkeys(letters[which]) if c in others)


def turned_subscripts(letters: tuple[str, ...], which: int) -> str:
    """The einsum from the result and the other operands back to one operand."""
    others = [term for k, term in enumerate(letters[:-1]) if k != which]
    return ",".join([letters[-1], *others]) + "->" + shared_letters(letters, which)


def letter_lengths(shape: Shape, labels: str, kept: str) -> Shape:
    """The lengths of the axes `kept` of an operand with axes `labels`."""
    return tuple(shape[labels.index(letter)] for letter in kept)


def is_subscripts(subscripts: Any, count: int) -> bool:
    """Is this the form of einsum that has a rule?"""
    if not isinstance(subscripts, str) or not 1 <= count <= 4:
        raise UnsupportedError("this form of np.einsum has no rule",
                               repair="Write a subscript string and one to four operands.")  # fmt: skip
    return True


def checked_mode(mode: str, shape: Shape) -> str:
    """A mode of `np.linalg.qr` that has a rule."""
    if mode in ("reduced", "r") or (mode == "complete" and shape[-2] <= shape[-1]):
        return mode
    raise UnsupportedError(f"np.linalg.qr with mode={mode!r} has no rule for this shape",
                           repair="Use mode='reduced'.")  # fmt: skip


def norm_axes(ndim: int, axis: Any) -> Shape:
    """The axes over which `np.linalg.norm` is taken."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(int(k) % ndim for k in np.atleast_1d(axis))


def norm_kind(ndim: int, ord: Any, axis: Any) -> str:
    """The family of a norm: its derivative has one form per family."""
    if ord is None or ord == "fro":
        return "euclid"
    vector = np.ndim(axis) == 0 if axis is not None else ndim == 1
    if np.size(axis) == 1 and axis is not None:
        vector = True
    if vector:
        names = {0: "count", 1: "sum", 2: "euclid", np.inf: "extreme", -np.inf: "extreme"}
        return names.get(ord, "power")
    return "spectral" if ord in (2, -2, "nuc") else "lines"


def only_result(fn: str, out: Any, overwrite_input: Any) -> None:
    """Refuse to write into an argument."""
    if out is not None or overwrite_input is not False:
        raise UnsupportedError(f"np.{fn} that writes into an argument has no derivative", repair="Use what it returns.")


def last_axes(ndim: int, axes: Shape) -> Shape:
    """The permutation that puts some axes last."""
    taken = tuple(axis % ndim for axis in axes)
    return (*(axis for axis in range(ndim) if axis not in taken), *taken)


def joined_last(shape: Shape, count: int) -> Shape:
    """A shape with its last axes joined to one."""
    return (*shape[: len(shape) - count], -1)


def kept_lengths(shape: Shape, axes: Any) -> Shape:
    """A shape with length 1 along reduced axes, None for all of them."""
    reduced = range(len(shape)) if axes is None else [k % len(shape) for k in np.atleast_1d(axes)]
    return tuple(1 if k in reduced else n for k, n in enumerate(shape))


for _fn in (inverse_permutation, rolled_axes, reading_order, whole, tile_shape, tile_axes, repeat_shape, repeat_index,
            pad_widths, interior, padded_positions, negated, diagonal_index, last_two, wrapped, along_index,
            deleted_positions, join_axis, interleaved, odd_axes, even_axes, span, contracted, free_axes, restore_first,
            restore_second, spelled_out, shared_letters, turned_subscripts, letter_lengths, is_subscripts, is_inexact,
            checked_mode, norm_axes, norm_kind, only_result, last_axes, joined_last, kept_lengths):  # fmt: skip
    constant(_fn)
