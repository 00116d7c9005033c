"""Chosen functions in IR, with arguments and with the text they should become."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.ir import ABSENT, Block, Call, Func, If, Items, Loop, Operand, Range, Source, Value
from srcgrad.ir.types import ANY, PY_BOOL, PY_FLOAT, PY_INT, Arr, Dim, ListOf, Type

F8 = np.dtype("float64")
VECTOR = Arr(F8, (Dim("n"),))
INNER = Arr(F8, (Dim("n", 2),))
MIDDLE, LEFT, RIGHT = slice(1, -1), slice(None, -2), slice(2, None)


@dataclass(frozen=True)
class Made:
    """A function, arguments to try it with, and its text."""

    func: Func
    args: list[Any]
    text: str


class Body:
    """Appends ops to a block."""

    def __init__(self, *params: Value) -> None:
        self.block = Block(list(params))

    def call(self, type_: Type, fn: Any, *args: Operand, hint: str = "", style: str = "", sweep: str = "") -> Value:
        out = Value(type_, hint)
        self.block.ops.append(Call(fn, args, {}, out, style=style, sweep=sweep))
        return out

    def branch(self, cond: Operand, then: Block, orelse: Block, *outs: Value) -> None:
        self.block.ops.append(If(cond, then, orelse, list(outs)))

    def loop(self, sources: list[Source], inits: list[Operand], body: Block, *outs: Value,
             reverse: bool = False) -> None:  # fmt: skip
        self.block.ops.append(Loop(sources, inits, body, list(outs), reverse))

    def done(self, *yields: Operand) -> Block:
        self.block.yields = list(yields)
        return self.block


def vector(hint: str) -> Value:
    return Value(VECTOR, hint)


def number(hint: str) -> Value:
    return Value(PY_FLOAT, hint)


def count(hint: str = "stop") -> Value:
    return Value(PY_INT, hint)


def heat() -> Made:
    """In place with slices, a tape, and a reverse sweep in place."""
    u, alpha, steps = vector("u"), number("alpha"), count("steps")
    top = Body(u, alpha, steps)
    start = top.call(VECTOR, np.ndarray.copy, u, hint="u", style="method")
    inside = vector("u")
    step = Body(count("_"), inside)
    twice = step.call(INNER, operator.mul, 2, step.call(INNER, operator.getitem, inside, MIDDLE))
    diff = step.call(INNER, operator.sub, step.call(INNER, operator.getitem, inside, RIGHT), twice)
    lap = step.call(INNER, operator.add, diff, step.call(INNER, operator.getitem, inside, LEFT), hint="lap")
    scaled = step.call(INNER, operator.mul, alpha, lap)
    after = step.call(VECTOR, runtime.add_item, inside, MIDDLE, scaled, hint="u")
    end, laps = vector("u"), Value(ListOf(INNER), "laps")
    top.loop([Range(0, steps)], [start], step.done(0, after, lap), count(), end, laps)

    seed = top.call(VECTOR, operator.mul, 2, end, hint="u_bar")
    u_bar, alpha_bar, item = vector("u_bar"), number("alpha_bar"), Value(INNER, "lap")
    back = Body(item, u_bar, alpha_bar)
    step_bar = back.call(INNER, operator.getitem, u_bar, MIDDLE, hint="step_bar")
    share = back.call(PY_FLOAT, np.sum, back.call(INNER, operator.mul, step_bar, item))
    alpha_new = back.call(PY_FLOAT, operator.add, alpha_bar, share, hint="alpha_bar")
    lap_bar = back.call(INNER, operator.mul, alpha, step_bar, hint="lap_bar")
    first = back.call(VECTOR, runtime.add_item, u_bar, RIGHT, lap_bar, hint="u_bar")
    minus = back.call(INNER, operator.neg, back.call(INNER, operator.mul, 2, lap_bar))
    second = back.call(VECTOR, runtime.add_item, first, MIDDLE, minus, hint="u_bar")
    third = back.call(VECTOR, runtime.add_item, second, LEFT, lap_bar, hint="u_bar")
    grads = vector("u_bar"), number("alpha_bar")
    top.loop([Items(laps)], [seed, 0.0], back.done(0, third, alpha_new), count(), *grads, reverse=True)
    text = """\
def heat_grad(u, alpha, steps):
    u = u.copy()
    laps = []
    for _ in range(steps):
        lap = u[2:] - 2 * u[1:-1] + u[:-2]
        laps.append(lap)
        u[1:-1] += alpha * lap
    u_bar, alpha_bar = 2 * u, 0.0
    for lap in reversed(laps):
        step_bar = u_bar[1:-1]
        alpha_bar += np.sum(step_bar * lap)
        lap_bar = alpha * step_bar
        u_bar[2:] += lap_bar
        u_bar[1:-1] -= 2 * lap_bar
        u_bar[:-2] += lap_bar
    return u_bar, alpha_bar
