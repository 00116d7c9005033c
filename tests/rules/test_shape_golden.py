"""Conventions at special points: repeated indices, zeros, rank-deficient and degenerate matrices."""

from __future__ import annotations

import operator
import warnings
from typing import Any

import numpy as np
import pytest

import srcgrad.rules
from srcgrad import runtime
from srcgrad.rules.core import Fn, lookup
from tests.finite import slope


def vjp(fn: Any, out_bar: Any, *args: Any, **kwargs: Any) -> Any:
    """The cotangents of one call."""
    assert srcgrad.rules.CHAPTERS
    rule = lookup(fn)
    assert rule is not None
    assert rule.vjp is not None
    if rule.kind != "custom":
        return rule.vjp(out_bar, *args, **kwargs)
    return rule.vjp(out_bar, fn(*args, **kwargs), *args, **kwargs)


def jvp(fn: Any, *args: Any, **kwargs: Any) -> Any:
    """The tangent of one call of a custom rule."""
    rule = lookup(fn)
    assert rule is not None
    assert rule.jvp_fn is not None
    dots = {k: v for k, v in kwargs.items() if k.endswith("_dot")}
    settings = {k: v for k, v in kwargs.items() if k not in dots}
    return rule.jvp_fn(fn(*args, **settings), *args, **kwargs)


def test_reads_of_repeated_indices_accumulate() -> None:
    assert vjp(operator.getitem, np.array([1.0, 2, 4]), np.zeros(3), [0, 0, 1]).tolist() == [3, 4, 0]
    assert vjp(np.take, np.array([1.0, 2, 4]), np.zeros(3), [0, 0, 1]).tolist() == [3, 4, 0]


def test_only_the_value_that_stays_gets_gradient() -> None:
    y, v = np.zeros(3), np.array([5.0, 6.0, 7.0])
    y_bar, v_bar = vjp(runtime.set_item, np.array([1.0, 2, 4]), y, [0, 0, 2], v)
    stays = np.zeros(3)
    stays[[0, 0, 2]] = v
    assert v_bar.tolist() == [1.0 * (stays[0] == 5), 1.0 * (stays[0] == 6), 4]
    assert y_bar.tolist() == [0, 2, 0]


@pytest.mark.parametrize("seed", range(30))
def test_which_value_stays_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, index = np.zeros((4, 3)), (rng.integers(0, 4, (3, 2)), rng.integers(0, 3, (3, 2)))
    v, y_bar = rng.normal(size=(3, rng.choice([1, 2]))), rng.normal(size=(4, 3))
    v = np.asfortranarray(v) if seed % 2 else v
    _, v_bar = vjp(runtime.set_item, y_bar, y, index, v)
    for k in np.ndindex(*v.shape):
        moved = v.copy(order="K")
        moved[k] += 1
        assert np.isclose(np.sum(y_bar * (runtime.set_item(y, index, moved) - runtime.set_item(y, index, v))), v_bar[k])


def test_a_store_that_depends_on_layout_is_refused() -> None:
    index = np.array([[0, 1], [1, 0]]).T
    with pytest.raises(ValueError, match="memory layout"):
        vjp(runtime.set_item, np.ones(3), np.zeros(3), index, np.ones((2, 2)))


def test_stable_sort() -> None:
    assert vjp(np.sort, np.array([1.0, 2, 4]), np.array([2.0, 1, 2])).tolist() == [2, 1, 4]


@pytest.mark.parametrize("x", [np.zeros(2), np.zeros((2, 2)), np.zeros((2, 3)) + 0j])
@pytest.mark.parametrize("ord", [None, 1, 2, 3, np.inf, "nuc", "fro", -2])
def test_norms_at_zero(x: Any, ord: Any) -> None:
    if x.ndim == 1 and (isinstance(ord, str) or ord == -2) or x.ndim == 2 and ord == 3:
        return
    with np.errstate(all="raise"):
        assert not np.any(vjp(np.linalg.norm, 1.0, x, ord))
        assert jvp(np.linalg.norm, x, ord, x_dot=np.ones_like(x)) == 0


def test_spectral_norm_of_the_identity_is_split_evenly() -> None:
    np.testing.assert_allclose(vjp(np.linalg.norm, 1.0, np.eye(2), 2), np.eye(2) / 2, atol=1e-15)


@pytest.mark.parametrize("diagonal", [[1, 2, 3], [1, 2, 0], [1, 0, 0], [0, 0, 0]])
def test_det_of_any_rank(diagonal: list[float]) -> None:
    a = np.diag(np.array(diagonal, float))
    others = [diagonal[1] * diagonal[2], diagonal[0] * diagonal[2], diagonal[0] * diagonal[1]]
    np.testing.assert_allclose(vjp(np.linalg.det, 1.0, a), np.diag(others), atol=1e-14)


@pytest.mark.parametrize("fn", [np.linalg.cholesky, np.linalg.eigvalsh])
def test_symmetric_derivatives(fn: Fn) -> None:
    rng = np.random.default_rng(0)
    root = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    a, lean = root @ root.conj().T + np.eye(3), rng.normal(size=(3, 3))
    a_bar = vjp(fn, rng.normal(size=fn(a).shape), a)
    np.testing.assert_allclose(a_bar, a_bar.conj().T, atol=1e-13)
    np.testing.assert_allclose(jvp(fn, a, a_dot=lean), jvp(fn, a, a_dot=(lean + lean.T) / 2), atol=1e-13)


def hermitian_matrices() -> dict[str, Any]:
    """Matrices with eigenvalues that are all different, two equal, and all equal."""
    rng = np.random.default_rng(1)
    q = np.linalg.qr(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))[0]
    r = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    return {"complex": (q * [1, 2, 4]) @ q.conj().T, "complex tie": (q * [1, 1, 4]) @ q.conj().T,
            "tie": (r * [1, 1, 4]) @ r.T, "identity": np.eye(3), "diagonal": np.diag([1.0, 1.0, 2.0])}  # fmt: skip


