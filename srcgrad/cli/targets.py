"""From ``pkg.mod:f``, ``pkg.mod:Class.method`` or ``file.py:f`` to a function."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from srcgrad.api.compiled import Compiled

__all__ = ["TargetError", "resolve_target"]


class TargetError(Exception):
    """There is no such function."""


def resolve_target(target: str) -> Callable[..., Any]:
    """The function that a target names; a derivative stands for the function it is of.

    Parameters
    ----------
    target : str
        A module or a file, a colon, and the name in it, dotted for a method.

    Raises
    ------
    TargetError
        With what is there instead.
    """
    place, colon, name = target.rpartition(":")
    if not colon or not place or not name:
        raise TargetError(f"{target!r} is not a target: write pkg.mod:f, pkg.mod:Class.method or path/to/file.py:f")
    found = _attribute(_module(place), name, place)
    while isinstance(found, Compiled):
        found = found.primal
    if not callable(found):
        raise TargetError(f"{target} is a {type(found).__name__}, not a function")
    function: Callable[..., Any] = found
    return function


def _module(place: str) -> ModuleType:
    if place.endswith(".py") or os.sep in place:
        return _from_file(Path(place))
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.insert(0, os.getcwd())  # as `python -m` does
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        if error.name is not None and (place == error.name or place.startswith(error.name + ".")):
            raise TargetError(f"there is no module {place!r}") from None
        raise


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise TargetError(f"there is no file {str(path)!r}")
    path = path.resolve()
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))  # as `python file.py` does
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise TargetError(f"{str(path)!r} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)
    spec.loader.exec_module(module)
    return module


def _attribute(owner: Any, name: str, place: str) -> Any:
    for part in name.split("."):
        if not hasattr(owner, part):
            raise TargetError(f"{place} has no {name!r}{_others(owner)}")
        owner = getattr(owner, part)
    return owner


def _others(owner: Any) -> str:
    own = getattr(owner, "__name__", None)
    public = {name: value for name, value in vars(owner).items() if callable(value) and not name.startswith("_")}
    names = [name for name, value in public.items() if getattr(value, "__module__", own) == own]
    return f"; it has {', '.join(sorted(names)[:12])}" if names else ""
