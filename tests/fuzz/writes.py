"""Random writes into arrays: items, slices, rows, masks, and writes that overlap what they read."""

from __future__ import annotations

from tests.fuzz.expressions import damped, index, mask, slice_of
from tests.fuzz.pieces import update, written
from tests.fuzz.writer import Var, Writer


def _target(w: Writer) -> Var | None:
    found = w.arrays()
    if not w.may("write argument"):
        found = [v for v in found if not v.argument]
    return written(w, w.one_of(found)) if found else None


def index_write(w: Writer) -> bool:
    var = _target(w) if w.may("index write") else None
    if var is None:
        return False
    place = f"{var.name}[{', '.join(index(w, n) for n in var.shape)}]"
    w.note("index write")
    w.line(f"{place} = {damped(w, ())}")
    return True


def slice_write(w: Writer) -> bool:
    var = _target(w) if w.may("slice write") else None
    if var is None:
        return False
    size = tuple(int(w.rng.integers(1, n + 1)) for n in var.shape)
    place = ", ".join(str(slice_of(w, n, k)) for n, k in zip(var.shape, size, strict=True))
    value = damped(w, size) if w.chance(0.7) else damped(w, ())
    w.note("slice write")
    w.line(f"{var.name}[{place}] = {value}")
    return True


def row_write(w: Writer) -> bool:
    if not w.arrays(2) or not w.may("row or column write"):
        return False
    var = written(w, w.one_of(w.arrays(2)))
    n, m = var.shape
    w.note("row or column write")
    if w.chance(0.5):
        w.line(f"{var.name}[{index(w, n)}] " + w.one_of([f"= {damped(w, (m,))}", update(w, (m,))]))
    else:
        w.line(
            f"{var.name}[:, {index(w, m)}] " + w.one_of([f"= {damped(w, (n,))}", f"= {damped(w, ())}", update(w, (n,))])
        )
    return True


def augmented_write(w: Writer) -> bool:
    var = _target(w) if w.may("augmented write") else None
    if var is None:
        return False
    w.note("augmented write")
    if w.chance(0.6):
        w.line(f"{var.name}[{', '.join(index(w, n) for n in var.shape)}] {update(w, ())}")
        return True
    size = tuple(int(w.rng.integers(1, n + 1)) for n in var.shape)
    place = ", ".join(str(slice_of(w, n, k)) for n, k in zip(var.shape, size, strict=True))
    w.line(f"{var.name}[{place}] {update(w, size)}")
    return True


def overlapping_write(w: Writer) -> bool:
    """The right side reads the memory that the left side writes, at other places."""
    found = [v for v in w.arrays() if v.shape[0] >= 3]
    if not found or not w.may("overlapping write"):
        return False
    var = written(w, w.one_of(found))
    x, c = var.name, w.number(0.1, 0.4)
    w.note("overlapping write")
    w.line(
        w.one_of(
            [
                f"{x}[1:] += {c} * {x}[:-1]",
                f"{x}[1:-1] += {c} * ({x}[2:] - 2 * {x}[1:-1] + {x}[:-2])",
                f"{x}[:-1] = {x}[1:]",
                f"{x}[:] = {x}[::-1]",
                f"{x}[1:] *= np.cos({x}[:-1])",
            ]
        )
    )
    return True


def masked_write(w: Writer) -> bool:
    var = _target(w) if w.may("masked write") else None
    if var is None:
        return False
    name = w.fresh("on")
    w.note("masked write", "mask")
    w.line(f"{name} = {mask(w, var.shape)}")
    other = w.one_of(w.find(var.shape)).name
    w.line(
        f"{var.name}[{name}] "
        + w.one_of(
            [
                f"= {damped(w, ())}",
                f"*= {w.number()}",
                f"= np.sin({other}[{name}])",
                f"+= {w.number(0.1, 0.4)} * {other}[{name}]",
            ]
        )
    )
    return True


def mask_read(w: Writer) -> bool:
    """A sum over the elements where a singular function is defined."""
    if not w.arrays() or not w.may("mask"):
        return False
    var, name, c = w.one_of(w.arrays()), w.fresh("s"), w.number(-0.3, 0.4)
    w.note("mask", "singular off mask")
    inner = w.one_of(["np.log", "np.sqrt"]) + f"({var.name}[{var.name} > {c}] - {c})"
    w.line(f"{name} = {w.number(0.1, 0.4)} * np.sum(np.tanh({inner}))")
    w.define(Var(name))
    return True
