"""Functions to compare with other packages on: plain NumPy that they can run too, each with arguments.

A package runs them with its own namespace in the place of `np`, so that nothing here may be called but by that name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    """A function and where it is differentiated; at singular points only once."""

    f: Callable[..., Any]
    args: tuple[Any, ...]
    label: str
    twice: bool = True

    @property
    def name(self) -> str:
        return f"{self.f.__name__}{self.label}"


CASES: list[Case] = []


def at(*args: Any, label: str = "", twice: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a function with arguments; several make several cases."""

    def add(f: Callable[..., Any]) -> Callable[..., Any]:
        CASES.append(Case(f, args, f"_{label}" if label else "", twice))
        return f

    return add


def wave(*shape: int, phase: float = 0.0, scale: float = 1.0) -> np.ndarray:
    """An array without equal elements, the same everywhere."""
    return scale * np.sin(1.7 * np.arange(int(np.prod(shape))) + 0.3 + phase).reshape(shape)


def positive(*shape: int, phase: float = 0.0) -> np.ndarray:
    return 1.5 + wave(*shape, phase=phase)


def definite(n: int) -> np.ndarray:
    """A symmetric positive definite matrix."""
    a = wave(n, n)
    return a @ a.T + n * np.eye(n)


def zeros_and(*values: float) -> np.ndarray:
    return np.array([0.0, *values])


X, Y, P = wave(5), wave(5, phase=1.0), positive(5)
A, B, W = wave(3, 4), wave(4, 3, phase=2.0), wave(3, 3, phase=0.5) + 2.0 * np.eye(3)
TIES = np.array([1.0, 3.0, 3.0, -2.0, 0.5])
WEIGHTS = np.array([0.5, -1.0, 2.0, 0.25, 1.5])
PICK = np.array([0, 0, 3, 1])
REVERSED = np.array([4, 3, 2, 1, 0])


# --- element by element


@at(X)
def smooth_chain(x):
    return np.sum(np.tanh(x) * np.exp(-(x**2)) + np.log1p(x**2))


@at(X, Y)
def trigonometry(x, y):
    return np.sum(np.sin(x) * np.cos(y) + np.arctan(x * y) + np.tan(0.5 * x))


@at(X, P)
def inverse_trigonometry(x, y):
    return np.sum(np.arcsin(0.5 * x) + np.arccos(0.3 * x) + np.arctan2(x, y))


@at(zeros_and(1.0), zeros_and(2.0), label="origin", twice=False)
def angle(x, y):
    return np.sum(np.arctan2(x, y))


@at(X)
def hyperbolic(x):
    return np.sum(np.sinh(x) + np.cosh(x) + np.arcsinh(x) + np.arctanh(0.3 * x))


@at(X, P)
def powers(x, y):
    return np.sum(y**x + y**1.5 - x**3)


@at(zeros_and(2.0), np.array([0.0, 3.0]), label="zero", twice=False)
def power_at(x, y):
    return np.sum(x**y)


@at(P)
def logarithms(x):
    return np.sum(np.log(x) * np.log2(x) + np.log10(x) + np.expm1(x))


@at(X, Y)
@at(np.array([-np.inf, -np.inf]), np.array([-np.inf, 0.0]), label="minus_infinity", twice=False)
def log_add_exp(x, y):
    return np.sum(np.logaddexp(x, y)[1:])


@at(P)
@at(zeros_and(4.0), label="zero", twice=False)
def roots(x):
    return np.sum(np.sqrt(x) * (1.0 + x))


@at(X)
@at(zeros_and(-1.0, 2.0), label="zero", twice=False)
def absolute(x):
    return np.sum(np.abs(x) * 2.0)


@at(X)
def steps(x):
    return np.sum(np.floor(3.0 * x) * x + np.sign(x) * x**2)


@at(zeros_and(1.0), label="zero", twice=False)
@at(X)
def sinc(x):
    return np.sum(np.sinc(x))


# --- masks, choices and ties


