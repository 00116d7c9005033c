"""The state of a module: what is loaded into its tensors, and what stands against that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from srcgrad.tracer.modes import GradMode
from srcgrad.tracer.tensor import Tensor

StateDict = dict[str, Any]


class IncompatibleKeys(NamedTuple):
    """What a `load_state_dict` found missing in the state, and what it did not expect there."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def load(title: str, own: StateDict, given: Mapping[str, Any], strict: bool) -> IncompatibleKeys:
    """Copy given values over one's own; nothing is changed where something does not fit."""
    values = {name: array_of(given[name]) for name in own if name in given}
    keys = IncompatibleKeys([name for name in own if name not in given], [name for name in given if name not in own])
    problems = list(differences(own, values, keys if strict else IncompatibleKeys([], [])))
    if problems:
        raise RuntimeError("\n\t".join([f"Error(s) in loading state_dict for {title}:", *problems]))
    with GradMode(False):
        for name, value in values.items():
            own[name].copy_(value)
    return keys


def array_of(value: Any) -> Any:
    """The array of a tensor, of this package or of another."""
    if hasattr(value, "detach"):
        value = value.detach().numpy()
    return np.asarray(value)


def differences(own: StateDict, values: Mapping[str, Any], keys: IncompatibleKeys) -> Iterator[str]:
    """What stands against loading some values."""
    if keys.unexpected_keys:
        yield "Unexpected key(s) in state_dict: " + ", ".join(f'"{name}"' for name in keys.unexpected_keys) + "."
    if keys.missing_keys:
        yield "Missing key(s) in state_dict: " + ", ".join(f'"{name}"' for name in keys.missing_keys) + "."
    for name, value in values.items():
        if np.shape(value) != own[name].shape:
            yield (f"size mismatch for {name}: copying a param with shape {np.shape(value)} from checkpoint, "
                   f"the shape in current model is {own[name].shape}.")  # fmt: skip
        elif not np.can_cast(value.dtype, own[name].dtype, "same_kind"):
            yield f"dtype mismatch for {name}: {value.dtype} in checkpoint, {own[name].dtype} in current model."


def clear(param: Any, set_to_none: bool) -> None:
    """Forget a gradient, or make it zeros of its own."""
    if param.grad is None:
        return
    param.grad = None if set_to_none else Tensor(np.zeros(param.shape, param.grad.dtype))


def convert(tensor: Any, dtype: Any) -> None:
    """Give a tensor, and its gradient, another dtype."""
    tensor.data = np.asarray(tensor._value).astype(dtype)
    if tensor.grad is not None:
        tensor.grad = Tensor(np.asarray(tensor.grad._value).astype(dtype))
