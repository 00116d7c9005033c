"""Lists of unknown length that hold named tuples, dicts and objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import SrcgradError
from tests.frontend.agree import agree

X = np.array([0.3, 0.7, 1.2])
PROGRAMS = []


def case(*args):
    """Take a program with its arguments into the list."""

    def take(fn):
        PROGRAMS.append(pytest.param(fn, args, id=fn.__name__))
        return fn

    return take


@case(X)
def a1(x):
    traj = []
    for v in x:
        traj.append({"S": v, "I": v * v})
    return max(t["I"] for t in traj)


@case(X)
def a2(x):
    traj = []
    for v in x:
        traj.append({"S": v, "I": v * v})
    return traj[-1]["S"]


@case(X)
def a3(x):
    traj = []
    for k, v in enumerate(x):
        traj.append({"S": v, "I": v * v})
    return len(traj) * x[0] + sum(t["I"] for t in traj)


class Pt(NamedTuple):
    a: float
    b: float

    def s(self):
        return self.a * self.b


@dataclass
class Rec:
    t: float
    y: np.ndarray

    def e(self):
        return np.sum(self.y**2) * self.t


@case(X)
def c1(x):
    ps = [Pt(v, v * x[0]) for v in x]
    return sum(p.s() for p in ps) + ps[-1].a + ps[0]._replace(a=x[1]).s()


@case(X)
def c2(x):
    rs = []
    for v in x:
        rs.append(Rec(v, v * x))
    best = rs[0]
    for r in rs[1:]:
        if r.e() > best.e():
            best = r
    return best.e() + sum(r.t for r in rs) + np.sum(np.array([r.y for r in rs]))


@dataclass
class PathStats:
    maximum: float
    final: float


@case(np.array([1.0, 0.3]), np.random.default_rng(0).normal(size=(6, 5)))
def mc(p, z):
    s0, sig = p
    stats = []
    for path in z:
        s = s0
        m = s0
        for w in path:
            s = s * np.exp(sig * 0.3 * w - 0.5 * sig**2 * 0.09)
            if s > m:
                m = s
        stats.append(PathStats(m, s))
    knocked = [st for st in stats if st.maximum > 1.3 * s0]
    return np.mean([max(st.final - 1.0, 0.0) for st in stats]) + len(knocked) * 0.0 + sum(st.maximum for st in stats)


@case(X)
def row_filled_after_the_append(x):
    rows = []
    for i in range(len(x)):
        row = np.zeros(3)
        rows.append(row)
        for j in range(3):
            row[j] = x[j] * i
    rows[0][1] = x[2] ** 2
    return np.sum(np.array(rows) ** 2) + rows[1][0]


@case(X)
def view_of_a_row_that_is_in_a_list(x):
    rows = []
    for i in range(len(x)):
        row = x * i
        part = row[1:]
        rows.append(row)
        part[0] = x[0] ** 2
        row[2] = part[0] * 3
    return np.sum(np.array(rows) ** 2)


@case(X)
def list_filled_after_the_append(x):
    table = []
    for i in range(len(x)):
        row = []
        table.append(row)
        for j in range(len(x)):
            row.append(x[i] * x[j])
        row[0] = x[0]
    return sum(sum(row) for row in table)


@pytest.mark.parametrize(("fn", "args"), PROGRAMS)
def test_program(fn, args):
    agree(fn, *args, order=1)


def c4(x):
    rs = [Rec(v, v * x) for v in x]
    for r in rs:
        r.t = r.t * 2
    return sum(r.e() for r in rs)


def c5(x):
    r = Rec(x[0], x)
    rs = []
    for v in x:
        r.t = v
        rs.append(r)
    return sum(q.e() for q in rs)


def c6(x):
    rs = []
    for v in x:
        r = Rec(v, x * v)
        rs.append(r)
        r.y[0] = 5.0
    return sum(q.e() for q in rs)


def held_by_two_lists(x):
    one, two = [], []
    for i in range(len(x)):
        row = x * i
        one.append(row)
        two.append(row)
        row[0] = x[1]
    return np.sum(np.array(one) * np.array(two))


def appended_by_the_right_side(x):
    def push(rows, row):
        rows.append(row)
        return 1.0

    rows = []
    for i in range(len(x)):
        row = x * i
        row += push(rows, row) * x
    return np.sum(np.array(rows) ** 2)


def appended_on_one_path(x):
    rows = []
    for i in range(len(x)):
        row = x * i
        if x[i] > 0.5:
            rows.append(row)
        row[0] = x[1] ** 2
    return np.sum(np.array(rows) ** 2)


@pytest.mark.parametrize("fn", [c4, c5, c6, held_by_two_lists, appended_by_the_right_side, appended_on_one_path])
def test_what_is_held_twice_is_not_written(fn):
    with pytest.raises(SrcgradError):
        srcgrad.grad(fn, fallback="error")(X)
