"""Arguments to try windows with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcgrad.rules.core import Sample
from srcgrad.rules.samples import Rng, compl, real


def windows(rng: Rng) -> Iterator[Sample]:
    """Along one axis, some and all."""
    yield Sample((real(rng, (5,)), 3))
    yield Sample((real(rng, (4, 3)), (2, 2)))
    yield Sample((real(rng, (4, 3)), 2), {"axis": 0})
    yield Sample((real(rng, (2, 4, 3)), (2, 3)), {"axis": (-1, 1)})
    yield Sample((real(rng, (4,)), (2, 2)), {"axis": (0, 0)})
    yield Sample((compl(rng, (4,)), 2))
    yield Sample((real(rng, (5,), dtype=np.float32), 3))


def overlaps(rng: Rng) -> Iterator[Sample]:
    """Along one axis, some and all."""
    yield Sample((real(rng, (3, 3)), (5,), (0,)))
    yield Sample((real(rng, (3, 3, 2)), (4, 3), (0,)))
    yield Sample((real(rng, (2, 2, 3, 2, 2)), (3, 3, 3), (1, 0)))


def kaiser(rng: Rng) -> Iterator[Sample]:
    """Several lengths."""
    yield Sample((5, 2.5))
    yield Sample((4, np.float64(7.0)))
    yield Sample((1, 2.5))
