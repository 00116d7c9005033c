"""Rules for distributions of ``scipy.stats``, in their argument and in all their parameters.

The methods of a distribution are found by equality: ``norm.logpdf`` is the same wherever it comes from. Each is defined
by functions that have rules; what has no derivative by a parameter is refused by the rule of that function.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special, stats

import srcgrad.rules.samples_distributions as samples
from srcgrad.rules.core import Fn, Samples, defined

LOG_ROOT_2PI = 0.5 * math.log(2 * math.pi)

# Logarithms of standard densities


def log_norm(y: Any) -> Any:
    """The normal distribution."""
    return -0.5 * y * y - LOG_ROOT_2PI


def log_laplace(y: Any) -> Any:
    """The Laplace distribution."""
    return -np.abs(y) - math.log(2)


def log_logistic(y: Any) -> Any:
    """The logistic distribution."""
    return special.log_expit(y) + special.log_expit(-y)


def log_cauchy(y: Any) -> Any:
    """The Cauchy distribution."""
    return -np.log1p(y * y) - math.log(math.pi)


def log_gumbel_r(y: Any) -> Any:
    """The Gumbel distribution."""
    return -y - np.exp(-y)


def log_expon(y: Any) -> Any:
    """The exponential distribution."""
    return np.where(y < 0, -np.inf, -y)


def log_uniform(y: Any) -> Any:
    """The uniform distribution."""
    return np.where(np.logical_and(y >= 0, y <= 1), 0.0 * y, -np.inf)


def log_t(y: Any, df: Any) -> Any:
    """Student's t."""
    return (special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - 0.5 * np.log(df * math.pi)
            - (df + 1) / 2 * np.log1p(y * y / df))  # fmt: skip


def inside(y: Any) -> Any:
    """A positive number; 1 where it is none, and is not used."""
    return np.where(y > 0, y, 1.0)


def log_gamma(y: Any, a: Any) -> Any:
    """The gamma distribution."""
    return np.where(y > 0, special.xlogy(a - 1.0, inside(y)) - y - special.gammaln(a), -np.inf)


def log_chi2(y: Any, df: Any) -> Any:
    """The chi-squared distribution."""
    return np.where(y > 0, special.xlogy(df / 2.0 - 1, inside(y)) - y / 2.0 - special.gammaln(df / 2.0)
                    - math.log(2) * df / 2.0, -np.inf)  # fmt: skip


def log_lognorm(y: Any, s: Any) -> Any:
    """The lognormal distribution."""
    height = np.log(inside(y))
    return np.where(y > 0, -height * height / (2 * s * s) - np.log(s) - height - LOG_ROOT_2PI, -np.inf)


def log_weibull_min(y: Any, c: Any) -> Any:
    """The Weibull distribution."""
    return np.where(y > 0, np.log(c) + special.xlogy(c - 1, inside(y)) - inside(y) ** c, -np.inf)


def log_beta(y: Any, a: Any, b: Any) -> Any:
    """The beta distribution."""
    within = np.logical_and(y > 0, y < 1)
    share = np.where(within, y, 0.5)
    height = special.xlog1py(b - 1.0, -share) + special.xlogy(a - 1.0, share) - special.betaln(a, b)
    return np.where(within, height, -np.inf)


# Distribution functions


def cdf_laplace(y: Any) -> Any:
    """The Laplace distribution."""
    half = 0.5 * np.exp(-np.abs(y))
    return np.where(y > 0, 1.0 - half, half)


def cdf_cauchy(y: Any) -> Any:
    """The Cauchy distribution."""
    return 0.5 + np.arctan(y) / math.pi


def cdf_gumbel_r(y: Any) -> Any:
    """The Gumbel distribution."""
    return np.exp(-np.exp(-y))


def cdf_expon(y: Any) -> Any:
    """The exponential distribution."""
    return -np.expm1(-np.maximum(y, 0.0))


def cdf_uniform(y: Any) -> Any:
    """The uniform distribution."""
    return np.clip(y, 0.0, 1.0)


def cdf_lognorm(y: Any, s: Any) -> Any:
    """The lognormal distribution."""
    return np.where(y > 0, special.ndtr(np.log(inside(y)) / s), 0.0)


def cdf_weibull_min(y: Any, c: Any) -> Any:
    """The Weibull distribution."""
    return np.where(y > 0, -np.expm1(-(inside(y) ** c)), 0.0)


def cdf_gamma(y: Any, a: Any) -> Any:
    """The gamma distribution."""
    return special.gammainc(a, np.maximum(y, 0.0))


def cdf_beta(y: Any, a: Any, b: Any) -> Any:
    """The beta distribution."""
    return special.betainc(a, b, np.clip(y, 0.0, 1.0))


# Methods, made of these


