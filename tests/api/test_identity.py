"""Which program runs: what was redefined, replaced, reloaded or edited since the last call is seen by the next one."""

from __future__ import annotations

import builtins
import collections
import dis
import functools
import importlib
import linecache
import math
import os
import py_compile
import sys
import textwrap
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import SourceError
from tests import finite

X = np.array([0.3, -0.7, 1.1])
GONE = (NameError, AttributeError, TypeError, ValueError, LookupError, srcgrad.SrcgradError)

scale: Any = 2.0
table: Any = np.array([1.0, 2.0, 3.0])
axis: Any = 0
flags: Any = {"square"}
names: Any = ["sin"]
nothing: Any = None


def square(v):
    return v * v


def cube(v):
    return v * v * v


callee: Any = square


def truth(f, x):
    """The gradient by finite differences."""
    return finite.gradient(f, (x,), 0)[0]


def follows(f: Callable[..., Any], x: Any, *changes: Callable[[], Any]) -> None:
    """One and the same derivative is right before and after each change; where a plain call raises, it raises too."""
    gradient = srcgrad.grad(f, fallback="error")
    check(f, gradient, x, -1)
    for number, change in enumerate(changes):
        change()
        check(f, gradient, x, number)


def check(f: Callable[..., Any], gradient: Callable[..., Any], x: Any, number: int) -> None:
    """Both modes against differences."""
    try:
        expected = truth(f, x)
    except GONE:
        with pytest.raises(GONE):
            gradient(x)
        return
    np.testing.assert_allclose(gradient(x), expected, rtol=1e-7, atol=1e-9, err_msg=f"change {number}")
    slope = srcgrad.jvp(f, (x,), (np.ones_like(x),))[1]
    np.testing.assert_allclose(slope, np.sum(expected), rtol=1e-7, atol=1e-9, err_msg=f"tangent, change {number}")


def put(name: str, value: Any, scope: dict[str, Any] | None = None) -> Callable[[], Any]:
    """Set a global."""
    return lambda: (globals() if scope is None else scope).__setitem__(name, value)


@pytest.fixture(autouse=True)
def restored():
    """Leave the globals of this module as they were."""
    before = dict(globals())
    table_before = table.copy()
    yield
    globals().clear()
    globals().update(before)
    table[:] = table_before
    flags.clear()
    flags.add("square")
    names[:] = ["sin"]


# --- the surrounding program --------------------------------------------------------------------------------------


def test_a_global_function():
    def f(x):
        return np.sum(callee(x))

    others = [cube, lambda v: np.sin(v), np.cos, functools.partial(np.multiply, 3.0), square]
    follows(f, X, *(put("callee", other) for other in others))


def test_a_global_number():
    def f(x):
        return np.sum(x**2) * scale

    kinds = [3.0, 4, np.float64(6.0), np.float32(2.0), True, np.array(3.0), -0.5]
    follows(f, X, *(put("scale", kind) for kind in kinds), lambda: globals().pop("scale"), put("scale", 2.0))


def test_a_global_array():
    def f(x):
        return np.sum(x**2 * table)

    kinds = [np.ones(3), np.ones((2, 3)), np.array([1, 2, 3]), [1.0, 2.0, 3.0], (1, 2, 3), 5.0]
    follows(f, X, lambda: table.__setitem__(0, 9.0), *(put("table", kind) for kind in kinds))


def test_a_number_that_is_built_in():
    def f(x):
        return np.sum(np.sum(x, axis=axis) ** 2)

    def first(x):
        return np.sum(np.sum(x, axis=axis[0]) ** 2)

    x = np.arange(6.0).reshape(2, 3)
    follows(f, x, *(put("axis", kind) for kind in (1, None, (0, 1), np.int64(1), 0)))
    put("axis", np.array([0]))()
    follows(first, x, lambda: axis.__setitem__(0, 1), put("axis", [0]), lambda: axis.__setitem__(0, 1))


