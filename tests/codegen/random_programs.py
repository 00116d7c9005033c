"""Random functions over arrays: writes, views, branches, loops, tapes, swaps and containers of arrays."""

from __future__ import annotations

import operator
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.ir import ABSENT, Block, Call, Func, If, Items, Loop, Operand, Range, Source, Value
from srcgrad.ir.types import ANY, PY_BOOL, PY_INT, Arr, ListOf, Num, Tup, Type

N = 6
F8 = np.dtype("float64")
FULL = Arr(F8, (N,))
PART = Arr(F8, (N - 2,))
MASK = Arr(np.dtype(bool), (N,))
NUMBER = Num("float", F8)

PARTS = [slice(1, -1), slice(2, None), slice(None, -2), slice(None, -2, 1)]
TURNS: list[Operand] = [(), ((np.transpose, ()),), ((operator.getitem, (slice(None, None, -1),)),),
                        ((np.reshape, ((N,),)),)]  # fmt: skip
HINTS = ["", "", "", "u", "v", "x", "u_bar", "x_bar", "t", "lap"]


def half(x: Any) -> Any:
    """A function that the transformation knows nothing of."""
    return x / 2


def arguments(rng: np.random.Generator) -> list[Any]:
    """Arguments for a random function: two arrays and two numbers."""
    return [rng.normal(size=N), rng.normal(size=N), float(rng.normal()), np.float64(rng.normal())]


def random_program(rng: Random, budget: int = 0) -> Func:
    """A well-formed function of `arguments` that always ends."""
    maker = Maker(rng, budget or rng.randint(4, 34))
    params = [maker.value(FULL, "x"), maker.value(FULL, "y"), maker.value(NUMBER, "a"), maker.value(NUMBER, "b")]
    block = Block(params)
    maker.scope.arrays += params[:2]
    maker.scope.numbers += params[2:]
    maker.fill(block, 0)
    scope = maker.scope
    pool = [*scope.arrays[2:], *scope.parts, *scope.numbers[2:], *scope.lists, *scope.pairs]
    share = rng.choice([0.1, 0.4, 0.8])
    results: list[Operand] = [value for value in pool if rng.random() < share]
    rng.shuffle(results)
    block.yields = results or [rng.choice(scope.arrays)]
    return Func("main", block)


class Scope:
    """The values that can be used, by kind."""

    def __init__(self) -> None:
        self.arrays: list[Value] = []
        self.parts: list[Value] = []
        self.numbers: list[Value] = []
        self.conds: list[Value] = []
        self.lists: list[Value] = []
        self.pairs: list[Value] = []
        self.maybes: list[tuple[Value, Value]] = []

    def copy(self) -> Scope:
        new = Scope()
        for name, pool in vars(self).items():
            setattr(new, name, list(pool))
        return new


