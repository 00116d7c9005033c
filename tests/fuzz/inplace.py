"""NumPy functions and methods that write into an array, and functions inside the function that rebind its names."""

from __future__ import annotations

from tests.fuzz.expressions import damped, mask
from tests.fuzz.pieces import written
from tests.fuzz.writer import Helper, Var, Writer


def _target(w: Writer, ndim: int | None = None) -> Var | None:
    found = [v for v in w.arrays(ndim) if w.may("write argument") or not v.argument]
    return written(w, w.one_of(found)) if found else None


def out_write(w: Writer) -> bool:
    """A ufunc that writes its result, everywhere or under a mask."""
    var = _target(w) if w.may("out=") else None
    if var is None:
        return False
    w.note("out=")
    x, value = var.name, damped(w, var.shape, 1)
    if w.chance(0.5):
        w.line(w.one_of([f"np.tanh({value}, out={x})", f"np.add({x}, {value}, out={x})", f"np.sin({value}, {x})"]))
        return True
    on = w.fresh("on")
    w.note("mask")
    w.line(f"{on} = {mask(w, var.shape)}")
    w.line(w.one_of([f"np.multiply({x}, {w.number()}, out={x}, where={on})", f"np.cos({value}, out={x}, where={on})"]))
    return True


def at_write(w: Writer) -> bool:
    """``ufunc.at`` with repeated indices."""
    var = _target(w, 1) if w.may("ufunc.at") else None
    if var is None:
        return False
    w.note("ufunc.at")
    places = [int(w.rng.integers(0, var.shape[0])) for _ in range(3)]
    value = damped(w, (3,), 1) if w.chance(0.5) else damped(w, (), 1)
    fn = w.one_of(["add", "subtract", "multiply", "maximum"])
    w.line(f"np.{fn}.at({var.name}, np.array({places}), {value})")
    return True


def method_write(w: Writer) -> bool:
    """Functions and methods that write into an array, and its flat items."""
    var = _target(w) if w.may("in-place method") else None
    if var is None:
        return False
    w.note("in-place method")
    x, size = var.name, 1
    for n in var.shape:
        size *= n
    k = int(w.rng.integers(-size, size))
    lines = [f"np.copyto({x}, {damped(w, var.shape, 1)})", f"{x}.fill({damped(w, (), 1)})", f"{x}.sort()",
             f"{x}.flat[{k}] = {damped(w, (), 1)}", f"{x}.flat[{k}] *= {w.number()}",
             f"np.put({x}, [{k}], {damped(w, (), 1)})"]  # fmt: skip
    if len(var.shape) == 2:
        lines.append(f"np.fill_diagonal({x}, {damped(w, (), 1)})")
    w.line(w.one_of(lines))
    return True


def make_counter(w: Writer) -> bool:
    """A function inside the function that rebinds a name of it."""
    if not w.may("nonlocal", "closure") or len(w.frames) > 1 or w.depth:
        return False
    w.note("nonlocal", "closure")
    total, name = w.fresh("total"), w.fresh("add")
    w.line(f"{total} = {damped(w, (), 1)}")
    w.define(Var(total))
    w.line(f"def {name}(t):")
    with w.block():
        w.line(f"nonlocal {total}")
        w.line(f"{total} = {w.number()} * {total} + np.sin(t)")
        w.line(f"return {total} * {w.number()}")
    w.pinned |= {total}
    w.frames[-1].helpers.append(Helper(name, (("t", (), False),), (), "closure"))
    return True
