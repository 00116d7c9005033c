"""``vjp``, ``jvp`` and ``hvp``: products of a derivative with a vector."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from srcgrad.api.arguments import pick
from srcgrad.api.compiled import Compiled
from srcgrad.api.derivative import Derivative
from srcgrad.api.derive import Place, Target, Wanted, pullback, spec_at, tangent
from srcgrad.api.entries import Entry
from srcgrad.api.keys import Same
from srcgrad.api.kinds import Convert, convert_all, converter
from srcgrad.api.options import Choice, Options, choose
from srcgrad.api.results import check_pair
from srcgrad.api.trees import as_kind, cotangents, placed, tangents
from srcgrad.api.versions import Lowering, Version, emit
from srcgrad.errors import ArgumentError, SourceError, SrcgradError, UnsupportedError
from srcgrad.frontend.islands import IslandError
from srcgrad.frontend.signature import Spec
from srcgrad.ir.core import Func

T = TypeVar("T", bound=Compiled)


class Backward(Compiled):
    """The two halves of ``vjp``: a run gives the value, and what the pullback needs."""

    def derive(self, lowering: Lowering, targets: tuple[Target, ...], values: dict[str, Any] | None) -> Version:
        """The forward half as the version's own code, the pullback as a part."""
        options = self.options
        if options.has_aux:
            check_pair(lowering.primal.func, self.primal)
        halves = pullback(
            lowering.primal, Wanted(tuple(targets), options.choice.single), aux=options.has_aux, name=self.label
        )
        text, run = emit(halves.forward, options.backend)
        back, pull = emit(halves.backward, options.backend)
        specs = list(lowering.specs.values())
        parts = {
            "pull": pull,
            "template": halves.template,
            "count": halves.count,
            "backward": halves.backward,
            "convert": gradients(specs, halves.backward, targets, options.choice.single),
        }
        return Version(halves.forward, f"{text}\n\n{back}", run, lowering.lowered, parts=parts)

    def floats(self, args: tuple[Any, ...]) -> tuple[Target, ...]:
        """With ``argnums=None`` what cannot vary is left alone."""
        return super().floats(args) if self.options.choice != Choice(None) else ()

    def forward(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], Pull]:
        """What the forward half gives, and the pullback."""
        given, pull, _ = self.forward_of(self.parameters.arrange(args, kwargs))
        return given, pull

    def traced(
        self, values: tuple[Any, ...], reason: SrcgradError | None
    ) -> tuple[tuple[Any, ...], Any, tuple[Any, ...]]:
        """The same by tracing."""
        found: tuple[tuple[Any, ...], Any, tuple[Any, ...]] = self.tracer(reason).backward(self, values)
        return found

    def forward_of(self, values: tuple[Any, ...]) -> tuple[tuple[Any, ...], Pull, tuple[Any, ...]]:
        """The same for arguments in order; these once more, ints that are differentiated made floats."""
        if self.traces_now:
            return self.traced(values, None)
        self.refuse_tensors(values)
        try:
            entry, values, captured = self.prepared_values(values)
        except (UnsupportedError, SourceError) as error:
            return self.traced(values, error)
        self._last = entry.version
        try:
            given = self.attempt(entry, entry.run, *values, **captured)
        except IslandError as error:
            self.forget_islands()
            return self.traced(values, error)
        return given, Pull(self, entry, given[0], given[1]), values


class Pull:
    """A pullback: takes a cotangent of the value, gives those of the arguments; may be called any number of times."""

    def __init__(self, owner: Backward, entry: Entry, value: Any, residuals: tuple[Any, ...]) -> None:
        self._owner, self._entry, self._residuals = owner, entry, residuals
        self._value = value

    def __repr__(self) -> str:
        return f"<pullback of {self._owner.label}>"

    @property
    def residuals(self) -> tuple[Any, ...]:
        """What it keeps of the run."""
        return self._residuals

    def __call__(self, cotangent: Any) -> Any:
        """The arguments' cotangents for one of the value."""
        parts = self._entry.version.parts
        found: dict[int, Any] = {}
        cotangents(parts["template"], self._value, cotangent, "cotangent", found)
        return self.raw([found[k] for k in range(parts["count"])])

    def places(self) -> Iterator[tuple[Target, Place, Any]]:
        """Every output that has a cotangent: path, place in the template, value."""
        return placed(self._entry.version.parts["template"], self._value, ())

    def raw(self, bars: list[Any]) -> Any:
        """The same for cotangents that are right already, in the template's order."""
        parts = self._entry.version.parts
        result = self._owner.attempt(self._entry, parts["pull"], *bars, *self._residuals)
        return result if parts["convert"] is None else parts["convert"](result)


