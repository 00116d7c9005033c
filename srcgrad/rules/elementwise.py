"""Rules for smooth elementwise functions: one partial per operand, written the way it shall be printed.

A partial may be evaluated on Python floats, and must not raise where the function did not. NumPy functions return NumPy
numbers, for which ``1 / 0`` is inf; so where a divisor may be a Python zero that the function itself accepts the
partial says `np.divide`, and `np.power` where ``**`` may overflow or divide by zero. The operator ``/`` raises first:
its partials use operators.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

import srcgrad.rules.samples as draw
from srcgrad.rules.constants import is_known
from srcgrad.rules.core import Fn, Samples, elementwise
from srcgrad.rules.results import ResultFn, elementwise_result, number, power_result

LN2, LN10 = math.log(2), math.log(10)
TO_RADIANS, TO_DEGREES = math.pi / 180, 180 / math.pi
ERF_SCALE = 2 / math.sqrt(math.pi)

anywhere = draw.unary(complex_ok=True)
reals = draw.unary()
positive = draw.unary(0.3, 3.0, complex_ok=True)
positive_reals = draw.unary(0.3, 3.0)
inside_unit = draw.unary(-0.9, 0.9, complex_ok=True)
pairs = draw.binary(complex_ok=True)
real_pairs = draw.binary()
positive_pairs = draw.binary((0.5, 2.0), (0.5, 2.0))
divisors = draw.binary((-2.0, 2.0), (0.5, 2.0), complex_ok=True)


def is_math(fn: Fn) -> bool:
    """Is it a function of ``math``: Python numbers only, and domain errors are raised?"""
    return fn.__module__ == "math"


def pointwise(*fns: Fn, samples: Samples, result: Callable[[Fn], ResultFn] = elementwise_result,
              operands: tuple[str, ...] | None = None) -> Callable[[Fn], Fn]:  # fmt: skip
    """Declare the same partials for several spellings of a function, each with its own result type."""

    def decorate(partials: Fn) -> Fn:
        for fn in fns:
            if is_math(fn):
                facts = {"result": number("float"), "samples": draw.only_floats(samples), "effect": "raise"}
            else:
                facts = {"result": result(fn), "samples": samples}
            elementwise(fn, operands=operands, **facts)(partials)
        return partials

    return decorate


# Sums and products


@pointwise(np.add, operator.add, samples=pairs)
def add(out: Any, x1: Any, x2: Any) -> Any:
    """A sum passes on what it gets."""
    return 1, 1


@pointwise(np.subtract, operator.sub, samples=pairs)
def subtract(out: Any, x1: Any, x2: Any) -> Any:
    """A difference passes on what it gets, negated for the second."""
    return 1, -1


@pointwise(np.multiply, operator.mul, samples=pairs)
def multiply(out: Any, x1: Any, x2: Any) -> Any:
    """The partial in each factor is the other."""
    return x2, x1


@pointwise(operator.truediv, samples=divisors)
def truediv(out: Any, x: Any, y: Any) -> Any:
    """1/y and -x/y^2; a zero divisor has raised before."""
    return 1 / y, -out / y


@pointwise(np.true_divide, samples=divisors)
def true_divide(out: Any, x1: Any, x2: Any) -> Any:
    """1/y and -x/y^2, inf for a zero divisor."""
    return _inverse(x2), np.divide(-out, x2)


def _inverse(x: Any) -> Any:
    """``1 / x``, a Python number if `x` is a constant, so that it leaves the precision to the other operand."""
    if is_known(x) and x != 0:
        return 1 / x
    return np.divide(1, x)


@pointwise(np.negative, operator.neg, samples=anywhere)
def negative(out: Any, x: Any) -> Any:
    """-1."""
    return -1


@pointwise(np.positive, operator.pos, samples=anywhere)
def identity(out: Any, x: Any) -> Any:
    """1."""
    return 1


@pointwise(np.reciprocal, samples=positive)
def reciprocal(out: Any, x: Any) -> Any:
    """-1/x^2."""
    return -(out * out)


@pointwise(np.square, samples=anywhere)
def square(out: Any, x: Any) -> Any:
    """2 x."""
    return 2 * x


@pointwise(np.remainder, operator.mod, samples=draw.separated(draw.binary((-2.0, 2.0), (2.5, 3.5))))
def remainder(out: Any, x1: Any, x2: Any) -> Any:
    """1 and -floor(x/y)."""
    return 1, -np.floor_divide(x1, x2)


@pointwise(np.fmod, math.fmod, samples=draw.binary((4.1, 4.9), (2.5, 3.5)))
def fmod(out: Any, x1: Any, x2: Any) -> Any:
    """1 and -trunc(x/y)."""
    return 1, -np.rint(np.divide(x1 - out, x2))


# Powers


def _powers(rng: np.random.Generator) -> Any:
    for y in (0, 1, 2, 3, 5, -1, -2, 0.5, 1.0, 1.5, 2.0, -0.5, 2.5):
        yield draw.real(rng, (2, 3), 0.5, 2.0), y
        yield draw.real(rng, (3,), 0.5, 2.0, np.float32), y
        yield float(rng.uniform(0.5, 2.0)), y
    for y in (2, 3, -1):
        yield draw.real(rng, (4,), -2.0, -0.5), y
        yield draw.compl(rng, (3,), 0.5, 2.0), y
    yield draw.real(rng, (3,), 0.5, 2.0), np.array([0, 2, -1])
    yield 2, draw.real(rng, (3,))
    yield 2.5, draw.real(rng, (3,), dtype=np.float32)
    yield np.array([1, 2, 3]), draw.real(rng, (2, 3))
    yield draw.compl(rng, (3,), 0.5, 2.0), draw.compl(rng, (3,))


powers = draw.chain(positive_pairs, draw.fixed(_powers))


def _power_type(fn: Fn) -> ResultFn:
    """The operator has Python's ways, the ufunc NumPy's."""
    return elementwise_result(fn) if fn is np.power else power_result(fn)


@pointwise(np.power, operator.pow, pow, math.pow, samples=powers, result=_power_type)
def power(out: Any, base: Any, exp: Any) -> Any:
    """y x^(y-1) and x^y log(x)."""
    return _by_base(out, base, exp), _by_exponent(out, base, exp)


@pointwise(np.float_power, samples=powers)
def float_power(out: Any, x1: Any, x2: Any) -> Any:
    """As for `power`, in double precision."""
    return np.where(x2 == 0, 0, x2 * np.float_power(x1, x2 - 1)), _by_exponent(out, x1, x2)


def _by_base(out: Any, x: Any, y: Any) -> Any:
    """The derivative of ``x**y`` in x, as a person would write it where the exponent is a constant."""
    if not is_known(y):
        return np.where(y == 0, 0, y * np.power(x, y - 1))
    if y == 0:
        return 0
    if y == 1:
        return 1
    if y == 2:
        return 2 * x
    if y == -1:
        return -(out * out)
    if y == 0.5:
        return np.divide(0.5, out)
    if y > 2 and isinstance(y, int):
        return y * x ** (y - 1)
    return y * np.power(x, y - 1)


def _by_exponent(out: Any, x: Any, y: Any) -> Any:
    """The derivative of ``x**y`` in y: 0 where a zero base keeps the power at 0 or 1, nan for a negative base."""
    if is_known(x) and x > 0:
        return out * math.log(x)
    return out * np.log(np.where((x == 0) & np.greater_equal(y, 0), 1, x))


@pointwise(np.sqrt, math.sqrt, samples=positive)
def sqrt(out: Any, x: Any) -> Any:
    """1/(2 sqrt(x)); inf at 0."""
    return np.divide(0.5, out)


def root_of_norm(out: Any, x: Any) -> Any:
    """1/(2 sqrt(x)) for a sum of squares; finite where all of them are 0, so that their derivative makes it 0."""
    return np.divide(0.5, np.where(out == 0, 1, out))


def power_of_norm(out: Any, base: Any, exp: Any) -> Any:
    """The same for ``base**0.5``."""
    return root_of_norm(out, base), 0


@pointwise(np.cbrt, math.cbrt, samples=positive_reals)
def cbrt(out: Any, x: Any) -> Any:
    """1/(3 cbrt(x)^2); inf at 0."""
    return np.divide(1, 3 * out * out)


@pointwise(np.hypot, math.hypot, samples=real_pairs)
def hypot(out: Any, x1: Any, x2: Any) -> Any:
    """x/r and y/r; 0 at the origin."""
    radius = np.where(out == 0, 1, out)
    return x1 / radius, x2 / radius


# Exponentials and logarithms


@pointwise(np.exp, math.exp, samples=anywhere)
def exp(out: Any, x: Any) -> Any:
    """exp(x)."""
    return out


@pointwise(np.exp2, math.exp2, samples=anywhere)
def exp2(out: Any, x: Any) -> Any:
    """log(2) 2^x."""
    return LN2 * out


@pointwise(np.expm1, math.expm1, samples=anywhere)
def expm1(out: Any, x: Any) -> Any:
    """exp(x)."""
    return out + 1


@pointwise(np.log, samples=positive)
def log(out: Any, x: Any) -> Any:
    """1/x; inf at 0."""
    return np.divide(1, x)


def _logarithms(rng: np.random.Generator) -> Any:
    yield (float(rng.uniform(0.5, 3)),)
    yield float(rng.uniform(0.5, 3)), float(rng.uniform(1.5, 3))
    yield float(rng.uniform(0.5, 3)), 10


@pointwise(math.log, samples=draw.fixed(_logarithms), operands=("x", "base"))
def log_to_base(out: Any, x: Any, base: Any = None) -> Any:
    """1/(x log(base)), and that of the base where one is given."""
    if base is None:
        return 1 / x, 0
    return 1 / (x * np.log(base)), -out / (base * np.log(base))


@pointwise(np.log2, math.log2, samples=positive)
def log2(out: Any, x: Any) -> Any:
    """1/(x log(2))."""
    return np.divide(1 / LN2, x)


@pointwise(np.log10, math.log10, samples=positive)
def log10(out: Any, x: Any) -> Any:
    """1/(x log(10))."""
    return np.divide(1 / LN10, x)


@pointwise(np.log1p, math.log1p, samples=positive)
def log1p(out: Any, x: Any) -> Any:
    """1/(1+x)."""
    return np.divide(1, 1 + x)


@pointwise(np.logaddexp, samples=real_pairs)
def logaddexp(out: Any, x1: Any, x2: Any) -> Any:
    """The shares of the two terms; 0 where the sum is empty."""
    total = np.where(out == -np.inf, 0, out)
    return np.exp(x1 - total), np.exp(x2 - total)


@pointwise(np.logaddexp2, samples=real_pairs)
def logaddexp2(out: Any, x1: Any, x2: Any) -> Any:
    """The shares of the two terms; 0 where the sum is empty."""
    total = np.where(out == -np.inf, 0, out)
    return np.exp2(x1 - total), np.exp2(x2 - total)


# Circular and hyperbolic functions


@pointwise(np.sin, math.sin, samples=anywhere)
def sin(out: Any, x: Any) -> Any:
    """cos(x)."""
    return np.cos(x)


@pointwise(np.cos, math.cos, samples=anywhere)
def cos(out: Any, x: Any) -> Any:
    """-sin(x)."""
    return -np.sin(x)


@pointwise(np.tan, math.tan, samples=inside_unit)
def tan(out: Any, x: Any) -> Any:
    """1 + tan(x)^2."""
    return 1 + out * out


@pointwise(np.arcsin, math.asin, samples=inside_unit)
def arcsin(out: Any, x: Any) -> Any:
    """1/sqrt(1-x^2); where complex, on the side of the cut that the function is on."""
    if np.iscomplexobj(x):
        return 1 / (np.sqrt(1 + x) * np.sqrt(-(x - 1)))
    return 1 / np.sqrt((1 - x) * (1 + x))


@pointwise(np.arccos, math.acos, samples=inside_unit)
def arccos(out: Any, x: Any) -> Any:
    """-1/sqrt(1-x^2); where complex, on the side of the cut that the function is on."""
    if np.iscomplexobj(x):
        return -1 / (np.sqrt(1 + x) * np.sqrt(-(x - 1)))
    return -1 / np.sqrt((1 - x) * (1 + x))


@pointwise(np.arctan, math.atan, samples=inside_unit)
def arctan(out: Any, x: Any) -> Any:
    """1/(1+x^2)."""
    return np.divide(1, 1 + x * x)


def _bearings(rng: np.random.Generator) -> Any:
    for first, second in draw.PAIRS:
        yield draw.real(rng, first, 0.3, 2.0), draw.real(rng, second)
        yield draw.real(rng, first), draw.real(rng, second, 0.3, 2.0, np.float32)
    yield float(rng.uniform(-2, -1)), float(rng.uniform(-2, 2))


@pointwise(np.arctan2, math.atan2, samples=draw.fixed(_bearings))
def arctan2(out: Any, x1: Any, x2: Any) -> Any:
    """x2/r^2 and -x1/r^2; 0 at the origin."""
    radius = np.hypot(x1, x2)
    radius = np.where(radius == 0, 1, radius)
    return x2 / radius / radius, -x1 / radius / radius


@pointwise(np.sinh, math.sinh, samples=anywhere)
def sinh(out: Any, x: Any) -> Any:
    """cosh(x)."""
    return np.cosh(x)


@pointwise(np.cosh, math.cosh, samples=anywhere)
def cosh(out: Any, x: Any) -> Any:
    """sinh(x)."""
    return np.sinh(x)


@pointwise(np.tanh, math.tanh, samples=inside_unit)
def tanh(out: Any, x: Any) -> Any:
    """1 - tanh(x)^2."""
    return 1 - out * out


@pointwise(np.arcsinh, math.asinh, samples=inside_unit)
def arcsinh(out: Any, x: Any) -> Any:
    """1/sqrt(1+x^2)."""
    return 1 / np.sqrt(1 + x * x)


@pointwise(np.arccosh, math.acosh, samples=draw.unary(1.2, 3.0, complex_ok=True))
def arccosh(out: Any, x: Any) -> Any:
    """1/(sqrt(x-1) sqrt(x+1)), on the branch of the function."""
    return 1 / (np.sqrt(x - 1) * np.sqrt(x + 1))


@pointwise(np.arctanh, math.atanh, samples=inside_unit)
def arctanh(out: Any, x: Any) -> Any:
    """1/(1-x^2)."""
    return np.divide(1, (1 - x) * (1 + x))


@pointwise(np.deg2rad, np.radians, math.radians, samples=reals)
def radians(out: Any, x: Any) -> Any:
    """pi/180."""
    return TO_RADIANS


@pointwise(np.rad2deg, np.degrees, math.degrees, samples=reals)
def degrees(out: Any, x: Any) -> Any:
    """180/pi."""
    return TO_DEGREES


@pointwise(np.sinc, samples=draw.chain(anywhere, draw.unary(-0.05, 0.05)))
def sinc(out: Any, x: Any) -> Any:
    """(cos(pi x) - sinc(x))/x; 0 at 0."""
    # Near zero the closed form loses its digits to cancellation; the series has them all up to 0.1.
    t = math.pi * x
    near = np.abs(t) < 0.1
    far = np.where(near, 1, t)
    square_ = t * t
    series = -t * (1 / 3 - square_ * (1 / 30 - square_ * (1 / 840 - square_ / 45360)))
    return math.pi * np.where(near, series, (far * np.cos(far) - np.sin(far)) / (far * far))


@pointwise(math.erf, samples=reals)
def erf(out: Any, x: Any) -> Any:
    """2/sqrt(pi) exp(-x^2)."""
    return ERF_SCALE * np.exp(-x * x)


@pointwise(math.erfc, samples=reals)
def erfc(out: Any, x: Any) -> Any:
    """-2/sqrt(pi) exp(-x^2)."""
    return -ERF_SCALE * np.exp(-x * x)


# Scaling by something that has no derivative


def _scaled(rng: np.random.Generator) -> Any:
    yield draw.real(rng, (3,)), np.array([1, -2, 0])
    yield draw.real(rng, (2, 1), dtype=np.float32), np.array([1, -2, 0])
    yield draw.real(rng, ()), 3
    yield float(rng.uniform(-2, 2)), -3


@pointwise(np.ldexp, samples=draw.fixed(_scaled), operands=("x1",))
def ldexp(out: Any, x1: Any, x2: Any) -> Any:
    """2^n; the exponent is a whole number."""
    return np.ldexp(np.ones_like(x1), x2)


@pointwise(math.ldexp, samples=draw.fixed(lambda rng: [(float(rng.uniform(-2, 2)), 3)]), operands=("x1",))
def ldexp_float(out: Any, x1: Any, x2: Any) -> Any:
    """2^n; the exponent is a whole number."""
    return np.ldexp(1.0, x2)


@pointwise(np.copysign, math.copysign, samples=draw.binary((0.3, 2.0), (-2.0, -0.3)))
def copysign(out: Any, x1: Any, x2: Any) -> Any:
    """1 where the sign stays, -1 where it turns, 0 at 0; nothing for the second."""
    return np.sign(out) * np.sign(x1), 0


def _steps(rng: np.random.Generator) -> Any:
    yield draw.real(rng, (3,), 0.3, 2.0), draw.real(rng, (2, 3))
    yield np.array([0, 1, -1]), draw.real(rng, (2, 1))
    yield draw.real(rng, (2,), -2.0, -0.3, np.float32), draw.real(rng, (2,), dtype=np.float32)


@pointwise(np.heaviside, samples=draw.fixed(_steps))
def heaviside(out: Any, x1: Any, x2: Any) -> Any:
    """0; the second operand is the value at 0."""
    return 0, np.equal(x1, 0)
