"""Saved modules: the same numbers bit for bit, without srcgrad, with what they need and nothing else."""

import ast
import functools
import importlib.util
import inspect

import numpy as np
import pytest

import srcgrad
from srcgrad import grad, value_and_grad
from srcgrad.errors import ArgumentError, UnsupportedError
from tests.api.standalone import run_alone

rng = np.random.default_rng(7)
RATE = 0.25
ANCHOR = rng.normal(size=3)
GENERATOR = np.random.default_rng(1)


def damped(x, strength):
    return np.sin(x) * strength


def loss(w, x, y, scale=2.0, *, offset=0.5):
    """The loss of a model.

    Parameters
    ----------
    w : array
    """
    p = 1 / (1 + np.exp(-(x @ w)))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) * scale + offset * np.sum(damped(w, RATE) * ANCHOR)


def heat(u, alpha, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def network(params, x):
    return np.sum(np.tanh(x @ params["w"] + params["b"]) ** 2)


def joined(a, b):
    return np.sum(np.concatenate([a, b]) ** 3) + np.linalg.det(np.outer(a, a) + np.eye(3))


def picky(x, mode="square", power=None, act=np.tanh):
    if x[0] > 100.0:
        raise ValueError("too large")
    y = act(x) if mode == "square" else x
    return np.sum(y**2) if power is None else np.sum(y**power)


def overwrite(u, v):
    u[1:] *= v[1:]
    return np.sum(u * v)


def starred(a, /, *rest, **named):
    return a * rest[0] ** 2 + np.sin(named["z"])


CASES = {
    "loss": (grad(loss), (rng.normal(size=3), rng.normal(size=(5, 3)), rng.uniform(size=5))),
    "heat": (value_and_grad(heat, (0, 1)), (rng.normal(size=8), 0.1, 4)),
    "network": (grad(network), ({"w": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}, rng.normal(size=(4, 3)))),
    "joined": (grad(joined, (0, 1)), (rng.normal(size=3), rng.normal(size=2))),
    "picky": (grad(picky), (rng.normal(size=4),)),
    "overwrite": (grad(overwrite, (0, 1)), (rng.normal(size=4), rng.normal(size=4))),
    "starred": (grad(starred, (0, 1)), (2.0, 3.0)),
    "partial": (
        grad(functools.partial(loss, offset=3.0)),
        (rng.normal(size=3), rng.normal(size=(5, 3)), rng.uniform(size=5)),
    ),
    "partial_array": (grad(functools.partial(joined, rng.normal(size=3))), (rng.normal(size=2),)),
    "second": (grad(grad(lambda x: np.sin(x) * x**2)), (0.7,)),
    "float32": (grad(lambda x: np.sum(np.exp(x) * np.float32(0.1))), (rng.normal(size=3).astype("f4"),)),
    "complex": (grad(lambda z: np.sum(np.abs(z * (1 + 2j)) ** 2)), (rng.normal(size=3) + 1j,)),
}


def numbers(result):
    """Every number and array of a result, with dtype and bits."""
    if isinstance(result, dict):
        return [x for key in result for x in numbers(result[key])]
    if isinstance(result, (tuple, list)):
        return [x for item in result for x in numbers(item)]
    return [(np.asarray(result).dtype, np.shape(result), np.asarray(result).tobytes())]


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(CASES))
def test_same_bits_without_srcgrad(name, tmp_path):
    derivative, args = CASES[name]
    kwargs = {"z": 0.5} if name == "starred" else {}
    here = derivative(*args, **kwargs)
    path = derivative.save(tmp_path / "f_grad.py")
    _, there = run_alone(path, *args, **kwargs)
    assert numbers(there) == numbers(here)


def test_examples_instead_of_a_call(tmp_path):
    g = grad(heat)
    path = g.save(tmp_path / "f_grad.py", srcgrad.spec("float64", 1), 0.1, 3)
    u = rng.normal(size=20)
    assert numbers(load(path).heat_grad(u, 0.2, 5)) == numbers(g(u, 0.2, 5))


def test_imports_only_numpy(tmp_path):
    for name, (derivative, args) in CASES.items():
        if name != "starred":
            derivative(*args)
            tree = ast.parse(derivative.save(tmp_path / "f_grad.py").read_text())
            imports = [n for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom))]
            names = {alias.name for n in imports if isinstance(n, ast.Import) for alias in n.names}
            names |= {n.module for n in imports if isinstance(n, ast.ImportFrom)}
            assert names <= {"numpy", "numpy.typing"}


def test_name_parameters_and_texts(tmp_path):
    derivative, args = CASES["loss"]
    derivative(*args)
    module = load(derivative.save(tmp_path / "f_grad.py"))
    assert module.__all__ == ["loss_grad"]
    assert "loss" in module.__doc__
    signature, own = inspect.signature(module.loss_grad), inspect.signature(loss)
    assert [(p.name, p.kind, p.default) for p in signature.parameters.values()] == [
        (p.name, p.kind, p.default) for p in own.parameters.values()
    ]
    assert signature.parameters["scale"].annotation is float
    assert str(signature.parameters["w"].annotation).startswith("numpy.ndarray")
    assert "with respect to `w`" in module.loss_grad.__doc__
    assert "The loss of a model." in module.loss_grad.__doc__
    assert "w : float64[:]" in module.loss_grad.__doc__


