"""What the simplest layers compute: linear maps, tables, dropout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcgrad.tracer.generator import default_generator
from srcgrad.tracer.tensor import plain

PAD_MODES: dict[str, Any] = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """``x @ weight.T + bias``.

    Parameters
    ----------
    input : Tensor
        ``(..., in_features)``.
    weight : Tensor
        ``(out_features, in_features)``.
    bias : Tensor, optional
        ``(out_features,)``.

    Returns
    -------
    Tensor
        ``(..., out_features)``.

    Examples
    --------
    >>> from srcgrad import tensor
    >>> from srcgrad.nn import functional as F
    >>> F.linear(tensor([1.0, 2.0]), tensor([[3.0, 4.0]]), tensor([0.5]))
    tensor([11.5])
    """
    out = input @ weight.T
    return out if bias is None else out + bias


def embedding(input: Any, weight: Any, padding_idx: int | None = None) -> Any:
    """Rows of a table.

    Parameters
    ----------
    input : Tensor or array of int
        Which rows, in any shape.
    weight : Tensor
        ``(rows, columns)``.
    padding_idx : int, optional
        A row that gets no gradient.

    Returns
    -------
    Tensor
        ``(*input.shape, columns)``.
    """
    rows = np.asarray(plain(input))
    check_rows(rows, len(weight))
    found = weight[rows]
    if padding_idx is None:
        return found
    held = np.expand_dims(rows == padding_idx % len(weight), -1)
    return np.where(held, plain(found), found)


def check_rows(rows: Any, count: int) -> None:
    """Raise where an index is no row of a table: negative ones do not count from its end."""
    if rows.dtype.kind not in "iu":
        raise TypeError(f"Expected indices of an integer type, got {rows.dtype}")
    if rows.size and (rows.min() < 0 or rows.max() >= count):
        raise IndexError("index out of range in self")


def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """An integer 1 at the place of each class, 0 elsewhere.

    Parameters
    ----------
    tensor : Tensor or array of int
        The classes.
    num_classes : int
        How many there are; one more than the largest if not given.

    Returns
    -------
    ndarray
        ``(*tensor.shape, num_classes)``.
    """
    classes = np.asarray(plain(tensor))
    count = int(classes.max()) + 1 if num_classes == -1 else num_classes
    check_rows(classes, count)
    return np.eye(count, dtype=np.int64)[classes]


def dropout(input: Any, p: float = 0.5, training: bool = True, *, generator: np.random.Generator | None = None) -> Any:
    """Zeros in the place of some elements, the others made larger so that the mean stays.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    p : float
        The probability of a zero.
    training : bool
        If not, nothing is changed.
    generator : numpy.random.Generator, optional
        What is drawn from; that of `manual_seed` if not given.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return input
    kept = (generator or default_generator()).random(np.shape(input)) >= p
    return input * (kept / (1 - p if p < 1 else 1.0)).astype(input.dtype)


def pad(input: Any, pad: Sequence[int], mode: str = "constant", value: float = 0.0) -> Any:
    """Widen the last axes.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    pad : sequence of int
        How much before and after the last axis, then the one before it, and so on.
    mode : str
        ``"constant"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.
    value : float
        The constant.

    Returns
    -------
    Tensor
        The wider tensor.
    """
    pairs = [(pad[k], pad[k + 1]) for k in range(0, len(pad), 2)]
    widths = [(0, 0)] * (np.ndim(input) - len(pairs)) + pairs[::-1]
    if mode == "constant":
        return np.pad(input, widths, constant_values=value)
    return np.pad(input, widths, PAD_MODES[mode])


def normalize(input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Any:
    """Divide by the norm along an axis, or by `eps` where that is larger."""
    norms = np.linalg.norm(input, p, dim, True)
    return input / np.maximum(norms, eps)
