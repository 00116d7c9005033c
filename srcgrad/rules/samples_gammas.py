"""Arguments to try gamma and Bessel functions with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcgrad.rules.core import Sample
from srcgrad.rules.samples import Rng, real


def numbers(rng: Rng) -> Iterator[Sample]:
    """Positive, negative and large Python numbers."""
    yield from (Sample((x,)) for x in (0.3, 1.0, 2.5, 7.3, 25.5, -0.5, -2.3))


def orders(rng: Rng) -> Iterator[Sample]:
    """The first three."""
    for n in (0, 1, 2):
        yield Sample((n, real(rng, (3,), 0.4, 20.0)))
        yield Sample((n, -1.4))
    yield Sample((0, real(rng, (3,), 0.5, 3.0, np.float32)))


def reals(rng: Rng) -> Iterator[Sample]:
    """Small and large."""
    yield Sample((real(rng, (2, 3), -9.0, 9.0),))
    yield Sample((real(rng, (3,), 12.0, 31.0),))
    yield Sample((real(rng, (3,), -3.0, 3.0, np.float32),))
