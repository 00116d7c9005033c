"""Arguments to try quantiles with: no two items are close, and fractions are not where the neighbours change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from srcgrad.rules.core import Sample, Samples
from srcgrad.rules.samples import Rng, Shape

METHODS = ("linear", "lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased", "normal_unbiased",
           "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf")  # fmt: skip


def apart(rng: Rng, shape: Shape) -> Any:
    """Items no two of which are close."""
    return np.asarray(rng.permutation(np.linspace(-2.0, 2.0, int(np.prod(shape)))).reshape(shape))


def with_gaps(rng: Rng, shape: Shape) -> Any:
    """The same with a nan in some rows."""
    a = apart(rng, shape)
    a.flat[[1, 5]] = np.nan
    return a


def fractions(scale: float, make: Any) -> Samples:
    """All methods, axes and shapes of fractions."""

    def samples(rng: Rng) -> Iterator[Sample]:
        for method in METHODS:
            yield Sample((make(rng, (7,)), 0.37 * scale), {"method": method})
        yield Sample((make(rng, (2, 5)), np.array([0.13, 0.71]) * scale))
        yield Sample((make(rng, (5, 3)), 0.63 * scale, 0))
        yield Sample((make(rng, (2, 3, 4)), np.array([0.13, 0.71]) * scale, (0, -1)), {"keepdims": True})
        yield Sample((make(rng, (2, 4)), np.array([[0.13, 0.71], [0.33, 0.91]]) * scale), {"axis": 1})
        yield Sample((make(rng, (2, 3)), 0.37 * scale), {"keepdims": True})
        yield Sample(
            (make(rng, (2, 5)), 0.37 * scale, -1), {"weights": rng.uniform(0.5, 2.0, (2, 5)), "method": "inverted_cdf"}
        )
        yield Sample((make(rng, (7,)).astype(np.float32), 0.37 * scale))
        yield Sample((make(rng, (7,)).astype(np.float32), np.float64(0.37 * scale)))

    return samples


def reduced(make: Any) -> Samples:
    """Even and odd counts, axes."""

    def samples(rng: Rng) -> Iterator[Sample]:
        yield Sample((make(rng, (7,)),))
        yield Sample((make(rng, (8,)),))
        yield Sample((make(rng, (5, 3)), 0))
        yield Sample((make(rng, (2, 4)),), {"axis": -1, "keepdims": True})
        yield Sample((make(rng, (2, 3, 4)), (0, 2)))
        yield Sample((make(rng, (2, 3)),), {"keepdims": True})
        yield Sample((make(rng, (7,)).astype(np.float32),))

    return samples


quantile, percentile = fractions(1.0, apart), fractions(100.0, apart)
nanquantile, nanpercentile = fractions(1.0, with_gaps), fractions(100.0, with_gaps)
nanmedian = reduced(with_gaps)
