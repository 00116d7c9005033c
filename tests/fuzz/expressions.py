"""Random expressions of a given shape: bounded, defined everywhere near the point, and smooth there almost surely."""

from __future__ import annotations

from tests.fuzz.writer import Helper, Producer, Shape, Var, Writer


def expression(w: Writer, shape: Shape, depth: int = 2) -> str:
    """An expression of that shape, operators and functions nested up to `depth`."""
    if depth <= 0 or w.chance(0.25):
        return atom(w, shape)
    for _ in range(20):
        text = w.weighted(_OPERATIONS)(w, shape, depth - 1)
        if text is not None:
            return text
    return atom(w, shape)


def damped(w: Writer, shape: Shape, depth: int = 2) -> str:
    """A fresh value hardly larger than what it is made of, so that no loop makes anything grow."""
    a, b = expression(w, shape, depth), atom(w, shape)
    c = w.number()
    module = _module(w, shape)
    forms = [
        f"{module}.tanh({a})",
        f"{module}.sin({a})",
        f"{c} * {b} + {w.number(0.1, 0.4)} * {module}.cos({a})",
        f"{b} * {module}.cos({a})",
        f"{a} / (1.5 + ({a}) ** 2)",
        f"{module}.exp(-({a}) ** 2) + {c} * {b}",
        f"{module}.log(1.2 + ({a}) ** 2)",
        f"{module}.sqrt({c} + ({b}) ** 2) - {c}",
        f"1 / (1 + {module}.exp(-({module}.tanh({a}))))",
    ]
    text = w.one_of(forms)
    w.note("arithmetic", *(["division"] if " / " in text else []), *(["power"] if "**" in text else []))
    return text


def condition(w: Writer, depth: int = 1) -> str:
    """A truth value: comparisons of numbers with random thresholds, of integers, and boolean operators."""
    w.note("comparison")
    if depth and w.chance(0.35):
        w.note("boolean")
        a, b = condition(w, depth - 1), condition(w, depth - 1)
        return w.one_of([f"{a} and {b}", f"{a} or {b}", f"not ({a})", f"({a} or {b}) and {condition(w, 0)}"])
    ints = w.ints()
    if ints and w.chance(0.3):
        i = w.one_of(ints)
        return w.one_of([f"{i.name} == {w.rng.integers(i.low, i.high + 1)}", f"{i.name} % 2 == 0", f"{i.name} > 0"])
    a, threshold = expression(w, (), 1), w.number(-0.3, 0.8)
    if w.chance(0.15):
        return f"{threshold} < {a} < {w.number(0.9, 1.5)}"
    return f"{a} {w.one_of(['<', '>', '<=', '>=', '!='])} {threshold}"


def mask(w: Writer, shape: Shape) -> str:
    """An array of truth values."""
    return f"{vector_atom(w, shape)} {w.one_of(['<', '>'])} {w.number(-0.2, 0.7)}"


# Atoms: what an expression is made of


def atom(w: Writer, shape: Shape) -> str:
    """A name, a literal, or a read."""
    return vector_atom(w, shape) if shape else scalar_atom(w)


def scalar_atom(w: Writer) -> str:
    """A number: a literal, a name, an element."""
    names = w.find(())
    if names and w.chance(0.6):
        return _named(w, w.one_of(names))
    if w.may("index read") and w.arrays() and w.chance(0.7):
        w.note("index read")
        return element(w, w.one_of(w.arrays()))
    ints = w.ints()
    return f"{w.number()} * {w.one_of(ints).name}" if ints and w.chance(0.3) else w.number()


def vector_atom(w: Writer, shape: Shape) -> str:
    """A name of that shape, or a view of something larger, or a new array."""
    names = w.find(shape)
    if names and w.chance(0.75):
        return _named(w, w.one_of(names))
    for read in [_row, _slice, _row, _reversed]:
        text = read(w, shape) if w.chance(0.4) else None
        if text is not None:
            return text
    return _named(w, w.one_of(names)) if names else _constant_array(w, shape)


def _named(w: Writer, var: Var) -> str:
    if var.name.startswith("p["):
        w.note("item read")
    elif var.name.startswith("p."):
        w.note("attribute read")
    return var.name


