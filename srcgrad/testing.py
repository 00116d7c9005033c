"""`check_grads`: reverse mode against forward mode against finite differences."""

from __future__ import annotations

import copy
import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
import optree

from srcgrad.api import grad, jacfwd, jvp, vjp

__all__ = ["check_grads"]

Fn = Callable[..., Any]
MODES = ("reverse", "forward")
STEP, LEVELS = 2e-3, 5


def check_grads(
    f: Fn,
    args: Sequence[Any],
    *,
    kwargs: dict[str, Any] | None = None,
    argnums: int | Sequence[int] | None = None,
    order: int = 2,
    modes: Sequence[str] = MODES,
    rtol: float | None = None,
    atol: float | None = None,
    seed: int = 0,
) -> None:
    """Compare the derivatives of a function with finite differences, along random directions.

    Parameters
    ----------
    f : callable
        The function; its result is a number, an array, or a container of them.
    args : sequence
        Its positional arguments: numbers, arrays, containers of them.
    kwargs : dict, optional
        Further arguments, held fixed.
    argnums : int or sequence of int, optional
        Which arguments move; all by default. Leaves that are not floating or complex never move.
    order : int
        Up to which order; above the first, the derivatives themselves are differentiated again.
    modes : sequence of str
        ``"reverse"``, ``"forward"``, or both, which are then also compared with each other.
    rtol, atol : float, optional
        Tolerances; 1e-6 and 1e-8 where all arguments are in double precision, 2e-2 and 1e-3 otherwise.
    seed : int
        Of the random directions.

    Raises
    ------
    AssertionError
        With the leaf, the index and both numbers; also where finite differences themselves do not settle, because the
        function has a kink or a jump at this point, or loses too many digits.

    Examples
    --------
    >>> import numpy as np
    >>> import srcgrad
    >>> def f(x):
    ...     return np.sum(np.sin(x))
    >>> srcgrad.check_grads(f, (np.array([0.3, 1.2]),))
    """
    unknown = [mode for mode in modes if mode not in MODES]
    if unknown or not modes:
        raise ValueError(f"modes are {' and '.join(MODES)}, not {unknown or modes}")
    bound = functools.partial(f, **kwargs) if kwargs else f
    values = tuple(float(x) if isinstance(x, int) and not isinstance(x, bool) and _moves(i, args, argnums) else x
                   for i, x in enumerate(args))  # fmt: skip
    check = _Check(bound, values, _positions(values, argnums), tuple(modes), *_tolerances(values, rtol, atol))
    _check(check, order, np.random.default_rng(seed))


@dataclass(frozen=True)
class _Check:
    """What is checked, and how closely."""

    f: Fn
    args: tuple[Any, ...]
    argnums: tuple[int, ...]
    modes: tuple[str, ...]
    rtol: float
    atol: float
    title: str = "f"


def _positions(args: Sequence[Any], argnums: int | Sequence[int] | None) -> tuple[int, ...]:
    """The arguments that move, counted from the front: those named, or all that have a leaf that can."""
    if argnums is None:
        return tuple(i for i, arg in enumerate(args) if any(map(_is_active, _split(arg, "").leaves)))
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    return tuple(range(len(args))[i] for i in numbers)


def _moves(i: int, args: Sequence[Any], argnums: int | Sequence[int] | None) -> bool:
    return argnums is not None and i in _positions(args, argnums)


def _tolerances(args: tuple[Any, ...], rtol: float | None, atol: float | None) -> tuple[float, float]:
    dtypes = [np.asarray(leaf).dtype for leaf in _split(args, "").leaves if _is_active(leaf)]
    single = any(np.finfo(dtype).eps > 1e-10 for dtype in dtypes)
    default = (2e-2, 1e-3) if single else (1e-6, 1e-8)
    return (default[0] if rtol is None else rtol), (default[1] if atol is None else atol)


def _check(check: _Check, order: int, rng: np.random.Generator) -> None:
    """The first derivatives of one function, then each of those as a function."""
    for _ in range(2):
        _along(check, _noise(rng, check.args, check.argnums), rng)
    if order > 1:
        for each in _derivatives(check, rng):
            _check(each, order - 1, rng)


def _derivatives(check: _Check, rng: np.random.Generator) -> Iterator[_Check]:
    """The gradients of the function's result, weighted to one number, as functions of the same arguments."""
    result = check.f(*_fresh(check.args))
    scalar = check.f if _is_real_number(result) else _weighted(check.f, _weights(rng, result))
    if "reverse" in check.modes:
        yield replace(check, f=grad(scalar, argnums=check.argnums), title=f"the gradient of {check.title}")
    else:
        yield replace(check, f=jacfwd(scalar, argnums=check.argnums), title=f"the forward derivative of {check.title}")


