"""Derivatives by running the function on tensors: for what cannot be differentiated from source, or when asked for.

Loaded only when something is traced: the source path works without the tracer.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from srcgrad.api.arguments import Parameters, pick, put
from srcgrad.api.derive import Place, Target, one_number
from srcgrad.api.results import non_scalar, span_of, word_of
from srcgrad.api.trees import cotangents, parts_of, placed, rebuilt, tangents, varies
from srcgrad.errors import ArgumentError, FallbackWarning, NonScalarError, SrcgradError, UnusedArgumentWarning
from srcgrad.frontend.islands import Island, Slot, unfit
from srcgrad.tracer.leaving import user_span
from srcgrad.tracer.modes import MODE
from srcgrad.tracer.runs import Recorded
from srcgrad.tracer.tensor import Tensor, make
from srcgrad.tracer.whole import Path, Traced, push_whole

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_warned: set[tuple[Any, str]] = set()


def warn_once(compiled: Any, reason: SrcgradError) -> None:
    """Say that a function is traced, and why: once for each function and reason."""
    code = getattr(compiled.parameters.fn, "__code__", compiled.label)
    if compiled.options.fallback == "silent" or MODE.tracing or (code, reason.message) in _warned:
        return
    _warned.add((code, reason.message))
    where = f" ({reason.span})" if reason.span is not None else ""
    warn_at_call(f"{compiled.label} is traced at run time: {reason.message}{where}", FallbackWarning)


def warn_at_call(text: str, kind: type[Warning]) -> None:
    """Warn at the line of the user's code that is running."""
    span = user_span()
    if span is None:
        warnings.warn(text, kind, stacklevel=2)
    else:
        warnings.warn_explicit(text, kind, span.file, span.line)


class Call:
    """A call of the function itself, and where its differentiated arguments are.

    Parameters
    ----------
    compiled : Compiled
        The derivative that is asked for.
    values : tuple
        One value for each of the function's parameters.
    """

    def __init__(self, compiled: Any, values: tuple[Any, ...]) -> None:
        self.compiled, self.parameters = compiled, compiled.parameters
        if not MODE.tracing:
            for place in compiled.floats(values):
                values = put(values, place, float(pick(values, place)))
        self.values = values
        self.targets: tuple[Target, ...] = self.parameters.targets(compiled.options.choice, values)
        self.args, self.kwargs = spread(self.parameters, values)
        self.fn = self.parameters.fn if compiled.inner is None else compiled.inner

    def place(self, target: Target) -> Path:
        """Where in the call an argument is: its position, or its name."""
        kinds = self.parameters.kinds
        kind = kinds[target[0]]
        if kind in POSITIONAL:
            return target
        if kind is inspect.Parameter.VAR_POSITIONAL:
            return (sum(k in POSITIONAL for k in kinds) + target[1], *target[2:])
        return target[1:] if kind is inspect.Parameter.VAR_KEYWORD else (self.parameters.names[target[0]], *target[1:])

    def wanted(self, path: Path) -> bool:
        """Is this leaf differentiated?"""
        return any(path[: len(place)] == place for place in map(self.place, self.targets))

    def run(self) -> Traced:
        """Run the function once."""
        return Traced(self.fn, self.args, self.kwargs, self.wanted)

    def gradients(self, run: Traced, found: dict[Path, Any]) -> Any:
        """The gradients as the user asked for them."""
        made = tuple(run.gradient(self.place(target), found) for target in self.targets)
        return made[0] if self.compiled.options.choice.single else made