def without_shape(name: str, log_density: Fn, cdf: Fn, draw: Samples) -> None:
    """Declare the methods of a distribution of location and scale only."""

    def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
        return log_density((x - loc) / scale) - np.log(scale)

    def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
        return np.exp(log_density((x - loc) / scale)) / scale

    def distribution(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
        return cdf((x - loc) / scale)

    def rest(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
        return 1.0 - cdf((x - loc) / scale)

    declare(name, ("x", "loc", "scale"), draw, logpdf=logpdf, pdf=pdf, cdf=distribution, sf=rest)


def with_one(name: str, log_density: Fn, cdf: Fn | None, draw: Samples) -> None:
    """Declare the methods of a distribution with one shape parameter."""

    def logpdf(x: Any, shape: Any, loc: Any = 0, scale: Any = 1) -> Any:
        return log_density((x - loc) / scale, shape) - np.log(scale)

    def pdf(x: Any, shape: Any, loc: Any = 0, scale: Any = 1) -> Any:
        return np.exp(log_density((x - loc) / scale, shape)) / scale

    declare(name, ("x", "shape", "loc", "scale"), draw, logpdf=logpdf, pdf=pdf)
    if cdf is not None:
        declare(name, ("x", "shape", "loc", "scale"), draw, cdf=cdf_of_one(cdf))


def cdf_of_one(cdf: Fn) -> Fn:
    """The distribution function with location and scale, of one with a shape parameter."""

    def distribution(x: Any, shape: Any, loc: Any = 0, scale: Any = 1) -> Any:
        return cdf((x - loc) / scale, shape)

    return distribution


def with_two(name: str, log_density: Fn, cdf: Fn, draw: Samples) -> None:
    """Declare the methods of a distribution with the shape parameters a and b."""

    def logpdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Any:
        return log_density((x - loc) / scale, a, b) - np.log(scale)

    def pdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Any:
        return np.exp(log_density((x - loc) / scale, a, b)) / scale

    def distribution(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Any:
        return cdf((x - loc) / scale, a, b)

    declare(name, ("x", "a", "b", "loc", "scale"), draw, logpdf=logpdf, pdf=pdf, cdf=distribution)


def declare(name: str, operands: tuple[str, ...], draw: Samples, **methods: Fn) -> None:
    """Register the definitions of the methods of a distribution."""
    for method, definition in methods.items():
        defined(getattr(getattr(stats, name), method), operands=operands, samples=draw)(definition)


without_shape("norm", log_norm, special.ndtr, samples.line)
without_shape("laplace", log_laplace, cdf_laplace, samples.line)
without_shape("logistic", log_logistic, special.expit, samples.line)
without_shape("cauchy", log_cauchy, cdf_cauchy, samples.line)
without_shape("gumbel_r", log_gumbel_r, cdf_gumbel_r, samples.line)
without_shape("expon", log_expon, cdf_expon, samples.positive)
without_shape("uniform", log_uniform, cdf_uniform, samples.share)
with_one("t", log_t, None, samples.shaped)
with_one("gamma", log_gamma, cdf_gamma, samples.shaped)
with_one("chi2", log_chi2, None, samples.shaped)
with_one("lognorm", log_lognorm, cdf_lognorm, samples.shaped)
with_one("weibull_min", log_weibull_min, cdf_weibull_min, samples.shaped)
with_two("beta", log_beta, cdf_beta, samples.twice_shaped)


@defined(stats.norm.logcdf, operands=("x", "loc", "scale"), samples=samples.line)
def norm_logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Without underflow."""
    return special.log_ndtr((x - loc) / scale)


@defined(stats.norm.logsf, operands=("x", "loc", "scale"), samples=samples.line)
def norm_logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """Without underflow."""
    return special.log_ndtr((loc - x) / scale)


@defined(stats.norm.ppf, operands=("q", "loc", "scale"), samples=samples.quantile)
def norm_ppf(q: Any, loc: Any = 0, scale: Any = 1) -> Any:
    """The inverse of the distribution."""
    return loc + scale * special.ndtri(q)


@defined(stats.poisson.logpmf, operands=("mu",), samples=samples.poisson)
def poisson_logpmf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """Of whole numbers."""
    return poisson_height(k - loc, mu)


@defined(stats.poisson.pmf, operands=("mu",), samples=samples.poisson)
def poisson_pmf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """Of whole numbers."""
    return np.exp(poisson_height(k - loc, mu))


def poisson_height(n: Any, mu: Any) -> Any:
    """The logarithm of the probability of a whole number."""
    whole = np.logical_and(n >= 0, n == np.floor(n))
    return np.where(whole, special.xlogy(n, mu) - special.gammaln(n + 1.0) - mu, -np.inf)


def binom_height(j: Any, n: Any, p: Any) -> Any:
    """The logarithm of the probability of a whole number of n."""
    ways = special.gammaln(n + 1.0) - special.gammaln(j + 1.0) - special.gammaln(n - j + 1.0)
    within = np.logical_and(np.logical_and(j >= 0, j <= n), j == np.floor(j))
    return np.where(within, ways + special.xlogy(j, p) + special.xlog1py(n - j, -p), -np.inf)


@defined(stats.binom.logpmf, operands=("p",), samples=samples.binom)
def binom_logpmf(k: Any, n: Any, p: Any, loc: Any = 0) -> Any:
    """Of whole numbers."""
    return binom_height(k - loc, n, p)


@defined(stats.binom.pmf, operands=("p",), samples=samples.binom)
def binom_pmf(k: Any, n: Any, p: Any, loc: Any = 0) -> Any:
    """Of whole numbers."""
    return np.exp(binom_height(k - loc, n, p))
