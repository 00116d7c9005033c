"""Identifiers and dotted names."""

from __future__ import annotations

import functools
import operator

import numpy as np
import pytest

from srcgrad.ir.names import Names, dotted_name, identifier, resolve
from tests.ir.programs import Point, Random, total


@pytest.mark.parametrize(
    ("text", "name"),
    [("x", "x"), ("<lambda>", "lambda_"), ("", "v"), ("a b", "a_b"), ("3d", "_3d"), ("class", "class_"), ("<>", "v"),
     ("größe", "größe"), ("ﬁ", "fi"), ("x²", "x2"), ("①", "_1"), ("x[0].y", "x_0_y"), ("_", "_"), ("日 本", "v")],
)  # fmt: skip
def test_identifier(text: str, name: str):
    assert identifier(text) == name
    assert identifier(name) == name
    assert name.isidentifier()


def test_names_are_given_once():
    names = Names({"x_1"})
    assert [names.fresh("x"), names.fresh("x"), names.fresh("x_2"), names.fresh("x")] == ["x", "x_2", "x_2_1", "x_3"]


@pytest.mark.parametrize(
    ("fn", "name"),
    [(np.exp, "numpy.exp"), (operator.add, "operator.add"), (np.add.at, "numpy.add.at"), (float, "builtins.float"),
     (np.random.normal, "numpy.random.normal"), (np.ndarray.sum, "numpy.ndarray.sum"), (abs, "operator.abs"),
     (total, "tests.ir.programs.total"), (Point, "tests.ir.programs.Point"), (Random.gauss, "random.Random.gauss")],
)  # fmt: skip
def test_dotted_names_resolve_to_the_same_object(fn: object, name: str):
    found = dotted_name(fn)
    assert found is not None
    assert resolve(found) == fn
    if fn is not abs:
        assert found == name


def test_what_no_name_leads_to_has_none():
    def local() -> None: ...

    class Pretender:
        __name__ = "exp"
        __module__ = "numpy"
        __qualname__ = "exp"

    def trapz() -> None:
        """Named like something of NumPy that warns when it is looked at."""

    bound = [1].append
    for item in (
        local,
        trapz,
        lambda: 0,
        functools.partial(abs, 1),
        Pretender(),
        bound,
        3,
        np.random.default_rng(0).normal,
    ):
        assert dotted_name(item) is None


def test_resolve_imports_and_refuses():
    assert resolve("colorsys.rgb_to_hsv") is not None
    for name in ("numpy.nothing", "no_such.thing", "plain", "numpy.exp.nothing"):
        with pytest.raises(LookupError):
            resolve(name)