def spread(parameters: Parameters, values: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Values by parameter as the arguments of a call."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for name, kind, value in zip(parameters.names, parameters.kinds, values, strict=True):
        if kind in POSITIONAL:
            args.append(value)
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            args += value
        elif kind is inspect.Parameter.VAR_KEYWORD:
            kwargs |= value
        else:
            kwargs[name] = value
    return tuple(args), kwargs


# grad and value_and_grad


def gradient(compiled: Any, values: tuple[Any, ...]) -> Any:
    """What `grad` or `value_and_grad` gives."""
    call, options = Call(compiled, values), compiled.options
    run = call.run()
    value, aux = pair(run.value, compiled) if options.has_aux else (run.value, None)
    check_number(value, compiled)
    bar = np.ones_like(value._value if isinstance(value, Tensor) else value)[()]
    found = run.pull((bar, None) if options.has_aux else bar)
    grads = without_unused(call, call.gradients(run, found), found)
    if options.kind == "value_and_grad":
        return ((value, aux), grads) if options.has_aux else (value, grads)
    return (grads, aux) if options.has_aux else grads


def pair(result: Any, compiled: Any) -> tuple[Any, Any]:
    """``(value, aux)``."""
    if not isinstance(result, tuple) or len(result) != 2:
        given = f"a tuple of {len(result)}" if isinstance(result, tuple) else word_of(result) or "one number"
        raise NonScalarError(
            f"{compiled.label} returned {given}: with has_aux=True it must return (value, aux)",
            span=span_of(compiled.primal),
            repair="Return a tuple of two, or leave has_aux out.",
        )
    return result


def check_number(value: Any, compiled: Any) -> None:
    """Raise unless the result is one real number."""
    problem = word_of(value)
    if problem is None:
        try:
            one_number(value._value if isinstance(value, Tensor) else value, compiled.options.holomorphic)
        except TypeError as error:
            problem = str(error)
    if problem is not None:
        raise non_scalar(problem, compiled.primal)


def without_unused(call: Call, grads: Any, found: dict[Path, Any]) -> Any:
    """The gradients, and what is to be said of arguments that do not matter."""
    options = call.compiled.options
    missed = [t for t in call.targets if not any(path[: len(p := call.place(t))] == p for path in found)]
    if not missed or MODE.tracing:
        return grads
    if options.unused == "none":
        made = (grads,) if options.choice.single else grads
        kept = tuple(None if t in missed else grad for t, grad in zip(call.targets, made, strict=True))
        return kept[0] if options.choice.single else kept
    names = ", ".join(f"`{call.parameters.name_of(target)}`" for target in missed)
    text = f"the result of {call.compiled.label} does not depend on {names}"
    if options.unused == "error":
        raise ArgumentError(text, repair="Leave it out of argnums.")
    if not any(isinstance(pick(call.values, t), (list, tuple, dict)) for t in missed):
        more = 'the gradient is zero. Leave it out of argnums, or pass unused="none".'
        warn_at_call(f"{text}: {more}", UnusedArgumentWarning)
    return grads


# Calls within compiled functions


def island_run(island: Island, given: tuple[Any, ...]) -> Recorded:
    """Run a part of a program that is traced while the code around it is compiled.

    Parameters
    ----------
    island : Island
        The part.
    given : tuple
        The values of its slots.

    Returns
    -------
    Recorded
        What it gave, and what it left in the arrays it may write; with the graph.
    """
    # What is saved must stay, whatever the code around the call writes.
    given = tuple([x.copy() if isinstance(x, np.ndarray) else x for x in given])
    before = [x.copy() if isinstance(x, np.ndarray) and x.dtype.kind not in "fc" else x for x in given]
    varying = {island.paths[k] for k in island.varying}
    args = [at_slots(arg, given) for arg in island.args]
    named = {name: at_slots(arg, given) for name, arg in island.kwargs.items()}
    try:
        run = Traced(island.fn, tuple(args), named, varying.__contains__, island.writes)
    except SrcgradError as error:
        raise unfit(island, f"is refused: {error.message}") from error
    kept = {id(x): tensor for x, tensor in run.arrays}
    outs = outs_of(island, run)
    check_island(island, outs, given, before, kept)
    as_given = [at_slots(arg, given) for arg in (*island.args, *island.kwargs.values())]
    if not all(map(same_structure, as_given, handed_over(run))):
        raise unfit(island, "changes a container that it is given")
    inputs = [make(given[k], run.nodes.get(island.paths[k])) for k in island.varying]
    return Recorded(inputs, [*outs, *(kept.get(id(given[k]), given[k]) for k in island.written)])


def at_slots(template: Any, given: tuple[Any, ...]) -> Any:
    """The arguments of an island, with the values of its slots."""
    if isinstance(template, Slot):
        return given[template.number]
    if isinstance(template, dict):
        return {key: at_slots(part, given) for key, part in template.items()}
    if isinstance(template, (list, tuple)):
        items = [at_slots(part, given) for part in template]
        return type(template)(*items) if hasattr(template, "_fields") else type(template)(items)
    return template


def outs_of(island: Island, run: Traced) -> list[Any]:
    """What it gave, item by item where several are asked for."""
    if island.count is None:
        return [run.out]
    if not isinstance(run.out, tuple) or len(run.out) != island.count:
        raise unfit(island, f"gives {word_of(run.value) or type(run.value).__name__}")
    return list(run.out)


def check_island(island: Island, outs: list[Any], given: tuple[Any, ...], before: list[Any], kept: dict[int, Tensor]
                 ) -> None:  # fmt: skip
    """Refuse what the code around the call could not know of."""
    values = [out._value if isinstance(out, Tensor) else out for out in outs]
    for value in values:
        if not isinstance(value, (float, int, complex, np.ndarray, np.generic)):
            raise unfit(island, f"gives {word_of(value) or type(value).__name__}")
    for k, (x, y) in enumerate(zip(given, before, strict=True)):
        was_written = id(x) in kept and kept[id(x)]._value is not x
        if k not in island.written and (was_written or (x is not y and not np.array_equal(x, y))):
            raise unfit(island, "writes into an argument")
    held = [*(x for x in given if isinstance(x, np.ndarray)), *(tensor._value for tensor in kept.values())]
    for value in values:
        if isinstance(value, np.ndarray) and any(np.may_share_memory(value, x) for x in held):
            raise unfit(island, "gives memory of an argument, or the same memory twice")
        held.append(value)


def handed_over(run: Traced) -> list[Any]:
    """The arguments as the function got them."""
    given, named = run.given
    return [*given, *named.values()]


def same_structure(x: Any, y: Any) -> bool:
    """Does a container still hold what it held: the same items, or tensors of them?"""
    if isinstance(x, dict):
        return isinstance(y, dict) and list(x) == list(y) and all(same_structure(x[k], y[k]) for k in x)
    if isinstance(x, (list, tuple)):
        return isinstance(y, (list, tuple)) and len(x) == len(y) and all(map(same_structure, x, y))
    if isinstance(y, Tensor):
        return type(x) in (float, complex) or isinstance(x, (np.ndarray, np.generic))
    return x is y


# vjp and jvp


class TracedPull:
    """A pullback of a function that was run on tensors; may be called any number of times."""

    def __init__(self, call: Call, run: Traced, value: Any) -> None:
        self._call, self._run, self._value = call, run, value
        self._count = 0
        self._template = self._places(value)

    def __repr__(self) -> str:
        return f"<pullback of {self._call.compiled.label}>"

    def _places(self, value: Any) -> Any:
        """The value's structure with a place for each leaf that varies."""
        parts = parts_of(value) if not isinstance(value, Tensor) else None
        if parts is not None:
            return rebuilt(value, {key: self._places(part) for key, part in parts.items()})
        if not isinstance(value, Tensor) and not varies(value):
            return value
        self._count += 1
        return Place(self._count - 1)

    def __call__(self, cotangent: Any) -> Any:
        """The arguments' cotangents for one of the value."""
        if self._run.nested:
            return self._pull(cotangent)
        found: dict[int, Any] = {}
        cotangents(self._template, self._value, cotangent, "cotangent", found)
        return self.raw([found[k] for k in range(self._count)])

    def places(self) -> Iterator[tuple[Target, Place, Any]]:
        """Every output that has a cotangent: path, place in the template, value."""
        return placed(self._template, self._value, ())

    def raw(self, bars: list[Any]) -> Any:
        """The same for cotangents in the order of the places."""
        return self._pull(filled(self._template, bars))

    def _pull(self, cotangent: Any) -> Any:
        has_aux = self._call.compiled.options.has_aux
        found = self._run.pull((cotangent, None) if has_aux else cotangent)
        return self._call.gradients(self._run, found)


def filled(template: Any, bars: list[Any]) -> Any:
    """The cotangents in the structure of the value."""
    if isinstance(template, Place):
        return bars[template.number]
    parts = parts_of(template)
    return None if parts is None else rebuilt(template, {key: filled(part, bars) for key, part in parts.items()})


def backward(compiled: Any, values: tuple[Any, ...]) -> tuple[tuple[Any, ...], TracedPull, tuple[Any, ...]]:
    """What the forward half of `vjp` gives, the pullback, and the arguments."""
    call = Call(compiled, values)
    run = call.run()
    value, aux = pair(run.value, compiled) if compiled.options.has_aux else (run.value, None)
    return (value, (), aux), TracedPull(call, run, value), call.values


def forward(compiled: Any, values: tuple[Any, ...], given: tuple[Any, ...]) -> tuple[Any, Any]:
    """Value and tangent."""
    call = Call(compiled, values)
    found: dict[Path, Any] = {}
    for target, part in zip(call.targets, given, strict=True):
        value, place = pick(call.values, target), call.place(target)
        label = f"tangent of `{call.parameters.name_of(target)}`"
        parts = {(): part} if isinstance(value, Tensor) or isinstance(part, Tensor) else tangents(value, part, label)
        found.update({(*place, *path): dot for path, dot in parts.items()})
    return push_whole(call.fn, call.args, call.kwargs, found.get)
