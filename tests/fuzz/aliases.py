"""Random arrays under several names: swapped rows, swapped arrays, overlapping views, arrays in containers."""

from __future__ import annotations

from tests.fuzz.expressions import damped, index
from tests.fuzz.pieces import update, written
from tests.fuzz.writer import Var, Writer


def row_swap(w: Writer) -> bool:
    """Two rows or items change places by one fancy write."""
    found = [v for v in w.arrays() if v.shape[0] >= 2 and not v.argument]
    if not found or not w.may("row swap"):
        return False
    var = written(w, w.one_of(found))
    w.note("row swap")
    i, j = index(w, var.shape[0]), index(w, var.shape[0])
    x = var.name
    if len(var.shape) == 2 and w.chance(0.3):
        w.line(w.one_of([f"{x}[:, [0, 1]] = {x}[:, [1, 0]]", f"{x}[{i}], {x}[{j}] = {x}[{j}].copy(), {x}[{i}].copy()"]))
    else:
        w.line(f"{x}[[{i}, {j}]] = {x}[[{j}, {i}]]")
    return True


def array_swap(w: Writer) -> bool:
    """Two buffers change names in a loop, as a time step does."""
    found = [v for v in w.arrays(1) if v.shape[0] > 2]
    if not found or not w.may("array swap", "for range"):
        return False
    w.note("array swap", "for range")
    var, a, b, i = w.one_of(found), w.fresh("cur"), w.fresh("nxt"), w.fresh("i")
    w.line(f"{a} = {var.name}.copy()")
    w.line(f"{b} = np.zeros_like({a})")
    w.line(f"for {i} in range({w.rng.integers(1, 4)}):")
    w.line(w.one_of([f"    {b}[1:-1] = {a}[1:-1] + {w.number(0.1, 0.3)} * ({a}[2:] - 2 * {a}[1:-1] + {a}[:-2])",
                     f"    {b}[:] = np.sin({a}) * {w.number()}",
                     f"    {b}[1:] = {a}[:-1] * {w.number()} + 0.1 * {b}[1:]"]))  # fmt: skip
    w.line(f"    {a}, {b} = {b}, {a}")
    w.define(Var(a, var.shape))
    w.define(Var(b, var.shape))
    return True


def two_views(w: Writer) -> bool:
    """Two overlapping parts of an array, one updated from the other."""
    found = [v for v in w.arrays() if v.shape[0] > 2 and not v.argument]
    if not found or not w.may("overlapping views"):
        return False
    var = written(w, w.one_of(found))
    w.note("overlapping views", "slice view", "write through view")
    a, b, n = w.fresh("t"), w.fresh("t"), var.shape[0]
    w.line(f"{a}, {b} = {var.name}[:-1], {var.name}[1:]")
    shape = (n - 1, *var.shape[1:])
    first = Var(a, shape, "float64", var.storage, True, True, var.argument, False)
    w.define(first)
    w.define(Var(b, shape, "float64", var.storage, True, True, var.argument, False))
    w.line(w.one_of([f"{a} += {w.number(0.1, 0.4)} * {b}", f"{b} *= np.cos({a})", f"{b}[:] = {a}",
                     f"{a}[...] = {a} + {w.number(0.1, 0.4)} * {b}"]))  # fmt: skip
    return True


def in_container(w: Writer) -> bool:
    """An array held by a list, a dict or a tuple is written through it, or under its own name."""
    found = [v for v in w.arrays() if not v.argument and v.bound]
    if not found or not w.may("alias in container"):
        return False
    var = written(w, w.one_of(found))
    w.note("alias in container")
    box, other = w.fresh("box"), damped(w, (), 1)
    text, slot = w.one_of([(f"[{var.name}, {other}]", "[0]"), (f"{{'a': {var.name}, 'b': {other}}}", "['a']"),
                           (f"({var.name}, {other})", "[0]"), (f"[[{other}], [{var.name}]]", "[1][0]")])  # fmt: skip
    w.line(f"{box} = {text}")
    new = Var(f"{box}{slot}", var.shape, "float64", var.storage, True, False, False, False)
    w.define(new)
    for each in ([new], [var], [new, var])[int(w.rng.integers(0, 3))]:
        w.line(f"{each.name}[{w.one_of([':', '...', '0'])}] {update(w, () if w.chance(0.5) else ())}")
    return True


def row_loop(w: Writer) -> bool:
    """A loop over the rows of a matrix, or over arrays in a list, that writes each in place."""
    found = [v for v in w.arrays() if not v.argument]
    rows = [v for v in found if len(v.shape) == 2]
    if not found or not w.may("row loop write"):
        return False
    w.note("row loop write")
    row = w.fresh("row")
    if rows and w.chance(0.6):
        over = written(w, w.one_of(rows)).name
        over = w.one_of([over, over, f"{over}.T", f"{over}[::-1]"])
    else:
        over = f"[{written(w, w.one_of(found)).name}, {written(w, w.one_of(found)).name}]"
    w.line(f"for {row} in {over}:")
    w.line(f"    {row} {w.one_of([update(w, ()), f'*= {w.number()}', f'+= np.sin({row}) * {w.number()}'])}")
    return True