@pytest.mark.parametrize("name", hermitian_matrices())
def test_functions_of_hermitian_matrices(name: str) -> None:
    """The cube of the eigenvalues under the vectors is the cube of the matrix, whatever the vectors are."""
    a, rng = hermitian_matrices()[name], np.random.default_rng(2)
    weights = rng.normal(size=(3, 3))
    dot = rng.normal(size=(3, 3)) + (1j * rng.normal(size=(3, 3)) if np.iscomplexobj(a) else 0)
    dot = (dot + dot.conj().T) / 2
    want = np.sum(weights * (dot @ a @ a + a @ dot @ a + a @ a @ dot)).real
    w, v = np.linalg.eigh(a)
    left_bar = weights @ v.conj()
    w_bar = np.sum(left_bar * v, axis=0).real * 3 * w**2
    v_bar = left_bar * w**3 + np.conj(((v * w**3).T @ weights).T)
    a_bar = vjp(np.linalg.eigh, (w_bar, v_bar), a)
    assert np.isclose(np.sum(a_bar * dot).real, want)
    w_dot, v_dot = jvp(np.linalg.eigh, a, a_dot=dot)
    cube_dot = (v_dot * w**3 + v * (3 * w**2 * w_dot)) @ v.conj().T + (v * w**3) @ v_dot.conj().T
    assert np.isclose(np.sum(weights * cube_dot).real, want)


def test_a_function_of_arbitrary_vectors_has_no_derivative() -> None:
    v_bar = np.zeros((3, 3))
    v_bar[1, 0] = 1.0
    with pytest.warns(RuntimeWarning, match="no derivative"):
        assert np.isnan(vjp(np.linalg.eigh, (np.zeros(3), v_bar), np.diag([1.0, 1.0, 2.0]))).any()


def any_matrices() -> dict[str, Any]:
    """Square, tall and wide matrices, real and complex, with equal and with vanishing singular values."""
    rng = np.random.default_rng(4)
    tall = rng.normal(size=(4, 2)) + 1j * rng.normal(size=(4, 2))
    tied = 2 * np.linalg.qr(rng.normal(size=(3, 3)))[0]
    thin = np.linalg.qr(rng.normal(size=(5, 2)))[0]
    return {"square": rng.normal(size=(3, 3)), "tall": tall, "wide": tall.T, "tied": tied, "thin": thin,
            "flat": thin.T, "rank 1": np.outer([1.0, 2, 3], [1.0, -1])}  # fmt: skip


@pytest.mark.parametrize("name", any_matrices())
@pytest.mark.parametrize("full", [False, True])
def test_functions_of_singular_values(name: str, full: bool) -> None:
    """The cube of the singular values between the vectors is ``a a^H a``, whatever the vectors are."""
    a, rng = any_matrices()[name], np.random.default_rng(5)
    weights = rng.normal(size=a.shape)
    dot = rng.normal(size=a.shape) + (1j * rng.normal(size=a.shape) if np.iscomplexobj(a) else 0)
    h, h_dot = a.conj().T, dot.conj().T
    want = np.sum(weights * (dot @ h @ a + a @ h_dot @ a + a @ h @ dot)).real
    u, s, vh = np.linalg.svd(a, full)
    k = len(s)
    u_bar, vh_bar = np.zeros_like(u), np.zeros_like(vh)
    left_bar = weights @ vh[:k].T
    u_bar[:, :k], vh_bar[:k] = left_bar * s**3, (u[:, :k] * s**3).T @ weights
    s_bar = np.sum(left_bar * u[:, :k], axis=0).real * 3 * s**2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        a_bar = vjp(np.linalg.svd, (u_bar, s_bar, vh_bar), a, full)
        u_dot, s_dot, vh_dot = jvp(np.linalg.svd, a, full, a_dot=dot)
    assert np.isclose(np.sum(a_bar * dot).real, want)
    cube_dot = (u_dot[:, :k] * s**3 + u[:, :k] * (3 * s**2 * s_dot)) @ vh[:k] + (u[:, :k] * s**3) @ vh_dot[:k]
    assert np.isclose(np.sum(weights * cube_dot).real, want)


@pytest.mark.parametrize("full", [False, True])
def test_completing_columns_of_svd(full: bool) -> None:
    """The projector on the completing columns is the identity less that on the others: it has their derivative."""
    rng = np.random.default_rng(6)
    a, dot, weights = rng.normal(size=(4, 2)), rng.normal(size=(4, 2)), rng.normal(size=(4, 4))

    def projected(t: float) -> Any:
        q = np.linalg.qr(a + t * dot)[0]
        return np.sum(weights * (np.eye(4) - q @ q.T if full else q @ q.T))

    u, s, vh = np.linalg.svd(a, full)
    part = slice(2, None) if full else slice(None)
    u_bar = np.zeros_like(u)
    u_bar[:, part] = (weights + weights.T) @ u[:, part]
    a_bar = vjp(np.linalg.svd, (u_bar, 0 * s, 0 * vh), a, full)
    assert np.isclose(np.sum(a_bar * dot), slope(projected).value)


def test_casts_to_integers_cut() -> None:
    x = np.array([1.5, 2.5])
    assert vjp(runtime.as_type, np.ones(2), x, int).tolist() == [0, 0]
    assert jvp(runtime.as_type, x, int, x_dot=np.ones(2)).tolist() == [0, 0]
    assert jvp(np.array, [1.5, 2.5], object_dot=[1.0, 2.0], dtype=int).tolist() == [0, 0]
