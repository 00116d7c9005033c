"""Reverse mode: walk the ops backwards with an environment of cotangents.

What is derived here may name any value of the forward sweep, also one inside a loop that is over. Where such a value
is kept is decided afterwards, in `recall`: by then dead code is gone, and only what is really needed is remembered.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.pythons import Pythons
from srcgrad.autodiff.apply import fit, operands_with_derivative, rule_of
from srcgrad.autodiff.bar_types import bar_type, item_type, kind_of
from srcgrad.autodiff.cotangents import Bars, Cotangents
from srcgrad.autodiff.idioms import partials_of
from srcgrad.autodiff.mask_kinds import Walk
from srcgrad.autodiff.masks import note_ops
from srcgrad.errors import NonDifferentiableError
from srcgrad.frontend.context import operand_type
from srcgrad.frontend.values import Abstract, Box, TupleOf
from srcgrad.ir.core import GO, Block, Call, Func, If, Items, Loop, Op, Operand, Source, Value, values_in
from srcgrad.ir.names import Guess
from srcgrad.ir.types import ListOf, Num, Tup, join
from srcgrad.ir.walk import free_values
from srcgrad.rules.core import Rule

NAMELESS = (operator.getitem, runtime.get_item, operator.neg)  # whose cotangents have the names of their operands'


@dataclass
class Mirror:
    """A region of the reverse sweep and the region of the forward sweep it walks back over."""

    forward_op: If | Loop
    forward_block: Block
    reverse_op: If | Loop


class FunctionCalls(Protocol):
    """What knows the adjoint of calls of functions that call themselves."""

    def pull(self, reverse: Reverse, call: Call, ops: list[Op], bars: Bars) -> None:
        """The adjoint of a call that stands in `ops`."""


@dataclass
class Reverse(Cotangents):
    """One reverse sweep in the making."""

    mirrors: dict[int, Mirror] = field(default_factory=dict)  # by identity of the reverse block
    kept: list[Block] = field(default_factory=list)
    functions: FunctionCalls | None = None
    pythons: Pythons = field(default_factory=Pythons)

    # --- blocks and ops ---------------------------------------------------------------------------------------------

    def ops(self, ops: list[Op], bars: Bars) -> None:
        """Propagate cotangents backwards over ops."""
        note_ops(self.masks.primal, ops)
        self.pythons.enter(ops)
        for op in reversed(ops):
            match op:
                case Call() if isinstance(op.fn, Func) and self.functions is not None:
                    self.functions.pull(self, op, ops, bars)
                case Call():
                    self.call(op, bars)
                case If():
                    self.branch(op, bars)
                case Loop():
                    self.loop(op, bars)

    def call(self, call: Call, bars: Bars) -> None:
        """The adjoint of one call."""
        if call.out in self.inputs:
            return
        bar = bars.pop(call.out, None)
        if bar is None or call.out not in self.active:
            return
        self.applier.ctx.span = call.span
        if isinstance(bar, Value) and bar.hint == "" and call.fn not in NAMELESS:
            bar.hint = Guess(f"{getattr(call.fn, '__name__', 'value')}_bar")
        if isinstance(bar, dict):
            bar = self.whole_tuple(call.out, bar)
        if call.fn is operator.getitem and not isinstance(call.args[0], (tuple, list, dict)):
            container = call.args[0].type if isinstance(call.args[0], Value) else None
            if isinstance(container, (Tup, ListOf)):
                self.item_of_tuple(call, bar, bars)
                return
        if call.fn is runtime.with_attributes:
            for name, part in call.args[1].items():
                if isinstance(part, Value):
                    self.add(part, self.applier.emit(getattr, bar, name, type_=part.type), bars)
            return
        rule = rule_of(call)
        if rule.kind == "constant":
            return
        self.pull(rule, call, bar, bars)

    def item_of_tuple(self, call: Call, bar: Operand, bars: Bars) -> None:
        """``t[k]`` of a tuple: cotangents gather per position until the tuple itself is reached; of a list at once."""
        owner, key = call.args
        if isinstance(owner.type, Tup) and isinstance(key, int):
            self.gather(owner, {key % len(owner.type.items): bar}, bars)
        elif isinstance(owner.type, ListOf) and (isinstance(key, slice) or kind_of(operand_type(key)) == "int"):
            whole = self.whole(owner, bars)
            bars[owner] = self.applier.emit(runtime.list_add, whole, key, bar, hint=_bar_hint(owner), type_=owner.type)
        else:
            raise NonDifferentiableError("cannot differentiate through this read", span=call.span)

    def pull(self, rule: Rule, call: Call, bar: Operand, bars: Bars) -> None:
        """Cotangents of a call's operands by its rule."""
        operands = operands_with_derivative(rule, call)
        assert rule.vjp is not None
        if through_reshape(call):
            bar = self.applier.emit(np.ascontiguousarray, bar)
        first = [call.out] if rule.kind == "elementwise" else [bar] if rule.kind != "custom" else [bar, call.out]
        args, kwargs = as_tuples(call.args, operands), as_tuples(call.kwargs, operands)
        start = len(self.applier.ctx.block.ops)
        given = self.applier.run(self.function_of(rule, call), [*first, *args], kwargs, call.span)
        for op in self.applier.ctx.block.ops[start:]:
            if isinstance(op, If):
                self.masks.enter(op)
        parts = self.pieces(given, len(rule.operands)) if len(rule.operands) > 1 else [given]
        for name, part in zip(rule.operands, parts, strict=True):
            if name in operands and any(v in self.active for v in values_in(operands[name])):
                if rule.kind == "elementwise":
                    self.elementwise(operands[name], part, bar, bars)
                else:
                    self.give(operands[name], part, bars)

    def function_of(self, rule: Rule, call: Call) -> Callable[..., Any]:
        """What to interpret for a call: the rule's own function, or that of an idiom the call is the end of."""
        assert rule.vjp is not None
        if rule.kind != "elementwise":
            return rule.vjp
        return partials_of(rule, call, self.masks.primal, self.pythons)

    def elementwise(self, x: Value, partial: Abstract, bar: Operand, bars: Bars) -> None:
        """``x_bar = out_bar * partial``."""
        factor = self.applier.operand(partial)
        self.add(x, fit(self.applier, self.masks.times(bar, factor), x), bars)

    def give(self, operand: Operand, part: Abstract, bars: Bars) -> None:
        """Add a cotangent that has the structure of its operand, unless it is zeros."""
        if isinstance(operand, Value):
            bar = self.applier.operand(part)
            made = self.masks.maker(bar)
            if made is None or made.fn is not np.zeros_like:
                self.add(operand, bar, bars)
            return
        for item, piece in zip(operand, self.pieces(part, len(operand)), strict=True):
            if any(v in self.active for v in values_in(item)):
                self.give(item, piece, bars)

    def pieces(self, part: Abstract, count: int) -> list[Abstract]:
        """The items of a cotangent of a list or tuple."""
        if isinstance(part, TupleOf):
            return list(part.items)
        if isinstance(part, Box):
            return list(self.applier.ctx.items(part))
        whole = self.applier.operand(part)
        return [self.applier.ctx.wrap(self.applier.emit(operator.getitem, whole, k)) for k in range(count)]

    # --- regions ----------------------------------------------------------------------------------------------------

    def branch(self, op: If, bars: Bars) -> None:
        """The adjoint of an `If` is an `If` on the same condition."""
        given = [bars.pop(out, None) for out in op.outs]
        if all(bar is None for bar in given):
            return
        arms: list[tuple[Block, Bars]] = [self.arm(arm, given, bars) for arm in op.blocks]
        inner = {v for arm in op.blocks for v in _defined(arm)}
        given_now = [v for v in dict.fromkeys([*arms[0][1], *arms[1][1]]) if v not in inner]
        changed = [v for v in given_now if any(own.get(v) is not bars.get(v) for _, own in arms)]
        for block, own in arms:
            with self.applier.within(block):
                block.yields = [self.whole(v, own) for v in changed]
        outs = [Value(joined(arms, k), f"{v.hint}_bar" if v.hint else "") for k, v in enumerate(changed)]
        reverse = If(op.cond, arms[0][0], arms[1][0], outs, op.span)
        self.applier.ctx.append(reverse)
        for (block, _), forward in zip(arms, op.blocks, strict=True):
            self.mirror(block, Mirror(op, forward, reverse))
        self.masks.enter(reverse)
        bars.update(zip(changed, outs, strict=True))

    def arm(self, arm: Block, given: list[Operand], bars: Bars) -> tuple[Block, Bars]:
        """The reverse of one arm, in a block of its own."""
        block, own = Block(), dict(bars)
        with self.applier.within(block):
            for value, bar in zip(arm.yields, given, strict=True):
                if bar is not None:
                    self.distribute(value, bar, own)
            self.ops(arm.ops, own)
        return block, own

    def loop(self, op: Loop, bars: Bars) -> None:
        """The adjoint of a `Loop` is a `Loop` that walks its trips backwards."""
        given = {k: bars.pop(out) for k, out in enumerate(op.carried_outs) if out in bars}
        lists = {k: bars.pop(out) for k, out in enumerate(op.collected_outs) if out in bars}
        bars.pop(op.outs[0], None)
        if not given and not lists:
            return
        outer = [v for v in free_values(op.body) if v in self.active]
        carried = set(given)
        touched: list[Value] = []
        while True:
            attempt = self.body(op, sorted(carried), lists, touched)
            again = {k for k, p in enumerate(op.carried) if p in attempt.bars} - carried
            more = [v for v in outer if v in attempt.bars and v not in touched]
            if not again and not more:
                break
            carried |= again
            touched = [*touched, *more]
        self.close(op, attempt, given, lists, bars)

    def body(self, op: Loop, carried: list[int], lists: dict[int, Operand], touched: list[Value]) -> Attempt:
        """One attempt at the reverse body, given which cotangents it carries."""
        block = Block()
        params = [Value(bar_type(op.carried[k]), _bar_hint(op.carried[k])) for k in carried]
        sums = [Value(bar_type(v), _bar_hint(v)) for v in touched]
        items = {k: Value(item_type(op.collected_outs[k]), _bar_hint(op.collected_outs[k])) for k in lists}
        self.masks.begun.update(sums)
        bars: Bars = dict(zip(touched, sums, strict=True))
        walks = {item: Walk(self.aligned(lists[k], op)) for k, item in items.items()}
        self.masks.walks.update(walks)
        with self.applier.within(block):
            for k, param in zip(carried, params, strict=True):
                self.yielded(op.carried_yields[k], param, bars)
            for k, item in items.items():
                self.yielded(op.collected_yields[k], item, bars)
            self.ops(op.body.ops, bars)
            after = [self.whole(op.carried[k], bars) for k in carried]
            collected_sums = [self.whole(v, bars) for v in touched]
            collected = self.collected(op, bars)
        block.yields = [GO, *after, *collected_sums, *collected.values()]
        return Attempt(block, bars, carried, touched, params, sums, items, list(collected), list(walks.values()))

    def yielded(self, operand: Operand, bar: Value, bars: Bars) -> None:
        """A trip's result passes its cotangent on."""
        self.distribute(operand, bar, bars)

    def collected(self, op: Loop, bars: Bars) -> dict[int, Operand]:
        """Cotangents of the items of lists that the loop walked over, one per trip."""
        return {
            k: self.whole(item, bars)
            for k, (source, item) in enumerate(zip(op.sources, op.items, strict=True))
            if isinstance(source, Items) and isinstance(source.value, Value) and source.value in self.active
        }  # fmt: skip

    def close(self, op: Loop, found: Attempt, given: dict[int, Operand], lists: dict[int, Operand], bars: Bars) -> None:
        """Append the reverse loop and hand its results on."""
        ends = {op.carried_outs[k]: bar for k, bar in given.items()}
        inits = [self.whole(op.carried_outs[k], ends) for k in found.carried]
        inits += [self.whole(v, bars) for v in found.touched]
        sources: list[Source] = [Items(walk.items) for walk in found.walks]
        masks = [mask for walk in found.walks for mask in walk.masks]
        sources += [Items(self.turned(items, flips)) for items, flips, _ in masks]
        met = [*found.items.values(), *(item for _, _, item in masks)]
        found.block.params = [*met, *found.params, *found.sums]
        results = [Value(p.type, p.hint) for p in (*found.params, *found.sums)]
        made = [Value(ListOf(operand_type(y)), "bars") for y in found.block.yields[1 + len(results) :]]
        outs = [Value(Num("int"), "stop"), *results, *made]
        reverse = Loop(sources, inits, found.block, outs, not op.reverse, op.span)
        self.applier.ctx.append(reverse)
        for walk in found.walks:
            walk.loop, walk.block = reverse, self.applier.ctx.block
        self.masks.lists.update(dict.fromkeys(made, reverse))
        summed = zip(results[len(found.params) :], found.sums, strict=True)
        self.masks.sums.update((out, (reverse, param)) for out, param in summed)
        self.mirror(found.block, Mirror(op, op.body, reverse))
        bars.update(zip(found.touched, results[len(found.carried) :], strict=True))
        for k, out in zip(found.carried, results, strict=False):
            if isinstance(op.inits[k], Value):
                self.receive(op.inits[k], out, bars)
        for k, out in zip(found.lists, made, strict=True):
            source = op.sources[k]
            assert isinstance(source, Items)
            self.receive(source.value, self.in_list_order(out, op), bars)

    def aligned(self, items: Operand, op: Loop) -> Operand:
        """A list of one cotangent per trip, so that the reverse loop meets the last trip's first."""
        return items if not op.reverse else self.applier.emit(runtime.reversed_list, items, type_=operand_type(items))

    def turned(self, items: Value, flips: int) -> Operand:
        """A list turned round as often as another was."""
        return self.applier.emit(runtime.reversed_list, items, type_=items.type) if flips % 2 else items

    def in_list_order(self, made: Value, op: Loop) -> Operand:
        """Cotangents collected in trip order backwards, in the order of the list they belong to."""
        return made if op.reverse else self.applier.emit(runtime.reversed_list, made, type_=made.type)

    def mirror(self, block: Block, mirror: Mirror) -> None:
        """Remember which region a reverse block walks back over."""
        self.mirrors[id(block)] = mirror
        self.kept.append(block)


