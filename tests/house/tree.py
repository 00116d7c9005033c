"""The package as data for the house tests: its files, their syntax trees, who imports whom."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "srcgrad"
Functions = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Import:
    """One imported module (of this package or not), and how it is imported."""

    target: str
    line: int
    in_function: bool
    typing_only: bool


@dataclass
class Module:
    """A file of the package."""

    name: str
    path: Path
    text: str
    tree: ast.Module
    imports: list[Import] = field(default_factory=list)

    @property
    def room(self) -> str:
        """The part of the package the module lives in; empty for the front door."""
        return self.name.split(".")[1] if "." in self.name else ""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Module]:
    """Every module of the package by name, its imports resolved."""
    found: dict[str, Module] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = module_name(path)
        found[name] = Module(name, path, text, ast.parse(text))
    for module in found.values():
        module.imports = list(_imports(module.tree, module, set(found), False, False))
    return found


def _imports(node: ast.AST, module: Module, known: set[str], inside: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            for target in _targets(child, module, known):
                yield Import(target, child.lineno, inside, typing)
        function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        check = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        yield from _imports(child, module, known, inside or function, typing or check)


def _targets(node: ast.Import | ast.ImportFrom, module: Module, known: set[str]) -> set[str]:
    """The modules an import statement loads: ``from srcgrad import errors`` is `srcgrad.errors`."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    base = node.module or ""
    if node.level:
        package = module.path.name == "__init__.py"
        up = module.name.split(".")
        up = up[: len(up) - node.level + package]
        base = ".".join([*up, base] if base else up)
    submodules = {f"{base}.{alias.name}" for alias in node.names} & known
    whole = {base} if len(submodules) < len(node.names) else set()
    return submodules | whole


def functions(tree: ast.AST) -> Iterator[tuple[str, Functions]]:
    """Module-level functions and methods, with the name of the class in front."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for name, method in functions(node):
                yield f"{node.name}.{name}", method
