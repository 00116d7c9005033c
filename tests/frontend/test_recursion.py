"""Functions that call themselves: interpreted in place while something new is known, else functions of their own."""

import inspect

import numpy as np
import pytest

from srcgrad.codegen import numpy as numpy_code
from srcgrad.codegen import plain
from srcgrad.codegen.load import load
from srcgrad.errors import UnsupportedError
from srcgrad.frontend.lower import lower
from srcgrad.frontend.signature import spec_of
from srcgrad.ir.verify import verify
from srcgrad.ir.walk import callees

X = np.array([1.2, 0.7, 2.1, 0.9])
SCALE = np.array([1.0, 2.0, 3.0, 0.5])
TREE = (1.0, (2.0, (3.0, None, None), None), (4.0, None, None))


def lowered(fn, *args):
    names = inspect.signature(fn).parameters
    found = lower(fn, {name: spec_of(arg, name) for name, arg in zip(names, args, strict=True)})
    verify(found.func, "lower")
    return found


def results(fn, *args):
    """What the code of either emitter gives."""
    found = lowered(fn, *args)
    captured = {c.value.hint: c.read() for c in found.captured}
    for emitter in (plain, numpy_code):
        namespace = {}
        text = emitter.emit(found.func, namespace)
        yield load(text, found.func.name, namespace)(*args, **captured)


def same(fn, *args):
    for result in results(fn, *args):
        np.testing.assert_allclose(result, fn(*args), rtol=1e-14)


def functions(fn, *args):
    return [func.name for func in callees(lowered(fn, *args).func.block)]


# --- what becomes a function of its own -----------------------------------------------------------------


def fraction(x, i):
    if i == x.size - 1:
        return x[i]
    return x[i] + 1 / fraction(x, i + 1)


def whole_fraction(x):
    return fraction(x, 0)


