"""Random statements that do not hold blocks: assignments, writes, views, calls, effects, other dtypes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.fuzz.expressions import atom, call, condition, damped, expression, index, mask, scalar_atom, slice_of
from tests.fuzz.writer import Helper, Int, Shape, Var, Writer

Statement = Callable[[Writer], bool]


def some_shape(w: Writer) -> Shape:
    """A shape that some name has, numbers most often."""
    arrays = w.arrays()
    return w.one_of(arrays).shape if arrays and w.chance(0.55) else ()


def _prefix(shape: Shape) -> str:
    return ("s", "v", "m")[len(shape)]


def _in_c_order(text: str) -> bool:
    """May the value be taken to be contiguous? Transposes and columns carry their order into results."""
    return ".T" not in text and "[:, " not in text


# Assignments


def assign(w: Writer) -> bool:
    shape = some_shape(w)
    text, name = damped(w, shape), w.fresh(_prefix(shape))
    w.note("assign")
    if not shape and w.may("annotated assign") and w.chance(0.15):
        w.note("annotated assign")
        w.line(f"{name}: float = {text}")
    else:
        w.line(f"{name} = {text}")
    w.define(Var(name, shape, contiguous=_in_c_order(text)))
    return True


def rebind(w: Writer) -> bool:
    found = [v for v in w.vars() if v.dtype == "float64" and w.may_rebind(v)]
    if not found or not w.may("rebind"):
        return False
    var = w.one_of(found)
    text = damped(w, var.shape)
    w.note("rebind")
    w.line(f"{var.name} = {text}")
    w.rebind(var, _in_c_order(text))
    return True


def change_kind(w: Writer) -> bool:
    """A name that was an array becomes a number: only where nothing that ran before reads it again."""
    found = [
        v for v in w.arrays() if v.name in w.frames[-1].vars and v.bound and v.name not in w.pinned and not v.argument
    ]
    if not found or w.depth or not w.may("change kind"):
        return False
    var = w.one_of(found)
    w.note("change kind")
    w.line(f"{var.name} = np.mean({damped(w, var.shape, 1)})")
    w.define(Var(var.name))
    return True


def tuple_assign(w: Writer) -> bool:
    if not w.may("tuple assign"):
        return False
    w.note("tuple assign")
    shapes = [some_shape(w), ()]
    names, texts = [w.fresh(_prefix(s)) for s in shapes], [damped(w, s, 1) for s in shapes]
    w.line(w.one_of([f"{', '.join(names)} = {', '.join(texts)}", f"({', '.join(names)}) = [{', '.join(texts)}]"]))
    for name, shape, text in zip(names, shapes, texts, strict=True):
        w.define(Var(name, shape, contiguous=_in_c_order(text)))
    return True


def swap(w: Writer) -> bool:
    """Two names, or two elements, change places."""
    found = [v for v in w.find(some_shape(w)) if w.may_rebind(v)]
    local = all(v.name in w.frames[-1].vars for v in found)
    if len(found) < 2 or not w.may("swap") or not (local or w.chance(0.5)):
        return _swap_elements(w)
    order = w.rng.permutation(len(found))
    a, b = found[int(order[0])], found[int(order[1])]
    w.note("swap")
    w.line(f"{a.name}, {b.name} = {b.name}, {a.name}")
    if local:  # the memories change hands
        frame = w.frames[-1].vars
        frame[a.name], frame[b.name] = replace(b, name=a.name), replace(a, name=b.name)
    return True


def _swap_elements(w: Writer) -> bool:
    if not w.arrays(1) or not w.may("swap", "index write"):
        return False
    var = _written(w, w.one_of(w.arrays(1)))
    i, j = index(w, var.shape[0]), index(w, var.shape[0])
    w.note("swap", "index write")
    w.line(f"{var.name}[{i}], {var.name}[{j}] = {var.name}[{j}], {var.name}[{i}]")
    return True


def chained_assign(w: Writer) -> bool:
    """``a = b = value``: two names of one array, or of one number."""
    shape = some_shape(w)
    if not w.may("chained assign") or (shape and not w.may("alias")):
        return False
    text, names = damped(w, shape), [w.fresh(_prefix(shape)) for _ in range(2)]
    w.note("chained assign", *(["alias"] if shape else []))
    w.line(f"{names[0]} = {names[1]} = {text}")
    first = w.define(Var(names[0], shape, contiguous=_in_c_order(text)))
    w.define(replace(first, name=names[1], storage=first.storage if shape else -1))
    return True


def augmented_assign(w: Writer) -> bool:
    """An update of a number (rebinds) or of an array (in place, seen by every name of its memory)."""
    found = [v for v in w.vars() if v.dtype == "float64" and (v.shape or v.bound)]
    if not found or not w.may("augmented assign"):
        return False
    var = w.one_of(found)
    w.note("augmented assign")
    if var.shape:
        if not w.may("augmented write"):
            return False
        _written(w, var)
    if not var.bound:  # an item of a container cannot be an augmented target: its array can
        w.line(f"{var.name}[:] {_update(w, var.shape)}")
    else:
        w.line(f"{var.name} {_update(w, var.shape)}")
    return True


def _update(w: Writer, shape: Shape) -> str:
    """An operator and a right side after which nothing is much larger than before."""
    a = expression(w, shape if w.chance(0.7) else (), 1)
    b = atom(w, ())
    trig = "np.sin" if shape else w.one_of(["np.sin", "math.sin"] if w.may("math") else ["np.sin"])
    return w.one_of([f"+= {w.number(0.1, 0.4)} * np.tanh({a})", f"*= np.cos({a})", f"-= {w.number(0.1, 0.4)} * np.sin({a})",
                     f"/= {w.number(1.1, 1.6)} + ({a}) ** 2", f"+= {w.number(0.1, 0.3)} * {trig}({b})"])  # fmt: skip


def number_list(w: Writer) -> bool:
    """A list or tuple literal, read back by constant index or unpacked."""
    kind = w.one_of(["list literal", "tuple literal"])
    if not w.may(kind):
        return False
    w.note(kind)
    name, items = w.fresh("xs"), [expression(w, (), 1) for _ in range(3)]
    w.line(f"{name} = [{', '.join(items)}]" if kind == "list literal" else f"{name} = ({', '.join(items)})")
    if w.chance(0.4) and w.may("unpack"):
        w.note("unpack")
        names = [w.fresh("s") for _ in items]
        w.line(f"{', '.join(names)} = {name}")
        for each in names:
            w.define(Var(each))
    else:
        w.define(Var(f"{name}[{w.rng.integers(-3, 3)}]", bound=False))
    return True


def buffer(w: Writer) -> bool:
    """A new array of zeros or like another, filled element by element."""
    if not w.arrays(1) or not w.may("index write", "zeros or full"):
        return False
    var, name = w.one_of(w.arrays(1)), w.fresh("v")
    n = var.shape[0]
    w.note("zeros or full", "index write")
    w.line(f"{name} = " + w.one_of([f"np.zeros({n})", f"np.zeros_like({var.name})", f"np.full({n}, {w.number()})",
                                    f"np.ones({n})", f"np.empty_like({var.name})"]))  # fmt: skip
    if "empty" in w.lines[-1]:
        w.line(f"{name}[:] = {damped(w, (n,))}")
        w.note("slice write")
    w.define(Var(name, (n,)))
    w.line(f"{name}[{index(w, n)}] = {damped(w, ())}")
    return True


# Writes


def _written(w: Writer, var: Var) -> Var:
    """Note what kind of memory is written."""
    if var.argument:
        w.note("write argument")
    if var.view or any(v.storage == var.storage and v.name != var.name for v in w.vars()):
        w.note("write through view")
    return var


def _target(w: Writer) -> Var | None:
    found = w.arrays()
    if not w.may("write argument"):
        found = [v for v in found if not v.argument]
    return _written(w, w.one_of(found)) if found else None


def index_write(w: Writer) -> bool:
    var = _target(w) if w.may("index write") else None
    if var is None:
        return False
    place = f"{var.name}[{', '.join(index(w, n) for n in var.shape)}]"
    w.note("index write")
    w.line(f"{place} = {damped(w, ())}")
    return True


def slice_write(w: Writer) -> bool:
    var = _target(w) if w.may("slice write") else None
    if var is None:
        return False
    size = tuple(int(w.rng.integers(1, n + 1)) for n in var.shape)
    place = ", ".join(str(slice_of(w, n, k)) for n, k in zip(var.shape, size, strict=True))
    value = damped(w, size) if w.chance(0.7) else damped(w, ())
    w.note("slice write")
    w.line(f"{var.name}[{place}] = {value}")
    return True


def row_write(w: Writer) -> bool:
    if not w.arrays(2) or not w.may("row or column write"):
        return False
    var = _written(w, w.one_of(w.arrays(2)))
    n, m = var.shape
    w.note("row or column write")
    if w.chance(0.5):
        w.line(f"{var.name}[{index(w, n)}] " + w.one_of([f"= {damped(w, (m,))}", _update(w, (m,))]))
    else:
        w.line(
            f"{var.name}[:, {index(w, m)}] "
            + w.one_of([f"= {damped(w, (n,))}", f"= {damped(w, ())}", _update(w, (n,))])
        )
    return True


def augmented_write(w: Writer) -> bool:
    var = _target(w) if w.may("augmented write") else None
    if var is None:
        return False
    w.note("augmented write")
    if w.chance(0.6):
        w.line(f"{var.name}[{', '.join(index(w, n) for n in var.shape)}] {_update(w, ())}")
        return True
    size = tuple(int(w.rng.integers(1, n + 1)) for n in var.shape)
    place = ", ".join(str(slice_of(w, n, k)) for n, k in zip(var.shape, size, strict=True))
    w.line(f"{var.name}[{place}] {_update(w, size)}")
    return True


def overlapping_write(w: Writer) -> bool:
    """The right side reads the memory that the left side writes, at other places."""
    found = [v for v in w.arrays() if v.shape[0] >= 3]
    if not found or not w.may("overlapping write"):
        return False
    var = _written(w, w.one_of(found))
    x, c = var.name, w.number(0.1, 0.4)
    w.note("overlapping write")
    w.line(w.one_of([f"{x}[1:] += {c} * {x}[:-1]", f"{x}[1:-1] += {c} * ({x}[2:] - 2 * {x}[1:-1] + {x}[:-2])",
                     f"{x}[:-1] = {x}[1:]", f"{x}[:] = {x}[::-1]", f"{x}[1:] *= np.cos({x}[:-1])"]))  # fmt: skip
    return True


def masked_write(w: Writer) -> bool:
    var = _target(w) if w.may("masked write") else None
    if var is None:
        return False
    name = w.fresh("on")
    w.note("masked write", "mask")
    w.line(f"{name} = {mask(w, var.shape)}")
    other = w.one_of(w.find(var.shape)).name
    w.line(f"{var.name}[{name}] " + w.one_of([f"= {damped(w, ())}", f"*= {w.number()}", f"= np.sin({other}[{name}])",
                                             f"+= {w.number(0.1, 0.4)} * {other}[{name}]"]))  # fmt: skip
    return True


def mask_read(w: Writer) -> bool:
    """A sum over the elements where a singular function is defined."""
    if not w.arrays() or not w.may("mask"):
        return False
    var, name, c = w.one_of(w.arrays()), w.fresh("s"), w.number(-0.3, 0.4)
    w.note("mask", "singular off mask")
    inner = w.one_of(["np.log", "np.sqrt"]) + f"({var.name}[{var.name} > {c}] - {c})"
    w.line(f"{name} = {w.number(0.1, 0.4)} * np.sum(np.tanh({inner}))")
    w.define(Var(name))
    return True


# Views


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
    _written(w, var)
    if w.chance(0.5):
        w.note("index write")
        w.line(f"{var.name}[{', '.join(index(w, n) for n in var.shape)}] = {damped(w, ())}")
    else:
        w.note("augmented write")
        w.line(f"{var.name}[{w.one_of([':', '...'])}] {_update(w, var.shape)}")


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
        return ("reshape view", flat, (n * m,), True) if w.chance(0.6) else (
            "reshape view", f"{var.name}.reshape({m}, {n})", (m, n), True)  # fmt: skip
    n = var.shape[0]
    return "reshape view", f"{var.name}.reshape({n}, 1)", (n, 1), True


# Calls and functions made on the spot


def call_helper(w: Writer) -> bool:
    if not w.helpers():
        return False
    helper = w.one_of(w.helpers())
    if helper.returns is None:
        return _call_for_effect(w, helper)
    name = w.fresh(_prefix(helper.returns))
    w.line(f"{name} = {call(w, helper, 2)}")
    w.define(Var(name, helper.returns, contiguous=False))
    return True


def _call_for_effect(w: Writer, helper: Helper) -> bool:
    """A call of a function that writes its argument: the argument must be a name."""
    found = w.find(helper.params[0][1])
    if not found:
        return False
    var = _written(w, w.one_of(found))
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


# Effects


def effect(w: Writer) -> bool:
    name = w.one_of([n for n in ("assert", "raise", "print") if w.may(n, *(["if"] if n == "raise" else []))] or [""])
    if not name:
        return False
    w.note(name, *(["if"] if name == "raise" else []))
    ints = w.ints()
    if name == "print":
        w.line(f'print("at {w.fresh("line")}"{", " + w.one_of(ints).name if ints else ""})')
    elif name == "assert":
        w.line(f'assert {scalar_atom(w)} < 1e9, "{w.fresh("too large ")}"')
    else:
        w.line(f"if {scalar_atom(w)} > 1e9:")
        w.line(f'    raise ValueError("{w.fresh("too large ")}")')
    return True


# Other dtypes


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
    if w.chance(0.5):
        use, name = (
            w.one_of([f"float(np.sum({q} * {c}))", f"float({q}[{index(w, n)}])", f"float({q}.mean())"]),
            w.fresh("s"),
        )
        w.line(f"{name} = {use}")
        w.define(Var(name))
        return True
    w.line(w.one_of([f"{q} *= {c}", f"{q}[{index(w, n)}] = {damped(w, ())}", f"{q}[:] = np.sin({q} * {c})",
                     f"{q} += {c} * np.tanh({q})", f"{q}[1:] += {c} * {q}[:-1]"]))  # fmt: skip
    _written(w, var)
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
        w.line(f"{name} = " + w.one_of([f"np.exp(1j * {a.name})", f"{a.name} + 1j * {b}", f"({w.number()} - 0.31j) * {a.name}",
                                        f"{a.name} * np.exp(0.7j * np.tanh({b}))"]))  # fmt: skip
        w.define(Var(name, a.shape, "complex128"))
        return True
    return _use_complex(w, w.one_of(found)) if w.chance(0.5) else _change_complex(w, w.one_of(found))


def _use_complex(w: Writer, var: Var) -> bool:
    z, shape = var.name, var.shape if w.chance(0.5) else ()
    item = z if shape else f"{z}[{index(w, var.shape[0])}]"
    name = w.fresh(_prefix(shape))
    text = w.one_of([f"{item}.real", f"{item}.imag", f"np.real({item} * (0.4 - 0.7j))", f"abs({item} + 2.6)",
                     f"({item} * {item}.conj()).real", f"np.tanh(np.imag({item} * np.conj({item} + 1.2)))"])  # fmt: skip
    w.line(f"{name} = {w.number(0.3, 0.8)} * {text}")
    w.define(Var(name, shape))
    return True


def _change_complex(w: Writer, var: Var) -> bool:
    z, n = var.name, var.shape[0]
    real = expression(w, var.shape, 1)
    _written(w, var)
    w.line(w.one_of([f"{z} *= 0.6 + {w.number(0.1, 0.7)}j", f"{z}[{index(w, n)}] = {damped(w, ())} - 0.4j",
                     f"{z}[{index(w, n)}] += 0.3j * np.sin({atom(w, ())})", f"{z} /= 1.4 + np.abs({z}) ** 2",
                     f"{z} *= np.cos({real})", f"{z}[:] = np.conj({z}) * {z}[0] / (1.2 + abs({z}[0]) ** 2)",
                     f"{z}[1:] = {z}[:-1] * 0.8j"]))  # fmt: skip
    return True


def int_then_float(w: Writer) -> bool:
    """A counter that starts as an integer and becomes a float in a loop."""
    if not w.may("int then float", "for range") or w.depth >= w.max_depth:
        return False
    w.note("int then float", "for range", "augmented assign")
    name, i = w.fresh("s"), w.fresh("i")
    w.line(f"{name} = 0")
    w.line(f"for {i} in range({w.rng.integers(1, 4)}):")
    with w.block(loop=True):
        w.frames[-1].ints[i] = Int(i, 0, 3)
        w.line(f"{name} += {w.number(0.1, 0.5)} * {damped(w, ())}")
    w.define(Var(name))
    return True


SIMPLE: list[tuple[float, Statement]] = [
    (7, assign), (7, rebind), (3, change_kind), (1.5, tuple_assign), (1.5, swap), (1.5, chained_assign),
    (4, augmented_assign), (2, number_list), (1.5, buffer), (3, index_write), (3, slice_write), (2.5, row_write),
    (3, augmented_write), (1.5, overlapping_write), (1.2, masked_write), (0.8, mask_read), (6, view), (5, call_helper),
    (1.5, make_lambda), (1, make_closure), (2.6, effect), (1.5, float32), (2, complex_numbers), (1.1, int_then_float),
]  # fmt: skip
