"""The rule for medians: the mean of the two items in the middle, which are one where the count is odd."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.samples as draw
from srcgrad.rules.axes import joined_last, kept_lengths, last_axes, only_result
from srcgrad.rules.core import defined


@defined(np.median, operands=("a",), samples=draw.reductions(empty=False, min_size=1))
def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    """Each of the two items in the middle of a stable sort counts half."""
    only_result("median", out, overwrite_input)
    if axis is None:
        result = middle(np.ravel(a))
    elif isinstance(axis, tuple):
        rows = np.transpose(a, last_axes(np.ndim(a), axis))
        result = middle(np.reshape(rows, joined_last(np.shape(rows), len(axis))))
    else:
        result = middle(np.moveaxis(a, axis, -1))
    return np.reshape(result, kept_lengths(np.shape(a), axis)) if keepdims else result


def middle(rows: Any) -> Any:
    """The mean of the two items in the middle of each row; not a number where one of the items is none."""
    ranked = np.sort(rows)
    count = np.shape(rows)[-1]
    total = ranked[..., (count - 1) // 2] + ranked[..., count // 2]
    return 0.5 * np.where(np.isnan(ranked[..., -1]), np.nan, total)
