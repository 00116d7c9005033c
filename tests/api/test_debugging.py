"""Generated code can be looked at like any other: in tracebacks, by `inspect`, in a debugger, in profilers."""

import inspect
import io
import linecache
import pdb
import sys
import traceback

import numpy as np
import pytest

from srcgrad import grad


def shapes(w, x):
    """Fails in the generated code where the shapes do not fit."""
    y = x @ w
    return np.sum(y * y)


def raising(x):
    if x > 1.0:
        raise ValueError("too large")
    return x * x


def many(x, n):
    y = x
    for i in range(n):
        y = np.sin(y) * x
        y = y + np.exp(y) * 0.1
    z = y * y
    return np.sum(z * np.cos(x))


def generated(g):
    return g._last.run


def test_tracebacks_show_generated_lines():
    g = grad(shapes)
    g(np.ones(3), np.ones((2, 3)))
    with pytest.raises(ValueError, match="matmul") as caught:
        g(np.ones(4), np.ones((2, 3)))
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert frame.filename.startswith("<srcgrad shapes_grad")
    assert frame.name == "shapes_grad"
    assert frame.line in g.source
    assert "x @ w" in frame.line


def test_exceptions_name_the_user_function():
    g = grad(raising)
    with pytest.raises(ValueError, match="too large") as caught:
        g(2.0)
    (note,) = caught.value.__notes__
    assert "raising" in note
    assert "test_debugging.py" in note


def test_inspect_gives_the_source():
    g = grad(shapes)
    g(np.ones(3), np.ones((2, 3)))
    assert inspect.getsource(generated(g)).strip() == g.source.strip()
    assert inspect.getsourcefile(generated(g)) == generated(g).__code__.co_filename


def test_lines_survive_a_check_of_the_cache():
    g = grad(shapes)
    g(np.ones(3), np.ones((2, 3)))
    linecache.checkcache()
    assert linecache.getline(generated(g).__code__.co_filename, 1).startswith("def shapes_grad(")


def test_two_functions_of_one_name_keep_their_lines():
    first, second = grad(lambda x: x * x), grad(lambda x: np.sin(x) * x)
    assert (first(2.0), second(0.0)) == (4.0, 0.0)
    for g in (first, second):
        assert inspect.getsource(generated(g)).strip() == g.source.strip()


def test_pdb_steps_through_generated_code():
    g = grad(shapes)
    args = np.ones(3), np.ones((2, 3))
    g(*args)
    out = io.StringIO()
    words = io.StringIO("step\nnext\nlist\np y.shape\ncontinue\n")
    debugger = pdb.Pdb(stdin=words, stdout=out, nosigint=True, readrc=False)
    debugger.use_rawinput = False
    tracing = sys.gettrace()
    try:
        debugger.runcall(generated(g), *args)
    finally:
        sys.settrace(tracing)
    assert "shapes_grad" in out.getvalue()
    assert "x @ w" in out.getvalue()
    assert "(2,)" in out.getvalue()


def test_adjoint_groups_carry_primal_lines():
    g = grad(many)
    g(np.ones(3), 2)
    forward, reverse = g.source.split("# reverse sweep")
    comments = [line.strip()[2:] for line in reverse.splitlines() if line.strip().startswith("# ")]
    own = [line.strip() for line in inspect.getsource(many).splitlines()]
    assert "y = np.sin(y) * x" in comments
    assert "y = y + np.exp(y) * 0.1" in comments
    assert set(comments) <= set(own)
    assert "# forward sweep" in forward
