"""Jacobians and Hessians: a basis vector at a time, through one compiled pushforward or pullback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from srcgrad.analysis.effects import has_effect
from srcgrad.api.arguments import pick
from srcgrad.api.columns import columns
from srcgrad.api.compiled import Compiled
from srcgrad.api.derivative import Derivative
from srcgrad.api.derive import Primal, Target, Wanted
from srcgrad.api.entries import Entry
from srcgrad.api.options import Options, choose
from srcgrad.api.products import Backward, Forwards
from srcgrad.api.results import shape_of
from srcgrad.api.shown import Shown
from srcgrad.api.trees import leaves, parts_of, rebuilt, varies
from srcgrad.api.versions import Lowering, Version
from srcgrad.errors import NonDifferentiableError, SourceError, UnsupportedError
from srcgrad.ir.core import Func
from srcgrad.ir.types import Arr

Leaves = dict[tuple[Any, ...], Any]


class Jacobian(Shown):
    """All derivatives of a function, as a function. Made by `jacobian`, `jacfwd`, `jacrev` and `hessian`."""

    def __init__(self, fn: Callable[..., Any], options: Options) -> None:
        super().__init__(fn, options)
        inner = fn
        if options.kind == "hessian":
            inner = Derivative(fn, _renamed(options, "grad"))
        self._backward = Backward(inner, _renamed(options, "vjp"))
        self._forwards = Forwards(inner, _renamed(options, "jvp"))
        self._used: Compiled = self._backward if options.kind == "jacrev" else self._forwards

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """The Jacobian at these arguments."""
        values = self.parameters.arrange(args, kwargs)
        if not self.traces_now:
            self.refuse_tensors(values)
        backward = self.traces_now or self.backward_or_traced(values)
        self._used = self._backward if backward else self._forwards
        if backward is None:
            return self.whichever(values)
        return self.by_rows(*self._backward.forward_of(values)) if backward else self.by_columns(values)

    # --- the choice of a mode -----------------------------------------------------------------------------------

    def backward_or_traced(self, values: tuple[Any, ...]) -> bool | None:
        """The same choice; what is traced goes row by row."""
        try:
            return self.goes_backward(values)
        except (UnsupportedError, SourceError):
            if not self.may_trace:
                raise
            return True

    def goes_backward(self, values: tuple[Any, ...]) -> bool | None:
        """Row by row? None where the sizes have to be seen first."""
        if self.options.kind == "jacrev":
            return True
        lowering = self._lowering_for(values)
        if any(map(has_effect, lowering.primal.func.block.ops)):
            return True  # one call runs the program once
        if self.options.kind in ("jacfwd", "hessian"):
            return False
        result = lowering.primal.func.block.yields[0]
        kind = getattr(result, "type", None)
        if not isinstance(kind, Arr) or kind.dims is None:
            return None
        shape = shape_of(kind, lowering.primal.func, values)
        return None if shape is None else int(np.prod(shape)) < self._width(values)

    def _lowering_for(self, values: tuple[Any, ...]) -> Lowering:
        entry, _, _ = self._forwards.prepared_values(values)
        lowering = entry.version.lowering
        assert lowering is not None
        return lowering

    def _width(self, values: tuple[Any, ...]) -> int:
        """How many numbers are differentiated."""
        return sum(np.size(leaf) for leaf in self.inputs(values)[0].values() if varies(leaf))

    def whichever(self, values: tuple[Any, ...]) -> Any:
        """Run the forward half, and go on with it unless columns are fewer."""
        given, pull, inputs = self._backward.forward_of(values)
        count = sum(np.size(leaf) for _, leaf, _, _ in leaves(given[0], None, "", "") if varies(leaf))
        if count <= self._width(values):
            self._used = self._backward
            return self.by_rows(given, pull, inputs)
        return self.by_columns(values)

    # --- the work -----------------------------------------------------------------------------------------------

    def inputs(self, values: tuple[Any, ...]) -> tuple[Leaves, Any]:
        """The leaves that are differentiated by place, and the arguments as one container."""
        targets = self.parameters.targets(self.options.choice, values)
        whole = tuple(as_float(pick(values, target)) for target in targets)
        found = {
            (*target, *path): leaf
            for target, value in zip(targets, whole, strict=True)
            for path, leaf, _, _ in leaves(value, None, "", "")
        }
        return found, whole

    def by_rows(self, given: tuple[Any, ...], pull: Any, values: tuple[Any, ...]) -> Any:
        """Reverse mode: pull each basis vector of the outputs back."""
        found, whole = self.inputs(values)
        outs = list(pull.places())
        bars = {place.number: np.zeros(np.shape(leaf), dtype_of(leaf))[()] for _, place, leaf in outs}
        rows: dict[Any, dict[Any, Any]] = {}
        for path, place, leaf in outs:
            self.check_complex(leaf, found)
            turned = np.iscomplexobj(leaf) and not self.options.holomorphic
            each = []
            for unit in basis(leaf):
                row = self.row(pull, bars, place.number, unit)
                each.append(row if not turned else self.turn(row, self.row(pull, bars, place.number, unit * 1j)))
            rows[path] = {p: stacked([row[k] for row in each], leaf, x, 0) for k, (p, x) in enumerate(varying(found))}
        return self.finished(given, rows, whole, found)

    def row(self, pull: Any, bars: dict[int, Any], number: int, unit: Any) -> list[Any]:
        """The input cotangents of one basis vector."""
        grads = pull.raw([unit if k == number else bars[k] for k in sorted(bars)])
        grads = (grads,) if self.options.choice.single else grads
        return [leaf for part in grads for _, leaf, _, _ in leaves(part, None, "", "") if leaf is not None]

    def turn(self, along: list[Any], across: list[Any]) -> list[Any]:
        """The derivative ``d/dx - i d/dy`` from those along 1 and along i."""
        return [None if a is None else a - 1j * b for a, b in zip(along, across, strict=True)]

    def by_columns(self, values: tuple[Any, ...]) -> Any:
        """Forward mode: push each basis vector of the inputs."""
        entry, args, captured = self._forwards.prepared_values(values)
        found, whole = self.inputs(values)
        dots = {place: np.zeros(np.shape(x), dtype_of(x))[()] for place, x in varying(found)}
        given: Any = None
        columns: dict[Any, list[Any]] = {}
        for place, x in varying(found):
            columns[place] = []
            for unit in basis(x):
                given, column = self.column(entry, args, captured, {**dots, place: unit})
                self.check_complex_pair(x, given[0])
                if np.iscomplexobj(x) and not self.options.holomorphic:
                    _, across = self.column(entry, args, captured, {**dots, place: unit * 1j})
                    column = {path: column[path] - 1j * across[path] for path in column}
                columns[place].append(column)
        if given is None:  # nothing to differentiate: the value alone
            given, _ = self.column(entry, args, captured, dots)
        outs = {path: leaf for path, leaf, _, _ in leaves(given[0], None, "", "") if varies(leaf)}
        rows = {
            path: {place: stacked([c[path] for c in columns[place]], leaf, x, -1) for place, x in varying(found)}
            for path, leaf in outs.items()
        }
        return self.finished((given[0], None, *given[2:]), rows, whole, found)

    def column(self, entry: Entry, args: tuple[Any, ...], captured: dict[str, Any], dots: Leaves) -> tuple[Any, Leaves]:
        """The value, and the tangents of its leaves for one basis vector."""
        places = entry.version.parts["places"]
        given = self._forwards.attempt(entry, entry.run, *args, *[dots[place] for place in places], **captured)
        moved = {path: part for path, _, part, _ in leaves(given[0], given[1], "value", "tangent")}
        return given, {path: 0.0 if part is None else part for path, part in moved.items()}

    def finished(self, given: tuple[Any, ...], rows: Any, whole: Any, found: Leaves) -> Any:
        """Output structure outside, input structure inside; with aux where asked for."""
        targets = list(dict.fromkeys(place for place in found))
        made = outer(given[0], (), lambda path: self.block_row(rows[path], whole, targets) if path in rows else None)
        return (made, given[2]) if self.options.has_aux else made

    def block_row(self, row: dict[Any, Any], whole: Any, places: list[Any]) -> Any:
        """The blocks of one output in the structure of the inputs."""
        remaining = iter(places)
        made = tuple(outer(value, (), lambda _: row.get(next(remaining))) for value in whole)
        return made[0] if self.options.choice.single else made

    # --- complex numbers ----------------------------------------------------------------------------------------

    def check_complex(self, out: Any, found: Leaves) -> None:
        """From complex to complex there is one derivative only for a holomorphic function."""
        for _, x in varying(found):
            self.check_complex_pair(x, out)

    def check_complex_pair(self, x: Any, value: Any) -> None:
        """The same for one input and everything that comes out."""
        outs = [leaf for _, leaf, _, _ in leaves(value, None, "", "") if varies(leaf)]
        if np.iscomplexobj(x) and any(map(np.iscomplexobj, outs)) and not self.options.holomorphic:
            raise NonDifferentiableError(
                f"{self.label} maps complex numbers to complex numbers",
                repair="Pass holomorphic=True, or differentiate its real and imaginary part.",
            )

    # --- once more ----------------------------------------------------------------------------------------------

    def as_ir(self, lowering: Lowering, targets: tuple[Target, ...], values: dict[str, Any] | None) -> Func:
        """The Jacobian as one function in IR; a Hessian is that of the gradient."""
        if self.options.has_aux:
            raise UnsupportedError(f"cannot differentiate {self!r} once more: it has an aux")
        primal = lowering.primal
        if isinstance(self._forwards.primal, Derivative) and self.options.kind == "hessian":
            primal = Primal(self._forwards.primal.as_ir(lowering, targets, values), primal.specs)
        wanted = Wanted(tuple(targets), self.options.choice.single)
        return columns(primal, wanted, name=f"{self.label}_{self.options.kind}")

    # --- looking ------------------------------------------------------------------------------------------------

    def compile(self, /, *examples: Any, **named: Any) -> Compiled:
        """Make the code for a signature without running anything; see `grad`."""
        self._used.compile(*examples, **named)
        return self

    @property
    def source(self) -> str:
        """The code of the pushforward or the pullback used last."""
        return self._used.source

    @property
    def sources(self) -> dict[str, str]:
        """The code of every signature."""
        return {**self._backward.sources, **self._forwards.sources}

    @property
    def ir(self) -> Func | None:
        """The IR of the same version as `source`."""
        return self._used.ir

    def derive(self, lowering: Lowering, targets: tuple[Target, ...], values: dict[str, Any] | None) -> Version:
        """The code of the mode used last."""
        return self._used.derive(lowering, targets, values)


def _renamed(options: Options, kind: str) -> Options:
    return Options(
        kind,
        options.choice,
        options.has_aux,
        options.mode,
        options.fallback,
        options.unused,
        options.holomorphic,
        options.backend,
    )


def as_float(value: Any) -> Any:
    """A differentiated Python int is a float."""
    return float(value) if type(value) is int else value


def dtype_of(leaf: Any) -> Any:
    """The dtype of a leaf."""
    return leaf.dtype if isinstance(leaf, (np.ndarray, np.generic)) else np.dtype(type(leaf))


def varying(found: Leaves) -> Iterator[tuple[Any, Any]]:
    """The leaves that have a derivative."""
    return ((place, leaf) for place, leaf in found.items() if varies(leaf))


def basis(leaf: Any) -> Iterator[Any]:
    """The basis vectors of a leaf's space."""
    if not isinstance(leaf, np.ndarray):
        yield dtype_of(leaf).type(1) if isinstance(leaf, np.generic) else type(leaf)(1)
        return
    for k in range(leaf.size):
        unit = np.zeros(leaf.shape, leaf.dtype)
        unit.flat[k] = 1
        yield unit


