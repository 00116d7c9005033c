"""Rules for log records: effects, each once and in order."""

from __future__ import annotations

import logging
from typing import Any

from srcgrad.ir.types import Opaque, Type
from srcgrad.rules.core import constant
from srcgrad.rules.results import number

LEVELS = ("debug", "info", "warning", "error", "critical", "exception", "log")


def nothing(*args: Any, **kwargs: Any) -> Type:
    """What a call that only acts gives."""
    return Opaque("None")


constant(*(getattr(logging.Logger, name) for name in LEVELS), *(getattr(logging, name) for name in LEVELS),
         result=nothing, effect="io")  # fmt: skip
constant(logging.Logger.isEnabledFor, result=number("bool"), effect="io")
constant(logging.Logger.getEffectiveLevel, result=number("int"), effect="io")
