"""Rules for the gamma function, its logarithm and its derivatives, and for the Bessel functions of NumPy.

NumPy and Python have no digamma function and no Bessel function of order one: they are computed here, from asymptotic
series and power series whose terms have one sign.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import srcgrad.rules.samples_gammas as samples
from srcgrad.rules.core import elementwise
from srcgrad.rules.results import elementwise_result, number

# Bernoulli numbers B2, B4, ... of the asymptotic series
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
LARGE = 16.0  # from here on the asymptotic series have full precision
SERIES_END = 30.0  # up to here the power series of Bessel functions have full precision


def polygamma(n: int, x: Any) -> Any:
    """The n-th derivative of the digamma function; not a number at the poles 0, -1, -2, ..."""
    values = np.asarray(x, np.float64)
    pole = (values <= 0) & (values == np.floor(values))
    shift = np.where(pole, 1.0, values)
    sign = (-1.0) ** (n + 1) * math.factorial(n)
    total = np.zeros_like(shift)
    while np.any(shift < LARGE):
        small = shift < LARGE
        total += np.where(small, sign / np.where(small, shift, 1.0) ** (n + 1), 0.0)
        shift = np.where(small, shift + 1.0, shift)
    found = np.where(pole, np.nan, total + _asymptotic(n, shift))
    return found.astype(np.result_type(np.asarray(x), np.float16))[()]


def _asymptotic(n: int, x: Any) -> Any:
    """The series for large numbers (Abramowitz and Stegun 6.3.18, 6.4.11)."""
    if n == 0:
        return np.log(x) - 0.5 / x - sum(b / (2 * k * x ** (2 * k)) for k, b in enumerate(BERNOULLI, 1))
    sign, power = (-1.0) ** (n + 1), x**n
    lead = math.factorial(n - 1) / power + math.factorial(n) / (2 * power * x)
    rest = sum(b * math.factorial(2 * k + n - 1) / (math.factorial(2 * k) * power * x ** (2 * k))
               for k, b in enumerate(BERNOULLI, 1))  # fmt: skip
    return sign * (lead + rest)


def bessel_i1(x: Any) -> Any:
    """The modified Bessel function of the first kind and order one."""
    values = np.asarray(x, np.float64)
    near = np.clip(np.abs(values), 0.0, SERIES_END)
    far = np.maximum(np.abs(values), SERIES_END)
    found = np.where(np.abs(values) < SERIES_END, _near_i1(near), _far_i1(far)) * np.sign(values)
    return found.astype(np.result_type(np.asarray(x), np.float16))[()]


def _near_i1(x: Any) -> Any:
    """The power series: all terms are positive."""
    term = x / 2
    total = term.copy()
    for k in range(1, 80):
        term = term * (x / 2) * (x / 2) / (k * (k + 1))
        total += term
    return total


def _far_i1(x: Any) -> Any:
    """The asymptotic series (Abramowitz and Stegun 9.7.1)."""
    term = np.ones_like(x)
    total = term.copy()
    for k in range(1, 25):
        term = -term * (4 - (2 * k - 1) ** 2) / (k * 8 * x)
        total += term
    return np.exp(x) / np.sqrt(2 * np.pi * x) * total


@elementwise(polygamma, operands=("x",), result=elementwise_result(polygamma), samples=samples.orders)
def polygamma_rule(out: Any, n: int, x: Any) -> Any:
    """The next derivative."""
    return polygamma(n + 1, x)


@elementwise(math.lgamma, operands=("x",), result=number("float"), effect="raise", samples=samples.numbers)
def lgamma(out: Any, x: Any) -> Any:
    """The digamma function."""
    return polygamma(0, x)


@elementwise(math.gamma, operands=("x",), result=number("float"), effect="raise", samples=samples.numbers)
def gamma(out: Any, x: Any) -> Any:
    """The function times the digamma function."""
    return out * polygamma(0, x)


@elementwise(np.i0, operands=("x",), result=elementwise_result(np.i0), samples=samples.reals)
def i0(out: Any, x: Any) -> Any:
    """The Bessel function of order one."""
    return bessel_i1(x)


@elementwise(bessel_i1, operands=("x",), result=elementwise_result(bessel_i1), samples=samples.reals)
def bessel_i1_rule(out: Any, x: Any) -> Any:
    """``i0(x) - i1(x)/x``, 1/2 at zero."""
    return np.i0(x) - np.where(x == 0, 0.5, out / np.where(x == 0, 1.0, x))
