"""Random programs: a function and the functions it calls, as text, with arguments; equal seeds give equal programs."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.fuzz import language
from tests.fuzz.blocks import COMPOUND, body, finish
from tests.fuzz.expressions import condition, damped
from tests.fuzz.functions import make_closure, make_lambda
from tests.fuzz.models import Params, make_container
from tests.fuzz.program import SPINE, WIDER, Program
from tests.fuzz.statements import SIMPLE
from tests.fuzz.writer import Frame, Helper, Int, Shape, Var, Writer

STATEMENTS = 40
MODULES = ("collections", "contextlib", "dataclasses", "functools", "itertools", "math", "operator")


@dataclass(frozen=True)
class Written:
    """A finished helper: how to call it, its text, and what occurs in it."""

    helper: Helper
    text: str
    seen: frozenset[str]
    prelude: dict[str, str]


def generate(seed: int, allowed: frozenset[str] = SPINE, statements: int = STATEMENTS) -> Program:
    """The random program number `seed`, made of the allowed constructs only, with at most that many statements."""
    rng = np.random.default_rng([seed, 20240229])
    program = _attempt(seed, rng, allowed, statements)
    while program.statements > statements:
        program = _attempt(seed, rng, allowed, statements)
    return program


def _attempt(seed: int, rng: np.random.Generator, allowed: frozenset[str], statements: int) -> Program:
    total = int(rng.integers(statements // (2 if allowed & WIDER else 3), statements - 3))
    sizes = int(rng.integers(3, 6)), int(rng.integers(2, 5))
    written: list[Written] = []
    for _ in range(int(rng.integers(0, 4)) if "call" in allowed else 0):
        written.append(_helper(rng, allowed, written, len(written), sizes))
    size = sum(len(each.text.splitlines()) - 1 for each in written)
    w = _writer(rng, allowed, max(5, total - size // 2))
    w.frames[0].helpers = [each.helper for each in written]
    args = _arguments(w, *sizes)
    _main(w)
    if "log argument" in w.seen:
        args["n_log"] = []
    return _assemble(seed, args, w, written)


def _writer(
    rng: np.random.Generator, allowed: frozenset[str], budget: int, max_depth: int = 3, tag: str = ""
) -> Writer:
    """A writer with the statements that it draws from."""
    w = Writer(rng, allowed, budget, max_depth, tag)
    w.simple, w.compound = SIMPLE, COMPOUND
    if allowed & WIDER:
        language.equip(w)
    return w


def _main(w: Writer) -> None:
    reserve = 2 if w.budget > 6 else 1
    if w.chance(0.12):
        make_lambda(w)
    if w.chance(0.08):
        make_closure(w)
    body(w, w.budget - reserve)
    finish(w)


def _assemble(seed: int, args: dict[str, Any], w: Writer, written: list[Written]) -> Program:
    text, seen, prelude = f"def f({', '.join(args)}):\n" + "\n".join(w.lines) + "\n", set(w.seen), w.prelude
    for each in reversed(written):  # a helper that nothing calls is left out
        if f"{each.helper.name}(" in text:
            text, seen, prelude = each.text + "\n\n" + text, seen | each.seen, each.prelude | prelude
    text = "".join(f"{definition}\n\n\n" for definition in prelude.values()) + text
    imports = "".join(f"import {module}\n" for module in MODULES if module == "math" or f"{module}." in text)
    names = list(args)
    argnums = tuple(i for i, name in enumerate(names) if not name.startswith("n"))
    return Program(seed, f"{imports}\nimport numpy as np\n\n\n{text}", tuple(args.values()), argnums, frozenset(seen))


# Arguments


def _values(rng: np.random.Generator, shape: Shape) -> Any:
    """Numbers in [-1, 1], none close to 0."""
    values = rng.uniform(0.1, 1.0, shape) * rng.choice([-1.0, 1.0], shape)
    return values if shape else float(values)


def _arguments(w: Writer, n: int, m: int) -> dict[str, Any]:
    """Parameters of the main function, entered into its scope, and values for them."""
    shapes: dict[str, Shape] = {"x": (n,), "s": (), "y": (n,), "a": (m, n), "b": (n, m)}
    kept = {name: shape for name, shape in shapes.items() if name in "xs" or w.chance(0.55)}
    args = {name: _values(w.rng, shape) for name, shape in kept.items()}
    for name, shape in kept.items():
        own = bool(shape) and w.may("method") and w.chance(0.45)
        w.define(Var(name, shape, argument=not own))
        if own:
            w.note("method")
            w.line(f"{name} = {name}.copy()")
    if w.chance(0.55) and w.may("item read", "attribute read"):
        args["p"] = _container(w, n, m)
    if w.chance(0.1) and w.may("float32"):
        args["q"] = _values(w.rng, (n,)).astype(np.float32)
        w.define(Var("q", (n,), "float32", argument=True))
        w.note("float32")
    if w.chance(0.1) and w.may("complex"):
        args["z"] = _values(w.rng, (m,)) + 1j * _values(w.rng, (m,))
        w.define(Var("z", (m,), "complex128", argument=True))
        w.note("complex")
    if w.chance(0.4):
        args["n1"] = int(w.rng.integers(0, 5))
        w.frames[-1].ints["n1"] = Int("n1", 0, 4)
    return args


def _container(w: Writer, n: int, m: int) -> Any:
    """A dict, list, tuple or object of parameters; its items are in scope under their full names."""
    items = {"w": _values(w.rng, (m, n)), "b": _values(w.rng, (n,)), "s": _values(w.rng, ())}
    if w.allowed & WIDER and w.chance(0.7):
        return make_container(w, items, n)
    kind = w.one_of(["dict", "dict", "list", "tuple", "object", "object"])
    if kind in ("list", "tuple"):
        return _sequence(w, list(items.values()), kind)
    pattern = 'p["{}"]' if kind == "dict" else "p.{}"
    for key, value in items.items():
        w.define(Var(pattern.format(key), np.shape(value), bound=False, argument=True))
    if kind == "dict":
        if w.chance(0.3):
            w.frames[-1].ints['p["steps"]'] = Int('p["steps"]', 2, 2)
            return items | {"steps": 2}
        return items
    return Params(**items) if w.chance(0.5) else SimpleNamespace(**items)


def _sequence(w: Writer, items: list[Any], kind: str) -> Any:
    if w.chance(0.4) and w.may("unpack"):
        w.note("unpack")
        names = [w.fresh("p") for _ in items]
        w.line(f"{', '.join(names)} = p")
    else:
        names = [f"p[{i}]" for i in range(len(items))]
    for name, value in zip(names, items, strict=True):
        w.define(Var(name, np.shape(value), bound="[" not in name, argument=True))
    return items if kind == "list" else tuple(items)


# Helpers


def _helper(
    rng: np.random.Generator, allowed: frozenset[str], before: list[Written], number: int, sizes: Shape
) -> Written:
    """A function at module level; it may call those before it."""
    w = _writer(rng, allowed, int(rng.integers(3, 8)), max_depth=2, tag=f"_{number}")
    w.frames[0] = Frame(helpers=[each.helper for each in before if rng.random() < 0.5])
    shape: Shape = w.one_of([(), (sizes[0],), (sizes[0],), (sizes[1], sizes[0])])
    kinds = [_plain, _plain]
    if w.may("recursion", "if", "early return"):
        kinds.append(_recursive)
    if w.may("callee writes", "index write", "slice write", "write argument"):
        kinds += [_writing, _writing]
    helper, header = w.one_of(kinds)(w, f"h{number}", shape)
    return Written(helper, f"def {helper.name}({header}):\n" + "\n".join(w.lines) + "\n", frozenset(w.seen), w.prelude)


def _plain(w: Writer, name: str, shape: Shape) -> tuple[Helper, str]:
    w.returns = shape if w.chance(0.6) else ()
    w.define(Var("u", shape, contiguous=False))
    w.define(Var("c"))
    with_default = w.may("default")
    if with_default:
        w.define(Var("k"))
    body(w, w.budget - 1)
    finish(w)
    defaults = (("k", (), True),) if with_default else ()
    header = f"u, c, k={w.number()}" if with_default else "u, c"
    return Helper(name, (("u", shape, False), ("c", (), False), *defaults), w.returns), header


def _recursive(w: Writer, name: str, shape: Shape) -> tuple[Helper, str]:
    w.returns = shape
    w.note("if", "early return", "recursion")
    w.define(Var("u", shape, contiguous=False))
    w.line("if d <= 0" + (f" or {condition(w, 0)}:" if w.chance(0.5) else ":"))
    w.line(f"    return {damped(w, shape)}")
    w.allowed -= {"early return", "return in loop"}
    body(w, 2)
    w.line(f"return {w.number()} * {name}({damped(w, shape, 1)}, d - 1) + {w.number(0.1, 0.3)} * {damped(w, shape, 1)}")
    return Helper(name, (("u", shape, False),), shape, "recursion"), f"u, d={w.rng.integers(1, 4)}"


def _writing(w: Writer, name: str, shape: Shape) -> tuple[Helper, str]:
    """A function that changes its first argument in place and returns nothing."""
    shape = shape or (3,)
    w.define(Var("u", shape, bound=False, contiguous=False))
    w.define(Var("c"))
    w.allowed -= {"early return", "return in loop"}
    w.line(f"u[{', '.join('0' for _ in shape)}] = c * {w.number()}")
    body(w, w.budget - 1)
    w.line(f"u[:] = {damped(w, shape)}")
    return Helper(name, (("u", shape, False), ("c", (), False)), None), "u, c"
