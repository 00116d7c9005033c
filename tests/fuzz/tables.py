"""Random tables of numbers: lists of lists, written item by item, as dynamic programming does."""

from __future__ import annotations

from tests.fuzz.expressions import damped, expression
from tests.fuzz.writer import Var, Writer


def table(w: Writer) -> bool:
    """A table filled by a recurrence over its rows and columns, then read."""
    if not w.may("nested table", "for range"):
        return False
    w.note("nested table", "for range")
    t, i, j = w.fresh("t"), w.fresh("i"), w.fresh("j")
    n, m = int(w.rng.integers(2, 4)), int(w.rng.integers(2, 4))
    row = f"[{w.number()}] * {m}" if w.chance(0.5) else f"[{expression(w, (), 1)} for _ in range({m})]"
    w.line(f"{t} = [{row} for _ in range({n})]")
    w.line(f"{t}[0][{w.rng.integers(0, m)}] = {damped(w, ())}")
    w.line(f"for {i} in range(1, {n}):")
    w.line(f"    for {j} in range({m}):")
    before = w.one_of([f"{t}[{i} - 1][{j}]", f"{t}[{i} - 1][max({j} - 1, 0)]", f"{t}[{i}][{j} - 1]"])
    w.line(f"        {t}[{i}][{j}] " + w.one_of(["= ", "+= "]) + f"0.3 * np.sin({before}) + {damped(w, (), 1)}")
    return _read(w, t, n, m)


def _read(w: Writer, t: str, n: int, m: int) -> bool:
    if w.chance(0.4):
        name = w.fresh("m")
        w.line(f"{name} = np.array({t})")
        w.define(Var(name, (n, m)))
        return True
    name, c = w.fresh("s"), w.number()
    w.line(f"{name} = " + w.one_of([f"{c} * sum(sum(row) for row in {t})", f"{t}[-1][-1]", f"{c} * sum({t}[-1])",
                                    f"max({t}[{n - 1}])"]))  # fmt: skip
    w.define(Var(name))
    return True
