"""What comes in, and what goes out: scalar results, and gradients of the kind of their argument."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.errors import NonScalarError, Span
from srcgrad.ir.core import Func, Operand, Value
from srcgrad.ir.types import AnyType, Arr, Num, Type, dtype_kind
from srcgrad.ir.types import of_constant


def check_result(func: Func, options: Any, fn: Callable[..., Any], values: dict[str, Any] | None) -> None:
    """Raise unless the function gives one real number."""
    result = func.block.yields[0]
    if options.has_aux:
        if not isinstance(result, tuple) or len(result) != 2:
            raise NonScalarError("with has_aux=True the function must return (value, aux)", span=span_of(fn))
        result = result[0]
    problem = complaint(result, options.holomorphic)
    if problem is None:
        return
    if problem == "array":
        problem = f"an array of shape {shape_at(fn, values, options.has_aux)}"
    name = getattr(fn, "__name__", "the function")
    raise NonScalarError(
        f"{name} returned {problem}: the gradient needs one real number.",
        span=span_of(fn),
        repair="Use srcgrad.jacobian for all derivatives of an array, or srcgrad.vjp for one combination of them.",
    )


def complaint(result: Operand, holomorphic: bool) -> str | None:
    """What is wrong with a result, None where it may do."""
    if not isinstance(result, Value):
        if isinstance(result, (tuple, list, dict)) or result is None or isinstance(result, str):
            return "None" if result is None else f"a {type(result).__name__}"
        return _by_type(of_constant(result), holomorphic)
    return _by_type(result.type, holomorphic)


def _by_type(kind: Type, holomorphic: bool) -> str | None:
    match kind:
        case AnyType():
            return None
        case Num(word):
            number = word
        case Arr(dtype, dims):
            if dims is not None and not all(d == 1 for d in dims):
                return "array"
            number = None if dtype is None else dtype_kind(dtype)
        case _:
            return f"a {kind}"
    if number in ("int", "bool") or (number == "complex" and not holomorphic):
        return f"{'an' if number == 'int' else 'a'} {number}"
    return None


def shape_at(fn: Callable[..., Any], values: dict[str, Any] | None, has_aux: bool) -> Any:
    """The shape the function really returns, found by calling it on copies."""
    if values is None:
        return "of more than one element"
    result = fn(*copy.deepcopy(list(values.values())))
    return np.shape(result[0] if has_aux else result)


def span_of(fn: Callable[..., Any]) -> Span | None:
    """Where a function starts."""
    code = getattr(fn, "__code__", None)
    return None if code is None else Span(code.co_filename, code.co_firstlineno)


def convert(grads: Any, *, values: list[Any], targets: Any, single: bool) -> Any:
    """Gradients in the kinds of their arguments: float for float, 0-d array for 0-d array."""
    pairs = [(grads,)] if single else [(g,) for g in grads]
    made = [like(g, pick(values, target)) for (g,), target in zip(pairs, targets, strict=True)]
    return made[0] if single else tuple(made)


def pick(values: list[Any], target: tuple[Any, ...]) -> Any:
    """The argument a target means."""
    value = values[target[0]]
    for key in target[1:]:
        value = value[key]
    return value


def like(grad: Any, example: Any) -> Any:
    """One gradient in the kind of its argument."""
    if grad is None:
        return None
    if isinstance(example, float) and not isinstance(example, np.generic):
        return float(grad)
    if isinstance(example, complex) and not isinstance(example, np.generic):
        return complex(grad)
    if isinstance(example, np.ndarray):
        return grad if isinstance(grad, np.ndarray) and grad.ndim else np.asarray(grad, dtype=example.dtype)
    if isinstance(example, np.generic):
        return example.dtype.type(grad)
    if isinstance(example, dict):
        return {key: like(grad[key], item) for key, item in example.items()}
    if isinstance(example, (list, tuple)):
        items = [like(g, item) for g, item in zip(grad, example, strict=True)]
        return type(example)(*items) if hasattr(example, "_fields") else type(example)(items)
    return grad
