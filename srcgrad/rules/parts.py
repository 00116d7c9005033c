"""Rules for functions that take numbers apart, for geometric sequences, and for what remains of ``math``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import srcgrad.rules.samples_parts as samples
from srcgrad.rules.core import constant, custom, defined, elementwise, linear
from srcgrad.rules.results import elementwise_result, number
from srcgrad.rules.results_trial import by_trial

constant(np.spacing, result=elementwise_result(np.spacing), samples=samples.reals)
constant(math.ulp, result=number("float"), samples=samples.floats)
constant(np.isin, np.bitwise_count, np.packbits, np.unpackbits, np.histogram_bin_edges, effect="raise")
constant(
    np.common_type,
    np.einsum_path,
    np.isdtype,
    np.iterable,
    np.isfortran,
    np.mintypecode,
    np.typename,
    np.diag_indices_from,
    np.mask_indices,
)


@custom(np.modf, operands=("x",), result=by_trial(np.modf), samples=samples.reals)
def modf(out_bar: Any, out: Any, x: Any) -> Any:
    """The fraction gets it all."""
    return out_bar[0]


@modf.jvp
def modf_jvp(out: Any, x: Any, *, x_dot: Any) -> Any:
    """The fraction moves, the whole number does not."""
    return x_dot, np.zeros_like(out[1])


@defined(math.modf, operands=("x",), samples=samples.floats)
def math_modf(x: Any, /) -> Any:
    """The fraction, and the whole number as a float."""
    whole = float(math.trunc(x))
    return x - whole, whole


def exponent(x: Any) -> Any:
    """The power of 2 that `frexp` divides by."""
    return np.frexp(x)[1]


def math_exponent(x: Any) -> int:
    """The power of 2 that ``math.frexp`` divides by."""
    return math.frexp(x)[1]


constant(exponent, result=lambda x: by_trial(exponent)(x))
constant(math_exponent, result=number("int"))


@defined(np.frexp, operands=("x",), samples=samples.reals)
def frexp(x: Any) -> Any:
    """The number over a power of 2, and the power."""
    power = exponent(x)
    return np.ldexp(x, -power), power


@defined(math.frexp, operands=("x",), samples=samples.floats)
def math_frexp(x: Any, /) -> Any:
    """The number over a power of 2, and the power."""
    power = math_exponent(x)
    return x * 2.0**-power, power


@defined(np.divmod, operands=("x1", "x2"), samples=samples.quotients)
def divmod_parts(x1: Any, x2: Any) -> Any:
    """The quotient rounded down, and the remainder."""
    return np.floor_divide(x1, x2), np.remainder(x1, x2)


@elementwise(np.nextafter, result=elementwise_result(np.nextafter), samples=samples.pairs)
def nextafter(out: Any, x1: Any, x2: Any) -> Any:
    """It moves with the number; of the other only the side counts."""
    return 1, 0


@elementwise(math.nextafter, operands=("x", "y"), result=number("float"), samples=samples.float_pairs)
def math_nextafter(out: Any, x: Any, y: Any) -> Any:
    """It moves with the number; of the other only the side counts."""
    return 1, 0


@elementwise(math.remainder, operands=("x", "y"), result=number("float"), effect="raise", samples=samples.float_pairs)
def remainder(out: Any, x: Any, y: Any) -> Any:
    """1 and the nearest whole number of times that y goes into x, negated."""
    return 1, -np.rint(np.divide(x - out, y))


# Sequences of Python numbers


@defined(math.fsum, operands=("seq",), samples=samples.sequences)
def fsum(seq: Any, /) -> Any:
    """The sum."""
    return sum(seq, 0.0)


@defined(math.prod, operands=("iterable", "start"), samples=samples.sequences)
def prod(iterable: Any, /, *, start: Any = 1) -> Any:
    """The product."""
    product = start
    for x in iterable:
        product = product * x
    return product


@defined(math.dist, operands=("p", "q"), samples=samples.places)
def dist(p: Any, q: Any, /) -> Any:
    """The Euclidean distance; its slope is 0 at 0."""
    total = 0.0
    for x, y in zip(p, q, strict=True):
        total = total + (x - y) * (x - y)
    if total == 0:
        return 0.0
    return math.sqrt(total)


# Geometric sequences


@defined(np.logspace, operands=("start", "stop", "base"), samples=samples.logspace)
def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None,
             axis: int = 0) -> Any:  # fmt: skip
    """A power of the base at equal steps of the exponent."""
    exponents = np.linspace(start, stop, num, endpoint, axis=axis)
    bases = base if np.ndim(base) == 0 else np.expand_dims(base, axis)
    return np.power(bases, exponents) if dtype is None else np.power(bases, exponents).astype(dtype)


@defined(np.geomspace, operands=("start", "stop"), samples=samples.geomspace)
def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """Equal ratios from the first to the last."""
    share = np.linspace(0.0, 1.0, num, endpoint)
    first = np.expand_dims(start, -1)
    line = np.moveaxis(first * np.power(np.expand_dims(stop, -1) / first, share), -1, axis)
    return line if dtype is None else line.astype(dtype)


# Arrays of complex numbers


@defined(np.sort_complex, operands=("a",), samples=samples.unsorted)
def sort_complex(a: Any) -> Any:
    """Sorted along the last axis, as complex numbers."""
    return np.sort(a) + 0j


@linear(np.real_if_close, operands=("a",), samples=samples.nearly_real)
def real_if_close(out_bar: Any, a: Any, tol: Any = 100) -> Any:
    """It passes on what it gets: real numbers take the real part."""
    return out_bar