def test_a_set_or_a_deque():
    def f(x):
        return np.sum(x**2) if "square" in flags else np.sum(x**3)

    other = collections.deque(["square"])
    follows(f, X, lambda: flags.remove("square"), lambda: flags.add("square"), put("flags", other), other.clear,
            put("flags", {"square": 1}), put("flags", "no"))  # fmt: skip


def test_a_list_of_names():
    def f(x):
        return sum(np.sum(getattr(np, name)(x)) for name in names)

    follows(f, X, lambda: names.append("cos"), lambda: names.__setitem__(0, "exp"), names.pop)


def test_none_that_becomes_a_number():
    def f(x):
        return np.sum(x**2) if nothing is None else np.sum(x**2) * nothing

    follows(f, X, put("nothing", 3.0), put("nothing", None), put("nothing", np.float64(2.0)))


def test_a_name_that_is_not_there_yet():
    code = "def f(x):\n    return np.sum(later(x))\ndef unless(x):\n    return np.sum(x) if x[0] > 0 else later(x)\n"
    scope = run(code, "<later>")
    gradient = srcgrad.grad(scope["f"])
    with pytest.raises(NameError, match="name 'later' is not defined"):
        gradient(X)
    follows(scope["unless"], X)
    scope["later"] = cube
    np.testing.assert_allclose(gradient(X), 3 * X**2)


def test_a_builtin_that_is_hidden():
    def f(x):
        return abs(x) + x * x

    follows(f, 0.3, put("abs", cube), lambda: globals().pop("abs"))


def test_a_builtin_that_is_replaced(monkeypatch):
    def f(x):
        return round(x) * x

    gradient = srcgrad.grad(f)
    assert gradient(1.2) == 1.0
    monkeypatch.setattr(builtins, "round", square)
    assert gradient(1.2) == pytest.approx(3 * 1.2**2)


@pytest.mark.parametrize("module", [np, math])
def test_a_function_or_constant_of_a_module(module, monkeypatch):
    def f(x):
        return module.sin(x) * module.pi

    follows(f, 0.3, lambda: monkeypatch.setattr(module, "sin", cube), lambda: monkeypatch.setattr(module, "pi", 3.0))


def test_an_object_under_the_name_of_a_module():
    settings, others = types.SimpleNamespace(pi=2.0), types.SimpleNamespace(k=3.0)
    code = "def f(x):\n    return math.pi * x * x * np.k\n"
    scope = {"math": settings, "np": others}
    run(code, "<settings>", scope)
    follows(scope["f"], 0.3, lambda: setattr(settings, "pi", 5.0), lambda: setattr(others, "k", 7.0))


def test_an_attribute_of_a_module():
    module = types.ModuleType("module")
    module.h = square

    def f(x):
        return np.sum(module.h(x))

    follows(
        f, X, lambda: setattr(module, "h", cube), lambda: delattr(module, "h"), lambda: setattr(module, "h", np.exp)
    )


def test_a_dispatch_table():
    ways: dict[str, Any] = {"a": square, "b": cube}

    def f(x):
        return np.sum(ways["a"](x))

    follows(f, X, put("a", cube, ways), put("a", np.exp, ways), lambda: ways.pop("b"), lambda: ways.pop("a"))


def test_settings():
    config = types.SimpleNamespace(mode="a", twice=True, inner=types.SimpleNamespace(k=2))

    def f(x):
        y = x**2 if config.mode == "a" else x**3
        if config.twice:
            y = y * 2
        for _ in range(config.inner.k):
            y = y * x
        return np.sum(y)

    follows(
        f,
        X,
        lambda: setattr(config, "mode", "b"),
        lambda: setattr(config, "twice", False),
        lambda: setattr(config.inner, "k", 4),
        lambda: setattr(config, "inner", types.SimpleNamespace(k=1)),
        lambda: setattr(config, "twice", 1),
        lambda: setattr(config, "mode", None),
    )


# --- functions ----------------------------------------------------------------------------------------------------


