"""Calls of functions that call themselves: each gets a forward and a pullback, or a tangent, that call themselves too.

``F_forward(...)`` gives the result and what the pullback needs; ``F_pullback(..., pack, out_bar)`` gives the cotangents
of the active parameters. A parameter that the pullback needs is handed to it again, so that no level of the recursion
keeps a copy.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from srcgrad.autodiff.activity import varied
from srcgrad.autodiff.bar_types import cotangent_type
from srcgrad.autodiff.cotangents import Bars
from srcgrad.autodiff.forward import Dots, Forward
from srcgrad.autodiff.naming import guess_names
from srcgrad.autodiff.recall import again_is_cheap
from srcgrad.autodiff.recall_cost import COMPARISONS
from srcgrad.autodiff.reverse import Reverse
from srcgrad.frontend.context import operand_type
from srcgrad.ir.core import Block, Call, Func, Leaf, Op, Operand, Value, operands_of, values_in
from srcgrad.ir.types import ANY, ListOf, Num, Tup, Type, may_vary
from srcgrad.ir.walk import clone_block, clone_op, definitions, free_values, replace_values, walk

PACK = ListOf(ANY)  # what a forward hands to its pullback: nested as deep as the calls, so its items have no types

Sweep = Callable[..., Any]
Places = tuple[int, ...]


@dataclass(eq=False)
class Pair:
    """The two halves of a function's derivative; `active` and `passed` are positions among its parameters."""

    func: Func
    active: Places
    passed: Places  # the parameters that the pullback is given again
    forward: Func
    backward: Func


