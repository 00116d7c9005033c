"""Twenty-four ways to break srcgrad, one at a time: a rule with a wrong derivative, or a pass that loses something.

A fuzzer that finds nothing is believed only after it has found each of these. The wrong rules have source, because the
transform reads rules with the front end; every one is written as a plausible mistake.
"""

from __future__ import annotations

import importlib
import math
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.ir.core import Call, Func, Loop, Operand, Value
from srcgrad.ir.walk import replace_values, walk
from srcgrad.rules import core
from srcgrad.runtime import sum_to

Undo = Callable[[], None]


@dataclass(frozen=True)
class Mutation:
    """A fault: how to make it, which takes it back again, and a word that programs must contain to meet it."""

    name: str
    make: Callable[[], Undo]
    needs: tuple[str, ...] = ()
    weights: str = "spine"  # the set of programs that meets it

    @contextmanager
    def applied(self) -> Iterator[None]:
        """srcgrad with this fault."""
        undo = self.make()
        try:
            yield
        finally:
            undo()

    def concerns(self, text: str) -> bool:
        """May a program with this text meet the fault?"""
        return all(need in text for need in self.needs)


def undoing(undos: list[Undo]) -> Undo:
    """All of them, the last first."""

    def undo() -> None:
        for each in reversed(undos):
            each()

    return undo


# Faults of rules


def rule_fault(name: str, fns: tuple[Any, ...], wrong: Callable[..., Any], *needs: str) -> Mutation:
    """Some callables get another rule, with a wrong derivative: new, so nothing cached for the old one is used."""

    def make() -> Undo:
        return undoing([_replace_rule(fn, wrong) for fn in fns])

    return Mutation(f"rule: {name}", make, needs)


def _replace_rule(fn: Any, wrong: Callable[..., Any]) -> Undo:
    rule = core.lookup(fn)
    assert rule is not None, f"no rule for {fn}"
    core._TABLE[fn] = replace(rule, vjp=wrong)
    return lambda: core._TABLE.__setitem__(fn, rule)


def wrong_sin(out: Any, x: Any) -> Any:
    return -np.cos(x)


def wrong_tanh(out: Any, x: Any) -> Any:
    return 1 - out


def wrong_exp(out: Any, x: Any) -> Any:
    return out * x


def wrong_multiply(out: Any, x1: Any, x2: Any) -> Any:
    return x2, x2


def wrong_divide(out: Any, x: Any, y: Any) -> Any:
    return 1 / y, out / y


def wrong_sum(out_bar: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
              initial: Any = 0, where: Any = True) -> Any:  # fmt: skip
    return np.zeros_like(a)


def wrong_where(out_bar: Any, condition: Any, x: Any, y: Any) -> Any:
    return sum_to(np.where(condition, out_bar, 0), np.shape(x)), sum_to(np.where(condition, out_bar, 0), np.shape(y))


def wrong_write(out_bar: Any, x: Any, index: Any, value: Any, steps: Any = ()) -> Any:
    return out_bar, sum_to(runtime.stored_item(out_bar, index, steps), np.shape(value))


def wrong_append(out_bar: Any, xs: Any, value: Any) -> Any:
    value_bar = out_bar[-1]
    return runtime.list_remove(out_bar, -1, value_bar), value_bar * 0.5


def wrong_removal(out_bar: Any, xs: Any, index: int = -1, like: Any = None) -> Any:
    return runtime.list_insert(out_bar, 0, runtime.zeros_of(like))


def wrong_store(out_bar: Any, xs: Any, index: Any, value: Any, steps: Any = ()) -> Any:
    return out_bar, runtime.get_item(out_bar, index, steps)


def wrong_total(out_bar: Any, items: Any, start: Any = 0) -> Any:
    return runtime.for_each(out_bar * 0.5, items)


# Faults of passes


def attribute_fault(name: str, path: str, change: Callable[[Any], Any], *needs: str) -> Mutation:
    """Replace ``package.module:name.of.attribute`` by what `change` makes of it."""

    def make() -> Undo:
        module, _, names = path.partition(":")
        holder: Any = importlib.import_module(module)
        *outer, last = names.split(".")
        for each in outer:
            holder = getattr(holder, each)
        right = getattr(holder, last)
        setattr(holder, last, change(right))
        return lambda: setattr(holder, last, right)

    return Mutation(f"pass: {name}", make, needs)


def before_passes(spoil: Callable[[Func], None]) -> Callable[[Any], Any]:
    """The list of passes, with one more in front."""

    def extra(func: Func) -> Func:
        spoil(func)
        return func

    return lambda passes: (extra, *passes)


def lose_writes(func: Func) -> None:
    """Whoever reads a new version of an array gets the old one."""
    lost: dict[Value, Operand] = {}
    for op in walk(func.block):
        if isinstance(op, Call) and op.fn is runtime.set_item:
            lost[op.out] = lost.get(op.args[0], op.args[0]) if isinstance(op.args[0], Value) else op.args[0]
    replace_values(func.block, lost)


def forget_direction(func: Func) -> None:
    """The reverse sweep walks its tapes from the front."""
    for op in walk(func.block):
        if isinstance(op, Loop):
            op.reverse = False