def test_cells():
    k, fn, array, items, table_ = 2.0, square, np.ones(3), [1.0, 2.0], {"a": 1.0}

    def f(x):
        return np.sum(fn(x) * k * array) * items[0] * table_["a"]

    def number():
        nonlocal k
        k = 3.0

    def function():
        nonlocal fn
        fn = cube

    def other_array():
        nonlocal array
        array = np.arange(3.0)

    def no_array():
        nonlocal array
        array = 4.0

    def other_items():
        nonlocal items
        items = (3.0, 4.0)

    def gone():
        nonlocal k
        del k

    follows(f, X, number, function, other_array, lambda: put("a", 3, table_)(), no_array, lambda: put(0, 9.0, items)(),
            other_items, lambda: table_.update(b=3), gone, number)  # fmt: skip


def test_functions_made_in_loops():
    made = [lambda x, k=k: np.sum(x**2) * k for k in (1.0, 2.0, 3.0)]
    late = [lambda x: np.sum(x**2) * k for k in (1.0, 2.0, 3.0)]
    powers = []
    for n in range(3):

        def power(x, n=n):
            return np.sum(x ** (n + 1))

        powers.append(power)
    for f in (*made, *late, *powers):
        follows(f, X)

    def total(x):
        return sum(np.sum(h(x)) for h in powers)

    follows(total, X, powers.pop, lambda: powers.append(np.sin), lambda: put(0, np.exp, powers)())


def test_own_defaults():
    def f(x, k=2.0, *, m=1.0):
        return np.sum(x**2) * k * m

    follows(
        f,
        X,
        lambda: setattr(f, "__defaults__", (5.0,)),
        lambda: setattr(f, "__defaults__", (np.array(3.0),)),
        lambda: setattr(f, "__kwdefaults__", {"m": 7}),
        lambda: put("m", 6.0, f.__kwdefaults__)(),
        lambda: setattr(f, "__kwdefaults__", None),
    )


def test_defaults_of_a_callee():
    def h(x, k=2.0, *, m=3.0):
        return x**2 * k * m

    def f(x):
        return np.sum(h(x))

    follows(
        f,
        X,
        lambda: setattr(h, "__defaults__", (5.0,)),
        lambda: setattr(h, "__kwdefaults__", {"m": 7.0}),
        lambda: put("m", 8.0, h.__kwdefaults__)(),
        lambda: setattr(h, "__defaults__", (np.arange(3.0),)),
        lambda: setattr(h, "__defaults__", None),
    )


def test_code_that_is_replaced():
    def h(x):
        return x * x

    def f(x):
        return np.sum(h(x))

    def other(x, power=3.0):
        return np.sum(h(x) ** power)

    def extended():
        f.__code__, f.__defaults__ = other.__code__, other.__defaults__

    follows(f, X, lambda: setattr(h, "__code__", cube.__code__), extended)
    gradient = srcgrad.grad(f)
    np.testing.assert_allclose(gradient(X, 1.0), gradient(X, power=1.0))


def test_wrappers():
    def times(k):
        def decorate(fn):
            @functools.wraps(fn)
            def wrapper(*args, **kwargs):
                return k * fn(*args, **kwargs)

            return wrapper

        return decorate

    @times(3.0)
    def f(x, y=2.0):
        return np.sum(x**2) * y

    follows(
        f,
        X,
        lambda: setattr(f, "__wrapped__", None),
        lambda: setattr(f.__closure__[0], "cell_contents", lambda x: np.sum(x**3)),
        lambda: setattr(f.__closure__[1], "cell_contents", 9.0),
    )


def test_arguments_of_a_wrapper_by_name():
    @functools.wraps(square)
    def wrapper(*args, **kwargs):
        return 3.0 * square(*args, **kwargs)

    assert srcgrad.grad(wrapper, argnames="v")(2.0) == 12.0
    assert srcgrad.grad(wrapper, argnames="v")(v=2.0) == 12.0
    with pytest.raises(srcgrad.SrcgradError):
        srcgrad.grad(wrapper, argnames="w")(2.0)


