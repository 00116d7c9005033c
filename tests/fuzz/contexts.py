"""Random `with` statements: np.errstate, a context manager of the program's own, contextlib."""

from __future__ import annotations

from tests.fuzz.blocks import body, small
from tests.fuzz.writer import Writer


def with_errstate(w: Writer) -> bool:
    """Floating-point warnings off for a block."""
    if not w.may("np.errstate"):
        return False
    w.note("np.errstate")
    w.line(f"with np.errstate({w.one_of(['all', 'divide', 'invalid'])}='ignore'):")
    with w.block():
        body(w, small(w))
    return True


def with_own(w: Writer) -> bool:
    """A context manager written as a class or as a generator."""
    if not w.may("context manager"):
        return False
    w.note("context manager")
    if w.chance(0.5):
        cls = w.at_module("Scope", "class {}:", "    depth = 0", "", "    def __init__(self, k):",
                          "        self.k = k", "",
                          "    def __enter__(self):", "        self.k = self.k * 0.5", "        return self", "",
                          "    def __exit__(self, *error):", "        self.k = 0.0",
                          "        return False")  # fmt: skip
    else:
        cls = w.at_module("scope", "@contextlib.contextmanager", "def {}(k):", "    yield k")
    w.line(f"with {cls}({w.number()}):")
    with w.block():
        body(w, small(w))
    return True