def as_tuples(given: Any, operands: dict[str, Operand]) -> Any:
    """The arguments of a call; a list of operands as a tuple, so that its cotangent has one item for each."""

    def changed(arg: Operand) -> Operand:
        is_list = isinstance(arg, list) and any(arg is operand for operand in operands.values())
        return tuple(arg) if is_list and next(values_in(arg), None) is not None else arg

    if isinstance(given, dict):
        return {name: changed(arg) for name, arg in given.items()}
    return [changed(arg) for arg in given]


def through_reshape(call: Call) -> bool:
    """Is it a write through a reshape, which is a view of contiguous memory only?"""
    if call.fn not in (runtime.set_item, runtime.add_item) or len(call.args) < 4:
        return False
    return any(fn in (np.reshape, np.ravel) for fn, _ in call.args[3])


@dataclass
class Attempt:
    """A reverse loop body and what it turned out to need."""

    block: Block
    bars: Bars
    carried: list[int]
    touched: list[Value]
    params: list[Value]
    sums: list[Value]
    items: dict[int, Value]
    lists: list[int]
    walks: list[Walk]


def _bar_hint(value: Value) -> str:
    return f"{value.hint}_bar" if value.hint else ""


def _defined(block: Block) -> Iterable[Value]:
    for op in block.ops:
        yield from op.outs
        for inner in op.blocks:
            yield from inner.params
            yield from _defined(inner)


def joined(arms: list[tuple[Block, Bars]], k: int) -> Any:
    """The type of a cotangent that two arms give."""
    return join(operand_type(arms[0][0].yields[k]), operand_type(arms[1][0].yields[k]))
