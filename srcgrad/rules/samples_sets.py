"""Arguments to try arrays as sets, and bins, with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcgrad.rules.core import Sample
from srcgrad.rules.samples import Rng, real

ITEMS = np.array([1.5, -0.4, 2.2, 0.7, -1.1])


def unique(rng: Rng) -> Iterator[Sample]:
    """All outputs, along an axis too."""
    yield Sample((real(rng, (2, 3)),))
    yield Sample((ITEMS, True, True, True))
    yield Sample((real(rng, (3, 2)),), {"axis": 0})


def lines(rng: Rng) -> Iterator[Sample]:
    """An array."""
    yield Sample((ITEMS,))


def pairs(rng: Rng) -> Iterator[Sample]:
    """No item in both, or all of them; finite differences break the rest."""
    yield Sample((ITEMS, np.array([0.1, 3.0])))
    yield Sample((ITEMS.reshape(5, 1), np.array([0.1, 3.0, 0.4])))


def bincount(rng: Rng) -> Iterator[Sample]:
    """With weights, and more bins than needed."""
    yield Sample((np.array([0, 2, 1, 2]), real(rng, (4,))))
    yield Sample((np.array([0, 2, 1, 2]),), {"weights": real(rng, (4,)), "minlength": 6})
    yield Sample((np.array([0, 2, 1, 2]), real(rng, (4,), dtype=np.float32)))


def histogram(rng: Rng) -> Iterator[Sample]:
    """Bins by number, range and edges; weights and densities."""
    weights = real(rng, (5,), 0.5, 2.0)
    yield Sample((ITEMS, 3))
    yield Sample((ITEMS, 3, (-2.0, 2.5)), {"weights": weights})
    yield Sample((ITEMS, np.array([-1.4, 0.1, 1.1, 1.9])), {"weights": weights})
    yield Sample((ITEMS, np.array([-1.4, 0.1, 1.1, 2.9])), {"weights": weights, "density": True})
    yield Sample((ITEMS, 2), {"density": True})


def histogram2d(rng: Rng) -> Iterator[Sample]:
    """Bins by number and edges, the same along both axes and not; ranges; weights and densities."""
    weights, others = real(rng, (5,), 0.5, 2.0), ITEMS[::-1] * 0.7 + 0.1 * ITEMS**2
    yield Sample((ITEMS, others, 2), {"weights": weights})
    yield Sample((ITEMS, others, (3, 2)), {"range": ((-2.0, 2.5), (-3.0, 1.0)), "weights": weights, "density": True})
    yield Sample((ITEMS, others, [np.array([-1.4, 0.1, 1.9]), 3]), {"weights": weights})
    yield Sample((ITEMS, others, np.array([-1.4, 0.1, 1.1, 2.9])), {"weights": weights})
    yield Sample((ITEMS, others, 2), {"density": True})