def test_captured_values(tmp_path):
    derivative, args = CASES["loss"]
    derivative(*args)
    path = derivative.save(tmp_path / "f_grad.py")
    text = path.read_text()
    assert "RATE = 0.25\n" in text
    assert "allow_pickle=False" in text
    with np.load(tmp_path / "f_grad.npz", allow_pickle=False) as arrays:
        assert arrays.files == ["ANCHOR"]
        assert np.array_equal(arrays["ANCHOR"], ANCHOR)


def test_no_array_no_file(tmp_path):
    grad(heat).save(tmp_path / "f_grad.py", np.ones(4), 0.1, 3)
    assert [p.name for p in tmp_path.iterdir()] == ["f_grad.py"]


def test_strange_names(tmp_path):
    file = np.array([1.0, 2.0])
    np_ = 3.0

    def f(np, _check=2.0):
        return np**2 * file[0] * np_ + _check

    g = grad(f)
    _, there = run_alone(g.save(tmp_path / "f_grad.py", 1.5), 1.5)
    assert float(there) == g(1.5) == 9.0


def test_constants_without_literal(tmp_path):
    big, tiny, weight = float("inf"), np.float32(0.1), complex(0.0, float("nan"))

    def f(x, top=float("nan")):
        return np.sum(np.minimum(x, big) * tiny) + 0 * np.sum(np.abs(weight)) * 0

    g = grad(f)
    x = rng.normal(size=3)
    _, there = run_alone(g.save(tmp_path / "f_grad.py", x), x)
    assert numbers(there) == numbers(g(x))


def test_refused_objects(tmp_path):
    def noisy(x):
        return np.sum(x * GENERATOR.normal(size=3))

    g = grad(noisy)
    with pytest.raises(srcgrad.SrcgradError, match=r"(?i)generator"):
        g.save(tmp_path / "f_grad.py", np.ones(3))
    assert list(tmp_path.iterdir()) == []


def test_refused_function_argument(tmp_path):
    g = grad(picky)
    x = np.ones(3)
    with pytest.raises(UnsupportedError, match="act"):
        g.save(tmp_path / "f_grad.py", x, act=lambda z: z * 2)


def test_refused_before_any_code(tmp_path):
    with pytest.raises(ArgumentError, match="Call it first"):
        grad(heat).save(tmp_path / "f_grad.py")
    with pytest.raises(ArgumentError, match="name of a module"):
        grad(heat).save(tmp_path / "f-grad.txt", np.ones(3), 0.1, 2)


class TestOtherArguments:
    """The code is made for one signature; for another it must not give numbers."""

    @pytest.fixture
    def module(self, tmp_path):
        return load(grad(picky).save(tmp_path / "f_grad.py", np.ones(3)))

    def test_kinds(self, module):
        for wrong in (np.ones((3, 3)), np.ones(1), np.ones(3, "f4"), 2.0, [1.0, 2.0]):
            with pytest.raises(TypeError, match=r"x is .*, and this code was made for float64\[:\]"):
                module.picky_grad(wrong)

    def test_values_built_in(self, module):
        for wrong in ({"mode": "plain"}, {"power": 3}, {"act": np.sin}):
            with pytest.raises(TypeError, match="this code was made for"):
                module.picky_grad(np.ones(3), **wrong)

    def test_an_int_for_a_float(self, tmp_path):
        module = load(grad(heat, 1).save(tmp_path / "f_grad.py", np.arange(4.0), 0.5, 2))
        assert module.heat_grad(np.arange(4.0) ** 2, 1, 2) == grad(heat, 1)(np.arange(4.0) ** 2, 1, 2)

    def test_overlapping_memory(self, tmp_path):
        module = load(grad(overwrite).save(tmp_path / "f_grad.py", np.ones(3), np.ones(3)))
        base = np.ones(4)
        with pytest.raises(ValueError, match="shares its memory"):
            module.overwrite_grad(base[:3], base[1:])

    def test_exceptions_of_the_primal(self, module):
        with pytest.raises(ValueError, match="too large"):
            module.picky_grad(np.full(3, 200.0))


def test_library_submodules_are_imported(tmp_path):
    special = pytest.importorskip("scipy.special")

    def f(x):
        return np.sum(special.gamma(3.0) * x)

    try:
        path = grad(f).save(tmp_path / "f_grad.py", np.ones(2))
    except UnsupportedError:
        pytest.skip("SciPy is not differentiated yet")
    assert numbers(run_alone(path, np.ones(2))[1]) == numbers(grad(f)(np.ones(2)))