def _constant_array(w: Writer, shape: Shape) -> str:
    w.note("zeros or full")
    size = repr(shape) if len(shape) > 1 else str(shape[0])
    return w.one_of([f"np.full({size}, {w.number()})", f"np.ones({size})", f"np.zeros({size})"])


def index(w: Writer, length: int) -> str:
    """An index within an axis: a literal, a negative one, an integer in scope."""
    ints = w.ints()
    if ints and w.chance(0.6):
        i = w.one_of(ints)
        if i.low >= 0 and i.high < length:
            return w.one_of([i.name, i.name, f"-1 - {i.name}"])
        w.note("floor or modulo")
        return f"{i.name} % {length}"
    return str(int(w.rng.integers(-length, length)))


def element(w: Writer, var: Var) -> str:
    """One number of an array."""
    if len(var.shape) == 2 and w.chance(0.2):
        return f"{var.name}[{index(w, var.shape[0])}][{index(w, var.shape[1])}]"
    return f"{var.name}[{', '.join(index(w, n) for n in var.shape)}]"


def slice_of(w: Writer, length: int, size: int) -> str | None:
    """A slice with `size` of `length` items."""
    if size > length:
        return None
    start = int(w.rng.integers(0, length - size + 1))
    options = [f"{start}:{start + size}"]
    if size == length:
        options += [":"]
    if start == 0:
        options += [f":{size}", f":{size}"]
    if start + size == length:
        options += [f"{start}:", f"-{size}:"]
    if (length + 1) // 2 == size:
        options += ["::2", "::2"]
    return w.one_of(options)


def _row(w: Writer, shape: Shape) -> str | None:
    rows = [v for v in w.arrays(2) if shape in ((v.shape[1],), (v.shape[0],))]
    if not (rows and w.may("index read")):
        return None
    var = w.one_of(rows)
    w.note("index read")
    if (var.shape[1],) == shape:
        return f"{var.name}[{index(w, var.shape[0])}]"
    if w.chance(0.3) and w.may("attribute"):
        w.note("attribute")
        return f"{var.name}.T[{index(w, var.shape[1])}]"
    return f"{var.name}[:, {index(w, var.shape[1])}]"


def _slice(w: Writer, shape: Shape) -> str | None:
    longer = [v for v in w.arrays(len(shape)) if all(a >= b for a, b in zip(v.shape, shape, strict=True))]
    if not (longer and w.may("slice read")):
        return None
    var = w.one_of(longer)
    w.note("slice read")
    return f"{var.name}[{', '.join(str(slice_of(w, n, size)) for n, size in zip(var.shape, shape, strict=True))}]"


def _reversed(w: Writer, shape: Shape) -> str | None:
    if len(shape) != 1 or not w.find(shape) or not w.may("slice read"):
        return None
    w.note("slice read")
    return f"{w.one_of(w.find(shape)).name}[::-1]"


# Operations


def _module(w: Writer, shape: Shape) -> str:
    if not shape and w.may("math") and w.chance(0.5):
        w.note("math")
        return "math"
    return "np"


def _binary(w: Writer, shape: Shape, depth: int) -> str:
    w.note("arithmetic")
    a, b = expression(w, shape, depth), expression(w, shape if w.chance(0.6) else (), depth)
    if w.chance(0.3):
        a, b = b, a
    return f"({a} {w.one_of(['+', '-', '*'])} {b})"


def _divide(w: Writer, shape: Shape, depth: int) -> str:
    w.note("division")
    b = expression(w, shape, depth)
    return f"({atom(w, shape)} / ({w.number(1.1, 1.9)} + {b} * {b}))"


def _power(w: Writer, shape: Shape, depth: int) -> str:
    w.note("power")
    a = expression(w, shape, depth)
    return w.one_of([f"({a}) ** 2", f"(1.1 + ({a}) ** 2) ** {w.number(-0.9, 0.9)}", f"({a}) ** 3", f"1.3 ** ({a})"])


