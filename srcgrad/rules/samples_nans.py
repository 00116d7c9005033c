"""Arguments to try reductions that pass over nans with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from srcgrad.rules.core import Sample, Samples
from srcgrad.rules.samples import Rng, Shape

MASK = np.array([[True, True, False, True], [True, False, True, True], [True, True, True, True]])


def gappy(rng: Rng, shape: Shape) -> Any:
    """Items no two of which are close, and a nan in some rows."""
    a = np.asarray(rng.permutation(np.linspace(-2.0, 1.9, int(np.prod(shape)))).reshape(shape))
    a.flat[[1, 6]] = np.nan
    return a


def over(*settings: dict[str, Any], complex_ok: bool = False) -> Samples:
    """All axes, kept and not, and the settings."""

    def samples(rng: Rng) -> Iterator[Sample]:
        for kwargs in (*PLAIN, *settings):
            yield Sample((gappy(rng, (3, 4)),), kwargs)
        yield Sample((gappy(rng, (2, 2, 3)), 2))
        yield Sample((gappy(rng, (7,)),))
        yield Sample((gappy(rng, (7,)).astype(np.float32),))
        yield Sample((np.linspace(1.0, 2.0, 4),))
        if complex_ok:
            yield Sample((gappy(rng, (7,)) + 1j * rng.uniform(-1, 1, 7),))

    return samples


PLAIN: tuple[dict[str, Any], ...] = ({}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, 1)})
CORRECTIONS: tuple[dict[str, Any], ...] = ({"ddof": 1}, {"correction": 1, "axis": 1}, {"where": MASK, "axis": 0})
extremes = over({"initial": 0.5, "axis": 0}, {"where": MASK, "initial": 0.5, "axis": 1})
means = over({"where": MASK, "axis": 0}, complex_ok=True)
variances = over(*CORRECTIONS, {"mean": np.array([[0.1, 0.2, 0.3, 0.4]]), "axis": 0}, complex_ok=True)
deviations = over(*CORRECTIONS, complex_ok=True)
products = over({"where": MASK, "axis": 0}, {"initial": 2.0}, complex_ok=True)


def running(rng: Rng) -> Iterator[Sample]:
    """Flat, and along each axis."""
    for axis in (None, 0, -1):
        yield Sample((gappy(rng, (3, 4)),), {"axis": axis})
    yield Sample((gappy(rng, (7,)) + 1j * rng.uniform(-1, 1, 7),))
    yield Sample((gappy(rng, (7,)).astype(np.float32),))
