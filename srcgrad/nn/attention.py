"""Attention with several heads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import srcgrad.nn.functional as functional
import srcgrad.nn.init as init
from srcgrad.nn.functional.attention import attention_weights
from srcgrad.nn.linear import Linear, empty
from srcgrad.nn.module import Module
from srcgrad.tracer.tensor import plain


class MultiheadAttention(Module):
    """Attention in several subspaces at once, put together by a linear map.

    Parameters
    ----------
    embed_dim : int
        The length of queries and results.
    num_heads : int
        How many subspaces there are.
    dropout : float
        The probability that a weight is made 0 while training.
    bias : bool
        Do the linear maps have biases?
    kdim, vdim : int, optional
        The lengths of keys and values, if not `embed_dim`.
    batch_first : bool
        Is the batch the first axis, rather than the second?
    dtype : dtype, optional
        Of the parameters.

    Attributes
    ----------
    in_proj_weight : Parameter or None
        ``(3 * embed_dim, embed_dim)``: the maps of queries, keys and values, where all lengths are equal.
    q_proj_weight, k_proj_weight, v_proj_weight : Parameter or None
        ``(embed_dim, length)``: the same, where they are not.
    in_proj_bias : Parameter or None
        ``(3 * embed_dim,)``.
    out_proj : Linear
        What puts the heads together.

    Examples
    --------
    >>> import numpy as np
    >>> from srcgrad import nn, tensor
    >>> x = tensor(np.ones((2, 5, 8)))
    >>> out, weights = nn.MultiheadAttention(8, 2, batch_first=True)(x, x, x)
    >>> out.shape, weights.shape
    ((2, 5, 8), (2, 5, 5))
    """

    in_proj_weight: Any
    q_proj_weight: Any
    k_proj_weight: Any
    v_proj_weight: Any
    in_proj_bias: Any

    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, *,
                 kdim: int | None = None, vdim: int | None = None, batch_first: bool = False,
                 dtype: Any = None) -> None:  # fmt: skip
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.embed_dim, self.num_heads, self.dropout, self.batch_first = embed_dim, num_heads, dropout, batch_first
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        joint = self.kdim == self.vdim == embed_dim
        self.register_parameter("in_proj_weight", empty(3 * embed_dim, embed_dim, dtype=dtype) if joint else None)
        for name, width in (("q", embed_dim), ("k", self.kdim), ("v", self.vdim)):
            weight = None if joint else empty(embed_dim, width, dtype=dtype)
            self.register_parameter(f"{name}_proj_weight", weight)
        self.register_parameter("in_proj_bias", empty(3 * embed_dim, dtype=dtype) if bias else None)
        self.out_proj = Linear(embed_dim, embed_dim, bias, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the maps of queries, keys and values anew; biases become zeros."""
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)

    def heads(self, input: Any, number: int, weight: Any) -> Any:
        """``(batch, length, width)`` as ``(batch, heads, length, embed_dim / heads)``, by one of the three maps."""
        first, last = number * self.embed_dim, (number + 1) * self.embed_dim
        weight = weight if self.in_proj_weight is None else self.in_proj_weight[first:last]
        bias = None if self.in_proj_bias is None else self.in_proj_bias[first:last]
        shape = (input.shape[0], input.shape[1], self.num_heads, self.embed_dim // self.num_heads)
        return np.swapaxes(np.reshape(functional.linear(input, weight, bias), shape), 1, 2)

    def arranged(self, x: Any) -> Any:
        """With the batch first."""
        if np.ndim(x) == 2:
            return np.expand_dims(x, 0)
        return x if self.batch_first else np.swapaxes(x, 0, 1)

    def forward(self, query: Any, key: Any, value: Any, key_padding_mask: Any = None, need_weights: bool = True,
                attn_mask: Any = None, average_attn_weights: bool = True) -> tuple[Any, Any]:  # fmt: skip
        """Attend.

        Parameters
        ----------
        query, key, value : Tensor
            ``(length, batch, width)``, or ``(batch, length, width)`` if `batch_first`, or without the batch.
        key_padding_mask : array, optional
            ``(batch, keys)``: True where a key must not be looked at, or numbers that are added.
        need_weights : bool
            Are the weights returned?
        attn_mask : array, optional
            ``(queries, keys)`` or ``(batch * heads, queries, keys)``: likewise.
        average_attn_weights : bool
            Is the mean of the heads returned, rather than all of them?

        Returns
        -------
        output : Tensor
            Of the shape of `query`.
        weights : Tensor or None
            ``(batch, queries, keys)``, or ``(batch, heads, queries, keys)``.
        """
        single = np.ndim(query) == 2
        q = self.heads(self.arranged(query), 0, self.q_proj_weight)
        k = self.heads(self.arranged(key), 1, self.k_proj_weight)
        v = self.heads(self.arranged(value), 2, self.v_proj_weight)
        mask = self.mask(attn_mask, key_padding_mask, q.shape[0], q.dtype)
        weights = attention_weights(q, k, mask, False, None)
        weights = functional.dropout(weights, self.dropout, self.training)
        out = np.swapaxes(weights @ v, 1, 2)
        out = self.out_proj(np.reshape(out, (out.shape[0], out.shape[1], self.embed_dim)))
        shown = (np.mean(weights, axis=1) if average_attn_weights else weights) if need_weights else None
        if single:
            return out[0], None if shown is None else shown[0]
        return out if self.batch_first else np.swapaxes(out, 0, 1), shown

    def mask(self, attn_mask: Any, key_padding_mask: Any, batch: int, dtype: Any) -> Any:
        """What is added to the scores, ``(batch or 1, heads or 1, queries or 1, keys)``; None if nothing is."""
        parts = []
        if attn_mask is not None:
            shape = np.shape(attn_mask)
            wide = (1, 1, *shape) if len(shape) == 2 else (batch, self.num_heads, *shape[1:])
            parts.append(np.reshape(added(attn_mask, dtype), wide))
        if key_padding_mask is not None:
            shape = np.shape(key_padding_mask)
            parts.append(np.reshape(added(key_padding_mask, dtype), (shape[0] if len(shape) == 2 else 1, 1, 1, -1)))
        return sum(parts[1:], parts[0]) if parts else None

    def extra_repr(self) -> str:
        """The sizes."""
        return f"embed_dim={self.embed_dim}, num_heads={self.num_heads}"


def added(mask: Any, dtype: Any) -> Any:
    """A mask as numbers that are added: minus infinity for True."""
    if mask.dtype.kind != "b":
        return mask
    return np.where(np.asarray(plain(mask)), np.array(-math.inf, dtype), np.array(0.0, dtype))
