"""Losses of classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import ArgumentError
from srcgrad.nn.functional.activations import log_softmax
from srcgrad.nn.functional.losses import check_shapes, reduced
from srcgrad.tracer.tensor import plain


def lines(values: Any) -> Any:
    """``(batch, classes, ...)`` as ``(samples, classes)``."""
    if np.ndim(values) == 1:
        return np.expand_dims(values, 0)
    if np.ndim(values) == 2:
        return values
    return np.reshape(np.moveaxis(values, 1, -1), (-1, np.shape(values)[1]))


def classes_of(input: Any, target: Any, ignore_index: int) -> tuple[Any, Any]:
    """For each sample its class (0 where it is ignored), and whether it counts."""
    classes = np.asarray(plain(target))
    shape = np.shape(input)
    wanted = (shape[0], *shape[2:]) if len(shape) > 1 else ()
    if classes.dtype.kind not in "iu":
        raise TypeError(f"expected classes of an integer type, got {classes.dtype}")
    if classes.shape != wanted:
        raise ArgumentError(f"the target has shape {classes.shape}, but {wanted} was expected for an input of {shape}")
    flat = classes.ravel()
    counts = flat != ignore_index
    flat = np.where(counts, flat, 0)
    count = shape[1] if len(shape) > 1 else shape[0]
    if flat.size and (flat.min() < 0 or flat.max() >= count):
        raise IndexError(f"Target {flat[(flat < 0) | (flat >= count)][0]} is out of bounds.")
    return flat, counts


def weights_of(weight: Any, classes: Any, counts: Any, dtype: Any) -> Any:
    """For each sample the weight of its class, 0 where it is ignored."""
    if weight is None:
        return counts.astype(dtype)
    return np.where(counts, np.asarray(plain(weight), dtype)[classes], np.zeros((), dtype))


def nll_loss(input: Any, target: Any, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean") -> Any:
    """The negative of the targets' elements: with logarithms of probabilities, the negative log-likelihood.

    Parameters
    ----------
    input : Tensor
        ``(batch, classes, ...)``, or ``(classes,)``.
    target : Tensor or array of int
        ``(batch, ...)``: the classes.
    weight : Tensor, optional
        ``(classes,)``: factors of the classes' losses; the mean is a weighted one.
    ignore_index : int
        A class whose samples do not count.
    reduction : str
        ``"mean"``, ``"sum"`` or ``"none"``.

    Returns
    -------
    Tensor
        A number, or a tensor of the shape of `target`.
    """
    classes, counts = classes_of(input, target, ignore_index)
    weights = weights_of(weight, classes, counts, input.dtype)
    values = -picked(lines(input), classes, counts) * weights
    return gathered(values, np.sum(weights), np.shape(target), reduction)


def picked(rows: Any, classes: Any, counts: Any) -> Any:
    """The element of each sample's class; 0 where it does not count, even if it is infinite there."""
    found = rows[np.arange(len(classes)), classes]
    return found if counts.all() else np.where(counts, found, 0.0)


def gathered(values: Any, total: Any, shape: tuple[int, ...], reduction: str) -> Any:
    """The values in the shape of the target, their sum, or their sum divided by the sum of their weights."""
    if reduction == "mean":
        return np.sum(values) / total
    return np.reshape(values, shape) if reduction == "none" else reduced(values, reduction)


def cross_entropy(input: Any, target: Any, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean",
                  label_smoothing: float = 0.0) -> Any:  # fmt: skip
    """The negative log-likelihood of classes, given scores.

    Parameters
    ----------
    input : Tensor
        ``(batch, classes, ...)``, or ``(classes,)``: any numbers, whose `softmax` are the probabilities.
    target : Tensor or array
        The classes, integers of shape ``(batch, ...)``; or probabilities, of the shape of `input`.
    weight : Tensor, optional
        ``(classes,)``: factors of the classes' losses; for integers, the mean is a weighted one.
    ignore_index : int
        A class whose samples do not count.
    reduction : str
        ``"mean"``, ``"sum"`` or ``"none"``.
    label_smoothing : float
        How much of each target is spread over all classes.

    Returns
    -------
    Tensor
        A number, or a tensor of shape ``(batch, ...)``.

    Examples
    --------
    >>> from srcgrad import tensor
    >>> from srcgrad.nn import functional as F
    >>> F.cross_entropy(tensor([[0.0, 0.0]]), tensor([1]))
    tensor(0.69314718)
    """
    axis = min(1, np.ndim(input) - 1)
    logs = log_softmax(input, axis)
    if target.dtype.kind == "f":
        return soft_loss(logs, target, weight, reduction, label_smoothing, axis)
    plain_loss = nll_loss(logs, target, weight, ignore_index=ignore_index, reduction=reduction)
    if label_smoothing == 0:
        return plain_loss
    spread = spread_loss(logs, target, weight, ignore_index, reduction)
    return (1.0 - label_smoothing) * plain_loss + label_smoothing * spread


def spread_loss(logs: Any, target: Any, weight: Any, ignore_index: int, reduction: str) -> Any:
    """The loss of samples whose classes are all equally right."""
    classes, counts = classes_of(logs, target, ignore_index)
    rows = lines(logs)
    rows = rows if weight is None else rows * np.asarray(plain(weight), logs.dtype)
    values = np.where(counts, -np.mean(rows, axis=1), 0.0)
    total = np.sum(weights_of(weight, classes, counts, logs.dtype))
    return gathered(values, total, np.shape(target), reduction)


def soft_loss(logs: Any, target: Any, weight: Any, reduction: str, label_smoothing: float, axis: int) -> Any:
    """The loss of samples whose targets are probabilities."""
    check_shapes(logs, target)
    if label_smoothing:
        target = (1.0 - label_smoothing) * target + label_smoothing / np.shape(logs)[axis]
    rows = lines(logs) * lines(target)
    rows = rows if weight is None else rows * weight
    values = -np.sum(rows, axis=1)
    shape = np.shape(logs)
    return gathered(values, float(len(rows)), shape[:axis] + shape[axis + 1 :], reduction)
