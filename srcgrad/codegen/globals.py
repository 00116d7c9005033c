"""What the text of a standalone module refers to, as text of its own: imports, constants, arrays, pasted functions."""

from __future__ import annotations

import ast
import builtins
import keyword
import sys
import sysconfig
import types
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from srcgrad.codegen.constants import expression
from srcgrad.codegen.paste import paste
from srcgrad.errors import UnsupportedError
from srcgrad.ir.names import Names, dotted_name

__all__ = ["Globals"]


@dataclass
class Globals:
    """Definitions of the global names of a module, made as they are asked for.

    Attributes
    ----------
    taken : collection of str
        Names that mean something else.
    given : dict
        Names that are already in use, for these objects.
    shadowed : collection of str
        Names that `name` may not give, though an object has them: of parameters of the function to be written.
    imports : list of str
        Lines.
    constants : list of str
        Lines ``name = value``.
    arrays : dict
        Arrays that have to be stored in a file, by name.
    functions : list of str
        Texts of pasted functions, each after those that it needs.
    """

    taken: Collection[str] = ()
    given: dict[str, Any] = field(default_factory=dict)
    shadowed: Collection[str] = ()
    imports: list[str] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = Names({*self.taken, *self.shadowed, *dir(builtins), *keyword.kwlist})
        # The objects are kept, so that no id is used again. Of names for one object the first counts.
        self._known: dict[int, tuple[str, object]] = {}
        self._array_type = ""
        self._names.taken.update(self.given)
        for name, value in self.given.items():
            self._known.setdefault(id(value), (name, value))
        for name, value in self.given.items():
            self._define(name, value, name)

    def array_type(self) -> str:
        """The name of the type of arrays in annotations."""
        if not self._array_type:
            self._array_type = self.fresh("NDArray")
            other = f" as {self._array_type}" if self._array_type != "NDArray" else ""
            self.imports.append(f"from numpy.typing import NDArray{other}")
        return self._array_type

    def numpy(self) -> str:
        """The name NumPy goes by."""
        return self.name("np", np)

    def name(self, hint: str, value: object) -> str:
        """The global name of an object, defined if it is not yet.

        Raises
        ------
        UnsupportedError
            The object is neither a constant nor a thing that can be imported or pasted.
        """
        if id(value) in self._known and self._known[id(value)][0] not in self.shadowed:
            return self._known[id(value)][0]
        name = self.fresh(hint)
        self._known[id(value)] = name, value
        self._define(name, value, hint)
        return name

    def constant(self, hint: str, value: object) -> str:
        """The name of a number or array: each of them its own, also where two are one object."""
        name = self.fresh(hint)
        self._define(name, value, hint)
        return name

    def fresh(self, hint: str) -> str:
        """A name that nothing has."""
        return self._names.fresh(hint)

    def text(self, hint: str, value: object) -> str:
        """A constant written out, or the name of what is not one."""
        written = expression(value, self.numpy)
        if written is not None:
            return written
        dotted = dotted_name(value) if callable(value) else None
        root, _, rest = (dotted or "").partition(".")
        return f"{self.numpy()}.{rest}" if root == "numpy" else self.name(hint, value)

    # One kind of thing each

    def _define(self, name: str, value: object, label: str) -> None:
        if isinstance(value, types.ModuleType):
            self._import(name, value)
        elif type(value) is np.ndarray and value.dtype.kind in "biufc":
            self.arrays[name] = value
        elif (written := expression(value, self.numpy)) is not None:
            self.constants.append(f"{name} = {written}")
        elif isinstance(value, types.FunctionType) and is_pasted(value):
            self.functions.append(paste(value, name, self.name))
        else:
            self._import_from(name, value, label)

    def _import(self, name: str, module: types.ModuleType) -> None:
        full = module.__name__
        if not is_importable(full):
            refuse(name, module, "it is a module that only srcgrad, or this process, has")
        parent, _, last = full.rpartition(".")
        if name == full:
            self.imports.append(f"import {full}")
        elif parent and name == last:
            self.imports.append(f"from {parent} import {last}")
        else:
            self.imports.append(f"import {full} as {name}")

    def _import_from(self, name: str, value: object, label: str) -> None:
        dotted = dotted_name(value) if callable(value) else None
        module, _, last = (dotted or "").rpartition(".")
        if module not in sys.modules or not is_importable(module):
            refuse(label, value, "a module on its own can hold numbers, arrays and functions, and import the rest")
        if module != "builtins" or name != last:
            self.imports.append(f"from {module} import {last}" + (f" as {name}" if name != last else ""))

    def import_submodules(self, text: str) -> None:
        """Import the submodules that a text reaches through packages: ``scipy.special`` for ``scipy.special.erf``."""
        packages = {name: value for name, value in self._known.values() if isinstance(value, types.ModuleType)}
        for node in ast.walk(ast.parse(text)):
            root, *rest = _chain(node)
            if root in packages and packages[root] is not np:
                self._import_submodule(packages[root].__name__, rest)

    def _import_submodule(self, package: str, rest: list[str]) -> None:
        for part in rest:
            package = f"{package}.{part}"
            if isinstance(sys.modules.get(package), types.ModuleType):
                line = f"import {package}"
                self.imports += [line] if line not in self.imports else []


def _chain(node: ast.AST) -> list[str]:
    """The names of ``a.b.c``; empty text first for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id if isinstance(node, ast.Name) and parts else "", *reversed(parts)]


def is_pasted(fn: types.FunctionType) -> bool:
    """Is a function copied into the module? Not where it belongs to a library: that is imported."""
    if (fn.__module__ or "").partition(".")[0] == "srcgrad":
        return True
    return not is_library(fn.__code__.co_filename, fn.__module__ or "")


def is_library(file: str, module: str) -> bool:
    """Does a function come with Python or from an installed package?"""
    if module.partition(".")[0] in sys.stdlib_module_names - {"__main__"}:
        return True
    folders = {sysconfig.get_path(key) for key in ("purelib", "platlib")}
    return any(Path(file).is_relative_to(folder) for folder in folders)


def is_importable(module: str) -> bool:
    """May the new module import this one? Not srcgrad, nor what only this process has."""
    root = module.partition(".")[0]
    if root in ("__main__", "srcgrad"):
        return False
    return module in sys.builtin_module_names or getattr(sys.modules[module], "__spec__", None) is not None


def refuse(label: str, value: object, reason: str) -> None:
    """Raise, naming the object."""
    cls = type(value)
    raise UnsupportedError(
        f"cannot save: the code needs `{label}`, a {cls.__module__}.{cls.__qualname__}",
        reason=reason,
        repair="Pass it as an argument, or pass the numbers it holds.",
    )
