"""Arguments to try the rules of run-time lists with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from srcgrad.rules.core import Sample

Rng: TypeAlias = "np.random.Generator"


def numbers(rng: Rng, count: int = 3) -> list[float]:
    """A list of floats."""
    return [float(x) for x in rng.normal(size=count)]


def arrays(rng: Rng, count: int = 2) -> list[np.ndarray]:
    """A list of vectors."""
    return [rng.normal(size=2) for _ in range(count)]


def reversed_list(rng: Rng) -> Iterator[Sample]:
    """Numbers, arrays."""
    yield Sample((numbers(rng),))
    yield Sample((arrays(rng),))


def copied(rng: Rng) -> Iterator[Sample]:
    """A list."""
    yield Sample((numbers(rng),))
    yield Sample((arrays(rng),))


def appended(rng: Rng) -> Iterator[Sample]:
    """A number, an array."""
    yield Sample((numbers(rng), 2.0))
    yield Sample((arrays(rng), rng.normal(size=2)))


def inserted(rng: Rng) -> Iterator[Sample]:
    """At the front, inside."""
    yield Sample((numbers(rng), 0, 2.0))
    yield Sample((numbers(rng), 2, 1.5))


def removed(rng: Rng) -> Iterator[Sample]:
    """From the end, the front, and counted from the end."""
    yield Sample((numbers(rng), -1, 1.0))
    yield Sample((numbers(rng), 0, 1.0))
    yield Sample((numbers(rng), -2, 1.0))


def stored(rng: Rng) -> Iterator[Sample]:
    """An item, and an item of a list inside."""
    yield Sample((numbers(rng), 1, 2.0))
    yield Sample((arrays(rng), -1, rng.normal(size=2)))


def added(rng: Rng) -> Iterator[Sample]:
    """To an item."""
    yield Sample((numbers(rng), 1, 2.0))
    yield Sample((arrays(rng), 0, rng.normal(size=2)))


def repeated(rng: Rng) -> Iterator[Sample]:
    """Twice."""
    yield Sample((numbers(rng), 2))


def folded(rng: Rng) -> Iterator[Sample]:
    """Two copies."""
    yield Sample((numbers(rng, 4), numbers(rng, 2)))


def joined(rng: Rng) -> Iterator[Sample]:
    """Two lists."""
    yield Sample((numbers(rng), numbers(rng, 2)))


def summed(rng: Rng) -> Iterator[Sample]:
    """Numbers, arrays."""
    yield Sample((numbers(rng),))
    yield Sample((arrays(rng),))


def each(rng: Rng) -> Iterator[Sample]:
    """A number, an array."""
    yield Sample((1.5, numbers(rng)))
    yield Sample((rng.normal(size=2), arrays(rng)))


def bisected(rng: Rng) -> Iterator[Sample]:
    """Sorted numbers."""
    yield Sample((sorted(numbers(rng)), 0.1))


def ranks(rng: Rng) -> Iterator[Sample]:
    """Numbers, with equal ones, both ways."""
    yield Sample((numbers(rng),))
    yield Sample(([0.5, 0.1, 0.5], True))


def searched(rng: Rng) -> Iterator[Sample]:
    """A number that is there."""
    yield Sample(([0.5, 0.1, 0.5], 0.1))
