"""Arguments to try rules with: every generator draws lazily from the random generator it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from srcgrad.rules.core import Sample, Samples

Rng: TypeAlias = "np.random.Generator"
Shape = tuple[int, ...]
Range = tuple[float, float]

SHAPES: tuple[Shape, ...] = ((), (3,), (1,), (0,), (2, 3), (1, 4), (0, 3), (2, 1, 3), (2, 3, 1, 2))
PAIRS: tuple[tuple[Shape, Shape], ...] = (
    ((), ()), ((3,), ()), ((), (3,)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 1), (1, 3)), ((1,), (4,)),
    ((0, 3), (3,)), ((1,), (0,)), ((2, 1, 3), (4, 1)), ((1, 2, 3, 1), (2, 1, 2)),
)  # fmt: skip
REAL: Range = (-2.0, 2.0)


def real(rng: Rng, shape: Shape, low: float = -2.0, high: float = 2.0, dtype: Any = np.float64) -> Any:
    """Uniform reals; rank 0 is a NumPy scalar."""
    return np.asarray(rng.uniform(low, high, shape)).astype(dtype)[()]


def unlike(x: Any, points: Sequence[float], gap: float = 0.05) -> Any:
    """`x` moved away from kinks and jumps by at least `gap`."""
    for point in points:
        x = np.where(np.abs(x - point) < gap, point + 2 * gap, x).astype(np.asarray(x).dtype)[()]
    return x


def compl(rng: Rng, shape: Shape, low: float = -2.0, high: float = 2.0, dtype: Any = np.complex128) -> Any:
    """Complex numbers with both parts uniform."""
    parts = rng.uniform(low, high, shape) + 1j * rng.uniform(low, high, shape)
    return np.asarray(parts).astype(dtype)[()]


def layouts(rng: Rng, low: float = -2.0, high: float = 2.0) -> Iterator[Any]:
    """The same values laid out differently: strided, reversed, Fortran order, transposed, read-only, broadcast."""
    base = real(rng, (4, 6), low, high)
    yield base[::2, ::-1]
    yield np.asfortranarray(base)
    yield base[:, 1].copy().reshape(2, 2).T
    frozen = base[0].copy()
    frozen.flags.writeable = False
    yield frozen
    yield np.broadcast_to(base[0], (2, 6))


def _reals(rng: Rng, span: Range) -> Iterator[Any]:
    yield float(rng.uniform(*span))
    yield np.asarray(rng.uniform(*span))
    for shape in SHAPES:
        yield real(rng, shape, *span)
    yield from layouts(rng, *span)
    for shape in ((), (3,), (2, 3)):
        yield real(rng, shape, *span, np.float32)


def _complexes(rng: Rng) -> Iterator[Any]:
    yield complex(compl(rng, ()))
    for shape in ((), (3,), (2, 0), (2, 3)):
        yield compl(rng, shape)
    yield compl(rng, (4,))[::-2]
    yield compl(rng, (3,), dtype=np.complex64)


def arrays(low: float = -2.0, high: float = 2.0, *, complex_ok: bool = False, avoid: Sequence[float] = (),
           min_ndim: int = 0) -> Callable[[Rng], Iterator[Any]]:  # fmt: skip
    """A generator of single operands of every rank, layout and dtype."""

    def make(rng: Rng) -> Iterator[Any]:
        for x in _reals(rng, (low, high)):
            if np.ndim(x) >= min_ndim:
                yield _avoiding(x, avoid)
        if complex_ok:
            yield from (x for x in _complexes(rng) if np.ndim(x) >= min_ndim)

    return make


def _avoiding(x: Any, points: Sequence[float]) -> Any:
    """`x` away from the points; where nothing has to move it keeps its layout and kind."""
    moved = unlike(x, points)
    return x if np.array_equal(moved, x) else type(x)(moved) if isinstance(x, float) else moved


def unary(low: float = -2.0, high: float = 2.0, *, complex_ok: bool = False, avoid: Sequence[float] = (),
          **kwargs: Any) -> Samples:  # fmt: skip
    """Calls with one operand between `low` and `high`; `kwargs` are passed along."""
    operands = arrays(low, high, complex_ok=complex_ok, avoid=avoid)

    def make(rng: Rng) -> Iterator[Sample]:
        for x in operands(rng):
            yield Sample((x,), kwargs)

    return make


def binary(first: Range = REAL, second: Range = REAL, *, complex_ok: bool = False) -> Samples:
    """Calls with two operands: broadcasting both ways, Python numbers, mixed precision, mixed real and complex."""

    def make(rng: Rng) -> Iterator[Sample]:
        for left, right in PAIRS:
            yield Sample((real(rng, left, *first), real(rng, right, *second)))
        yield from _mixed(rng, first, second)
        if complex_ok:
            yield from _complex_pairs(rng)

    return make


def _mixed(rng: Rng, first: Range, second: Range) -> Iterator[Sample]:
    x, y = float(rng.uniform(*first)), float(rng.uniform(*second))
    yield Sample((x, y))
    yield Sample((np.asarray(x), np.asarray(y)))
    for dtype in (np.float64, np.float32):
        yield Sample((real(rng, (2, 3), *first, dtype), y))
        yield Sample((x, real(rng, (2, 3), *second, dtype)))
        yield Sample((real(rng, (2, 3), *first, dtype), 1))
        yield Sample((real(rng, (), *first, dtype), real(rng, (3,), *second, np.float32)))
    yield Sample((real(rng, (3,), *first, np.float32), real(rng, (2, 3), *second, np.float32)))
    yield Sample((real(rng, (3, 4), *first)[:, ::2].T, real(rng, (2, 3), *second)[0]))


def _complex_pairs(rng: Rng) -> Iterator[Sample]:
    yield Sample((compl(rng, (3,)), compl(rng, (2, 3))))
    yield Sample((compl(rng, (2, 1), 0.5, 2.0), real(rng, (3,), 0.5, 2.0)))
    yield Sample((real(rng, (3,), 0.5, 2.0), compl(rng, (), 0.5, 2.0)))
    yield Sample((compl(rng, (3,), dtype=np.complex64), real(rng, (3,), 0.5, 2.0, np.float32)))


def separated(samples: Samples, gap: float = 0.05) -> Samples:
    """The same calls, the second operand moved where it is within `gap` of the first."""

    def make(rng: Rng) -> Iterator[Sample]:
        for sample in samples(rng):
            x, y = sample.args
            close = np.any(np.abs(np.subtract(x, y)) < gap)
            yield (
                Sample((x, type(y)(y + 10)), sample.kwargs)
                if close and np.ndim(y) == 0
                else (Sample((x, y + np.asarray(10, y.dtype)), sample.kwargs) if close else sample)
            )

    return make


def only_floats(samples: Samples) -> Samples:
    """The calls in which every argument is a Python number: for functions of ``math``."""

    def make(rng: Rng) -> Iterator[Sample]:
        for args, kwargs in samples(rng):
            if all(np.ndim(x) == 0 and not np.iscomplexobj(x) for x in args):
                yield Sample(tuple(np.asarray(x, np.result_type(x)).item() for x in args), kwargs)

    return make


def chain(*parts: Samples) -> Samples:
    """One generator after the other."""

    def make(rng: Rng) -> Iterator[Sample]:
        for part in parts:
            yield from part(rng)

    return make


def fixed(build: Callable[[Rng], Iterable[tuple[Any, ...]]]) -> Samples:
    """Calls with the tuples of positional arguments that `build` gives."""

    def make(rng: Rng) -> Iterator[Sample]:
        for args in build(rng):
            yield Sample(tuple(args))

    return make


AXES: dict[int, tuple[Any, ...]] = {
    0: (None, ()), 1: (None, 0, -1, (0,), ()), 2: (None, 0, 1, -1, (0, 1), (-1, 0), (1,)),
    3: (None, 0, -2, 2, (0, 2), (-1, 1)), 4: (None, 2, (0, 3), (1, -1, 0)),
}  # fmt: skip


def _distinct(rng: Rng, shape: Shape, low: float, high: float) -> Any:
    """Reals no two of which are close, so that their order is stable under small steps."""
    count = int(np.prod(shape))
    grid = np.linspace(low, high, count) if count > 1 else np.full(count, (low + high) / 2)
    return rng.permutation(grid).reshape(shape)[()]


def reductions(low: float = -2.0, high: float = 2.0, *, complex_ok: bool = False, empty: bool = True,
               keepdims: bool = True, tuples: bool = True, min_size: int = 0, **kwargs: Any) -> Samples:  # fmt: skip
    """Calls that reduce axes: every rank, axes of length 0 and 1, negative and tuple axes, with and without keepdims.

    No two entries of an array are close. `min_size` is the least number of elements that are reduced to one.
    """

    def make(rng: Rng) -> Iterator[Sample]:
        for shape in SHAPES:
            if empty or 0 not in shape:
                for axis in AXES[len(shape)]:
                    wanted = tuples or not isinstance(axis, tuple)
                    if wanted and _reduced(shape, axis) >= min_size:
                        yield Sample((_distinct(rng, shape, low, high),), {"axis": axis, **kwargs})
                        if keepdims:
                            yield Sample((_distinct(rng, shape, low, high),),
                                         {"axis": axis, "keepdims": True, **kwargs})  # fmt: skip
        yield from _reduction_layouts(rng, (low, high), complex_ok, kwargs)

    return make


def _reduced(shape: Shape, axis: Any) -> int:
    axes = range(len(shape)) if axis is None else (axis,) if isinstance(axis, int) else axis
    return int(np.prod([shape[k] for k in axes]))


def _reduction_layouts(rng: Rng, span: Range, complex_ok: bool, kwargs: dict[str, Any]) -> Iterator[Sample]:
    base = _distinct(rng, (4, 6), *span)
    yield Sample((base,), kwargs)
    yield Sample((base[::2, ::-1], 1), kwargs)
    yield Sample((np.asfortranarray(base), 0), kwargs)
    yield Sample((base.astype(np.float32), 0), kwargs)
    yield Sample((base.astype(np.float32),), kwargs)
    if complex_ok:
        values = base + 1j * _distinct(rng, (4, 6), *span)
        yield Sample((values, -1), kwargs)
        yield Sample((values.astype(np.complex64),), kwargs)
