"""Which classes are the user's: their source is read, and their objects are containers."""

from __future__ import annotations

from typing import Any

FOREIGN = ("builtins", "numpy", "scipy", "functools", "types", "srcgrad", "operator", "itertools", "collections",
           "typing", "enum", "abc", "contextlib", "math", "random", "_random", "logging", "numba")  # fmt: skip


def is_users(cls: Any) -> bool:
    """Is it a class whose source is the user's?"""
    module = (cls.__module__ or "") if isinstance(cls, type) else "builtins"
    return module.split(".")[0] not in FOREIGN or module.startswith("srcgrad.nn")  # models are written as users' are
