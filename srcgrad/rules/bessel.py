"""Rules for the Bessel functions and some orthogonal polynomials of ``scipy.special``, in their argument."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

import srcgrad.rules.samples_special as samples
from srcgrad.rules.core import Fn, Rule, elementwise
from srcgrad.rules.results import elementwise_result

NO_ORDER = "there is no formula for the derivative by this parameter. Pass a number."


def in_argument(*fns: Fn, name: str = "z") -> Callable[[Fn], list[Rule]]:
    """Declare the partial in the second argument of functions whose first one is an order."""

    def declare(partial: Fn) -> list[Rule]:
        order = list(inspect.signature(partial).parameters)[1]
        facts = {"operands": (name,), "samples": samples.ordered, "refuses": ((order, NO_ORDER),)}
        return [elementwise(fn, result=elementwise_result(fn), **facts)(partial) for fn in fns]

    return declare


def in_number(fn: Fn) -> Callable[[Fn], Rule]:
    """Declare the partial of a function of fixed order."""
    return elementwise(fn, result=elementwise_result(fn), samples=samples.positive)


@in_number(special.j0)
def j0(out: Any, x: Any) -> Any:
    """``-j1``."""
    return -special.j1(x)


@in_number(special.j1)
def j1(out: Any, x: Any) -> Any:
    """``(j0 - j2)/2``."""
    return (special.j0(x) - special.jv(2, x)) / 2


@in_number(special.y0)
def y0(out: Any, x: Any) -> Any:
    """``-y1``."""
    return -special.y1(x)


@in_number(special.y1)
def y1(out: Any, x: Any) -> Any:
    """``(y0 - y2)/2``."""
    return (special.y0(x) - special.yv(2, x)) / 2


@in_number(special.i0)
def i0(out: Any, x: Any) -> Any:
    """``i1``."""
    return special.i1(x)


@in_number(special.i1)
def i1(out: Any, x: Any) -> Any:
    """``(i0 + i2)/2``."""
    return (special.i0(x) + special.iv(2, x)) / 2


@in_number(special.i0e)
def i0e(out: Any, x: Any) -> Any:
    """``i1e - sign(x) i0e``."""
    return special.i1e(x) - np.sign(x) * out


@in_number(special.i1e)
def i1e(out: Any, x: Any) -> Any:
    """``(i0e + i2e)/2 - sign(x) i1e``."""
    return (special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * out


@in_number(special.k0)
def k0(out: Any, x: Any) -> Any:
    """``-k1``."""
    return -special.k1(x)


@in_number(special.k1)
def k1(out: Any, x: Any) -> Any:
    """``-(k0 + k2)/2``."""
    return -(special.k0(x) + special.kv(2, x)) / 2


@in_argument(special.jv, special.jn)
def jv(out: Any, v: Any, z: Any) -> Any:
    """Half the difference of the neighbours."""
    return (special.jv(v - 1, z) - special.jv(v + 1, z)) / 2


@in_argument(special.yv, special.yn)
def yv(out: Any, v: Any, z: Any) -> Any:
    """Half the difference of the neighbours."""
    return (special.yv(v - 1, z) - special.yv(v + 1, z)) / 2


@in_argument(special.iv)
def iv(out: Any, v: Any, z: Any) -> Any:
    """Half the sum of the neighbours."""
    return (special.iv(v - 1, z) + special.iv(v + 1, z)) / 2


@in_argument(special.ive)
def ive(out: Any, v: Any, z: Any) -> Any:
    """Half the sum of the neighbours, and the scale's own slope."""
    return (special.ive(v - 1, z) + special.ive(v + 1, z)) / 2 - np.sign(z) * out


@in_argument(special.kv, special.kn)
def kv(out: Any, v: Any, z: Any) -> Any:
    """Half the sum of the neighbours, negated."""
    return -(special.kv(v - 1, z) + special.kv(v + 1, z)) / 2


@in_argument(special.kve)
def kve(out: Any, v: Any, z: Any) -> Any:
    """Half the sum of the neighbours, negated, and the scale's own slope."""
    return out - (special.kve(v - 1, z) + special.kve(v + 1, z)) / 2


@in_argument(special.zeta, name="q")
def zeta(out: Any, x: Any, q: Any) -> Any:
    """``-x zeta(x + 1, q)``."""
    return -x * special.zeta(x + 1, q)


@in_argument(special.eval_chebyt, name="x")
def eval_chebyt(out: Any, n: Any, x: Any) -> Any:
    """``n U[n-1]``."""
    return n * special.eval_chebyu(n - 1, x)


@in_argument(special.eval_hermite, name="x")
def eval_hermite(out: Any, n: Any, x: Any) -> Any:
    """``2 n H[n-1]``."""
    return 2 * n * special.eval_hermite(n - 1, x)


@in_argument(special.eval_hermitenorm, name="x")
def eval_hermitenorm(out: Any, n: Any, x: Any) -> Any:
    """``n He[n-1]``."""
    return n * special.eval_hermitenorm(n - 1, x)


@in_argument(special.eval_laguerre, name="x")
def eval_laguerre(out: Any, n: Any, x: Any) -> Any:
    """``-L[n-1]`` of order one."""
    return -special.eval_genlaguerre(n - 1, 1, x)


@elementwise(special.eval_genlaguerre, operands=("x",), result=elementwise_result(special.eval_genlaguerre),
             samples=samples.generalised,
             refuses=(("n", NO_ORDER), ("alpha", NO_ORDER)))  # fmt: skip
def eval_genlaguerre(out: Any, n: Any, alpha: Any, x: Any) -> Any:
    """``-L[n-1]`` of the next order."""
    return -special.eval_genlaguerre(n - 1, alpha + 1, x)


@in_argument(special.eval_chebyu, name="x")
def eval_chebyu(out: Any, n: Any, x: Any) -> Any:
    """``((n + 1) T[n+1] - x U[n])/(x^2 - 1)``, its limit at the ends."""
    ends = np.abs(x) == 1
    inner = ((n + 1) * special.eval_chebyt(n + 1, x) - x * out) / np.where(ends, 1.0, x * x - 1)
    return np.where(ends, np.sign(x) ** (n + 1) * n * (n + 1) * (n + 2) / 3, inner)


@in_argument(special.eval_legendre, name="x")
def eval_legendre(out: Any, n: Any, x: Any) -> Any:
    """``n (P[n-1] - x P[n])/(1 - x^2)``, its limit at the ends."""
    ends = np.abs(x) == 1
    inner = n * (special.eval_legendre(n - 1, x) - x * out) / np.where(ends, 1.0, 1 - x * x)
    return np.where(ends, np.sign(x) ** (n + 1) * n * (n + 1) / 2, inner)
