"""Functions with a derivative written by hand: the twin is right, and srcgrad's own is as right and hardly longer.

Each file of this folder holds the primal ``f``, its twin ``f_<mode>`` (written the way a good engineer would), ``sample``
(arguments) and, where they differ from the defaults, ``ARGNUMS`` and ``MODE``. Beside it, ``generated/<name>.py`` is the
source srcgrad makes for the sample; ``pytest tests/golden --update-golden`` writes those, and each is read before it is
committed.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

import srcgrad
from srcgrad.api import products
from srcgrad.api.versions import emit
from tests import finite, trees
from tests.fuzz.check import quiet

FOLDER = Path(__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith(("test_", "conftest")))
MOST = 1.3
PRODUCTS = ("jvp", "vjp", "hvp")

# Not yet as short as that: how many times as long as the twin.
LONGER = {"power_hvp": 1.88, "recursion": 1.86, "softmax_vjp": 2.00}


@dataclass(frozen=True)
class Golden:
    """One function, its twin, and how they are tried."""

    name: str
    f: Callable[..., Any]
    twin: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: Any
    mode: str

    @property
    def positions(self) -> tuple[int, ...]:
        """The differentiated arguments, as a tuple also of one."""
        return self.argnums if isinstance(self.argnums, tuple) else (self.argnums,)


def load(name: str) -> Golden:
    """Import one file of this folder."""
    spec = importlib.util.spec_from_file_location(f"golden_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    mode = getattr(module, "MODE", "grad")
    argnums = getattr(module, "ARGNUMS", 0)
    return Golden(name, module.f, getattr(module, f"f_{mode}"), module.sample(), argnums, mode)


# Truth


def truth(golden: Golden) -> Any:
    """The gradients by finite differences, entry by entry."""
    found = [finite.gradient(golden.f, golden.args, i) for i in golden.positions]
    assert max(error for _, error in found) < 1e-6
    return tuple(bar for bar, _ in found)


def direction(golden: Golden) -> dict[trees.Path, Any]:
    """A random direction over the arguments that move."""
    ways = trees.random_direction(np.random.default_rng(1), golden.args)
    return {path: dot for path, dot in ways.items() if path[0] in golden.positions}


def compare(golden: Golden, call: Callable[..., Any], extra: tuple[Any, ...] = ()) -> None:
    """What a derivative gives for the sample against finite differences, and the arguments left as they were."""
    args = trees.copied(golden.args)
    with quiet():
        found = call(*args, *extra)
    if golden.mode == "value_and_grad":
        assert float(found[0]) == pytest.approx(float(golden.f(*trees.copied(golden.args))), rel=1e-12)
        found = found[1]
    bars = found if isinstance(golden.argnums, tuple) else (found,)
    same(bars, truth(golden))
    same(args, golden.args, exact=True)


def same(found: Any, expected: Any, *, exact: bool = False) -> None:
    """Equal leaf by leaf."""
    for path, leaf in trees.leaves(expected):
        value = np.asarray(trees.at(found, path))
        assert value.shape == np.shape(leaf), path
        np.testing.assert_allclose(value, leaf, rtol=0 if exact else 1e-7, atol=0 if exact else 1e-8, err_msg=str(path))


def compare_tangent(golden: Golden, call: Callable[..., Any], tangents: tuple[Any, ...]) -> None:
    """A tangent against a directional difference; `call` gives value and tangent."""
    slope = finite.directional(golden.f, golden.args, direction(golden))
    value, dot = call(*trees.copied(golden.args), *tangents)
    np.testing.assert_allclose(value, golden.f(*trees.copied(golden.args)), rtol=1e-12)
    np.testing.assert_allclose(dot, slope.value, rtol=1e-7, atol=1e-9)


def tangents_of(golden: Golden) -> tuple[Any, ...]:
    """The tangents of the moving arguments, in order."""
    tree = trees.as_tangents(golden.args, direction(golden))
    return tuple(tree[i] for i in golden.positions)


def compare_cotangent(golden: Golden, call: Callable[..., Any]) -> None:
    """A vjp: `call` takes the arguments and a cotangent, and gives value and cotangents."""
    value = golden.f(*trees.copied(golden.args))
    bar = np.random.default_rng(2).normal(size=np.shape(value))
    slope = finite.directional(golden.f, golden.args, direction(golden))
    found, bars = call(*trees.copied(golden.args), bar)
    np.testing.assert_allclose(found, value, rtol=1e-12)
    bars = bars if isinstance(golden.argnums, tuple) else (bars,)
    total, _ = trees.pairing(dict(zip(golden.positions, bars, strict=True)), direction(golden))
    assert total == pytest.approx(float(np.sum(bar * slope.value)), rel=1e-7, abs=1e-9)


def compare_second(golden: Golden, call: Callable[..., Any]) -> None:
    """A Hessian (of the first argument) times a vector: `call` takes that argument, the vector, and the others."""
    x, *rest = golden.args
    v = trees.random_direction(np.random.default_rng(1), x)[()]

    def slopes(t: float) -> Any:
        return finite.gradient(golden.f, (x + t * v, *rest), 0)[0]

    np.testing.assert_allclose(call(x, v, *rest), finite.slope(slopes, step=2e-2).value, rtol=1e-5, atol=1e-6)


def check(golden: Golden, call: Callable[..., Any]) -> None:
    """A derivative with the calling convention of its mode."""
    if golden.mode == "jvp":
        compare_tangent(golden, call, tangents_of(golden))
    elif golden.mode == "hvp":
        compare_second(golden, call)
    elif golden.mode == "vjp":
        compare_cotangent(golden, call)
    else:
        compare(golden, call)


# srcgrad, with the calling conventions of the twins


def ours(golden: Golden) -> Callable[..., Any]:
    """The derivative of the same mode made by srcgrad, from source alone."""
    f, n = golden.f, len(golden.args)
    if golden.mode == "jvp":

        def forward(*given: Any) -> Any:
            dots = dict(zip(golden.positions, given[n:], strict=True))
            return srcgrad.jvp(f, given[:n], tuple(dots.get(i) for i in range(n)))

        return forward
    if golden.mode == "vjp":

        def reverse(*given: Any) -> Any:
            value, pullback = srcgrad.vjp(f, *given[:n], argnums=golden.argnums)
            return value, pullback(given[n])

        return reverse
    if golden.mode == "hvp":
        return lambda x, v, *rest: srcgrad.hvp(f, (x, *rest), v)
    make = srcgrad.value_and_grad if golden.mode == "value_and_grad" else srcgrad.grad
    made: Callable[..., Any] = make(f, argnums=golden.argnums, fallback="error")
    return made


def source(golden: Golden) -> str:
    """The text srcgrad makes for the sample's signature; of a product with a vector, whatever is made on the way."""
    if golden.mode in PRODUCTS:
        return product_source(golden)
    call: Any = ours(golden)
    with quiet():
        call(*trees.copied(golden.args))
    text: str = call.source
    return text


