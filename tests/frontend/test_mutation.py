"""Every way of writing into memory: exact in both modes and at second order, or refused."""

import numpy as np
import pytest

import srcgrad
from tests.frontend.agree import agree, refused

PROGRAMS = []


def program(*args, **options):
    """Collect a program with the arguments to try it on."""

    def collect(fn):
        PROGRAMS.append((fn, args, options))
        return fn

    return collect


X = np.array([1.2, 0.7, 2.1, 0.9])


M = np.array([[1.2, 0.3, 0.5], [0.7, 1.1, 0.2], [0.4, 0.6, 1.7]])


R = np.arange(12.0).reshape(3, 4) / 7 + 0.3


@program(X)
def out_kw(x):
    c = np.zeros_like(x)
    np.multiply(x, x, out=c)
    np.add(c, 1.0, out=c)
    return np.sum(c * x)


@program(X)
def out_pos(x):
    c = np.empty_like(x)
    np.multiply(x, x, c)
    return np.sum(c * x)


@program(X)
def out_view(x):
    c = np.ones((2, 4))
    np.exp(x, out=c[0])
    np.sin(c[0], out=c[1])
    return np.sum(c**2)


@program(M)
def out_dot(m):
    c = np.empty((3, 3))
    np.dot(m, m, out=c)
    r = np.empty(3)
    np.sum(c, axis=0, out=r)
    return np.sum(r**2)


@program(X)
def where_div(x):
    d = np.array([1.0, 0.0, 2.0, 0.0])
    q = np.divide(x, d, out=np.zeros_like(x), where=d != 0)
    return np.sum(q**2)


@program(X)
def where_div2(x):
    q = np.divide(1.0, x, out=np.zeros_like(x), where=x != 0)
    return np.sum(q**2)


@program(X)
def add_at(x):
    c = np.zeros(3)
    np.add.at(c, np.array([0, 1, 0, 2]), x**2)
    return np.sum(c**3)


@program(X)
def mul_at(x):
    c = np.ones(3)
    np.multiply.at(c, np.array([0, 1, 0, 2]), x)
    return np.sum(c**3)


@program(M)
def red(m):
    return (
        np.sum(np.add.reduce(m, axis=1) ** 2)
        + np.multiply.reduce(m[0])
        + np.maximum.reduce(m[1])
        + np.add.reduce(m)[0] ** 2
    )


@program(X)
def acc(x):
    return np.sum(np.add.accumulate(x) ** 2) + np.sum(np.multiply.accumulate(x) ** 2)


@program(X)
def outer(x):
    return np.sum(np.multiply.outer(x, x) ** 2) + np.sum(np.subtract.outer(x, x) ** 3)


@program(X)
def copyto(x):
    c = np.zeros(4)
    np.copyto(c, x)
    np.copyto(c, 3.0, where=x > 1)
    return np.sum(c**2)


@program(X)
def put(x):
    c = np.zeros((2, 3))
    np.put(c, [0, 4], x[:2] ** 2)
    c.put(5, x[2])
    return np.sum(c**2) + c[1, 2]


@program(X)
def palong(x):
    c = np.zeros((2, 3))
    np.put_along_axis(c, np.array([[0], [2]]), x[:2].reshape(2, 1) ** 2, axis=1)
    return np.sum(c**2)


@program(X)
def place(x):
    c = np.zeros(6)
    np.place(c, np.arange(6) > 2, x[:2])
    np.putmask(c, c < 1, x[3])
    return np.sum(c**2)


@program(M)
def filld(m):
    a = m.copy()
    np.fill_diagonal(a, m[0] ** 2)
    b = m @ m
    np.fill_diagonal(b, 0.0)
    return np.sum(a**2) + np.sum(b * a)


@program(X)
def fill(x):
    c = np.empty(4)
    c.fill(x[0])
    return np.sum(c * x)


@program(X)
def sort_(x):
    c = x**2
    c.sort()
    return c[0] * 3 + c[1] ** 2


@program(X)
def flat_(x):
    c = np.zeros((2, 3))
    c.flat[3] = x[0]
    c.flat[[0, 1]] = x[:2]
    s = c.flat[3] * x[1]
    return s + np.sum(c**2)


@program(X)
def masked(x):
    a = x * x
    a[a > 1] = 0.0
    a[a < 0.9] *= x[0]
    return np.sum(a**2)


@program(X)
def fancy(x):
    a = x * x
    i = np.array([0, 0, 2])
    a[i] += x[:3]
    a[i] *= 2.0
    return np.sum(a**2)


@program(M)
def swaprows(m):
    a = m * m
    a[[0, 2]] = a[[2, 0]]
    a[0] = a[0] * 2
    return np.sum(a * np.arange(9.0).reshape(3, 3))