@dataclass(eq=False)
class Pairs:
    """The pairs made for one reverse sweep; `sweep` appends a reverse sweep to a function."""

    sweep: Sweep
    pairs: list[Pair] = field(default_factory=list)
    split: dict[Call, tuple[Pair, Value]] = field(default_factory=dict)  # calls of a forward, with their packs
    depth: int = 0

    def pull(self, reverse: Reverse, call: Call, ops: list[Op], bars: Bars) -> None:
        """The adjoint of a call: it becomes one of the forward, and the pullback is called."""
        bar = bars.pop(call.out, None)
        if bar is None or call.out not in reverse.active:
            return
        reverse.applier.ctx.span = call.span
        if call in self.split:
            assert isinstance(bar, dict)
            pair, pack = self.split[call]
            bar = bar[0]
        else:
            bar = reverse.whole_tuple(call.out, bar) if isinstance(bar, dict) else bar
            pair, pack = self.divide(reverse, call, ops)
        self.call_back(reverse, call, pair, (pack, bar), bars)

    def call_back(self, reverse: Reverse, call: Call, pair: Pair, last: tuple[Operand, ...], bars: Bars) -> None:
        """Call the pullback, and give the cotangents to the arguments."""
        args = (*(call.args[k] for k in pair.passed), *last)
        kinds = tuple(cotangent_type(call.args[k]) for k in pair.active)
        ctx = reverse.applier.ctx
        out = ctx.emit_call(pair.backward, args, {}, type_=kinds[0] if len(kinds) == 1 else Tup(kinds))
        for j, (k, kind) in enumerate(zip(pair.active, kinds, strict=True)):
            if any(value in reverse.active for value in values_in(call.args[k])):
                part = out if len(kinds) == 1 else ctx.emit(operator.getitem, out, j, type_=kind)
                reverse.distribute(call.args[k], part, bars)

    def divide(self, reverse: Reverse, call: Call, ops: list[Op]) -> tuple[Pair, Value]:
        """Put a call of the forward in the place of the call."""
        assert isinstance(call.fn, Func)
        active = (k for k, arg in enumerate(call.args) if any(v in reverse.active for v in values_in(arg)))
        pair = self.pair(call.fn, tuple(active))
        both, pack = Value(Tup((call.out.type, PACK))), Value(PACK, "pack")
        new = Call(pair.forward, call.args, {}, both, call.span, must=call.must)
        reads = [Call(operator.getitem, (both, k), {}, out, call.span) for k, out in enumerate((call.out, pack))]
        at = next(k for k, op in enumerate(ops) if op is call)
        ops[at : at + 1] = [new, *reads]
        reverse.active.add(both)
        self.split[new] = (pair, pack)
        return pair, pack

    def pair(self, func: Func, active: Places) -> Pair:
        """The pair for a function and its active parameters; a recursive call finds the one in the making."""
        active = extended(func, active)
        for pair in self.pairs:
            if pair.func is func and pair.active == active:
                return pair
        forward, backward = (Func(f"{func.name}_{word}", Block(), span=func.span) for word in ("forward", "pullback"))
        pair = Pair(func, active, tuple(range(len(func.params))), forward, backward)
        first = len(self.pairs)
        forward.block, backward.block = placeholder(len(func.params)), placeholder(len(func.params) + 2)
        self.pairs.append(pair)
        self.depth += 1
        self.build(pair)
        self.depth -= 1
        if self.depth == 0:
            self.narrow(self.pairs[first:])
        return pair

    def build(self, pair: Pair) -> None:
        """Derive both halves."""
        func = Func(pair.func.name, clone_block(pair.func.block, {}), span=pair.func.span)
        params, target = func.params, func.block.yields[0]
        func.leaves = [Leaf(k, (), params[k]) for k in pair.active]
        out_bar = Value(operand_type(target), "out_bar")

        def seeds(reverse: Reverse) -> Bars:
            bars: Bars = {}
            reverse.distribute(target, out_bar, bars)
            return bars

        swept = self.sweep(func, func.leaves, seeds, [target], self)
        first = Block(params, func.block.ops[: swept.turn], [])
        bars = [swept.bars[leaf.value] for leaf in func.leaves]
        rest = Block([], func.block.ops[swept.turn :], [bars[0] if len(bars) == 1 else tuple(bars)])
        given = [params[k] for k in pair.passed]
        rest.ops[:0] = computed_again(first, rest, given)
        needed = [value for value in free_values(rest) if value is not out_bar and value not in given]
        guess_names(needed, first)
        pair.forward.block = Block(params, first.ops, [(swept.kept[0], tuple(needed))])
        pair.backward.block = unpacked(rest, given, needed, out_bar)

    def narrow(self, pairs: list[Pair]) -> None:
        """Hand the pullbacks only those parameters again that they need."""
        needed: dict[Pair, set[int]] = {pair: set() for pair in pairs}
        while True:
            count = sum(map(len, needed.values()))
            for pair in pairs:
                needed[pair] |= {k for k in pair.passed if self.is_needed(pair, k, needed)}
            if sum(map(len, needed.values())) == count:
                break
        narrower = [pair for pair in pairs if len(needed[pair]) < len(pair.passed)]
        for pair in narrower:
            pair.passed = tuple(k for k in pair.passed if k in needed[pair])
            pair.backward.block = placeholder(len(pair.passed) + 2)
        if narrower:
            self.depth += 1
            for pair in pairs:
                self.build(pair)
            self.depth -= 1

    def is_needed(self, pair: Pair, place: int, needed: dict[Pair, set[int]]) -> bool:
        """Does a pullback read a parameter, but to hand it to a pullback that does not?"""
        param = pair.backward.params[pair.passed.index(place)]
        return param in _reads(pair.backward.block, lambda op: self.relevant(op, needed))

    def relevant(self, call: Call, needed: dict[Pair, set[int]]) -> Call:
        """The call without the arguments that do not matter."""
        for pair in needed:
            if call.fn is pair.backward:
                keep = tuple(arg for k, arg in zip(pair.passed, call.args, strict=False) if k in needed[pair])
                return Call(call.fn, (*keep, *call.args[len(pair.passed) :]), {}, call.out)
        return call


def _reads(block: Block, change: Callable[[Call], Call]) -> set[Value]:
    """The values a block reads, nested blocks too, with calls seen as `change` makes them."""
    found = set(values_in(tuple(block.yields)))
    for op in block.ops:
        found.update(values_in(operands_of(change(op) if isinstance(op, Call) else op)))
        for inner in op.blocks:
            found |= _reads(inner, change)
    return found


def placeholder(count: int) -> Block:
    """The block of a function in the making, which its own recursive calls fit already."""
    return Block([Value() for _ in range(count)], [], [None])


def extended(func: Func, active: Places) -> Places:
    """The active parameters, with those that inner calls of the same function make active."""
    found = {k for k in active if may_vary(func.params[k].type)}
    while True:
        moving = varied(func.block, [func.params[k] for k in found])
        calls = [op for op in walk(func.block) if isinstance(op, Call) and op.fn is func]
        more = {k for op in calls for k, arg in enumerate(op.args) if any(v in moving for v in values_in(arg))}
        more = {k for k in more if may_vary(func.params[k].type)}
        if more <= found:
            return tuple(sorted(found))
        found |= more


