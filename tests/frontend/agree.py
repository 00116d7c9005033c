"""One program against finite differences in every mode, and what it leaves behind."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import srcgrad
from srcgrad.errors import SrcgradError
from tests import trees


def agree(fn: Callable[..., Any], *args: Any, argnums: int | Sequence[int] = 0, order: int = 2) -> None:
    """Both modes are right up to `order`; the value is the plain one; differentiated arguments are kept."""
    given = copy.deepcopy(args)
    value, _ = srcgrad.value_and_grad(fn, argnums=argnums)(*given)
    np.testing.assert_allclose(value, fn(*copy.deepcopy(args)), rtol=1e-13)
    for k in argnums if isinstance(argnums, Sequence) else (argnums,):
        same(given[k], args[k])
    srcgrad.check_grads(fn, copy.deepcopy(args), argnums=argnums, order=order)


def same(one: Any, other: Any) -> None:
    """The same numbers in both trees."""
    left, right = list(trees.leaves(one)), list(trees.leaves(other))
    assert [path for path, _ in left] == [path for path, _ in right]
    for (_, x), (_, y) in zip(left, right, strict=True):
        np.testing.assert_array_equal(x, y)


def refused(fn: Callable[..., Any], *args: Any) -> str:
    """The first line of the refusal."""
    with pytest.raises(SrcgradError) as caught:
        srcgrad.grad(fn, fallback="error")(*args)
    return str(caught.value).splitlines()[0]