@program(X)
def swap2(x):
    a = x * x
    a[0], a[1] = (a[1], a[0])
    b = x.copy()
    a, b = (b, a)
    a[0] = 5 * b[1]
    return np.sum(a * b)


@program(M)
def swapviews(m):
    a = m.copy()
    u = a[0]
    v = a[1]
    u, v = (v, u)
    u *= 2.0
    a[0], a[1] = (a[1], a[0])
    return np.sum(a * m * np.arange(9.0).reshape(3, 3))


@program(M)
def rowviews(m):
    a = m.copy()
    for row in a:
        row += 1.0
        row *= row[0]
    return np.sum(a**2)


@program(M)
def rowviews2(m):
    a = m.copy()
    for k, row in enumerate(a):
        a = a * 2.0
        row += a[k]
    return np.sum(a**2)


@program(M)
def transposed(m):
    a = m.copy()
    a.T[0] = m[1]
    t = a.T
    t[1, 2] *= 3.0
    a.T[...] += m
    return np.sum(a**2)


@program(R)
def reshaped(m):
    a = m.copy()
    f = a.reshape(-1)
    f[3] = m[0, 0] * 2
    g = a.ravel()
    g[5] *= 2.0
    return np.sum(a**2)


@program(X)
def overlapv(x):
    a = x * x
    a[1:] += a[:-1]
    a[:-1] = a[1:]
    b = a[::2]
    b *= 2.0
    return np.sum(a**2)


@program(M)
def diagv(m):
    a = m * 2.0
    d = np.diagonal(a)
    a[0, 0] = 5.0
    return np.sum(d**2) + np.sum(a)


@program(M)
def diagv2(m):
    a = m * 2.0
    d = np.diag(a)
    a[0, 0] = 5.0 * m[1, 1]
    return np.sum(d**2) + np.sum(a)


@program(X)
def realw(x):
    z = np.zeros(4, complex)
    z.real = x
    z.imag = x**2
    z.real[0] *= 2.0
    z.imag += 1.0
    return np.sum(np.abs(z) ** 2)


@program(X)
def asarr(x):
    a = np.asarray(x)
    a[0] = 2.0
    b = np.array(x)
    b[1] = 3.0
    c = x.astype(float)
    c[2] = 1.0
    return np.sum(a * b * c)


@program(X)
def asflt(x):
    y = x * 1.0
    a = y.astype(float, copy=False)
    a[0] = 2.0
    return np.sum(y * a)


@program(X)
def squeezed(x):
    y = x.reshape(1, 4) * 1.0
    v = y.squeeze()
    v[0] = 2.0 * x[1]
    w = np.expand_dims(y, 0)
    w[0, 0, 1] = x[3]
    return np.sum(y**3)


@program(X)
def ell(x):
    y = np.empty((4, 4))
    y[...] = x
    y[:, None, 0] = x[0]
    y[-1] = 0
    return np.sum(y**2)


@program(X)
def ascont(x):
    a = x * 2.0
    b = np.ascontiguousarray(a)
    b[0] = x[1]
    return np.sum(a**2)


@program(X)
def npdelete(x):
    y = np.delete(x, 0)
    y *= 2.0
    y[0] += 1
    return np.sum(y**2)


@program(X)
def logadd(x):
    return np.logaddexp.reduce(x) + np.sum(np.maximum.accumulate(x) ** 2) + np.sum(np.subtract.accumulate(x) ** 2)


@program(M)
def logadd2(m):
    return np.sum(np.logaddexp.reduce(m, axis=1) ** 2) + np.sum(np.subtract.reduce(m, axis=0) ** 2)


@program(X)
def whereout(x):
    c = x * 0.5
    m = x > 1
    np.multiply(x, x, out=c, where=m)
    np.sqrt(c, out=c, where=~m)
    return np.sum(c**2)


@program(M, X[:3])
def whereout2(m, v):
    c = np.zeros((3, 3))
    np.divide(m, v, out=c, where=v > 1)
    return np.sum(c**2)


@program(X)
def maxat(x):
    c = np.zeros(3)
    np.maximum.at(c, [0, 1, 0, 2], x)
    np.subtract.at(c, (np.array([0, 0]),), x[:2] ** 2)
    return np.sum(c**3)


@program(M)
def at2(m):
    c = np.ones((3, 3))
    np.multiply.at(c, (np.array([0, 0, 1]), np.array([1, 1, 2])), m[0])
    return np.sum(c**3)


@program(M)
def nested_rows(m):
    a = m.copy()
    for i in range(3):
        row = a[i]
        for j in range(3):
            row[j] *= m[j, i]
        row -= row.mean()
    return np.sum(a**3)


