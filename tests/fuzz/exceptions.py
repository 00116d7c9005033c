"""Random `try` statements: exceptions of the program's own, on a condition, from callees, in loops, with `finally`."""

from __future__ import annotations

from tests.fuzz.blocks import body, finish, small
from tests.fuzz.expressions import condition, damped, expression
from tests.fuzz.writer import Var, Writer

OWN = ("RuntimeError", "KeyError")  # classes of no operation of the programs


def _error(w: Writer) -> tuple[str, str]:
    """A class to raise, and one to catch it by."""
    if w.may("custom exception") and w.chance(0.35):
        w.note("custom exception")
        name = w.at_module("Failed", "class {}(ValueError):", '    """Not this time."""')
        return name, w.one_of([name, f"({name}, KeyError)"])
    if w.may("broad except") and w.chance(0.4):
        w.note("broad except")
        return "ArithmeticError", w.one_of(["ArithmeticError", "Exception", "(KeyError, ArithmeticError)"])
    name = w.one_of(OWN)
    return name, w.one_of([name, f"({', '.join(OWN)})"])


def _raising(w: Writer, error: str) -> None:
    """A raise on a condition, here or in a callee, on some number of the program."""
    if w.may("raise in callee") and w.chance(0.4):
        w.note("raise in callee")
        check = w.at_module("check", "def {}(t, c):", "    if t > c:", f"        raise {error}('too large')",
                            "    return np.tanh(t)")  # fmt: skip
        name = w.fresh("s")
        w.line(f"{name} = {check}({expression(w, (), 1)}, {w.number()})")
        w.define(Var(name))
        return
    w.line(f"if {condition(w, 0)}:")
    w.line(f"    raise {error}('not now')")


def attempt(w: Writer) -> bool:
    """``try``, ``except``, perhaps ``else`` and ``finally``."""
    if not w.may("try except"):
        return False
    w.note("try except")
    error, caught = _error(w)
    w.line("try:")
    with w.block():
        body(w, small(w))
        _raising(w, error)
        body(w, small(w))
    w.line(f"except {caught}:")
    with w.block():
        body(w, 2)
        if w.loops and w.chance(0.3) and w.may("continue"):
            w.note("continue")
            w.line("continue")
    _tail(w)
    return True


def _tail(w: Writer) -> None:
    if w.may("try else") and w.chance(0.8):
        w.note("try else")
        w.line("else:")
        with w.block():
            body(w, 1)
    if w.may("finally") and w.chance(0.35):
        _finally(w)


def _finally(w: Writer) -> None:
    """A clean-up: no exit of its own, which would swallow the exception."""
    w.note("finally")
    w.line("finally:")
    allowed, w.allowed = w.allowed, w.allowed - {"early return", "return in loop", "break", "continue"}
    with w.block():
        body(w, 1)
    w.allowed = allowed


def clean_up(w: Writer) -> bool:
    """``try`` and ``finally``, with a return inside."""
    if not w.may("finally"):
        return False
    w.line("try:")
    with w.block():
        body(w, small(w))
        if not w.returns and w.may("return in try", "if"):
            w.note("return in try", "if")
            w.line(f"if {condition(w, 0)}:")
            with w.block():
                finish(w, 2)
    _finally(w)
    return True


def own_value(w: Writer) -> bool:
    """A number defined in the body or in the handler, the names of both written in the body."""
    if not w.may("try except"):
        return False
    w.note("try except")
    name, (error, caught) = w.fresh("s"), _error(w)
    w.line("try:")
    with w.block():
        w.line(f"{name} = {damped(w, (), 1)}")
        _raising(w, error)
        w.line(f"{name} = {name} * {damped(w, (), 1)}")
    w.line(f"except {caught}" + (" as error:" if w.chance(0.3) else ":"))
    w.line(f"    {name} = {damped(w, (), 1)}")
    w.define(Var(name))
    return True


def nested(w: Writer) -> bool:
    """A `try` in a `try`: another exception is raised by the handler, or the same again, and a number tells the way."""
    if not w.may("nested try"):
        return False
    w.note("nested try", "try except", "finally")
    name, (first, caught) = w.fresh("s"), _error(w)
    again = w.one_of(["raise", "raise RuntimeError('again')", "raise RuntimeError('again') from None"])
    w.line(f"{name} = {damped(w, (), 1)}")
    w.line("try:")
    with w.block():
        w.line("try:")
        with w.block():
            _raising(w, first)
            w.line(f"{name} = {name} * {damped(w, (), 1)}")
        w.line(f"except {caught}:")
        with w.block():
            w.line(f"{name} = {name} + {w.number()}")
            w.line(again if w.chance(0.7) else f"{name} = np.cos({name})")
        w.line("finally:")
        w.line(f"    {name} = {w.number()} * np.sin({name})")
        w.line(f"{name} = {name} - {damped(w, (), 1)}")
    w.line("except Exception:" if w.may("broad except") and w.chance(0.5) else f"except (RuntimeError, {first}):")
    w.line(f"    {name} = {name} ** 2")
    w.define(Var(name))
    return True


def natural(w: Writer) -> bool:
    """An exception that an operation raises: outside a function's domain, a missing key, an index."""
    if not w.may("operation raises"):
        return False
    w.note("operation raises", "try except")
    name, t = w.fresh("s"), expression(w, (), 1)
    risky, error = w.one_of([(f"math.log({t})", "ValueError"), (f"math.sqrt({t} - {w.number()})", "ValueError"),
                             (f"{{'a': {t}}}['{w.one_of('ab')}']", "KeyError"),
                             (f"[{t}, {w.number()}][{w.one_of(['1', '2'])}]", "IndexError")])  # fmt: skip
    w.line("try:")
    w.line(f"    {name} = np.tanh({risky})")
    w.line(f"except {error}:")
    w.line(f"    {name} = {damped(w, (), 1)}")
    w.define(Var(name))
    return True
