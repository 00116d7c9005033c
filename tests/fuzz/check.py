"""One random program against the truth: what a library's derivatives of it are, beside finite differences."""

from __future__ import annotations

import contextlib
import copy
import io
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from types import FrameType, TracebackType
from typing import Any, Protocol

import numpy as np

from srcgrad.errors import FallbackWarning, SrcgradError, UnsupportedError
from tests import finite, trees
from tests.fuzz.program import Program

KINDS = ("ok", "refused", "wrong", "not smooth", "error")
SECONDS = 30
MODES = ("reverse", "forward", "trace")


class Library(Protocol):
    """What is under test: the part of the public interface that takes a function apart."""

    def value_and_grad(self, f: Any, argnums: Any) -> Callable[..., Any]: ...
    def grad(self, f: Any, argnums: Any) -> Callable[..., Any]: ...
    def traced(self, f: Any, argnums: Any) -> Callable[..., Any]: ...
    def jvp(self, f: Any, args: Any, tangents: Any) -> tuple[Any, Any]: ...
    def vjp(self, f: Any, *args: Any, argnums: Any) -> tuple[Any, Callable[[Any], Any]]: ...


@dataclass(frozen=True)
class Outcome:
    """What became of a program, in one word and in detail; `signature` is equal for equal causes."""

    kind: str
    detail: str = ""
    signature: str = ""
    traced: str = ""  # what the tracer did: "ok", "refused", nothing where it was not asked


class WrongError(AssertionError):
    """The library's answer is not the truth."""


@dataclass
class Recorder:
    """Keeps an exception of the code under test: whatever it raises is a finding."""

    error: BaseException | None = field(default=None)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> bool:
        self.error = error
        return isinstance(error, Exception)


@contextlib.contextmanager
def deadline(seconds: int = SECONDS) -> Iterator[None]:
    """Raise TimeoutError in the code under test when it takes too long, in processor time: machines may be busy."""

    def ring(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"still running after {seconds} s")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def quiet() -> Iterator[io.StringIO]:
    """No floating-point warnings, and what is printed is caught."""
    printed = io.StringIO()
    with np.errstate(all="ignore"), warnings.catch_warnings(), contextlib.redirect_stdout(printed):
        warnings.simplefilter("ignore")
        yield printed


@dataclass(frozen=True)
class Truth:
    """The value of a program, what it prints, and its slope along some directions."""

    value: float
    printed: str
    slopes: list[tuple[dict[trees.Path, Any], finite.Estimate]]
    noise: float

    @property
    def smooth(self) -> bool:
        """Can all slopes be trusted?"""
        return all(slope.trusted(max(abs(float(slope.value)), 0.1), 1e-5) for _, slope in self.slopes)


def started_anew(module: Any) -> Callable[..., Any]:
    """The function of a module, whose arrays and dicts hold at each call what they held at first."""
    again = restorer(module)

    def f(*args: Any) -> Any:
        again()
        return module.f(*args)

    return f


def restorer(module: Any) -> Callable[[], None]:
    """What puts the state of a module back, in place."""
    first = {name: copy.deepcopy(held) for name, held in vars(module).items() if name.isupper()}

    def again() -> None:
        for name, held in first.items():
            if isinstance(held, np.ndarray):
                getattr(module, name)[...] = held
            elif isinstance(held, dict):
                getattr(module, name).clear()
                getattr(module, name).update(copy.deepcopy(held))

    return again


def truth_of(program: Program) -> Truth:
    """Run the program itself, in double precision, at and around its arguments."""
    rng = np.random.default_rng(program.seed)
    f, args = started_anew(program.load_wide()), trees.widened(program.args)
    ways = [trees.random_direction(rng, args) for _ in range(2)]
    ways += [trees.random_direction(rng, args, path) for path, _ in trees.leaves(args)]
    with quiet() as printed:
        value = f(*trees.copied(args))
        once = printed.getvalue()
        assert not np.iscomplexobj(value), "the result is complex"
        slopes = [(way, finite.directional(f, args, way)) for way in ways]
    noise = 3e-3 if _single(program) else 1e-7
    return Truth(float(value), once, slopes, noise)


def _single(program: Program) -> bool:
    """Does single precision occur?"""
    return "float32" in program.text or any(
        getattr(x, "dtype", None) == np.float32 for _, x in trees.leaves(program.args)
    )