@program(M)
def gauss(m):
    a = m + 4 * np.eye(3)
    b = m[0] * 1.0
    n = 3
    for k in range(n):
        p_ = k + int(np.argmax(np.abs(a[k:, k])))
        if p_ != k:
            a[[k, p_]] = a[[p_, k]]
            b[[k, p_]] = b[[p_, k]]
        for i in range(k + 1, n):
            f = a[i, k] / a[k, k]
            a[i, k:] -= f * a[k, k:]
            b[i] -= f * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - a[i, i + 1 :] @ x[i + 1 :]) / a[i, i]
    return np.sum(x**2)


@program(X)
def dblbuf(x):
    cur = x.copy()
    nxt = np.empty_like(cur)
    for t in range(5):
        nxt[1:-1] = cur[1:-1] + 0.1 * (cur[2:] - 2 * cur[1:-1] + cur[:-2])
        nxt[0] = cur[0]
        nxt[-1] = cur[-1]
        cur, nxt = (nxt, cur)
    return np.sum(cur**2)


@program(X)
def condalias(x):
    a = x * 1.0
    y = a if x[0] > 0 else a[::-1]
    b = a[:2]
    b *= 3.0
    return np.sum(a**2)


@program(X)
def diag3(x):
    a = np.diag(x)
    a[0, 1] = x[2]
    d = np.diag(a).copy()
    d[0] = 1
    return np.sum(a**2) + np.sum(d * x)


@program(X)
def clipout(x):
    np_ = x * 2
    np.clip(np_, 1.0, 3.0, out=np_)
    np_.clip(1.5, 2.9, np_)
    return np.sum(np_**2)


@program(X)
def cplx(x):
    z = np.exp(1j * x)
    z.imag *= 2.0
    z.imag[1:] = x[:-1]
    z[0].real
    z[1:].real += x[0]
    return np.sum(np.abs(z) ** 2 * x)


@program(X)
def flat_items(x):
    c = np.zeros((2, 3))
    for k in range(6):
        c.flat[k] = x[k % 4] * k
    c.flat[1:4] *= 2.0
    c.flat = c.flat[::-1] * x[0]
    c.flat[-1] += 3.0
    return np.sum(c**2)


@program(X)
def pieces(x):
    y = x * 1.0
    a, b = np.split(y, 2)
    a *= b
    b[0] = x[0]
    return np.sum(y**2)


@program(M)
def pieces_along_axes(m):
    y = m * 1.0
    a, b = np.split(y, [1])
    left, right, last = np.split(y, 3, axis=1)
    a *= 2.0
    right[0] = m[1, 1]
    last[:] = left
    return np.sum(y**2) + np.sum(b)


@pytest.mark.parametrize(("fn", "args", "options"), PROGRAMS, ids=[fn.__name__ for fn, _, _ in PROGRAMS])
def test_program(fn, args, options):
    agree(fn, *args, **options)


def strided_copy(x):
    a = np.tile(x, (3, 1)) * 2.0
    f = a[:, ::2].reshape(-1)
    f[0] = 100.0
    return np.sum(a)


def rebound_or_written(x):
    s = 0.0
    for i in range(3):
        s += x * i
    y = s
    y *= 2.0
    return np.sum(s)


def read_only(x):
    m = np.outer(x, x)
    np.diagonal(m)[0] = 1.0
    return np.sum(m)


def where_alone(x):
    return np.sum(np.sqrt(x, where=x > 0))


def into_integers(x):
    counts = np.zeros(4, int)
    np.add(counts, x, out=counts)
    return np.sum(counts * x)


def einsum_view(x):
    m = np.outer(x, x)
    np.einsum("ii->i", m)[:] = x
    return np.sum(m)


REFUSED = {
    strided_copy: "cannot differentiate a write through `f`: it shares memory with `a` on some paths only.",
    rebound_or_written: "cannot tell whether `s` is changed here: an array would be written in place, "
    "a number would not",
    read_only: "cannot write into this view: NumPy gives it for reading only",
    where_alone: "cannot differentiate `where=` without `out=`: what is not computed has no value",
    into_integers: "cannot add float numbers into an array of int64: NumPy refuses the cast",
    einsum_view: "cannot differentiate a write through `an array`: it shares memory with `m` on some paths only.",
}


@pytest.mark.parametrize("fn", REFUSED, ids=lambda fn: fn.__name__)
def test_refused(fn):
    assert refused(fn, X) == REFUSED[fn]


def test_masked_places_are_no_operands():
    def ratio(x):
        return np.sum(np.divide(1.0, x, out=np.zeros_like(x), where=x != 0) ** 2)

    np.testing.assert_array_equal(srcgrad.grad(ratio)(np.array([2.0, 0.0])), [-0.25, 0.0])


def test_arguments_keep_their_entry_values():
    def written(x, y):
        x *= 2.0
        y[0] = np.sum(x)
        return np.sum(x * y)

    x, y = X.copy(), X.copy()
    srcgrad.grad(written)(x, y)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, X)