def _unary(w: Writer, shape: Shape, depth: int) -> str:
    a, module = expression(w, shape, depth), _module(w, shape)
    return w.one_of(
        [
            f"{module}.sin({a})",
            f"{module}.tanh({a})",
            f"{module}.cos({a})",
            f"{module}.sqrt(1.3 + ({a}) ** 2)",
            f"{module}.exp(-{module}.sin({a}))",
        ]
    )


def _minus(w: Writer, shape: Shape, depth: int) -> str | None:
    w.note("unary minus")
    return f"(-{atom(w, shape)})" if depth >= 0 else None


def _modulo(w: Writer, shape: Shape, depth: int) -> str | None:
    if not w.may("floor or modulo") or not w.chance(0.3):
        return None
    w.note("floor or modulo")
    return f"({expression(w, shape, depth)} {w.one_of(['%', '//'])} {w.number(0.6, 0.9)})"


def _builtin(w: Writer, shape: Shape, depth: int) -> str | None:
    a, b = expression(w, shape, depth), atom(w, ())
    options = {"abs()": f"abs({a})"}
    if not shape:
        options |= {"max()": w.one_of([f"max({a}, {b})", f"min({b}, {a})"]), "float()": f"float({a})"}
        if w.arrays():
            options |= {"len()": f"{w.number()} * len({w.one_of(w.arrays()).name})"}
    name = w.one_of([key for key in options if w.may(key)] or [""])
    w.note(*([name] if name else []))
    return options.get(name)


def _ternary(w: Writer, shape: Shape, depth: int) -> str | None:
    if not w.may("ternary"):
        return None
    w.note("ternary")
    return f"({expression(w, shape, depth)} if {condition(w, 0)} else {expression(w, shape, depth)})"


def _reduce(w: Writer, shape: Shape, depth: int) -> str | None:
    if shape or not w.arrays():
        return None
    var = w.one_of(w.arrays())
    w.note("reduction")
    inner = expression(w, var.shape, depth) if w.chance(0.3) else var.name
    if w.chance(0.4) and w.may("method"):
        w.note("method")
        return f"({inner}).{w.one_of(['sum', 'mean', 'max', 'sum'])}()"
    return f"np.{w.one_of(['sum', 'mean', 'max', 'min', 'mean'])}({inner})"


def _reduce_axis(w: Writer, shape: Shape, depth: int) -> str | None:
    if len(shape) != 1:
        return None
    found = [(v, axis) for v in w.arrays(2) for axis in (0, 1) if v.shape[1 - axis] == shape[0]]
    if not found:
        return None
    var, axis = w.one_of(found)
    w.note("reduction")
    return w.one_of(
        [
            f"np.mean({var.name}, axis={axis})",
            f"np.sum({var.name} * {w.number()}, axis={axis})",
            f"np.max({var.name}, axis={axis - 2})",
        ]
    )


def _product(w: Writer, shape: Shape, depth: int) -> str | None:
    w.note("matmul")
    if not shape and w.arrays(1):
        var = w.one_of(w.arrays(1))
        other = vector_atom(w, var.shape)
        return w.one_of([f"({var.name} @ {other})", f"np.dot({other}, {var.name})"])
    if len(shape) == 1 and w.arrays(2):
        var = w.one_of(w.arrays(2))
        if var.shape[0] == shape[0]:
            return f"({w.number(0.1, 0.4)} * {var.name} @ {vector_atom(w, (var.shape[1],))})"
        if var.shape[1] == shape[0]:
            return f"({vector_atom(w, (var.shape[0],))} @ {var.name})"
    if len(shape) == 2:
        return f"({expression(w, (shape[0], 2), depth - 1)} @ {expression(w, (2, shape[1]), depth - 1)})"
    return None


def _outer(w: Writer, shape: Shape, depth: int) -> str | None:
    if len(shape) != 2:
        return None
    w.note("outer")
    a, b = vector_atom(w, (shape[0],)), vector_atom(w, (shape[1],))
    return w.one_of([f"np.outer({a}, {b})", f"({a}[:, None] - {b}[None, :])", f"({a}[:, None] * {b})"])


