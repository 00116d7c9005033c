"""Derivatives of functions that call themselves, against finite differences, in all modes and to second order."""

import contextlib
import io
import operator

import numpy as np
import pytest

import srcgrad
from srcgrad.api.derive import Primal, Wanted, gradient, prepare, tangent
from srcgrad.api.versions import emit
from srcgrad.codegen import plain
from srcgrad.codegen.load import load
from srcgrad.ir.core import Call, Func, Value
from srcgrad.ir.types import PY_FLOAT
from srcgrad.ir.verify import verify
from srcgrad.ir.walk import callees, clone_func
from tests import finite
from tests.frontend import test_recursion as programs
from tests.frontend.test_recursion import SCALE, X, lowered


def power(x, n):
    if n == 0:
        return 1.0
    h = power(x, n // 2)
    return h * h * x if n % 2 else h * h


def continued(x, tolerance, k):
    term = x**k
    if abs(term) < tolerance:
        return 0.0
    return term / (1.0 + continued(x, tolerance, k + 1))


def branches(x, depth):
    total = np.sum(x) ** 2
    if depth > 0:
        for k in range(3):
            if x[k] > 5:
                break
            total += branches(x * (0.3 + 0.1 * k), depth - 1) * x[k]
    return total


def in_while(x, n):
    t, k = x, 0
    while t < 5 and k < n:
        t = t * 1.3 + in_while(x * 0.5, n - k - 2) if n > 2 else t * 1.3
        k += 1
    return t


def minors(a):
    n = a.shape[0]
    if n == 1:
        return a[0, 0]
    total = 0.0
    for j in range(n):
        minor = np.concatenate([a[1:, :j], a[1:, j + 1 :]], axis=1)
        total += (-1) ** j * a[0, j] * minors(minor)
    return total


def through_complex(x, n):
    def c(z, k):
        return z if k <= 0 else c(z * z + 0.1j, k - 1)

    return abs(c(x + 0.2j, n)) ** 2


def horner(c, x, i):
    if i == len(c) - 1:
        return c[i]
    return c[i] + x * horner(c, x, i + 1)


def scaled(x, n):
    return x if n <= 0 else scaled(x * SCALE + np.sum(x) * 0.1, n - 1)


def of_arrays(x, n):
    return np.sum(scaled(x, n) ** 2)


def sorts(x):
    return np.sum(programs.sorts(x) ** 2)


CASES = [
    (programs.whole_fraction, (X,)), (power, (1.1, 13)), (programs.squarings, (1.1, 13)), (programs.halves, (X,)),
    (programs.even, (0.7, 5)), (programs.first, (0.8, 6)), (programs.of_pair, (0.9, 4)), (continued, (0.5, 1e-6, 1)),
    (programs.in_loop, (1.3, 4)), (programs.captured, (X, 3)), (programs.closes_over, (X, X / 2, 3)),
    (programs.through_lambda, (X, X / 3, 3)), (programs.made_again, (X, X / 2, 3)), (programs.nested, (0.8, 3)),
    (programs.from_zero, (1.5, 4)), (programs.of_state, (1.1, 4)), (programs.flipped, (1.2, 5)),
    (programs.starts_without, (1.2, 3)), (programs.own_copy, (X, 3)), (programs.either, (-1.2, 3)),
    (programs.integral, (1.3, 2.0)), (branches, (X, 2)), (in_while, (1.1, 5)), (minors, (np.vander(X[:3]),)),
    (through_complex, (0.3, 3)), (horner, (X, 0.7, 0)), (of_arrays, (X, 2)), (sorts, (X,)),
    (programs.writes, (X, 3)), (programs.of_written, (X,)),
    (lambda x: programs.ackermann(2, 2, x), (1.1,)),
]  # fmt: skip
FEWER = (
    programs.whole_fraction, power, programs.halves, programs.even, programs.of_pair, continued, programs.in_loop,
    programs.closes_over, programs.through_lambda, programs.nested, branches, of_arrays,
)  # fmt: skip


def name_of(value):
    return getattr(value, "__name__", "")


each = pytest.mark.parametrize(("fn", "args"), CASES, ids=name_of)
some = pytest.mark.parametrize(("fn", "args"), [case for case in CASES if case[0] in FEWER], ids=name_of)


def direction(x):
    return np.random.default_rng(3).normal(size=np.shape(x)) if np.ndim(x) else 1.0


def slope(fn, args):
    """The derivative of what a function of the first argument gives, along the direction."""
    x, *rest = args
    v = direction(x)
    return finite.slope(lambda t: np.asarray(fn(x + t * v, *rest)), step=1e-2).value


@each
def test_grad(fn, args):
    truth, _ = finite.gradient(fn, args, 0)
    for backend in ("numpy", "plain"):
        found = srcgrad.grad(fn, fallback="error", backend=backend)(*args)
        np.testing.assert_allclose(found, truth, rtol=1e-6, atol=1e-9)


@each
def test_jvp(fn, args):
    dots = tuple(direction(args[0]) if k == 0 else None for k in range(len(args)))
    value, dot = srcgrad.jvp(fn, args, dots)
    np.testing.assert_allclose(value, fn(*args), rtol=1e-12)
    np.testing.assert_allclose(dot, slope(fn, args), rtol=1e-6, atol=1e-9)


@some
def test_vjp(fn, args):
    value, pullback = srcgrad.vjp(fn, *args, argnums=0)
    truth, _ = finite.gradient(fn, args, 0)
    np.testing.assert_allclose(value, fn(*args), rtol=1e-12)
    for _ in range(2):  # it keeps what it was given
        np.testing.assert_allclose(pullback(2.0), 2 * truth, rtol=1e-6, atol=1e-9)


# --- second order ---------------------------------------------------------------------------------------


def primal_of(fn, args):
    found = lowered(fn, *args)
    specs = [None] * len(args)
    return prepare(found.func, specs), {c.value.hint: c.read() for c in found.captured}


def along(func, v):
    """The gradient's product with a direction, as a function to differentiate."""
    new = clone_func(func)
    if np.ndim(v):
        product, total = Value(new.block.yields[0].type), Value(PY_FLOAT)
        grad = new.block.yields[0]
        new.block.ops += [Call(operator.mul, (grad, v), {}, product), Call(np.sum, (product,), {}, total)]
        new.block.yields = [total]
    return new


def runs(func):
    """The function compiled by either emitter."""
    verify(func)
    namespace = {}
    text = plain.emit(func, namespace)
    return [emit(func)[1], load(text, func.name, namespace)]


WANTED = Wanted(((0,),), True)


@some
def test_reverse_over_reverse(fn, args):
    primal, captured = primal_of(fn, args)
    first = gradient(primal, WANTED).func
    v = direction(args[0])
    second = gradient(Primal(along(first, v), primal.specs), WANTED).func
    truth = slope(srcgrad.grad(fn), args)
    for run in runs(second):
        np.testing.assert_allclose(run(*args, **captured), truth, rtol=1e-5, atol=1e-7)


@some
def test_forward_over_reverse(fn, args):
    primal, captured = primal_of(fn, args)
    second = tangent(Primal(gradient(primal, WANTED).func, primal.specs), WANTED)
    truth = slope(srcgrad.grad(fn), args)
    for run in runs(second):
        np.testing.assert_allclose(run(*args, direction(args[0]), **captured)[1], truth, rtol=1e-5, atol=1e-7)


@some
def test_reverse_over_forward(fn, args):
    primal, captured = primal_of(fn, args)
    pushed = tangent(primal, WANTED)
    pushed.block.yields = [pushed.block.yields[0][1]]
    second = gradient(Primal(pushed, [*primal.specs, None]), WANTED).func
    truth = slope(srcgrad.grad(fn), args)
    for run in runs(second):
        np.testing.assert_allclose(run(*args, direction(args[0]), **captured), truth, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("fn", "args"), [(power, (1.1, 5)), (programs.even, (0.7, 3)), (continued, (0.5, 1e-4, 1))])
def test_third_order(fn, args):
    second = srcgrad.grad(srcgrad.grad(fn))
    found = srcgrad.grad(second)(*args)
    np.testing.assert_allclose(found, slope(second, args), rtol=1e-5, atol=1e-7)


# --- several arguments, effects, what is made -----------------------------------------------------------


def test_cotangents_of_arguments_that_only_inner_calls_make_active():
    def f(x, y, n, total):
        return total if n <= 0 else f(x, y * x, n - 1, total + x * y)

    args = (1.2, 0.7, 4, 0.5)
    found = srcgrad.grad(f, argnums=(0, 1, 3))(*args)
    for k, bar in zip((0, 1, 3), found, strict=True):
        np.testing.assert_allclose(bar, finite.gradient(f, args, k)[0], rtol=1e-6)


def test_an_array_that_a_closure_reads_gets_its_cotangent():
    args = (X, X / 2, 3)
    for fn in (programs.closes_over, programs.made_again, programs.through_lambda):
        found = srcgrad.grad(fn, argnums=1)(*args)
        np.testing.assert_allclose(found, finite.gradient(fn, args, 1)[0], rtol=1e-6)


def test_the_dtype_of_a_cotangent_is_that_of_the_argument():
    x = X.astype(np.float32)
    found = srcgrad.grad(programs.halves)(x)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, srcgrad.grad(programs.halves)(X), rtol=1e-4)


