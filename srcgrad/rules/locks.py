"""Rules for locks: effects, each once and in order."""

from __future__ import annotations

import threading
from typing import Any

from srcgrad.ir.types import Opaque, Type
from srcgrad.rules.core import constant
from srcgrad.rules.results import number


def nothing(*args: Any, **kwargs: Any) -> Type:
    """What a call that only acts gives."""
    return Opaque("None")


constant(threading.Lock, result=lambda: Opaque("Lock"), effect="io")
constant(threading.RLock, result=lambda: Opaque("RLock"), effect="io")

for _cls in (type(threading.Lock()), type(threading.RLock())):
    constant(_cls.__enter__, _cls.acquire, result=number("bool"), effect="io")
    constant(_cls.__exit__, _cls.release, result=nothing, effect="io")
