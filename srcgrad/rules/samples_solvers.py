"""Arguments to try least squares, tensor equations and chains of products with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from srcgrad.rules.core import Sample, Samples
from srcgrad.rules.samples import Rng, Shape, compl, real


def of(*cases: tuple[Any, ...], **kwargs: Any) -> Samples:
    """Real arrays of these shapes, and complex ones for the first case."""

    def samples(rng: Rng) -> Iterator[Sample]:
        for shapes in cases:
            yield Sample(tuple(real(rng, shape) for shape in shapes), kwargs)
        yield Sample(tuple(compl(rng, shape) for shape in cases[0]), kwargs)

    return samples


def systems(rng: Rng) -> Iterator[tuple[Any, Any]]:
    """Tall, wide and square ones, of full rank and not, for a vector and several."""
    for a, b in (((5, 3), (5,)), ((5, 2), (5, 2)), ((2, 4), (2,)), ((3, 3), (3, 2))):
        yield real(rng, a), real(rng, b)
    yield compl(rng, (4, 2)), compl(rng, (4,))
    yield compl(rng, (2, 3)), compl(rng, (2, 2))


def least_squares(rng: Rng) -> Iterator[Sample]:
    """The systems."""
    for a, b in systems(rng):
        yield Sample((a, b, None))
    yield Sample((real(rng, (4, 2), dtype=np.float32), real(rng, (4,), dtype=np.float32), -1))


def lstsq(rng: Rng) -> Iterator[Sample]:
    """The systems."""
    for a, b in systems(rng):
        yield Sample((a, b))
    yield Sample((real(rng, (4, 2)), real(rng, (4,))), {"rcond": 1e-8})


def ranks(rng: Rng) -> Iterator[Sample]:
    """Of full rank, and less."""
    yield Sample((real(rng, (3, 3)),))
    yield Sample((np.outer(real(rng, (3,)), real(rng, (3,))),))


def tensorsolve(rng: Rng) -> Iterator[Sample]:
    """In order, and with axes put last."""
    yield Sample((real(rng, (2, 3, 6)), real(rng, (2, 3))))
    yield Sample((real(rng, (2, 3, 6)), real(rng, (6,))), {"axes": (0, 1)})


def tensorinv(rng: Rng) -> Iterator[Sample]:
    """Joined after one and two axes."""
    yield Sample((real(rng, (2, 3, 6)),))
    yield Sample((real(rng, (6, 2, 3)),), {"ind": 1})


def multi_dot(rng: Rng) -> Iterator[Sample]:
    """Two to four, with vectors at the ends."""
    for shapes in (((2, 3), (3, 4)), ((9, 2), (2, 5), (5, 1)), ((3,), (3, 2), (2,)),
                   ((2,), (2, 3), (3, 4)), ((2, 3), (3, 2), (2, 2), (2, 3)),
                   ((2, 3), (3, 2), (2, 2), (2,))):  # fmt: skip
        yield Sample(([real(rng, shape) for shape in shapes],))


def cond(rng: Rng) -> Iterator[Sample]:
    """All norms."""
    for p in (None, 2, -2, 1, np.inf, "fro", "nuc"):
        yield Sample((real(rng, (3, 3)) + 4 * np.eye(3), p))
    yield Sample((real(rng, (2, 3, 3)) + 4 * np.eye(3), 1))


def diagonal(rng: Rng) -> Iterator[Sample]:
    """Matrices and stacks, off the main diagonal."""
    shapes: tuple[Shape, ...] = ((3, 3), (2, 3, 4))
    for shape in shapes:
        yield Sample((real(rng, shape),))
        yield Sample((compl(rng, shape),), {"offset": 1})


tensordot = of(((2, 3, 4), (3, 4, 2)), ((2, 3), (2, 3)))
matvec = of(((2, 3), (3,)), ((4, 2, 3), (3,)), ((2, 3), (4, 3)), ((4, 1, 2, 3), (2, 3)))
vecmat = of(((2,), (2, 3)), ((4, 2), (2, 3)), ((2,), (4, 2, 3)))