"""
    return Made(Func("heat_grad", top.done(*grads)), [np.arange(7.0) ** 2, 0.25, 3], text)


def swapped() -> Made:
    """Two buffers that change places: both are the function's own, and nothing is copied in the loop."""
    u, steps = vector("u"), count("steps")
    top = Body(u, steps)
    other = top.call(VECTOR, np.zeros_like, u, hint="after")
    now, after = vector("now"), vector("after")
    step = Body(count("_"), now, after)
    mean = step.call(INNER, operator.add, step.call(INNER, operator.getitem, now, LEFT),
                     step.call(INNER, operator.getitem, now, RIGHT))  # fmt: skip
    new = step.call(VECTOR, runtime.set_item, after, MIDDLE, step.call(INNER, operator.mul, 0.5, mean), hint="after")
    outs = vector("now"), vector("after")
    top.loop([Range(0, steps)], [u, other], step.done(0, new, now), count(), *outs)
    text = """\
def swapped(u, steps):
    after, now = np.zeros_like(u), u.copy()
    for _ in range(steps):
        after[1:-1] = 0.5 * (now[:-2] + now[2:])
        now, after = after, now
    return now
"""
    return Made(Func("swapped", top.done(outs[0])), [np.arange(7.0) ** 2, 3], text)


def settle() -> Made:
    """`continue` and `break`, and a reverse sweep over the trips that did something."""
    x, y, limit = number("x"), vector("y"), number("limit")
    top = Body(x, y, limit)
    size = top.call(PY_INT, np.size, y, style="attribute")
    i, total = count("i"), number("total")
    step = Body(i, total)
    item = step.call(PY_FLOAT, operator.getitem, y, i)
    skipped = step.call(PY_BOOL, operator.lt, item, 0)
    rest = Body()
    sine = rest.call(PY_FLOAT, np.sin, rest.call(PY_FLOAT, operator.getitem, y, i), hint="sin_y")
    product = rest.call(PY_FLOAT, operator.mul, total, sine)
    new = rest.call(PY_FLOAT, operator.add, product, x, hint="total")
    stop = count()
    over = rest.call(PY_BOOL, operator.gt, new, limit)
    rest.branch(over, Block([], [], [1]), Block([], [], [0]), stop)
    kind, carried, sines = count(), number("total"), number("")
    step.branch(skipped, Block([], [], [0, total, ABSENT]), rest.done(stop, new, sine), kind, carried, sines)
    end = number("total")
    lists = [Value(ListOf(ANY)) for _ in range(4)]
    body = step.done(kind, carried, skipped, i, total, sines)
    top.loop([Range(0, size)], [x], body, count(), end, *lists)

    seed = top.call(PY_FLOAT, operator.mul, 2, end, hint="total_bar")
    zeros = top.call(VECTOR, np.zeros_like, y, hint="y_bar")
    items = [Value(PY_BOOL), count("i"), number("total"), number("sin_y")]
    total_bar, x_bar, y_bar = number("total_bar"), number("x_bar"), vector("y_bar")
    back, full = Body(*items, total_bar, x_bar, y_bar), Body()
    x_new = full.call(PY_FLOAT, operator.add, x_bar, total_bar, hint="x_bar")
    cosine = full.call(PY_FLOAT, np.cos, full.call(PY_FLOAT, operator.getitem, y, items[1]))
    share = full.call(PY_FLOAT, operator.mul, full.call(PY_FLOAT, operator.mul, total_bar, items[2]), cosine)
    y_new = full.call(VECTOR, runtime.add_item, y_bar, items[1], share, hint="y_bar")
    down = full.call(PY_FLOAT, operator.mul, total_bar, items[3], hint="total_bar")
    joined = number("total_bar"), number("x_bar"), vector("y_bar")
    back.branch(items[0], Block([], [], [total_bar, x_bar, y_bar]), full.done(down, x_new, y_new), *joined)
    grads = number("total_bar"), number("x_bar"), vector("y_bar")
    sources: list[Source] = [Items(values) for values in lists]
    top.loop(sources, [seed, 0.0, zeros], back.done(0, *joined), count(), *grads, reverse=True)
    last = top.call(PY_FLOAT, operator.add, grads[1], grads[0], hint="x_bar")
    text = """\
def settle_grad(x, y, limit):
    trips = []
    total = x
    for i in range(y.size):
        if y[i] < 0:
            continue
        sin_y = np.sin(y[i])
        trips.append((i, total, sin_y))
        total = total * sin_y + x
        if total > limit:
            break
    total_bar, y_bar, x_bar = 2 * total, np.zeros_like(y), 0.0
    for i, total, sin_y in reversed(trips):
        x_bar += total_bar
        y_bar[i] += total_bar * total * np.cos(y[i])
        total_bar *= sin_y
    return x_bar + total_bar, y_bar
"""
    args = [0.7, np.array([0.3, -1.0, 1.2, 0.9, 0.5]), 2.0]
    return Made(Func("settle_grad", top.done(last, grads[2])), args, text)


