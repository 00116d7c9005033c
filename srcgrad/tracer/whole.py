"""Whole functions, written for arrays, differentiated by running them on tensors.

The function runs once, with lifted globals. What it is given are leaves in the structure of its arguments; what it
gives is a value, plain again, and a pullback that can be called any number of times.
"""

from __future__ import annotations

import functools
import traceback
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from srcgrad.errors import AliasError, Span, SrcgradError, UnsupportedError
from srcgrad.runtime import with_attributes
from srcgrad.tracer.engine import Sweep
from srcgrad.tracer.leaving import is_users
from srcgrad.tracer.modes import MODE, RUNS, GradMode, Run
from srcgrad.tracer.node import Node, Start
from srcgrad.tracer.record import LIFTER
from srcgrad.tracer.remains import arrays, settle
from srcgrad.tracer.sweeps import Level, dual, primal_part, tangent_part, zero_like
from srcgrad.tracer.tensor import NUMBERS, Overlapping, Tensor, is_array, make, plain

Path = tuple[Any, ...]


class Tracing:
    """Within it this thread traces a function written for arrays; what that leaves behind is plain afterwards."""

    def __init__(self, *reached: Any, tidies: bool = True) -> None:
        self.reached, self.tidies = reached, tidies

    def __enter__(self) -> Tracing:
        self._before = (MODE.tracing, MODE.on, MODE.run)
        MODE.tracing = MODE.on = True
        self.run = MODE.run = Run(MODE.run)
        RUNS.add(self.run)
        LIFTER.classes.reach(self.reached)
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        MODE.tracing, MODE.on, MODE.run = self._before
        RUNS.discard(self.run)
        if MODE.run is None:
            LIFTER.settle()
            if self.tidies:
                settle(*self.reached)
        if error is None or isinstance(error, Exception):
            raise_refusal(self.run, error)


def raise_refusal(run: Run, error: Exception | None) -> None:
    """Raise what was refused in a trace, also where that was swallowed or became another error on its way."""
    if run.refusal is not None and error is not run.refusal:
        raise run.refusal from error
    if isinstance(error, (TypeError, AttributeError)) and "Tensor" in str(error):
        raise UnsupportedError(
            f"traced at run time, the function asks for something that only a plain array has: {error}",
            span=raised_at(error),
            repair="Write it in terms of NumPy functions, or call detach() on what needs no derivative.",
        ) from error
    if error is not None and not isinstance(error, SrcgradError):
        error.add_note("(raised while the function was traced at run time by srcgrad)")


def raised_at(error: BaseException) -> Span | None:
    """The innermost line of the user's code that an error passed."""
    steps = [step for step in traceback.extract_tb(error.__traceback__) if is_users(step.filename)]
    return Span(steps[-1].filename, steps[-1].lineno or 0) if steps else None


