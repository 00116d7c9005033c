"""In a trace, a tensor is taken for what its value is: its text, its hash, the attributes that only arrays have."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import TracedValueError, UnsupportedError
from srcgrad.tracer.leaving import is_active, leaving, refuse, run_of, text_of, user_span
from srcgrad.tracer.modes import MODE
from srcgrad.tracer.record import record
from srcgrad.tracer.tensor import Tensor

EQUAL = "Different values that are equal by chance would be one. Use their position, or detach() it."


def hashed(self: Tensor) -> int:
    """Tensors are told apart by identity, traced numbers by their values; with a derivative they cannot be keys."""
    if not MODE.tracing:
        return object.__hash__(self)
    if is_active(self) and not isinstance(self._value, np.ndarray):
        raise refuse(TracedValueError("a value that has a derivative is a key of a dict, a set or a cache",
                                      span=user_span(), reason=EQUAL))  # fmt: skip
    return hash(self._value)


def formatted(self: Tensor, spec: str) -> str:
    """``format(self, spec)``."""
    return text_of(self, format(self._value if MODE.tracing else np.asarray(self._value)[()], spec))


def shown(self: Tensor) -> str:
    """``str(self)``."""
    return text_of(self, str(self._value)) if MODE.tracing else repr(self)


def represented(self: Tensor) -> str:
    """``repr(self)``."""
    return text_of(self, repr(self._value)) if MODE.tracing else described(self)


def described(self: Tensor) -> str:
    """The value, and what made it."""
    text = np.array2string(np.asarray(self._value), separator=", ", prefix="tensor(")
    if self.dtype != np.float64 and self.dtype.kind in "fc":
        text += f", dtype={self.dtype}"
    if self.grad_fn is not None:
        return f"tensor({text}, grad_fn={self.grad_fn!r})"
    return f"tensor({text}, requires_grad=True)" if self.requires_grad else f"tensor({text})"


def missing(self: Tensor, name: str) -> Any:
    """An attribute that tensors do not have: in a trace that of the value, if no derivative is lost by it."""
    kind = type(self._value)
    if not MODE.tracing or not any(name in vars(base) for base in kind.__mro__):
        raise AttributeError(f"'Tensor' object has no attribute '{name}'")
    if is_active(self):
        if name.startswith("__array"):
            leaving(self, "an array made by C code")
        raise refuse(
            UnsupportedError(
                f"cannot differentiate `{name}` of {'an array' if kind is np.ndarray else 'a number'}",
                span=user_span(),
                reason="what it gives would have lost its derivative",
                repair="Call detach() first if that is meant, or use a function that has a rule.",
            )
        )
    return getattr(self._value, name)


def pickled(self: Tensor, protocol: Any = None) -> Any:
    """What is pickled: the numbers."""
    if run_of(self) is not None:
        leaving(self, "a pickle")
    return restored, (np.asarray(self._value), self.requires_grad and self.is_leaf)


def restored(value: Any, requires_grad: bool) -> Any:
    """A tensor from a pickle."""
    made = Tensor(value)
    return made.requires_grad_() if requires_grad else made


def deep_copied(self: Tensor, memo: Any) -> Any:
    """A copy that shares nothing: of leaves, and in a trace of every value."""
    if MODE.tracing:
        return record(np.copy, (self,), {}) if isinstance(self._value, np.ndarray) else self
    if not self.is_leaf:
        raise RuntimeError("Only Tensors created explicitly by the user support the deepcopy protocol")
    twin = memo[id(self)] = Tensor(self._value)
    return twin.requires_grad_(self.requires_grad)


def quotient_and_rest(self: Tensor, other: Any) -> Any:
    """``divmod(self, other)``."""
    return self // other, self % other


def reflected_quotient_and_rest(self: Tensor, other: Any) -> Any:
    """``divmod(other, self)``."""
    return other // self, other % self


def install() -> None:
    """Give `Tensor` what makes it pass for its value."""
    methods: dict[str, Any] = {
        "__hash__": hashed, "__format__": formatted, "__str__": shown,
        "__repr__": represented, "__getattr__": missing, "__reduce_ex__": pickled, "__deepcopy__": deep_copied,
        "__divmod__": quotient_and_rest, "__rdivmod__": reflected_quotient_and_rest,
    }  # fmt: skip
    for name, method in methods.items():
        setattr(Tensor, name, method)


install()
