"""Exceptions: what handlers, `finally` and context managers do, on every path, with its derivative and its effects."""

import contextlib
import io
import math

import numpy as np
import pytest

import srcgrad
from tests.frontend.agree import agree, refused

V = np.array([1.2, 2.5, 0.7])
A = np.array([[2.0, 0.3], [0.3, 1.0]])
COUNT = {"n": 0}


def cholesky(a):
    a = a + a.T
    try:
        L = np.linalg.cholesky(a)
        r = np.sum(L**2) + L[1, 0]
    except np.linalg.LinAlgError:
        r = np.sum(a**3)
    return r


def division(x):
    try:
        y = x * 3
        z = 1 / (x - 1)
        y = y * z
    except ZeroDivisionError:
        y = y * 5
    return y


def indexed(x, n):
    s = 0.0
    for k in range(n):
        try:
            s = s + x[k] ** 2
        except IndexError:
            s = s * 3
            break
        finally:
            s = s + 0.5 * x[0]
    return s


def g(x, k):
    return x[k] * 2


def nested(x, k):
    t = 0.0
    try:
        try:
            t = x[0]
            t = t + g(x, k)
            t = t + math.sqrt(x[0] - 1)
        except IndexError:
            t = t * 7
            raise
        finally:
            t = t + x[1]
    except ValueError:
        t = t * 11
    except IndexError:
        t = t * 13
    return t


class MyErr(Exception):
    def __init__(self, msg, value):
        super().__init__(msg)
        self.value = value


def attribute(x):
    try:
        if x > 1:
            raise MyErr("big", value=x**2)
        r = x
    except MyErr as e:
        r = e.value * 3 + len(e.args)
    return r


def inside_expressions(x):
    try:
        y = 1.0 / (x - 1) if x > 0.5 else math.log(x)
        y = y + (x > 0 and math.sqrt(x))
    except (ZeroDivisionError, ValueError):
        y = x
    return y


class E1(Exception):
    def __init__(self, msg, value=1.0):
        super().__init__(msg)
        self.value = value


def raised_in_callee(x, lim):
    def step(v):
        if v > lim:
            raise E1("too big", value=v * x)
        return v * 1.5

    s = 0.0
    v = x
    for k in range(6):
        try:
            v = step(v)
            s += v
        except E1 as e:
            s += e.value**2
            break
    else:
        s = s * 2
    return s


def asserts(x):
    try:
        y = x * 2
        assert y > 3, "small"
        y = y * x
    except AssertionError:
        y = y + x**3
    return y


def from_another(x):
    try:
        try:
            z = math.log(x)
        except ValueError as e:
            raise KeyError("bad") from e
    except KeyError as err:
        z = x * 3 if err.args[0] == "bad" else x
    return z


def returns_in_a_loop(x, n):
    s = x[0]
    log = []
    for k in range(n):
        try:
            s = s * x[k]
            if s > 4:
                return s * 2
            if k == 1:
                continue
        except IndexError:
            return s * 3
        finally:
            s = s + 1.0
            log.append(k)
        s = s + 0.1
    return s + len(log)


def in_place(x, k):
    a = x.copy()
    try:
        a[0] = a[0] * 3
        a[k] = a[k] ** 2
        a[1] = 0.0
    except IndexError:
        a[0] += 1.0 * a[1]
    return np.sum(a * x)


def while_else(x, n):
    k = 0
    s = 0.0
    while k < n:
        try:
            s += x[k] * x[k - 1]
        except IndexError:
            break
        k += 1
    else:
        s += 100.0 * x[0]
    return s


def conversions(x, t):
    try:
        n = int(t)
        f = float(t)
    except ValueError:
        n, f = 2, 0.5
    return x**n * f


def anything(x, a):
    try:
        y = np.linalg.solve(a, x)
        z = y @ x
    except (ArithmeticError, LookupError, ValueError, TypeError) as e:
        z = np.sum(x)
        print(str(e), repr(e))
    return z * x[0]


@contextlib.contextmanager
def guarded(v):
    try:
        yield v * 2
    except ValueError:
        pass
    finally:
        pass


def managed(x):
    y = x
    with guarded(x) as t:
        y = t * x
        y = y + math.log(x)
    return y


def returned_from_with(x):
    with guarded(x) as t:
        return math.sqrt(x) * t
    return x * 3


def suppressed(x):
    y = x
    with contextlib.suppress(ValueError, ZeroDivisionError):
        y = x * 4
        y = math.sqrt(x) * y
    return y


def generated(x, n):
    def items():
        try:
            for k in range(n):
                yield x[k] * k
        except IndexError:
            yield x[0] * 5

    s = 0.0
    for v in items():
        s += v * v
    return s


def keys(x, key):
    table = {"a": 2.0, "b": 3.0}
    try:
        f = table[key]
    except KeyError:
        f = 1.0
    return f * x * x


def recursive(x, n):
    def fact(v, k):
        if k > 3:
            raise RecursionError("deep")
        if v < 1:
            return v
        return v * fact(v - 1.0, k + 1)

    try:
        return fact(x, 0)
    except RecursionError:
        return x * 5


def comprehension(x, n):
    try:
        ys = [math.sqrt(x[k]) for k in range(n)]
        s = sum(ys)
    except (ValueError, IndexError):
        s = x[0] * x[0]
    return s


class Timer:
    def __init__(self):
        self.k = 0
        self.log = 0

    def __enter__(self):
        return self

    def __exit__(self, *a):
        COUNT["n"] += 1
        return False


class Keep:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return kind is ZeroDivisionError


