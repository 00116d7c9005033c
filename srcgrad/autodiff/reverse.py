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
from srcgrad.autodiff.apply import Applier, fit, may_stretch, operands_with_derivative, rule_of
from srcgrad.autodiff.idioms import partials_of
from srcgrad.autodiff.masks import Masks, Walk, note_ops
from srcgrad.errors import NonDifferentiableError
from srcgrad.frontend.context import operand_type
from srcgrad.frontend.values import Abstract, Box, TupleOf
from srcgrad.ir.core import GO, Block, Call, Func, If, Items, Loop, Op, Operand, Source, Value, values_in
from srcgrad.ir.names import Guess
from srcgrad.ir.types import ANY, Arr, ListOf, Num, Tup, Type, dtype_kind, join
from srcgrad.ir.walk import free_values
from srcgrad.rules.core import Rule

Bars = dict[Value, Operand]

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
class Reverse:
    """One reverse sweep in the making."""

    active: set[Value]
    inputs: set[Value] = field(default_factory=set)  # what is differentiated: their cotangents are the result
    complex: bool = False  # are there complex numbers in the program, as far as is known?
    applier: Applier = field(default_factory=Applier)
    mirrors: dict[int, Mirror] = field(default_factory=dict)  # by identity of the reverse block
    kept: list[Block] = field(default_factory=list)
    functions: FunctionCalls | None = None
    pythons: Pythons = field(default_factory=Pythons)

    def __post_init__(self) -> None:
        self.masks = Masks(self.applier)

    # --- blocks and ops -----------------------------------------------------------------------------------------

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

    def gather(self, owner: Value, parts: dict[int, Operand], bars: Bars) -> None:
        """Add cotangents of some of a tuple's items."""
        before = bars.get(owner, {})
        if not isinstance(before, dict):
            count = len(owner.type.items) if isinstance(owner.type, Tup) else 0
            before = {k: self.applier.emit(operator.getitem, before, k) for k in range(count)}
        summed = {k: self.sum(before[k], part) if k in before else part for k, part in parts.items()}
        bars[owner] = {**before, **summed}

    def whole(self, x: Value, bars: Bars) -> Operand:
        """The cotangent of a value as one operand, zero where there is none."""
        bar = bars.get(x)
        if bar is None:
            return self.zero(x)
        return self.whole_tuple(x, bar) if isinstance(bar, dict) else bar

    def whole_tuple(self, out: Value, parts: dict[int, Operand]) -> tuple[Operand, ...]:
        """The cotangent of a tuple from those of its items."""
        assert isinstance(out.type, Tup)
        return tuple(
            parts[k] if k in parts
            else self.zero(self.applier.emit(operator.getitem, out, k, type_=item))
            for k, item in enumerate(out.type.items)
        )  # fmt: skip

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

    # --- cotangents ---------------------------------------------------------------------------------------------

    def add(self, x: Value, bar: Operand, bars: Bars) -> None:
        """Add a contribution to the cotangent of `x`."""
        if x not in self.active:
            return
        bar = self.cast(self.unsummed(bar, x), x)
        name = f"{x.hint}_bar" if x.hint else ""
        before = bars.get(x)
        if before is not None:
            bar = self.sum(before, bar)
        if isinstance(bar, Value) and name and (not bar.hint or before is not None):
            bar.hint = name
        bars[x] = bar

    def unsummed(self, bar: Operand, x: Value) -> Operand:
        """The cotangent without a `sum_to` that the types show to be needless."""
        made = self.maker(bar)
        if made is None or made.fn is not runtime.sum_to or may_stretch(operand_type(made.args[0]), x.type):
            return bar
        return made.args[0]

    def sum(self, before: Operand, bar: Operand) -> Operand:
        """``before + bar``; what was scattered into fresh zeros is scattered into `before` instead."""
        scattered = self.scattered(bar)
        if scattered is not None:
            args = (before, *scattered.args[1:])
            return self.applier.ctx.emit_call(scattered.fn, args, scattered.kwargs, type_=operand_type(bar))
        if isinstance(operand_type(bar), (ListOf, Tup)) or isinstance(operand_type(before), (ListOf, Tup)):
            return self.applier.emit(runtime.add_bars, before, bar, type_=operand_type(before))
        if not isinstance(before, Value) and not isinstance(bar, Value):
            return before + bar
        return self.masks.sum(before, bar, self.sum) or self.applier.emit(operator.add, before, bar)

    def scattered(self, bar: Operand) -> Call | None:
        """The call that scattered `bar` into zeros, None if it was made otherwise."""
        made = self.maker(bar)
        if made is None or made.fn not in (runtime.add_item, runtime.list_add):
            return None
        base = self.maker(made.args[0]) if isinstance(made.args[0], Value) else None
        return made if base is not None and base.fn in (np.zeros_like, runtime.zeros_of, np.zeros) else None

    def maker(self, operand: Operand) -> Call | None:
        """The call of the reverse sweep that made a value."""
        return self.applier.ctx.calls.get(operand) if isinstance(operand, Value) else None

    def cast(self, bar: Operand, x: Value) -> Operand:
        """A cotangent has its primal's dtype, and is real where the primal is."""
        have, want = dtype_of(operand_type(bar)), dtype_of(x.type)
        if have is None or want is None:
            return self.real(bar, x)
        if have == want:
            return bar
        bar = self.real(bar, x)
        have = dtype_of(operand_type(bar))
        if have is None or have == want:
            return bar
        return self.masks.under(bar, lambda part: self.applier.emit(runtime.as_type, part, want))

    def real(self, bar: Operand, x: Value) -> Operand:
        """The real part, where the primal is a real number."""
        kinds = kind_of(operand_type(bar)), kind_of(x.type)
        maybe = kinds[0] == "complex" or (kinds[0] is None and self.complex)
        if maybe and kinds[1] in ("float", "int", "bool"):
            return self.masks.under(bar, lambda part: self.applier.emit(np.real, part))
        return bar

    def zero(self, x: Operand) -> Operand:
        """The zero cotangent of a value."""
        match operand_type(x):
            case Num(kind, None):
                return 0j if kind == "complex" else 0.0
            case Num(_, dtype) if dtype is not None and dtype.kind == "f" and dtype.itemsize == 8:
                return 0.0
            case Arr():
                return self.applier.emit(np.zeros_like, x)
        return self.applier.emit(runtime.zeros_of, x, type_=operand_type(x))

    # --- regions ------------------------------------------------------------------------------------------------

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

    def distribute(self, operand: Operand, bar: Operand, bars: Bars) -> None:
        """Hand a cotangent to an operand of its structure, to each item of a tuple."""
        if isinstance(operand, Value):
            self.receive(operand, bar, bars)
        elif isinstance(operand, (tuple, list)):
            for k, item in enumerate(operand):
                if any(value in self.active for value in values_in(item)) and (not isinstance(bar, dict) or k in bar):
                    self.distribute(item, self.item(bar, k, item), bars)

    def item(self, bar: Operand, k: int, like: Operand) -> Operand:
        """One item of a tuple's cotangent."""
        if not isinstance(bar, Value):
            return bar[k]
        return self.applier.emit(operator.getitem, bar, k, type_=cotangent_type(like))

    def receive(self, value: Value, bar: Operand, bars: Bars) -> None:
        """Hand a region result's cotangent to what the region yielded."""
        if isinstance(bar, dict):
            self.gather(value, bar, bars)
            return
        if isinstance(bars.get(value), dict) and isinstance(value.type, Tup):
            items = enumerate(value.type.items)
            self.gather(value, {k: self.item(bar, k, Value(kind)) for k, kind in items}, bars)
            return
        self.add(value, bar, bars)

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


def bar_type(value: Value) -> Any:
    """The type of a value's cotangent: that of the value, integers excepted."""
    kind = value.type
    return Num(None) if isinstance(kind, Num) and kind.kind in ("int", "bool") else kind


def cotangent_type(operand: Operand) -> Type:
    """The type of the cotangent of an operand, which may be a tuple of values."""
    if isinstance(operand, Value):
        kind: Type = bar_type(operand)
        return kind
    return Tup(tuple(map(cotangent_type, operand))) if isinstance(operand, tuple) else Num(None)


def item_type(value: Value) -> Any:
    """The type of the items of a list."""
    return value.type.item if isinstance(value.type, ListOf) else ANY


def dtype_of(kind: Any) -> Any:
    """The dtype of an array or NumPy scalar where it is known."""
    return kind.dtype if isinstance(kind, (Arr, Num)) else None


def kind_of(kind: Any) -> str | None:
    """The number kind where it is known."""
    if isinstance(kind, Num):
        return kind.kind
    if isinstance(kind, Arr) and kind.dtype is not None:
        return dtype_kind(kind.dtype)
    return None
