"""How derivatives are called: decorators, arguments, kinds, results, keys, guards, threads."""

from __future__ import annotations

import functools
import inspect
import pickle
import threading
import warnings
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

import srcgrad
from srcgrad import grad, value_and_grad

X = np.array([1.0, 2.0, 3.0])


# --- decorators and options -------------------------------------------------------------------------------------


@grad
def bare(x):
    """A square."""
    return x * x


@grad()
def empty(x):
    return x * x


@grad(argnums=1)
def second(x, y):
    return x * y * y


@value_and_grad(argnums=(0, 1), has_aux=True)
def with_aux(x, y, scale=2.0):
    return x * y * scale, {"sum": x + y}


def test_decorator_forms():
    assert bare(3.0) == 6.0
    assert empty(3.0) == 6.0
    assert second(2.0, 3.0) == 12.0
    assert with_aux(2.0, 3.0) == ((12.0, {"sum": 5.0}), (6.0, 4.0))
    assert with_aux(2.0, 3.0, scale=1.0) == ((6.0, {"sum": 5.0}), (3.0, 2.0))
    assert grad(lambda x: (x * x, "text"), has_aux=True)(3.0) == (6.0, "text")


def test_metadata():
    assert bare.__name__ == "bare"
    assert bare.__doc__ == "A square."
    assert bare.__module__ == __name__
    assert inspect.signature(with_aux) == inspect.signature(with_aux.primal)
    assert bare.__wrapped__ is bare.primal
    assert repr(bare) == "<grad of bare>"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda f: grad(f, argnums=2), "argnums=2 is out of range: f\\(\\) has 2 positional parameters"),
        (lambda f: grad(f, argnums=-3), "argnums=-3 is out of range"),
        (lambda f: grad(f, argnums=1.5), "argnums must be an int"),
        (lambda f: grad(f, argnums=True), "argnums must be an int"),
        (lambda f: grad(f, argnames="z"), "has no parameter 'z'\n  They are x, y."),
        (lambda f: grad(f, argnums=1, argnames="y"), "give argnums or argnames, not both"),
        (lambda f: grad(f, argnames=3), "argnames must be"),
        (lambda f: grad(f, unused="maybe"), "unused='maybe' is not known"),
        (lambda f: grad(f, mode="fast"), "mode='fast' is not known"),
        (lambda f: grad(3.0), "it is not callable"),
    ],
)
def test_options_are_checked(make, text):
    def f(x, y):
        return x * y

    with pytest.raises(ValueError, match=text) as info:
        make(f)
    assert isinstance(info.value, srcgrad.ArgumentError)


# --- which arguments --------------------------------------------------------------------------------------------


def polynomial(a, b=3.0, *rest, c=5.0, **more):
    total = a * b * c
    for r in rest:
        total = total * r
    return total * more["d"] if "d" in more else total


def test_argnums():
    assert grad(polynomial)(2.0) == 15.0
    assert grad(polynomial, 1)(2.0) == 10.0
    assert grad(polynomial, (0,))(2.0) == (15.0,)
    assert grad(polynomial, (1, 0))(2.0) == (10.0, 15.0)
    assert grad(polynomial, -1)(2.0, 3.0, 7.0, 11.0) == 210.0
    assert grad(polynomial, 2)(2.0, 3.0, 7.0, 11.0) == 330.0
    assert grad(polynomial, argnames="c")(2.0) == 6.0
    assert grad(polynomial, argnames=("c", "a"))(2.0) == (6.0, 15.0)
    assert grad(polynomial, argnames="b")(2.0, c=1.0) == 2.0
    with pytest.raises(ValueError, match="argnums=2 is out of range: polynomial\\(\\) was called with 2"):
        grad(polynomial, 2)(2.0, 3.0)


def test_keyword_arguments_of_the_open_kind():
    assert grad(polynomial, argnames="d")(2.0, d=7.0) == 30.0
    with pytest.raises(ValueError, match="no argument 'd'"):
        grad(polynomial, argnames="d")(2.0)


