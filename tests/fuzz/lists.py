"""Random lists: filled by appending in a loop, by a comprehension, as a table with writes; read back and summed."""

from __future__ import annotations

from tests.fuzz.expressions import damped
from tests.fuzz.writer import Int, Var, Writer


def _count(w: Writer) -> tuple[str, int]:
    """A number of trips, often one that is known only at run time, and the most it may be."""
    found = [c for c in w.ints() if c.name.startswith("n")]
    if not found or not w.chance(0.6):
        return "3", 3
    count = w.one_of(found)
    return count.name, count.high


def appended(w: Writer) -> bool:
    """``xs = []``, appended to in a loop, then summed and read from its end."""
    if w.depth >= w.max_depth or not w.may("list append", "for range"):
        return False
    w.note("list append", "for range")
    xs, k, total = w.fresh("xs"), w.fresh("k"), w.fresh("s")
    w.line(f"{xs} = [{damped(w, ())}]")
    n, most = _count(w)
    w.line(f"for {k} in range({n}):")
    with w.block(loop=True):
        w.frames[-1].ints[k] = Int(k, 0, most - 1)
        w.line(f"{xs}.append(np.tanh({xs}[-1]) * {w.number()} + {damped(w, ())})")
        if w.chance(0.3):
            w.line(f"{xs}[0] = {xs}[0] * {w.number()} + {damped(w, ())}")
    if w.chance(0.3):
        w.line(f"{total} = {xs}.pop() * {xs}[0] if len({xs}) > 1 else {xs}[0]")
    else:
        w.line(f"{total} = sum({xs}) * {xs}[-1] + np.mean(np.array({xs}))")
    w.define(Var(total))
    return True


def comprehended(w: Writer) -> bool:
    """A list comprehension over an array or a range, perhaps with a condition."""
    if not w.may("list comprehension"):
        return False
    w.note("list comprehension")
    xs, e, total = w.fresh("xs"), w.fresh("e"), w.fresh("s")
    inside = damped(w, ())
    if w.arrays(1) and w.chance(0.5):
        source, item = w.one_of(w.arrays(1)).name, f"np.sin({e}) * {w.number()} + {inside}"
    else:
        source, item = f"range({_count(w)[0]})", f"({e} + 1) * {w.number()} * {inside}"
    condition = f" if {e} < {w.number()} or {e} > 0.5" if w.chance(0.3) else ""
    w.line(f"{xs} = [{item} for {e} in {source}{condition}]")
    w.line(f"{total} = sum(v * v for v in {xs}) + ({xs}[0] if {xs} else 0.0)")
    w.define(Var(total))
    return True


def table(w: Writer) -> bool:
    """A list of lists that two loops fill, each entry from the one above."""
    if w.depth + 1 >= w.max_depth or not w.may("list table", "for range"):
        return False
    w.note("list table", "for range")
    rows, i, j, total = w.fresh("rows"), w.fresh("i"), w.fresh("j"), w.fresh("s")
    n, most = _count(w)
    w.line(f"{rows} = [[{w.number()}] * 3 for _ in range({n} + 1)]")
    w.line(f"for {i} in range({n}):")
    with w.block(loop=True):
        w.frames[-1].ints[i] = Int(i, 0, most - 1)
        w.line(f"for {j} in range(3):")
        with w.block(loop=True):
            w.frames[-1].ints[j] = Int(j, 0, 2)
            w.line(f"{rows}[{i} + 1][{j}] {w.one_of(['=', '+='])} np.sin({rows}[{i}][{j}]) + {damped(w, ())}")
    w.line(f"{total} = {rows}[{n}][0] * {rows}[-1][1] + {rows}[0][2]")
    w.define(Var(total))
    return True
