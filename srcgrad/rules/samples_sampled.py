"""Arguments to try the rules for sampled curves with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from srcgrad.rules.core import Sample
from srcgrad.rules.samples import Rng, compl, real


def rising(rng: Rng, n: int) -> Any:
    """Coordinates in order, at least 0.3 from each other."""
    return np.cumsum(real(rng, (n,), 0.3, 1.0))


def trapezoid(rng: Rng) -> Iterator[Sample]:
    """At one distance, at coordinates, along any axis."""
    for shape, kwargs in (((5,), {}), ((2, 3), {}), ((2, 3), {"axis": 0}), ((3, 4), {"dx": 0.4, "axis": -2})):
        yield Sample((real(rng, shape),), kwargs)
    yield Sample((real(rng, (4,)), rising(rng, 4)))
    yield Sample((real(rng, (2, 4)), rising(rng, 4)))
    yield Sample((real(rng, (4, 2)), rising(rng, 4)), {"axis": 0})
    yield Sample((real(rng, (2, 3)), np.cumsum(real(rng, (2, 3), 0.3, 1.0), axis=1)))
    yield Sample((compl(rng, (4,)),))


def ediff1d(rng: Rng) -> Iterator[Sample]:
    """With and without ends."""
    yield Sample((real(rng, (5,)),))
    yield Sample((real(rng, (2, 3)),), {"to_end": real(rng, (2,))})
    yield Sample((real(rng, (4,)),), {"to_begin": real(rng, (1,))})
    yield Sample((real(rng, (4,)), real(rng, (2,)), real(rng, (3,))))


def gradient(rng: Rng) -> Iterator[Sample]:
    """One axis and several, even and uneven samples, both orders at the ends."""
    yield Sample((real(rng, (5,)),))
    yield Sample((real(rng, (5,)), 0.3))
    yield Sample((real(rng, (5,)), rising(rng, 5)))
    yield Sample((real(rng, (5,)), rising(rng, 5)), {"edge_order": 2})
    yield Sample((real(rng, (4,)), 0.5), {"edge_order": 2})
    yield Sample((real(rng, (3, 4)),))
    yield Sample((real(rng, (3, 4)), 0.5, 0.25))
    yield Sample((real(rng, (3, 4)), 0.5, rising(rng, 4)))
    yield Sample((real(rng, (3, 4)),), {"axis": 0})
    yield Sample((real(rng, (3, 2, 4)), 0.2), {"axis": (0, -1)})
    yield Sample((compl(rng, (5,)),))


def interp(rng: Rng) -> Iterator[Sample]:
    """Points inside and outside, single numbers, values of one's own outside, periods."""
    xp = rising(rng, 5)
    inside = real(rng, (6,), xp[0] + 0.05, xp[-1] - 0.05)
    yield Sample((inside, xp, real(rng, (5,))))
    yield Sample((np.array([xp[0] - 0.4, xp[1] + 0.1, xp[-1] + 0.3]), xp, real(rng, (5,))))
    yield Sample((float(xp[2] + 0.1), xp, real(rng, (5,))))
    yield Sample((np.array([[xp[0] - 1.0, xp[1] + 0.1]]), xp, real(rng, (5,)), -1.5, 0.7))
    yield Sample((np.array([0.3, 2.8, -1.2]), np.array([0.1, 0.9, 1.7]), real(rng, (3,))), {"period": 2.0})


def cumulative(rng: Rng) -> Iterator[Sample]:
    """Along each axis, with and without the first."""
    yield Sample((real(rng, (4,)),))
    yield Sample((real(rng, (4,)),), {"include_initial": True})
    yield Sample((real(rng, (2, 3)),), {"axis": 0})
    yield Sample((real(rng, (2, 3)),), {"axis": -1, "include_initial": True})


def polyval(rng: Rng) -> Iterator[Sample]:
    """Arrays and single numbers."""
    yield Sample((real(rng, (4,)), real(rng, (3,))))
    yield Sample((real(rng, (3,)), real(rng, (2, 2))))
    yield Sample((real(rng, (1,)), real(rng, (2,))))


def vander(rng: Rng) -> Iterator[Sample]:
    """Square and not, both orders."""
    yield Sample((real(rng, (3,), 0.5, 2.0),))
    yield Sample((real(rng, (3,), 0.5, 2.0), 4))
    yield Sample((real(rng, (3,), 0.5, 2.0), 2, True))


def meshgrid(rng: Rng) -> Iterator[Sample]:
    """One vector and several, both orders, thin and full."""
    yield Sample((real(rng, (3,)),))
    yield Sample((real(rng, (3,)), real(rng, (2,))))
    yield Sample((real(rng, (3,)), real(rng, (2,))), {"indexing": "ij"})
    yield Sample((real(rng, (3,)), real(rng, (2,)), real(rng, (4,))), {"sparse": True})


def unwrap(rng: Rng) -> Iterator[Sample]:
    """Phases that jump."""
    yield Sample((np.array([0.1, 3.0, -2.9, 0.2, 5.9]),))
    yield Sample((np.array([[0.1, 3.0, -2.9], [6.0, 0.3, 0.1]]),), {"axis": 0})
    yield Sample((np.array([0.1, 0.8, 0.05, 0.9]),), {"period": 1.0})