def test_calls_bind_as_python_does():
    def f(a, b, /, c=2.0, *, d):
        return a * b * c * d

    g = grad(f)
    assert g(1.0, 3.0, d=5.0) == 30.0
    assert g(1.0, 3.0, c=1.0, d=5.0) == 15.0
    for args, kwargs in (
        ((1.0,), {"d": 1.0}),
        ((1.0, 2.0), {}),
        ((1.0, 2.0, 3.0, 4.0), {}),
        ((1.0,), {"b": 2.0, "d": 1.0}),
    ):
        with pytest.raises(TypeError):
            g(*args, **kwargs)
    h = grad(lambda x, y: x * y)
    assert h(y=3.0, x=2.0) == 3.0
    for args, kwargs in (((1.0,), {"x": 2.0}), ((1.0,), {"z": 2.0}), ((1.0, 2.0, 3.0), {}), ((), {})):
        with pytest.raises(TypeError):
            h(*args, **kwargs)


def test_defaults_are_read_at_the_call():
    def f(x, k=2.0):
        return x * k

    g = grad(f)
    assert g(1.0) == 2.0
    f.__defaults__ = (5.0,)
    assert g(1.0) == 5.0
    assert g(1.0, k=3.0) == 3.0


class Model:
    def __init__(self, k):
        self.k = k

    def f(self, x, y):
        return self.k * x * y * y

    @grad(argnums=2)
    def decorated(self, x, y):
        return self.k * x * y * y

    def __call__(self, x):
        return self.k * x * x


def test_methods_and_callables():
    model = Model(3.0)
    assert grad(model.f)(2.0, 5.0) == 75.0
    assert grad(model.f, 1)(2.0, 5.0) == 60.0
    assert model.decorated(2.0, 5.0) == 60.0
    assert Model.decorated(model, 2.0, 5.0) == 60.0
    model.k = 1.0
    assert grad(model.f, 1)(2.0, 5.0) == 20.0
    assert model.decorated(2.0, 5.0) == 20.0
    assert grad(model)(2.0) == 4.0
    assert isinstance(Model.decorated, type(bare))


def test_bound_method_reads_attributes_at_the_call():
    model = Model(3.0)
    g = grad(model.f)
    assert g(2.0, 5.0) == 75.0
    model.k = 1.0
    assert g(2.0, 5.0) == 25.0


def test_partial():
    def f(a, b, c=1.0):
        return a * b**2 * c

    assert grad(functools.partial(f, 2.0))(3.0) == 12.0
    assert grad(functools.partial(f, 2.0), argnames="c")(3.0) == 18.0
    assert grad(functools.partial(f, b=3.0))(2.0) == 9.0
    assert grad(functools.partial(f, b=3.0))(2.0, b=4.0) == 16.0
    assert grad(functools.partial(functools.partial(f, 2.0), c=5.0))(3.0) == 60.0
    assert grad(functools.partial(polynomial, 2.0, 3.0, 7.0), 0)(11.0) == 2 * 3 * 7 * 5.0


def test_numpy_functions():
    np.testing.assert_allclose(grad(np.linalg.norm)(np.array([3.0, 4.0])), [0.6, 0.8])
    assert grad(np.sin)(0.0) == 1.0


# --- kinds ------------------------------------------------------------------------------------------------------


class Pair(NamedTuple):
    left: object
    right: object


@dataclass
class Box:
    w: object
    n: object = 3


class Plain:
    def __init__(self):
        raise AssertionError("made without __init__")


def energy(p):
    return np.sum(p * p)


KINDS = [
    2.0,
    np.float32(2),
    np.float64(2),
    np.float16(2),
    np.array(2.0),
    np.ones(2),
    np.ones((2, 1), np.float32),
    np.ones(0),
    np.ones((1, 1)),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    np.arange(8.0)[::2],
]


@pytest.mark.parametrize("x", KINDS, ids=repr)
def test_kind_in_is_kind_out(x):
    made = grad(energy)(x)
    assert type(made) is type(x)
    assert np.shape(made) == np.shape(x)
    assert np.asarray(made).dtype == np.asarray(x).dtype
    np.testing.assert_allclose(made, 2 * np.asarray(x))
    if isinstance(x, np.ndarray):
        assert made.flags.writeable
        assert not np.shares_memory(made, x)


