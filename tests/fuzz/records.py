"""Random records: tuples of tuples, namedtuples and dataclasses, read, replaced and written."""

from __future__ import annotations

from dataclasses import replace

from tests.fuzz.expressions import damped, expression
from tests.fuzz.pieces import some_shape, update
from tests.fuzz.writer import Shape, Var, Writer


def nested_tuple(w: Writer) -> bool:
    """A tuple in a tuple, unpacked at once."""
    if not w.may("tuple of tuples"):
        return False
    w.note("tuple of tuples")
    shape: Shape = some_shape(w)
    t, names = w.fresh("t"), [w.fresh("s"), w.fresh("u"), w.fresh("s")]
    w.line(f"{t} = ({damped(w, (), 1)}, ({damped(w, shape, 1)}, {expression(w, (), 1)}))")
    if w.chance(0.5):
        w.line(f"{names[0]}, ({names[1]}, {names[2]}) = {t}")
    else:
        names = [f"{t}[0]", f"{t}[1][0]", f"{t}[-1][1]"]
    for name, each in zip(names, [(), shape, ()], strict=True):
        w.define(Var(name, each, bound="[" not in name, contiguous=False))
    return True


def named_tuple(w: Writer) -> bool:
    """A namedtuple, and another with one field replaced."""
    if not w.may("namedtuple"):
        return False
    w.note("namedtuple")
    cls = w.at_module("Pair", "{} = collections.namedtuple('{}', ['left', 'right'])")
    shape, p = some_shape(w), w.fresh("pair")
    w.line(f"{p} = {cls}({damped(w, shape, 1)}, right={damped(w, (), 1)})")
    fields: list[tuple[str, Shape]] = [("left", shape), ("right", ())]
    if w.may("namedtuple replace") and w.chance(0.7):
        w.note("namedtuple replace")
        p, old = w.fresh("pair"), p
        w.line(f"{p} = {old}._replace(right={old}.right * {w.number()} + {expression(w, (), 1)})")
    if w.chance(0.3):
        a, b = w.fresh("u"), w.fresh("s")
        w.line(f"{a}, {b} = {p}")
        w.define(Var(a, shape, contiguous=False))
        w.define(Var(b))
    for name, each in fields:
        w.define(Var(f"{p}.{name}", each, bound=False, contiguous=False))
    return True


def data_class(w: Writer) -> bool:
    """A dataclass, frozen or not, and another with one field replaced."""
    if not w.may("dataclass"):
        return False
    w.note("dataclass")
    frozen = w.chance(0.5)
    cls = w.at_module("State", "@dataclasses.dataclass(frozen=True)" if frozen else "@dataclasses.dataclass",
                      "class {}:", "    pos: object", "    vel: object", f"    mass: float = {w.number()}", "",
                      "    def energy(self):",
                      "        return 0.5 * self.mass * np.sum(np.tanh(self.vel) ** 2)")  # fmt: skip
    shape, p = some_shape(w), w.fresh("o")
    w.line(f"{p} = {cls}({damped(w, shape, 1)}, vel={damped(w, (), 1)})")
    if w.may("dataclass replace") and w.chance(0.7):
        w.note("dataclass replace")
        p, old = w.fresh("o"), p
        w.line(f"{p} = dataclasses.replace({old}, vel={old}.vel * {w.number()} + {expression(w, (), 1)})")
    for name, each in (("pos", shape), ("vel", ()), ("mass", ()), ("energy()", ())):
        w.define(Var(f"{p}.{name}", each, bound=False, contiguous=False))
    if not frozen:
        w.attributes |= {f"{p}.pos", f"{p}.vel", f"{p}.mass"}
    return True


def write_attribute(w: Writer) -> bool:
    """An attribute gets a new value or is updated."""
    found = [v for v in w.vars() if v.name in w.attributes]
    if not found or not w.may("attribute write"):
        return False
    var = w.one_of(found)
    w.note("attribute write")
    if w.chance(0.5) or not w.may_rebind(replace(var, bound=True)):
        w.line(f"{var.name} {update(w, var.shape)}")
    else:
        w.line(f"{var.name} = {damped(w, var.shape, 1)}")
        w.rebind(var, contiguous=False)
    return True