@at(np.array([0.0, -1.0, 4.0]), label="singular", twice=False)
def masked_root(x):
    return np.sum(np.where(x > 0.0, np.sqrt(x), 0.0))


@at(zeros_and(-1.0, 2.0), label="zero", twice=False)
def rectifier(x):
    return np.sum(np.where(x > 0.0, x, 0.0) ** 1)


@at(X)
def both_sides(x):
    return np.sum(np.where(x > 0.0, x**2, -(x**3)))


@at(zeros_and(2.0, 0.5), label="singular", twice=False)
def limited_reciprocal(x):
    return np.sum(np.minimum(1.0 + 0.0 * x, 1.0 / x))


@at(TIES, np.array([1.0, 2.0, 3.0, 0.0, 0.5]), twice=False)
def larger(x, y):
    return np.sum(np.maximum(x, y) * WEIGHTS)


@at(TIES, np.array([1.0, 2.0, 3.0, 0.0, 0.5]), twice=False)
def smaller(x, y):
    return np.sum(np.minimum(x, y) * WEIGHTS)


@at(np.array([-2.0, -1.0, 0.5, 1.0, 3.0]), twice=False)
def limited(x):
    return np.sum(np.clip(x, -1.0, 1.0) * WEIGHTS)


@at(TIES, label="ties", twice=False)
@at(X)
def largest(x):
    return np.max(x) ** 2


@at(np.array([[1.0, 2.0, 1.0], [4.0, 4.0, 5.0]]), label="ties", twice=False)
@at(A)
def smallest_of_rows(x):
    return np.sum(np.min(x, axis=1) ** 2)


@at(TIES, twice=False)
def picked_by_argmax(x):
    return x[np.argmax(x)] ** 2


@at(1.5)
@at(-0.5, label="other_side")
def branch(x):
    if x > 0:
        return np.sin(x) * x
    return np.exp(x) - x**2


# --- reductions


@at(A)
def means(x):
    return np.sum(np.mean(x, axis=0) ** 2) + np.mean(x) ** 3


@at(A)
def variances(x):
    return np.sum(np.var(x, axis=1) ** 2)


@at(X)
@at(np.ones(3), label="constant", twice=False)
def deviation(x):
    return np.std(x)


@at(P)
@at(zeros_and(2.0, 3.0), label="one_zero", twice=False)
@at(np.array([0.0, 2.0, 0.0]), label="two_zeros", twice=False)
def product(x):
    return np.prod(x)


@at(X)
def running_sum(x):
    return np.sum(np.cumsum(x) ** 2)


@at(P)
def running_product(x):
    return np.sum(np.cumprod(x) * WEIGHTS)


@at(np.array([3.0, 4.0]))
@at(np.zeros(2), label="zero", twice=False)
def length(x):
    return np.linalg.norm(x)


@at(np.zeros(2), label="zero", twice=False)
@at(np.array([3.0, 4.0]))
def length_by_hand(x):
    return np.sqrt(np.sum(x**2))


@at(X)
def sorted_weights(x):
    return np.sum(np.sort(x) ** 2 * WEIGHTS)


@at(A)
def log_sum_exp(x):
    m = np.max(x, axis=1, keepdims=True)
    return np.sum(np.log(np.sum(np.exp(x - m), axis=1, keepdims=True)) + m)


# --- indices and shapes


@at(X)
def gathered_twice(x):
    return np.sum(x[PICK] ** 2 * np.array([1.0, 2.0, 3.0, 4.0]))


@at(X)
def selected_by_mask(x):
    return np.sum(x[x > 0] ** 3)


@at(X)
def neighbours(x):
    return np.sum(x[1:] * x[:-1]) + x[-1] * x[0]


@at(A)
def columns_and_rows(x):
    return np.sum(x[:, 1:3] ** 2) + np.sum(x[::2, 0] * x[0, :2])


@at(A)
def reshaped(x):
    return np.sum(np.reshape(x, (2, 6)) @ np.transpose(np.reshape(x, (2, 6))) ** 2)