def test_partials():
    def h(a, b, k=1.0):
        return a * b**2 * k

    part = functools.partial(h, 2.0, k=4.0)

    def f(x):
        return part(x)

    def replaced():
        nonlocal part
        part = functools.partial(h, 3.0)

    follows(f, 0.3, lambda: put("k", 8.0, part.keywords)(), replaced)
    whole = functools.partial(h, 2.0, k=4.0)
    follows(whole, 0.3, lambda: put("k", 7.0, whole.keywords)(), lambda: put("k", 7, whole.keywords)())


def test_derivatives_of_derivatives():
    second = srcgrad.grad(srcgrad.grad(lambda x: callee(x)))
    assert second(0.3) == pytest.approx(2.0)
    put("callee", cube)()
    assert second(0.3) == pytest.approx(1.8)


# --- objects ------------------------------------------------------------------------------------------------------


class Net:
    """A model with every kind of attribute."""

    rate = 2.0

    def __init__(self):
        self.w = np.array([1.0, 2.0, 3.0])
        self.n = 2
        self.act = np.tanh

    def step(self, v):
        return self.act(v * self.w) * self.rate

    @property
    def size(self):
        return self.n * 1.0

    @staticmethod
    def double(v):
        return v * 2

    @classmethod
    def rated(cls, v):
        return v * cls.rate

    def __mul__(self, other):
        return self.w * other


class Deeper(Net):
    """One class further down."""


@pytest.fixture
def whole_classes():
    """Put the classes back."""
    before = {cls: dict(vars(cls)) for cls in (Net, Deeper)}
    yield
    for cls, content in before.items():
        for name in set(vars(cls)) - set(content):
            delattr(cls, name)
        for name, value in content.items():
            if vars(cls).get(name) is not value:
                setattr(cls, name, value)


CHANGES = {
    "method of the class": lambda net: setattr(Net, "step", lambda self, v: v * v * self.w),
    "method of the class below": lambda net: setattr(type(net), "step", lambda self, v: v**3 * self.w),
    "function on the object": lambda net: setattr(net, "step", lambda v: v * v * v),
    "property": lambda net: setattr(Net, "size", property(lambda self: 5.0 + self.n)),
    "number of the class": lambda net: setattr(Net, "rate", 7.0),
    "number on the object": lambda net: setattr(net, "rate", 8.0),
    "number built in": lambda net: setattr(net, "n", 3),
    "static method": lambda net: setattr(Net, "double", staticmethod(square)),
    "class method": lambda net: setattr(Net, "rated", classmethod(lambda cls, v: v * v * cls.rate)),
    "function": lambda net: setattr(net, "act", np.sin),
    "array": lambda net: setattr(net, "w", np.ones(3)),
    "element of an array": lambda net: put(1, 5.0, net.w)(),
    "operator": lambda net: setattr(Net, "__mul__", lambda self, other: self.w + other),
    "operator of the class below": lambda net: setattr(type(net), "__mul__", lambda self, other: self.w - 2 * other),
    "class": lambda net: setattr(net, "__class__", Net if type(net) is Deeper else Deeper),
}


def uses(net, x):
    """All of it."""
    return np.sum(net.step(x)) * net.size + np.sum(net.double(x) * net.rated(x)) + np.sum(net * x)


@pytest.mark.usefixtures("whole_classes")
@pytest.mark.parametrize("cls", [Net, Deeper])
@pytest.mark.parametrize("change", CHANGES)
def test_an_object_outside(cls, change):
    net = cls()
    follows(lambda x: uses(net, x), X, lambda: CHANGES[change](net))


@pytest.mark.usefixtures("whole_classes")
@pytest.mark.parametrize("cls", [Net, Deeper])
@pytest.mark.parametrize("change", CHANGES)
def test_an_object_as_argument(cls, change):
    net = cls()
    gradient = srcgrad.grad(lambda x, net: uses(net, x))
    for _ in range(2):
        np.testing.assert_allclose(gradient(X, net), truth(lambda x: uses(net, x), X), rtol=1e-7, atol=1e-9)
        CHANGES[change](net)


