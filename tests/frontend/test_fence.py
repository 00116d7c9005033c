"""The fence: what is refused, where exactly, and in which words; and what may pass."""

import ast
import itertools
import linecache
import textwrap

import pytest

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.fence import OUTSIDE, check
from srcgrad.frontend.source import locate

counter = itertools.count()


def made(code, name="f"):
    """The function `name` of a text that has a file name of its own."""
    code = textwrap.dedent(code).strip("\n") + "\n"
    file = f"<fence {next(counter)}>"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    scope = {"g": max}
    exec(compile(code, file, "exec", dont_inherit=True), scope)
    return scope[name]


def refusal(code):
    """The text of the refusal of `f`, with the file's name left out."""
    with pytest.raises(UnsupportedError) as caught:
        check(locate(made(code)))
    head, place, *rest = str(caught.value).splitlines()
    return "\n".join([head, "  line " + place.rpartition(":")[2], *rest])


ASYNC = "it runs in steps that other tasks interleave, so there is no one program to reverse"
PLAIN = "compute in a plain `def`, and await outside of it"
CLEANUP = "which statements ran is known only at run time"
CASES = [
    (ast.AsyncFunctionDef, "def f(x):\n    async def g(): return x\n    return g", 2,
     "`async def`", "    async def g(): return x\n    ^^^^^^^^^^^^^^^^^^^^^^^", ASYNC, PLAIN),
    (ast.AsyncFunctionDef, "async def f(x):\n    async for y in x: await y", 1,
     "`async def`", "    async def f(x):\n    ^^^^^^^^^^^^^^^", ASYNC, PLAIN),
    (ast.TryStar, "def f(x):\n    try:\n        return_ = x\n    except* ValueError:\n        pass", 2,
     "`try` with `except*`", "    try:\n    ^^^^", CLEANUP, "test for the exceptional case with `if` before it arises"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "code", "line", "what", "caret", "why", "repair"), CASES)
def test_refusals(kind, code, line, what, caret, why, repair):
    assert OUTSIDE[kind].what == what
    expected = f"{what} cannot be differentiated from source\n  line {line}\n{caret}\n  {why}\n  {repair}"
    assert refusal(code) == expected


def test_every_row_has_a_case():
    # These stand only inside an `async def`, which is refused first.
    inside_async = {ast.AsyncFor, ast.AsyncWith, ast.Await}
    assert {case[0] for case in CASES} | inside_async == set(OUTSIDE)
    assert {OUTSIDE[kind].what for kind in inside_async} == {"`async for`", "`async with`", "`await`"}


ALLOWED = """
    def f(x, *rest, k=1, **more):
        \"\"\"A docstring.\"\"\"
        import_ = {"a": x, "b": [x, (x, 1)]}
        total: float = 0.0
        for i in range(3):
            if i == 1: continue
            elif i == 2: break
            total += import_["a"] * i
        else:
            total = -total
        while total < 10 and not k: total *= 2
        def inner(y, z=2): return y ** z if y > 0 else y
        h = lambda y: inner(y) + total
        assert x > 0, f"{x} is {'not' + f'{k}'} positive"
        if x > 9: raise ValueError(f"too big: {x:.3f}") from None
        print(f"{x=}", end=f"{k}")
        import_["b"][0], a = h(x), x[1:2, ..., ::2]
        a @= a
        return h(a), "text", g(x, **more)
"""


def test_what_may_pass():
    check(locate(made(ALLOWED)))
    check(locate(made("f = lambda x, y=1: (lambda z: z + x)(y)")))


def test_the_first_in_the_text_is_told():
    # In the tree a handler comes after the body, and the body of a loop after its `else` would.
    text = "def f(x):\n    async def g(): pass\n    try:\n        pass\n    except* ValueError:\n        pass"
    assert refusal(text).startswith("`async def`")


def test_decorators_defaults_and_annotations_of_the_function_are_not_part_of_it():
    check(locate(made("def f(x: f'{1}' = [i for i in range(3)], *, k={1, 2}) -> {3}:\n    y: {4} = x\n    return y")))
    check(locate(made("def same(n): return lambda f: f\n@same(n=[i for i in (1, 2)])\ndef f(x): return x")))


def test_inner_functions_are_part_of_it():
    assert refusal("def f(x):\n    def h():\n        async def g(): pass\n    return h").startswith("`async def`")
