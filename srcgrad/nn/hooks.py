"""Hooks of modules: what is called around their forward."""

from __future__ import annotations

from typing import Any


class Hook:
    """Takes a hook of a module away again."""

    def __init__(self, module: Any, name: str, hook: Any) -> None:
        self._module, self._name, self._hook = module, name, hook
        self._module.__dict__[name] = (*getattr(module, name), hook)

    def remove(self) -> None:
        """Do not call the hook any more."""
        left = tuple(hook for hook in getattr(self._module, self._name) if hook is not self._hook)
        self._module.__dict__[self._name] = left