def check(program: Program, library: Library, order: int = 1, modes: tuple[str, ...] = MODES) -> Outcome:
    """Differentiate a program in both modes (or one), to first (or second) order, and compare."""
    primal = Recorder()
    with primal, deadline():
        truth = truth_of(program)
    if primal.error is not None:
        return Outcome("error", f"the program itself: {primal.error!r}", "primal")
    if not (np.isfinite(truth.value) and truth.smooth):
        return Outcome("not smooth")
    found, traced = Recorder(), ""
    with found, deadline(), quiet():
        bars = _check_gradient(program, library, truth) if "reverse" in modes else None
        if "forward" in modes:
            _check_tangents(program, library, truth, bars)
        traced = _check_traced(program, library, truth, bars) if "trace" in modes else ""
        if order > 1:
            _compare_second(program, library)
    return replace(outcome_of(found.error), traced=traced)


def outcome_of(error: BaseException | None) -> Outcome:
    """What an exception of the code under test says."""
    if error is None:
        return Outcome("ok")
    if isinstance(error, UnsupportedError):
        return Outcome("refused", str(error), f"{type(error).__name__}: {error.message}")
    if isinstance(error, FallbackWarning):
        return Outcome("refused", str(error), f"traced: {error}")
    if isinstance(error, WrongError):
        return Outcome("wrong", str(error), str(error).split(":")[0])
    text = "\n".join("".join(traceback.format_exception(error)).splitlines()[-30:])
    if isinstance(error, RecursionError):  # wherever it happened to end
        return Outcome("error", text, "RecursionError")
    return Outcome("error", text, f"{type(error).__name__} in {_innermost(error)}")


