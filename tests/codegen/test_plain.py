"""The plain emitter and the loader: emitted functions do what the IR says."""

from __future__ import annotations

import inspect
import linecache
import math
import operator
import threading
import traceback
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcgrad.codegen.load import load
from srcgrad.codegen.plain import emit
from srcgrad.ir import ABSENT, Block, Call, Func, Items, Range, Value, verify
from tests.ir.interpret import run
from tests.ir.programs import Builder, Point, block, power, present, random_func, stopping_sum, values


def compiled(func: Func) -> Any:
    verify(func)
    namespace: dict[str, Any] = {}
    return load(emit(func, namespace), func.name, namespace)


def test_the_text_is_plain():
    x, n = values("x n")
    b = Builder([x, n])
    e = b.call(np.exp, b.call(operator.neg, x, hint="m"), hint="e")
    func = Func("f", b.done(b.call(np.sum, (e, [1.0]), axis=slice(None, -1), dtype=np.dtype("f8"), hint="e")), ["n"])
    namespace: dict[str, Any] = {}
    assert (
        emit(func, namespace)
        == """\
def f(x, *, n):
    m = neg(x)
    e = exp(m)
    e_1 = sum_1((e, [1.0]), axis=slice(None, -1, None), dtype=Float64DType)
    return e_1
"""
    )
    assert namespace["exp"] is np.exp
    assert namespace["Float64DType"] == np.dtype("f8")


@pytest.mark.parametrize("kinds", [(1, 2), (2, 3), (1, 1)])
def test_stop_kinds_zero_trips_and_collected_lists(kinds: tuple[int, int]):
    f = compiled(stopping_sum(kinds))
    assert f([]) == (0, 0.0, [])
    assert f([1, 2]) == (0, 3.0, [0.0, 1.0])
    assert f([1, -5, 4]) == (kinds[0], -4.0, [0.0, 1.0])
    assert f([8, 20, 4]) == (kinds[1], 28.0, [0.0, 8.0])


def test_carried_values_are_assigned_in_parallel():
    i, a, c = values("i a c")
    b = Builder()
    outs = b.loop([Range(0, 3)], [1, 2], block(0, c, a, (a, c), params=(i, a, c)))
    assert compiled(Func("swap", b.done(*outs[1:])))() == (2, 1, [(1, 2), (2, 1), (1, 2)])


def test_reverse_walks_zipped_sources_from_their_ends():
    i, x, y = values("i x y")
    xs = Value(hint="xs")
    b = Builder([xs])
    body = block(0, (i, x, y), params=(i, x, y))
    _, laps = b.loop([Range(0, 5, 2), Items(xs), Items((4, 5, 6))], [], body, reverse=True)
    assert compiled(Func("f", b.done(laps)))([7, 8, 9]) == [(4, 9, 6), (2, 8, 5), (0, 7, 4)]


def test_reverse_of_what_was_collected():
    i, x = values("i x")
    b = Builder()
    _, laps = b.loop([Range(0, 4)], [], block(0, i, params=(i,)))
    _, back = b.loop([Items(laps)], [], block(0, x, params=(x,)), reverse=True)
    assert compiled(Func("f", b.done(laps, back)))() == ([0, 1, 2, 3], [3, 2, 1, 0])


def test_while_and_the_lists_of_inner_loops_are_new_each_trip():
    k, j = values("k j")
    inner = Builder([k])
    new = inner.call(operator.add, k, 1)
    (stop,) = inner.branch(inner.call(operator.ge, new, 3), block(3), block(0))
    _, lap = inner.loop([Range(0, k)], [], block(0, j, params=(j,)))
    b = Builder()
    outs = b.loop([], [0], inner.done(stop, new, lap))
    assert compiled(Func("f", b.done(*outs)))() == (3, 3, [[], [0], [0, 1]])


def test_nested_ifs_with_absent_and_without_outs():
    x, log = values("x log")
    b, outer = Builder([x, log]), Builder()
    small = outer.call(operator.lt, x, 1)
    (one,) = outer.branch(small, block(10), block(ABSENT))
    (two,) = b.branch(b.call(operator.lt, x, 2), outer.done(one), block(20))
    b.branch(small := b.call(operator.gt, x, 5), block(ops=(Call(list.append, (log, x), {}, Value()),)), block())
    f = compiled(Func("f", b.done(two, b.call(present, two, "none"), small)))
    log_list: list[float] = []
    assert [f(v, log_list) for v in (0, 1, 2, 7)] == [
        (10, 10, False), (ABSENT, "none", False), (20, 20, False), (20, 20, True)
    ]  # fmt: skip
    assert log_list == [7]


def test_returns_none_one_operand_or_a_tuple():
    assert compiled(Func("f", block()))() is None
    assert compiled(Func("f", block((1,))))() == (1,)
    assert compiled(Func("f", block(1, 2)))() == (1, 2)


def test_constants_of_all_kinds():
    array, thing = np.arange(3), object()
    items = (None, True, -1, -1.5, "it's\n", b"x", ..., 2j, math.inf, -math.inf, ABSENT, array, thing, slice(1, None),
             np.float32(0.1), Point(1, (2,)), {"a": [1], (1, 2): ()}, float, range, range(3), lambda: 1)  # fmt: skip
    result = compiled(Func("f", block(items)))()
    assert all(type(a) is type(b) for a, b in zip(result, items, strict=True))
    assert result[11] is array
    assert result[12] is thing
    assert str(result[:11] + result[13:]) == str(items[:11] + items[13:])
    assert math.isnan(compiled(Func("f", block(math.nan)))())


