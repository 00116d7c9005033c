"""Arguments to try ``scipy.linalg`` with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import linalg

from srcgrad.rules.core import Sample
from srcgrad.rules.samples import Rng, Shape, compl, real


def near_identity(rng: Rng, n: int) -> Any:
    """A regular matrix."""
    return real(rng, (n, n)) + 4 * np.eye(n)


def definite(rng: Rng, n: int) -> Any:
    """A symmetric positive definite matrix."""
    a = real(rng, (n, n))
    return a @ a.T + n * np.eye(n)


def solve(rng: Rng) -> Iterator[Sample]:
    """A vector and several, the transposed system."""
    yield Sample((near_identity(rng, 3), real(rng, (3,))))
    yield Sample((near_identity(rng, 3), real(rng, (3, 2))), {"transposed": True})


def regular(rng: Rng) -> Iterator[Sample]:
    """Regular matrices whose rows are exchanged."""
    yield Sample((near_identity(rng, 3),))
    yield Sample((near_identity(rng, 4)[[2, 0, 1, 3]],))


def triangular(rng: Rng) -> Iterator[Sample]:
    """Both triangles, all systems, a unit diagonal."""
    shapes: tuple[Shape, ...] = ((3,), (3, 2))
    for shape in shapes:
        for trans in (0, 1, "C"):
            yield Sample((near_identity(rng, 3), real(rng, shape), trans), {"lower": trans != 1})
    yield Sample((near_identity(rng, 3), real(rng, (3,))), {"lower": True, "unit_diagonal": True})
    yield Sample((near_identity(rng, 3) + 1j * real(rng, (3, 3)), compl(rng, (3,)), 2))


def sylvester(rng: Rng) -> Iterator[Sample]:
    """Of different sizes."""
    yield Sample((near_identity(rng, 3), near_identity(rng, 2), real(rng, (3, 2))))


def positive(rng: Rng) -> Iterator[Sample]:
    """Both triangles."""
    for lower in (False, True):
        a = definite(rng, 3)
        yield Sample((a,), {"lower": lower})


def factored(rng: Rng) -> Iterator[Sample]:
    """Both triangles."""
    for lower in (False, True):
        yield Sample((linalg.cho_factor(definite(rng, 3), lower), real(rng, (3,))))


def lu_factored(rng: Rng) -> Iterator[Sample]:
    """Rows exchanged, both systems."""
    for trans in (0, 1):
        yield Sample((linalg.lu_factor(near_identity(rng, 4)[[2, 0, 1, 3]]), real(rng, (4, 2)), trans))


def any_square(rng: Rng) -> Iterator[Sample]:
    """A matrix and a stack."""
    yield Sample((real(rng, (3, 3)),))
    yield Sample((compl(rng, (2, 2)),))


def positive_any(rng: Rng) -> Iterator[Sample]:
    """With positive eigenvalues."""
    yield Sample((near_identity(rng, 3) + np.diag([1.0, 2.0, 3.0]),))