@pytest.mark.usefixtures("whole_classes")
def test_changes_one_after_the_other():
    net = Deeper()
    follows(lambda x: uses(net, x), X, *(functools.partial(change, net) for change in CHANGES.values()),
            lambda: delattr(net, "step"), lambda: delattr(Deeper, "step"), lambda: delattr(net, "rate"))  # fmt: skip


def test_objects_that_are_called():
    class Loss:
        """A callable object."""

        k = 2.0

        def __call__(self, x):
            return np.sum(x**2) * self.k

    loss = Loss()
    follows(loss, X, lambda: setattr(loss, "k", 3.0),
            lambda: setattr(Loss, "__call__", lambda self, x: np.sum(x**3) * self.k))  # fmt: skip


def test_a_constructor_that_is_replaced():
    class Scaled:
        """Made inside of the function."""

        def __init__(self, k):
            self.k = k

    def f(x):
        return np.sum(x**2) * Scaled(x[0]).k

    def init(self, k):
        self.k = 2 * k

    follows(f, X, lambda: setattr(Scaled, "__init__", init))


def test_bound_methods_are_not_compiled_again():
    net = Net()
    step = net.step

    def f(x):
        return np.sum(step(x)) + np.sum(Net.rated(x)) if "a".upper() == "A" else 0.0

    gradient = srcgrad.grad(f)
    gradient(X)
    before = gradient.ir
    gradient(X)
    assert gradient.ir is before


# --- texts --------------------------------------------------------------------------------------------------------


def run(code: str, name: str, scope: dict[str, Any] | None = None, keep: bool = True) -> dict[str, Any]:
    """Run a cell as a notebook does: compiled under a name, its text in linecache."""
    code = textwrap.dedent(code)
    if keep:
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    scope = {"np": np} if scope is None else scope
    exec(compile(code, name, "exec"), scope)
    return scope


def test_a_cell_that_is_run_again_with_other_code():
    scope = run("def h(x):\n    return x * x\n\ndef f(x):\n    return np.sum(h(x))\n", "<ipython-input-1-aaaa>")
    gradient = srcgrad.grad(scope["f"])
    np.testing.assert_allclose(gradient(X), 2 * X)
    run("def h(x):\n    return x * x * x\n", "<ipython-input-2-bbbb>", scope)
    np.testing.assert_allclose(gradient(X), 3 * X**2)
    run("def f(x):\n    return np.sum(h(x)) + x[0]\n", "<ipython-input-3-cccc>", scope)
    np.testing.assert_allclose(srcgrad.grad(scope["f"])(X), 3 * X**2 + [1, 0, 0])
    np.testing.assert_allclose(gradient(X), 3 * X**2)


def test_a_cell_name_that_is_used_again():
    name = "<ipython-input-7-dddd>"
    old = run("def f(x):\n    return np.sum(x * x)\n", name)["f"]
    gradient = srcgrad.grad(old, fallback="error")
    np.testing.assert_allclose(gradient(X), 2 * X)
    new = run("def f(x):\n    return np.sum(x * x * x)\n", name)["f"]
    np.testing.assert_allclose(srcgrad.grad(new)(X), 3 * X**2)
    np.testing.assert_allclose(gradient(X), 2 * X)  # its code was made while the text was there
    with pytest.raises(SourceError, match="is not what is running"):
        gradient(X.reshape(3, 1))


def module_of(folder, code, name="identity_module"):
    """Write and import a module."""
    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(code), encoding="utf-8")
    importlib.invalidate_caches()
    return importlib.import_module(name)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder that modules are imported from."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path
    sys.modules.pop("identity_module", None)


FIRST = "import numpy as np\ndef h(x):\n    return x * x\ndef f(x):\n    return np.sum(h(x))\n"
SECOND = "import numpy as np\n\n\ndef h(x):\n    return x * x * x\ndef f(x):\n    return 2 * np.sum(h(x))\n"


