"""Rules for what ``scipy.special`` takes of several numbers at once: logarithms of sums of exponentials, softmax."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

import srcgrad.rules.samples_special as samples
from srcgrad.rules.core import custom, defined
from srcgrad.rules.reduce import kept
from srcgrad.rules.results import reduction_result
from srcgrad.rules.results_trial import same


def log_sum_exp(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The logarithm of the sum of exponentials."""
    return special.logsumexp(a, axis=axis, keepdims=keepdims)


def shares(a: Any, out: Any, axis: Any, keepdims: Any) -> Any:
    """What each exponential contributes to its sum; nothing where the sum is zero."""
    wide = kept(out, axis, keepdims)
    return np.where(np.isneginf(wide), 0.0, np.exp(a - np.where(np.isneginf(wide), 0.0, wide)))


@custom(log_sum_exp, operands=("a",), result=reduction_result(log_sum_exp), samples=samples.lines)
def log_sum_exp_rule(out_bar: Any, out: Any, a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """By their shares."""
    return kept(out_bar, axis, keepdims) * shares(a, out, axis, keepdims)


@log_sum_exp_rule.jvp
def log_sum_exp_jvp(out: Any, a: Any, axis: Any = None, keepdims: Any = False, *, a_dot: Any) -> Any:
    """The mean by their shares."""
    return np.sum(shares(a, out, axis, keepdims) * a_dot, axis=axis, keepdims=keepdims)


@defined(special.logsumexp, operands=("a", "b"), samples=samples.weighted)
def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """The logarithm of the (weighted) sum of exponentials, and the sum's sign."""
    if b is None and not return_sign:
        return log_sum_exp(a, axis, keepdims)
    top = np.max(a, axis=axis, keepdims=True)
    total = np.sum(np.exp(a - top) * (1 if b is None else b), axis=axis, keepdims=keepdims)
    height = np.max(a, axis=axis, keepdims=keepdims)
    if return_sign:
        return np.log(np.abs(total)) + height, np.sign(total)
    return np.log(total) + height


@custom(special.softmax, operands=("x",), result=same, samples=samples.lines)
def softmax(out_bar: Any, out: Any, x: Any, axis: Any = None) -> Any:
    """The cotangent less its mean, by shares."""
    return out * (out_bar - np.sum(out_bar * out, axis=axis, keepdims=True))


@softmax.jvp
def softmax_jvp(out: Any, x: Any, axis: Any = None, *, x_dot: Any) -> Any:
    """The tangent less its mean, by shares."""
    return out * (x_dot - np.sum(x_dot * out, axis=axis, keepdims=True))


@custom(special.log_softmax, operands=("x",), result=same, samples=samples.lines)
def log_softmax(out_bar: Any, out: Any, x: Any, axis: Any = None) -> Any:
    """The cotangent less each share of its sum."""
    return out_bar - np.exp(out) * np.sum(out_bar, axis=axis, keepdims=True)


@log_softmax.jvp
def log_softmax_jvp(out: Any, x: Any, axis: Any = None, *, x_dot: Any) -> Any:
    """The tangent less its mean by shares."""
    return x_dot - np.sum(np.exp(out) * x_dot, axis=axis, keepdims=True)


@defined(special.multigammaln, operands=("a",))
def multigammaln(a: Any, d: int) -> Any:
    """A sum of logarithms of gamma functions."""
    total = d * (d - 1) / 4 * math.log(math.pi) + special.gammaln(a)
    for k in range(1, d):
        total = total + special.gammaln(a - k / 2)
    return total
