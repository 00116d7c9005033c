"""Arguments to try functions that pick, insert, cut and repeat items with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcgrad.rules.core import Sample
from srcgrad.rules.samples import Rng, compl, real


def select(rng: Rng) -> Iterator[Sample]:
    """Conditions that overlap, arrays and numbers, with and without a default."""
    masks = [rng.uniform(size=(2, 3)) < 0.5, rng.uniform(size=(3,)) < 0.5]
    yield Sample((masks, [real(rng, (2, 3)), real(rng, (3,))]))
    yield Sample((masks, [real(rng, (2, 1)), 1.5], real(rng, (3,))))
    yield Sample((masks, [compl(rng, (3,)), real(rng, (2, 3))], 0.5))
    yield Sample((masks, [real(rng, (2, 3), dtype=np.float32), 2.0]))


def choose(rng: Rng) -> Iterator[Sample]:
    """A list and an array of choices; numbers out of range."""
    number = rng.integers(0, 3, (2, 3))
    yield Sample((number, [real(rng, (2, 3)), real(rng, (3,)), 1.5]))
    yield Sample((number, real(rng, (3, 2, 3))))
    yield Sample((number + 2, [real(rng, (3,)), real(rng, (2, 1))]), {"mode": "wrap"})
    yield Sample((number - 1, [real(rng, (3,)), real(rng, (2, 1))]), {"mode": "clip"})


def extract(rng: Rng) -> Iterator[Sample]:
    """A matrix and a vector."""
    yield Sample((np.array([[True, False, True], [False, True, True]]), real(rng, (2, 3))))
    yield Sample((np.array([1, 0, 1]), compl(rng, (3,))))


def compress(rng: Rng) -> Iterator[Sample]:
    """Flat and along an axis."""
    yield Sample((np.array([True, False, True]), real(rng, (2, 3))))
    yield Sample((np.array([True, False, True]), real(rng, (2, 3)), 1))
    yield Sample(([False, True], real(rng, (2, 3))), {"axis": 0})


def insert(rng: Rng) -> Iterator[Sample]:
    """One place, several, slices and masks; one value and several."""
    yield Sample((real(rng, (3,)), 1, 2.5))
    yield Sample((real(rng, (3,)), -1, real(rng, (2,))))
    yield Sample((real(rng, (4,)), [2, 0, 2], real(rng, (3,))))
    yield Sample((real(rng, (4,)), slice(1, 4, 2), real(rng, (2,))))
    yield Sample((real(rng, (3,)), np.array([True, False, True]), 0.5))
    yield Sample((real(rng, (2, 3)), 4, 0.5))
    yield Sample((real(rng, (3, 2)), 1, real(rng, (3,))), {"axis": 1})
    yield Sample((real(rng, (3, 2)), [1], real(rng, (3, 1))), {"axis": 1})
    yield Sample((real(rng, (3, 2)), 1, real(rng, (2, 3)), 1))
    yield Sample((real(rng, (2, 3)), [0, 2], real(rng, (3,)), 0))
    yield Sample((real(rng, (2, 3)), (0, 1), real(rng, (2, 1)), -1))


def block(rng: Rng) -> Iterator[Sample]:
    """Of one, two and three levels, numbers among them."""
    yield Sample(([real(rng, (2,)), 1.5, real(rng, (3,))],))
    yield Sample(([[real(rng, (2, 2)), real(rng, (2, 3))], [real(rng, (1, 4)), real(rng, (1, 1))]],))
    yield Sample(([[real(rng, (3,)), 1.5], [real(rng, (2, 4))]],))
    yield Sample(([[[real(rng, (2, 2))]], [[real(rng, (1, 2))], [real(rng, (1, 2))]]][:1],))


def resize(rng: Rng) -> Iterator[Sample]:
    """To less and more items."""
    for shape in ((2,), (4, 2), 7):
        yield Sample((real(rng, (2, 3)), shape))


def required(rng: Rng) -> Iterator[Sample]:
    """With flags and dtypes."""
    yield Sample((real(rng, (2, 3)),))
    yield Sample((real(rng, (2, 3)), np.complex128, ["F"]))
    yield Sample(([real(rng, (3,)), real(rng, (3,))],), {"requirements": "C"})


def finite(rng: Rng) -> Iterator[Sample]:
    """An array and a list."""
    yield Sample((real(rng, (2, 3)),))
    yield Sample(([1.5, 2.5],))
