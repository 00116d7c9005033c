"""Random functions over arrays and numbers whose types say what a frontend would know of them."""

from __future__ import annotations

import math
import operator
from random import Random
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.effects import must_run
from srcgrad.analysis.shapes import dims_of, fit, type_of
from srcgrad.ir.core import Block, Call, Func, If, Items, Loop, Operand, Range, Value
from srcgrad.ir.types import PY_BOOL, PY_FLOAT, PY_INT, Arr, Dim, ListOf, Num, Opaque, Type

N, M = Dim("n", one=False), Dim("m", one=False)
F8, F4 = np.dtype("f8"), np.dtype("f4")
KINDS: list[Type] = [Arr(F8, (N,)), Arr(F8, (N,)), Arr(F8, (M,)), Arr(F4, (N,)), Arr(F8, (M, N)), PY_FLOAT, PY_INT]
CONSTANTS: list[Operand] = [1, 1.0, -1.0, 0.0, -0.0, 2.0, 3, np.float32(1.0)]
EXAMPLES = {"float": 1.5, "int": 2, "bool": True}


def random_func(rng: Random, marked: bool = True) -> Func:
    """A function of arrays and numbers; with `marked`, its calls are those of a primal."""
    params = [Value(kind, f"p{i}") for i, kind in enumerate(KINDS)]
    maker = _Maker(rng, marked)
    block = maker.block(params, rng.randint(3, 14), 0)
    block.params = params
    block.yields = [rng.choice(maker.made or params) for _ in range(3)]
    return Func("f", block)


def random_args(rng: Random) -> list[Any]:
    """Arguments for it; the lengths agree, or do not."""
    n, m = rng.choice([(3, 3), (3, 3), (3, 4), (2, 5)])
    draw = np.random.default_rng(rng.randrange(1 << 30)).normal
    arrays = [draw(size=n), draw(size=n), draw(size=m), draw(size=n).astype(F4), draw(size=(m, n))]
    arrays[0][0] = rng.choice([0.0, -0.0, np.inf, np.nan, 1.0])
    return [*arrays, rng.choice([0.0, -0.0, 1.5, -2.0]), rng.randint(-1, 3)]