def _select(w: Writer, shape: Shape, depth: int) -> str | None:
    if not shape:
        return None
    a, b = expression(w, shape, depth), expression(w, shape if w.chance(0.5) else (), depth)
    if w.chance(0.5) and w.may("where"):
        w.note("where")
        return f"np.where({mask(w, shape)}, {a}, {b})"
    w.note("maximum or clip")
    return w.one_of(
        [f"np.maximum({a}, {b})", f"np.minimum({b}, {a})", f"np.clip({a}, {w.number(-0.9, -0.2)}, {w.number()})"]
    )


def _singular(w: Writer, shape: Shape, depth: int) -> str | None:
    """A square root or power that is singular, or not even defined, where the mask is off."""
    if not shape or not w.may("singular off mask") or not w.chance(0.6):
        return None
    w.note("singular off mask", "where")
    a, c = vector_atom(w, shape), w.number(-0.2, 0.5)
    zero = f"({a} - {a})"
    return w.one_of(
        [
            f"np.where({a} > {c}, np.sqrt({a} - {c}), {w.number()})",
            f"np.where({a} > {c}, np.tanh(np.log({a} - {c})), 0.0)",
            f"np.where({zero} > 0.5, {zero} ** -0.5, {a})",
            f"np.where({zero} != 0, 1 / {zero}, {a})",
        ]
    )


def _shape_read(w: Writer, shape: Shape, depth: int) -> str | None:
    if shape or not w.arrays() or not w.may("attribute"):
        return None
    w.note("attribute")
    name = w.one_of(w.arrays()).name
    return f"{w.number()} * {name}.{w.one_of(['size', 'shape[0]', 'ndim', 'shape[-1]'])}"


def _method(w: Writer, shape: Shape, depth: int) -> str | None:
    if not shape or not w.may("method"):
        return None
    w.note("method")
    a = vector_atom(w, shape)
    return w.one_of([f"{a}.copy()", f"{a}.clip(-0.83, 0.77)", f"{a}.astype(np.float64)", f"({a}).cumsum(axis=0)"])


def _join(w: Writer, shape: Shape, depth: int) -> str | None:
    if len(shape) != 1 or shape[0] < 2 or not w.may("concatenate"):
        return None
    w.note("concatenate")
    if w.chance(0.5):
        return f"np.stack([{', '.join(expression(w, (), depth - 1) for _ in range(shape[0]))}])"
    cut = int(w.rng.integers(1, shape[0]))
    parts = [vector_atom(w, (cut,)), vector_atom(w, (shape[0] - cut,))]
    return f"np.concatenate([{', '.join(parts)}])"


def _transpose(w: Writer, shape: Shape, depth: int) -> str | None:
    if len(shape) != 2 or not w.find(shape[::-1]) or not w.may("attribute"):
        return None
    w.note("attribute")
    return f"{w.one_of(w.find(shape[::-1])).name}.T"


def _call(w: Writer, shape: Shape, depth: int) -> str | None:
    fitting = [helper for helper in w.helpers() if helper.returns == shape]
    return call(w, w.one_of(fitting), depth) if fitting else None


def call(w: Writer, helper: Helper, depth: int = 1) -> str:
    """A call of a helper: positional, by keyword, with defaults left out."""
    w.note(helper.construct)
    parts, keywords = [], False
    for name, shape, has_default in helper.params:
        if has_default and w.chance(0.5):
            w.note("default")
            keywords = True
            continue
        value = expression(w, shape, depth - 1)
        if w.may("keyword call") and (keywords or has_default) and name:
            w.note("keyword call")
            keywords = True
        parts.append(f"{name}={value}" if keywords else value)
    return f"{helper.name}({', '.join(parts)})"


_OPERATIONS: list[tuple[float, Producer]] = [
    (8, _binary),
    (3, _divide),
    (2, _power),
    (6, _unary),
    (1, _minus),
    (1, _modulo),
    (2.5, _builtin),
    (1.2, _ternary),
    (3, _reduce),
    (2, _reduce_axis),
    (2, _product),
    (2, _outer),
    (2.5, _select),
    (1.2, _singular),
    (1.2, _shape_read),
    (2, _method),
    (1.5, _join),
    (1.5, _transpose),
    (3.5, _call),
]
