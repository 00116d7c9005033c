"""Every generated line knows the line of the primal it stems from."""

import inspect

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.codegen.load import line_of
from srcgrad.codegen.numpy import emit_lines, text_of
from srcgrad.codegen.tied import Line, same_place
from srcgrad.errors import Span


def wave(x, n):
    y = x * 2.0
    for i in range(n):
        y = np.sin(y) * x
        if i > 1:
            y = y + np.exp(y) * 0.1
    z = y * y
    return np.sum(z * np.cos(x))


def descending(x, n):
    if n == 0:
        return 1.0 / x
    return x * np.sin(
        descending(x, n - 1)
    )  # fmt: skip


def made(f, *args):
    g = grad(f)
    g(*args)
    return g


@pytest.mark.parametrize(("f", "args"), [(wave, (np.ones(3), 3)), (descending, (2.0, 3))])
def test_lines_are_those_of_the_source(f, args):
    g = made(f, *args)
    lines = emit_lines(g.ir, {})
    assert text_of(lines) == g.source
    name = g._last.run.__code__.co_filename
    assert [line_of(name, k) for k in range(1, len(lines) + 1)] == lines
    assert line_of(name, 0) is None
    assert line_of(name, len(lines) + 1) is None
    assert line_of("<no such file>", 1) is None


@pytest.mark.parametrize(("f", "args"), [(wave, (np.ones(3), 3)), (descending, (2.0, 3))])
def test_places_are_in_the_primal(f, args):
    own, first = inspect.getsourcelines(f)
    lines = emit_lines(made(f, *args).ir, {})
    spans = [line.span for line in lines if line.span is not None]
    assert {span.file for span in spans} == {__file__}
    assert all(first <= span.line < first + len(own) for span in spans)
    assert len(spans) > len(lines) / 3


def test_what_is_printed_unchanged_comes_from_that_line():
    own, first = inspect.getsourcelines(wave)
    places = {text.strip(): number for number, text in enumerate(own, first)}
    lines = emit_lines(made(wave, np.ones(3), 3).ir, {})
    same = [line for line in lines if line.text.strip() in places and not line.reverse]
    assert len(same) >= 3
    assert all(line.span is not None and line.span.line == places[line.text.strip()] for line in same)


def test_the_reverse_sweep_agrees_with_its_comments():
    lines = emit_lines(made(wave, np.ones(3), 3).ir, {})
    start = next(k for k, line in enumerate(lines) if line.text.strip() == "# reverse sweep")
    checked = 0
    for above, line in zip(lines[start + 1 :], lines[start + 2 :], strict=False):
        quoted = above.text.strip()
        if quoted.startswith("# ") and line.reverse:
            assert line.span is not None
            assert line.span.text.strip() == quoted[2:]
            checked += 1
    assert checked >= 3


def test_the_origin_of_a_part_of_a_line():
    a, b, c = Span("f.py", 1), Span("f.py", 2), Span("f.py", 3)
    line = Line("y = f(x[1]) + g(x)", a, (("x[1]", b), ("f(x[1])", b), ("g(x)", c)))
    assert line.origin("x[1]") == b
    assert line.origin("f(x[1])") == b
    assert line.origin("g(\n    x)") == c
    assert line.origin("g") == c  # of the smallest that holds it
    assert line.origin("f(x[1]) + g(x)") == a
    assert Line("y = x", a).origin("x") == a


def test_places_reached_by_other_calls_differ():
    a, call, other = Span("f.py", 1), Span("f.py", 8), Span("f.py", 9)
    assert same_place(a.called(call), Span("f.py", 1, 4).called(call))
    assert not same_place(a.called(call), a.called(other))
    assert not same_place(a, a.called(call))
    assert a.called(call).called(other).within == call.called(other)
    assert same_place(None, None)
