"""Random uses of deques and of dicts with defaults, and lists that are sorted in place."""

from __future__ import annotations

from tests.fuzz.expressions import condition, damped, expression
from tests.fuzz.lists import define_list
from tests.fuzz.writer import Items, Var, Writer


def queue(w: Writer) -> bool:
    """A deque, worked off from its left end."""
    if not w.may("deque"):
        return False
    w.note("deque")
    d, s, i = w.fresh("queue"), w.fresh("s"), w.fresh("i")
    w.line(f"{d} = collections.deque([{damped(w, (), 1)}, {expression(w, (), 1)}])")
    w.line(w.one_of([f"{d}.append({damped(w, (), 1)})", f"{d}.appendleft({damped(w, (), 1)})"]))
    w.line(f"{s} = {damped(w, (), 1)}")
    if w.chance(0.5):
        w.line(f"while {d}:")
        w.line(f"    {s} = {w.number()} * {s} + {d}.{w.one_of(['popleft', 'pop'])}()")
    else:
        w.line(f"for {i} in range({w.rng.integers(2, 5)}):")
        w.line(f"    {d}.append({w.number()} * {d}.popleft() + 0.1 * {s})")
        w.line(f"{s} = np.tanh(sum({d}))")
    w.define(Var(s))
    return True


def with_defaults(w: Writer) -> bool:
    """A dict that makes what it lacks."""
    if not w.may("defaultdict"):
        return False
    w.note("defaultdict")
    d, s, k = w.fresh("groups"), w.fresh("s"), w.fresh("k")
    numbers = w.chance(0.5)
    w.line(f"{d} = collections.defaultdict({'float' if numbers else 'list'})")
    w.line(f"for {k} in ('a', 'b', 'a'):")
    value = f"{damped(w, (), 1)} * {expression(w, (), 1)}"
    w.line(f"    {d}[{k}]{' += ' + value if numbers else f'.append({value})'}")
    w.line(f"{s} = " + (f"{d}['a'] * {d}['b']" if numbers else f"sum({d}['a']) - {d}['b'][0]"))
    w.define(Var(s))
    return True


def sorted_in_place(w: Writer) -> bool:
    """``xs.sort()``, by keys, of a list that may be longer on some paths."""
    if not w.may("list sort"):
        return False
    w.note("list sort")
    xs = w.fresh("xs")
    w.line(f"{xs} = [{', '.join(damped(w, (), 1) for _ in range(3))}]")
    if w.may("if", "run-time list") and w.chance(0.5):
        w.note("if", "run-time list")
        w.line(f"if {condition(w, 0)}:")
        w.line(f"    {xs}.append({expression(w, (), 1)})")
    key = w.one_of(["", "reverse=True", "key=lambda t: np.sin(3 * t)", "key=abs, reverse=True"])
    w.line(f"{xs}.sort({key})")
    define_list(w, Items(xs, (), 3, fixed=False))
    return True