def lift_function(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The function as it is traced."""
    if isinstance(fn, types.MethodType):
        return types.MethodType(LIFTER.seen(fn.__func__), fn.__self__)
    if isinstance(fn, functools.partial):
        return functools.partial(lift_function(fn.func), *fn.args, **fn.keywords)
    own = vars(type(fn)).get("__call__") if not isinstance(fn, (type, types.FunctionType)) else None
    if isinstance(own, types.FunctionType):
        return types.MethodType(LIFTER.seen(own), fn)
    found: Callable[..., Any] = LIFTER.seen(fn)
    return found


# Trees of arguments and results


def mapped(change: Callable[[Path, Any], Any], x: Any, path: Path = ()) -> Any:
    """The same structure with leaves changed: lists, tuples, dicts, and objects with attributes."""
    if isinstance(x, dict):
        return type(x)((key, mapped(change, item, (*path, key))) for key, item in x.items())
    if isinstance(x, (list, tuple)):
        items = [mapped(change, item, (*path, k)) for k, item in enumerate(x)]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    if is_record(x):
        return with_attributes(x, {name: mapped(change, item, (*path, name)) for name, item in vars(x).items()})
    return change(path, x)


def is_record(x: Any) -> bool:
    """Is it an object with attributes, of a class that is nothing special?"""
    if isinstance(x, (Tensor, np.ndarray, np.generic, type, types.ModuleType, np.random.Generator)):
        return False
    if callable(x) and not is_model(x):
        return False
    return hasattr(x, "__dict__") and type(x).__module__ not in ("builtins", "numpy")


def is_model(x: Any) -> bool:
    """Is something that can be called an object of a class that the user, or a library of models, wrote in Python?"""
    module = type(x).__module__ or ""
    foreign = module.split(".")[0] in ("srcgrad", "scipy", "functools", "torch") and not module.startswith("srcgrad.nn")
    return isinstance(type(x).__call__, types.FunctionType) and not foreign


def is_number(x: Any) -> bool:
    """Is it a floating or complex number, or an array of them?"""
    if isinstance(x, Tensor):
        x = x._value
    if isinstance(x, (float, complex)):
        return True
    return isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc"


def settled_value(x: Any) -> Any:
    """A result as the function would have given it, tensors of sweeps further out left as they are."""
    return mapped(lambda _, item: item._value if isinstance(item, Tensor) else item, x)


def paths_in(x: Any, path: Path) -> Iterator[Path]:
    """The paths of all leaves."""
    if isinstance(x, dict):
        items: Any = x.items()
    elif isinstance(x, (list, tuple)):
        items = enumerate(x)
    elif is_record(x):
        items = vars(x).items()
    else:
        yield path
        return
    for key, item in items:
        yield from paths_in(item, (*path, key))


# Memory that is shared


def forbid_overlap(given: list[tuple[Any, Tensor]]) -> None:
    """Mark arguments that share memory: each has a gradient of its own, so neither can be written."""
    for k, (_, first) in enumerate(given):
        for _, second in given[:k]:
            if np.may_share_memory(first._value, second._value):
                first._store, second._store = Overlapping(), Overlapping()


def check_captured(given: list[tuple[Any, Tensor]], *others: Any) -> None:
    """Refuse a run in which an argument was written whose memory the function can reach by another name."""
    written = [array for array, tensor in given if is_array(array) and tensor._value is not array]
    for other in arrays(*others) if written else ():
        if any(np.may_share_memory(array, other) for array in written):
            raise AliasError(
                "an argument was written whose memory the function reaches by another name too",
                repair="Pass a copy of the array.",
            )


# Reverse


class Traced:
    """One run of a function: its value, and what its pullback needs.

    Parameters
    ----------
    fn : callable
        The function.
    args, kwargs
        Its arguments.
    wanted : callable
        Says of the path of a leaf, which begins with the position or the name of an argument, if it is differentiated.
    tidies : bool
        Look for what the function left behind; not needed where it surely leaves nothing.
    """

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any],
                 wanted: Callable[[Path], bool], tidies: bool = True) -> None:  # fmt: skip
        self.nodes: dict[Path, Node] = {}
        self.wanted, self.args, self.kwargs = wanted, args, kwargs
        self.arrays: list[tuple[Any, Tensor]] = []
        self.as_they_are: list[Any] = []
        self.nested = MODE.tracing  # then what is computed here is differentiated by whoever traces around it
        with Tracing(fn, args, kwargs, tidies=tidies):
            given = [self.entered(arg, (k,)) for k, arg in enumerate(args)]
            named = {name: self.entered(arg, (name,)) for name, arg in kwargs.items()}
            self.given = given, named
            forbid_overlap(self.arrays)
            self.out = lift_function(fn)(*given, **named)
        check_captured(self.arrays, fn, *self.as_they_are)
        self.value = self.out if self.nested else settled_value(self.out)

    def entered(self, arg: Any, place: Path) -> Any:
        """An argument as the function gets it; a container that is not differentiated is handed on itself."""
        if isinstance(arg, (np.ndarray, Tensor)) or any(map(self.wanted, paths_in(arg, place))):
            return mapped(self.enter, arg, place)
        self.as_they_are.append(arg)
        return arg

    def enter(self, path: Path, x: Any) -> Any:
        """What the function gets for a leaf."""
        if self.wanted(path) and is_number(x):
            made = entered(x)
            self.nodes[path] = Start(made._node, MODE.run)
            made._node = self.nodes[path]
        elif is_array(x) and x.dtype.kind in "fc":
            made = make(x)
        else:
            return x
        if isinstance(made._value, np.ndarray):
            self.arrays.append((x, made))
        return made

    def pull(self, cotangents: Any) -> dict[Path, Any]:
        """Cotangents by the paths of the leaves; those that are missing are zero."""
        roots = list(self.roots(self.out, cotangents))
        found = Sweep(self.nodes.values(), True, self.nested).run(roots) if roots and self.nodes else {}
        return {path: found[node] for path, node in self.nodes.items() if node in found}

    def roots(self, out: Any, bar: Any) -> Any:
        """The nodes of the results, with their cotangents."""
        if isinstance(out, Tensor):
            if out._node is not None and bar is not None:
                yield out._node, bar
        elif isinstance(out, dict):
            for key, item in out.items():
                yield from self.roots(item, None if bar is None else bar[key])
        elif isinstance(out, (list, tuple)):
            for k, item in enumerate(out):
                yield from self.roots(item, None if bar is None else bar[k])
        elif is_record(out):
            for name, item in vars(out).items():
                yield from self.roots(item, None if bar is None else getattr(bar, name))

    def gradient(self, place: Path, found: dict[Path, Any]) -> Any:
        """The cotangent of one argument in its structure; None for what has none."""
        whole = self.kwargs[place[0]] if isinstance(place[0], str) else self.args[place[0]]
        for key in place[1:]:
            whole = whole[key] if isinstance(whole, (dict, list, tuple)) else getattr(whole, key)
        return mapped(lambda path, x: self.of_leaf(path, x, found), whole, place)

    def of_leaf(self, path: Path, x: Any, found: dict[Path, Any]) -> Any:
        """A fresh cotangent of the kind of the leaf."""
        if path not in self.nodes:
            return None
        bar = found.get(path)
        if bar is None:
            return zero_like(x)
        return as_kind(bar if self.nested else plain(bar), x)


def as_kind(bar: Any, x: Any) -> Any:
    """A cotangent of the type, shape and dtype of what it belongs to, in memory of its own."""
    if isinstance(bar, Tensor):
        return bar
    if isinstance(x, np.ndarray):
        return np.array(np.broadcast_to(bar, x.shape), x.dtype, order="C")
    if isinstance(x, np.generic):
        return x.dtype.type(bar)
    return type(x)(bar) if isinstance(x, NUMBERS) else bar


def entered(x: Any) -> Tensor:
    """The argument as a tensor of its own; of one from a trace further out it is the same value there."""
    if not isinstance(x, Tensor):
        return make(x)
    made = make(x._value, x._node)
    made._dots = x._dots
    return made


# Forward


def push_whole(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any],
               dots: Callable[[Path], Any]) -> tuple[Any, Any]:  # fmt: skip
    """The value of a function and its tangent, by running it on values with tangents.

    Parameters
    ----------
    fn : callable
        The function.
    args, kwargs
        Its arguments.
    dots : callable
        Gives the tangent of a leaf by its path, None for zero.

    Returns
    -------
    value, tangent
        In the structure of the result.
    """
    nested = MODE.tracing
    entered_arrays: list[tuple[Any, Tensor]] = []
    with Tracing(fn, args, kwargs), GradMode(nested and MODE.on), Level() as level:

        def enter(path: Path, x: Any) -> Any:
            varies = is_number(x) and dots(path) is not None
            made = dual(x, dots(path), level) if varies else make(x) if is_array(x) and x.dtype.kind in "fc" else x
            if isinstance(made, Tensor) and isinstance(made._value, np.ndarray):
                entered_arrays.append((x, made))
            return made

        given = [enter_all(enter, dots, arg, (k,)) for k, arg in enumerate(args)]
        named = {name: enter_all(enter, dots, arg, (name,)) for name, arg in kwargs.items()}
        forbid_overlap(entered_arrays)
        out = lift_function(fn)(*given, **named)
        result = mapped(lambda _, x: primal_part(x, level), out), mapped(lambda _, x: tangent_part(x, level), out)
    check_captured(entered_arrays, fn, *(new for new, arg in zip(given, args, strict=True) if new is arg))
    return result if nested else (settled_value(result[0]), settled_value(result[1]))


def enter_all(enter: Any, dots: Callable[[Path], Any], arg: Any, place: Path) -> Any:
    """An argument as the function gets it; a container without tangents is handed on itself."""
    if isinstance(arg, (np.ndarray, Tensor)) or any(dots(path) is not None for path in paths_in(arg, place)):
        return mapped(enter, arg, place)
    return arg


def trace_value_and_gradient(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any],
                             places: list[Path]) -> tuple[Any, list[Any]]:  # fmt: skip
    """The value of a function that returns one number, and its gradients.

    Parameters
    ----------
    fn : callable
        The function.
    args, kwargs
        Its arguments.
    places : list of tuple
        Paths of what is differentiated: the position or name of an argument, perhaps keys into it.

    Returns
    -------
    value, gradients
        The gradients in the structure of what they belong to.
    """
    run = Traced(fn, args, kwargs, lambda path: any(path[: len(place)] == place for place in places))
    found = run.pull(np.ones_like(run.value)[()])
    return run.value, [run.gradient(place, found) for place in places]
