"""``vjp`` and ``jvp``."""

from __future__ import annotations

from typing import Any


def vjp(*args: Any, **kwargs: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


jvp = vjp
