"""Rules for reductions and running sums and products.

A reduction's cotangent is brought back over the reduced axes by `spread`. The derivative of a product is a product of
the others, never a quotient, so that zeros are nothing special.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import srcgrad.rules.samples as draw
from srcgrad.rules.axes import inverse_permutation
from srcgrad.rules.constants import is_known
from srcgrad.rules.core import Fn, Sample, constant, custom, linear
from srcgrad.rules.results import along_result, elementwise_result, reduction_result

Shape = tuple[int, ...]

# Pure functions of shapes and axes


def length_along(shape: Shape, axis: Any) -> int:
    """How many elements a reduction of these axes takes together."""
    return math.prod(shape[k] for k in axis)


def moved_last(ndim: int, axis: Any) -> Shape:
    """The permutation that puts these axes last."""
    last = tuple(k % ndim for k in axis)
    return (*(k for k in range(ndim) if k not in last), *last)


def joined_last(shape: Shape, count: int) -> Shape:
    """The shape with its last `count` axes made one."""
    kept = len(shape) - count
    return (*shape[:kept], math.prod(shape[kept:]))


def stretch(ndim: int, axis: int, start: int | None, stop: int | None) -> tuple[slice, ...]:
    """The index of a stretch of one axis."""
    return (slice(None),) * (axis % ndim) + (slice(start, stop),)


def at_least_0(number: Any) -> Any:
    """A Python number, 0 if it is negative."""
    return max(number, 0)


for _fn in (length_along, moved_last, joined_last, stretch, at_least_0):
    constant(_fn)

# What several rules need


def kept(x: Any, axis: Any, keepdims: Any) -> Any:
    """The result of a reduction with its reduced axes put back."""
    if axis is None or keepdims:
        return x
    return np.expand_dims(x, axis)


def spread(x: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    """The result of a reduction repeated over the axes that were reduced: the adjoint of the sum."""
    return np.broadcast_to(kept(x, axis, keepdims), np.shape(a))


def masked(x: Any, where: Any) -> Any:
    """`x` where elements took part, else 0."""
    return x if where is True else np.where(where, x, 0)


def total(x: Any, axis: Any, keepdims: Any, where: Any) -> Any:
    """The sum of what took part."""
    return np.sum(masked(x, where), axis=axis, keepdims=keepdims)


def count(a: Any, axis: Any, keepdims: Any, where: Any, like: Any) -> Any:
    """How many elements were taken together; an array of the dtype of `like` where that differs from place to place."""
    if where is not True:
        marks = np.broadcast_to(where, np.shape(a))
        return np.sum(marks, axis=axis, dtype=np.result_type(like), keepdims=keepdims)
    if axis is None:
        return np.size(a)
    return length_along(np.shape(a), axis) if isinstance(axis, tuple) else np.shape(a)[axis]


# Sums and means


def _masks(rng: np.random.Generator) -> Any:
    mask = np.array([[True, False, True], [True, True, False]])
    for axis in (None, 0, (0, 1)):
        yield Sample((draw.real(rng, (2, 3)),), {"axis": axis, "where": mask})
    yield Sample((draw.real(rng, (2, 3), dtype=np.float32), 1), {"keepdims": True, "where": mask})


def _started(rng: np.random.Generator) -> Any:
    yield Sample((draw.real(rng, (2, 3)),), {"axis": 0, "initial": 1.5})
    yield Sample((draw.real(rng, (2, 3)),), {"initial": 2})
    yield Sample((draw.real(rng, (2, 3), dtype=np.float32), 0, np.float64))


sums = draw.chain(draw.reductions(complex_ok=True), _masks, _started)


@linear(np.sum, zeros=("initial",), shape_only=("a",), result=reduction_result(np.sum), samples=sums)
def add_up(out_bar: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
           initial: Any = 0, where: Any = True) -> Any:  # fmt: skip
    """The same for every element."""
    return masked(spread(out_bar, a, axis, keepdims), where)


averaged = draw.chain(draw.reductions(complex_ok=True, min_size=1), _masks)


@linear(np.mean, shape_only=("a",), result=reduction_result(np.mean), samples=averaged)
def mean(out_bar: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *,
         where: Any = True) -> Any:  # fmt: skip
    """The same share for every element."""
    share = np.divide(out_bar, count(a, axis, keepdims, where, out_bar))
    return masked(spread(share, a, axis, keepdims), where)


@custom(np.nansum, result=reduction_result(np.nansum), samples=draw.reductions())
def nansum(out_bar: Any, value: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
           keepdims: Any = False) -> Any:  # fmt: skip
    """The same for every element that is a number."""
    return np.where(np.isnan(a), 0, spread(out_bar, a, axis, keepdims))


@nansum.jvp
def _nansum_jvp(value: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *,
               a_dot: Any) -> Any:  # fmt: skip
    return np.sum(np.where(np.isnan(a), 0, a_dot), axis=axis, keepdims=keepdims)


# Variance and standard deviation


def centred(a: Any, axis: Any, where: Any) -> Any:
    """The conjugated distances from the mean."""
    if where is not True:
        return np.conj(a - np.mean(a, axis=axis, keepdims=True, where=where))
    if axis is None:
        return np.conj(a - np.mean(a))
    return np.conj(a - np.mean(a, axis=axis, keepdims=True))


def freedom(a: Any, axis: Any, keepdims: Any, where: Any, ddof: Any, correction: Any, like: Any) -> Any:
    """What a variance divides by; not below 0, where NumPy divides by 0."""
    less = ddof if correction is None else correction
    taken = count(a, axis, keepdims, where, like)
    if is_known(less) and less == 0:
        return taken
    return at_least_0(taken - less) if where is True else np.maximum(taken - less, 0)


def apart(value: Any) -> Any:
    """A standard deviation to divide by: where it is 0, so is what it divides."""
    return np.where(value == 0, 1, value)


def _corrections(rng: np.random.Generator) -> Any:
    for kwargs in ({"ddof": 1}, {"correction": 1, "axis": 0}, {"ddof": 0.5, "axis": 1, "keepdims": True}):
        yield Sample((draw.real(rng, (2, 3)),), kwargs)
        yield Sample((draw.real(rng, (2, 3), dtype=np.float32),), kwargs)


deviations = draw.chain(draw.reductions(complex_ok=True, min_size=2), _masks, _corrections)
variances = draw.chain(draw.reductions(complex_ok=True, min_size=1), _masks, _corrections)


@custom(np.var, result=reduction_result(np.var), samples=variances)
def var(out_bar: Any, value: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
        keepdims: Any = False, *, where: Any = True, correction: Any = None) -> Any:  # fmt: skip
    """2 (a - mean)/n."""
    share = np.divide(2 * out_bar, freedom(a, axis, keepdims, where, ddof, correction, out_bar))
    return masked(spread(share, a, axis, keepdims) * centred(a, axis, where), where)


@var.jvp
def _var_jvp(value: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
            keepdims: Any = False, *, where: Any = True, correction: Any = None, a_dot: Any) -> Any:  # fmt: skip
    change = total(np.real(centred(a, axis, where) * a_dot), axis, keepdims, where)
    return np.divide(2 * change, freedom(a, axis, keepdims, where, ddof, correction, value))


@custom(np.std, result=reduction_result(np.std), samples=deviations)
def std(out_bar: Any, value: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
        keepdims: Any = False, *, where: Any = True, correction: Any = None) -> Any:  # fmt: skip
    """(a - mean)/(n std); 0 where all elements are equal."""
    scale = apart(value) * freedom(a, axis, keepdims, where, ddof, correction, out_bar)
    return masked(spread(out_bar / scale, a, axis, keepdims) * centred(a, axis, where), where)


@std.jvp
def _std_jvp(value: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
            keepdims: Any = False, *, where: Any = True, correction: Any = None, a_dot: Any) -> Any:  # fmt: skip
    change = total(np.real(centred(a, axis, where) * a_dot), axis, keepdims, where)
    return change / (apart(value) * freedom(a, axis, keepdims, where, ddof, correction, value))


# The largest and the smallest; ties share evenly


def marked(a: Any, peak: Any, axis: Any, keepdims: Any, where: Any) -> Any:
    """Which elements are the extreme one."""
    found = a == kept(peak, axis, keepdims)
    return found if where is True else np.logical_and(found, where)


def tied(marks: Any, axis: Any, keepdims: Any, initial: Any, like: Any) -> Any:
    """How many elements are the extreme one, or 1 where `initial` beats them all; as precise as `like`."""
    if initial is not None:
        return np.maximum(np.sum(marks, axis=axis, dtype=np.result_type(like), keepdims=keepdims), 1)
    if axis is None:
        return np.sum(marks, dtype=np.result_type(like))
    return np.sum(marks, axis=axis, dtype=np.result_type(like), keepdims=keepdims)


def split(out_bar: Any, marks: Any, axis: Any, keepdims: Any, initial: Any = None) -> Any:
    """The cotangent, in even parts, where the marks are."""
    share = np.divide(out_bar, tied(marks, axis, keepdims, initial, out_bar))
    return np.where(marks, kept(share, axis, keepdims), 0)


def gathered(a_dot: Any, marks: Any, axis: Any, keepdims: Any, initial: Any = None) -> Any:
    """The mean of the tangents where the marks are."""
    found = np.sum(np.where(marks, a_dot, 0), axis=axis, keepdims=keepdims)
    return np.divide(found, tied(marks, axis, keepdims, initial, a_dot))


def _largest(rng: np.random.Generator) -> Any:
    for sample in _masks(rng):
        yield Sample(sample.args, {**sample.kwargs, "initial": 0.0})


def _extreme_vjp(out_bar: Any, value: Any, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False,
                 initial: Any = None, where: Any = True) -> Any:  # fmt: skip
    return split(out_bar, marked(a, value, axis, keepdims, where), axis, keepdims, initial)


def _extreme_jvp(value: Any, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
                 where: Any = True, *, a_dot: Any) -> Any:  # fmt: skip
    return gathered(a_dot, marked(a, value, axis, keepdims, where), axis, keepdims, initial)


_extremes = draw.chain(draw.reductions(empty=False, complex_ok=True), _largest)
_extreme_functions: tuple[Fn, ...] = (np.max, np.amax, np.min, np.amin)
for _extreme in _extreme_functions:
    custom(_extreme, operands=("a",), result=reduction_result(_extreme), samples=_extremes)(_extreme_vjp).jvp(
        _extreme_jvp
    )


@custom(np.ptp, result=reduction_result(np.ptp), samples=draw.reductions(empty=False))
def ptp(out_bar: Any, value: Any, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """What the largest gets, less what the smallest gets."""
    highest = a == np.max(a, axis=axis, keepdims=True)
    lowest = a == np.min(a, axis=axis, keepdims=True)
    return split(out_bar, highest, axis, keepdims) - split(out_bar, lowest, axis, keepdims)


@ptp.jvp
def _ptp_jvp(value: Any, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, a_dot: Any) -> Any:
    highest = a == np.max(a, axis=axis, keepdims=True)
    lowest = a == np.min(a, axis=axis, keepdims=True)
    return gathered(a_dot, highest, axis, keepdims) - gathered(a_dot, lowest, axis, keepdims)


# Running sums


def sum_from(x: Any, axis: Any) -> Any:
    """Running sums from the end: the adjoint of the running sum."""
    return np.flip(np.cumsum(np.flip(x, axis), axis=axis), axis)


running = draw.reductions(complex_ok=True, keepdims=False, tuples=False)


@linear(np.cumsum, shape_only=("a",), result=along_result(np.cumsum), samples=running)
def cumsum(out_bar: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """A running sum from the end."""
    if axis is None:
        return np.reshape(sum_from(out_bar, 0), np.shape(a))
    return sum_from(out_bar, axis)


# Running products


def recurrence(b: Any, x: Any, axis: int) -> Any:
    """Solve ``s[i] = b[i] + x[i] * s[i - 1]`` along an axis, from ``s[-1] = 0``."""
    rows, factors = np.moveaxis(b, axis, 0), np.moveaxis(x, axis, 0)
    result = np.empty(np.shape(rows), np.result_type(b, x))
    last = np.zeros(np.shape(rows)[1:], result.dtype)
    for i in range(len(rows)):
        last = rows[i] + factors[i] * last
        result[i] = last
    return np.moveaxis(result, 0, axis)


def shifted(x: Any, axis: Any, first: float) -> Any:
    """The elements moved on by one along an axis, `first` in front."""
    if axis == 0:
        return np.concatenate((np.full_like(x[:1], first), x[:-1]))
    if axis == -1:
        return np.concatenate((np.full_like(x[..., :1], first), x[..., :-1]), axis=-1)
    front = np.full_like(x[stretch(np.ndim(x), axis, 0, 1)], first)
    return np.concatenate((front, x[stretch(np.ndim(x), axis, 0, -1)]), axis=axis)


def recurrence_back(b: Any, x: Any, axis: Any) -> Any:
    """Solve ``s[i] = b[i] + x[i + 1] * s[i + 1]``: the adjoint of `recurrence` in `b`."""
    return np.flip(recurrence(np.flip(b, axis), shifted(np.flip(x, axis), axis, 0), axis), axis)


def _recurrences(rng: np.random.Generator) -> Any:
    for shape, axis in (((4,), 0), ((2, 3), 1), ((3, 2), -2), ((0,), 0), ((1, 3), 0)):
        yield draw.real(rng, shape), draw.real(rng, shape), axis
    yield draw.real(rng, (3,), dtype=np.float32), draw.real(rng, (3,), dtype=np.float32), 0
    yield draw.compl(rng, (3,)), draw.compl(rng, (3,)), 0


@custom(recurrence, operands=("b", "x"), samples=draw.fixed(_recurrences),
        result=elementwise_result(lambda b, x, axis: np.add(b, x)))  # fmt: skip
def recurrence_rule(out_bar: Any, out: Any, b: Any, x: Any, axis: Any) -> Any:
    """A recurrence from the end; each factor gets that times the solution before it."""
    b_bar = recurrence_back(out_bar, x, axis)
    return b_bar, b_bar * shifted(out, axis, 0)


@recurrence_rule.jvp
def _recurrence_jvp(out: Any, b: Any, x: Any, axis: Any, *, b_dot: Any = None, x_dot: Any = None) -> Any:
    if x_dot is None:
        return recurrence(b_dot, x, axis)
    change = x_dot * shifted(out, axis, 0)
    return recurrence(change if b_dot is None else b_dot + change, x, axis)


@custom(np.cumprod, result=along_result(np.cumprod), samples=running)
def cumprod(out_bar: Any, value: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """The product before an element times a recurrence from the end."""
    if axis is None:
        return np.reshape(shifted(value, 0, 1) * recurrence_back(out_bar, np.ravel(a), 0), np.shape(a))
    return shifted(value, axis, 1) * recurrence_back(out_bar, a, axis)


@cumprod.jvp
def _cumprod_jvp(value: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, *, a_dot: Any) -> Any:
    if axis is None:
        return recurrence(shifted(value, 0, 1) * np.ravel(a_dot), np.ravel(a), 0)
    return recurrence(shifted(value, axis, 1) * a_dot, a, axis)


# Products


def others(a: Any, axis: Any) -> Any:
    """For each element the product of the others along one axis."""
    before = np.cumprod(shifted(a, axis, 1), axis=axis)
    after = np.flip(np.cumprod(shifted(np.flip(a, axis), axis, 1), axis=axis), axis)
    return before * after


def others_in(a: Any, axis: Any) -> Any:
    """For each element the product of the others that a reduction of `axis` multiplies it with."""
    if axis is None:
        return np.reshape(others(np.ravel(a), 0), np.shape(a))
    if isinstance(axis, tuple):
        moved = np.transpose(a, moved_last(np.ndim(a), axis))
        joined = others(np.reshape(moved, joined_last(np.shape(moved), len(axis))), -1)
        return np.transpose(np.reshape(joined, np.shape(moved)), inverse_permutation(moved_last(np.ndim(a), axis)))
    return others(a, axis)


def product_partial(a: Any, axis: Any, initial: Any, where: Any) -> Any:
    """The derivative of a product in each of its factors."""
    factors = a if where is True else np.where(where, a, 1)
    partial = masked(others_in(factors, axis), where)
    return partial if initial is None else initial * partial


products = draw.chain(draw.reductions(complex_ok=True), _masks, _started)


@custom(np.prod, result=reduction_result(np.prod), samples=products)
def prod(out_bar: Any, value: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
         initial: Any = None, where: Any = True) -> Any:  # fmt: skip
    """The product of the other elements."""
    return kept(out_bar, axis, keepdims) * product_partial(a, axis, initial, where)


@prod.jvp
def _prod_jvp(value: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
             initial: Any = None, where: Any = True, *, a_dot: Any) -> Any:  # fmt: skip
    return np.sum(product_partial(a, axis, initial, where) * a_dot, axis=axis, keepdims=keepdims)
