"""Arguments to try functions of ``scipy.special`` with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcgrad.rules.core import Sample, Samples
from srcgrad.rules.samples import Rng, real


def between(low: float, high: float) -> Samples:
    """Arrays, numbers and single precision."""

    def samples(rng: Rng) -> Iterator[Sample]:
        yield Sample((real(rng, (2, 3), low, high),))
        yield Sample((float(real(rng, (), low, high)),))
        yield Sample((real(rng, (3,), low, high, np.float32),))

    return samples


def two(first: tuple[float, float], second: tuple[float, float]) -> Samples:
    """Two arrays that broadcast, and an array with a number."""

    def samples(rng: Rng) -> Iterator[Sample]:
        yield Sample((real(rng, (2, 3), *first), real(rng, (3,), *second)))
        yield Sample((1.5, real(rng, (3,), *second)))
        yield Sample((real(rng, (3,), *first, np.float32), real(rng, (3,), *second, np.float32)))

    return samples


reals, inside, shares, fractions = between(-2.0, 2.0), between(-0.8, 0.8), between(0.2, 0.8), between(0.2, 0.8)
positive = between(0.4, 3.0)
positive_pairs = two((0.5, 2.0), (0.5, 2.0))
binomials = two((3.0, 5.0), (0.5, 2.0))
hubers = two((0.5, 1.0), (1.2, 2.0))


def incomplete(rng: Rng) -> Iterator[Sample]:
    """Two exponents and a share."""
    yield Sample((2, 3, real(rng, (3,), 0.2, 0.8)))
    yield Sample((np.array([1, 2, 3]), 2, 0.4))


def incomplete_gamma(rng: Rng) -> Iterator[Sample]:
    """An exponent that is a whole number."""
    yield Sample((2, real(rng, (3,), 0.5, 2.0)))
    yield Sample((np.array([1, 2, 3]), 0.8))


def orders(rng: Rng) -> Iterator[Sample]:
    """The first two."""
    yield Sample((1, real(rng, (3,), 0.5, 3.0)))
    yield Sample((2, real(rng, (3,), 0.5, 3.0)))


def ordered(rng: Rng) -> Iterator[Sample]:
    """Orders that are whole numbers."""
    yield Sample((2, real(rng, (3,), 1.2, 3.0)))
    yield Sample((3, real(rng, (2, 2), 1.2, 3.0)))


def generalised(rng: Rng) -> Iterator[Sample]:
    """Of degree 2, with an order."""
    yield Sample((2, 1, real(rng, (3,), 1.2, 3.0)))


def lines(rng: Rng) -> Iterator[Sample]:
    """Along one axis, several and all."""
    yield Sample((real(rng, (4,)),))
    yield Sample((real(rng, (2, 3)),), {"axis": -1})
    yield Sample((real(rng, (2, 3)),), {"axis": (0, 1)})
    yield Sample((real(rng, (4,), dtype=np.float32),))


def weighted(rng: Rng) -> Iterator[Sample]:
    """Axes kept and not, weights and signs."""
    yield Sample((real(rng, (4,)),))
    yield Sample((real(rng, (2, 3)),), {"axis": 1, "keepdims": True})
    yield Sample((real(rng, (2, 3)), 0), {"b": real(rng, (3,), 0.5, 2.0)})
    yield Sample((real(rng, (4,)),), {"b": np.array([0.5, 1.0, -2.0, 1.0]), "return_sign": True})
    yield Sample((real(rng, (4,), dtype=np.float32),))
