"""Random generator functions, consumed by a loop, a sum, a list or `next`."""

from __future__ import annotations

from tests.fuzz.blocks import body
from tests.fuzz.expressions import damped, expression
from tests.fuzz.lists import define_list
from tests.fuzz.writer import Items, Var, Writer


def _generator(w: Writer) -> str:
    """A generator of two to four numbers, which stops early where it meets a large one."""
    w.note("generator function")
    stop = ["        if t > 0.9:", "            return"] if w.chance(0.4) else []
    return w.at_module("steps", "def {}(t, n):", "    for i in range(n):", *stop,
                       f"        t = np.sin(t) * {w.number(0.5, 0.9)} + 0.1 * i",
                       w.one_of(["        yield t", "        yield t * t"]))  # fmt: skip


def over_generator(w: Writer) -> bool:
    """Consumed by a loop."""
    if not w.may("generator function"):
        return False
    name, e = _generator(w), w.fresh("e")
    w.line(f"for {e} in {name}({expression(w, (), 1)}, {w.rng.integers(2, 5)}):")
    with w.block(loop=True):
        w.define(Var(e))
        body(w, 2)
    return True


def of_generator(w: Writer) -> bool:
    """Consumed at once, as an argument."""
    if not w.may("generator argument"):
        return False
    name = _generator(w)
    w.note("generator argument")
    call = f"{name}({damped(w, (), 1)}, {w.rng.integers(2, 5)})"
    if w.chance(0.4):
        xs = w.fresh("xs")
        w.line(f"{xs} = {w.one_of([f'list({call})', f'[t for t in {call}]'])}")
        define_list(w, Items(xs, (), 0, fixed=False))
        return True
    s = w.fresh("s")
    w.line(f"{s} = {w.number()} * {w.one_of([f'sum({call})', f'sum(t * t for t in {call})'])}")
    w.define(Var(s))
    return True
