"""The NumPy function behind each array method and attribute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.frontend import spelled

METHODS: dict[str, Callable[..., Any]] = {
    "sum": np.sum, "mean": np.mean, "prod": np.prod, "var": np.var, "std": np.std, "max": np.max, "min": np.min,
    "cumsum": np.cumsum, "cumprod": np.cumprod, "dot": np.dot, "reshape": np.reshape, "ravel": np.ravel,
    "transpose": np.transpose, "swapaxes": np.swapaxes, "squeeze": np.squeeze, "repeat": np.repeat, "take": np.take,
    "copy": np.copy, "clip": np.clip, "round": np.round, "argmax": np.argmax, "argmin": np.argmin,
    "argsort": np.argsort, "trace": np.trace, "diagonal": np.diagonal, "all": np.all, "any": np.any,
    "nonzero": np.nonzero, "conj": np.conj, "conjugate": np.conj, "astype": runtime.as_type,
    "flatten": runtime.flatten, "searchsorted": np.searchsorted, "item": float, "ptp": np.ptp,
    "fill": spelled.fill, "sort": spelled.sort, "partition": spelled.partition, "put": np.put,
    "setflags": spelled.setflags, "compress": np.ndarray.compress, "choose": np.choose, "argpartition": np.argpartition,
}  # fmt: skip

ATTRIBUTES: dict[str, Any] = {"T": np.transpose, "real": np.real, "imag": np.imag, "flat": np.ndarray.flat,
                              "mT": np.matrix_transpose}  # fmt: skip

SPREAD = {"reshape", "transpose"}  # methods that take their tuple argument spread out as well