def stacked(parts: list[Any], out: Any, x: Any, axis: int) -> Any:
    """Rows (axis 0) or columns (axis -1) as one array of shape ``out.shape + in.shape``, or in the input's kind."""
    shape = np.shape(out) + np.shape(x)
    dtype = np.result_type(*map(dtype_of, (x, out)))
    if not parts:
        return np.zeros(shape, dtype)
    blocks = [np.broadcast_to(part, np.shape(x) if axis == 0 else np.shape(out)) for part in parts]
    whole = np.stack(blocks, axis).reshape(shape)
    if shape or isinstance(x, np.ndarray) or isinstance(out, np.ndarray):
        return whole.astype(dtype, copy=False) if dtype.kind == "c" or not np.iscomplexobj(whole) else whole
    plain = whole[()]
    return plain if isinstance(x, np.generic) else complex(plain) if np.iscomplexobj(plain) else float(plain)


def outer(value: Any, path: tuple[Any, ...], block: Callable[[tuple[Any, ...]], Any]) -> Any:
    """The structure of a value with a block at each leaf."""
    parts = parts_of(value)
    if parts is None:
        return block(path)
    return rebuilt(value, {key: outer(part, (*path, key), block) for key, part in parts.items()})


def _make(f: Callable[..., Any] | None, options: Options) -> Any:
    return Jacobian(f, options) if f is not None else lambda fn: Jacobian(fn, options)


