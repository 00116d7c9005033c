"""Rules for convolution and correlation of sequences: bilinear, each the other's transpose."""

from __future__ import annotations

from typing import Any

import numpy as np

import srcgrad.rules.samples_signals as samples
from srcgrad.rules.core import bilinear, constant
from srcgrad.rules.results_signals import line

MODES: dict[Any, int] = {"valid": 0, "same": 1, "full": 2, "v": 0, "s": 1, "f": 2, 0: 0, 1: 1, 2: 2}


def missing(a: Any, v: Any, mode: Any) -> tuple[int, int]:
    """How many numbers of the full convolution a mode leaves out in front and behind."""
    short = min(np.size(a), np.size(v)) - 1
    return ((short, short), (short // 2, short - short // 2), (0, 0))[MODES[mode]]


def missing_of_correlation(a: Any, v: Any, mode: Any) -> tuple[int, int]:
    """The same of a correlation: a second sequence that is longer is correlated with the first, back to front."""
    front, behind = missing(a, v, mode)
    return (front, behind) if np.size(a) >= np.size(v) else (behind, front)


constant(missing, missing_of_correlation, shape_only=("a", "v"))


@bilinear(np.convolve, operands=("a", "v"), result=line(np.convolve), effect="raise",
          samples=samples.with_numbers)  # fmt: skip
def convolve(out_bar: Any, a: Any, v: Any, mode: Any = "full") -> Any:
    """``a_bar[k] = sum(out_bar[k + m] * v[m])``, and the same with both exchanged."""
    if mode != "full":
        out_bar = np.pad(out_bar, missing(a, v, mode))
    a_bar = np.convolve(out_bar, np.atleast_1d(v)[::-1], "valid")
    v_bar = np.convolve(out_bar, np.atleast_1d(a)[::-1], "valid")
    return as_given(a_bar, a), as_given(v_bar, v)


def as_given(bar: Any, x: Any) -> Any:
    """A cotangent of one number for what was given as a number."""
    return bar if np.ndim(x) == 1 else np.reshape(bar, np.shape(x))


@bilinear(np.correlate, operands=("a", "v"), result=line(np.correlate), effect="raise", samples=samples.sequences)
def correlate(out_bar: Any, a: Any, v: Any, mode: Any = "valid") -> Any:
    """That of a convolution with the second sequence conjugated and back to front."""
    if mode != "full":
        out_bar = np.pad(out_bar, missing_of_correlation(a, v, mode))
    return np.convolve(out_bar, np.conj(v), "valid"), np.conj(np.convolve(out_bar, a[::-1], "valid"))[::-1]