def product_source(golden: Golden) -> str:
    """What is emitted while a jvp, a vjp (both halves) or an hvp is computed for the first time."""
    texts: list[str] = []

    def recorded(*args: Any) -> Any:
        text, run = emit(*args)
        texts.append(text)
        return text, run

    with mock.patch.object(products, "emit", recorded):
        check(golden, ours(golden))
    return "\n\n".join(text.strip("\n") + "\n" for text in texts)


# How long


def statements(text: str) -> int:
    """Executable statements of a text: function headers, imports, docstrings, `pass` and returns of nothing left out.

    Nor is ``with np.errstate(...)``: a twin may warn where its sample does not make it.
    """
    skipped = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Pass, ast.ClassDef, ast.With)
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt) and not isinstance(node, skipped)]
    return sum(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in nodes)


def twin_statements(name: str) -> int:
    """Statements of the twin, and of the helpers written for it (names that begin like the twin's)."""
    tree = ast.parse((FOLDER / f"{name}.py").read_text())
    made = [node for node in tree.body if isinstance(node, ast.FunctionDef) and _is_twin(node.name)]
    return sum(statements(ast.unparse(node)) for node in made)


def _is_twin(name: str) -> bool:
    return name.endswith(("_grad", "_jvp", "_vjp", "_hvp"))


# Tests


@pytest.mark.parametrize("name", NAMES)
def test_the_twin_is_right(name: str) -> None:
    golden = load(name)
    check(golden, golden.twin)


@pytest.mark.parametrize("name", NAMES)
def test_srcgrad_is_right(name: str) -> None:
    golden = load(name)
    check(golden, ours(golden))


@pytest.mark.parametrize("name", NAMES)
def test_the_generated_source_is_the_accepted_one(name: str, update_golden: bool) -> None:
    path = FOLDER / "generated" / f"{name}.py"
    text = source(load(name))
    if update_golden:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.exists(), "run pytest tests/golden --update-golden, and read what it writes"
    assert text == path.read_text()


def _lengths() -> Iterator[Any]:
    """The names whose sources are compared; those that are known to be too long are expected to fail."""
    for name in NAMES:
        too_long = pytest.mark.xfail(strict=True, reason=f"{LONGER.get(name)} times as long as the twin")
        yield pytest.param(name, marks=[too_long] if name in LONGER else [])


@pytest.mark.parametrize("name", _lengths())
def test_the_generated_source_is_hardly_longer_than_the_twin(name: str) -> None:
    found, by_hand = statements(source(load(name))), twin_statements(name)
    assert 0 < found <= MOST * by_hand, f"{found} statements, by hand {by_hand}"


def test_there_are_enough_of_them() -> None:
    assert len(NAMES) >= 28


def test_statements_are_counted_as_a_reader_would() -> None:
    text = 'import a\ndef f(x):\n    """Doc."""\n    for i in x:\n        if i:\n            y = i\n    return y\n'
    assert statements(text) == 4