def jacobian(f: Callable[..., Any] | None = None, argnums: Any = 0, *, argnames: Any = None, has_aux: bool = False,
             mode: str = "auto", fallback: str = "warn", unused: str = "zero", holomorphic: bool = False,
             backend: str = "numpy") -> Any:  # fmt: skip
    """All derivatives of a function, in the mode that needs fewer sweeps.

    Parameters
    ----------
    f : callable, optional
        A Python function of NumPy arrays, numbers and containers of them. Left out, a decorator is returned.
    argnums, argnames, has_aux, mode, fallback, unused, backend
        As for `grad`.
    holomorphic : bool
        `f` is complex-differentiable.

    Returns
    -------
    callable
        Takes the arguments of `f`; returns arrays of shape ``out.shape + in.shape``. Containers: the structure of the
        output outside, that of the input inside.

    Examples
    --------
    >>> import numpy as np, srcgrad
    >>> srcgrad.jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    options = Options("jacobian", choose(argnums, argnames), has_aux, mode, fallback, unused, holomorphic, backend)
    return _make(f, options)


def jacfwd(f: Callable[..., Any] | None = None, argnums: Any = 0, *, argnames: Any = None, has_aux: bool = False,
           mode: str = "auto", fallback: str = "warn", unused: str = "zero", holomorphic: bool = False,
           backend: str = "numpy") -> Any:  # fmt: skip
    """All derivatives of a function in forward mode, column by column: for few inputs.

    Parameters
    ----------
    f, argnums, argnames, has_aux, mode, fallback, unused, holomorphic, backend
        As for `jacobian`.

    Returns
    -------
    callable
        As for `jacobian`.

    Examples
    --------
    >>> import numpy as np, srcgrad
    >>> srcgrad.jacfwd(lambda t: np.array([1.0, 2.0]) * t)(3.0)
    array([1., 2.])
    """
    options = Options("jacfwd", choose(argnums, argnames), has_aux, mode, fallback, unused, holomorphic, backend)
    return _make(f, options)


def jacrev(f: Callable[..., Any] | None = None, argnums: Any = 0, *, argnames: Any = None, has_aux: bool = False,
           mode: str = "auto", fallback: str = "warn", unused: str = "zero", holomorphic: bool = False,
           backend: str = "numpy") -> Any:  # fmt: skip
    """All derivatives of a function in reverse mode, row by row: for few outputs.

    Parameters
    ----------
    f, argnums, argnames, has_aux, mode, fallback, unused, holomorphic, backend
        As for `jacobian`.

    Returns
    -------
    callable
        As for `jacobian`.

    Examples
    --------
    >>> import numpy as np, srcgrad
    >>> srcgrad.jacrev(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    options = Options("jacrev", choose(argnums, argnames), has_aux, mode, fallback, unused, holomorphic, backend)
    return _make(f, options)


def hessian(f: Callable[..., Any] | None = None, argnums: Any = 0, *, argnames: Any = None, has_aux: bool = False,
            mode: str = "auto", fallback: str = "warn", unused: str = "zero", holomorphic: bool = False,
            backend: str = "numpy") -> Any:  # fmt: skip
    """The second derivatives of a function that returns one real number.

    Parameters
    ----------
    f, argnums, argnames, has_aux, mode, fallback, unused, holomorphic, backend
        As for `jacobian`.

    Returns
    -------
    callable
        As for `jacobian`, of the gradient; with `argnums` a tuple, a tuple of tuples.

    Examples
    --------
    >>> import numpy as np, srcgrad
    >>> srcgrad.hessian(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    options = Options("hessian", choose(argnums, argnames), has_aux, mode, fallback, unused, holomorphic, backend)
    return _make(f, options)


__all__ = ["Jacobian", "hessian", "jacfwd", "jacobian", "jacrev"]
