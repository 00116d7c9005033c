"""Traversal, free values, and copies."""

from __future__ import annotations

import operator
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from srcgrad.errors import Span
from srcgrad.ir import Block, Call, Func, If, Items, Leaf, Loop, Range, Value, same_func, verify
from srcgrad.ir.walk import (
    blocks_of,
    callees,
    clone_block,
    clone_func,
    defined_in,
    definitions,
    free_values,
    replace_values,
    uses,
    walk,
)
from tests.ir.programs import Builder, Point, block, power, random_func, stopping_sum, values

rngs = st.randoms(use_true_random=False)


def nested() -> tuple[dict[str, Value], Func]:
    """``if c: for i, u: u + x * k``, and every operand kind."""
    x, k, c, i, u = values("x k c i u")
    inner = Builder([i, u])
    product = inner.call(operator.mul, x, (k, [x, Point(1, x)]), hint="product")
    body = inner.done(0, inner.call(operator.add, u, {"a": product, "b": slice(None, x)}))
    arm = Builder()
    outs = arm.loop([Range(0, k)], [x], body)
    top = Builder([x, k, c])
    (result,) = top.branch(c, arm.done(outs[1]), block(x))
    names = {"x": x, "k": k, "c": c, "i": i, "u": u, "product": product, "result": result, "stop": outs[0]}
    return names, Func("nested", top.done(result, result))


def test_walk_is_preorder_and_reaches_every_block():
    _, func = nested()
    assert [type(op) for op in walk(func.block)] == [If, Loop, Call, Call]
    assert len(list(blocks_of(func.block))) == 4


def test_uses_counts_occurrences_in_operands_and_yields():
    v, func = nested()
    counts = uses(func.block)
    assert (counts[v["x"]], counts[v["k"]], counts[v["c"]], counts[v["result"]]) == (6, 2, 1, 2)
    assert (counts[v["product"]], counts[v["i"]]) == (1, 0)


def test_defined_and_free():
    v, func = nested()
    arm = func.block.ops[0].blocks[0]
    assert list(free_values(arm)) == [v["k"], v["x"]]
    assert free_values(func.block) == {}
    assert {v["i"], v["u"], v["product"], v["stop"]} <= defined_in(arm)
    assert v["x"] not in defined_in(arm)
    assert definitions(func.block)[v["x"]] is func.block
    assert definitions(func.block)[v["i"]] is arm.ops[0].blocks[0]
    assert definitions(func.block)[v["result"]] is func.block.ops[0]


def test_replace_values_everywhere_in_place():
    v, func = nested()
    arm = func.block.ops[0].blocks[0]
    replace_values(arm, {v["x"]: 2.0, v["k"]: v["c"]})
    assert list(free_values(arm)) == [v["c"]]
    assert arm.ops[0].blocks[0].ops[0].args == (2.0, (v["c"], [2.0, Point(1, 2.0)]))
    assert isinstance(arm.ops[0].blocks[0].ops[0].args[1][1][1], Point)


def test_clone_block_maps_and_keeps_free_values():
    v, func = nested()
    arm = func.block.ops[0].blocks[0]
    arm.ops[0].blocks[0].ops[0].out.span = Span("f.py", 3)
    mapping = {v["x"]: 7}
    copy = clone_block(arm, mapping)
    assert list(free_values(copy)) == [v["k"]]
    assert not defined_in(copy) & defined_in(arm)
    assert mapping[v["product"]].span == Span("f.py", 3)
    assert mapping[v["product"]].hint == "product"
    assert copy.ops[0].inits == [7]
    assert list(free_values(arm)) == [v["k"], v["x"]]


def test_clone_of_a_recursive_function_calls_itself():
    func = power()
    func.leaves = [Leaf(0, (), func.params[0])]
    copy = clone_func(func)
    assert list(callees(copy.block)) == [copy]
    assert copy.leaves[0].value is copy.params[0]
    assert copy == func


def test_callees_finds_functions_in_calls_operands_and_further_down():
    a, b = Func("a", block(1)), stopping_sum()
    through = Func("through", block(ops=(Call(a, (), {}, Value()),)))
    top = block({"f": [b]}, ops=(Call(through, (), {}, Value()), Loop([Items([])], [], block(0), [Value()])))
    assert set(callees(top)) == {a, b, through}
    assert list(callees(Block())) == []


@given(rngs)
def test_clones_of_random_functions_are_the_same_program(rng: Random):
    func = random_func(rng)
    copy = clone_func(func)
    verify(copy)
    assert not defined_in(copy.block) & defined_in(func.block)
    assert same_func(copy, func)
    assert hash(copy) != hash(func)