def computed_again(first: Block, rest: Block, given: list[Value]) -> list[Op]:
    """Copies of the cheap ops (views, shapes, counters) by which the second block gets values from `given` alone."""
    made = definitions(first)
    top = {out: op for op in first.ops for out in op.outs}
    known: dict[Value, bool] = {}

    def is_at_hand(value: Value) -> bool:
        if value not in known:
            op = top.get(value)
            known[value] = value in given or (
                isinstance(op, Call) and (again_is_cheap(op) or compares_counts(op)) and made.get(value) is op
                and all(map(is_at_hand, values_in((op.args, op.kwargs)))))  # fmt: skip
        return known[value]

    wanted = {value for value in free_values(rest) if value in top and is_at_hand(value)}
    copies: list[Op] = []
    mapping: dict[Value, Operand] = {}
    for op in reversed(first.ops):
        if isinstance(op, Call) and op.out in wanted:
            copies.insert(0, op)
            wanted.update(value for value in values_in((op.args, op.kwargs)) if value in top)
    copies = [clone_op(op, mapping) for op in copies]
    for op in copies:
        assert isinstance(op, Call)
        op.must, op.sweep = False, "reverse"
    replace_values(rest, mapping)
    return copies


def compares_counts(op: Call) -> bool:
    """Does it compare integers? Then it is less work to do it again than to pack the answer."""
    kinds = [op.out.type, *(value.type for value in values_in(op.args))]
    return op.fn in COMPARISONS and all(isinstance(kind, Num) and kind.kind in ("int", "bool") for kind in kinds)


def unpacked(rest: Block, given: list[Value], needed: list[Value], out_bar: Value) -> Block:
    """The block of a pullback: what was packed is read from the pack."""
    pack = Value(Tup(tuple(value.type for value in needed)), "pack")
    inner = {value: Value(value.type, value.hint, value.span) for value in (*given, *needed)}
    replace_values(rest, dict(inner))
    reads: list[Op] = [Call(operator.getitem, (pack, k), {}, inner[v], sweep="reverse") for k, v in enumerate(needed)]
    return Block([*(inner[value] for value in given), pack, out_bar], [*reads, *rest.ops], rest.yields)


@dataclass(eq=False)
class Tangents:
    """The tangents of functions made for one forward sweep."""

    made: list[tuple[Func, Places, Func]] = field(default_factory=list)

    def push(self, forward: Forward, call: Call, dots: Dots) -> None:
        """Call the function together with its tangent, or alone where no argument moves."""
        assert isinstance(call.fn, Func)
        ctx = forward.applier.ctx
        moving = tuple(k for k, arg in enumerate(call.args) if any(v in dots for v in values_in(arg)))
        if not moving:
            ctx.append(call)
            return
        func, active = self.tangent(call.fn, moving)
        given = [forward.tree(call.args[k], dots) for k in active]
        kind = Tup((call.out.type, tangent_type(call.out.type)))
        both = ctx.emit_call(func, (*call.args, *given), {}, must=call.must, type_=kind)
        ctx.append(Call(operator.getitem, (both, 0), {}, call.out, call.span))
        dots[call.out] = ctx.emit(operator.getitem, both, 1, type_=kind.items[1])

    def tangent(self, func: Func, moving: Places) -> tuple[Func, Places]:
        """The function that gives result and tangent, and the parameters whose tangents it takes."""
        active = extended(func, moving)
        for known, places, made in self.made:
            if known is func and places == active:
                return made, places
        new = Func(f"{func.name}_jvp", placeholder(len(func.params) + len(active)), span=func.span)
        self.made.append((func, active, new))
        block = clone_block(func.block, {})
        given = [Value(block.params[k].type, f"{block.params[k].hint}_dot") for k in active]
        dots: Dots = {block.params[k]: dot for k, dot in zip(active, given, strict=True)}
        target = block.yields[0]
        derived, dot = Forward(varied(block, dots), functions=self).function(block, dots, target)
        new.block = Block([*block.params, *given], derived.ops, [(target, dot)])
        return new, active


def tangent_type(kind: Type) -> Type:
    """The type of a tangent: that of the value, integers excepted."""
    match kind:
        case Num("int" | "bool"):
            return Num(None)
        case Tup(items):
            return Tup(tuple(map(tangent_type, items)))
    return kind


__all__ = ["Pairs", "Tangents"]
