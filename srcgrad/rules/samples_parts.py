"""Arguments to try functions that take numbers apart with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcgrad.rules.core import Sample
from srcgrad.rules.samples import Rng, compl, real, unlike


def reals(rng: Rng) -> Iterator[Sample]:
    """Away from whole numbers and powers of 2."""
    yield Sample((unlike(real(rng, (2, 3), -3.0, 3.0), (-2.0, -1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0, 2.0)),))
    yield Sample((np.float64(2.7),))
    yield Sample((np.array([1.7, -0.6, 3.3], np.float32),))


def floats(rng: Rng) -> Iterator[Sample]:
    """Python numbers."""
    yield from (Sample((x,)) for x in (1.7, -0.6, 3.3))


def quotients(rng: Rng) -> Iterator[Sample]:
    """Away from whole quotients."""
    yield Sample((np.array([5.5, -3.2, 7.1]), np.array([2.3, 1.7, -3.0])))
    yield Sample((np.array([[5.5], [-3.2]]), 2.3))


def pairs(rng: Rng) -> Iterator[Sample]:
    """Two arrays."""
    yield Sample((real(rng, (2, 3)), real(rng, (3,), 3.0, 4.0)))


def float_pairs(rng: Rng) -> Iterator[Sample]:
    """Python numbers."""
    yield from (Sample(pair) for pair in ((5.5, 2.3), (-3.2, 1.7), (7.1, -3.0)))


def sequences(rng: Rng) -> Iterator[Sample]:
    """Lists and tuples of Python numbers."""
    yield Sample(([1.5, -2.5, 0.7],))
    yield Sample(((1.5, -2.5),))


def places(rng: Rng) -> Iterator[Sample]:
    """Points in space."""
    yield Sample(((1.5, 2.5, 0.5), (0.5, 1.0, -1.0)))
    yield Sample(([1.5, 2.5], [0.5, 1.0]))


def logspace(rng: Rng) -> Iterator[Sample]:
    """Numbers and arrays; another base."""
    yield Sample((0.2, 1.3, 4))
    yield Sample((0.2, 1.3, 4, False), {"base": 2.5})
    yield Sample((real(rng, (2,)), real(rng, (2,)), 3))


def geomspace(rng: Rng) -> Iterator[Sample]:
    """Numbers, negative ones and arrays."""
    yield Sample((0.5, 3.0, 4))
    yield Sample((-0.5, -3.0, 4), {"endpoint": False})
    yield Sample((real(rng, (2,), 0.5, 2.0), real(rng, (2,), 3.0, 4.0), 3))
    yield Sample((real(rng, (2,), 0.5, 2.0), 5.0, 3), {"axis": -1})


def unsorted(rng: Rng) -> Iterator[Sample]:
    """Real and complex."""
    yield Sample((real(rng, (2, 4)),))
    yield Sample((compl(rng, (4,)),))


def nearly_real(rng: Rng) -> Iterator[Sample]:
    """Real, and complex."""
    yield Sample((real(rng, (3,)),))
    yield Sample((compl(rng, (3,)),))
