"""What several kinds of statements are made of: shapes and names, updates, and notes on what is written."""

from __future__ import annotations

from tests.fuzz.expressions import atom, expression
from tests.fuzz.writer import Shape, Var, Writer


def some_shape(w: Writer) -> Shape:
    """A shape that some name has, numbers most often."""
    arrays = w.arrays()
    return w.one_of(arrays).shape if arrays and w.chance(0.55) else ()


def prefix(shape: Shape) -> str:
    return ("s", "v", "m")[len(shape)]


def in_c_order(text: str) -> bool:
    """May the value be taken to be contiguous? Transposes and columns carry their order into results."""
    return ".T" not in text and "[:, " not in text


def update(w: Writer, shape: Shape) -> str:
    """An operator and a right side after which nothing is much larger than before."""
    a = expression(w, shape if w.chance(0.7) else (), 1)
    b = atom(w, ())
    trig = "np.sin" if shape else w.one_of(["np.sin", "math.sin"] if w.may("math") else ["np.sin"])
    return w.one_of(
        [
            f"+= {w.number(0.1, 0.4)} * np.tanh({a})",
            f"*= np.cos({a})",
            f"-= {w.number(0.1, 0.4)} * np.sin({a})",
            f"/= {w.number(1.1, 1.6)} + ({a}) ** 2",
            f"+= {w.number(0.1, 0.3)} * {trig}({b})",
        ]
    )


def written(w: Writer, var: Var) -> Var:
    """Note what kind of memory is written."""
    if var.argument:
        w.note("write argument")
    if var.view or any(v.storage == var.storage and v.name != var.name for v in w.vars()):
        w.note("write through view")
    return var
