"""Arguments to try distributions with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcgrad.rules.core import Sample
from srcgrad.rules.samples import Rng, real


def line(rng: Rng) -> Iterator[Sample]:
    """Numbers and arrays, with location and scale."""
    yield Sample((real(rng, (3,)),))
    yield Sample((real(rng, (3,)), 0.3, real(rng, (2, 1), 0.5, 2.0)))


def positive(rng: Rng) -> Iterator[Sample]:
    """Where a distribution of positive numbers is."""
    yield Sample((real(rng, (3,), 0.5, 2.0),))
    yield Sample((real(rng, (3,), 1.5, 2.5), 0.3), {"scale": 1.7})


def share(rng: Rng) -> Iterator[Sample]:
    """Within an interval."""
    yield Sample((real(rng, (3,), 0.2, 0.8),))
    yield Sample((real(rng, (3,), 1.2, 1.8), 0.9, 2.5))


def shaped(rng: Rng) -> Iterator[Sample]:
    """A number for a shape parameter."""
    yield Sample((real(rng, (3,), 0.5, 2.0), 2))
    yield Sample((real(rng, (3,), 1.0, 2.0), 3, 0.3, real(rng, (3,), 0.5, 2.0)))


def twice_shaped(rng: Rng) -> Iterator[Sample]:
    """Numbers for two shape parameters."""
    yield Sample((real(rng, (3,), 0.2, 0.8), 2, 3))
    yield Sample((real(rng, (3,), 0.5, 0.9), 2, 3, 0.1, 1.5))


def quantile(rng: Rng) -> Iterator[Sample]:
    """Fractions."""
    yield Sample((real(rng, (3,), 0.2, 0.8), 0.3, 1.5))


def poisson(rng: Rng) -> Iterator[Sample]:
    """Counts."""
    yield Sample((np.array([0, 2, 5]), real(rng, (3,), 0.5, 4.0)))


def binom(rng: Rng) -> Iterator[Sample]:
    """Counts of a number of trials."""
    yield Sample((np.array([0, 2, 5]), 6, real(rng, (3,), 0.2, 0.8)))
