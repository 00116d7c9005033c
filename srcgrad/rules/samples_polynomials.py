"""Arguments to try functions of polynomials with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcgrad.rules.core import Sample
from srcgrad.rules.samples import Rng, compl, real


def pairs(rng: Rng) -> Iterator[Sample]:
    """Of equal and different degree."""
    for n, m in ((3, 3), (4, 2), (2, 3)):
        yield Sample((real(rng, (n,)), real(rng, (m,))))
    yield Sample((compl(rng, (3,)), real(rng, (2,))))


def one(rng: Rng) -> Iterator[Sample]:
    """Of several degrees."""
    for n in (2, 4):
        yield Sample((real(rng, (n,), 0.5, 2.0),))


def derivatives(rng: Rng) -> Iterator[Sample]:
    """The first and the second."""
    yield Sample((real(rng, (4,)),))
    yield Sample((real(rng, (4,)), 2))


def integrals(rng: Rng) -> Iterator[Sample]:
    """The first and the second, with constants."""
    yield Sample((real(rng, (3,)),))
    yield Sample((real(rng, (3,)), 2))
    yield Sample((real(rng, (3,)), 2, real(rng, (2,))))
    yield Sample((real(rng, (3,)),), {"k": 1.5})


def quotients(rng: Rng) -> Iterator[Sample]:
    """With and without a remainder's leading part."""
    yield Sample((real(rng, (5,)), real(rng, (3,), 0.5, 2.0)))
    yield Sample((real(rng, (3,)), real(rng, (3,), 0.5, 2.0)))


def zeros(rng: Rng) -> Iterator[Sample]:
    """Zeros, and a matrix."""
    yield Sample((real(rng, (3,)),))
    yield Sample((compl(rng, (2,)),))
    yield Sample((np.diag([1.0, 2.5, 4.0]) + 0.2 * real(rng, (3, 3)),))


def fits(rng: Rng) -> Iterator[Sample]:
    """One curve and several, with weights, and with what else is asked for."""
    x = np.linspace(-1.0, 1.5, 6) + 0.1 * real(rng, (6,))
    yield Sample((x, real(rng, (6,)), 2))
    yield Sample((x, real(rng, (6, 2)), 1))
    yield Sample((x, real(rng, (6,)), 2), {"w": real(rng, (6,), 0.5, 2.0)})
    yield Sample((x, real(rng, (6,)), 1), {"cov": True})


def points(rng: Rng) -> Iterator[Sample]:
    """Numbers and arrays of points; several polynomials."""
    yield Sample((real(rng, ()), real(rng, (4,))))
    yield Sample((real(rng, (2, 3)), real(rng, (3,))))
    yield Sample((real(rng, (2,)), real(rng, (3, 2))))
    yield Sample((real(rng, (2,)), real(rng, (3, 2))), {"tensor": False})
    yield Sample((compl(rng, (2,)), real(rng, (1,))))


def planes(rng: Rng) -> Iterator[Sample]:
    """Points of two coordinates."""
    yield Sample((real(rng, (3,)), real(rng, (3,)), real(rng, (2, 3))))


def spaces(rng: Rng) -> Iterator[Sample]:
    """Points of three coordinates."""
    yield Sample((real(rng, (3,)), real(rng, (3,)), real(rng, (3,)), real(rng, (2, 2, 3))))


def series_derivatives(rng: Rng) -> Iterator[Sample]:
    """Orders, scales and axes."""
    yield Sample((real(rng, (4,)),))
    yield Sample((real(rng, (4, 2)),), {"m": 2, "scl": 1.5})
    yield Sample((real(rng, (2, 4)),), {"axis": 1})


def series_integrals(rng: Rng) -> Iterator[Sample]:
    """Orders, constants, bounds, scales and axes."""
    yield Sample((real(rng, (3,)),))
    yield Sample((real(rng, (3,)), 2, [0.5, -1.5], 0.3, 1.5))
    yield Sample((real(rng, (2, 3)),), {"axis": 1, "k": 0.5})


def powers(rng: Rng) -> Iterator[Sample]:
    """The square and the cube."""
    yield Sample((real(rng, (3,)), 2))
    yield Sample((real(rng, (2,)), 3))


def degrees(rng: Rng) -> Iterator[Sample]:
    """Points on a line."""
    yield Sample((real(rng, (3,)), 3))
    yield Sample((real(rng, (2, 2)), 1))


def plane_degrees(rng: Rng) -> Iterator[Sample]:
    """Points in a plane."""
    yield Sample((real(rng, (3,)), real(rng, (3,)), [1, 2]))


def space_degrees(rng: Rng) -> Iterator[Sample]:
    """Points in space."""
    yield Sample((real(rng, (2,)), real(rng, (2,)), real(rng, (2,)), [1, 2, 1]))


def series_fits(rng: Rng) -> Iterator[Sample]:
    """One curve and several, with weights."""
    x = np.linspace(-1.0, 1.5, 6) + 0.1 * real(rng, (6,))
    yield Sample((x, real(rng, (6,)), 2))
    yield Sample((x, real(rng, (6, 2)), 1))
    yield Sample((x, real(rng, (6,)), 2), {"w": real(rng, (6,), 0.5, 2.0)})


def within_one(rng: Rng) -> Iterator[Sample]:
    """Points between -1 and 1."""
    for shape in ((), (2, 3)):
        yield Sample((real(rng, shape, -0.8, 0.8),))


def abscissae(rng: Rng) -> Iterator[Sample]:
    """Points on a line."""
    yield Sample((real(rng, (4,)),))


def domains(rng: Rng) -> Iterator[Sample]:
    """Two intervals."""
    yield Sample((np.array([-1.0, 1.5]), np.array([0.5, 3.0])))


def mapped(rng: Rng) -> Iterator[Sample]:
    """Points, and two intervals."""
    for shape in ((), (2, 3)):
        yield Sample((real(rng, shape), np.array([-1.0, 1.5]), np.array([0.5, 3.0])))


def with_end(rng: Rng) -> Iterator[Sample]:
    """Nothing to leave out, and two coefficients to leave out."""
    yield Sample((real(rng, (3,), 0.5, 2.0),))
    yield Sample((np.append(real(rng, (3,), 0.5, 2.0), [0.01, -0.02]), 0.1))
