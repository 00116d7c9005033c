"""Ahead of time: a derivative as a module of its own, which needs NumPy and not srcgrad."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from srcgrad.api.arguments import OPEN, Parameters
from srcgrad.api.compiled import Compiled
from srcgrad.api.results import span_of
from srcgrad.api.versions import Version
from srcgrad.codegen.module import Entry, Module, module_of
from srcgrad.errors import ArgumentError, UnsupportedError
from srcgrad.frontend.signature import ArraySpec, MappingSpec, SequenceSpec, Spec
from srcgrad.ir.names import identifier

__all__ = ["module_text", "save"]

TITLES = {"grad": "The gradient of", "value_and_grad": "The value and the gradient of", "hessian": "The Hessian of"}


def save(derivative: Compiled, path: str | os.PathLike[str], *examples: Any, **named: Any) -> Path:
    """Write the code for one signature as a module that imports NumPy and not srcgrad.

    Parameters
    ----------
    derivative : Compiled
        What `grad` or `value_and_grad` gave.
    path : path-like
        A file ``*.py``. Captured arrays go into the ``.npz`` beside it.
    *examples, **named
        Arguments as for a call, or `srcgrad.spec` in the place of arrays; nothing is run. By default the signature
        called or compiled last.

    Returns
    -------
    Path
        Where the module is.

    Raises
    ------
    UnsupportedError
        The code needs an object that no module can hold; it is named.
    """
    file = Path(path)
    if file.suffix != ".py" or not file.stem.isidentifier():
        raise ArgumentError(f"cannot save as {os.fspath(path)!r}", repair="Give the name of a module: f_grad.py.")
    module = module_text(derivative, *examples, **named)
    if module.arrays:
        _replace(file.with_suffix(".npz"), module.arrays)
    _replace(file, module.text)
    return file


def _replace(file: Path, content: str | dict[str, np.ndarray]) -> None:
    """Write a file whole or not at all."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        if isinstance(content, str):
            draft.write_text(content, encoding="utf-8")
        else:
            with draft.open("wb") as stream:
                np.savez(stream, allow_pickle=False, **content)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def module_text(derivative: Compiled, *examples: Any, **named: Any) -> Module:
    """The module that `save` writes, as text and arrays. Parameters as of `save`."""
    if examples or named:
        derivative.compile(*examples, **named)
    version = derivative._last
    if version is None:
        raise ArgumentError(f"there is no code of {derivative!r} to save yet",
                            repair="Call it first, or give example arguments: .save(path, *examples).")  # fmt: skip
    if version.parts or not version.source:
        raise UnsupportedError(f"{derivative!r} is not one function that could be saved",
                               repair="Save its grad or value_and_grad.")  # fmt: skip
    captured = version.captured() if version.valid else None
    if captured is None:
        raise ArgumentError(f"what {derivative.label} reads from outside has changed since the code was made",
                            repair="Give example arguments: .save(path, *examples).")  # fmt: skip
    return module_of(version.func, entry_of(derivative, version, captured))


def entry_of(derivative: Compiled, version: Version, captured: dict[str, Any]) -> Entry:
    """What the module's function is to look like."""
    parameters, specs = derivative.parameters, version.extra["specs"]
    kind, label = derivative.options.kind, derivative.label
    title = f"{TITLES.get(kind, f'The {kind} of')} `{label}`"
    bound = bound_values(parameters)
    seen = [p for p in parameters.seen.parameters.values() if p.name not in bound]
    return Entry(
        name=f"{re.sub('__+', '_', identifier(label)).strip('_') or 'f'}_{kind}",
        parameters=seen,
        specs=specs,
        captured=captured,
        bound=bound,
        written=written_pairs(version),
        summary=f"{title}{wrt(derivative, specs)}.",
        origin=f"{title}{place_of(derivative)}. Made by srcgrad; make it again instead of editing it.",
        primal_doc=inspect.getdoc(parameters.fn) or "",
    )


def bound_values(parameters: Parameters) -> dict[str, Any]:
    """The values of parameters that a `functools.partial` gives for good."""
    if not parameters.first and not parameters.keywords:
        return {}
    given = parameters.full.bind_partial(*parameters.first, **parameters.keywords).arguments
    hidden = set(parameters.names) - set(parameters.seen.parameters)
    if any(parameters.full.parameters[name].kind in OPEN for name in given):
        raise UnsupportedError(f"a partial of {parameters.label} that fills `*` or `**` parameters cannot be saved",
                               repair="Write a def around it.")  # fmt: skip
    return {name: value for name, value in given.items() if name in hidden}


def wrt(derivative: Compiled, specs: dict[str, Spec]) -> str:
    """With respect to what, in words."""
    values = tuple(_stand_in(spec) for spec in specs.values())
    targets = derivative.parameters.targets(derivative.options.choice, values)
    names = [f"`{derivative.parameters.name_of(target)}`" for target in targets]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    return f" with respect to {listed}" if names else ""


def _stand_in(spec: Spec) -> Any:
    """Something with the structure of an argument."""
    match spec:
        case SequenceSpec(_, items):
            return items
        case MappingSpec(_, keys, items):
            return dict(zip(keys, items, strict=True))
    return spec


def place_of(derivative: Compiled) -> str:
    """The file and line of the function, without the folder."""
    span = span_of(derivative.parameters.fn)
    return f" ({os.path.basename(span.file)}, line {span.line})" if span is not None else ""


def written_pairs(version: Version) -> tuple[tuple[tuple[Any, ...], tuple[Any, ...]], ...]:
    """The arguments that are written, each with every other array, which must not share its memory."""
    lowering = version.lowering
    if lowering is None or not lowering.written:
        return ()
    arrays = [place for k, spec in enumerate(lowering.specs.values()) for place in _arrays(spec, (k,))]
    return tuple((w, other) for w in lowering.written if w in arrays for other in arrays if other != w)


def _arrays(spec: Spec, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    match spec:
        case ArraySpec():
            yield place
        case SequenceSpec(_, items):
            for k, item in enumerate(items):
                yield from _arrays(item, (*place, k))
        case MappingSpec(_, keys, items):
            for key, item in zip(keys, items, strict=True):
                yield from _arrays(item, (*place, key))
