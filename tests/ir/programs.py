"""Functions to test with: a small builder, and random well-formed functions over numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import numpy as np

from srcgrad.ir import ABSENT, Block, Call, Func, If, Items, Loop, Op, Operand, Range, Source, Value
from srcgrad.ir.types import ANY, PY_FLOAT, PY_INT, Arr, Dim, ListOf, Type


class Point(NamedTuple):
    """A container that keeps its class."""

    x: Any
    y: Any


class Builder:
    """Appends ops to one block."""

    def __init__(self, params: list[Value] | None = None) -> None:
        self.block = Block(params or [])

    def call(self, fn: Any, *args: Operand, hint: str = "", **kwargs: Operand) -> Value:
        out = Value(hint=hint)
        self.block.ops.append(Call(fn, args, kwargs, out))
        return out

    def branch(self, cond: Operand, then: Block, orelse: Block, hints: str = "") -> list[Value]:
        outs = [Value(hint=hint) for hint in hints.split()] or [Value() for _ in then.yields]
        self.block.ops.append(If(cond, then, orelse, outs))
        return outs

    def loop(self, sources: list[Source], inits: list[Operand], body: Block, reverse: bool = False) -> list[Value]:
        outs = [Value(PY_INT, "stop"), *(Value() for _ in body.yields[1:])]
        self.block.ops.append(Loop(sources, inits, body, outs, reverse))
        return outs

    def done(self, *yields: Operand) -> Block:
        self.block.yields = list(yields)
        return self.block


def values(hints: str) -> list[Value]:
    """Values with these hints."""
    return [Value(hint=hint) for hint in hints.split()]


def block(*yields: Operand, ops: tuple[Op, ...] = (), params: tuple[Value, ...] = ()) -> Block:
    """A block at once."""
    return Block(list(params), list(ops), list(yields))


def present(value: Any, default: Any) -> Any:
    """The value, or a default where there is none."""
    return default if value is ABSENT else value


def total(items: Any) -> float:
    """The sum of the numbers in nested lists, weighted so that order matters."""
    if isinstance(items, (list, tuple)):
        return math.fsum((i + 1) * total(item) for i, item in enumerate(items))
    return float(items)


def stopping_sum(kinds: tuple[int, int] = (1, 2)) -> Func:
    """Sum the items until one is negative (first kind) or above ten (second kind); collects the sums."""
    (xs,), (x, s) = values("xs"), values("x s")
    b = Builder([x, s])
    new = b.call(operator.add, s, x, hint="s")
    low, high = b.call(operator.lt, x, 0), b.call(operator.gt, x, 10)
    inner = Builder()
    (second,) = inner.branch(high, block(kinds[1]), block(0))
    (stop,) = b.branch(low, block(kinds[0]), inner.done(second))
    top = Builder([xs])
    outs = top.loop([Items(xs)], [0.0], b.done(stop, new, s))
    return Func("stopping_sum", top.done(*outs))


def power() -> Func:
    """``x ** n`` by calling itself; both are a value of every kind the printer knows."""
    x, n = values("x n")
    func = Func("power", Block([x, n]))
    b, down = Builder([x, n]), Builder()
    less = down.call(operator.sub, n, 1)
    rest = down.call(func, x, less)
    (out,) = b.branch(b.call(operator.le, n, 0), block(1.0), down.done(down.call(operator.mul, x, rest)))
    func.block = b.done(out)
    return func


def random_func(rng: Random) -> Func:
    """A well-formed function of two floats and an int that always ends, and returns numbers and lists of them."""
    callee = _random(rng, "callee", None, budget=5) if rng.random() < 0.5 else None
    return _random(rng, rng.choice(["main", "<lambda>", "class"]), callee, budget=rng.randint(3, 18))


def _random(rng: Random, name: str, callee: Func | None, budget: int) -> Func:
    params = [Value(PY_FLOAT, "x"), Value(ANY, rng.choice(["x", "y", ""])), Value(PY_INT, "n")]
    maker = _Random(rng, callee, budget)
    maker.numbers += params[:2]
    maker.counts.append(params[2])
    b = Builder(params)
    maker.fill(b, 0)
    result = [maker.number() for _ in range(3)] + [*maker.lists[-1:]]
    captured = rng.choice([[], ["n"], ["y", "k"]])
    return Func(name, b.done(maker.nest(result)), captured, doc=rng.choice(["", 'It\'s "so"\n']))


class _Random:
    def __init__(self, rng: Random, callee: Func | None, budget: int) -> None:
        self.rng, self.callee, self.budget = rng, callee, budget
        self.numbers: list[Value] = []
        self.counts: list[Value] = []
        self.lists: list[Value] = []
        self.maybes: list[Value] = []

    def number(self) -> Operand:
        pool: list[Operand] = [*self.numbers[-6:], self.rng.choice([0.5, -1.25, 2, np.float64(0.1), np.float32(3.3)])]
        return self.rng.choice(pool)

    def count(self) -> Operand:
        return self.rng.choice([*self.counts[-2:], 0, 1, 3])

    def nest(self, items: list[Operand]) -> Operand:
        return self.rng.choice([tuple(items), items, (items[0], [*items[1:]]), items[0]])

    def scoped(self, params: list[Value], depth: int, finish: Callable[[Builder], Block]) -> Block:
        saved = [list(pool) for pool in (self.numbers, self.counts, self.lists, self.maybes)]
        self.numbers += params
        b = Builder()
        self.fill(b, depth)
        made = finish(b)
        self.numbers, self.counts, self.lists, self.maybes = saved
        return made

    def fill(self, b: Builder, depth: int) -> None:
        for _ in range(self.rng.randint(0, 5)):
            if self.budget > 0:
                self.budget -= 1
                kinds = [self.add_call] * 3 + [self.add_if, self.add_for, self.add_while] * (depth < 4)
                self.rng.choice(kinds)(b, depth)

    def add_call(self, b: Builder, depth: int) -> None:
        a, c = self.number(), self.number()
        forms: list[tuple[Any, ...]] = [(operator.add, a, c), (operator.mul, a, c), (operator.neg, a), (np.sin, a)]
        forms.append((total, [a, (c, 1)]))
        forms += [(total, items) for items in self.lists[-2:]] + [(present, it, a) for it in self.maybes[-2:]]
        forms += [(self.callee, a, c, self.count())] if self.callee and not self.callee.captured else []
        fn, *args = self.rng.choice(forms)
        raw = b.call(fn, *args, hint=self.rng.choice(["t", "x", "", "lambda", "range", "a b"]))
        self.numbers.append(b.call(total, raw) if isinstance(fn, Func) else b.call(np.tanh, raw))

    def add_if(self, b: Builder, depth: int) -> None:
        cond = b.call(self.rng.choice([operator.lt, operator.ge]), self.number(), self.number(), hint="c")
        full = self.scoped([], depth + 1, lambda arm: arm.done(self.number(), self.number(), self.count()))
        other = self.scoped([], depth + 1, lambda arm: arm.done(self.number(), ABSENT, self.count()))
        arms = (full, other) if self.rng.random() < 0.5 else (other, full)
        number, maybe, count = b.branch(cond, *arms, hints="r maybe k")
        self.numbers.append(number)
        self.maybes.append(maybe)
        self.counts.append(count)

    def add_for(self, b: Builder, depth: int) -> None:
        sources: list[Source] = [Range(0, self.count(), 1), Range(3, -1, self.rng.choice([-1, -2]))]
        sources += [Items([self.number(), self.number()])]
        chosen = self.rng.sample(sources, self.rng.randint(1, 3))
        self.add_loop(b, depth, chosen, None, self.rng.random() < 0.4)

    def add_while(self, b: Builder, depth: int) -> None:
        self.add_loop(b, depth, [], Value(PY_INT, "trip"), False)

    def add_loop(self, b: Builder, depth: int, sources: list[Source], trip: Value | None, reverse: bool) -> None:
        items, carried = values("i j k")[: len(sources)], values("u x")
        inits: list[Operand] = [self.number(), self.number()]
        counter = [trip] if trip else []

        def finish(inner: Builder) -> Block:
            cond = inner.call(operator.gt, self.number(), self.rng.choice([0.5, 5.0]))
            (stop,) = inner.branch(cond, block(self.rng.choice([1, 2])), block(0), hints="stop")
            if trip:
                (stop,) = inner.branch(inner.call(operator.ge, trip, 2), block(3), block(stop))
            following = self.rng.choice([carried[::-1], [self.number(), self.number()]])
            more = [inner.call(operator.add, item, 1) for item in counter]
            return inner.done(stop, *following, *more, self.number(), self.rng.choice(self.lists or [0.0]))

        body = self.scoped([*items, *carried, *counter], depth + 1, finish)
        body.params = [*items, *carried, *counter]
        outs = b.loop(sources, [*inits, *(0 for _ in counter)], body, reverse)
        self.counts.append(outs[0])
        self.numbers += outs[1:3]
        self.lists += outs[-2:]
        for out, type_ in zip(outs[1:], _types(self.rng), strict=False):
            out.type = type_


def _types(rng: Random) -> list[Type]:
    f8 = np.dtype("float64")
    pool = [ANY, PY_FLOAT, Arr(f8, (Dim("x0", 1), 3, None)), ListOf(Arr(f8, None)), Arr(None, ())]
    return [rng.choice(pool) for _ in range(4)]