def merge_reads(key: Callable[[Call], Any]) -> Callable[[Call], Any]:
    """Reads of different items of an array count as the same."""

    def careless(op: Call) -> Any:
        return ("read", op.args[0]) if op.fn in (operator.getitem, runtime.get_item) and _plain(op) else key(op)

    return careless


def _plain(op: Call) -> bool:
    """Is it a read by integers, so that reads differ in value only?"""
    return isinstance(op.args[0], Value) and isinstance(op.args[1], int)


def factor_is_neutral(_: Any) -> Callable[[Any, Any], bool]:
    """Any literal factor counts as one."""
    return lambda one, x: isinstance(one, float)


def nothing_to_fix(_: Any) -> Callable[..., None]:
    """No copy is made where a write in place would be seen by another reader."""
    return lambda self, call, clash: None


def no_handler(_: Any) -> Callable[..., int]:
    """No exception is caught."""
    return lambda self, cls: 0


def writes_are_lost(_: Any) -> Callable[..., None]:
    """What an attribute, or a key, is set to is forgotten."""
    return lambda ctx, box, content: None


def nothing_is_left(_: Any) -> Callable[[Any], None]:
    """What is written outside is not left behind."""
    return lambda self: None


def folded_backwards(function: Any, items: Any, initial: Any) -> Any:
    total = initial
    for item in items:
        total = function(item, total)
    return total


def doubled(function: Any, items: Any) -> Any:
    for item in items:
        yield function(item) * 2


def never_total(items: Any, function: Any = operator.add, *, initial: Any = None) -> Any:
    before = initial
    for item in items:
        yield item if before is None else function(before, item)
        before = item


def other_way_round(right: Callable[..., Any]) -> Callable[..., Any]:
    """The largest first, where the smallest should be."""

    def settings(ctx: Any, kwargs: Any) -> Any:
        key, backwards = right(ctx, kwargs)
        return key, not backwards

    return settings


def language(fault: Mutation) -> Mutation:
    """A fault that only the second set of programs meets."""
    return replace(fault, weights="language")


MUTATIONS: tuple[Mutation, ...] = (
    rule_fault("the sign of the cosine", (np.sin, math.sin), wrong_sin, ".sin("),
    rule_fault("a square forgotten", (np.tanh, math.tanh), wrong_tanh, ".tanh("),
    rule_fault("the inner derivative", (np.exp, math.exp), wrong_exp, ".exp("),
    rule_fault("factors exchanged", (np.multiply, operator.mul), wrong_multiply, " * "),
    rule_fault("the sign of a quotient", (operator.truediv,), wrong_divide, " / "),
    rule_fault("a sum is constant", (np.sum,), wrong_sum, "np.sum("),
    rule_fault("a mask not inverted", (np.where,), wrong_where, "np.where("),
    rule_fault("an overwritten item keeps its cotangent", (runtime.set_item,), wrong_write, "] = "),
    attribute_fault("writes are lost", "srcgrad.passes.pipeline:OPTIMISE", before_passes(lose_writes), "] = "),
    attribute_fault("tapes from the front", "srcgrad.passes.pipeline:OPTIMISE", before_passes(forget_direction), "for"),
    attribute_fault("reads are merged", "srcgrad.passes.cse:call_key", merge_reads, "[0]", "[1]"),
    attribute_fault("factors are folded", "srcgrad.passes.fold_algebra:is_neutral", factor_is_neutral, " * "),
    language(rule_fault("half of an appended item", (runtime.list_append,), wrong_append, ".append(")),
    language(rule_fault("an item popped at the wrong end", (runtime.list_remove,), wrong_removal, ".pop(")),
    language(rule_fault("a stored item keeps its cotangent", (runtime.list_set,), wrong_store, "[i", "] = ")),
    language(attribute_fault("nothing is caught", "srcgrad.frontend.attempts:Attempt.handler", no_handler, "except")),
    language(rule_fault("half of a sum of items", (sum,), wrong_total, "sum(")),
    language(
        attribute_fault("attributes are lost", "srcgrad.frontend.objects:replace_content", writes_are_lost, ".train(")
    ),
    language(
        attribute_fault(
            "nothing is left outside",
            "srcgrad.frontend.surroundings:Surroundings.close_places",
            nothing_is_left,
            "COUNTS",
        )
    ),
    language(
        attribute_fault(
            "reduce backwards",
            "srcgrad.frontend.iterating:reduce_from",
            lambda _: folded_backwards,
            "functools.reduce(",
        )
    ),
    language(attribute_fault("map doubles", "srcgrad.frontend.iterating:map_", lambda _: doubled, "list(map(")),
    language(
        attribute_fault(
            "no running total", "srcgrad.frontend.iterating:accumulate", lambda _: never_total, "itertools.accumulate("
        )
    ),
    language(attribute_fault("sorted the other way", "srcgrad.frontend.sorting:settings", other_way_round, "sorted(")),
    attribute_fault("no copies before writes", "srcgrad.passes.buffers:_Fixes.resolve", nothing_to_fix, "] = "),
)
