"""Passes seen as text in and text out."""

import textwrap

from srcgrad.ir.parse import parse
from srcgrad.ir.same import same_func
from srcgrad.ir.types import ANY
from srcgrad.ir.verify import verify
from srcgrad.ir.walk import walk


def run(pass_, text):
    """What a pass makes of a function, verified."""
    func = parse(textwrap.dedent(text))
    verify(func)
    pass_(func)
    verify(func, pass_.__name__)
    return func


def untype(func):
    """Forget what is known of results: a pass may learn more than a test says."""
    for op in walk(func.block):
        for out in op.outs:
            out.type = ANY


def becomes(pass_, before, after):
    """Assert that a pass turns one function into another."""
    got, want = run(pass_, before), parse(textwrap.dedent(after))
    for func in (got, want):
        untype(func)
    assert same_func(got, want), f"got\n{got}\nwanted\n{want}"


def stays(pass_, text):
    """Assert that a pass leaves a function alone."""
    becomes(pass_, text, text)


def of(params, *lines, result):
    """The text of a function of one block."""
    body = "\n".join(f"  {line}" for line in lines)
    return f"func f({params}) {{\n{body}\n  return {result}\n}}"
