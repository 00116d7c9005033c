"""Rules for run-time lists, and for the effects generated code may have."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.ir.types import Opaque, Type
from srcgrad.rules.core import constant, linear


def _same(items: Type) -> Type:
    return items


@linear(runtime.reversed_list, result=_same)
def reversed_list(out_bar: Any, items: Any) -> Any:
    """``items_bar = reversed(out_bar)``."""
    return runtime.reversed_list(out_bar)


constant(runtime.stop_gradient, result=_same)
constant(runtime.check_length, runtime.raise_error, effect="raise", result=lambda *args: Opaque("None"))
constant(np.broadcast, effect="raise", result=lambda *args: Opaque("broadcast"))
constant(runtime.join_text, result=lambda *args: Opaque("str"))
constant(builtins.print, effect="io", result=lambda *args, **kwargs: Opaque("None"))
