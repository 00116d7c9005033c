"""`explain`: which way, what varies, what is kept and how much memory that takes, and why not; nothing is run."""

import io
import sys
import tracemalloc

import numpy as np
import pytest

import srcgrad
from srcgrad import explain, grad, value_and_grad
from srcgrad.ir import parse

rng = np.random.default_rng(3)


def loss(w, x, y):
    z = x @ w
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def heat(u, alpha, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def nested(x, n, k):
    y = x
    for _ in range(n):
        for _ in range(k):
            y = np.sin(y) * x
    return np.sum(y)


def horner(x, n):
    y = 1.0
    for _ in range(n):
        y = np.sin(y) * x + 1.0
    return y


def newton(a, tolerance):
    x = a
    while abs(x * x - a) > tolerance:
        x = x - (x * x - a) / (2 * x)
    return x


def never(x):
    raise AssertionError("explain must not run the function")
    return x


def unsupported(x):
    y = x * 2

    async def inner():
        return y

    return x


DATA = (rng.normal(size=4), rng.normal(size=(2000, 4)), rng.uniform(size=2000))


def test_source_path():
    found = explain(loss, *DATA)
    assert found.path == "source"
    assert found.reasons == []
    assert found.signature == "w: float64[:], x: float64[:, :], y: float64[:]"
    assert found.active[:3] == ["w", "z", "p"]


def test_without_arguments():
    for f in (loss, heat, nested):
        found = explain(f)
        assert found.path == "source"
        assert isinstance(found.tape_bytes, str)
    assert explain(loss).active[0] == "w"


def test_argnums_decides_what_is_active():
    assert "x" in explain(loss, *DATA, argnums=(0, 1)).active
    assert "x" not in explain(loss, *DATA).active


def test_of_a_derivative_before_and_after_a_call():
    g = grad(heat, argnums=1)
    assert explain(g).signature == "u: any, alpha: any, steps: any"
    g(np.ones(5), 0.1, 2)
    assert explain(g).signature == "u: float64[:], alpha: float, steps: int"
    assert g.explain().active == explain(g).active
    assert explain(g, np.ones(5, "f4"), 0.1, 2).signature.startswith("u: float32[:]")


def test_no_tape_where_the_program_is_linear():
    found = explain(heat, np.ones(5), 0.1, 2)
    assert [entry.trips for entry in found.tape] == [""]
    both = explain(heat, np.ones(5), 0.1, 2, argnums=(0, 1))
    assert [entry.trips for entry in both.tape] == ["", "steps"]
    assert "u.shape[0] - 2" in both.tape_formula
    assert "steps" in both.tape_formula


def kept_bytes(g, args):
    """What has been allocated when the reverse sweep begins."""
    g(*args)
    lines = g.source.splitlines()
    turn = next(k for k, line in enumerate(lines, 1) if line.strip() == "# reverse sweep")
    code, seen = g._last.run.__code__, []

    def trace(frame, event, arg):
        if event == "line" and frame.f_lineno > turn and not seen:
            seen.append(tracemalloc.get_traced_memory()[0])
        return trace if frame.f_code is code else None

    before_trace = sys.gettrace()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    sys.settrace(trace)
    try:
        g(*args)
    finally:
        sys.settrace(before_trace)
        tracemalloc.stop()
    return seen[0] - before


@pytest.mark.parametrize(
    ("f", "args", "argnums"),
    [
        (loss, DATA, 0),
        (heat, (rng.normal(size=4000), 0.1, 20), (0, 1)),
        (nested, (rng.normal(size=1000), 7, 5), 0),
        (horner, (0.5, 3000), 0),
    ],
)
def test_bytes_agree_with_tracemalloc(f, args, argnums):
    g = grad(f, argnums)
    measured = kept_bytes(g, args)
    assert isinstance(explain(g).tape_bytes, int)
    assert abs(explain(g).tape_bytes - measured) < 0.1 * measured
    assert explain(f, *args, argnums=argnums).tape_bytes == explain(g).tape_bytes


def test_trips_that_only_running_tells():
    found = explain(newton, 2.0, 1e-9)
    assert found.path == "source"
    assert isinstance(found.tape_bytes, str)
    assert "trips" in found.tape_bytes


def test_specs_for_arrays():
    found = explain(loss, srcgrad.spec("float64", 1), srcgrad.spec("float64", 2), srcgrad.spec("float64", 1))
    assert found.path == "source"
    assert "x.shape[0]" in found.tape_bytes


def test_unsupported_code_is_a_reason():
    found = explain(unsupported, 1.0)
    assert found.path == "mixed"
    ((file, line, text),) = found.reasons
    assert file.endswith("test_explain.py")
    assert line == unsupported.__code__.co_firstlineno + 3
    assert "async" in text
    assert f"test_explain.py:{line}" in str(found)
    assert explain(grad(unsupported, fallback="error")).path == "refused"


def test_tracing_as_asked_for():
    found = explain(grad(loss, mode="trace"), *DATA)
    assert found.path == "traced"
    assert "traced because of mode" in found.reasons[0][2]


def test_no_source_is_a_reason():
    space = {}
    exec("def f(x):\n    return x * 2", space)
    found = explain(space["f"], 1.0)
    assert found.path == "traced"
    assert "source" in found.reasons[0][2]


def test_an_argument_that_cannot_vary_is_a_reason():
    found = explain(loss, np.arange(4), *DATA[1:])
    assert found.path == "refused"
    assert "int" in found.reasons[0][2]


def test_mistakes_of_the_call_raise():
    with pytest.raises(TypeError):
        explain(loss, 1.0)
    with pytest.raises(ValueError, match="argnums"):
        explain(loss, *DATA, argnums=7)


def test_nothing_is_run():
    assert explain(never, 1.0).path in ("source", "refused")


def test_stages():
    found = explain(heat, np.ones(5), 0.1, 2, stages=True)
    assert list(found.stages) == ["lower", "optimise", "differentiate", "source"]
    for name in ("lower", "optimise", "differentiate"):
        assert str(parse(found.stages[name])) == found.stages[name]
    assert found.stages["source"] == grad(heat).compile(np.ones(5), 0.1, 2).source
    assert explain(heat, np.ones(5), 0.1, 2).stages == {}


def test_of_a_second_derivative():
    found = explain(grad(grad(horner)), 0.5, 10, stages=True)
    assert found.path == "source"
    assert "x" in found.active


def test_value_and_grad():
    assert explain(value_and_grad(loss), *DATA).path == "source"


def test_prints_plainly():
    text = str(explain(heat, np.ones(5), 0.1, 2, argnums=(0, 1)))
    words = [line.split()[0] for line in text.splitlines()[1:] if line[2] != " "]
    assert words == ["signature", "path", "active", "tape", "tape"]
    assert text.startswith("heat (test_explain.py:")


def test_prints_with_rich():
    rich = pytest.importorskip("rich.console")
    console = rich.Console(record=True, width=120, file=io.StringIO())
    console.print(explain(heat, np.ones(5), 0.1, 2, stages=True))
    text = console.export_text()
    assert "u: float64[:]" in text
    assert "def heat_grad" in text
