"""Random walks over what is made item by item: map, filter, zip and enumerate of generators, in loops and displays."""

from __future__ import annotations

from tests.fuzz.expressions import damped, expression
from tests.fuzz.functional import _numbers
from tests.fuzz.generators import _generator
from tests.fuzz.lists import define_list
from tests.fuzz.writer import Items, Var, Writer


def _call(w: Writer) -> str:
    """A call of a generator function."""
    return f"{_generator(w)}({damped(w, (), 1)}, {w.rng.integers(2, 5)})"


def over_lazy(w: Writer) -> bool:
    """A loop over items that are made as it goes, left early now and then."""
    if not w.may("lazy iteration", "generator function"):
        return False
    w.note("lazy iteration")
    s, e, i, other = (w.fresh(name) for name in ("s", "e", "i", "e"))
    w.pinned |= {v.name for v in w.vars()}
    mapped = f"map(lambda t: np.sin(t) * {w.number()}, {_numbers(w)})"
    head, value = w.one_of([
        (f"{e} in {mapped}", e),
        (f"{e} in filter(lambda t: t < {w.number(0.3, 0.9)}, {_call(w)})", f"np.cos({e})"),
        (f"{i}, {e} in enumerate({_call(w)})", f"{e} * ({i} + 1)"),
        (f"{e}, {other} in zip({_call(w)}, {_numbers(w)})", f"{e} * {other}"),
        (f"{e} in itertools.chain({mapped}, {_call(w)})", f"{e} ** 2"),
    ])  # fmt: skip
    w.line(f"{s} = {damped(w, (), 1)}")
    w.line(f"for {head}:")
    if w.may("break", "if") and w.chance(0.3):
        w.note("break", "if")
        w.line(f"    if {s} > {w.number(0.8, 1.6)}:")
        w.line("        break")
    w.line(f"    {s} = {w.number()} * {s} + {value}")
    w.define(Var(s))
    return True


def displayed(w: Writer) -> bool:
    """A list display of starred items, and a sequence taken apart by a star."""
    if not w.may("star display", "generator function"):
        return False
    w.note("star display")
    xs = w.fresh("xs")
    if w.chance(0.5):
        parts = [f"*{_numbers(w)}", expression(w, (), 1), f"*{_call(w)}"]
        w.line(f"{xs} = [{', '.join(parts[int(k)] for k in w.rng.permutation(3)[: w.rng.integers(2, 4)])}]")
        define_list(w, Items(xs, (), 1, fixed=False))
        return True
    s = w.fresh("s")
    w.line(f"{s}, *{xs} = {w.one_of([_numbers(w), f'map(np.tanh, {_numbers(w)})'])}")
    w.define(Var(s))
    define_list(w, Items(xs, (), 0, fixed=False))
    return True
