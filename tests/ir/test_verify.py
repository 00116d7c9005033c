"""The verifier catches each kind of breakage, and marks it."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcgrad.errors import Span
from srcgrad.ir import ABSENT, Block, Call, Func, If, Items, Leaf, Loop, Range, Value, VerificationError, verify
from srcgrad.ir.walk import blocks_of, walk
from tests.ir.programs import Builder, Point, block, power, random_func, stopping_sum, values


class Parts:
    """A sound function with one of everything, its parts by name, to be broken."""

    def __init__(self) -> None:
        self.x, self.n, self.i, self.u = values("x n i u")
        body = Builder([self.i, self.u])
        self.inner = body.call(operator.add, self.u, self.x, hint="inner")
        self.body = body.done(0, self.inner, self.i)
        top = Builder([self.x, self.n])
        self.before = top.call(operator.neg, self.x, hint="before")
        self.stop, self.last, self.laps = top.loop([Range(0, self.n)], [self.before], self.body)
        self.then, self.orelse = block(self.last), block(ABSENT)
        (self.picked,) = top.branch(self.stop, self.then, self.orelse, hints="picked")
        self.called = top.call(power(), self.x, self.n, hint="called")
        self.func = Func("f", top.done(self.picked, self.called, (self.laps,)), ["n"], [Leaf(0, (), self.before)])
        self.neg, self.loop, self.branch, self.call = self.func.block.ops

    def insert(self, at: Block, *args: object, fn: object = operator.neg, **kwargs: object) -> None:
        at.ops.insert(0, Call(fn, args, kwargs, Value()))


BREAKAGES: dict[str, tuple[Callable[[Parts], object], str]] = {
    "read before": (lambda p: p.func.block.ops.reverse(), "%stop is read before it is defined"),
    "read outside": (lambda p: p.func.block.yields.append(p.inner), "read outside the block that defines it"),
    "read in the other arm": (
        lambda p: (p.insert(p.then, 1), p.insert(p.orelse, p.then.ops[0].out)), "outside the block",
    ),
    "item outside": (lambda p: p.orelse.yields.__setitem__(0, p.i), "%i is read outside"),
    "own out": (lambda p: setattr(p.neg, "args", (p.before,)), "%before is read before it is defined"),
    "loop's out inside": (lambda p: p.body.yields.__setitem__(1, p.last), "%0 is read before it is defined"),
    "carried in inits": (lambda p: p.loop.inits.__setitem__(0, p.u), "%u is read before"),
    "nowhere": (lambda p: p.func.block.yields.append(Value(hint="lost")), "%lost is read and nowhere defined"),
    "deep in an operand": (lambda p: p.func.block.yields.append({"a": [slice(Value(hint="lost"))]}), "nowhere defined"),
    "in a source": (lambda p: p.loop.sources.__setitem__(0, Items(p.laps)), "%0 is read before"),
    "in a condition": (lambda p: setattr(p.branch, "cond", Value(hint="lost")), "nowhere defined"),
    "in keywords": (lambda p: p.neg.kwargs.update(a=Value(hint="lost")), "nowhere defined"),
    "defined twice": (lambda p: setattr(p.call, "out", p.before), "%before is defined twice"),
    "defined in both arms": (
        lambda p: (p.insert(p.then, 1), p.orelse.ops.append(Call(abs, (1,), {}, p.then.ops[0].out))),
        "defined twice",
    ),
    "parameter twice": (lambda p: p.func.params.append(p.x), "%x is defined twice"),
    "same op twice": (lambda p: p.then.ops.append(p.neg), "stands in two places"),
    "same block twice": (lambda p: setattr(p.branch, "orelse", p.then), "stands in two places"),
    "not a value": (lambda p: setattr(p.neg, "out", "before"), "is not a value"),
    "not a type": (lambda p: setattr(p.before, "type", float), "is not a type"),
    "arm yields too much": (lambda p: p.then.yields.append(1), "the then arm yields 2 operands for 1 outs"),
    "arm yields too little": (lambda p: p.orelse.yields.clear(), "the else arm yields 0 operands for 1 outs"),
    "arm with parameters": (lambda p: p.orelse.params.append(Value()), "the else arm has parameters"),
    "loop parameters": (lambda p: p.body.params.append(Value()), "3 parameters for 2 sources and inits"),
    "loop sources": (lambda p: p.loop.sources.append(Items([])), "2 parameters for 3 sources and inits"),
    "loop yields": (lambda p: p.body.yields.append(1), "yields 4 operands for 3 outs"),
    "loop outs": (lambda p: p.loop.outs.pop(), "yields 3 operands for 2 outs"),
    "loop carries": (
        lambda p: (p.loop.outs.__delitem__(slice(1, 3)), p.body.yields.__delitem__(slice(1, 3))), "2 at least"),
    "stop kind": (lambda p: p.body.yields.__setitem__(0, 7), "7 is not a stop kind"),
    "stop kind bool": (lambda p: p.body.yields.__setitem__(0, True), "True is not a stop kind"),
    "not a source": (lambda p: p.loop.sources.__setitem__(0, range(3)), "is not a source"),
    "set of values": (lambda p: p.func.block.yields.append({p.x}), "is not an operand"),
    "value as key": (lambda p: p.func.block.yields.append({p.x: 1}), "holds a value"),
    "value in an array": (lambda p: p.func.block.yields.append(np.array([p.x, 1], object)), "is not an operand"),
    "op as an operand": (lambda p: p.func.block.yields.append(p.neg), "is not an operand"),
    "not callable": (lambda p: setattr(p.neg, "fn", "neg"), "is called, and is not callable"),
    "not a tuple": (lambda p: setattr(p.neg, "args", [1]), "are not a tuple"),
    "bad keyword": (lambda p: p.neg.kwargs.update({"lambda": 1}), "'lambda' is not an identifier"),
    "not an op": (lambda p: p.then.ops.append("op"), "is not an op"),
    "few arguments": (lambda p: setattr(p.call, "args", (1,)), "power has 2 parameters and is given 1 arguments"),
    "callee's keyword": (
        lambda p: (setattr(p.call, "args", (1,)), p.call.kwargs.update(n=1)), "are captured names",
    ),
    "broken callee": (
        lambda p: p.call.fn.block.yields.append(p.x), "^power after fold: %x_1 is read and nowhere defined",
    ),
    "leaf inside": (lambda p: p.func.leaves.append(Leaf(0, (), p.inner)), "is a leaf, and not defined in the top"),
    "leaf of no parameter": (lambda p: p.func.leaves.append(Leaf(2, (), p.x)), "there is no parameter 2"),
    "captured": (lambda p: p.func.captured.extend("ab"), "more captured names than parameters"),
    "captured twice": (lambda p: p.func.captured.append("n"), "captured twice"),
    "captured name": (lambda p: p.func.captured.append("a.b"), "'a.b' is not an identifier"),
    "no name": (lambda p: setattr(p.func, "name", ""), "has no name"),
}  # fmt: skip


def test_the_sound_function_is_sound():
    verify(Parts().func)
    verify(power())
    verify(stopping_sum())
    verify(Func("f", block((Point(1, None), np.zeros(3), {1: ABSENT}, slice(None), {2, 3}))))


@pytest.mark.parametrize("kind", BREAKAGES)
def test_breakage(kind: str):
    breakage, message = BREAKAGES[kind]
    parts = Parts()
    breakage(parts)
    with pytest.raises(VerificationError, match=message):
        verify(parts.func, "fold")


def test_the_message_marks_the_op_and_names_stage_and_span():
    parts = Parts()
    parts.call.args = (parts.inner, 1)
    parts.call.span = Span("model.py", 12)
    with pytest.raises(VerificationError) as caught:
        verify(parts.func, "fold")
    text = str(caught.value)
    assert text.startswith("f after fold: %inner is read outside the block that defines it (model.py:12)\nfunc ")
    assert re.findall("^>>.*$", text, re.MULTILINE) == [">>%called = @power(%inner, 1)"]
    assert caught.value.op is parts.call
    assert caught.value.stage == "fold"
    assert isinstance(caught.value, AssertionError)


def test_the_message_marks_the_yields_of_a_block():
    parts = Parts()
    parts.orelse.yields = []
    with pytest.raises(VerificationError) as caught:
        verify(parts.func)
    assert re.findall("^>>.*$", str(caught.value), re.MULTILINE) == [">>  yield"]


def test_keywords_may_fill_captured_parameters():
    x, n = values("x n")
    callee = Func("g", Block([x, n], [], [x]), ["n"])
    verify(Func("f", block(ops=(Call(callee, (1,), {"n": 2}, Value()), Call(callee, (1, 2), {}, Value())))))


@given(st.randoms(use_true_random=False))
def test_random_breakage_of_random_functions(rng: Random):
    """Moving a definition after a use, or into a sibling, is never missed."""
    func = random_func(rng)
    verify(func)
    late = Value(hint="late")
    target = rng.choice([op for op in walk(func.block)] or [None])
    if isinstance(target, Call):
        target.args = (*target.args, late)
    elif isinstance(target, If):
        target.cond = late
    elif isinstance(target, Loop):
        target.inits[0] = late
    else:
        func.block.yields.append(late)
    func.block.ops.append(Call(operator.neg, (1,), {}, late))
    if target is None:
        verify(func)
        return
    with pytest.raises(VerificationError, match="%late is read before it is defined"):
        verify(func)
    assert all(isinstance(each, Block) for each in blocks_of(func.block))
