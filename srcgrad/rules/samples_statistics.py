"""Arguments to try the rules for statistics with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcgrad.rules.core import Sample
from srcgrad.rules.samples import Rng, compl, real


def average(rng: Rng) -> Iterator[Sample]:
    """With weights of one axis, of the array's own shape and none."""
    for kwargs in ({}, {"axis": 0}, {"axis": (0, -1)}, {"axis": 1, "keepdims": True}):
        yield Sample((real(rng, (2, 3, 4)),), kwargs)
    yield Sample((real(rng, (5,)),), {"weights": real(rng, (5,), 0.5, 2.0)})
    yield Sample((real(rng, (2, 3)),), {"axis": -1, "weights": real(rng, (3,), 0.5, 2.0)})
    yield Sample((real(rng, (2, 3)),), {"weights": real(rng, (2, 3), 0.5, 2.0), "keepdims": True})
    yield Sample((real(rng, (2, 3)),), {"axis": 0, "weights": real(rng, (2, 3), 0.5, 2.0), "returned": True})
    yield Sample((compl(rng, (4,)),), {"returned": True})


def cov(rng: Rng) -> Iterator[Sample]:
    """Variables in rows and columns, two sets of them, counts and degrees of trust."""
    for kwargs in ({}, {"rowvar": False}, {"bias": True}, {"ddof": 0}):
        yield Sample((real(rng, (3, 4)),), kwargs)
    yield Sample((real(rng, (5,)),))
    yield Sample((real(rng, (2, 4)), real(rng, (3, 4))))
    yield Sample((real(rng, (5,)), real(rng, (5,))))
    yield Sample((real(rng, (4, 2)), real(rng, (4, 3))), {"rowvar": False})
    yield Sample((compl(rng, (2, 4)),))
    yield Sample((real(rng, (2, 4)),), {"fweights": np.array([1, 2, 1, 3])})
    yield Sample((real(rng, (2, 4)),), {"aweights": real(rng, (4,), 0.5, 2.0)})
    yield Sample((real(rng, (2, 4)),), {"fweights": np.array([1, 2, 1, 3]), "aweights": real(rng, (4,), 0.5, 2.0)})


def corrcoef(rng: Rng) -> Iterator[Sample]:
    """Variables in rows and columns, and two sets of them."""
    for kwargs in ({}, {"rowvar": False}):
        yield Sample((real(rng, (3, 4)),), kwargs)
    yield Sample((real(rng, (5,)), real(rng, (5,))))
    yield Sample((compl(rng, (2, 4)),))