def test_python_ints_become_floats():
    assert grad(lambda x: x**3)(3) == 27.0
    assert type(grad(lambda x: x**3)(3)) is float
    assert grad(grad(lambda x, y: x**3 * y), 1)(3, 4) == 27.0
    assert grad(lambda x, n: x**n, 0)(3, 2) == 6.0


def test_complex_arguments():
    z = 1.0 + 2j
    assert grad(lambda z: np.real(z * np.conj(z)))(z) == 2 * np.conj(z)
    assert grad(lambda z: z**3, holomorphic=True)(z) == pytest.approx(3 * z**2)
    assert type(grad(lambda z: z**3, holomorphic=True)(z)) is complex


def test_containers_come_back_as_they_are():
    p = {"z": np.ones(2), "a": [1.0, (np.float32(2), 3)], "flag": True, "none": None, "name": "x", "k": np.arange(2)}
    made = grad(lambda p: np.sum(p["z"]) * p["a"][0] * p["a"][1][0] * p["a"][1][1])(p)
    assert list(made) == list(p)
    np.testing.assert_array_equal(made["z"], [6.0, 6.0])
    assert made["a"] == [12.0, (6.0, None)]
    assert type(made["a"][1][0]) is np.float32
    assert made["flag"] is made["none"] is made["name"] is made["k"] is None
    pair = grad(lambda p: p.left * p.right)(Pair(2.0, np.array(3.0)))
    assert isinstance(pair, Pair)
    assert isinstance(pair.right, np.ndarray)


def test_objects_come_back_as_copies():
    box = Box(np.array([1.0, 2.0]))
    made = grad(lambda b: np.sum(b.w**2) * b.n)(box)
    assert isinstance(made, Box)
    assert made.n is None
    np.testing.assert_array_equal(made.w, [6.0, 12.0])
    np.testing.assert_array_equal(box.w, [1.0, 2.0])
    plain = object.__new__(Plain)
    plain.w, plain.scale = 2.0, np.array(3.0)
    made = grad(lambda p: p.w**2 * p.scale)(plain)
    assert type(made) is Plain
    assert (type(made.w), made.w) == (float, 12.0)
    assert made.scale.shape == ()
    assert grad(lambda s: s.a * s.b)(SimpleNamespace(a=2.0, b=3.0)) == SimpleNamespace(a=3.0, b=2.0)


# --- what is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (
            np.arange(3),
            "`x`: it is an ndarray of int64, and only floats vary\n  Pass floats, or leave the argument out",
        ),
        (True, "a bool"),
        (np.int32(3), "an int32"),
        ("a", "a str"),
        (None, "NoneType"),
        (np.array([True]), "of bool"),
    ],
)
def test_integers_are_refused(x, text):
    with pytest.raises(TypeError, match=text) as info:
        grad(lambda x: x)(x)
    assert isinstance(info.value, srcgrad.NonDifferentiableError)


def test_int_used_as_a_count():
    def f(n, x):
        total = x
        for _ in range(n):
            total = total * x
        return total

    def g(n, x):
        return np.sum(np.zeros(n) + x) * n

    def h(n, x):
        return x[n]

    for each, x in ((f, 2.0), (g, 2.0), (h, X)):
        with pytest.raises(TypeError, match="`n`"):
            grad(each)(2, x)
    assert grad(f, 1)(2, 2.0) == 12.0


RESULTS = [
    (lambda x: x * 2, X, r"an array of shape \(3,\): the gradient needs one real number.*jacobian"),
    (lambda x: np.outer(x, x[1:]), X, r"an array of shape \(3, 2\)"),
    (lambda x: x[x > 1], X, r"an array of shape \(2,\)"),
    (lambda x: int(x), 2.0, "an int"),
    (lambda x: x > 1, 2.0, "a bool"),
    (lambda x: x > 1, np.array([2.0]), "a bool"),
    (lambda x: x * 1j, 2.0, "a complex number.*holomorphic"),
    (lambda x: None, 2.0, "None"),
    (lambda x: {"a": x}, 2.0, "a dict"),
    (lambda x: (x, x), 2.0, "a tuple"),
    (lambda x: [x], 2.0, "a list"),
    (lambda x: "text", 2.0, "a str"),
]


