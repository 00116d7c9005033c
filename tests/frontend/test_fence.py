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
YIELD = "a generator hands out its values while it runs, and its caller decides how far it gets"
CLEANUP = "which statements ran is known only at run time"
SCOPE = "its variables have a scope of their own, which is not read yet"
BINDS = "it binds names while the module system or a class body runs"
CASES = [
    (ast.AsyncFunctionDef, "def f(x):\n    async def g(): return x\n    return g", 2,
     "`async def`", "    async def g(): return x\n    ^^^^^^^^^^^^^^^^^^^^^^^", ASYNC, PLAIN),
    (ast.AsyncFunctionDef, "async def f(x):\n    async for y in x: await y", 1,
     "`async def`", "    async def f(x):\n    ^^^^^^^^^^^^^^^", ASYNC, PLAIN),
    (ast.Yield, "def f(x):\n    y = yield x", 2,
     "`yield`", "    y = yield x\n        ^^^^^^^", YIELD, "append to a list and return the list"),
    (ast.YieldFrom, "def f(x):\n    yield from x", 2,
     "`yield from`", "    yield from x\n    ^^^^^^^^^^^^", YIELD, "append to a list and return the list"),
    (ast.Try, "def f(x):\n    try:\n        return x\n    except ValueError as e:\n        del e", 2,
     "`try`", "    try:\n    ^^^^", CLEANUP, "test for the exceptional case with `if` before it arises"),
    (ast.TryStar, "def f(x):\n    try:\n        return_ = x\n    except* ValueError:\n        pass", 2,
     "`try` with `except*`", "    try:\n    ^^^^", CLEANUP, "test for the exceptional case with `if` before it arises"),
    (ast.With, "def f(x):\n    with g(x) as y: return y", 2,
     "`with`", "    with g(x) as y: return y\n    ^^^^^^^^^^^^^^^^^^^^^^^^",
     "its context manager runs code on entry and exit", "put the `with` around the call"),
    (ast.Match, "def f(x):\n    match x:\n        case 1: return x", 2,
     "`match`", "    match x:\n    ^^^^^^^^", "its patterns bind names on some paths only", "write `if` and `elif`"),
    (ast.Delete, "def f(x):\n    if x:\n        del x[0], x[1]", 3,
     "`del`", "    del x[0], x[1]\n    ^^^^^^^^^^^^^^",
     "the name or item is needed again by the reverse sweep", "leave the `del` out"),
    (ast.Import, "def f(x):\n    import math\n    return math.sin(x)", 2,
     "`import` in a function", "    import math\n    ^^^^^^^^^^^", BINDS, "move it to the top of the module"),
    (ast.ImportFrom, "def f(x):\n    from math import sin; return sin(x)", 2,
     "`from ... import` in a function", "    from math import sin; return sin(x)\n    ^^^^^^^^^^^^^^^^^^^^",
     BINDS, "move it to the top of the module"),
    (ast.ClassDef, "def f(x):\n    class A: pass\n    return A", 2,
     "`class` in a function", "    class A: pass\n    ^^^^^^^^^^^^^", BINDS, "move it to the top of the module"),
    (ast.NamedExpr, "def f(x):\n    return (y := x + 1) * y", 2,
     "`:=`", "    return (y := x + 1) * y\n            ^^^^^^^^^^",
     "it binds a name inside an expression", "assign in a statement of its own"),
    (ast.ListComp, "def f(x):\n    return [y for y in x]", 2,
     "a list comprehension", "    return [y for y in x]\n           ^^^^^^^^^^^^^^",
     SCOPE, "write a `for` loop that appends to a list"),
    (ast.SetComp, "def f(x):\n    return {y for y in x}", 2,
     "a set comprehension", "    return {y for y in x}\n           ^^^^^^^^^^^^^^",
     SCOPE, "write a `for` loop that appends to a list"),
    (ast.DictComp, "def f(x):\n    return {y: y for y in x}", 2,
     "a dict comprehension", "    return {y: y for y in x}\n           ^^^^^^^^^^^^^^^^^",
     SCOPE, "write a `for` loop that fills a dict"),
    (ast.GeneratorExp, "def f(x):\n    return sum(y * y for y in x)", 2,
     "a generator expression", "    return sum(y * y for y in x)\n              ^^^^^^^^^^^^^^^^^^",
     SCOPE, "write a `for` loop that appends to a list"),
    (ast.Set, "def f(x):\n    return max({x, 1.0})", 2,
     "a set", "    return max({x, 1.0})\n               ^^^^^^^^",
     "its order, and so the order of sums over it, is not defined", "write a tuple or a list"),
    (ast.JoinedStr, "def f(x):\n    return x[f'k{1}']", 2,
     "an f-string outside of `assert`, `raise` and `print`", "    return x[f'k{1}']\n             ^^^^^^^",
     "text has no derivative, and here it could decide what is computed", "use plain strings as keys and names"),
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


@pytest.mark.parametrize("shown", ["g(f'{x}')", "lambda: f'{x}'", "self.print(f'{x}')"])
def test_f_strings_elsewhere(shown):
    assert refusal(f"def f(x):\n    return {shown}").startswith("an f-string outside")


def test_inside_an_allowed_f_string_the_fence_stands():
    assert refusal("def f(x):\n    print(f'{[y for y in x]}')").startswith("a list comprehension")


def test_the_first_in_the_text_is_told():
    # In the tree the operand of a conditional expression comes after its test, and keys come before values.
    assert refusal("def f(x):\n    return {*x} if [y for y in x] else 1").startswith("a set ")
    assert refusal("def f(x):\n    return {1: {x}, (y := 2): 3}").startswith("a set ")


def test_decorators_defaults_and_annotations_of_the_function_are_not_part_of_it():
    check(locate(made("def f(x: f'{1}' = [i for i in range(3)], *, k={1, 2}) -> {3}:\n    y: {4} = x\n    return y")))
    check(locate(made("def same(n): return lambda f: f\n@same(n=[i for i in (1, 2)])\ndef f(x): return x")))


def test_defaults_of_an_inner_function_are_part_of_it():
    assert refusal("def f(x):\n    def h(y=[i for i in x]): return y\n    return h").startswith("a list comprehension")


def test_lambdas_are_checked():
    message = refusal("f = lambda x: sum(y for y in x)")
    assert message.splitlines()[2:4] == ["    f = lambda x: sum(y for y in x)", " " * 4 + " " * 17 + "^" * 14]