def _weighted(f: Fn, weights: Any) -> Fn:
    def scalar(*args: Any) -> Any:
        return _weigh(f(*args), weights)

    return scalar


def _weigh(result: Any, weights: Any) -> Any:
    """The sum of the leaves of a result times their weights."""
    total = 0.0
    if isinstance(result, dict):
        for key in result:
            total = total + _weigh(result[key], weights[key])
        return total
    if isinstance(result, (list, tuple)):
        for item, weight in zip(result, weights, strict=True):
            total = total + _weigh(item, weight)
        return total
    return np.sum(np.real(result * weights))


def _weights(rng: np.random.Generator, result: Any) -> Any:
    tree = _split(result, "")
    return tree.rebuild([_random_like(rng, leaf) if _is_active(leaf) else 0.0 for leaf in tree.leaves])


# Comparing along one direction


def _along(check: _Check, direction: list[Any], rng: np.random.Generator) -> None:
    """Both modes against finite differences, and against each other, along one direction."""
    truth, error = _slope(check, direction)
    scale = max((float(np.max(np.abs(x), initial=0.0)) for x in truth), default=0.0)
    if not error <= max(100 * check.rtol * scale, 100 * check.atol):
        raise AssertionError(
            f"{check.title} cannot be checked here: finite differences disagree by {error:.1e}; "
            "there is a kink or a jump at this point, or too few digits are left"
        )
    tolerance = check.atol + check.rtol * scale + 10 * error
    dots = _forward(check, direction) if "forward" in check.modes else None
    if dots is not None and _distance(dots, truth) > tolerance:
        _report(check, "forward", dots, truth, tolerance)
    if "reverse" in check.modes:
        _check_reverse(check, direction, truth if dots is None else dots, tolerance, rng)


def _check_reverse(
    check: _Check, direction: list[Any], dots: list[Any], tolerance: float, rng: np.random.Generator
) -> None:
    """``<pullback(bar), direction>`` is ``<bar, dots>`` for a random cotangent."""
    result = check.f(*_fresh(check.args))
    bars = [_random_like(rng, leaf) for leaf in _active(result)]
    expected = _pairing(bars, dots)
    found = _pairing(_reverse(check, result, bars), direction)
    size = sum(float(np.size(bar)) for bar in bars)
    if not abs(found - expected) <= tolerance * max(1.0, size):
        _locate(check, result, bars, tolerance)
        raise AssertionError(_message(check, "reverse", "the sum over all leaves", found, expected))


def _report(check: _Check, mode: str, found: list[Any], truth: list[Any], tolerance: float) -> None:
    """Name the leaf and index of an input for which the derivative is wrong, or else of the result."""
    for name, index, unit in _units(check):
        exact, error = _slope(check, unit)
        for x, y in zip(_forward(check, unit), exact, strict=True):
            place = _worst(x, y)
            if not abs(np.asarray(x)[place] - np.asarray(y)[place]) <= tolerance + 10 * error:
                raise AssertionError(_message(check, mode, name + index, np.asarray(x)[place], np.asarray(y)[place]))
    names = _split(check.f(*_fresh(check.args)), "result")
    for name, x, y in zip(names.active_names, found, truth, strict=True):
        place = _worst(x, y)
        if not abs(np.asarray(x)[place] - np.asarray(y)[place]) <= tolerance:
            raise AssertionError(
                _message(check, mode, name + _index(place), np.asarray(x)[place], np.asarray(y)[place])
            )


def _locate(check: _Check, result: Any, bars: list[Any], tolerance: float) -> None:
    """Name the leaf and index of the input whose cotangent is wrong."""
    found = _reverse(check, result, bars)
    for name, index, unit in _units(check):
        exact, error = _slope(check, unit)
        expected, value = _pairing(bars, exact), _pairing(found, unit)
        if not abs(value - expected) <= tolerance + 10 * error:
            raise AssertionError(_message(check, "reverse", name + index, value, expected))


def _message(check: _Check, mode: str, place: str, found: Any, expected: Any) -> str:
    return (
        f"{mode} mode of {check.title} is wrong at {place}: srcgrad gives {found}, finite differences give {expected}"
    )


def _units(check: _Check) -> Iterator[tuple[str, str, list[Any]]]:
    """Each leaf name and index that can move, with the direction that moves it alone."""
    tree = _moving(check.args, check.argnums)
    zeros = [np.zeros_like(leaf) for leaf in tree.active_leaves]
    for i, (name, leaf) in enumerate(zip(tree.active_names, tree.active_leaves, strict=True)):
        for place in np.ndindex(np.shape(leaf)):
            for unit in (1.0, 1j) if np.iscomplexobj(leaf) else (1.0,):
                spike = np.zeros_like(leaf)
                spike[place] = unit
                yield name, _index(place), [spike if j == i else zero for j, zero in enumerate(zeros)]