def printing(x):
    try:
        y = math.log(x)
    finally:
        print("done")
    return y * x


def timed(x):
    with Timer():
        y = math.log(x)
        y = y * x
    return y


def kept(x):
    y = x
    with Keep():
        y = x * 2
        y = y * (1 / math.floor(x))
    return y


def counted(x):
    try:
        if x < 0:
            raise ValueError("neg", 3)
        y = x * x
    finally:
        COUNT["n"] += 1
    return y


def returned_past_finally(x):
    for k in range(3):
        try:
            return math.sqrt(x - k)
        except ValueError:
            x = x + 2
        finally:
            COUNT["n"] += 1
    return x


class KE(Exception):
    def __init__(self, msg, key=1):
        super().__init__(msg)
        self.key = key


def keyword(x):
    if x < 0:
        raise KE("no", key=3) from ValueError("z")
    return x * x


def squared(v):
    if v > 2:
        raise ValueError(v)
    return v * v


def else_is_left_out(x):
    """What a callee raises goes past the inner handlers, and past their `else`."""
    s = x
    try:
        try:
            s = s * 0.5 + squared(x)
        except IndexError:
            s = s * 7
        except KeyError:
            s = s * 9
        else:
            s = math.sqrt(s)
        finally:
            s = s * 1.1
            COUNT["n"] += 1
    except ValueError:
        s = s + x
    return s * x


PROGRAMS = [
    (cholesky, [(A,), (-A,)]), (division, [(3.0,)]), (indexed, [(V[:2], n) for n in (0, 1, 2, 5)]),
    (nested, [(np.array(v), k) for v in ([2.0, 3.0], [0.5, 3.0]) for k in (0, 9)]), (attribute, [(0.5,), (2.0,)]),
    (inside_expressions, [(2.0,), (0.3,), (-1.0,)]),
    (raised_in_callee, [(0.5, 1.2), (0.5, 100.0), (2.0, 1.0)]), (asserts, [(1.0,), (2.0,)]),
    (from_another, [(2.0,), (-2.0,)]), (returns_in_a_loop, [(V, n) for n in (0, 1, 2, 3, 6)]),
    (in_place, [(V, 1), (V, 9)]), (while_else, [(V, 0), (V, 3), (V, 9)]),
    (conversions, [(1.3, "3"), (1.3, "abc"), (1.3, 2.7)]),
    (anything, [(V, np.eye(3) * 2), (V, np.zeros((3, 3))), (V, np.eye(2))]), (managed, [(2.0,), (-2.0,)]),
    (returned_from_with, [(2.0,), (-2.0,)]), (suppressed, [(2.0,), (-2.0,)]), (generated, [(V, 2), (V, 3), (V, 5)]),
    (keys, [(2.0, "a"), (2.0, "z")]), (comprehension, [(V, 2), (-V, 2), (V, 7)]),
    (printing, [(2.0,)]), (timed, [(2.0,)]), (kept, [(2.5,), (0.5,)]), (counted, [(2.0,)]),
    (returned_past_finally, [(1.5,), (-0.5,), (-5.0,)]), (else_is_left_out, [(1.5,), (3.0,)]),
]  # fmt: skip
CASES = [pytest.param(fn, args, id=f"{fn.__name__}{k}") for fn, cases in PROGRAMS for k, args in enumerate(cases)]


@pytest.mark.parametrize(("fn", "args"), CASES)
def test_program(fn, args):
    with contextlib.redirect_stdout(io.StringIO()):
        agree(fn, *args)


def test_the_handler_sees_what_the_body_has_done():
    """At the point itself: its neighbourhood takes the other path."""
    assert srcgrad.value_and_grad(division)(1.0) == (15.0, 15.0)


def observed(fn, *args):
    """What a call gives or raises, prints and counts."""
    out, COUNT["n"] = io.StringIO(), 0
    with contextlib.redirect_stdout(out):
        try:
            result = fn(*args)
        except (ValueError, KE) as error:
            result = type(error), error.args, getattr(error, "key", None), repr(error.__cause__)
    return result, out.getvalue(), COUNT["n"]


LEAVING = [(printing, -1.0), (timed, -1.0), (counted, -1.0), (keyword, -1.0), (printing, 2.0), (timed, 2.0),
           (counted, 2.0), (returned_past_finally, -5.0), (keyword, 2.0)]  # fmt: skip


@pytest.mark.parametrize(("fn", "x"), LEAVING)
def test_effects_where_an_exception_leaves_the_program(fn, x):
    result, printed, counted_ = observed(fn, x)
    found = observed(srcgrad.value_and_grad(fn), x)
    value = found[0] if isinstance(result, tuple) else found[0][0]
    assert (value, *found[1:]) == (result, printed, counted_)


def test_a_test_is_made_only_where_somebody_takes_what_is_raised():
    def f(x):
        try:
            y = np.sum(x * 2.0)
        except KeyError:
            y = 0.0
        return y

    assert "raises" not in srcgrad.grad(f).source


def test_the_code_of_a_single_handler():
    source = srcgrad.grad(cholesky).source
    assert "if raises((np.linalg.LinAlgError,), np.linalg.cholesky, a_2):" in source or "raises_2" in source
    assert "thrown" not in source


def test_refused_a_function_that_calls_itself():
    assert refused(recursive, 2.5, 0) == "cannot tell whether `fact` raises RecursionError here"


def test_refused_what_acts():
    def f(x, rng):
        try:
            y = rng.normal(size=3)
        except ValueError:
            y = x
        return np.sum(y * x)

    assert refused(f, V, np.random.default_rng(0)) == "cannot tell whether `normal` raises ValueError here"