def gradients(specs: list[Spec], func: Func, targets: tuple[Target, ...], single: bool) -> Convert | None:
    """From what a pullback gives to the arguments' kinds."""
    made = func.block.yields[0]
    parts = [
        converter(spec_at(specs, target), item)
        for target, item in zip(targets, [made] if single else made, strict=True)
    ]
    return parts[0] if single else convert_all(parts)


class Forwards(Compiled):
    """``jvp`` as code: arguments, then one tangent per leaf that varies; gives ``(value, tangent[, aux])``.

    As the outer half of ``hvp`` it gives the tangent alone.
    """

    def derive(self, lowering: Lowering, targets: tuple[Target, ...], values: dict[str, Any] | None) -> Version:
        """The function and its directional derivative."""
        options = self.options
        if options.has_aux:
            check_pair(lowering.primal.func, self.primal)
        wanted = Wanted(tuple(targets), options.choice.single)
        value, name = options.kind == "jvp", f"{self.label}_{options.kind}"
        func = tangent(lowering.primal, wanted, value=value, aux=options.has_aux, name=name)
        text, run = emit(func, options.backend)
        places = [(leaf.param, *leaf.path) for leaf in lowering.primal.leaves(wanted)]
        return Version(func, text, run, lowering.lowered, parts={"places": places})

    def push(self, args: tuple[Any, ...], tangents: Any, kwargs: dict[str, Any]) -> Any:
        """Value and tangent."""
        given = self.parameters.arrange(args, kwargs)
        if self.traces_now:
            return self.traced(None, given, tangents)
        self.refuse_tensors(given)
        try:
            entry, values, captured = self.prepared_values(given)
        except (UnsupportedError, SourceError) as error:
            return self.traced(error, given, tangents)
        self._last = entry.version
        dots = self.dots(entry, values, tangents)
        try:
            return self.attempt(entry, entry.run, *values, *dots, **captured)
        except IslandError as error:
            self.forget_islands()
            return self.traced(error, given, tangents)

    def traced(self, reason: SrcgradError | None, given: tuple[Any, ...], tangents: Any) -> Any:
        """The same by tracing."""
        pair = self.tracer(reason).forward(self, given, tangents)
        return pair if self.options.kind == "jvp" else pair[1]

    def dots(self, entry: Entry, values: tuple[Any, ...], given: tuple[Any, ...]) -> list[Any]:
        """One tangent per leaf that varies, in the order the code takes them."""
        found: dict[Target, Any] = {}
        for target, part in zip(self.parameters.targets(self.options.choice, values), given, strict=True):
            checked = tangents(pick(values, target), part, f"tangent of `{self.parameters.name_of(target)}`")
            found.update({(*target, *path): dot for path, dot in checked.items()})
        return [found[place] for place in entry.version.parts["places"]]


@functools.lru_cache(maxsize=256)
def _kept(cls: Any, fn: Any, options: Options) -> Any:
    return cls(fn.value if isinstance(fn, Same) else fn, options)


def kept(cls: type[T], fn: Any, options: Options) -> T:
    """The compiled form of a function, kept for the next call; objects count by identity."""
    known = isinstance(fn, (types.FunctionType, types.MethodType, Compiled))
    key: Any = cls
    found: T = _kept(key, fn if known else Same(fn), options)
    return found


def vjp(f: Callable[..., Any], *args: Any, argnums: Any = None, has_aux: bool = False, **kwargs: Any) -> Any:
    """The value of a function, and the function that pulls cotangents back.

    Parameters
    ----------
    f : callable
        A Python function of NumPy arrays, numbers and containers of them.
    *args, **kwargs
        Where to evaluate it.
    argnums : int or tuple of int, optional
        Which positional arguments to differentiate; by default all.
    has_aux : bool
        `f` returns ``(value, aux)``.

    Returns
    -------
    value : object
        What `f` returns.
    pullback : callable
        Takes a cotangent in the structure of the value (None for zero). Gives a tuple of the arguments' cotangents, one
        bare cotangent where `argnums` is an int; None for leaves without derivative. It may be called again.
    aux : object
        With `has_aux` only.

    Examples
    --------
    >>> import srcgrad
    >>> value, pullback = srcgrad.vjp(lambda x, y: x * y, 3.0, 4.0)
    >>> value, pullback(1.0)
    (12.0, (4.0, 3.0))
    """
    backward = kept(Backward, f, Options("vjp", choose(argnums, None), has_aux))
    given, pull = backward.forward(args, kwargs)
    return (given[0], pull, given[2]) if has_aux else (given[0], pull)


