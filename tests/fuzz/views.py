"""Random second names for arrays and parts of arrays, through which either is written."""

from __future__ import annotations

from tests.fuzz.expressions import damped, index, slice_of
from tests.fuzz.pieces import update, written
from tests.fuzz.writer import Shape, Var, Writer


def view(w: Writer) -> bool:
    """A second name for (a part of) an array; often it, or the array, is written at once."""
    var = w.one_of(w.arrays()) if w.arrays() else None
    made = (
        w.one_of([_alias, _row_view, _slice_view, _transpose_view, _transpose_view, _transpose_view, _reshape_view])(
            w, var
        )
        if var
        else None
    )
    if made is None or var is None:
        return False
    construct, text, shape, contiguous = made
    if not w.may(construct):
        return False
    w.note(construct)
    name = w.fresh("t")
    w.line(f"{name} = {text}")
    new = Var(name, shape, "float64", var.storage, True, True, var.argument, contiguous)
    w.define(new)
    if w.chance(0.6) and w.may("index write", "augmented write"):
        _write_either(w, w.one_of([var, new]))
    return True


def _write_either(w: Writer, var: Var) -> None:
    written(w, var)
    if w.chance(0.5):
        w.note("index write")
        w.line(f"{var.name}[{', '.join(index(w, n) for n in var.shape)}] = {damped(w, ())}")
    else:
        w.note("augmented write")
        w.line(f"{var.name}[{w.one_of([':', '...'])}] {update(w, var.shape)}")


Made = tuple[str, str, Shape, bool]


def _alias(w: Writer, var: Var) -> Made:
    return "alias", var.name, var.shape, var.contiguous


def _row_view(w: Writer, var: Var) -> Made | None:
    if len(var.shape) != 2:
        return None
    return "row view", f"{var.name}[{index(w, var.shape[0])}]", var.shape[1:], var.contiguous


def _slice_view(w: Writer, var: Var) -> Made:
    size = tuple(int(w.rng.integers(max(1, n - 2), n + 1)) for n in var.shape)
    parts = [str(slice_of(w, n, k)) for n, k in zip(var.shape, size, strict=True)]
    if len(size) == 1 and w.chance(0.2):
        return "slice view", f"{var.name}[::-1]", var.shape, False
    whole = size[1:] == var.shape[1:] and "::" not in parts[0]
    return "slice view", f"{var.name}[{', '.join(parts)}]", size, var.contiguous and whole


def _transpose_view(w: Writer, var: Var) -> Made | None:
    if len(var.shape) != 2:
        return None
    text = w.one_of([f"{var.name}.T", f"{var.name}.T", f"np.transpose({var.name})", f"{var.name}.swapaxes(0, 1)"])
    return "transpose view", text, var.shape[::-1], False


def _reshape_view(w: Writer, var: Var) -> Made | None:
    if not var.contiguous:
        return None
    if len(var.shape) == 2:
        n, m = var.shape
        flat = w.one_of([f"{var.name}.reshape(-1)", f"{var.name}.ravel()", f"np.reshape({var.name}, ({n * m},))"])
        return (
            ("reshape view", flat, (n * m,), True)
            if w.chance(0.6)
            else ("reshape view", f"{var.name}.reshape({m}, {n})", (m, n), True)
        )
    n = var.shape[0]
    return "reshape view", f"{var.name}.reshape({n}, 1)", (n, 1), True