def _index(place: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, place))}]" if place else ""


def _worst(found: Any, expected: Any) -> tuple[Any, ...]:
    """Where two arrays differ most; a value that is not a number differs most of all."""
    gap = np.abs(np.asarray(found) - np.asarray(expected))
    return np.unravel_index(int(np.argmax(np.where(np.isnan(gap), np.inf, gap))), gap.shape) if gap.size else ()


def _distance(found: list[Any], expected: list[Any]) -> float:
    gaps = [float(np.max(np.abs(x - y), initial=0.0)) for x, y in zip(found, expected, strict=True)]
    return max((np.inf if np.isnan(gap) else gap for gap in gaps), default=0.0)


def _pairing(bars: list[Any], dots: list[Any]) -> float:
    pairs = [(bar, dot) for bar, dot in zip(bars, dots, strict=True) if bar is not None]
    return sum(float(np.sum(np.real(np.asarray(bar) * dot))) for bar, dot in pairs)


# The three ways to a derivative: each gives one array per active leaf


def _forward(check: _Check, direction: list[Any]) -> list[Any]:
    args = _fresh(check.args)
    tree = _moving(args, check.argnums)
    dots = iter(direction)
    tangents = tree.rebuild([_cast(next(dots), leaf) if _is_active(leaf) else None for leaf in tree.leaves])
    by_position = dict(zip(check.argnums, tangents, strict=True))
    value, tangent = jvp(check.f, args, tuple(by_position.get(i) for i in range(len(args))))
    mask = [_is_active(leaf) for leaf in _split(value, "").leaves]
    return [np.asarray(dot) for dot, active in zip(_split(tangent, "").leaves, mask, strict=True) if active]


def _reverse(check: _Check, result: Any, bars: list[Any]) -> list[Any]:
    args = _fresh(check.args)
    value, pullback = vjp(check.f, *args, argnums=check.argnums)
    tree, given = _split(value, ""), iter(bars)
    cotangent = tree.rebuild([_cast(next(given), leaf) if _is_active(leaf) else None for leaf in tree.leaves])
    mask = [_is_active(leaf) for leaf in _moving(args, check.argnums).leaves]
    found = _split(pullback(cotangent), "").leaves
    return [bar for bar, active in zip(found, mask, strict=True) if active]


def _slope(check: _Check, direction: list[Any]) -> tuple[list[Any], float]:
    """Central differences at halved steps, extrapolated by Richardson, and what the extrapolation disagrees by."""
    here = _values_at(check, direction, 0.0)
    steps = [STEP / 2**k for k in range(LEVELS)]
    ahead, behind = ([_values_at(check, direction, sign * h) for h in steps] for sign in (1, -1))
    found = [_extrapolate([(a[i] - b[i]) / (2 * h) for h, a, b in zip(steps, ahead, behind, strict=True)])
             for i in range(len(here))]  # fmt: skip
    bends = [
        _bend(here[i], [(a[i], b[i]) for a, b in zip(ahead, behind, strict=True)], steps) for i in range(len(here))
    ]
    return [value for value, _ in found], max([error for _, error in found] + bends, default=0.0)


def _bend(here: Any, pairs: list[tuple[Any, Any]], steps: list[float]) -> float:
    """The difference of the slopes from the right and from the left."""
    last, before = [(a - 2 * here + b) / h for h, (a, b) in zip(steps[:-3:-1], pairs[:-3:-1], strict=True)]
    return _size(2 * last - before)


def _extrapolate(column: list[Any]) -> tuple[Any, float]:
    best, smallest, power = column[-1], np.inf, 1
    while len(column) > 1:
        power *= 4
        sharper = [(power * new - old) / (power - 1) for old, new in itertools.pairwise(column)]
        for value, (old, new) in zip(sharper, itertools.pairwise(column), strict=True):
            error = max(_size(value - old), _size(value - new))
            if error < smallest:
                best, smallest = value, error
        column = sharper
    return best, smallest


def _size(x: Any) -> float:
    largest = float(np.max(np.abs(x), initial=0.0))
    return largest if np.isfinite(largest) else np.inf


def _values_at(check: _Check, direction: list[Any], t: float) -> list[Any]:
    """The active leaves of the result at distance `t`, in double precision."""
    args = list(_fresh(check.args))
    tree = _moving(tuple(args), check.argnums)
    dots = iter(direction)
    moved = tree.rebuild([_wide(leaf) + t * next(dots) if _is_active(leaf) else leaf for leaf in tree.leaves])
    for i, arg in zip(check.argnums, moved, strict=True):
        args[i] = arg
    return [_wide(leaf) for leaf in _active(check.f(*args))]


# Containers