class Maker:
    """Fills blocks with random ops."""

    def __init__(self, rng: Random, budget: int) -> None:
        self.rng, self.budget, self.scope = rng, budget, Scope()
        self.typed = rng.random()
        self.recent = rng.random()
        self.forget = rng.random()

    def value(self, type_: Type, hint: str | None = None) -> Value:
        known = self.rng.random() < self.typed or isinstance(type_, (ListOf, Tup))
        hint = self.rng.choice(HINTS) if hint is None else hint
        return Value(type_ if known else ANY, hint)

    def call(self, block: Block, type_: Type, fn: Any, *args: Operand, hint: str | None = None) -> Value:
        out = self.value(type_, hint)
        block.ops.append(Call(fn, args, {}, out, sweep=self.rng.choice(["", "forward", "reverse"])))
        return out

    # Operands

    def array(self) -> Value:
        recent = self.rng.random() < self.recent
        return self.rng.choice(self.scope.arrays[-3:] if recent else self.scope.arrays)

    def part(self, block: Block) -> Operand:
        choices = self.scope.parts[-3:]
        if choices and self.rng.random() < 0.6:
            return self.rng.choice(choices)
        if self.rng.random() < 0.15:
            return self.number()
        return self.call(block, PART, operator.getitem, self.array(), self.rng.choice(PARTS))

    def number(self) -> Operand:
        return self.rng.choice([*self.scope.numbers[-4:], 0.5, -1.25])

    def cond(self, block: Block) -> Operand:
        if self.scope.conds and self.rng.random() < 0.3:
            return self.rng.choice(self.scope.conds)
        fn = self.rng.choice([operator.lt, operator.ge])
        cond = self.call(block, PY_BOOL, fn, self.number(), self.number(), hint="")
        self.scope.conds.append(cond)
        return cond

    # Ops

    def fill(self, block: Block, depth: int) -> None:
        kinds: list[tuple[Callable[[Block, int], None], int]] = [
            (self.add_array, 4), (self.add_number, 3), (self.add_view, 3), (self.add_write, 6), (self.add_part, 2),
            (self.add_pair, 1), (self.add_use, 2), (self.add_effectless, 1),
        ]  # fmt: skip
        if depth < 3:
            kinds += [(self.add_if, 2), (self.add_loop, 3)]
        for _ in range(self.rng.randint(2, 7)):
            if self.budget > 0:
                self.budget -= 1
                self.rng.choices([k for k, _ in kinds], [w for _, w in kinds])[0](block, depth)

    def add_array(self, block: Block, depth: int) -> None:
        a = self.array()
        forms: list[tuple[Any, ...]] = [
            (operator.add, a, self.array()), (operator.mul, a, self.number()), (operator.sub, a, self.array()),
            (np.sin, a), (operator.neg, a), (np.where, self.call(block, MASK, operator.gt, a, 0.0), a, 0.25),
            (np.zeros_like, a), (np.copy, a), (np.ndarray.copy, a), (operator.mul, a, self.array()), (half, a),
        ]  # fmt: skip
        fn, *args = self.rng.choice(forms)
        self.scope.arrays.append(self.call(block, FULL, fn, *args))

    def add_number(self, block: Block, depth: int) -> None:
        forms: list[tuple[Any, ...]] = [
            (operator.getitem, self.array(), self.rng.randrange(N)), (np.sum, self.array()),
            (operator.add, self.number(), self.number()), (np.tanh, self.number()), (np.max, self.array()),
            (operator.sub, self.number(), self.number()),
        ]  # fmt: skip
        fn, *args = self.rng.choice(forms)
        self.scope.numbers.append(self.call(block, NUMBER, fn, *args))

    def add_view(self, block: Block, depth: int) -> None:
        a = self.array()
        forms: list[tuple[Any, ...]] = [
            (operator.getitem, a, slice(None, None, -1)), (operator.getitem, a, slice(None)), (np.ravel, a),
            (np.reshape, a, (N,)), (np.transpose, a), (np.asarray, a), (runtime.sum_to, a, (N,)),
            (runtime.get_item, a, Ellipsis, self.rng.choice(TURNS)), (np.broadcast_to, a, (N,)), (np.flip, a),
        ]  # fmt: skip
        fn, *args = self.rng.choice(forms)
        self.scope.arrays.append(self.call(block, FULL, fn, *args))

    def add_part(self, block: Block, depth: int) -> None:
        a = self.part(block)
        if self.rng.random() < 0.5 or not isinstance(a, Value):
            self.scope.parts.append(self.call(block, PART, operator.getitem, self.array(), self.rng.choice(PARTS)))
        else:
            b = self.part(block)
            self.scope.parts.append(self.call(block, PART, self.rng.choice([operator.add, operator.mul]), a, b))

    def add_write(self, block: Block, depth: int) -> None:
        self.write_to(block, self.array())

    def write_to(self, block: Block, x: Value) -> Value:
        steps = self.rng.choice(TURNS) if self.rng.random() < 0.3 else ()
        fn = self.rng.choice([runtime.set_item, runtime.set_item, runtime.add_item])
        form = self.rng.randrange(6)
        index: Operand
        value: Operand
        if form == 0:
            index, value = self.rng.randrange(N), self.number()
        elif form == 1:
            index, value = self.rng.choice(PARTS), self.part(block)
        elif form == 2:
            index, value = Ellipsis, self.array()
        elif form == 3:
            index = self.call(block, MASK, operator.gt, self.array(), 0.1)
            value = self.number()
        elif form == 4:
            index, value = [0, 2, 2, -1], self.part(block)
        else:
            index = self.rng.choice(PARTS)
            old = self.call(block, PART, operator.getitem, x, index, hint="")
            update = self.rng.choice([operator.mul, operator.add])
            value = self.call(block, PART, update, old, self.part(block), hint="")
            fn, steps = runtime.set_item, ()
        args = (x, index, value, steps) if steps or self.rng.random() < 0.1 else (x, index, value)
        across = self.rng.random() < 0.3
        before = self.call(block, FULL, np.sin, x, hint="") if across else x
        new = self.call(block, FULL, fn, *args, hint=self.rng.choice([x.hint, None]))
        self.scope.arrays.append(new)
        if across:  # an expression made before the write, and used after it
            other = self.rng.choice([new, self.number()])
            self.scope.arrays.append(self.call(block, FULL, operator.mul, before, other))
        if self.rng.random() < self.forget and x in self.scope.arrays[2:]:
            self.scope.arrays.remove(x)
        return new

    def add_pair(self, block: Block, depth: int) -> None:
        pair = self.call(block, Tup((FULL, FULL)), half_pair, self.array(), self.array())
        self.scope.pairs.append(pair)
        self.scope.arrays.append(self.call(block, FULL, operator.getitem, pair, self.rng.randrange(2)))

    def add_use(self, block: Block, depth: int) -> None:
        """Read a list that a loop collected, in another loop, or whole."""
        if self.scope.lists:
            self.walk_lists(block, depth)
        if self.scope.maybes and self.rng.random() < 0.5:
            cond, maybe = self.rng.choice(self.scope.maybes)
            out = self.value(FULL)
            block.ops.append(If(cond, Block([], [], [maybe]), Block([], [], [self.array()]), [out]))
            self.scope.arrays.append(out)

    def add_effectless(self, block: Block, depth: int) -> None:
        a = self.array()
        self.scope.arrays.append(self.call(block, FULL, operator.add, a, self.array(), hint=a.hint))

    # Regions

    def inside(self, depth: int, more: Scope, finish: Callable[[Block], None]) -> Block:
        saved, self.scope = self.scope, self.scope.copy()
        for name, pool in vars(more).items():
            getattr(self.scope, name).extend(pool)
        block = Block()
        self.fill(block, depth)
        finish(block)
        self.scope = saved
        return block

    def add_if(self, block: Block, depth: int) -> None:
        cond = self.cond(block)

        def finish(full: bool) -> Callable[[Block], None]:
            def end(arm: Block) -> None:
                arm.yields = [self.array(), self.number(), self.array() if full else ABSENT]

            return end

        then, orelse = self.inside(depth + 1, Scope(), finish(True)), self.inside(depth + 1, Scope(), finish(False))
        outs = [self.value(FULL), self.value(NUMBER), self.value(ANY)]
        block.ops.append(If(cond, then, orelse, outs))
        self.scope.arrays.append(outs[0])
        self.scope.numbers.append(outs[1])
        if isinstance(cond, Value):
            self.scope.maybes.append((cond, outs[2]))

    def add_loop(self, block: Block, depth: int) -> None:
        count = self.rng.randint(1, 3)
        items = [Value(PY_INT, "i")]
        carried = [self.value(FULL) for _ in range(count)] + [self.value(NUMBER)]
        inits: list[Operand] = [*(self.array() for _ in range(count)), self.number()]
        if self.rng.random() < 0.3:
            inits[0] = inits[count - 1]
        more = Scope()
        more.arrays += carried[:-1]
        more.numbers.append(carried[-1])
        collects = self.rng.randint(0, 3)

        def finish(body: Block) -> None:
            stop: Operand = 0
            if self.rng.random() < 0.3:
                stop = Value(PY_INT)
                cond = self.cond(body)
                body.ops.append(If(cond, Block([], [], [1]), Block([], [], [0]), [stop]))
            early = [self.array() for _ in range(collects)]
            fresh = [self.write_to(body, c) if self.rng.random() < 0.7 else c for c in carried[:-1]]
            fresh = [a if self.rng.random() < 0.8 else self.array() for a in fresh]
            self.rng.shuffle(fresh)
            following: list[Operand] = [*fresh]
            if self.rng.random() < 0.4:
                following = [*carried[1:count], carried[0]]
            kept: list[Operand] = [self.rng.choice([self.array(), early[k], self.number()]) for k in range(collects)]
            body.yields = [stop, *following, self.number(), *kept]

        body = self.inside(depth + 1, more, finish)
        body.params = [*items, *carried]
        lists = [self.value(ListOf(ANY), self.rng.choice(["laps", ""])) for _ in range(collects)]
        outs = [Value(PY_INT, "stop"), *(self.value(FULL) for _ in range(count)), self.value(NUMBER), *lists]
        trips = self.rng.choice([0, 1, 2, 3, 3, 3])
        sources: list[Source] = [Range(0, trips)]
        block.ops.append(Loop(sources, inits, body, outs, self.rng.random() < 0.2))
        self.scope.arrays += outs[1 : 1 + count]
        self.scope.numbers.append(outs[1 + count])
        self.scope.lists += lists

    def walk_lists(self, block: Block, depth: int) -> None:
        """Walk lists together, adding up what is in them."""
        lists = self.rng.sample(self.scope.lists[-3:], self.rng.randint(1, len(self.scope.lists[-3:])))
        items = [Value(ANY, self.rng.choice(["lap", "", "u"])) for _ in lists]
        carried = [self.value(FULL), self.value(FULL)]
        more = Scope()
        more.arrays += carried
        inits: list[Operand] = [self.array(), self.array()]

        def finish(body: Block) -> None:
            total = carried[0]
            for item in items:
                total = self.call(body, FULL, operator.add, total, item)
            if self.rng.random() < 0.3:
                total = self.call(body, FULL, runtime.set_item, total, 0, 0.5)
            other = self.array()
            if self.rng.random() < 0.3:  # an item escapes into the carried values, as an array
                other = self.call(body, FULL, np.add, np.zeros(N), items[0])
            body.yields = [0, *self.rng.choice([[total, other], [other, total]])]

        body = self.inside(depth + 1, more, finish)
        body.params = [*items, *carried]
        outs = [Value(PY_INT, "stop"), self.value(FULL), self.value(FULL)]
        sources: list[Source] = [Items(values) for values in lists]
        block.ops.append(Loop(sources, inits, body, outs, self.rng.random() < 0.7))
        self.scope.arrays += outs[1:]


def half_pair(a: Any, b: Any) -> Any:
    """A function that returns one of its arguments, and a view of the other."""
    return a, b[:]