def jvp(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    tangents: Any,
    *,
    argnums: Any = None,
    kwargs: dict[str, Any] | None = None,
) -> tuple[Any, Any]:
    """The value of a function and its directional derivative.

    Parameters
    ----------
    f : callable
        A Python function of NumPy arrays, numbers and containers of them.
    args : tuple
        Where to evaluate it.
    tangents : tuple
        One tangent per argument, in its structure; None stands for zero. With `argnums` an int, one bare tangent.
    argnums : int or tuple of int, optional
        Which arguments the tangents belong to; by default all.
    kwargs : dict, optional
        Keyword arguments of `f`.

    Returns
    -------
    value : object
        What `f` returns.
    tangent : object
        Its derivative along `tangents`, in the structure of the value; None for leaves without derivative.

    Examples
    --------
    >>> import srcgrad
    >>> srcgrad.jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.0))
    (12.0, 4.0)
    """
    if not isinstance(args, (tuple, list)):
        raise ArgumentError(
            f"args must be a tuple of arguments, not {type(args).__name__}", repair="For instance jvp(f, (x,), (dx,))."
        )
    choice = choose(argnums, None)
    numbers, given = directions(choice, len(args), tangents)
    forwards = kept(Forwards, f, Options("jvp", Choice(numbers)))
    value, tangent_ = forwards.push(tuple(args), given, kwargs or {})
    return value, tangent_ if forwards.traces_now else as_kind(value, tangent_)


def directions(choice: Choice, count: int, given: Any) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """The positions that move, and their tangents: an argument whose tangent is None stands still."""
    numbers = tuple(range(count)) if choice.argnums is None else choice.numbers
    parts = (given,) if choice.single else given
    if not isinstance(parts, (tuple, list)):
        raise ArgumentError(
            f"tangents must be a tuple, one for each of {len(numbers)} arguments, not {type(given).__name__}",
            repair="For instance jvp(f, (x,), (dx,)).",
        )
    if len(parts) != len(numbers):
        raise ArgumentError(
            f"{len(parts)} tangents were given for {len(numbers)} arguments", repair="None stands for zero."
        )
    pairs = [(k, part) for k, part in zip(numbers, parts, strict=True) if part is not None]
    return tuple(k for k, _ in pairs), tuple(part for _, part in pairs)


def hvp(f: Callable[..., Any], args: tuple[Any, ...], v: Any, *, argnums: Any = 0) -> Any:
    """The product of a Hessian with a vector, without the Hessian.

    Parameters
    ----------
    f : callable
        A Python function that returns one real number.
    args : tuple
        Where to evaluate it.
    v : object
        The vector, in the structure of ``args[argnums]``; with `argnums` a tuple, a tuple of them.
    argnums : int or tuple of int
        Which arguments to differentiate.

    Returns
    -------
    object
        In the structure of `v`.

    Examples
    --------
    >>> import srcgrad
    >>> srcgrad.hvp(lambda x: x**3, (2.0,), 1.0)
    12.0
    """
    choice = choose(argnums, None)
    gradient = kept(Derivative, f, Options("grad", choice))
    forwards = kept(Forwards, gradient, Options("hvp", choice))
    numbers = choice.numbers if choice.argnums is not None else tuple(range(len(args)))
    given = (v,) if choice.single else tuple(v)
    if len(given) != len(numbers):
        raise ArgumentError(f"{len(given)} vectors were given for {len(numbers)} arguments")
    product = forwards.push(tuple(args), given, {})
    if forwards.traces_now:
        return product
    own = [float(args[k]) if type(args[k]) is int else args[k] for k in numbers]
    return as_kind(own[0] if choice.single else tuple(own), product)


__all__ = ["Backward", "Forwards", "Pull", "hvp", "jvp", "kept", "vjp"]
