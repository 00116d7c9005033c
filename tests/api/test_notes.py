"""Exceptions of generated code: those of a plain call, with a note that names the user's lines, the innermost last."""

from __future__ import annotations

import copy
import pickle
import re
import threading
import traceback

import numpy as np
import pytest

from srcgrad import grad, jacobian, jvp, rule, value_and_grad, vjp


class Odd(Exception):
    """An exception of the user's own."""


def guarded(x):
    if x > 1.0:
        raise Odd("too large", 7)
    return x * x


def asserted(x):
    while x < 10.0:
        x = x * 2.0
    assert x < 0.0, ("never", x)
    return x


def bare(x):
    assert x < 0.0
    return x


def stops(x):
    if x > 0.0:
        raise LookupError
    return x


def looped(x, n):
    total = 0.0
    for k in range(n):
        total += x[k] * x[k + 1]
    return total


def inner(x, k):
    if k > 3:
        raise KeyError(k, "big")
    return np.exp(x[k]) * x[k + 1]


def middle(x, k):
    y = np.sin(x)
    return inner(y, k) + 1.0


def outer(x, n):
    total = 0.0
    for k in range(n):
        total += middle(x, k)
    return total


def spread(x, a, b):
    return (
        np.sum(x)
        + np.sum(x @ a)
        + np.sum(x @ b)
    )  # fmt: skip


def nested_def(x):
    def last(y):
        return np.sum(y) + y[9]

    return last(x * 2.0)


def descending(x, n):
    if n == 0:
        return 1.0 / x
    return x * descending(x, n - 1)


def reshaped(x, m):
    return np.sum(x.reshape(m) ** 2)


def singular(a):
    return np.sum(np.linalg.inv(a))


MATRIX = np.ones((3, 3))
CASES = [
    (guarded, (2.0,), ['raise Odd("too large", 7)']),
    (asserted, (1.0,), ['assert x < 0.0, ("never", x)']),
    (bare, (1.0,), ["assert x < 0.0"]),
    (stops, (1.0,), ["raise LookupError"]),
    (looped, (np.ones(3), 3), ["total += x[k] * x[k + 1]"]),
    (outer, (np.ones(9), 6), ["total += middle(x, k)", "return inner(y, k) + 1.0", 'raise KeyError(k, "big")']),
    (outer, (np.ones(3), 3),
     ["total += middle(x, k)", "return inner(y, k) + 1.0", "return np.exp(x[k]) * x[k + 1]"]),
    (spread, (np.ones(3), np.ones((4, 2)), MATRIX), ["+ np.sum(x @ a)"]),
    (spread, (np.ones(3), MATRIX, np.ones((4, 2))), ["+ np.sum(x @ b)"]),
    (nested_def, (np.ones(3),), ["return last(x * 2.0)", "return np.sum(y) + y[9]"]),
    (singular, (np.zeros((2, 2)),), ["return np.sum(np.linalg.inv(a))"]),
]  # fmt: skip


def raised(run):
    """The exception of a call."""
    with pytest.raises(Exception) as caught:  # whatever it is: the tests say which
        run()
    return caught.value


def lines_of(error):
    """The lines of source that the note shows, and check of their numbers."""
    (note,) = error.__notes__
    shown = re.findall(r'  File "(.*)", line (\d+)\n    (.*)', note)
    with open(__file__) as file:
        own = file.read().splitlines()
    assert all(name == __file__ and own[int(number) - 1].strip() == text for name, number, text in shown)
    return [text for _, _, text in shown]


@pytest.mark.parametrize(("f", "args", "lines"), CASES)
@pytest.mark.parametrize(
    "derive",
    [
        lambda f, x, *rest: grad(f)(x, *rest),
        lambda f, x, *rest: value_and_grad(f)(x, *rest),
        lambda f, x, *rest: vjp(f, x, *rest, argnums=0),
        lambda f, x, *rest: jvp(f, (x, *rest), np.ones_like(x), argnums=0),
        lambda f, x, *rest: jacobian(f)(x, *rest),
    ],
    ids=["grad", "value_and_grad", "vjp", "jvp", "jacobian"],
)
def test_the_users_lines_are_named(f, args, lines, derive):
    plain = raised(lambda: f(*copy.deepcopy(args)))
    error = raised(lambda: derive(f, *copy.deepcopy(args)))
    assert type(error) is type(plain)
    assert lines_of(error)[-len(lines) :] == lines
    if type(plain) not in (IndexError, ValueError, AssertionError):  # pytest says more of what asserts
        assert error.args == plain.args


def test_arguments_of_assertions():
    assert raised(lambda: grad(asserted)(1.0)).args == (("never", 16.0),)
    assert raised(lambda: grad(bare)(1.0)).args == ()


def test_the_traceback_shows_the_generated_line():
    error = raised(lambda: grad(guarded)(2.0))
    frame = traceback.extract_tb(error.__traceback__)[-1]
    assert frame.filename.startswith("<srcgrad guarded_grad")
    assert frame.line == "raise Odd('too large', 7)"


def test_recursive_functions_name_the_line_and_the_calls():
    error = raised(lambda: grad(descending)(0.0, 9))
    assert isinstance(error, ZeroDivisionError)
    shown = lines_of(error)
    assert shown[-1] == "return 1.0 / x"
    assert set(shown[1:-1]) == {"return x * descending(x, n - 1)"}
    assert "[Previous line repeated 6 more times]" in error.__notes__[0]


strict = np.vectorize(lambda x: x * x)
rule.elementwise(strict)(lambda out, x: np.reshape(x, (7, 7)))


def through_rule(x):
    y = x + 1.0
    return np.sum(strict(y))


def test_the_reverse_sweep_says_so():
    error = raised(lambda: grad(through_rule)(np.ones(3)))
    assert "in the reverse sweep of" in error.__notes__[0]
    assert lines_of(error) == ["return np.sum(strict(y))"]


def test_in_another_thread_and_pickled():
    found = []
    g = grad(outer)

    def work():
        found.append(raised(lambda: g(np.ones(9), 6)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in found:
        assert lines_of(pickle.loads(pickle.dumps(error)))[-1] == 'raise KeyError(k, "big")'


def test_second_order():
    error = raised(lambda: grad(grad(guarded))(2.0))
    assert type(error) is Odd
    assert lines_of(error) == ['raise Odd("too large", 7)']


def test_a_saved_module_shows_its_own_lines(tmp_path):
    g = grad(guarded)
    g.save(tmp_path / "guarded_grad.py", 1.0)
    space = {}
    text = (tmp_path / "guarded_grad.py").read_text()
    exec(compile(text, "guarded_grad.py", "exec"), space)
    error = raised(lambda: space["guarded_grad"](2.0))
    assert type(error).__name__ == "Odd"
    assert error.args == ("too large", 7)