class _Maker:
    def __init__(self, rng: Random, marked: bool) -> None:
        self.rng, self.marked = rng, marked
        self.seen: list[Value] = []
        self.made: list[Value] = []
        self.ops: list[Any] = []

    def block(self, params: list[Value], count: int, depth: int) -> Block:
        seen, made, ops = list(self.seen), self.made, self.ops
        self.seen, self.made, self.ops = self.seen + params, [], []
        for _ in range(count):
            kinds = [self.arithmetic] * 4 + [self.shapes, self.reads, self.raises] + [self.region] * (depth < 2)
            self.rng.choice(kinds)(depth)
        block = Block([], self.ops, [])
        self.seen, self.ops = seen, ops
        self.made, self.last = (self.made if depth == 0 else made), self.made
        return block

    def emit(self, type_: Type | None, fn: Any, *args: Operand, **kwargs: Operand) -> Value:
        out = Value(type_ or _result(fn, args), "")
        self.ops.append(Call(fn, args, kwargs, out, must=self.marked and must_run(fn, args, kwargs)))
        self.note(out)
        return out

    def note(self, value: Value) -> None:
        self.seen.append(value)
        self.made.append(value)

    def pick(self, *classes: type) -> Value:
        return self.rng.choice([v for v in self.seen if isinstance(v.type, classes) and v.type not in (PY_BOOL,)][-9:])

    def arithmetic(self, depth: int) -> None:
        x = self.pick(Arr, Num)
        if self.rng.random() < 0.4:
            self.emit(None, self.rng.choice([operator.neg, np.sin, np.tanh, operator.neg]), x)
            return
        fn = self.rng.choice([operator.add, operator.sub, operator.mul, operator.mul, operator.truediv])
        other = self.rng.choice([self.pick(Arr, Num), self.pick(Arr, Num), self.rng.choice(CONSTANTS)])
        self.emit(None, fn, *self.rng.choice([(x, other), (other, x)]))

    def shapes(self, depth: int) -> None:
        x, y = self.pick(Arr), self.pick(Arr)
        shape = self.emit(Opaque("shape"), np.shape, x)
        scalar = self.pick(Num)
        match self.rng.randrange(6):
            case 0:
                self.emit(Arr(None, x.type.dims), np.broadcast_to, scalar, shape)
            case 1 if fit(dims_of(x), dims_of(y)) and len(x.type.dims) <= len(y.type.dims):
                self.emit(Arr(y.type.dtype, x.type.dims), runtime.sum_to, y, shape)
            case 2:
                self.emit(x.type, np.zeros_like, x)
            case 3:
                self.emit(PY_INT, np.size, x)
            case 4:
                self.emit(Arr(x.type.dtype, x.type.dims[::-1]), np.transpose, x)
            case _:
                self.emit(None, np.sum, x)

    def reads(self, depth: int) -> None:
        x = self.rng.choice([v for v in self.seen if isinstance(v.type, Arr) and v.type.ndim == 1])
        index = self.rng.choice([v for v in self.seen if v.type == PY_INT])
        match self.rng.randrange(3):
            case 0:
                self.emit(Num("float", x.type.dtype) if x.type.dtype else Num(None), operator.getitem, x, index)
            case 1:
                self.emit(Arr(x.type.dtype, (None,)), operator.getitem, x, slice(1, None))
            case _:
                self.emit(x.type, runtime.set_item, x, self.rng.choice([index, slice(None, 1)]), 2.5)

    def raises(self, depth: int) -> None:
        x = self.pick(Num)
        self.emit(PY_FLOAT, self.rng.choice([math.atan, math.log, math.sqrt]), x)

    def region(self, depth: int) -> None:
        self.rng.choice([self.branch, self.loop])(depth)

    def branch(self, depth: int) -> None:
        cond = self.emit(PY_BOOL, operator.gt, self.pick(Num), 0.5)
        arms, yields = [], []
        for _ in range(2):
            arms.append(self.block([], self.rng.randint(0, 4), depth + 1))
            yields.append([*self.last, *self.seen[-3:]])
        outs = []
        for then in yields[0][:3]:
            same = [v for v in yields[1] if v.type == then.type]
            if same:
                arms[0].yields.append(then)
                arms[1].yields.append(self.rng.choice(same))
                outs.append(Value(then.type))
        self.ops.append(If(self.rng.choice([cond, cond, True, 0]), *arms, outs))
        for out in outs:
            self.note(out)

    def loop(self, depth: int) -> None:
        inits = [self.pick(Arr, Num) for _ in range(self.rng.randint(1, 3))]
        carried, item = [Value(init.type) for init in inits], Value(PY_INT, "i")
        count = self.rng.choice([0, 2, 3, self.rng.choice([v for v in self.seen if v.type == PY_INT])])
        body = self.block([item, *carried], self.rng.randint(1, 5), depth + 1)
        inner = [item, *carried, *self.last, *inits]
        body.params = [item, *carried]
        yields = [self.rng.choice([v for v in inner if v.type == c.type]) for c in carried]
        collected = [self.rng.choice(inner) for _ in range(self.rng.randint(0, 3))]
        body.yields = [0, *yields, *collected]
        outs = [Value(PY_INT), *(Value(c.type) for c in carried), *(Value(ListOf(c.type)) for c in collected)]
        self.ops.append(Loop([Range(0, count)], list(inits), body, outs))
        self.seen += outs[1 : 1 + len(carried)]
        self.made += outs[1:]
        self.back(outs[1 + len(carried) :], collected, Range(0, count), depth)

    def back(self, lists: list[Value], collected: list[Value], walked: Range, depth: int) -> None:
        """A loop that walks backwards over what was collected."""
        sources: list[Any] = [Items(value) for value in lists] + [walked] * self.rng.randint(0, 1)
        if not lists or self.rng.random() < 0.3:
            return
        items = [Value(c.type) for c in collected] + [Value(PY_INT) for _ in sources[len(lists) :]]
        init = self.pick(Num)
        carry = Value(Num(None))
        body = self.block(items, self.rng.randint(1, 4), depth + 1)
        body.params = [*items, carry]
        body.yields = [0, self.rng.choice([v for v in [carry, *self.last] if isinstance(v.type, Num)])]
        outs = [Value(PY_INT), Value(Num(None))]
        self.ops.append(Loop(sources, [init], body, outs, reverse=True))
        self.note(outs[1])


def _result(fn: Any, args: tuple[Operand, ...]) -> Type:
    """The dtype as NumPy gives it for examples, and the dims where they are known."""
    types = [type_of(arg) for arg in args]
    dtypes = [t.dtype for t in types if isinstance(t, Arr)]
    if any(isinstance(t, Num) and t.kind is None for t in types) or None in dtypes:
        dims = _joined(types) if fn is not np.sum else ()
        return Arr(None, dims) if dims else Num(None)
    with np.errstate(all="ignore"):
        examples = [_example(arg, type_) for arg, type_ in zip(args, types, strict=True)]
        result = fn(*examples)
    dims = _joined(types) if fn is not np.sum else ()
    if isinstance(result, np.ndarray):
        return Arr(result.dtype, dims)
    return Num("int" if isinstance(result, int) else "float", getattr(result, "dtype", None))


def _example(arg: Operand, type_: Type) -> Any:
    if isinstance(type_, Arr):
        return np.ones((1,) * len(type_.dims or ()), type_.dtype)
    if not isinstance(arg, Value):
        return 1 if type(arg) is int else type(arg)(1)
    assert isinstance(type_, Num)
    return type_.dtype.type(1) if type_.dtype is not None else EXAMPLES[type_.kind or "float"]


def _joined(types: list[Type]) -> Any:
    shapes = [t.dims for t in types if isinstance(t, Arr)]
    if any(dims is None for dims in shapes):
        return None
    rank = max((len(dims or ()) for dims in shapes), default=0)
    padded = [(None,) * (rank - len(dims or ())) + tuple(dims or ()) for dims in shapes]
    return tuple(_axis([dims[i] for dims, own in zip(padded, shapes, strict=True) if rank - len(own or ()) <= i])
                 for i in range(rank))  # fmt: skip


def _axis(dims: list[Any]) -> Any:
    known = [dim for dim in dims if isinstance(dim, Dim) and dim.one is False]
    return known[0] if known else (dims[0] if len(set(dims)) == 1 else None)
