"""Random reads and writes at lists of places: repeated ones, crossed ones, masks, `where`, sorted order."""

from __future__ import annotations

from tests.fuzz.expressions import damped, mask
from tests.fuzz.pieces import update, written
from tests.fuzz.writer import Var, Writer


def _places(w: Writer, length: int, count: int = 3, repeated: bool = True) -> str:
    """That many places of an axis, as a list or an array."""
    count = count if repeated else min(count, length)
    found = [int(i) for i in (w.rng.integers(0, length, count) if repeated else w.rng.permutation(length)[:count])]
    return w.one_of([str(found), f"np.array({found})"])


def fancy_read(w: Writer) -> bool:
    """Items at several places, some more than once."""
    if not w.arrays() or not w.may("fancy read"):
        return False
    w.note("fancy read")
    var = w.one_of(w.arrays())
    name = w.fresh("v")
    if len(var.shape) == 1:
        places = _places(w, var.shape[0])
        w.line(f"{name} = " + w.one_of([f"{var.name}[{places}]", f"np.take({var.name}, {places})"]))
        w.define(Var(name, (3,)))
        return True
    n, m = var.shape
    text, shape = w.one_of([(f"[{_places(w, n)}]", (3, m)), (f"[:, {_places(w, m)}]", (n, 3)),
                            (f"[{_places(w, n)}, {_places(w, m)}]", (3,)),
                            (f"[np.ix_({_places(w, n)}, {_places(w, m)})]", (3, 3))])  # fmt: skip
    w.line(f"{name} = {var.name}{text}")
    w.define(Var(name, shape, contiguous=False))
    return True


def fancy_write(w: Writer) -> bool:
    """Items at several places are replaced or updated: NumPy's last value wins, and `+=` counts once."""
    found = [v for v in w.arrays() if not v.argument]
    if not found or not w.may("fancy write"):
        return False
    var = written(w, w.one_of(found))
    w.note("fancy write")
    n = var.shape[0]
    places = _places(w, n)
    value = damped(w, (3, *var.shape[1:]), 1) if w.chance(0.6) else damped(w, (), 1)
    if w.chance(0.5):
        w.line(f"{var.name}[{places}] = {value}")
    elif len(var.shape) == 2 and w.chance(0.5):
        both = f"{var.name}[{_places(w, n)}, {_places(w, var.shape[1])}]"
        w.line(f"{both} {w.one_of(['=', '+=', '*='])} {damped(w, (3,), 1)}")
    else:
        w.line(f"{var.name}[{places}] {update(w, ())}")
    return True


def masked_rows(w: Writer) -> bool:
    """Rows or a column under a mask; `copyto` and `where=`; the largest item."""
    found = [v for v in w.arrays() if not v.argument]
    if not found or not w.may("mask of rows"):
        return False
    var = written(w, w.one_of(found))
    w.note("mask of rows", "mask")
    on, n = w.fresh("on"), var.shape[0]
    w.line(f"{on} = {mask(w, (n,))}")
    if w.may("one-argument where") and w.chance(0.6):
        w.note("one-argument where")
        w.line(f"{var.name}[np.where({on})[0]] {update(w, ())}")
    elif len(var.shape) == 2:
        w.line(w.one_of([f"{var.name}[{on}] {update(w, ())}", f"{var.name}[{on}, 0] = {damped(w, (), 1)}",
                         f"{var.name}[~{on}] = {damped(w, (var.shape[1],), 1)}",
                         f"np.copyto({var.name}, {damped(w, var.shape, 1)}, where={on}[:, None])"]))  # fmt: skip
    else:
        w.line(w.one_of([f"np.copyto({var.name}, {damped(w, var.shape, 1)}, where={on})",
                         f"np.putmask({var.name}, {on}, {damped(w, var.shape, 1)})",
                         f"{var.name}[np.flatnonzero({on})] = {damped(w, (), 1)}",
                         f"{var.name}[np.argmax({var.name})] = {damped(w, (), 1)}"]))  # fmt: skip
    return True


def accumulated(w: Writer) -> bool:
    """`ufunc.at` along rows, `accumulate`, `reduce` and `outer`."""
    if not w.arrays() or not w.may("ufunc methods"):
        return False
    w.note("ufunc methods")
    var, name = w.one_of(w.arrays()), w.fresh("v")
    if len(var.shape) == 2 and not var.argument and w.chance(0.4):
        written(w, var)
        w.line(f"np.add.at({var.name}, {_places(w, var.shape[0])}, {damped(w, (3, var.shape[1]), 1)})")
    elif w.chance(0.4):
        w.line(f"{name} = np.add.accumulate({var.name})")
        w.define(Var(name, var.shape))
    elif w.chance(0.5):
        w.line(f"{name} = np.multiply.reduce({w.one_of(['np.tanh', 'np.cos'])}({var.name}), axis=0)")
        w.define(Var(name, var.shape[1:]))
    elif len(var.shape) == 1:
        w.line(f"{name} = np.subtract.outer({var.name}, {var.name})")
        w.define(Var(name, (var.shape[0], var.shape[0])))
    else:
        return False
    return True
