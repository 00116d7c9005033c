"""Where other packages differ from `docs/conventions.md`: which, why, and what the gradient is by that page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.peers.functions import definite


@dataclass(frozen=True)
class Difference:
    """The packages that differ, the reason, and the gradient with respect to each argument."""

    peers: tuple[str, ...]
    why: str
    gradient: list[Any]


def of_eigenvalues() -> np.ndarray:
    """First-order perturbation: each eigenvalue moves by ``v @ d @ v``, which has a symmetric gradient."""
    values, vectors = np.linalg.eigh(definite(3))
    return (vectors * (2.0 * values * np.array([1.0, 2.0, 3.0]))) @ vectors.T


MASKED = "the side not taken contributes nothing"
MINIMUM_NORM = "the subgradient of least norm"

DIFFERENCES: dict[str, Difference] = {
    "angle_origin": Difference(("autograd", "casadi", "jax"), "0 at the origin", [[0.0, 0.4], [0.0, -0.2]]),
    "power_at_zero": Difference(
        ("casadi", "jax"), "`x**y` at (0, 0): 0 for both", [[0.0, 12.0], [0.0, 8.0 * np.log(2.0)]]
    ),
    "log_add_exp_minus_infinity": Difference(
        ("autograd", "jax", "torch"), "zeros for -inf and -inf", [[0.0, 0.0], [0.0, 1.0]]
    ),
    "absolute_zero": Difference(("jax",), MINIMUM_NORM, [[0.0, -2.0, 2.0]]),
    "sinc_zero": Difference(("autograd",), "the true derivative", [[0.0, -1.0]]),
    "masked_root_singular": Difference(("autograd", "jax", "torch"), MASKED, [[0.0, 0.0, 0.25]]),
    "limited_reciprocal_singular": Difference(("autograd", "casadi", "jax", "torch"), MASKED, [[0.0, -0.25, 0.0]]),
    "limited": Difference(("autograd", "jax"), "1 on the closed interval", [[0.0, -1.0, 2.0, 0.25, 0.0]]),
    "deviation_constant": Difference(("autograd", "jax"), MINIMUM_NORM, [[0.0, 0.0, 0.0]]),
    "product_one_zero": Difference(("autograd",), "the true derivative", [[6.0, 0.0, 0.0]]),
    "product_two_zeros": Difference(("autograd",), "the true derivative", [[0.0, 0.0, 0.0]]),
    "length_zero": Difference(("autograd", "casadi", "jax"), MINIMUM_NORM, [[0.0, 0.0]]),
    "length_by_hand_zero": Difference(("autograd", "casadi", "jax", "torch"), MINIMUM_NORM, [[0.0, 0.0]]),
    "determinant_singular": Difference(("torch",), "the adjugate", [np.diag([0.0, 0.0, 2.0])]),
    "eigenvalues": Difference(("autograd",), "symmetric, as the matrices are", [of_eigenvalues()]),
}