def halving() -> Made:
    """A `while` whose condition is the first thing in its body."""
    x = number("x")
    top = Body(x)
    inside, n = number("x"), count("n")
    step, rest = Body(inside, n), Body()
    half = rest.call(PY_FLOAT, operator.truediv, inside, 2, hint="x")
    more = rest.call(PY_INT, operator.add, n, 1, hint="n")
    outs = count(), number("x"), count("n")
    cond = step.call(PY_BOOL, operator.gt, inside, 1)
    step.branch(cond, rest.done(0, half, more), Block([], [], [3, inside, n]), *outs)
    ends = number("x"), count("n")
    top.loop([], [x, 0], step.done(*outs), count(), *ends)
    text = """\
def halving(x):
    n = 0
    while x > 1:
        x /= 2
        n += 1
    return x, n
"""
    return Made(Func("halving", top.done(*ends)), [37.0], text)


def early() -> Made:
    """Arms that return."""
    x = number("x")
    top = Body(x)
    low, rest, second = Body(), Body(), Body()
    minus = low.call(PY_FLOAT, operator.neg, x)
    twice = second.call(PY_FLOAT, operator.mul, 2, x)
    one, two = number(""), number("")
    rest.branch(rest.call(PY_BOOL, operator.gt, x, 10), second.done(twice), Block([], [], [x]), one)
    top.branch(top.call(PY_BOOL, operator.lt, x, 0), low.done(minus), rest.done(one), two)
    text = """\
def early(x):
    if x < 0:
        return -x
    if x > 10:
        return 2 * x
    return x
"""
    return Made(Func("early", top.done(two)), [12.0], text)


def old_value() -> Made:
    """A value read before a write and used after it keeps its line, and is copied where it is a view."""
    x = vector("x")
    top = Body(x)
    mine = top.call(VECTOR, operator.mul, 2, x, hint="y")
    first = top.call(INNER, operator.getitem, mine, LEFT)
    sine = top.call(VECTOR, np.sin, mine)
    written = top.call(VECTOR, runtime.set_item, mine, MIDDLE, 0.0, hint="y")
    again = top.call(VECTOR, runtime.set_item, written, RIGHT, first, hint="y")
    text = """\
def old_value(x):
    y = 2 * x
    y_part = y[:-2].copy()
    sin_y = np.sin(y)
    y[1:-1] = 0.0
    y[2:] = y_part
    return sin_y * y
"""
    made = top.call(VECTOR, operator.mul, sine, again)
    return Made(Func("old_value", top.done(made)), [np.arange(6.0)], text)


def tape_of_versions() -> Made:
    """An array that is kept on a tape and written in the next trip is copied where it is appended."""
    x = vector("x")
    top = Body(x)
    inside, i = vector("u"), count("i")
    step = Body(i, inside)
    new = step.call(VECTOR, runtime.add_item, inside, i, 1.0, hint="u")
    end, kept = vector("u"), Value(ListOf(VECTOR), "us")
    top.loop([Range(0, 3)], [x], step.done(0, new, new), count(), end, kept)
    text = """\
def tape_of_versions(x):
    us = []
    u = x.copy()
    for i in range(3):
        u[i] += 1.0
        us.append(u.copy())
    return u, us
"""
    return Made(Func("tape_of_versions", top.done(end, kept)), [np.arange(4.0)], text)


def doubled() -> Made:
    """One array is returned twice, an argument once: each result is memory of its own."""
    x = vector("x")
    top = Body(x)
    sine = top.call(VECTOR, np.sin, x, hint="s")
    text = """\
def doubled(x):
    s = np.sin(x)
    return x.copy(), s, s.copy()
"""
    return Made(Func("doubled", top.done(x, sine, sine)), [np.arange(4.0)], text)


PROGRAMS: dict[str, Callable[[], Made]] = {
    made.__name__: made
    for made in (heat, swapped, settle, halving, early, old_value, tape_of_versions, doubled)
}  # fmt: skip


def long_function(ops: int) -> Func:
    """A straight line of many ops, with a write now and then."""
    x = vector("x")
    top = Body(x)
    u = top.call(VECTOR, np.ndarray.copy, x, hint="u", style="method")
    for k in range(ops // 6):
        part = top.call(INNER, operator.getitem, u, MIDDLE)
        scaled = top.call(INNER, operator.mul, 0.5, part)
        sine = top.call(INNER, np.sin, scaled, hint=f"s{k}")
        total = top.call(INNER, operator.add, sine, top.call(INNER, operator.getitem, u, LEFT))
        u = top.call(VECTOR, runtime.set_item, u, MIDDLE, total, hint="u")
    return Func("long", top.done(u))
