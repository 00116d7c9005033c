"""Callables without derivative: it is zero almost everywhere, or what they return is not a number that varies."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import srcgrad.rules.results as results
import srcgrad.rules.samples as draw
from srcgrad import runtime
from srcgrad.ir.types import ANY, Num
from srcgrad.rules.core import Fn, Samples, constant
from srcgrad.rules.results import ResultFn, elementwise_result, number, opaque, reduction_result


def is_known(x: Any) -> bool:
    """Is `x` a real number written in the code? The tracer asks at run time, and takes every Python number for one."""
    return isinstance(x, (int, float))


constant(is_known, result=number("bool"))


def _each(fns: Iterable[Fn], result: Callable[[Fn], ResultFn], samples: Samples, effect: str = "") -> None:
    """One rule per function, with a result type of its own."""
    for fn in fns:
        constant(fn, result=result(fn), samples=samples, effect=effect)


def _integers(rng: np.random.Generator) -> Any:
    yield rng.integers(0, 5, (2, 3)), rng.integers(0, 5, 3)
    yield rng.integers(0, 5, 3), 2
    yield 3, 2


def _integer(rng: np.random.Generator) -> Any:
    yield (rng.integers(0, 5, (2, 3)),)
    yield (3,)


def _truths(rng: np.random.Generator) -> Any:
    yield draw.real(rng, (2, 3)) > 0, draw.real(rng, (3,)) > 0
    yield draw.real(rng, (3,)), True


smooth = draw.unary(complex_ok=False)
floats = draw.only_floats(smooth)
pairs = draw.binary((-2.0, 2.0), (0.5, 2.0))

# Steps

_each((np.floor, np.ceil, np.rint, np.round, np.around, np.trunc, np.fix, np.signbit), elementwise_result, smooth)
_each((math.floor, math.ceil, math.trunc), lambda fn: number("int"), floats, effect="raise")
_each((np.floor_divide, operator.floordiv), elementwise_result, pairs)
constant(round, samples=floats, result=lambda number, ndigits=None: Num("int") if ndigits is None and isinstance(
    number, Num) and number.kind in ("int", "float") else ANY)  # fmt: skip

# Comparisons and logic

_each((np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal), elementwise_result,
      draw.binary(complex_ok=False))  # fmt: skip
_each((operator.gt, operator.ge, operator.lt, operator.le, operator.eq, operator.ne), elementwise_result,
      draw.binary(complex_ok=False))  # fmt: skip
_each((np.logical_and, np.logical_or, np.logical_xor), elementwise_result, draw.fixed(_truths))
_each((np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.left_shift, np.right_shift, operator.and_, operator.or_,
       operator.xor, operator.lshift, operator.rshift, np.gcd, np.lcm), elementwise_result,
      draw.fixed(_integers))  # fmt: skip
_each((np.invert, operator.invert), elementwise_result, draw.fixed(_integer))
_each((np.logical_not, np.isnan, np.isinf, np.isfinite), elementwise_result, draw.unary(complex_ok=True))
_each((np.isclose,), elementwise_result, pairs)
_each((np.allclose, np.array_equal, np.array_equiv), lambda fn: number("bool"), pairs)
_each((math.isnan, math.isinf, math.isfinite), lambda fn: number("bool"), floats)
_each((math.isclose,), lambda fn: number("bool"), draw.only_floats(pairs))
constant(np.iscomplexobj, result=number("bool"), samples=draw.unary(complex_ok=True), shape_only=("x",))
constant(np.isrealobj, result=number("bool"), samples=draw.unary(complex_ok=True), shape_only=("x",))
constant(np.isscalar, result=number("bool"), samples=smooth, shape_only=("element",))
constant(np.isreal, np.iscomplex, np.isposinf, np.isneginf, samples=smooth)
_each((operator.is_, operator.is_not), lambda fn: number("bool"), pairs)
constant(operator.not_, operator.truth, result=number("bool"))
constant(operator.contains, isinstance, result=number("bool"))
_each((np.any, np.all), reduction_result, draw.reductions())

# Positions

_each((np.argmax, np.argmin, np.nanargmax, np.nanargmin), reduction_result, draw.reductions(empty=False, tuples=False))
_each((np.argsort,), results.along_result,
      draw.chain(draw.reductions(empty=False, tuples=False, keepdims=False, min_size=1)))  # fmt: skip
_each((np.count_nonzero,), reduction_result, draw.reductions())
_each((np.nonzero,), lambda fn: results.first_dims("found"), draw.fixed(lambda rng: [(draw.real(rng, (3, 4)),)]))
constant(np.flatnonzero, np.argwhere, np.argpartition, np.lexsort, np.searchsorted, np.digitize)

# Shapes and kinds

_each((np.shape,), lambda fn: results.shape_result, draw.unary(complex_ok=True))
constant(np.ndim, result=number("int"), samples=smooth, shape_only=("a",))
constant(np.size, result=number("int"), samples=smooth, shape_only=("a",))
constant(len, result=number("int"), shape_only=("obj",))
constant(np.result_type, np.promote_types, np.min_scalar_type, np.dtype, result=opaque("dtype"))
constant(np.finfo, np.iinfo, result=opaque("info"))
constant(np.issubdtype, np.can_cast, np.may_share_memory, np.shares_memory, result=number("bool"))
constant(np.broadcast_shapes, result=opaque("tuple"))

# Exceptions

constant(runtime.set_errors, np.seterr, np.geterr, result=opaque("modes"), effect="io")
constant(runtime.restore_errors, result=opaque("None"), effect="io")

constant(runtime.raises, runtime.handler_of, result=number("int"))
constant(runtime.exception_of, runtime.make_error, result=opaque("exception"))

# Conversions to whole numbers and truth values

constant(int, math.isqrt, math.factorial, math.comb, math.perm, operator.index, result=number("int"), effect="raise")
constant(math.gcd, math.lcm, result=number("int"))
constant(bool, result=number("bool"), effect="raise")
_each((np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.longlong, np.ulonglong,
       np.bool), elementwise_result,
      draw.unary(0.0, 2.0))  # fmt: skip
