"""The traced path is right, or refuses at the user's line: never a silently wrong number."""

from __future__ import annotations

import gc
import linecache
import re
import types
import weakref

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import AliasError, SrcgradError, TracedValueError, UnsupportedError
from srcgrad.tracer import Tensor
from srcgrad.tracer.whole import push_whole
from tests.finite import slope
from tests.tracer import escapes
from tests.tracer.escapes import PROGRAMS

X = np.array([0.26, 0.77, 0.53])
RIGHT = [name for name, (_, wanted) in PROGRAMS.items() if wanted == "right"]
REFUSED = [name for name, (_, wanted) in PROGRAMS.items() if wanted == "refused"]


def truth(fn, x):
    """The gradient by finite differences."""

    def at(row):
        return lambda t: float(fn(x + float(t) * row))

    return np.array([slope(at(row)).value for row in np.eye(len(x))])


@pytest.fixture(autouse=True)
def clean():
    escapes.BUFFER[:] = 0.0
    escapes.MEMO.clear()
    escapes.TABLE.clear()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", RIGHT)
def test_right(name):
    fn, _ = PROGRAMS[name]
    expected = truth(fn, X)
    given = X.copy()
    found = srcgrad.grad(fn, mode="trace")(given)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(given, X)
    assert not isinstance(fn(X.copy()), Tensor), "a tensor was left behind"
    np.testing.assert_allclose(truth(fn, X), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    fn, _ = PROGRAMS[name]
    with pytest.raises((TracedValueError, UnsupportedError)) as caught:
        srcgrad.grad(fn, mode="trace")(X.copy())
    error = caught.value
    assert error.span is not None
    assert error.span.file == escapes.__file__
    assert linecache.getline(error.span.file, error.span.line).strip()
    assert error.repair or error.reason
    assert not isinstance(fn(X.copy()), Tensor)


def traced_only(fn):
    """The function without its source."""
    return types.FunctionType(fn.__code__.replace(co_filename="<none>"), fn.__globals__, fn.__name__)


@pytest.mark.filterwarnings("ignore")
def test_forward_refuses_too():
    for name in ("text_to_float", "numbers_tolist", "python_swallowed", "plain_copyto"):
        with pytest.raises(SrcgradError):
            srcgrad.jvp(traced_only(PROGRAMS[name][0]), (X.copy(),), (X,))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["python_thread", "python_thread_pool", "python_generator", "array_setitem_plain"])
def test_forward_is_right_too(name):
    fn = PROGRAMS[name][0]
    found = srcgrad.jvp(traced_only(fn), (X.copy(),), (X,))[1]
    assert found == pytest.approx(truth(fn, X) @ X, rel=1e-8)
    hess = srcgrad.hessian(traced_only(fn))(X.copy())
    np.testing.assert_allclose(hess, hess.T, atol=1e-10)


class Holder:
    buffer = np.ones(3)


def through_an_attribute(x, b):
    b[0] = x[0]
    return Holder.buffer[0] * x[1]


def through_a_list(x, b, kept):
    b[0] = x[0]
    return kept[0][0] * x[1]


def through_an_argument(x, b, c):
    b[0] = x[0]
    return c[0] * x[1]


@pytest.mark.parametrize("forward", [False, True])
@pytest.mark.parametrize("fn", [through_an_attribute, through_a_list, through_an_argument])
def test_memory_by_another_name(fn, forward):
    b = Holder.buffer
    more = {through_a_list: ([b],), through_an_argument: (b[:2],)}.get(fn, ())
    derivative = (lambda *args: push_whole(fn, args, {}, {(0,): X}.get)) if forward else srcgrad.grad(fn, mode="trace")
    with pytest.raises(AliasError):
        derivative(X.copy(), b, *more)


def appended(x, history):
    history.append(np.sum(x * x))
    history[0]["last"] = x * 2
    return history[-1] * x[0]


def test_what_is_left_in_arguments_is_plain():
    history = [{}]
    srcgrad.grad(appended, mode="trace")(X, history)
    assert type(history[1]) in (float, np.float64)
    assert type(history[0]["last"]) is np.ndarray


def test_what_is_left_in_closures_is_plain():
    seen, count = [], 0

    def loss(x):
        nonlocal count
        count += 1
        seen.append({"x": x, "y": [np.sum(x)]})
        return np.sum(x**2)

    np.testing.assert_allclose(srcgrad.grad(loss, mode="trace")(X), 2 * X)
    assert type(seen[0]["x"]) is np.ndarray
    assert type(seen[0]["y"][0]) in (float, np.float64)
    assert count == 1


class Model:
    best = None

    def __init__(self):
        self.losses = []

    def __call__(self, x):
        value = np.sum(x * x)
        self.losses.append(value)
        Model.best = value
        return value


def test_what_is_left_in_objects_is_plain():
    model = Model()
    srcgrad.grad(model, mode="trace")(X)
    assert type(model.losses[0]) in (float, np.float64)
    assert type(Model.best) in (float, np.float64)


def test_closures_are_let_go():
    def made():
        big = np.ones(10)
        fn = lambda x: np.sum(x * big[:3])  # noqa: E731
        srcgrad.grad(fn, mode="trace")(X)
        return weakref.ref(fn)

    ref = made()
    gc.collect()
    assert ref() is None


def test_an_error_of_the_function_itself_is_its_own():
    def failing(x):
        raise KeyError(f"{x[0]:.2f}")

    with pytest.raises(KeyError, match=re.escape("0.26")) as caught:
        srcgrad.grad(failing, mode="trace")(X)
    assert any("traced" in note for note in caught.value.__notes__)


def test_refusals_do_not_outlive_their_trace():
    with pytest.raises(TracedValueError):
        srcgrad.grad(PROGRAMS["python_swallowed"][0], mode="trace")(X)
    np.testing.assert_allclose(srcgrad.grad(lambda x: np.sum(x**2), mode="trace")(X), 2 * X)
