"""The command line: what it prints, and its exit codes: 0 yes, 1 wrong or unsupported, 2 a call that makes no sense."""

import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from srcgrad import cli
from tests.house.tree import ROOT

testing = pytest.importorskip("click.testing")
pytest.importorskip("rich")
commands = pytest.importorskip("srcgrad.cli.commands")
signatures = pytest.importorskip("srcgrad.cli.signatures")
targets = pytest.importorskip("srcgrad.cli.targets")

MODULE = """
import numpy as np
import srcgrad

RATE = 0.25

def loss(w, x, y):
    p = 1 / (1 + np.exp(-(x @ w)))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

def heat(u, alpha, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u ** 2)

def typed(x: float, n: int, scale=2.0):
    for _ in range(n):
        x = x * x * scale
    return x

def network(params, x):
    return np.sum(np.tanh(x @ params["w"] + params["b"]))

def unsupported(x):
    y = x * 2
    with open(y) as file:
        return file

def wrong(x):
    return x * srcgrad.stop_gradient(x)

def odd(x):
    raise ValueError("not today")

class Model:
    @staticmethod
    def energy(x):
        return np.sum(x ** 2) * RATE

ready = srcgrad.grad(heat)
number = 3
"""
LOSS = ("--spec", "float64[d], float64[n, d], float64[n]")


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "programs_under_test.py"
    path.write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield path
    sys.modules.pop("programs_under_test", None)


@pytest.fixture
def run(file):
    def run(*words):
        return testing.CliRunner().invoke(commands.srcgrad, [word.replace("F:", f"{file}:") for word in words])

    return run


def line_of(text):
    return MODULE.splitlines().index(text) + 1


class TestShow:
    def test_both_codes_with_numbers(self, run):
        done = run("show", "F:loss", *LOSS)
        assert done.exit_code == 0, done.output
        first = line_of("def loss(w, x, y):")
        assert f"{first:>5} | def loss(w, x, y):" in done.output
        assert "loss_grad for w: float64[:], x: float64[:, :], y: float64[:]" in done.output
        assert "np.log(" not in done.output.split("loss_grad for")[1]

    def test_adjoint_lines_are_tied_to_primal_lines(self, run):
        done = run("show", "F:heat", "--argnums", "0,1", "--spec", "float64[n], float, int")
        update = line_of("        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])")
        generated = done.output.split("heat_grad for")[1].splitlines()
        tied = {line.split("|")[1].strip(): line.split("|")[0].split()[1:] for line in generated[2:]}
        assert tied["u = u.copy()"] == [str(line_of("    u = u.copy()"))]
        assert tied["u_bar, alpha_bar = 2 * u, 0.0"] == [str(line_of("    return np.sum(u ** 2)"))]
        assert any(place == [str(update)] and code.startswith("u_bar[") for code, place in tied.items())
        assert tied["# reverse sweep"] == []

    def test_without_a_signature(self, run):
        done = run("show", "F:loss")
        assert done.exit_code == 0
        assert "for w: any, x: any, y: any" in done.output

    def test_value_too(self, run):
        done = run("show", "F:typed", "--value", "--spec", "float, 3")
        assert "def typed_value_and_grad(x, n, scale):" in done.output

    def test_no_colours_in_a_pipe(self, run):
        assert "\x1b" not in run("show", "F:loss", *LOSS).output

    def test_unsupported(self, run):
        done = run("show", "F:unsupported", "--spec", "float")
        assert done.exit_code == 1
        line = line_of("    with open(y) as file:")
        assert re.match(rf".*programs_under_test\.py:{line}: .*unsupported", done.output)


class TestExplain:
    def test_source(self, run):
        done = run("explain", "F:heat", "--spec", "float64[10], 0.1, 4", "--argnums", "0,1")
        assert done.exit_code == 0
        assert "path        source" in done.output
        assert "in each of steps trips" in done.output

    def test_stages(self, run):
        done = run("explain", "F:heat", "--spec", "float64[10], 0.1, 4", "--stages")
        assert "--- lower ---" in done.output
        assert "def heat_grad" in done.output

    def test_unsupported(self, run):
        done = run("explain", "F:unsupported")
        assert done.exit_code == 1
        assert "reason" in done.output


class TestCheck:
    def test_right(self, run):
        done = run("check", "F:loss", *LOSS)
        assert (done.exit_code, done.output.endswith(":loss: right\n")) == (0, True)

    def test_second_order(self, run):
        assert run("check", "F:typed", "--order", "2").exit_code == 0

    def test_guessed_from_annotations(self, run):
        assert run("check", "F:typed").exit_code == 0

    def test_containers(self, run):
        spec = "{w: float64[n, m], b: float64[m]}, float64[k, n]"
        done = run("check", "F:network", "--spec", spec, "--argnums", "0")
        assert done.exit_code == 0, done.output

    def test_given_arguments(self, run, tmp_path):
        np.savez(tmp_path / "inputs.npz", u=np.arange(6.0), alpha=0.1, steps=3)
        done = run("check", "F:heat", "--inputs", str(tmp_path / "inputs.npz"), "--argnums", "0")
        assert done.exit_code == 0, done.output

    def test_a_default_can_be_checked(self, run):
        assert run("check", "F:typed", "--spec", "float, 3", "--argnums", "2").exit_code == 0
        assert run("check", "F:typed", "--spec", "float, 3", "--argnums", "3").exit_code == 2

    def test_wrong(self, run):
        done = run("check", "F:wrong", "--spec", "float")
        assert done.exit_code == 1
        assert "wrong: " in done.output
        assert "finite differences give" in done.output

    def test_several(self, run):
        done = run("check", "F:wrong", "F:Model.energy", "--spec", "float64[n]")
        assert done.exit_code == 1
        assert "energy: right" in done.output
        assert "wrong: wrong" in done.output

    def test_unsupported(self, run):
        assert run("check", "F:unsupported", "--spec", "float").exit_code in (1, 2)
        assert run("check", "F:loss", *LOSS, "--mode", "source").exit_code == 0


