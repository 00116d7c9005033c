"""What happens in and after `try`: clean-ups with a `try` of their own, views nobody reads, errors of two origins."""

import math

import numpy as np
import pytest

from tests.frontend.agree import agree

X = np.array([0.3, 0.5, 0.7])


class Failed(ValueError):
    def __init__(self, code):
        super().__init__("failed")
        self.code = code


def check(t, c):
    if t > c:
        raise ArithmeticError("too large")
    return np.tanh(t)


def a_return_and_a_try_in_its_clean_up(x):
    try:
        return np.mean(x)
    finally:
        try:
            if x[0] > 0.4:
                raise Failed("a")
        except Failed:
            pass
    return np.sum(x) * 7


def a_break_and_a_try_in_its_clean_up(x):
    s = x[1]
    for k in range(4):
        try:
            if x[0] * k > 0.5:
                break
            s = s * x[0]
        finally:
            try:
                if x[1] * k > 0.6:
                    raise Failed("a")
                s = s + 0.1 * x[2]
            except Failed:
                s = s * 2
        s = s + 1
    return s


def an_exception_goes_on_after_a_clean_up_that_may_return(x):
    s = x[1]
    try:
        try:
            s = s * 2
            if x[0] > 0.1:
                raise Failed("b")
        finally:
            if x[1] > 9.0:
                return s * 8
        s = 100 * s
    except Failed:
        s = s * x[2]
    return s


def a_row_out_of_range_that_nobody_reads(x):
    m, s = np.outer(x, x), 1.0
    for k in range(5):
        try:
            m[k]
            s = s + 1.0
        except IndexError:
            s = s * 3.0
    return np.sum(x) * s


def an_item_out_of_range_that_nobody_reads(x):
    xs, s = [], 1.0
    for k in range(len(x)):
        xs.append(x * k)
    try:
        xs[7]
        s = 2.0
    except IndexError:
        s = 3.0 * x[1]
    return s * x[0]


def one_of_two_views(x):
    try:
        s = np.sum(np.outer(x, x).T[1] if 0.2 < x[0] < 1.0 else x)
    except (KeyError, ArithmeticError):
        s = 0.0
    return s


def what_may_raise_after_a_raise(x):
    m, s = np.array([[0.3 for _ in (0, 1)] for _ in range(3)]), x[1]
    try:
        if x[0] > 0.1:
            raise KeyError("not now")
        s = np.sum(m[:, np.array([0, 1, 1])])
    except (RuntimeError, KeyError):
        s = s * 2
    return s


def raised_again_from_two_origins(x):
    s = x[1]
    for k in range(4):
        try:
            try:
                s = s * check(x[0] * k, 0.7)
                s = s * math.log(x[1] * k - 0.3)
            except (ArithmeticError, ValueError) as error:
                s = s + 0.3
                raise RuntimeError("again") from error
        except RuntimeError:
            s = s**2
    return s


def attributes_of_one_of_two(x):
    s = x[1]
    try:
        if x[0] > 0.2:
            raise Failed(x[0] * 2)
        s = s * math.sqrt(x[0] - 1.0)
    except Failed as error:
        s = s * error.code
    except ValueError:
        s = 2.0
    return s


class Model:
    def __init__(self, w):
        self.w = w

    def train(self, rate):
        self.w = self.w * rate
        return np.sum(self.w)


def a_guard_of_a_case_that_does_not_fit(x):
    model, s = Model(x), 1.0
    match int(x[0] * 10 + 0.5):
        case 0 if model.train(0.8) < 0.2:
            s = 2.0
        case 3 if (t := model.train(0.5)) > 0.2:
            s = t
    return np.sum(model.w) * s


PROGRAMS = (
    a_return_and_a_try_in_its_clean_up, a_break_and_a_try_in_its_clean_up,
    an_exception_goes_on_after_a_clean_up_that_may_return, a_row_out_of_range_that_nobody_reads,
    an_item_out_of_range_that_nobody_reads, one_of_two_views, what_may_raise_after_a_raise,
    raised_again_from_two_origins, attributes_of_one_of_two, a_guard_of_a_case_that_does_not_fit,
)  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_tried(program):
    agree(program, X, order=1)


def test_an_index_of_an_array_and_a_number_in_a_try():
    def f(x):
        m = np.outer(x, x)
        try:
            s = np.sum(m[np.array([0, 1]), 1])
        except IndexError:
            s = 0.0
        return s

    agree(f, X, order=1)
