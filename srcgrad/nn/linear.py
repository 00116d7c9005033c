"""Linear maps, tables of vectors, and what only changes shapes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import srcgrad.nn.functional as functional
import srcgrad.nn.init as init
from srcgrad.nn.module import Module
from srcgrad.nn.parameter import Parameter
from srcgrad.tracer.modes import GradMode


def empty(*shape: int, dtype: Any = None) -> Parameter:
    """A parameter of zeros, to be initialised; of NumPy's dtype where none is given."""
    return Parameter(np.zeros(shape, dtype or np.float64))


class Linear(Module):
    """``x @ weight.T + bias``.

    Parameters
    ----------
    in_features, out_features : int
        The lengths of the last axis of the input and of the result.
    bias : bool
        Is there one?
    dtype : dtype, optional
        Of the parameters.

    Attributes
    ----------
    weight : Parameter
        ``(out_features, in_features)``.
    bias : Parameter or None
        ``(out_features,)``.

    Examples
    --------
    >>> from srcgrad import nn, tensor
    >>> nn.Linear(3, 2)(tensor([[1.0, 2.0, 3.0]])).shape
    (1, 2)
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, *, dtype: Any = None) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = empty(out_features, in_features, dtype=dtype)
        self.register_parameter("bias", empty(out_features, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1 / math.sqrt(self.in_features) if self.in_features else 0.0
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    bias: Any

    def forward(self, input: Any) -> Any:
        """From ``(..., in_features)`` to ``(..., out_features)``."""
        return functional.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Embedding(Module):
    """A table of vectors, looked up by row.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        How many rows and columns the table has.
    padding_idx : int, optional
        A row of zeros that gets no gradient.
    dtype : dtype, optional
        Of the table.

    Attributes
    ----------
    weight : Parameter
        ``(num_embeddings, embedding_dim)``, at first standard normal.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, *,
                 dtype: Any = None) -> None:  # fmt: skip
        super().__init__()
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError("Padding_idx must be within num_embeddings")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.weight = empty(num_embeddings, embedding_dim, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the table anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with GradMode(False):
                self.weight[self.padding_idx] = 0.0

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None) -> Embedding:
        """An embedding with a given table, which is not learned if it is frozen."""
        rows, columns = np.shape(embeddings)
        made = cls(rows, columns, padding_idx)
        made.weight = Parameter(embeddings, requires_grad=not freeze)
        return made

    def forward(self, input: Any) -> Any:
        """From rows of shape ``(...)`` to ``(..., embedding_dim)``."""
        return functional.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """The sizes."""
        more = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{more}"


class Identity(Module):
    """Gives back what it is given; any arguments are accepted and not used."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """The same."""
        return input


class Flatten(Module):
    """Makes one axis of several.

    Parameters
    ----------
    start_dim, end_dim : int
        The first and the last of them.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim
        self._span = None if (start_dim, end_dim) == (1, -1) else (start_dim, end_dim)

    def forward(self, input: Any) -> Any:
        """From ``(batch, ...)`` to ``(batch, features)``."""
        shape = np.shape(input)
        if self._span is None:  # known without looking at numbers, when the source is read
            return np.reshape(input, (shape[0], math.prod(shape[1:])))
        first, last = self._span[0] % len(shape), self._span[1] % len(shape)
        return np.reshape(input, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))

    def extra_repr(self) -> str:
        """The axes."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Makes several axes of one.

    Parameters
    ----------
    dim : int
        The axis.
    unflattened_size : tuple of int
        The lengths of the new axes.
    """

    def __init__(self, dim: int, unflattened_size: tuple[int, ...]) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Any) -> Any:
        """The same numbers with more axes."""
        shape = np.shape(input)
        axis = self.dim % len(shape)
        return np.reshape(input, (*shape[:axis], *self.unflattened_size, *shape[axis + 1 :]))

    def extra_repr(self) -> str:
        """The axis and the lengths."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class Dropout(Module):
    """Zeros in the place of some elements while training; see `srcgrad.nn.functional.dropout`.

    Parameters
    ----------
    p : float
        The probability of a zero.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p

    def forward(self, input: Any) -> Any:
        """Of the same shape."""
        return functional.dropout(input, self.p, self.training)

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p}"
