"""Arguments to try convolutions with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcgrad.rules.core import Sample
from srcgrad.rules.samples import Rng, compl, real


def sequences(rng: Rng) -> Iterator[Sample]:
    """All modes; either sequence the longer, even and odd lengths, of one number, real and complex."""
    for first, second in ((5, 3), (5, 4), (3, 5), (2, 5), (4, 4), (1, 3), (3, 1)):
        for mode in ("full", "same", "valid"):
            yield Sample((real(rng, (first,)), real(rng, (second,)), mode))
    yield Sample((real(rng, (5,)), real(rng, (3,))))
    yield Sample((compl(rng, (5,)), compl(rng, (2,))), {"mode": "same"})
    yield Sample((compl(rng, (2,)), real(rng, (5,))), {"mode": "same"})
    yield Sample((real(rng, (3,)), compl(rng, (4,)), "valid"))
    yield Sample((real(rng, (5,), dtype=np.float32), real(rng, (2,), dtype=np.float32)), {"mode": "full"})
    yield Sample((real(rng, (8,))[::2], real(rng, (3,))[::-1], "full"))


def with_numbers(rng: Rng) -> Iterator[Sample]:
    """The same, and a number for a sequence."""
    yield from sequences(rng)
    yield Sample((1.5, real(rng, (3,))), {"mode": "full"})
    yield Sample((real(rng, (3,)), 2.0), {"mode": "same"})
