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


def cube_bars(weights: Any, left: Any, values: Any, right: Any, power: int) -> Any:
    """The cotangents of ``sum(weights * (left * values**power) @ right)``."""
    left_bar = weights @ right.T
    values_bar = np.sum(left_bar * left, axis=0).real * power * values ** max(power - 1, 0)
    return left_bar * values**power, values_bar, (left * values**power).T @ weights


def eigh_of_power(a: Any, dot: Any, weights: Any, power: int) -> tuple[float, float]:
    """Reverse and forward through ``sum(weights * v w**power v^H)``, of the tied vectors only if power is 0."""
    w, v = np.linalg.eigh(a)
    keep = np.ones(3) if power else (np.abs(w - w[0]) < 1e-8) * 1.0
    left_bar, w_bar, right_bar = cube_bars(weights, v, w, v.conj().T * keep[:, None], power)
    v_bar = left_bar + np.conj((right_bar * keep[:, None]).T)
    a_bar = vjp(np.linalg.eigh, (w_bar, v_bar), a)
    w_dot, v_dot = jvp(np.linalg.eigh, a, a_dot=dot)
    rise = power * w ** max(power - 1, 0) * w_dot
    out_dot = (v_dot * w**power + v * rise) * keep @ v.conj().T + (v * w**power * keep) @ v_dot.conj().T
    return np.sum(a_bar * dot).real, np.sum(weights * out_dot).real


def hermitian_direction(a: Any, rng: np.random.Generator) -> Any:
    dot = rng.normal(size=(3, 3)) + (1j * rng.normal(size=(3, 3)) if np.iscomplexobj(a) else 0)
    return (dot + dot.conj().T) / 2


def test_cube_of_a_hermitian_matrix() -> None:
    a, rng = hermitian_matrices()["complex"], np.random.default_rng(2)
    weights, dot = rng.normal(size=(3, 3)), hermitian_direction(a, rng)
    want = np.sum(weights * (dot @ a @ a + a @ dot @ a + a @ a @ dot)).real
    np.testing.assert_allclose(eigh_of_power(a, dot, weights, 3), [want, want])


@pytest.mark.parametrize("name", ["complex tie", "tie", "diagonal"])
@pytest.mark.filterwarnings("ignore:equal eigenvalues")
def test_the_space_of_tied_vectors_has_a_derivative(name: str) -> None:
    """The projector on it is the identity less the projector on the third vector, which is alone."""
    a, rng = hermitian_matrices()[name], np.random.default_rng(2)
    weights, dot = rng.normal(size=(3, 3)), hermitian_direction(a, rng)

    def projected(t: float) -> Any:
        far = np.linalg.eigh(a + t * dot)[1][:, 2:]
        return np.sum(weights * (np.eye(3) - far @ far.conj().T)).real

    np.testing.assert_allclose(eigh_of_power(a, dot, weights, 0), slope(projected).value.real, rtol=1e-6)


@pytest.mark.parametrize("name", ["complex tie", "tie", "identity"])
def test_functions_of_tied_values_are_not_silently_wrong(name: str) -> None:
    a, rng = hermitian_matrices()[name], np.random.default_rng(2)
    with pytest.warns(RuntimeWarning, match="equal eigenvalues"):
        reverse, _ = eigh_of_power(a, hermitian_direction(a, rng), rng.normal(size=(3, 3)), 3)
    assert np.isnan(reverse)


def test_a_function_of_arbitrary_vectors_has_no_derivative() -> None:
    v_bar = np.zeros((3, 3))
    v_bar[1, 0] = 1.0
    with pytest.warns(RuntimeWarning, match="equal eigenvalues"):
        assert np.isnan(vjp(np.linalg.eigh, (np.zeros(3), v_bar), np.diag([1.0, 1.0, 2.0]))).any()


def any_matrices() -> dict[str, Any]:
    """Square, tall and wide matrices, real and complex, with equal and with vanishing singular values."""
    rng = np.random.default_rng(4)
    tall = rng.normal(size=(4, 2)) + 1j * rng.normal(size=(4, 2))
    tied = 2 * np.linalg.qr(rng.normal(size=(3, 3)))[0]
    thin = np.linalg.qr(rng.normal(size=(5, 2)))[0]
    return {"square": rng.normal(size=(3, 3)), "tall": tall, "wide": tall.T, "tied": tied, "thin": thin,
            "flat": thin.T, "rank 1": np.outer([1.0, 2, 3], [1.0, -1])}  # fmt: skip


def svd_of_power(a: Any, dot: Any, weights: Any, power: int, full: bool) -> tuple[float, float]:
    """Reverse and forward through ``sum(weights * u s**power vh)``."""
    u, s, vh = np.linalg.svd(a, full)
    k = len(s)
    u_bar, vh_bar = np.zeros_like(u), np.zeros_like(vh)
    u_bar[:, :k], s_bar, vh_bar[:k] = cube_bars(weights, u[:, :k], s, vh[:k], power)
    a_bar = vjp(np.linalg.svd, (u_bar, s_bar, vh_bar), a, full)
    u_dot, s_dot, vh_dot = jvp(np.linalg.svd, a, full, a_dot=dot)
    rise = power * s ** max(power - 1, 0) * s_dot
    out_dot = (u_dot[:, :k] * s**power + u[:, :k] * rise) @ vh[:k] + (u[:, :k] * s**power) @ vh_dot[:k]
    return np.sum(a_bar * dot).real, np.sum(weights * out_dot).real


@pytest.mark.parametrize("name", ["square", "tall", "wide", "rank 1"])
@pytest.mark.parametrize("full", [False, True])
def test_cube_of_singular_values(name: str, full: bool) -> None:
    """The cube of the singular values between the vectors is ``a a^H a``, whatever the vectors are."""
    a, rng = any_matrices()[name], np.random.default_rng(5)
    weights = rng.normal(size=a.shape)
    dot = rng.normal(size=a.shape) + (1j * rng.normal(size=a.shape) if np.iscomplexobj(a) else 0)
    h, h_dot = a.conj().T, dot.conj().T
    want = np.sum(weights * (dot @ h @ a + a @ h_dot @ a + a @ h @ dot)).real
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(svd_of_power(a, dot, weights, 3, full), [want, want])


@pytest.mark.parametrize("name", ["tied", "thin", "flat"])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.filterwarnings("ignore:equal eigenvalues")
def test_nearest_orthogonal_matrix_at_ties(name: str, full: bool) -> None:
    a, rng = any_matrices()[name], np.random.default_rng(5)
    weights, dot = rng.normal(size=a.shape), rng.normal(size=a.shape)

    def polar(t: float) -> Any:
        u, _, vh = np.linalg.svd(a + t * dot, full_matrices=False)
        return np.sum(weights * (u @ vh))

    np.testing.assert_allclose(svd_of_power(a, dot, weights, 0, full), slope(polar).value.real, rtol=1e-6)


def test_functions_of_tied_singular_values_are_not_silently_wrong() -> None:
    a, rng = any_matrices()["tied"], np.random.default_rng(5)
    with pytest.warns(RuntimeWarning, match="equal eigenvalues"):
        assert np.isnan(svd_of_power(a, rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), 3, False)[0])


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
