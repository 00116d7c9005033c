"""Rules for elementwise functions that choose, fold or take apart numbers: they differ from the smooth ones in that
the operand not chosen contributes nothing, not zero times infinity, or in that they are not complex-differentiable.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

import srcgrad.rules.samples as draw
from srcgrad.errors import UnsupportedError
from srcgrad.rules.core import Fn, Sample, Samples, constant, custom, linear
from srcgrad.rules.elementwise import TO_DEGREES, is_math
from srcgrad.rules.results import elementwise_result, number
from srcgrad.runtime import sum_to

off_zero = draw.unary(avoid=(0.0,), complex_ok=True)
apart = draw.separated(draw.binary(complex_ok=False))


def _spellings(*fns: Fn, samples: Samples, vjp: Fn, jvp: Fn, operands: tuple[str, ...]) -> None:
    """One `custom` rule per spelling, each with its own result type."""
    for fn in fns:
        facts = {"result": number("float"), "samples": draw.only_floats(samples), "effect": "raise"} if is_math(fn) \
            else {"result": elementwise_result(fn), "samples": samples}  # fmt: skip
        custom(fn, operands=operands, **facts)(vjp).jvp(jvp)


# Sums of what may be absent


def _plus(a: Any, b: Any) -> Any:
    """The sum of two tangents, either of which may be absent."""
    if a is None:
        return b
    return a if b is None else a + b


def _where(mask: Any, dot: Any) -> Any:
    """A tangent where it is let through."""
    return None if dot is None else np.where(mask, dot, 0)


# Absolute value and sign


def _absolute_vjp(out_bar: Any, out: Any, x: Any) -> Any:
    if np.iscomplexobj(x):
        return out_bar * np.conj(np.sign(x))
    return out_bar * np.sign(x)


def _absolute_jvp(out: Any, x: Any, *, x_dot: Any) -> Any:
    if np.iscomplexobj(x):
        return np.real(np.conj(np.sign(x)) * x_dot)
    return x_dot * np.sign(x)


_spellings(np.absolute, abs, operator.abs, samples=off_zero, vjp=_absolute_vjp, jvp=_absolute_jvp, operands=("x",))
_spellings(np.fabs, math.fabs, samples=draw.unary(avoid=(0.0,)), vjp=_absolute_vjp, jvp=_absolute_jvp,
           operands=("x",))  # fmt: skip


@custom(np.sign, result=elementwise_result(np.sign), samples=off_zero)
def sign(out_bar: Any, out: Any, x: Any) -> Any:
    """0, but for a complex number the change of its direction."""
    if not np.iscomplexobj(x):
        return np.zeros_like(x)
    radius = np.abs(x)
    turn = out_bar - np.conj(out) * np.real(out_bar * out)
    return np.where(radius == 0, 0, turn / np.where(radius == 0, 1, radius))


@sign.jvp
def _sign_jvp(out: Any, x: Any, *, x_dot: Any) -> Any:
    if not np.iscomplexobj(x):
        return np.zeros_like(x)
    radius = np.abs(x)
    turn = x_dot - out * np.real(np.conj(out) * x_dot)
    return np.where(radius == 0, 0, turn / np.where(radius == 0, 1, radius))


# The larger and the smaller of two


def _shared(bar: Any, x1: Any, x2: Any) -> Any:
    """Where two operands tie, each gets half."""
    return None if bar is None else np.where(x1 == x2, 0.5 * bar, bar)


def _chosen_vjp(out_bar: Any, first: Any, second: Any, x1: Any, x2: Any) -> Any:
    """Where each operand is `first` or `second` to be chosen (both: a tie) it gets the cotangent."""
    share = _shared(out_bar, x1, x2)
    return sum_to(np.where(first, share, 0), np.shape(x1)), sum_to(np.where(second, share, 0), np.shape(x2))


def _chosen_jvp(first: Any, second: Any, x1: Any, x2: Any, x1_dot: Any, x2_dot: Any) -> Any:
    """The tangent of the operand that is chosen."""
    return _plus(_where(first, _shared(x1_dot, x1, x2)), _where(second, _shared(x2_dot, x1, x2)))


@custom(np.maximum, result=elementwise_result(np.maximum), samples=apart)
def maximum(out_bar: Any, out: Any, x1: Any, x2: Any) -> Any:
    """The larger gets everything; ties share evenly."""
    return _chosen_vjp(out_bar, x1 >= x2, x2 >= x1, x1, x2)


@maximum.jvp
def _maximum_jvp(out: Any, x1: Any, x2: Any, *, x1_dot: Any = None, x2_dot: Any = None) -> Any:
    return _chosen_jvp(x1 >= x2, x2 >= x1, x1, x2, x1_dot, x2_dot)


@custom(np.minimum, result=elementwise_result(np.minimum), samples=apart)
def minimum(out_bar: Any, out: Any, x1: Any, x2: Any) -> Any:
    """The smaller gets everything; ties share evenly."""
    return _chosen_vjp(out_bar, x1 <= x2, x2 <= x1, x1, x2)


@minimum.jvp
def _minimum_jvp(out: Any, x1: Any, x2: Any, *, x1_dot: Any = None, x2_dot: Any = None) -> Any:
    return _chosen_jvp(x1 <= x2, x2 <= x1, x1, x2, x1_dot, x2_dot)


# A nan is not chosen: where one operand is nan, the other gets everything.


def _fmax_takes(x: Any, other: Any) -> Any:
    return np.logical_or(x >= other, np.isnan(other))


def _fmin_takes(x: Any, other: Any) -> Any:
    return np.logical_or(x <= other, np.isnan(other))


@custom(np.fmax, result=elementwise_result(np.fmax), samples=apart)
def fmax(out_bar: Any, out: Any, x1: Any, x2: Any) -> Any:
    """As `maximum`; a nan is not chosen."""
    return _chosen_vjp(out_bar, _fmax_takes(x1, x2), _fmax_takes(x2, x1), x1, x2)


@fmax.jvp
def _fmax_jvp(out: Any, x1: Any, x2: Any, *, x1_dot: Any = None, x2_dot: Any = None) -> Any:
    return _chosen_jvp(_fmax_takes(x1, x2), _fmax_takes(x2, x1), x1, x2, x1_dot, x2_dot)


@custom(np.fmin, result=elementwise_result(np.fmin), samples=apart)
def fmin(out_bar: Any, out: Any, x1: Any, x2: Any) -> Any:
    """As `minimum`; a nan is not chosen."""
    return _chosen_vjp(out_bar, _fmin_takes(x1, x2), _fmin_takes(x2, x1), x1, x2)


@fmin.jvp
def _fmin_jvp(out: Any, x1: Any, x2: Any, *, x1_dot: Any = None, x2_dot: Any = None) -> Any:
    return _chosen_jvp(_fmin_takes(x1, x2), _fmin_takes(x2, x1), x1, x2, x1_dot, x2_dot)


# Choosing by a condition


def _selections(rng: np.random.Generator) -> Any:
    mask = rng.uniform(size=(2, 3)) < 0.5
    yield mask, draw.real(rng, (2, 3)), draw.real(rng, (2, 3))
    yield mask, draw.real(rng, (3,)), 0.0
    yield mask, 1, draw.real(rng, (2, 1))
    yield mask[0], draw.real(rng, (2, 3), dtype=np.float32), draw.real(rng, (), dtype=np.float32)
    yield mask[0], draw.real(rng, (2, 3), dtype=np.float32), 0.5
    yield True, draw.real(rng, ()), float(rng.uniform())
    yield np.zeros((0, 3), bool), draw.real(rng, (3,)), draw.real(rng, ())
    yield mask, draw.compl(rng, (3,)), draw.real(rng, (2, 1))
    yield draw.real(rng, (2, 3)) > 0, np.asfortranarray(draw.real(rng, (2, 3))), draw.real(rng, (4, 3))[::2]


@linear(np.where, operands=("x", "y"), shape_only=("x", "y"), result=elementwise_result(np.where),
        samples=draw.fixed(_selections))  # fmt: skip
def where(out_bar: Any, condition: Any, x: Any, y: Any) -> Any:
    """Each operand gets what was taken from it."""
    x_bar = sum_to(np.where(condition, out_bar, 0), np.shape(x))
    y_bar = sum_to(np.where(condition, 0, out_bar), np.shape(y))
    return x_bar, y_bar


# Clipping. The bounds themselves count as inside, and NumPy lets the upper bound win.


def _clips(rng: np.random.Generator) -> Any:
    x = draw.unlike(draw.real(rng, (3, 4)), (-0.5, 0.7))
    yield x, -0.5, 0.7
    yield x, None, 0.7
    yield x, -0.5, None
    yield x, -0.5 + 0.02 * draw.real(rng, (4,)), 0.7 + 0.02 * draw.real(rng, (3, 1))
    yield x, 0.7 + 0.02 * draw.real(rng, (4,)), -0.5 + 0.02 * draw.real(rng, ())
    yield x.astype(np.float32), -0.5, 0.7
    yield x[0, 0], np.float64(-0.5), np.float64(0.7)
    yield float(x[0, 1]), -0.5, 0.7
    yield x[:, :0], -0.5, 0.7
    yield x[::2, ::-1], 0, 1
    yield 0.1, draw.unlike(draw.real(rng, (3,)), (0.1,)), 5.0


def _clips_by_name(rng: np.random.Generator) -> Any:
    x = draw.unlike(draw.real(rng, (3, 4)), (-0.5, 0.7))
    yield Sample((x,), {"min": -0.5})
    yield Sample((x,), {"max": np.full(4, 0.7)})
    yield Sample((x,), {"a_min": -0.5, "a_max": 0.7})


def _either(bound: Any, alias: Any) -> Any:
    """A bound has two names."""
    return bound if alias is None else alias


def _is_inside(a: Any, low: Any, high: Any) -> Any:
    if low is None:
        return a <= high
    if high is None:
        return a >= low
    return np.logical_and(a >= low, a <= high)


def _is_below(a: Any, low: Any, high: Any) -> Any:
    return a < low if high is None else np.logical_and(a < low, low <= high)


def _is_above(a: Any, low: Any, high: Any) -> Any:
    return a > high if low is None else np.logical_or(a > high, low > high)


def _low_bar(out_bar: Any, a: Any, low: Any, high: Any) -> Any:
    return 0 if low is None else sum_to(np.where(_is_below(a, low, high), out_bar, 0), np.shape(low))


def _high_bar(out_bar: Any, a: Any, low: Any, high: Any) -> Any:
    return 0 if high is None else sum_to(np.where(_is_above(a, low, high), out_bar, 0), np.shape(high))


@custom(np.clip, operands=("a", "a_min", "a_max", "min", "max"), result=elementwise_result(np.clip),
        samples=draw.chain(draw.fixed(_clips), _clips_by_name))  # fmt: skip
def clip(out_bar: Any, value: Any, a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None,
         max: Any = None) -> Any:  # fmt: skip
    """1 within the bounds and on them; a bound gets what it replaced."""
    low, high = _either(a_min, min), _either(a_max, max)
    a_bar = sum_to(np.where(_is_inside(a, low, high), out_bar, 0), np.shape(a))
    low_bar, high_bar = _low_bar(out_bar, a, low, high), _high_bar(out_bar, a, low, high)
    return a_bar, low_bar, high_bar, low_bar, high_bar


@clip.jvp
def _clip_jvp(value: Any, a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None,
             max: Any = None, a_dot: Any = None, a_min_dot: Any = None, a_max_dot: Any = None, min_dot: Any = None,
             max_dot: Any = None) -> Any:  # fmt: skip
    low, high = _either(a_min, min), _either(a_max, max)
    a_part = _where(_is_inside(a, low, high), a_dot)
    low_part = None if low is None else _where(_is_below(a, low, high), _either(a_min_dot, min_dot))
    high_part = None if high is None else _where(_is_above(a, low, high), _either(a_max_dot, max_dot))
    return _plus(a_part, _plus(low_part, high_part))


# Replacing what is not finite


def keep(copy: Any) -> bool:
    """Refuse to replace in place."""
    if not copy:
        raise UnsupportedError("np.nan_to_num with copy=False has no rule", repair="Write x = np.nan_to_num(x).")
    return True


constant(keep)


def _with_gaps(rng: np.random.Generator) -> Any:
    yield np.array([1.0, np.nan, -np.inf, np.inf, 2.0]), True, 0.5, 4.0, -4.0
    yield (np.array([[1.0, np.nan]], np.float32),)
    yield np.array([1 + 2j, complex(np.nan, 1), complex(2, np.inf)]), True, 0.5, 4.0, -4.0
    yield (draw.real(rng, ()),)
    yield (1.5,)
    yield (np.array(1.5),)


def _finite_part(bar: Any, x: Any) -> Any:
    """`bar` where `x` is finite, the real and the imaginary part each for itself."""
    if np.iscomplexobj(x):
        real_part = np.where(np.isfinite(np.real(x)), np.real(bar), 0)
        return real_part + 1j * np.where(np.isfinite(np.imag(x)), np.imag(bar), 0)
    return np.where(np.isfinite(x), bar, 0)


@custom(np.nan_to_num, result=elementwise_result(np.nan_to_num), samples=draw.fixed(_with_gaps))
def nan_to_num(out_bar: Any, out: Any, x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None,
               neginf: Any = None) -> Any:  # fmt: skip
    """1 where the number is finite."""
    if keep(copy):
        return _finite_part(out_bar, x)
    return None


@nan_to_num.jvp
def _nan_to_num_jvp(out: Any, x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None, *,
                   x_dot: Any) -> Any:  # fmt: skip
    if keep(copy):
        return _finite_part(x_dot, x)
    return None


# The parts of a complex number. They are linear over the reals.


@linear(np.real, result=elementwise_result(np.real), view="maybe", samples=draw.unary(complex_ok=True))
def real(out_bar: Any, val: Any) -> Any:
    """The real part gets it all."""
    return out_bar + 0j if np.iscomplexobj(val) else out_bar


@linear(np.imag, result=elementwise_result(np.imag), view="maybe", samples=draw.unary(complex_ok=True))
def imag(out_bar: Any, val: Any) -> Any:
    """The imaginary part gets it all."""
    return -1j * out_bar if np.iscomplexobj(val) else np.zeros_like(val)


@linear(np.conjugate, result=elementwise_result(np.conjugate), samples=draw.unary(complex_ok=True))
def conjugate(out_bar: Any, x: Any) -> Any:
    """The conjugate."""
    return np.conj(out_bar)


def _turn(z: Any, deg: Any) -> Any:
    """The angle of ``z + dz`` less that of `z` is the imaginary part of this times ``dz``; 0 at zero."""
    radius = np.abs(z)
    radius = np.where(radius == 0, 1, radius)
    turn = np.conj(z) / radius / radius
    return TO_DEGREES * turn if deg else turn


@custom(np.angle, result=elementwise_result(np.angle), samples=draw.chain(off_zero, draw.unary(0.5, 2.0, deg=True)))
def angle(out_bar: Any, out: Any, z: Any, deg: Any = False) -> Any:
    """-i conj(z)/|z|^2; 0 at zero and for real numbers."""
    return -1j * out_bar * _turn(z, deg) if np.iscomplexobj(z) else np.zeros_like(z)


@angle.jvp
def _angle_jvp(out: Any, z: Any, deg: Any = False, *, z_dot: Any) -> Any:
    return np.imag(_turn(z, deg) * z_dot) if np.iscomplexobj(z) else np.zeros_like(z)