def squarings(x, n):
    if n == 0:
        return 1.0
    if n % 2 == 0:
        return squarings(x * x, n // 2)
    return x * squarings(x, n - 1)


def halves(x):
    n = x.shape[0]
    if n == 1:
        return np.sin(x[0]) * x[0]
    h = n // 2
    return halves(x[:h]) * 1.5 + halves(x[h:]) ** 2


def even(x, n):
    if n <= 0:
        return x
    return odd(np.sin(x) * x, n - 1)


def odd(x, n):
    if n <= 0:
        return x * 2
    return even(np.cos(x) + x, n - 1)


def first(x, n):
    return x if n <= 0 else second(x * 1.1, n - 1) + third(x, n - 2)


def second(x, n):
    return x * x if n <= 0 else third(x * 0.7, n - 1) * first(x, n - 2)


def third(x, n):
    return np.sin(x) if n <= 0 else first(x + 0.1, n - 1) + second(x * 0.2, n - 3)


def pair(x, n):
    if n <= 0:
        return x, x * x
    a, b = pair(x * 0.5, n - 1)
    return a + b, a * b


def of_pair(x, n):
    a, b = pair(x, n)
    return a * b


def ackermann(m, n, x):
    if m == 0:
        return x + n
    if n == 0:
        return ackermann(m - 1, 1, x * 1.1)
    return ackermann(m - 1, 3, ackermann(m, n - 1, x * x)) * 0.1


def in_loop(x, n):
    total = x
    for k in range(n):
        total = total + in_loop(x * 0.5, k)
    return total


def captured(x, n):
    if n <= 0:
        return np.sum(x * SCALE)
    return captured(x * SCALE * 0.1, n - 1)


def closes_over(x, w, n):
    def g(y, k):
        if k <= 0:
            return np.sum(y * w)
        return g(y * w + 1.0, k - 1) + np.sum(w)

    return g(x, n)


def through_lambda(x, w, n):
    g = lambda y, k: np.sum(y) if k <= 0 else g(y * w, k - 1) * 0.5
    return g(x, n)


def made_again(x, w, n):
    def g(y, k):
        return np.sum(y * scale) if k <= 0 else g(y * w, k - 1)

    scale = x
    one = g(x, n)
    scale = 2 * x
    return one * g(w, n)


def nested(x, n):
    if n <= 0:
        return x

    def inner(y, m):
        return y if m <= 0 else inner(y * x, m - 1)

    return nested(inner(x, n) * 0.3, n - 1)


def accumulates(x, n, total):
    return total if n <= 0 else accumulates(x, n - 1, total + x * n)


def from_zero(x, n):
    return accumulates(x, n, 0)


def state(s, n):
    if n <= 0:
        return s["a"] * s["b"], (s["a"], None)
    return state({"a": s["b"], "b": s["a"] * s["b"]}, n - 1)


def of_state(x, n):
    one, (other, _) = state({"a": x, "b": x * 2}, n)
    return one + other


def flips(x, n, negative):
    if n <= 0:
        return x
    return flips(-x * x if negative else np.sin(x), n - 1, not negative)


def flipped(x, n):
    return flips(x, n, False)


def optional(x, n, before=None):
    p = x if before is None else before
    if n <= 0:
        return p
    return optional(x, n - 1, before=p * x * 0.9)


def starts_without(x, n):
    return optional(x, n)


def sorts(x):
    n = x.shape[0]
    if n <= 1:
        return x
    a, b = sorts(x[: n // 2]), sorts(x[n // 2 :])
    return np.concatenate([a, b]) * 1.1 + a[0]


def own_copy(x, n):
    if n <= 0:
        return np.sum(x**2)
    y = x.copy()
    y[0] = y[0] * 2
    y[1:] += y[:-1]
    return own_copy(y, n - 1) * x[1]


def either(x, n):
    if n <= 0:
        return x
    y = either(x, n - 1)
    return x * 2 if x > 0 else y


def adaptive(f, a, b, tolerance):
    m = (a + b) / 2
    one = (b - a) / 6 * (f(a) + 4 * f(m) + f(b))
    two = (m - a) / 6 * (f(a) + 4 * f((a + m) / 2) + f(m)) + (b - m) / 6 * (f(m) + 4 * f((m + b) / 2) + f(b))
    if abs(one - two) < tolerance:
        return two
    return adaptive(f, a, m, tolerance / 2) + adaptive(f, m, b, tolerance / 2)


def integral(x, w):
    return adaptive(lambda t: np.exp(-w * t * t) * np.sin(t * w), 0.0, x, 1e-5)


def writes(x, n):
    def go(v, k):
        if k < n:
            v[k + 1] += v[k] * v[k]
            go(v, k + 1)

    y = x.copy()
    go(y, 0)
    return np.sum(y**2)


def write_halves(v):
    h = v.shape[0] // 2
    if h > 0:
        v[:h] += v[h : 2 * h] ** 2
        write_halves(v[:h])
        write_halves(v[h:])


def of_written(x):
    y = x.copy()
    write_halves(y)
    return np.sum(y**2)


RUN_TIME = [
    (writes, (X, 3)), (of_written, (X,)),
    (whole_fraction, (X,)), (squarings, (1.1, 13)), (halves, (X,)), (even, (0.7, 5)), (even, (0.7, 4)),
    (first, (0.8, 6)), (of_pair, (0.9, 4)), (ackermann, (2, 2, 1.1)), (in_loop, (1.3, 4)), (captured, (X, 3)),
    (closes_over, (X, X / 2, 3)),
    (through_lambda, (X, X / 3, 3)), (made_again, (X, X / 2, 3)), (nested, (0.8, 3)), (from_zero, (1.5, 4)),
    (of_state, (1.1, 4)), (flipped, (1.2, 5)), (starts_without, (1.2, 3)), (sorts, (X,)), (own_copy, (X, 3)),
    (either, (1.2, 3)), (either, (-1.2, 3)), (integral, (1.3, 2.0)),
]  # fmt: skip


@pytest.mark.parametrize(("fn", "args"), RUN_TIME, ids=lambda x: getattr(x, "__name__", ""))
def test_it_becomes_a_function_with_the_same_results(fn, args):
    assert functions(fn, *args)
    same(fn, *args)


def test_one_function_is_enough_where_only_numbers_and_lengths_change():
    assert functions(whole_fraction, X) == ["fraction"]
    assert functions(halves, X) == ["halves"]
    assert functions(ackermann, 2, 2, 1.1) == ["ackermann"]


def test_two_calls_at_different_places_share_a_function():
    def twice(x, n):
        return captured(x, n) * captured(x * 2, n)

    assert len({id(f) for f in callees(lowered(twice, X, 2).func.block)}) == 1
    same(twice, X, 2)


# --- what is written out --------------------------------------------------------------------------------


def tree(node, x):
    if node is None:
        return 1.0
    return node[0] * x + tree(node[1], x) * tree(node[2], x)


def of_tree(x):
    return tree(TREE, x)


def layers(weights, x):
    if len(weights) == 0:
        return x
    return layers(weights[1:], np.tanh(weights[0] @ x))


def of_layers(x, a):
    return layers([a, a, a], x)


def countdown(x, n):
    return 1.0 if n == 0 else x * countdown(x, n - 1)


def cube(x):
    return countdown(x, 3)


def hundredth(x):
    return countdown(x, 100)


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def many_calls(x):
    return x * fibonacci(15)


def picks(x, weights, k):
    if k == len(weights):
        return x
    if x > 50:
        return x * 2
    return picks(x * weights[k], weights, k + 1)


def of_picks(x, weights):
    return picks(x, weights, 0)


WRITTEN_OUT = [(of_tree, (1.3,)), (of_layers, (X[:2], np.ones((2, 2)))), (cube, (1.1,)), (of_picks, (1.1, [0.5, 0.7]))]


@pytest.mark.parametrize(("fn", "args"), WRITTEN_OUT, ids=lambda x: getattr(x, "__name__", ""))
def test_it_is_written_out_while_something_new_is_known(fn, args):
    assert functions(fn, *args) == []
    same(fn, *args)


@pytest.mark.parametrize("fn", [hundredth, many_calls])
def test_what_is_too_long_to_be_written_out_becomes_a_function(fn):
    assert len(functions(fn, 1.01)) == 1
    same(fn, 1.01)


# --- what is refused ------------------------------------------------------------------------------------


def refusal(fn, *args):
    with pytest.raises(UnsupportedError) as caught:
        lowered(fn, *args)
    return str(caught.value)


def test_a_write_into_an_argument_reaches_the_caller():
    def f(x, n):
        if n <= 0:
            return np.sum(x)
        x[0] = 2 * x[1]
        return f(x, n - 1)

    same(f, X, 3)


def test_a_write_into_an_argument_that_is_read_from_outside_too_is_refused():
    def f(x, n):
        y = x.copy()

        def go(v, k):
            v[k] = 2 * v[k]
            return y[0] if k >= n else go(v, k + 1) + y[k]

        return go(y, 0)

    def through_a_view(x, n):
        y = x.copy()

        def go(v, k):
            v[k] = 2 * v[k]
            return y[1] if k >= n else go(v, k + 1) + y[2]

        return go(y[1:], 0)

    for fn in (f, through_a_view):
        assert "reads the same memory as `y` of the function around it" in refusal(fn, X, 2)


def test_a_write_into_what_a_closure_reads_is_refused():
    def f(x, n):
        y = x.copy()

        def go(k):
            y[k] = y[k] * 2
            if k < n:
                go(k + 1)

        go(0)
        return np.sum(y)

    assert "writes into `y`" in refusal(f, X, 3)


def test_a_write_into_a_list_of_an_enclosing_function_is_refused():
    def f(x, n):
        box = [x]

        def go(k):
            box[0] = box[0] * x
            return x if k <= 0 else go(k - 1)

        return go(n) * box[0]

    assert "writes into a container" in refusal(f, 1.2, 3)


def test_a_write_into_a_view_of_an_argument_reaches_the_caller():
    def f(x, n):
        if n <= 0:
            return np.sum(x)
        y = x[1:]
        y[0] = np.sin(y[0]) * x[0]
        return f(x, n - 1)

    same(f, X, 3)


def swirl(u, c, d):
    if d >= c:
        return c * u[0]
    u[0] = u[0] * c + np.sin(d)
    u[1:] *= np.cos(u[:-1])
    swirl(u, c, d + 0.4)
    return u[1] * d


def of_swirl(x, c):
    y = x.copy()
    last = swirl(y[1:], c, 0.1)
    return np.sum(y**2) * c + last


def test_a_write_through_a_view_that_is_passed_on_reaches_the_caller():
    same(of_swirl, X, 1.25)


def test_a_write_into_what_another_argument_shares_is_refused():
    def f(u, v, n):
        if n <= 0.0:
            return np.sum(u * v)
        u[0] = v[1] * 2
        return f(u, v, n - 1.0)

    def g(x, n):
        y = x.copy()
        return f(y, y[:], n)

    assert "another argument may share" in refusal(g, X, 3.0)


def test_a_result_that_may_be_the_argument_is_not_written_while_the_argument_is_read():
    def same_array(x, n):
        return x if n <= 0 else same_array(x, n - 1)

    def f(x, n):
        y = same_array(x, n)
        y[0] = 3.0
        return np.sum(y * x)

    assert "shares memory" in refusal(f, X, 2)


def test_a_recursion_without_end_is_refused():
    def f(x, n):
        return f(x, n - 1) * 2

    assert "no path through `f` comes to an end" in refusal(f, 1.0, 2)


def test_results_of_different_kinds_are_refused():
    def f(x, n):
        return (x, x) if n <= 0 else f(x, n - 1)[0]

    assert "different kind" in refusal(f, 1.0, 2)


def test_arguments_whose_structure_grows_are_refused():
    def f(x, t, n):
        return x if n <= 0 else f(x, (x, t), n - 1)

    def g(x, n):
        return f(x, (x, x), n)

    assert "change from call to call" in refusal(g, 1.0, 2)


def test_arguments_whose_structure_doubles_are_refused():
    def f(x, t, n):
        return x if n <= 0 else f(x, (t, t), n - 1)

    def g(x, n):
        return f(x, (x, x), n)

    assert "grow without end" in refusal(g, 1.0, 2)


def test_a_function_as_the_result_is_refused():
    def f(x, n):
        return (lambda: x) if n <= 0 else f(x * 2, n - 1)

    def g(x, n):
        return f(x, n)()

    assert "return" in refusal(g, 1.0, 2)