def talks(x, n):
    print("at", n)
    if n < 0:
        raise ValueError("below zero")
    return x * x if n == 0 else talks(x * 1.1, n - 1) * talks(x, 0)


def test_prints_appear_once_and_in_order():
    texts = []
    for call in (talks, srcgrad.grad(talks), srcgrad.value_and_grad(talks)):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            call(1.3, 3)
        texts.append(out.getvalue())
    assert texts[0].count("at") == 7
    assert texts[1] == texts[2] == texts[0]


def test_exceptions_are_those_of_the_function():
    with pytest.raises(ValueError, match="below zero"), contextlib.redirect_stdout(io.StringIO()):
        srcgrad.grad(talks)(1.3, -1)


def test_a_parameter_that_the_pullback_does_not_need_is_not_handed_to_it():
    def f(x, w, n):
        return x if n <= 0 else np.sin(f(x, w, n - 1)) * w[n]

    func = gradient(primal_of(f, (1.1, X, 3))[0], WANTED).func
    made = {each.name: each for each in callees(func.block)}
    assert [p.hint for p in made["f_pullback"].params] == ["w", "n", "pack", "out_bar"]
    assert [p.hint for p in made["f_forward"].params] == ["x", "w", "n"]


def test_one_pair_is_made_for_each_set_of_active_arguments():
    func = gradient(primal_of(programs.halves, (X,))[0], WANTED).func
    names = sorted(each.name for each in callees(func.block) if isinstance(each, Func))
    assert names == ["halves_forward", "halves_pullback"]


def test_views_that_are_handed_on_are_not_packed():
    func = gradient(primal_of(programs.halves, (X,))[0], WANTED).func
    forward = next(each for each in callees(func.block) if each.name == "halves_forward")
    packed = forward.block.yields[0][1]
    assert not any(getattr(value.type, "dims", None) for value in packed)