@pytest.mark.parametrize(("f", "x", "text"), RESULTS)
def test_results_that_are_no_number(f, x, text):
    with pytest.raises(TypeError, match="(?s)<lambda> returned " + text) as info:
        grad(f)(x)
    assert isinstance(info.value, srcgrad.NonScalarError)
    assert info.value.span.file == __file__


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x[:1] ** 2,
        lambda x: (x[:1] ** 2).reshape(1, 1),
        lambda x: np.array(x[0]) ** 2,
        lambda x: x[x < 2] ** 2,
    ],
)
def test_results_of_size_one(f):
    np.testing.assert_array_equal(grad(f)(X), [2.0, 0.0, 0.0])


def test_aux_is_checked():
    for f in (lambda x: x, lambda x: (x, x, x), lambda x: [x, x]):
        with pytest.raises(srcgrad.NonScalarError, match="has_aux=True it must return \\(value, aux\\)"):
            grad(f, has_aux=True)(2.0)
    with pytest.raises(srcgrad.NonScalarError, match="shape \\(3,\\)"):
        grad(lambda x: (x, 1), has_aux=True)(X)


def test_unused_arguments():
    def f(x, y):
        return x * 2

    with pytest.warns(srcgrad.UnusedArgumentWarning, match="f does not depend on `y`") as record:
        assert grad(f, (0, 1))(1.0, 2.0) == (2.0, 0.0)
    assert len(record) == 1
    assert record[0].filename == __file__
    with pytest.warns(srcgrad.UnusedArgumentWarning):
        np.testing.assert_array_equal(grad(f, 1)(1.0, X), np.zeros(3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert grad(f, (0, 1), unused="none")(1.0, 2.0) == (2.0, None)
        assert grad(f)(1.0, 2.0) == 2.0
        assert grad(grad(f))(1.0, 2.0) == 0.0
        assert grad(lambda p: p["a"] * 2)({"a": 1.0, "b": 2.0}) == {"a": 2.0, "b": 0.0}
        assert grad(lambda x: srcgrad.stop_gradient(x) * 3)(2.0) == 0.0
    with pytest.raises(ValueError, match="does not depend on `y`"):
        grad(f, (0, 1), unused="error")(1.0, 2.0)
    with pytest.warns(srcgrad.UnusedArgumentWarning):
        assert grad(lambda x: 3.0)(1.0) == 0.0


def test_exceptions_are_those_of_the_function_with_a_note():
    def f(x, k):
        if k > 3:
            raise KeyError("too large")
        return x[k] * 2

    g = grad(f)
    with pytest.raises(KeyError, match="too large") as info:
        g(X, 5)
    assert any("the grad of f" in note for note in info.value.__notes__)
    for _ in range(2):
        with pytest.raises(IndexError) as info:
            g(X[:1], 2)
        assert "test_calls.py" in info.value.__notes__[0]
    assert g(X, 1)[1] == 2.0


def test_input_kinds_refused_by_name():
    with pytest.raises(srcgrad.ArgumentError, match="MaskedArray"):
        grad(energy)(np.ma.array([1.0]))
    with pytest.raises(srcgrad.ArgumentError, match="object"):
        grad(energy)(np.array([1.0, None]))


# --- versions ---------------------------------------------------------------------------------------------------

SCALE = 2.0
TABLE = np.array([1.0, 2.0])


def test_globals_are_read_at_each_call(monkeypatch):
    g = grad(lambda x: x * SCALE + np.sum(TABLE) * x)
    assert g(1.0) == 5.0
    monkeypatch.setitem(globals(), "SCALE", 7.0)
    assert g(1.0) == 10.0
    monkeypatch.setitem(globals(), "TABLE", np.ones(5))
    assert g(1.0) == 12.0
    monkeypatch.setitem(globals(), "TABLE", 1.0)
    assert g(1.0) == 8.0
    assert len(g.sources) == 1


def callee(x):
    return x * x


def test_callees_are_guarded(monkeypatch):
    g = grad(lambda x: callee(x))
    assert g(3.0) == 6.0
    monkeypatch.setitem(globals(), "callee", lambda x: 5 * x)
    assert g(3.0) == 5.0


def test_sizes_do_not_make_versions():
    g = grad(energy)
    for n in (2, 3, 5, 3):
        np.testing.assert_array_equal(g(np.ones(n)), 2 * np.ones(n))
    assert len(g.sources) == 1
    g(np.ones(1))
    g(np.ones((2, 2)))
    assert len(g.sources) == 3


def test_values_built_in_make_versions():
    def f(x, k, flag):
        y = (x, x**2, x**3)[k]
        return np.sum(y) if flag else y[0]

    g = grad(f)
    for _ in range(2):
        np.testing.assert_array_equal(g(X, 1, True), 2 * X)
        np.testing.assert_array_equal(g(X, 2, True), 3 * X**2)
        np.testing.assert_array_equal(g(X, 2, False), [3.0, 0.0, 0.0])
        np.testing.assert_array_equal(g(X, 0, False), [1.0, 0.0, 0.0])
    assert len(g.sources) == 4
    assert any("k: 2" in signature for signature in g.sources)


def test_many_values_are_capped():
    table = tuple(float(k) for k in range(50))
    g = grad(lambda x, k: x * ((x,) + table)[k])
    for k in [*range(1, 45), 3, 44]:
        assert g(2.0, k) == table[k - 1]
    assert len(g.sources) <= 32


def test_threads_make_one_version():
    g = grad(lambda x: np.sum(np.sin(x) * x))
    found = []
    start = threading.Barrier(8)

    def work():
        start.wait()
        found.append(g(X))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(np.array_equal(found[0], other) for other in found)
    assert len(g.sources) == 1


def in_threads(*tasks):
    """Run all tasks at the same time; what each gives."""
    start, found = threading.Barrier(len(tasks)), [None] * len(tasks)

    def work(k):
        start.wait()
        found[k] = tasks[k]()

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


KINDS = [np.ones(3), np.full((2, 2), 0.5), np.full(4, 0.25, np.float32), np.array(0.3), 0.7, np.zeros((1, 0))]


@pytest.mark.parametrize("mode", ["auto", "trace"])
def test_threads_that_call_other_kinds_for_the_first_time(mode):
    g = grad(lambda x: np.sum(np.sin(x) * x), mode=mode)
    for x, found in zip(KINDS, in_threads(*[functools.partial(g, x) for x in KINDS]), strict=True):
        assert np.shape(found) == np.shape(x)
        np.testing.assert_allclose(found, np.cos(x) * x + np.sin(x), rtol=1e-6)


def test_a_thread_that_changes_a_captured_number():
    scale = [2.0]

    def turn():
        for k in range(200):
            scale[0] = 2.0 + k % 2
        return 0.0

    g = grad(lambda x: np.sum(x * x) * scale[0])
    several = in_threads(turn, *[lambda: [g(X)[0] / 2 for _ in range(50)]] * 3)
    assert {value for values in several[1:] for value in values} <= {2.0, 3.0}


def test_compile_and_source():
    g = grad(lambda x, k: np.sum(x**2) * k)
    assert "def " in g.source  # generic code, before any call
    g.compile(srcgrad.spec("float32", 2), 3.0)
    assert "float32[:, :]" in next(iter(g.sources))
    before = g.source
    made = g(np.ones((2, 3), np.float32), 3.0)
    assert made.dtype == np.float32
    assert g.source == before
    assert len(g.sources) == 1
    assert str(g.ir).startswith("func")
    assert srcgrad.ir.parse(str(g.ir)) == g.ir


def test_generic_source_names_the_argument():
    g = grad(lambda x, p: np.sum(x * sum(v for v in p.values())))
    assert g.source.startswith("#")
    assert "`p`" in g.source


def test_compile_runs_nothing(capsys):
    def f(x):
        print("ran")
        return x * x

    g = grad(f).compile(2.0)
    assert capsys.readouterr().out == ""
    assert g(3.0) == 6.0


@pytest.mark.parametrize(
    ("args", "text"), [(("float65", 1), "not a dtype"), (("float64", -1), "ndim"), (("U3", 0), "no derivative")]
)
def test_spec_is_checked(args, text):
    with pytest.raises(srcgrad.ArgumentError, match=text):
        srcgrad.spec(*args)


# --- pickling ---------------------------------------------------------------------------------------------------


def plain_function(x):
    return x**3


def test_pickling():
    assert pickle.loads(pickle.dumps(bare)) is bare
    assert pickle.loads(pickle.dumps(second)) is second
    made = pickle.loads(pickle.dumps(grad(plain_function)))
    assert made(2.0) == 12.0
    assert pickle.loads(pickle.dumps(srcgrad.hessian(plain_function)))(2.0) == 12.0
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(grad(lambda x: x))


# --- writes -----------------------------------------------------------------------------------------------------


def overwrite(x, y):
    x[0] = y[1] * 2
    return np.sum(x * y)


def test_written_arguments_are_protected():
    x, y = X.copy(), X + 1
    gx, gy = grad(overwrite, (0, 1))(x, y)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(gx, [0.0, 3.0, 4.0])
    np.testing.assert_array_equal(gy, [6.0, 2.0 + 2 * 2.0, 3.0])


@pytest.mark.parametrize("make", [lambda a: (a, a), lambda a: (a[:3], a[1:4]), lambda a: (a[:3], a[2:5][::-1])])
def test_overlap_is_refused_where_one_is_written(make):
    base = np.arange(6.0)
    with pytest.raises(srcgrad.AliasError, match="`x` is written here, and `y` shares its memory") as info:
        grad(overwrite)(*make(base))
    assert "x[0] = y[1] * 2" in str(info.value)
    np.testing.assert_array_equal(base, np.arange(6.0))


def test_disjoint_views_and_reads_are_fine():
    base = np.arange(6.0)
    grad(overwrite)(base[:3], base[3:])
    grad(overwrite)(base[::2], base[1::2])
    np.testing.assert_array_equal(grad(lambda x, y: np.sum(x * y))(X, X), X)


def test_overlap_with_captured_and_contained_arrays():
    def f(x):
        x[0] = 0.0
        return np.sum(x * TABLE)

    with pytest.raises(srcgrad.AliasError, match="`TABLE`"):
        grad(f)(TABLE)

    def g(p):
        x = p["a"]
        for i in range(2):
            if i > 0:
                x[i] += 1.0
        return np.sum(x * p["b"][0])

    with pytest.raises(srcgrad.AliasError, match=r"`p\['b'\]\[0\]`"):
        grad(g)({"a": TABLE, "b": [TABLE]})
    grad(g)({"a": TABLE, "b": [TABLE.copy()]})


def test_write_through_a_reshape():
    def f(x):
        v = x.reshape(-1)
        v[0] = 5.0
        return np.sum(x**2)

    g = grad(f)
    c = np.arange(1.0, 7.0).reshape(2, 3)
    expected = 2 * c
    expected[0, 0] = 0
    np.testing.assert_array_equal(g(c), expected)
    with pytest.raises(srcgrad.AliasError):  # a copy in this layout, which is not proved
        grad(f, fallback="error")(np.asfortranarray(c))
    np.testing.assert_array_equal(g(c), expected)


def test_an_exception_in_the_middle_leaves_arrays_as_they_were():
    def f(x, y, k):
        x[0] = 7.0
        y[1] += 2.0
        return np.sum(x * y) * y[k]

    x, y = X.copy(), X + 1
    for error, k in ((IndexError, 9), (None, 1)):
        if error is None:
            grad(f, (0, 1))(x, y, k)
        else:
            with pytest.raises(error):
                grad(f, (0, 1))(x, y, k)
        np.testing.assert_array_equal(x, X)
        np.testing.assert_array_equal(y, X + 1)


def test_a_partial_of_a_derivative():
    assert grad(functools.partial(grad(lambda a, b: a * a * b), b=3.0))(2.0) == 6.0


def test_parameters_may_have_any_name():
    def f(args, kwargs, self):
        return args * kwargs * self

    assert grad(f)(args=2.0, kwargs=3.0, self=4.0) == 12.0
    value, tangent = srcgrad.jvp(lambda x, x_dot, x_bar: x * x_dot * x_bar, (2.0, 3.0, 4.0), (1.0, None, 0.0))
    assert (value, tangent) == (24.0, 12.0)