@dataclass(frozen=True)
class _Tree:
    """The leaves of a container, their names in Python's notation, and the way back."""

    names: list[str]
    leaves: list[Any]
    rebuild: Callable[[list[Any]], Any]

    @property
    def active_names(self) -> list[str]:
        return [name for name, leaf in zip(self.names, self.leaves, strict=True) if _is_active(leaf)]

    @property
    def active_leaves(self) -> list[Any]:
        return [np.asarray(leaf) for leaf in self.leaves if _is_active(leaf)]


def _split(tree: Any, name: str) -> _Tree:
    """Take a container apart; objects and dataclasses are containers of their attributes."""
    leaves, spec = optree.tree_flatten(tree, none_is_leaf=True)
    names = [accessor.codify(name) for accessor in optree.treespec_accessors(spec)]
    parts = [_split_object(leaf, each) for leaf, each in zip(leaves, names, strict=True)]

    def rebuild(values: list[Any]) -> Any:
        rest = iter(values)
        return optree.tree_unflatten(spec, [part.rebuild([next(rest) for _ in part.leaves]) for part in parts])

    return _Tree([n for part in parts for n in part.names], [x for part in parts for x in part.leaves], rebuild)


def _split_object(thing: Any, name: str) -> _Tree:
    attributes = _attributes(thing)
    if not attributes:
        return _Tree([name], [thing], lambda values: values[0])
    parts = {key: _split(value, f"{name}.{key}") for key, value in attributes.items()}

    def rebuild(values: list[Any]) -> Any:
        rest, new = iter(values), copy.copy(thing)
        for key, part in parts.items():
            object.__setattr__(new, key, part.rebuild([next(rest) for _ in part.leaves]))
        return new

    return _Tree([n for p in parts.values() for n in p.names], [x for p in parts.values() for x in p.leaves], rebuild)


def _attributes(thing: Any) -> dict[str, Any]:
    """The attributes that make an object a container; none for numbers, arrays, functions, classes."""
    if isinstance(thing, (np.ndarray, np.generic, type)) or callable(thing):
        return {}
    if is_dataclass(thing):
        return {field.name: getattr(thing, field.name) for field in fields(thing)}
    return dict(getattr(thing, "__dict__", {}))


def _moving(args: tuple[Any, ...], argnums: tuple[int, ...]) -> _Tree:
    """The arguments that move, as one tuple."""
    parts = [_split(args[i], f"args[{i}]") for i in argnums]

    def rebuild(values: list[Any]) -> Any:
        rest = iter(values)
        return tuple(part.rebuild([next(rest) for _ in part.leaves]) for part in parts)

    return _Tree([n for part in parts for n in part.names], [x for part in parts for x in part.leaves], rebuild)


def _active(tree: Any) -> list[Any]:
    return [leaf for leaf in _split(tree, "").leaves if _is_active(leaf)]


def _is_active(leaf: Any) -> bool:
    if isinstance(leaf, (np.ndarray, np.generic)):
        return leaf.dtype.kind in "fc"
    return isinstance(leaf, (float, complex))


def _is_real_number(result: Any) -> bool:
    return _is_active(result) and np.ndim(result) == 0 and not np.iscomplexobj(result)


def _fresh(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same arguments with arrays of their own, so that a function that writes them can be called again."""
    tree = _split(args, "")
    return tuple(tree.rebuild([leaf.copy() if isinstance(leaf, np.ndarray) else leaf for leaf in tree.leaves]))


def _noise(rng: np.random.Generator, args: tuple[Any, ...], argnums: tuple[int, ...]) -> list[Any]:
    """A random direction, as large in each leaf as the leaf itself."""
    return [_random_like(rng, x) * _typical(x) for x in _moving(args, argnums).active_leaves]


def _typical(x: Any) -> float:
    size = float(np.sqrt(np.mean(np.abs(x) ** 2))) if np.size(x) else 0.0
    return size if size > 0.0 and np.isfinite(size) else 1.0


def _random_like(rng: np.random.Generator, leaf: Any) -> Any:
    shape = np.shape(leaf)
    noise = rng.uniform(0.5, 1.0, shape) * rng.choice([-1.0, 1.0], shape)
    return noise + 1j * rng.uniform(-1.0, 1.0, shape) if np.iscomplexobj(leaf) else noise


def _wide(leaf: Any) -> Any:
    """The leaf in double precision; a number stays a number."""
    wide = np.asarray(leaf).astype(np.complex128 if np.iscomplexobj(leaf) else np.float64)
    return wide if isinstance(leaf, np.ndarray) else wide[()]


def _cast(value: Any, leaf: Any) -> Any:
    """The value in the kind and dtype of the leaf."""
    if isinstance(leaf, np.ndarray):
        return np.asarray(value).astype(leaf.dtype)
    number = np.asarray(value)[()]
    return leaf.dtype.type(number) if isinstance(leaf, np.generic) else type(leaf)(number)