@at(X, Y)
def joined(x, y):
    return np.sum(np.concatenate((x, y)) ** 2 * np.concatenate((y, x))) + np.sum(np.stack((x, y))[0] ** 3)


@at(X, 2.0)
def broadcast(x, s):
    return np.sum(x[:, None] * x[None, :] * s + s**2)


@at(A)
def rolled(x):
    return np.sum(np.roll(x, 1) * x) + np.sum(np.flip(x, (0,)) * x)


@at(wave(2, 3, 2))
def axes_moved(x):
    return np.sum(np.moveaxis(x, 0, 2) * np.swapaxes(np.moveaxis(x, 0, 2), 0, 1)[:2, :3].sum())


@at(A)
def tiled(x):
    return np.sum(np.tile(x, (2, 1)) ** 3)


@at(W)
def triangles(x):
    return np.sum(np.tril(x) @ np.triu(x)) + np.trace(x) ** 2


@at(W)
def diagonal(x):
    return np.sum(np.diag(x) ** 3) + np.sum(np.diag(np.diag(x)) @ x)


# --- products and matrices


@at(A, B)
def matrix_product(a, b):
    return np.sum((a @ b) ** 2)


@at(X, Y)
def vector_product(x, y):
    return np.dot(x, y) ** 2 + np.sum(np.outer(x, y) ** 3)


@at(wave(2, 3, 4), wave(3, 4, phase=1.0))
def contraction(a, b):
    return np.sum(np.tensordot(a, b, 2) ** 3)


@at(A, B, W)
def einstein_cycle(a, b, c):
    return np.einsum("ij,jk,ki->", a, b, c)


@at(wave(2, 3, 4), wave(2, 4, phase=1.0))
def einstein_batch(a, x):
    return np.sum(np.einsum("bij,bj->bi", a, x) ** 2)


@at(W, wave(3))
def linear_system(a, b):
    return np.sum(np.linalg.solve(a, b) ** 2)


@at(W)
def inverse(a):
    return np.sum(np.linalg.inv(a) ** 2)


@at(W)
@at(np.diag([1.0, 2.0, 0.0]), label="singular", twice=False)
@at(np.diag([1.0, 0.0, 0.0]), label="rank_one", twice=False)
def determinant(a):
    return np.linalg.det(a)


@at(W)
def log_determinant(a):
    return np.linalg.slogdet(a)[1]


@at(definite(3))
def cholesky_factor(a):
    return np.sum(np.linalg.cholesky(a) ** 3)


@at(definite(3))
def eigenvalues(a):
    return np.sum(np.linalg.eigh(a)[0] ** 2 * np.array([1.0, 2.0, 3.0]))


# --- programs


@at(wave(4))
def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


@at(A, wave(4, 3, phase=1.0), wave(3, phase=2.0))
def network(x, w, b):
    scores = np.tanh(x @ w + b)
    scores = scores - np.max(scores, axis=1, keepdims=True)
    return -np.mean((scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True)))[:, 0])


@at(wave(3), definite(3))
def gaussian(x, covariance):
    return 0.5 * np.dot(x, np.linalg.solve(covariance, x)) + 0.5 * np.linalg.slogdet(covariance)[1]


@at(0.3, 3.6)
def logistic_map(x, r):
    for _ in range(12):
        x = r * x * (1.0 - x)
    return x


@at(2.0)
def root_by_newton(a):
    x = a
    while abs(x * x - a) > 1e-13:
        x = 0.5 * (x + a / x)
    return x


@at(X)
def while_with_break(x):
    total, k = 0.0, 0
    while True:
        total = total + np.sin(x[k]) * total + x[k] ** 2
        k += 1
        if k == 4:
            break
    return total


@at(X)
def phases(x):
    return np.real(np.sum(np.exp(1j * x) * np.conj(np.exp(1j * x[REVERSED])))) + np.sum(np.abs(1.0 + np.exp(1j * x)))
