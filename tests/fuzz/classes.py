"""Random classes and their objects: methods, properties, operators, inheritance, items, iteration."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz.expressions import damped, expression
from tests.fuzz.pieces import some_shape
from tests.fuzz.writer import Helper, Shape, Var, Writer

INIT = (
    "class {}:",
    "    def __init__(self, w, b=0.3):",
    "        self.w = w",
    "        self.b = b",
    "        self.calls = 0",
)


def _make(w: Writer, cls: str, shape: Shape) -> str:
    """An object, its attributes as names."""
    o = w.fresh("o")
    b = f", {expression(w, (), 1)}" if w.chance(0.7) else ""
    w.line(f"{o} = {cls}({damped(w, shape, 1)}{b})")
    w.define(Var(f"{o}.w", shape, bound=False, contiguous=False))
    w.define(Var(f"{o}.b", bound=False))
    w.attributes |= {f"{o}.w", f"{o}.b"}
    return o


def with_methods(w: Writer) -> bool:
    """Methods that read and write attributes; calls of them are expressions from then on."""
    if not w.may("class"):
        return False
    w.note("class")
    c, shape = w.number(), some_shape(w)
    cls = w.at_module("Layer", *INIT, "", "    def apply(self, t):", "        self.calls += 1",
                      f"        return np.tanh(self.w * t * {c} + self.b)", "", "    def step(self, t):",
                      f"        self.b = self.b - {c} * np.sin(t)", f"        self.w *= {w.number()}",
                      "        return self.b * 0.1 * self.calls")  # fmt: skip
    o = _make(w, cls, shape)
    w.frames[-1].helpers += [Helper(f"{o}.apply", (("t", shape, False),), shape, "class"),
                             Helper(f"{o}.step", (("t", (), False),), (), "class")]  # fmt: skip
    if w.chance(0.5):
        w.line(f"{o}.step({expression(w, (), 1)})")
    return True


def with_property(w: Writer) -> bool:
    """A property, with a setter or kept once computed."""
    if not w.may("property"):
        return False
    w.note("property", "class")
    body = [*INIT, "", w.one_of(["    @property", "    @functools.cached_property"]), "    def scale(self):",
            "        return np.sum(np.sin(self.w)) * self.b"]  # fmt: skip
    settable = "cached" not in body[-3]
    if settable:
        body += ["", "    @scale.setter", "    def scale(self, t):", "        self.b = np.tanh(t)"]
    o = _make(w, w.at_module("Scaled", *body), some_shape(w))
    w.define(Var(f"{o}.scale", bound=False))
    if settable and w.chance(0.5):
        w.line(f"{o}.scale = {damped(w, (), 1)}")
    return True


def with_call(w: Writer) -> bool:
    """An object that is called."""
    if not w.may("call dunder"):
        return False
    w.note("call dunder", "class")
    shape = some_shape(w)
    cls = w.at_module("Map", *INIT, "", "    def __call__(self, t, k=0.4):",
                      "        return np.sin(self.w * t) * k + self.b")  # fmt: skip
    o = _make(w, cls, shape)
    w.frames[-1].helpers.append(Helper(o, (("t", shape, False), ("k", (), True)), shape, "call dunder"))
    return True


def with_operators(w: Writer) -> bool:
    """A number or array of its own kind, added and multiplied."""
    if not w.may("operator dunder"):
        return False
    w.note("operator dunder", "class")
    cls = w.at_module("Dual", *INIT, "", "    def __add__(self, other):", "        return {}(self.w + other.w, self.b)",
                      "", "    def __mul__(self, t):", "        return {}(np.sin(self.w) * t, self.b * t)", "",
                      "    __rmul__ = __mul__", "", "    def __neg__(self):", "        return {}(-self.w, self.b)",
                      "", "    def __iadd__(self, t):", "        self.w = self.w + t",
                      "        return self")  # fmt: skip
    shape = some_shape(w)
    a, b, r = _make(w, cls, shape), _make(w, cls, shape), w.fresh("o")
    w.line(f"{r} = " + w.one_of([f"{a} + {b} * {expression(w, (), 1)}", f"-({w.number()} * {a}) + {b}",
                                 f"{a} * {w.number()} + {b}"]))  # fmt: skip
    if w.chance(0.4):
        w.line(f"{r} += {expression(w, (), 1)}")
    w.define(Var(f"{r}.w", shape, bound=False, contiguous=False))
    w.define(Var(f"{r}.b", bound=False))
    return True


def with_base(w: Writer) -> bool:
    """A class with a base: `super()`, a method of the base that calls one of the derived class."""
    if not w.may("inheritance"):
        return False
    w.note("inheritance", "class")
    base = w.at_module("Base", *INIT, "", "    def act(self, t):", "        return t * self.b", "",
                       "    def run(self, t):",
                       f"        return self.act(t * {w.number()}) + np.mean(self.w)")  # fmt: skip
    cls = w.at_module("Derived", f"class {{}}({base}):", "    def __init__(self, w, b=0.2):",
                      f"        super().__init__(w * {w.number()}, b)", f"        self.extra = b * {w.number()}", "",
                      "    def act(self, t):", "        return np.sin(super().act(t)) + self.extra")  # fmt: skip
    o = _make(w, w.one_of([cls, cls, base]), some_shape(w))
    w.frames[-1].helpers.append(Helper(f"{o}.run", (("t", (), False),), (), "inheritance"))
    return True


def with_items(w: Writer) -> bool:
    """Objects that are indexed, and that are looped over."""
    if not w.may("item dunder"):
        return False
    w.note("item dunder", "class")
    cls = w.at_module("Store", *INIT, "        self.kept = [w, w * self.b]", "", "    def __getitem__(self, i):",
                      "        return self.kept[i] * self.b", "", "    def __setitem__(self, i, value):",
                      "        self.kept[i] = value", "", "    def __len__(self):", "        return len(self.kept)",
                      "", "    def __iter__(self):", "        return iter(self.kept)")  # fmt: skip
    o, s, e = _make(w, cls, ()), w.fresh("s"), w.fresh("e")
    if w.chance(0.5):
        w.line(f"{o}[1] = {damped(w, (), 1)}")
    w.line(f"{s} = {o}[0] * {w.number()} + 0.1 * len({o})")
    w.define(Var(s))
    if w.may("iteration protocol") and w.chance(0.6):
        w.note("iteration protocol")
        w.line(f"for {e} in {o}:")
        w.line(f"    {s} = 0.5 * {s} + np.sin({e})")
    return True


def with_static(w: Writer) -> bool:
    """A static method and a class method that makes an object."""
    if not w.may("static or class method"):
        return False
    w.note("static or class method", "class")
    cls = w.at_module("Made", *INIT, "", "    @classmethod", "    def of(cls, t):",
                      f"        return cls(cls.squash(t) * {w.number()}, t)", "", "    @staticmethod",
                      "    def squash(t):", "        return np.tanh(t)")  # fmt: skip
    o, s = w.fresh("o"), w.fresh("s")
    w.line(f"{o} = {cls}.of({expression(w, (), 1)})")
    w.line(f"{s} = {w.one_of([cls, o])}.squash({o}.w + {o}.b)")
    w.define(Var(s))
    return True


CLASSES: tuple[Callable[[Writer], bool], ...] = (
    with_methods, with_property, with_call, with_operators, with_base, with_items, with_static,
)  # fmt: skip
