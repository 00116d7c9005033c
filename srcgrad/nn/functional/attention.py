"""Attention: means of values, weighted by how well keys fit queries."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcgrad.nn.functional.activations import softmax
from srcgrad.nn.functional.layers import dropout
from srcgrad.tracer.tensor import plain


def scaled_dot_product_attention(query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0,
                                 is_causal: bool = False, scale: float | None = None) -> Any:  # fmt: skip
    """``softmax(query @ key.T * scale + mask) @ value``.

    Parameters
    ----------
    query : Tensor
        ``(..., queries, width)``.
    key : Tensor
        ``(..., keys, width)``.
    value : Tensor
        ``(..., keys, columns)``.
    attn_mask : Tensor or array, optional
        Broadcast to ``(..., queries, keys)``: True where a query may look at a key; or numbers that are added.
    dropout_p : float
        The probability that a weight is made 0.
    is_causal : bool
        Whether a query may only look at keys that are not behind it.
    scale : float, optional
        ``1 / sqrt(width)`` if not given.

    Returns
    -------
    Tensor
        ``(..., queries, columns)``.
    """
    weights = attention_weights(query, key, attn_mask, is_causal, scale)
    return dropout(weights, dropout_p) @ value


def attention_weights(query: Any, key: Any, mask: Any, is_causal: bool, scale: float | None) -> Any:
    """How much of each value each query takes."""
    factor = 1 / math.sqrt(np.shape(query)[-1]) if scale is None else scale
    scores = (query * factor) @ np.swapaxes(key, -1, -2)
    if is_causal:
        scores = np.where(np.tri(*np.shape(scores)[-2:]) > 0, scores, -math.inf)
    if mask is None:
        return softmax(scores)
    return softmax(np.where(plain(mask), scores, -math.inf) if mask.dtype.kind == "b" else scores + mask)