def test_containers_are_made_anew_at_each_call():
    f = compiled(Func("f", block([1, {"a": []}])))
    assert f() == f()
    assert f() is not f()
    assert f()[1] is not f()[1]


def test_captured_parameters_go_by_their_names_whatever_else_has_them():
    x, a, c, d = values("neg other n x")
    b = Builder([x, a, c, d])
    out = b.call(operator.neg, x, hint="f")
    func = Func("f", b.done((out, a, c, d), b.call(range, 3)), ["range", "f", "neg"])
    f = compiled(func)
    assert f(1, neg=4, range=2, f=3) == ((-1, 2, 3, 4), range(3))
    assert list(inspect.signature(f).parameters)[1:] == ["range", "f", "neg"]
    with pytest.raises(TypeError, match="positional"):
        f(1, 2, 3, 4)


def test_names_that_are_no_identifiers_or_taken():
    for name in ("<lambda>", "class", "range", "f g", "1", "neg"):
        x, i = Value(hint="range"), Value(hint="lambda")
        b = Builder([x])
        _, laps = b.loop([Range(0, b.call(operator.neg, x, hint=name))], [], block(0, i, params=(i,)))
        assert compiled(Func(name, b.done(laps)))(-2) == [0, 1]


def test_recursion_and_several_functions_of_one_name():
    assert compiled(power())(2.0, 5) == 32.0
    one, two = Func("g", block(1)), Func("g", block(2))
    n = Value(hint="n")
    named = Func("g", Block([n], [], [n]), ["n"])
    b = Builder()
    outs = [b.call(one), b.call(two), b.call(named, 3), b.call(named, n=4)]
    result = compiled(Func("g", b.done(outs, two)))()
    assert result[0] == [1, 2, 3, 4]
    assert result[1]() == 2


def test_a_recursive_function_with_captured_parameters():
    x, n = values("x n")
    func = Func("down", Block([x, n]))
    b, again = Builder([x, n]), Builder()
    (out,) = b.branch(
        b.call(operator.gt, x, 0), again.done(again.call(func, again.call(operator.sub, x, n), n=n)), block(x)
    )
    func.block = b.done(out)
    func.captured = ["down"]
    func.block.ops[1].then.ops[1].kwargs = {"down": n}
    assert compiled(func)(7, down=2) == -1


@pytest.mark.parametrize("depth", [1, 11, 12, 13, 25, 60])
def test_deep_nesting_of_loops_and_ifs(depth: int):
    """Python allows twenty nested loops and a hundred levels; the IR has no such limit."""
    x = Value(hint="x")

    def level(d: int, outer: Value) -> Block:
        if d == 0:
            return block(outer)
        i, u = values("i u")
        arm = Builder()
        inner = Builder([i, u])
        (deep,) = inner.branch(inner.call(operator.ge, x, 0), level(d - 1, u), block(outer))
        raised = inner.call(operator.add, deep, 1)
        _, out = arm.loop([Range(0, 1)], [outer], inner.done(0, raised))
        return arm.done(out)

    top = level(depth, x)
    top.params = [x]
    assert compiled(Func("f", top))(10) == 10 + depth


def test_lines_are_seen_by_tracebacks_and_inspect():
    x = Value(hint="x")
    b = Builder([x])
    func = Func("f", b.done(b.call(operator.truediv, 1, x, hint="quotient")))
    f, g = compiled(func), compiled(func)
    assert f.__code__.co_filename.startswith("<srcgrad f #")
    assert f.__code__.co_filename != g.__code__.co_filename
    linecache.checkcache()
    assert "quotient = truediv(1, x)" in inspect.getsource(f)
    with pytest.raises(ZeroDivisionError) as caught:
        f(0)
    assert "quotient = truediv(1, x)" in "".join(traceback.format_exception(caught.value))


def test_load_takes_a_file_name_and_keeps_annotations_evaluated():
    f = load("def f(x: int):\n    return x\n", "f", {}, "<mine>")
    assert f.__code__.co_filename == "<mine>"
    assert f.__annotations__ == {"x": int}
    assert linecache.getline("<mine>", 2) == "    return x\n"


def test_threads_get_files_of_their_own():
    names: list[str] = []

    def make() -> None:
        for _ in range(50):
            names.append(load("def f(): return 1\n", "f", {}).__code__.co_filename)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 200


def test_emission_does_not_depend_on_what_was_emitted_before():
    func = stopping_sum()
    assert emit(func, {}) == emit(func, {})


@given(st.randoms(use_true_random=False))
def test_random_functions_do_what_the_interpreter_does(rng: Random):
    func = random_func(rng)
    f = compiled(func)
    count = len(func.params) - len(func.captured)
    for _ in range(3):
        args = [rng.uniform(-2, 2), rng.uniform(-2, 2), rng.randint(0, 3)]
        captured = dict(zip(func.captured, args[count:], strict=True))
        assert repr(f(*args[:count], **captured)) == repr(run(func, *args))
