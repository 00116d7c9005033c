"""`match`, `with`, `try`, `del`, generators: control beyond `if` and loops."""

import contextlib

import numpy as np
import pytest

from tests.frontend.agree import agree

V = np.array([1.0, 2.0, 3.0])


@contextlib.contextmanager
def scaled(x):
    y = x * 2
    yield y


class Timer:
    def __init__(self, k):
        self.k = k

    def __enter__(self):
        return self

    def __exit__(self, *a):
        return False


def managers(x):
    with np.errstate(divide="ignore"), scaled(x) as y:
        z = np.sum(y**2)
        if z > 100:
            return z
    return z * x[0]


def matching(x, kind):
    match kind:
        case "relu":
            return np.sum(np.maximum(x, 0) * x)
        case ("pow", p):
            return np.sum(x**p)
        case {"scale": s, **rest}:
            return np.sum(x * s) ** 2
        case [a, *bs] if len(bs) > 1:
            return a * np.sum(x**2)
        case int(n) if n > 5:
            return np.sum(x**3)
        case _:
            return np.sum(np.sin(x))


def handlers(x, flag):
    try:
        if x > 1:
            raise ValueError("big")
        y = x * x
        if flag:
            raise KeyError("k")
    except ValueError:
        y = np.sin(x)
    except (KeyError, IndexError) as e:
        y = x**3
    else:
        y = y * 2
    finally:
        z = 2.0
    return y * z


def cleaned_up(x, n):
    s = 0.0
    for k in range(n):
        try:
            if k == 2:
                continue
            if k == 4:
                raise ValueError
            s += x**k
        except ValueError:
            s = s * x
            break
        finally:
            s += x * 0.1
    return s


def lookup_(d, key):
    if key not in d:
        raise KeyError(key)
    return d[key]


def known_errors(x):
    d = {"a": x}
    try:
        v = lookup_(d, "b")
    except KeyError:
        v = d["a"] * 3
    try:
        w = d["zz"]
    except KeyError:
        w = x * 2
    del d["a"]
    import math
    from math import cos as c

    return v * w * math.sin(x) + c(x) + len(d)


def numbers(x, n):
    t = x
    for k in range(n):
        t = np.sin(t) + k
        yield t, k
        if k > 3:
            return


def consumed(x, n):
    s = 0.0
    for v, k in numbers(x, n):
        if k == 1:
            continue
        s += v * v
        if k == 5:
            break
    else:
        s = s * 2
    return s


def endless(x, limit):
    def doubled():
        t = x
        while True:
            yield t
            t = t * 1.5

    s = 0.0
    for v in doubled():
        if v > limit:
            return s * v
        s += v**2
    return s


def test_managers():
    agree(managers, V)


@pytest.mark.parametrize("kind", ["relu", ("pow", 3), {"scale": 2.0, "q": 1}, [2.0, 1.0, 3.0], 7, 2], ids=str)
def test_match(kind):
    agree(matching, V, kind, order=1)


@pytest.mark.parametrize("x", [0.5, 1.5])
@pytest.mark.parametrize("flag", [True, False])
def test_handlers(x, flag):
    agree(handlers, x, flag, order=1)


@pytest.mark.parametrize("n", [2, 4, 6])
def test_try_in_a_loop(n):
    agree(cleaned_up, 0.7, n, order=1)


def test_errors_known_while_compiling():
    agree(known_errors, 0.7)


@pytest.mark.parametrize("n", [0, 2, 7])
def test_generators_in_loops(n):
    agree(consumed, 0.3, n, order=1)


@pytest.mark.parametrize("limit", [0.1, 3.0])
def test_endless_generators(limit):
    agree(endless, 0.7, limit, order=1)
