"""Arguments to try the rules of Fourier transforms with: lengths even and odd, cut and filled up, all scales."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from srcgrad.rules.core import Sample, Samples
from srcgrad.rules.samples import Rng, compl, real

Shape = tuple[int, ...]
NORMS = (None, "backward", "ortho", "forward")
LINES: tuple[tuple[Shape, dict[str, Any]], ...] = (
    ((5,), {}), ((6,), {}), ((1,), {}), ((5,), {"n": 3}), ((4,), {"n": 7}), ((2, 4), {"axis": 0}),
    ((3, 5), {"n": 4, "axis": 0}), ((2, 1, 3), {"axis": -1}), ((2, 3, 1, 4), {"n": 6, "axis": -1}), ((0, 4), {}),
)  # fmt: skip
GRIDS: tuple[tuple[Shape, dict[str, Any]], ...] = (
    ((3, 4), {}), ((4, 3), {"axes": (1, 0)}), ((3, 4), {"s": (2, 5), "axes": (0, 1)}), ((2, 3, 4), {"axes": (0, 2)}),
    ((2, 3, 4), {"s": (3, 3), "axes": (-1, 0)}), ((2, 2, 5), {"axes": (1, 2)}),
)  # fmt: skip


def _draws(rng: Rng, draw: Callable[..., Any], calls: Any) -> Iterator[Sample]:
    for shape, kwargs in calls:
        yield Sample((draw(rng, shape),), kwargs)
    shape, kwargs = calls[0]
    for norm in NORMS:
        yield Sample((draw(rng, shape),), {**kwargs, "norm": norm})


def _both(calls: Any) -> Samples:
    """Real arrays, complex ones, other layouts and single precision."""

    def make(rng: Rng) -> Iterator[Sample]:
        yield from _draws(rng, real, calls)
        yield from _draws(rng, compl, calls)
        yield Sample((real(rng, (4, 6))[::2, ::-1],), {})
        yield Sample((real(rng, (2, 3), dtype="f4"),), {})

    return make


def _real(calls: Any) -> Samples:
    def make(rng: Rng) -> Iterator[Sample]:
        yield from _draws(rng, real, calls)
        yield Sample((real(rng, (4, 6)).T,), {})
        yield Sample((real(rng, (2, 3), dtype="f4"),), {})

    return make


def _half(calls: Any, *more: tuple[Shape, dict[str, Any]]) -> Samples:
    def make(rng: Rng) -> Iterator[Sample]:
        longer = [(shape, kwargs) for shape, kwargs in calls if min(shape) != 1]
        yield from _draws(rng, compl, [*longer, *more])
        yield Sample((real(rng, (2, 4)),), {})
        yield Sample((compl(rng, (2, 3), dtype="c8"),), {})

    return make


line = _both(LINES)
real_line = _real(LINES)
half_line = _half(LINES, ((4,), {"n": 6}), ((4,), {"n": 7}), ((4,), {"n": 5}))
grid = _both(GRIDS)
real_grid = _real(GRIDS)
half_grid = _half(GRIDS)
PLANES = GRIDS[:3]
plane, real_plane, half_plane = _both(PLANES), _real(PLANES), _half(PLANES)


def shifts(rng: Rng) -> Iterator[Sample]:
    """Even and odd lengths, all axes and some."""
    for shape, args in (((5,), ()), ((6,), ()), ((3, 4), ()), ((3, 4), (1,)), ((2, 3, 5), ((0, -1),)), ((0, 3), ())):
        yield Sample((real(rng, shape), *args))
    yield Sample((compl(rng, (5,)),))


def with_length(rng: Rng) -> Iterator[Sample]:
    """The same length, a shorter and a longer one."""
    for n in (2, 4, 6):
        yield Sample((real(rng, (4,)), n, -1))
        yield Sample((compl(rng, (2, 4, 3)), n, 1))


def with_lengths(rng: Rng) -> Iterator[Sample]:
    """One axis cut and one filled up."""
    yield Sample((real(rng, (4, 3)), (2, 5), (0, 1)))
    yield Sample((compl(rng, (4, 2, 3)), (4, 5), (-1, 0)))
