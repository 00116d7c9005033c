"""Imports go strictly downward, sideways only within a folder, never in a circle, and at the top of a file."""

from __future__ import annotations

import subprocess
import sys

from tests.house.tree import ROOT, Import, Module, modules

# Top first; rooms on one line do not know each other. The front door ("") is above all.
LAYERS: list[set[str]] = [
    {""},
    {"cli"},
    {"testing"},
    {"api"},
    {"autograd"},
    {"nn"},
    {"optim"},
    {"profiler"},
    {"codegen"},
    {"autodiff", "passes"},
    {"analysis"},
    {"frontend", "tracer"},
    {"rules"},
    {"ir"},
    {"runtime"},
    {"errors"},
]
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}

# Extras: a file that needs one imports it where it is used, so that the core works without.
OPTIONAL = {"numba", "llvmlite", "scipy", "click", "rich", "graphviz", "matplotlib", "dask", "distributed", "sklearn"}
HEAVY = {"gast", "optree", "ast", "inspect"}  # not before a public name is asked for
NOT_FOR_GRAD = ("numpy.random", "srcgrad.cli", "srcgrad.testing", "srcgrad.tracer")


def inner(module: Module) -> list[Import]:
    """The imports of this package's own modules."""
    return [i for i in module.imports if i.target.split(".")[0] == "srcgrad"]


def room(target: str) -> str:
    return target.split(".")[1] if "." in target else ""


def goes_up(module: Module, target: str) -> bool:
    """Does the import leave the room for one that is not strictly below?"""
    return room(target) != module.room and LEVEL[room(target)] <= LEVEL[module.room]


def test_every_room_has_a_layer():
    assert {module.room for module in modules().values()} <= set(LEVEL)


def test_imports_go_down():
    wrong = [
        f"{module.path.name}:{i.line}: {module.name} imports {i.target}"
        for module in modules().values()
        for i in inner(module)
        if goes_up(module, i.target)
    ]
    assert wrong == []


def test_no_cycles():
    graph = {name: {i.target for i in inner(module)} - {name} for name, module in modules().items()}
    graph["srcgrad"] = set()  # the front door imports lazily
    while leaves := [name for name, targets in graph.items() if not targets & graph.keys()]:
        for name in leaves:
            del graph[name]
    assert sorted(graph) == [], "modules in, or above, an import cycle"


def test_imports_stand_at_the_top():
    wrong = [
        f"{module.name}:{i.line}: {i.target}"
        for module in modules().values()
        for i in module.imports
        if i.in_function and i.target.split(".")[0] not in OPTIONAL
    ]
    assert wrong == []


def loaded_by(statement: str) -> set[str]:
    """The modules that a statement loads in a fresh interpreter, beyond those of NumPy."""
    code = f"import sys, numpy; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_the_package_alone_loads_nothing_of_weight():
    assert {name for name in loaded_by("import srcgrad") if "." in name or name in OPTIONAL | HEAVY} == set()


def test_optional_dependencies_are_not_imported_with_a_public_name():
    found = loaded_by("from srcgrad import *")
    assert "srcgrad.api.gradients" in found
    assert OPTIONAL & {name.split(".")[0] for name in found} == set()


def test_what_a_gradient_does_not_need_is_not_imported():
    assert {name for name in loaded_by("from srcgrad import grad") if name.startswith(NOT_FOR_GRAD)} == set()