def _innermost(error: BaseException) -> str:
    """The function that raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return frames[-1].name if frames else "?"


# First order


Bars = dict[int, Any]


def _check_gradient(program: Program, library: Library, truth: Truth) -> Bars:
    """Value, prints and gradients; the gradients by position."""
    module, args = program.load_module(), trees.copied(program.args)
    with quiet() as printed:
        value, found = library.value_and_grad(module.f, program.argnums)(*args)
    _check_state(program, module, args, "reverse")
    _same_number("value", float(value), truth.value, truth.noise * max(1.0, abs(truth.value)))
    _expect(printed.getvalue() == truth.printed, f"printed: {printed.getvalue()!r} instead of {truth.printed!r}")
    _unchanged(program.args, args)
    bars = dict(zip(program.argnums, found, strict=True))
    _same_kinds({i: args[i] for i in program.argnums}, bars)
    _own_memory(args, found)
    for way, slope in truth.slopes:
        reverse, size = trees.pairing(bars, way)
        _same_number("reverse", reverse, float(slope.value), _tolerance(truth, slope, size))
    return bars


def _check_tangents(program: Program, library: Library, truth: Truth, bars: Bars | None) -> None:
    """Values and tangents along all directions, also against the gradients where there are any."""
    exact = truth.noise if truth.noise > 1e-6 else 1e-9
    module, args = program.load_module(), trees.copied(program.args)
    again = restorer(module)
    for k, (way, slope) in enumerate(truth.slopes):
        again()
        value, dot = library.jvp(module.f, args, _tangents(program, args, way))
        if k == 0:
            _check_state(program, module, args, "forward")
        reverse, size = (float(slope.value), 0.0) if bars is None else trees.pairing(bars, way)
        _same_number("forward", float(dot), float(slope.value), _tolerance(truth, slope, size))
        _same_number("forward value", float(value), truth.value, truth.noise * max(1.0, abs(truth.value)))
        if bars is not None:
            _same_number("forward and reverse", float(dot), reverse, exact * (size + 1.0))


def _tangents(program: Program, args: Any, way: dict[trees.Path, Any]) -> tuple[Any, ...]:
    """The tangent of each argument, None for those that have none."""
    given = trees.as_tangents(args, way)
    return tuple(tangent if i in program.argnums else None for i, tangent in enumerate(given))


def _check_traced(program: Program, library: Library, truth: Truth, bars: Bars | None) -> str:
    """The gradients that the tracer gives, against those from source; refused is fine, wrong is not."""
    f, args = program.load(), trees.copied(program.args)
    tried = Recorder()
    with tried, quiet():
        value, found = library.traced(f, program.argnums)(*args)
    if isinstance(tried.error, SrcgradError):
        return "refused"
    if tried.error is not None:
        raise tried.error
    _same_number("traced value", float(value), truth.value, truth.noise * max(1.0, abs(truth.value)))
    traced = dict(zip(program.argnums, found, strict=True))
    exact = truth.noise if truth.noise > 1e-6 else 1e-9
    for way, slope in truth.slopes:
        number, size = trees.pairing(traced, way)
        expected = float(slope.value) if bars is None else trees.pairing(bars, way)[0]
        near = _tolerance(truth, slope, size) if bars is None else exact * (size + 1.0)
        _same_number("traced", number, expected, near)
    return "ok"


def _tolerance(truth: Truth, slope: finite.Estimate, size: float) -> float:
    return 10 * slope.error + truth.noise * (abs(float(slope.value)) + 0.1 * size + 0.1)


def _expect(holds: bool, message: str) -> None:
    if not holds:
        raise WrongError(message)


def _same_number(what: str, found: float, expected: float, tolerance: float) -> None:
    what = what if np.isfinite(found) else f"{what} not finite"
    _expect(
        abs(found - expected) <= tolerance, f"{what}: {found!r} instead of {expected!r} (tolerance {tolerance:.1e})"
    )


def _unchanged(args: Any, given: Any) -> None:
    """The arrays handed in still hold what they held."""
    for path, leaf in trees.leaves(args):
        _expect(np.array_equal(leaf, trees.at(given, path)), f"argument changed: {path}")


def _check_state(program: Program, module: Any, args: Any, mode: str) -> None:
    """What the program keeps outside itself is afterwards what a plain call leaves, its code having run once."""
    _unchanged(program.args, args)
    if not any(word in program.text for word in ("BUFFER", "COUNTS", "TABLE", "n_log")):
        return
    plain, given = program.load_module(), trees.copied(program.args)
    plain.f(*given)
    expected, found = _state(program, plain, given), _state(program, module, args)
    _expect(found == expected, f"state after {mode}: {found} instead of {expected}")


def _state(program: Program, module: Any, args: Any) -> dict[str, Any]:
    """What a module holds, and the log among the arguments."""
    state = {name: getattr(module, name) for name in vars(module) if name.isupper()}
    rounded = {name: x.round(9).tolist() if isinstance(x, np.ndarray) else x for name, x in state.items()}
    return rounded | ({"log": list(args[-1])} if "n_log" in program.text else {})


def _same_kinds(given: Any, bars: Any) -> None:
    """Each leaf has a gradient of its own type, shape and dtype."""
    for path, leaf in trees.leaves(given):
        bar = trees.at(bars, path)
        what = f"{type(bar).__name__} {np.shape(bar)} {getattr(bar, 'dtype', '')}"
        like = isinstance(bar, type(leaf)) and np.shape(bar) == np.shape(leaf)
        _expect(like and getattr(bar, "dtype", None) == getattr(leaf, "dtype", None), f"kind: {what} for {path}")


def _own_memory(given: Any, bars: Any) -> None:
    """No gradient is a view of an argument or of another gradient, and all can be written."""
    arrays = [x for _, x in trees.leaves(bars) if isinstance(x, np.ndarray)]
    inputs = [x for _, x in trees.leaves(given) if isinstance(x, np.ndarray)]
    for i, bar in enumerate(arrays):
        shared = any(np.shares_memory(bar, other) for other in inputs + arrays[:i])
        _expect(not shared, "shared memory: a gradient with an argument or another gradient")
    _expect(all(bar.flags.writeable for bar in arrays), "read-only: a gradient")


# Second order: the gradient, now known to be right, is what finite differences are taken of


def _compare_second(program: Program, library: Library) -> None:
    rng = np.random.default_rng(program.seed + 1)
    module, args = program.load_module(), trees.copied(program.args)
    if _single(program):
        return
    g, again = library.grad(module.f, program.argnums), restorer(module)
    way, weights = trees.random_direction(rng, args), trees.random_direction(rng, args)

    def along(*moved: Any) -> float:
        again()
        return trees.pairing(dict(zip(program.argnums, g(*moved), strict=True)), weights)[0]

    slope = finite.directional(along, args, way)
    expected = float(slope.value)
    if not slope.trusted(max(abs(expected), 0.1), 1e-5):
        return
    tolerance = 10 * slope.error + 1e-6 * (abs(expected) + 1.0)
    again()
    _, dots = library.jvp(g, args, _tangents(program, args, way))
    forward = trees.pairing(dict(zip(program.argnums, dots, strict=True)), weights)[0]
    _same_number("second order, forward over reverse", forward, expected, tolerance)
    again()
    _, pullback = library.vjp(g, *args, argnums=program.argnums)
    tangents = trees.as_tangents(args, weights)
    twice = pullback(tuple(tangents[i] for i in program.argnums))
    reverse = trees.pairing(dict(zip(program.argnums, twice, strict=True)), way)[0]
    _same_number("second order, reverse over reverse", reverse, expected, tolerance)
