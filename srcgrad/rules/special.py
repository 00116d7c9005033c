"""Rules for ``scipy.special``: read when a program has imported it.

Functions of one and of two numbers with a derivative in closed form are elementwise rules. What has none in one of its
arguments (the order of a Bessel function, say) lists the others as operands: a derivative by the order is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

import srcgrad.rules.samples_special as samples
from srcgrad.rules.core import Fn, Rule, Samples, elementwise
from srcgrad.rules.results import elementwise_result

GAUSS = 1 / math.sqrt(2 * math.pi)
ROOT_PI = math.sqrt(math.pi)
NO_FORMULA = "there is no formula for the derivative by this parameter. Pass a number."


def smooth(fn: Fn, samples: Samples, operands: tuple[str, ...] | None = None, without: tuple[str, ...] = ()
           ) -> Callable[[Fn], Rule]:  # fmt: skip
    """Declare the partials of a function of SciPy; by the parameters `without` it has none."""
    return elementwise(fn, operands=operands, result=elementwise_result(fn), samples=samples,
                       refuses=tuple((name, NO_FORMULA) for name in without))  # fmt: skip


# The error function and the normal distribution


@smooth(special.erf, samples.reals)
def erf(out: Any, x: Any) -> Any:
    """A Gaussian."""
    return 2 / ROOT_PI * np.exp(-x * x)


@smooth(special.erfc, samples.reals)
def erfc(out: Any, x: Any) -> Any:
    """A Gaussian, negated."""
    return -2 / ROOT_PI * np.exp(-x * x)


@smooth(special.erfcx, samples.reals)
def erfcx(out: Any, x: Any) -> Any:
    """``2 x erfcx(x) - 2/sqrt(pi)``."""
    return 2 * x * out - 2 / ROOT_PI


@smooth(special.erfi, samples.reals)
def erfi(out: Any, x: Any) -> Any:
    """A Gaussian that grows."""
    return 2 / ROOT_PI * np.exp(x * x)


@smooth(special.dawsn, samples.reals)
def dawsn(out: Any, x: Any) -> Any:
    """``1 - 2 x dawsn(x)``."""
    return 1 - 2 * x * out


@smooth(special.erfinv, samples.inside)
def erfinv(out: Any, y: Any) -> Any:
    """One over the slope of erf there."""
    return ROOT_PI / 2 * np.exp(out * out)


@smooth(special.erfcinv, samples.fractions)
def erfcinv(out: Any, y: Any) -> Any:
    """One over the slope of erfc there."""
    return -ROOT_PI / 2 * np.exp(out * out)


@smooth(special.ndtr, samples.reals)
def ndtr(out: Any, x: Any) -> Any:
    """The density."""
    return GAUSS * np.exp(-0.5 * x * x)


@smooth(special.log_ndtr, samples.reals)
def log_ndtr(out: Any, x: Any) -> Any:
    """The density over the distribution, without their underflow."""
    return GAUSS * np.exp(-0.5 * x * x - out)


@smooth(special.ndtri, samples.fractions)
def ndtri(out: Any, y: Any) -> Any:
    """One over the density there."""
    return np.exp(0.5 * out * out) / GAUSS


# Gamma functions


@smooth(special.gamma, samples.positive)
def gamma(out: Any, x: Any) -> Any:
    """The function times digamma."""
    return out * special.psi(x)


@smooth(special.gammaln, samples.positive)
def gammaln(out: Any, x: Any) -> Any:
    """Digamma."""
    return special.psi(x)


@smooth(special.loggamma, samples.positive)
def loggamma(out: Any, x: Any) -> Any:
    """Digamma."""
    return special.psi(x)


@smooth(special.rgamma, samples.positive)
def rgamma(out: Any, x: Any) -> Any:
    """The function times digamma, negated."""
    return -out * special.psi(x)


@smooth(special.psi, samples.positive)
def psi(out: Any, x: Any) -> Any:
    """Trigamma."""
    return special.zeta(2, x)


@elementwise(special.polygamma, operands=("x",), samples=samples.orders, refuses=(("n", NO_FORMULA),))
def polygamma(out: Any, n: Any, x: Any) -> Any:
    """The next of them."""
    return special.polygamma(n + 1, x)


@smooth(special.beta, samples.positive_pairs)
def beta(out: Any, a: Any, b: Any) -> Any:
    """The function times differences of digammas."""
    both = special.psi(a + b)
    return out * (special.psi(a) - both), out * (special.psi(b) - both)


@smooth(special.betaln, samples.positive_pairs)
def betaln(out: Any, a: Any, b: Any) -> Any:
    """Differences of digammas."""
    both = special.psi(a + b)
    return special.psi(a) - both, special.psi(b) - both


@smooth(special.poch, samples.positive_pairs)
def poch(out: Any, z: Any, m: Any) -> Any:
    """The function times digammas."""
    both = special.psi(z + m)
    return out * (both - special.psi(z)), out * both


@smooth(special.binom, samples.binomials)
def binom(out: Any, x: Any, y: Any) -> Any:
    """The function times differences of digammas."""
    rest = special.psi(x - y + 1)
    return out * (special.psi(x + 1) - rest), out * (rest - special.psi(y + 1))


@smooth(special.gammainc, samples.incomplete_gamma, ("x",), ("a",))
def gammainc(out: Any, a: Any, x: Any) -> Any:
    """The density of the gamma distribution."""
    return np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


@smooth(special.gammaincc, samples.incomplete_gamma, ("x",), ("a",))
def gammaincc(out: Any, a: Any, x: Any) -> Any:
    """The density of the gamma distribution, negated."""
    return -np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


@smooth(special.betainc, samples.incomplete, ("x",), ("a", "b"))
def betainc(out: Any, a: Any, b: Any, x: Any) -> Any:
    """The density of the beta distribution."""
    return np.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b))


# Logistic functions and entropies


@smooth(special.expit, samples.reals)
def expit(out: Any, x: Any) -> Any:
    """``p (1 - p)``."""
    return out * special.expit(-x)


@smooth(special.log_expit, samples.reals)
def log_expit(out: Any, x: Any) -> Any:
    """``1 - p``."""
    return special.expit(-x)


@smooth(special.logit, samples.shares)
def logit(out: Any, x: Any) -> Any:
    """``1/(x (1 - x))``."""
    return 1 / (x * (1 - x))


@smooth(special.xlogy, samples.positive_pairs)
def xlogy(out: Any, x: Any, y: Any) -> Any:
    """log y, and x/y, which is 0 where x is 0."""
    return np.log(y), np.where(x == 0, 0.0, x / np.where(x == 0, 1.0, y))


@smooth(special.xlog1py, samples.positive_pairs)
def xlog1py(out: Any, x: Any, y: Any) -> Any:
    """log(1 + y), and x/(1 + y), which is 0 where x is 0."""
    return np.log1p(y), np.where(x == 0, 0.0, x / np.where(x == 0, 1.0, 1 + y))


@smooth(special.entr, samples.positive)
def entr(out: Any, x: Any) -> Any:
    """``-log x - 1``."""
    return -np.log(x) - 1


@smooth(special.rel_entr, samples.positive_pairs)
def rel_entr(out: Any, x: Any, y: Any) -> Any:
    """``log(x/y) + 1`` and ``-x/y``."""
    return np.log(x / y) + 1, -x / y


@smooth(special.kl_div, samples.positive_pairs)
def kl_div(out: Any, x: Any, y: Any) -> Any:
    """``log(x/y)`` and ``1 - x/y``."""
    return np.log(x / y), 1 - x / y


@smooth(special.huber, samples.hubers)
def huber(out: Any, delta: Any, r: Any) -> Any:
    """The excess over the bound, and the distance within it."""
    return np.maximum(np.abs(r) - delta, 0), np.clip(r, -delta, delta)


@smooth(special.pseudo_huber, samples.hubers)
def pseudo_huber(out: Any, delta: Any, r: Any) -> Any:
    """Of ``delta^2 (sqrt(1 + (r/delta)^2) - 1)``."""
    root = np.sqrt(1 + (r / delta) * (r / delta))
    return delta * (root - 1) * (root - 1) / root, r / root


# Other elementary functions


@smooth(special.exp10, samples.reals)
def exp10(out: Any, x: Any) -> Any:
    """``log 10`` times the function."""
    return math.log(10) * out


@smooth(special.cbrt, samples.positive)
def cbrt(out: Any, x: Any) -> Any:
    """A third of the function over x."""
    return 1 / (3 * out * out)


@smooth(special.exprel, samples.positive)
def exprel(out: Any, x: Any) -> Any:
    """Of ``(exp(x) - 1)/x``."""
    return np.where(x == 0, 0.5, (np.exp(x) - out) / np.where(x == 0, 1.0, x))


@smooth(special.exp1, samples.positive)
def exp1(out: Any, x: Any) -> Any:
    """``-exp(-x)/x``."""
    return -np.exp(-x) / x


@smooth(special.expi, samples.positive)
def expi(out: Any, x: Any) -> Any:
    """``exp(x)/x``."""
    return np.exp(x) / x


@smooth(special.spence, samples.positive)
def spence(out: Any, x: Any) -> Any:
    """``log(x)/(1 - x)``, -1 at 1."""
    return np.where(x == 1, -1.0, np.log(x) / np.where(x == 1, 1.0, 1 - x))


@smooth(special.lambertw, samples.positive, ("z",))
def lambertw(out: Any, z: Any, k: Any = 0, tol: Any = 1e-8) -> Any:
    """``w/(z (1 + w))``, written such that 0 is nothing special."""
    return 1 / (np.exp(out) * (1 + out))


# Elliptic integrals


@smooth(special.ellipk, samples.shares)
def ellipk(out: Any, m: Any) -> Any:
    """``E/(2 m (1 - m)) - K/(2 m)``."""
    return (special.ellipe(m) / (1 - m) - out) / (2 * m)


@smooth(special.ellipe, samples.shares)
def ellipe(out: Any, m: Any) -> Any:
    """``(E - K)/(2 m)``."""
    return (out - special.ellipk(m)) / (2 * m)