def test_a_module_that_is_edited_and_reloaded(folder):
    module = module_of(folder, FIRST)

    def user(x):
        return module.f(x)

    through, old = srcgrad.grad(user), srcgrad.grad(module.f, fallback="error")
    np.testing.assert_allclose(through(X), 2 * X)
    np.testing.assert_allclose(old(X), 2 * X)
    (folder / "identity_module.py").write_text(SECOND, encoding="utf-8")
    importlib.reload(module)
    np.testing.assert_allclose(through(X), 6 * X**2)
    np.testing.assert_allclose(srcgrad.grad(module.f)(X), 6 * X**2)
    with pytest.raises(SourceError, match="is not what is running"):  # the old function calls the new `h`
        old(X)


def test_functions_that_a_notebook_reloads_in_place(folder):
    """IPython's autoreload gives the old function objects the new code."""
    module = module_of(folder, FIRST)
    held = module.f
    gradient = srcgrad.grad(held)
    np.testing.assert_allclose(gradient(X), 2 * X)
    (folder / "identity_module.py").write_text(SECOND, encoding="utf-8")
    importlib.reload(module)
    held.__code__ = module.f.__code__
    np.testing.assert_allclose(gradient(X), 6 * X**2)


def refusal(f: Callable[..., Any]) -> SourceError:
    """What a call that may not be traced raises; `explain` gives the same reason."""
    with pytest.raises(SourceError) as caught:
        srcgrad.grad(f, fallback="error")(X)
    (reason,) = srcgrad.explain(srcgrad.grad(f, fallback="error"), X).reasons
    assert srcgrad.explain(srcgrad.grad(f, fallback="error"), X).path == "refused"
    assert caught.value.message in reason[2]
    assert caught.value.repair
    assert caught.value.repair.rstrip(".") in reason[2]
    return caught.value


def test_a_file_that_was_edited_since(folder):
    module = module_of(folder, FIRST)
    path = folder / "identity_module.py"
    path.write_text(FIRST.replace("x * x", "x * x * 5.0"), encoding="utf-8")
    error = refusal(module.h)
    assert (error.span.file, error.span.line) == (str(path), 2)
    assert error.reason == "the text at this line compiles to other bytecode: the file was edited since its import"
    assert "importlib.reload" in error.repair
    gradient = srcgrad.grad(module.f, fallback="error")  # its own text is the same, that of its callee is not
    with pytest.raises(srcgrad.SrcgradError, match="no source"):
        gradient(X)


def test_an_edit_of_another_function_does_not_matter(folder):
    module = module_of(folder, FIRST)
    (folder / "identity_module.py").write_text(FIRST + "# more\ndef g(x):\n    return x\n", encoding="utf-8")
    np.testing.assert_allclose(srcgrad.grad(module.f)(X), 2 * X)


def test_a_file_that_is_gone(folder):
    module = module_of(folder, FIRST)
    (folder / "identity_module.py").unlink()
    error = refusal(module.f)
    assert error.message == "the source of `f` is missing"
    assert "cannot be read" in error.reason


def test_a_module_of_bytecode_only(folder):
    path = folder / "identity_module.py"
    path.write_text(FIRST, encoding="utf-8")
    py_compile.compile(str(path), cfile=str(folder / "identity_module.pyc"))
    path.unlink()
    module = importlib.import_module("identity_module")
    assert dis.Bytecode(module.f)
    assert refusal(module.f).message == "the source of `f` is missing"


def test_text_that_was_not_kept():
    error = refusal(run("def f(x):\n    return np.sum(x)\n", "<string>", keep=False)["f"])
    assert error.reason == "it was made by exec or eval from a string that was not kept (<string>)"
    assert "linecache" in error.repair


def test_a_frozen_module():
    frozen = importlib.import_module("importlib._bootstrap")
    error = refusal(frozen._verbose_message)
    assert error.message == "the source of `_verbose_message` is missing"
    assert "frozen" in error.reason


def test_compiled_code():
    assert refusal(os.fspath).reason == "it is compiled code (builtins.builtin_function_or_method)"
    with pytest.raises(srcgrad.SrcgradError, match="no rule and no source"):
        srcgrad.grad(lambda x: math.fsum(x) * len(os.urandom(1)), fallback="error")(X)
