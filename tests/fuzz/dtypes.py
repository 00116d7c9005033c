"""Random single precision and complex arrays among double precision ones."""

from __future__ import annotations

from tests.fuzz.expressions import atom, damped, expression, index
from tests.fuzz.pieces import prefix, written
from tests.fuzz.writer import Var, Writer


def float32(w: Writer) -> bool:
    """An array in single precision: made, changed, or used in a double precision one."""
    if not w.may("float32") or not w.arrays(1):
        return False
    w.note("float32")
    found = [v for v in w.vars() if v.dtype == "float32"]
    if not found or w.chance(0.25):
        var, name = w.one_of(w.arrays(1)), w.fresh("q")
        w.line(f"{name} = {var.name}.astype(np.float32)")
        w.define(Var(name, var.shape, "float32"))
        return True
    var = w.one_of(found)
    q, c, n = var.name, w.number(), var.shape[0]
    if w.chance(0.5) or (var.argument and not w.may("write argument")):
        use, name = (
            w.one_of([f"float(np.sum({q} * {c}))", f"float({q}[{index(w, n)}])", f"float({q}.mean())"]),
            w.fresh("s"),
        )
        w.line(f"{name} = {use}")
        w.define(Var(name))
        return True
    w.line(
        w.one_of(
            [
                f"{q} *= {c}",
                f"{q}[{index(w, n)}] = {damped(w, ())}",
                f"{q}[:] = np.sin({q} * {c})",
                f"{q} += {c} * np.tanh({q})",
                f"{q}[1:] += {c} * {q}[:-1]",
            ]
        )
    )
    written(w, var)
    return True


def complex_numbers(w: Writer) -> bool:
    """A complex array: made, changed in place, or taken back to real numbers."""
    if not w.may("complex") or not w.arrays(1):
        return False
    w.note("complex")
    found = [v for v in w.vars() if v.dtype == "complex128"]
    if not found or w.chance(0.2):
        a = w.one_of(w.arrays(1))
        b, name = expression(w, a.shape, 1), w.fresh("z")
        w.line(
            f"{name} = "
            + w.one_of(
                [
                    f"np.exp(1j * {a.name})",
                    f"{a.name} + 1j * {b}",
                    f"({w.number()} - 0.31j) * {a.name}",
                    f"{a.name} * np.exp(0.7j * np.tanh({b}))",
                ]
            )
        )
        w.define(Var(name, a.shape, "complex128"))
        return True
    return _use_complex(w, w.one_of(found)) if w.chance(0.5) else _change_complex(w, w.one_of(found))


def _use_complex(w: Writer, var: Var) -> bool:
    z, shape = var.name, var.shape if w.chance(0.5) else ()
    item = z if shape else f"{z}[{index(w, var.shape[0])}]"
    name = w.fresh(prefix(shape))
    text = w.one_of(
        [
            f"{item}.real",
            f"{item}.imag",
            f"np.real({item} * (0.4 - 0.7j))",
            f"abs({item} + 2.6)",
            f"({item} * {item}.conj()).real",
            f"np.tanh(np.imag({item} * np.conj({item} + 1.2)))",
        ]
    )
    w.line(f"{name} = {w.number(0.3, 0.8)} * {text}")
    w.define(Var(name, shape))
    return True


def _change_complex(w: Writer, var: Var) -> bool:
    if var.argument and not w.may("write argument"):
        return _use_complex(w, var)
    z, n = var.name, var.shape[0]
    real = expression(w, var.shape, 1)
    written(w, var)
    w.line(
        w.one_of(
            [
                f"{z} *= 0.6 + {w.number(0.1, 0.7)}j",
                f"{z}[{index(w, n)}] = {damped(w, ())} - 0.4j",
                f"{z}[{index(w, n)}] += 0.3j * np.sin({atom(w, ())})",
                f"{z} /= 1.4 + np.abs({z}) ** 2",
                f"{z} *= np.cos({real})",
                f"{z}[:] = np.conj({z}) * {z}[0] / (1.2 + abs({z}[0]) ** 2)",
                f"{z}[1:] = {z}[:-1] * 0.8j",
            ]
        )
    )
    return True