class TestBuild:
    def test_a_module(self, run, tmp_path):
        path = tmp_path / "loss_grad.py"
        done = run("build", "F:loss", *LOSS, "-o", str(path))
        assert done.exit_code == 0, done.output
        assert str(path) in done.output
        w, x, y = np.array([0.1, 0.2]), np.array([[0.3, 0.4], [0.5, 0.6]]), np.array([0.0, 1.0])
        code = "import sys, numpy as np; sys.modules['srcgrad'] = None; import loss_grad as m\n"
        code += f"print(m.loss_grad(np.array({w.tolist()}), np.array({x.tolist()}), np.array({y.tolist()})).tolist())"
        alone = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        p = 1 / (1 + np.exp(-(x @ w)))
        assert np.allclose(eval(alone.stdout), x.T @ (p - y) / 2, rtol=1e-12)

    def test_the_name_by_default(self, run, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert run("build", "F:typed", "--value").exit_code == 0
        assert (
            "def typed_value_and_grad(x: float, n: int, scale: float = 2.0)"
            in (tmp_path / "typed_value_and_grad.py").read_text()
        )

    def test_needs_to_know_the_arguments(self, run):
        done = run("build", "F:heat")
        assert done.exit_code == 2
        assert "--spec" in done.output


class TestMistakes:
    @pytest.mark.parametrize(
        ("words", "text"),
        [
            (("show", "no_such_module_at_all:f"), "there is no module 'no_such_module_at_all'"),
            (("show", "nowhere/file.py:f"), "there is no file"),
            (("show", "loss"), "is not a target"),
            (("show", "F:los"), "it has Model, heat, loss"),
            (("show", "F:number"), "is a int, not a function"),
            (("show", "F:heat", "--argnums", "9"), "argnums=9 is out of range"),
            (("show", "F:heat", "--argnums", "a"), "is not a position"),
            (("show", "F:heat", "--spec", "float64[n"), "is not a signature"),
            (("show", "F:heat", "--spec", "floaty[n], 1.0, 2"), "'floaty' is not a dtype"),
            (("show", "F:heat", "--spec", "float64[n+1], 1.0, 2"), "is not a length"),
            (("show", "F:heat", "--spec", "float64[n]"), "missing a required argument"),
            (("show", "F:heat", "--mode", "fast"), "'fast' is not one of"),
            (("check", "F:odd", "--spec", "float"), "raises ValueError: not today"),
            (("check",), "Missing argument"),
            (("sho", "F:heat"), "No such command"),
        ],
    )
    def test_exit_with_two(self, run, words, text):
        done = run(*words)
        assert done.exit_code == 2
        assert text in done.output
        assert "Traceback" not in done.output


class TestTargets:
    def test_modules_and_methods(self, file):
        assert targets.resolve_target("programs_under_test:Model.energy")(np.array([2.0])) == 1.0
        assert targets.resolve_target("numpy.linalg:norm") is np.linalg.norm

    def test_a_derivative_stands_for_its_function(self, run):
        done = run("show", "F:ready", "--spec", "float64[n], float, int")
        assert "def heat_grad(" in done.output


class TestSignatures:
    def test_arrays(self):
        (x, y, z), named = signatures.examples("float64[n, 3], complex64[], float32[n], k=10")
        assert (x.dtype, x.shape[1], y.dtype, y.shape, z.dtype) == ("f8", 3, "c8", (), "f4")
        assert isinstance(y, np.ndarray)
        assert z.shape == (x.shape[0],)
        assert named == {"k": 10}

    def test_letters_and_colons_have_lengths_of_their_own(self):
        (x,), _ = signatures.examples("float64[:, n, :]")
        assert len(set(x.shape)) == 3

    def test_numbers_and_literals(self):
        (a, b, c, d, e, f), _ = signatures.examples("float, int, complex, float32, 'text', -1.5")
        assert [type(v) for v in (a, b, c, d, e, f)] == [float, int, complex, np.float32, str, float]
        assert f == -1.5

    def test_containers(self):
        (tree,), _ = signatures.examples("{w: [float64[n], float], 'b': (int, None)}")
        assert tree["w"][0].shape == (5,)
        assert tree["b"] == (3, None)

    def test_no_arguments(self):
        assert signatures.examples("") == ((), {})

    def test_seeds(self):
        one, two = (signatures.examples("float64[n]", seed)[0][0] for seed in (0, 1))
        assert not np.array_equal(one, two)


def test_the_program_itself(file):
    command = [sys.executable, "-m", "srcgrad.cli", "check", f"{file}:loss", *LOSS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("loss: right\n")


def test_without_the_extra():
    code = "import sys; sys.modules['click'] = None; from srcgrad.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install 'srcgrad[cli]'" in done.stderr


def test_help_names_every_command():
    done = testing.CliRunner().invoke(commands.srcgrad, ["--help"])
    assert cli.main.__doc__
    assert all(word in done.output for word in ("show", "explain", "check", "build"))
    assert textwrap.dedent(done.output).startswith("Usage")
