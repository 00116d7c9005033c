"""Which classes are the user's: their source is read, and their objects are containers."""

from __future__ import annotations

from typing import Any

FOREIGN = ("builtins", "numpy", "scipy", "functools", "types", "srcgrad", "operator", "itertools", "collections",
           "typing", "enum", "abc", "contextlib", "math", "random", "_random", "logging")  # fmt: skip


def is_users(cls: Any) -> bool:
    """Is it a class whose source is the user's?"""
    return isinstance(cls, type) and (cls.__module__ or "").split(".")[0] not in FOREIGN
