"""Forward mode: each op is followed by its tangent."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from srcgrad import runtime
from srcgrad.analysis.pythons import Pythons
from srcgrad.autodiff.apply import Applier, bind, may_stretch, operands_with_derivative, own_signature, rule_of
from srcgrad.autodiff.idioms import partials_of
from srcgrad.autodiff.known_masks import is_number
from srcgrad.autodiff.reverse import through_reshape
from srcgrad.errors import UnsupportedError
from srcgrad.frontend.context import operand_type
from srcgrad.ir.core import ABSENT, Block, Call, Func, If, Items, Loop, Op, Operand, Value, map_operand, values_in
from srcgrad.ir.types import Arr, ListOf, Num, Tup
from srcgrad.rules.core import Rule

Dots = dict[Value, Operand]


class FunctionTangents(Protocol):
    """What knows the tangents of calls of functions that call themselves."""

    def push(self, forward: Forward, call: Call, dots: Dots) -> None:
        """Append the call, with its tangent where it has one."""


@dataclass
class Forward:
    """One forward sweep in the making."""

    active: set[Value]
    applier: Applier = field(default_factory=Applier)
    functions: FunctionTangents | None = None
    pythons: Pythons = field(default_factory=Pythons)

    def function(self, block: Block, dots: Dots, target: Operand) -> tuple[Block, Operand]:
        """The block with tangents, and the tangent of the target."""
        new = Block(block.params)
        with self.applier.within(new):
            self.ops(block.ops, dots)
            result = self.tree(target, dots)
        return new, result

    def tree(self, operand: Operand, dots: Dots) -> Operand:
        """The tangent of an operand tree; constants have tangent zero."""
        if isinstance(operand, Value):
            return self.instant(operand, dots)
        if isinstance(operand, (int, float, complex)) and not isinstance(operand, bool):
            return 0j if isinstance(operand, complex) else 0.0
        if isinstance(operand, tuple):
            items = [self.tree(item, dots) for item in operand]
            return type(operand)(*items) if hasattr(operand, "_fields") else tuple(items)
        if isinstance(operand, list):
            return [self.tree(item, dots) for item in operand]
        if isinstance(operand, dict):
            return {key: self.tree(item, dots) for key, item in operand.items()}
        return None

    def ops(self, ops: list[Op], dots: Dots) -> None:
        """Append each op, and its tangent where it has one."""
        self.pythons.enter(ops)
        for op in ops:
            match op:
                case Call() if isinstance(op.fn, Func) and op.out in self.active and self.functions is not None:
                    self.applier.ctx.span = op.span
                    self.functions.push(self, op, dots)
                case Call():
                    self.applier.ctx.append(op)
                    self.applier.ctx.span = op.span
                    if op.out in self.active and op.out not in dots:
                        self.call(op, dots)
                case If():
                    self.branch(op, dots)
                case Loop():
                    self.loop(op, dots)

    def call(self, call: Call, dots: Dots) -> None:
        """The tangent of one call."""
        if call.fn is operator.getitem and isinstance(operand_type(call.args[0]), (Tup, ListOf)):
            dots[call.out] = self.item(call, dots)
            return
        if call.fn is runtime.with_attributes:
            attributes = {name: self.tree(part, dots) for name, part in call.args[1].items()}
            dots[call.out] = self.applier.emit(runtime.with_attributes, call.args[0], attributes)
            return
        rule = rule_of(call)
        operands = operands_with_derivative(rule, call)
        if not any(v in dots for operand in operands.values() for v in values_in(operand)):
            return
        dot = self.by_kind(rule, call, operands, dots)
        if dot is not None:
            dots[call.out] = self.named(dot, call.out)

    def item(self, call: Call, dots: Dots) -> Operand:
        """The tangent of ``t[k]``."""
        whole = self.instant(call.args[0], dots)
        if isinstance(whole, tuple):
            return whole[call.args[1]]
        return self.applier.emit(operator.getitem, whole, call.args[1], type_=call.out.type)

    def named(self, dot: Operand, out: Value) -> Operand:
        """Give the tangent its name."""
        if isinstance(dot, Value) and not dot.hint and out.hint:
            dot.hint = f"{out.hint}_dot"
        return dot

    def by_kind(self, rule: Rule, call: Call, operands: dict[str, Operand], dots: Dots) -> Operand | None:
        """The tangent as the rule's kind prescribes."""
        match rule.kind:
            case "elementwise":
                return self.elementwise(rule, call, operands, dots)
            case "linear":
                return self.linear(rule, call, operands, dots)
            case "bilinear":
                return self.bilinear(call, operands, dots)
        if rule.kind == "constant":
            return None
        return self.custom(rule, call, operands, dots)

    def elementwise(self, rule: Rule, call: Call, operands: dict[str, Operand], dots: Dots) -> Operand:
        """Sum of ``x_dot * partial``."""
        partials_fn = partials_of(rule, call, self.applier.ctx.calls, self.pythons)
        given = self.applier.run(partials_fn, [call.out, *call.args], call.kwargs, call.span)
        partials = list(getattr(given, "items", [given])) if len(rule.operands) > 1 else [given]
        total: Operand | None = None
        for name, partial in zip(rule.operands, partials, strict=True):
            x = operands.get(name)
            if isinstance(x, Value) and x in dots:
                term = self.term(dots[x], self.applier.operand(partial))
                total = term if total is None else self.applier.emit(operator.add, total, term)
        assert total is not None
        return self.spread(total, call.out)

    def term(self, dot: Operand, factor: Operand) -> Operand:
        """``x_dot * partial``, without the factors 1 and -1."""
        if is_number(factor, 1):
            return dot
        if is_number(factor, -1):
            return self.applier.emit(operator.neg, dot) if isinstance(dot, Value) else -dot
        if not isinstance(dot, Value) and not isinstance(factor, Value):
            return dot * factor
        return self.applier.emit(operator.mul, dot, factor)

    def spread(self, dot: Operand, out: Value) -> Operand:
        """The tangent in the full shape of the result."""
        if isinstance(out.type, Num) or not may_stretch(out.type, operand_type(dot)):
            return dot
        return self.applier.emit(np.broadcast_to, dot, self.applier.emit(np.shape, out))

    def linear(self, rule: Rule, call: Call, operands: dict[str, Operand], dots: Dots) -> Operand:
        """The function itself, on the tangents; keywords that add constants are zero."""
        bound = bind(rule, call)
        for name, operand in operands.items():
            bound[name] = map_operand(lambda v: self.instant(v, dots), self.zeroed(operand))
        if through_reshape(call):
            bound["x"] = self.applier.emit(np.ascontiguousarray, bound["x"])
        for name in rule.zeros:
            if bound.get(name) is not None and name in bound:
                bound[name] = 0
        return self.again(rule, call, bound)

    def zeroed(self, operand: Operand) -> Operand:
        """Numbers in an operand of a linear function have tangent zero."""
        if isinstance(operand, (list, tuple)):
            return type(operand)(self.zeroed(item) for item in operand)
        if isinstance(operand, (int, float, complex)) and not isinstance(operand, bool):
            return operand * 0.0
        if isinstance(operand, (np.ndarray, np.generic)):
            return np.zeros_like(operand)
        return operand

    def again(self, rule: Rule, call: Call, bound: dict[str, Operand]) -> Operand:
        """The call with other arguments."""
        arguments = own_signature(rule).bind(*call.args, **call.kwargs)
        arguments.arguments.update(bound)
        return self.applier.ctx.emit_call(call.fn, arguments.args, dict(arguments.kwargs), style=call.style)

    def bilinear(self, call: Call, operands: dict[str, Operand], dots: Dots) -> Operand:
        """``f(x_dot, y) + f(x, y_dot)``."""
        terms = []
        for operand in operands.values():
            if isinstance(operand, Value) and operand in dots:
                places = self.positions(call, operand, operands)
                terms += [self.replaced(call, place, dots[operand]) for place in places]
        total = terms[0]
        for term in terms[1:]:
            total = self.applier.emit(operator.add, total, term)
        return total

    def positions(self, call: Call, operand: Value, operands: dict[str, Operand]) -> list[int | str]:
        """Where in the call an operand stands; each place once over all operands."""
        places: list[int | str] = [k for k, arg in enumerate(call.args) if arg is operand]
        places += [key for key, arg in call.kwargs.items() if arg is operand]
        same = [name for name, other in operands.items() if other is operand]
        if len(same) == 1:
            return places
        taken = self.__dict__.setdefault("_taken", {})
        seen = taken.setdefault(id(call), 0)
        taken[id(call)] = seen + 1
        return places[seen : seen + 1]

    def replaced(self, call: Call, place: int | str, dot: Operand) -> Operand:
        """The call with one argument replaced."""
        args = tuple(dot if k == place else arg for k, arg in enumerate(call.args))
        kwargs = {key: dot if key == place else arg for key, arg in call.kwargs.items()}
        return self.applier.ctx.emit_call(call.fn, args, kwargs, style=call.style)

    def custom(self, rule: Rule, call: Call, operands: dict[str, Operand], dots: Dots) -> Operand:
        """The rule's own forward mode."""
        if rule.jvp_fn is None:
            raise UnsupportedError(f"`{getattr(call.fn, '__name__', call.fn)}` has no forward mode", span=call.span)
        tangents: dict[str, Operand] = {}
        for name, operand in operands.items():
            known = any(v in dots for v in values_in(operand))
            dot = map_operand(lambda v: self.instant(v, dots), self.zeroed(operand))
            tangents[f"{name}_dot"] = dot if known else None
        for name in rule.operands:
            tangents.setdefault(f"{name}_dot", None)
        given = self.applier.run(rule.jvp_fn, [call.out, *call.args], {**call.kwargs, **tangents}, call.span)
        return self.applier.operand(given)

    def instant(self, x: Value, dots: Dots) -> Operand:
        """The tangent of a value, a typed zero where it has none."""
        if x in dots:
            return dots[x]
        match x.type:
            case Num(kind, _):
                return 0j if kind == "complex" else 0.0
            case Arr():
                return self.applier.emit(np.zeros_like, x)
        return self.applier.emit(runtime.zeros_of, x, type_=x.type)

    # --- regions ------------------------------------------------------------------------------------------------

    def branch(self, op: If, dots: Dots) -> None:
        """An `If` yields its results' tangents too."""
        blocks, owns = [], []
        for arm in op.blocks:
            block, own = Block(arm.params), dict(dots)
            with self.applier.within(block):
                self.ops(arm.ops, own)
            blocks.append(block)
            owns.append(own)
        pairs = list(zip(op.blocks, owns, strict=True))
        wanted = [
            k for k, out in enumerate(op.outs)
            if out in self.active and any(_has_dot(arm.yields[k], own) for arm, own in pairs)
        ]  # fmt: skip
        for block, own, arm in zip(blocks, owns, op.blocks, strict=True):
            with self.applier.within(block):
                extra = [self.of_yield(arm.yields[k], own) for k in wanted]
            block.yields = [*arm.yields, *extra]
        outs = [Value(op.outs[k].type, _dot_hint(op.outs[k])) for k in wanted]
        self.applier.ctx.append(If(op.cond, blocks[0], blocks[1], [*op.outs, *outs], op.span))
        dots.update(zip((op.outs[k] for k in wanted), outs, strict=True))

    def of_yield(self, operand: Operand, dots: Dots) -> Operand:
        """The tangent of what a region yields."""
        if operand is ABSENT:
            return ABSENT
        return self.tree(operand, dots)

    def loop(self, op: Loop, dots: Dots) -> None:
        """A `Loop` carries its carried values' tangents too."""
        carried = [k for k, p in enumerate(op.carried) if p in self.active]
        collected = [k for k, out in enumerate(op.collected_outs) if out in self.active]
        params = [Value(op.carried[k].type, _dot_hint(op.carried[k])) for k in carried]
        own = dict(dots)
        own.update(zip((op.carried[k] for k in carried), params, strict=True))
        sources, items = list(op.sources), list(op.items)
        for source, item in zip(op.sources, op.items, strict=True):
            if isinstance(source, Items) and item in self.active:
                walked = Value(item.type, _dot_hint(item))
                sources.append(Items(self.tree(source.value, dots)))
                items.append(walked)
                own[item] = walked
        inits = [self.of_yield(op.inits[k], dots) for k in carried]
        block = Block([*items, *op.carried, *params])
        with self.applier.within(block):
            self.ops(op.body.ops, own)
            after = [self.of_yield(op.carried_yields[k], own) for k in carried]
            listed = [self.of_yield(op.collected_yields[k], own) for k in collected]
        block.yields = [op.body.yields[0], *op.carried_yields, *after, *op.collected_yields, *listed]
        outs = [Value(p.type, p.hint) for p in params]
        lists = [Value(op.collected_outs[k].type, _dot_hint(op.collected_outs[k])) for k in collected]
        results = [op.outs[0], *op.carried_outs, *outs, *op.collected_outs, *lists]
        self.applier.ctx.append(Loop(sources, [*op.inits, *inits], block, results, op.reverse, op.span))
        dots.update(zip((op.carried_outs[k] for k in carried), outs, strict=True))
        dots.update(zip((op.collected_outs[k] for k in collected), lists, strict=True))


def _has_dot(operand: Operand, dots: Dots) -> bool:
    return any(value in dots for value in values_in(operand))


def _dot_hint(value: Value) -> str:
    return f"{value.hint}_dot" if value.hint else ""
