"""Random calls, lambdas and closures."""

from __future__ import annotations

from tests.fuzz.expressions import call, condition, expression
from tests.fuzz.pieces import prefix, some_shape, written
from tests.fuzz.writer import Helper, Shape, Var, Writer


def call_helper(w: Writer) -> bool:
    if not w.helpers():
        return False
    helper = w.one_of(w.helpers())
    if helper.returns is None:
        return _call_for_effect(w, helper)
    name = w.fresh(prefix(helper.returns))
    w.line(f"{name} = {call(w, helper, 2)}")
    w.define(Var(name, helper.returns, contiguous=False))
    return True


def _call_for_effect(w: Writer, helper: Helper) -> bool:
    """A call of a function that writes its argument: the argument must be a name."""
    found = w.find(helper.params[0][1])
    if not found:
        return False
    var = written(w, w.one_of(found))
    w.note("callee writes", "call")
    w.line(f"{helper.name}({var.name}, {expression(w, (), 1)})")
    return True


def make_lambda(w: Writer) -> bool:
    """A lambda over a number or an array that may read names around it."""
    if not w.may("lambda"):
        return False
    w.note("lambda")
    shape, name = some_shape(w), w.fresh("g")
    if not shape and w.chance(0.5) and w.may("lambdas in a list"):
        w.note("lambdas in a list")
        texts = [f"lambda t: {_one_parameter(w)}" for _ in range(2)]
        w.line(f"{name} = [{', '.join(texts)}]")
        w.frames[-1].helpers += [Helper(f"{name}[{i}]", (("", (), False),), (), "lambda") for i in range(2)]
        return True
    body = f"np.tanh(t * c + {_captured(w, shape)})"
    w.line(f"{name} = lambda t, c={w.number()}: {body}")
    w.frames[-1].helpers.append(Helper(name, (("t", shape, False), ("c", (), True)), shape, "lambda"))
    return True


def _one_parameter(w: Writer) -> str:
    captured = _captured(w, ())
    return w.one_of([f"np.sin(t) * {captured}", f"t * t / (1.5 + t * t) + {captured}", f"np.cos(t + {captured})"])


def _captured(w: Writer, shape: Shape) -> str:
    """A name around the function, which must keep its kind from now on."""
    names = w.find(shape) or w.find(())
    text = w.one_of(names).name if names else w.number()
    w.pinned.add(text)
    return text


def make_closure(w: Writer) -> bool:
    """A function inside the function, reading its names at the time of the call."""
    if not w.may("closure"):
        return False
    w.note("closure")
    shape, name, local = some_shape(w), w.fresh("inner"), w.fresh("u")
    w.line(f"def {name}(t, k={w.number()}):")
    with w.block():
        w.line(f"{local} = np.sin(t) * k + {_captured(w, shape)}")
        if w.may("if") and w.chance(0.4):
            w.note("if", "early return")
            w.line(f"if {condition(w, 0)}:")
            w.line(f"    return {local} * {w.number()}")
            w.pinned |= {v.name for v in w.vars()}
        w.line(f"return {local} + {w.number()} * t")
    w.frames[-1].helpers.append(Helper(name, (("t", shape, False), ("k", (), True)), shape, "closure"))
    return True
