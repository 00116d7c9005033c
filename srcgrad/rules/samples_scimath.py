"""Arguments to try functions with that may leave the real line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcgrad.rules.core import Sample
from srcgrad.rules.samples import Rng, compl, real


def any_sign(rng: Rng) -> Iterator[Sample]:
    """Above 0, on both sides of it, complex, of rank 0 and single precision."""
    yield Sample((real(rng, (3, 2), 0.5, 2.0),))
    yield Sample((real(rng, (3, 2), 0.5, 2.0) * np.array([1.0, -1.0]),))
    yield Sample((real(rng, (), 0.5, 2.0),))
    yield Sample((-real(rng, (), 0.5, 2.0),))
    yield Sample((compl(rng, (3,)),))
    yield Sample((real(rng, (3,), 0.5, 2.0, dtype=np.float32),))


def any_size(rng: Rng) -> Iterator[Sample]:
    """Within 1, on both sides of it, complex, of rank 0."""
    yield Sample((real(rng, (3, 2), -0.8, 0.8),))
    yield Sample((real(rng, (3, 2), 0.2, 0.8) + np.array([0.0, 1.5]),))
    yield Sample((real(rng, (), 1.2, 2.0),))
    yield Sample((compl(rng, (3,)),))


def bases(rng: Rng) -> Iterator[Sample]:
    """One base, and one for each."""
    yield Sample((real(rng, (), 1.5, 3.0), real(rng, (3,), 0.5, 2.0)))
    yield Sample((real(rng, (2,), 1.5, 3.0), -real(rng, (3, 2), 0.5, 2.0)))


def powers(rng: Rng) -> Iterator[Sample]:
    """Of numbers above and below 0."""
    yield Sample((real(rng, (3,), 0.5, 2.0), real(rng, (3,))))
    yield Sample((-real(rng, (3,), 0.5, 2.0), real(rng, (2, 3))))
    yield Sample((compl(rng, (3,)), real(rng, ())))
