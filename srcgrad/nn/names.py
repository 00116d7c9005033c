"""The names of a module's parts: how they are joined, and what is a parameter or a buffer."""

from __future__ import annotations

from typing import Any

from srcgrad.nn.parameter import Parameter


def joined(prefix: str, name: str) -> str:
    """A name below a prefix."""
    return f"{prefix}.{name}" if prefix else name


def indented(text: str) -> str:
    """A text, the lines after the first one moved to the right."""
    return text.replace("\n", "\n  ")


def mistaken(value: Any, kind: str, name: str) -> TypeError:
    """The error for something that is put where a parameter or a buffer was."""
    expected = "Parameter" if kind == "parameter" else "Tensor"
    return TypeError(f"cannot assign '{type(value).__name__}' as {kind} '{name}' ({expected} or None expected)")


def is_parameter(module: Any, name: str, value: Any) -> bool:
    """Is the attribute a parameter?"""
    return isinstance(value, Parameter)


def is_buffer(module: Any, name: str, value: Any) -> bool:
    """Is the attribute a buffer?"""
    return name in module._persistent


def is_persistent(module: Any, name: str, value: Any) -> bool:
    """Is the attribute a buffer that belongs to the state?"""
    return bool(module._persistent.get(name, False))
