"""Signatures given by hand: `spec`, and examples in which arrays are replaced by specs."""

from __future__ import annotations

import types
from typing import Any

import numpy as np

from srcgrad.errors import ArgumentError
from srcgrad.frontend.signature import ArraySpec, MappingSpec, SequenceSpec, Spec, spec_of


def spec(dtype: Any, ndim: int = 0) -> ArraySpec:
    """Stand for an array in `compile`: its dtype and rank, no axis of length 1.

    Parameters
    ----------
    dtype : dtype-like
        For instance ``"float64"`` or ``np.complex128``.
    ndim : int
        The number of axes.

    Returns
    -------
    ArraySpec
        To be given to ``compile`` in the place of an example.

    Examples
    --------
    >>> import numpy as np, srcgrad
    >>> srcgrad.spec("float64", 2)
    float64[:, :]
    """
    if isinstance(ndim, bool) or not isinstance(ndim, (int, np.integer)) or ndim < 0:
        raise ArgumentError(
            f"ndim must be a number of axes, not {ndim!r}", repair="For instance srcgrad.spec('float64', 2)."
        )
    try:
        kind = np.dtype(dtype)
    except TypeError:
        raise ArgumentError(f"{dtype!r} is not a dtype", repair="For instance srcgrad.spec('float64', 2).") from None
    if kind.kind not in "biufc":
        raise ArgumentError(f"arrays of {kind} have no derivative", repair="Use a dtype of numbers.")
    return Example(kind, (False,) * int(ndim))


class Example(ArraySpec):
    """A spec made by hand; stands for a contiguous array."""

    flags = types.SimpleNamespace(c_contiguous=True)

    def __repr__(self) -> str:
        return str(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ArraySpec) and (self.dtype, self.ones) == (other.dtype, other.ones)

    def __hash__(self) -> int:
        return hash((self.dtype, self.ones))


def spec_of_example(value: Any, label: str) -> Spec:
    """The signature of an example, which may hold specs."""
    if isinstance(value, Spec):
        return ArraySpec(value.dtype, value.ones) if isinstance(value, ArraySpec) else value
    if isinstance(value, (list, tuple)):
        return SequenceSpec(type(value), tuple(spec_of_example(v, f"{label}[{k}]") for k, v in enumerate(value)))
    if isinstance(value, dict):
        items = tuple(spec_of_example(v, f"{label}[{key!r}]") for key, v in value.items())
        return MappingSpec(dict, tuple(value), items)
    return spec_of(value, label)


__all__ = ["spec", "spec_of_example"]
