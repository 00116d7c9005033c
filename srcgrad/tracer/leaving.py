"""Values on their way out of a trace: what would lose a derivative unseen is refused, and stays refused.

A refusal that the traced function swallows (``except TypeError``, C code that raises its own error) is raised again at
the end of the trace. The text of a value may be printed, not parsed.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import types
from typing import Any

import numpy as np

from srcgrad.errors import Span, SrcgradError, TracedValueError
from srcgrad.tracer.modes import MODE, RUNS, Run
from srcgrad.tracer.node import Node, Start
from srcgrad.tracer.tensor import Tensor

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NUMPY = os.path.dirname(np.__file__)
PACKAGES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platlib", "purelib")})
DETACH = "Call detach() on it if that is meant, or use a function that has a rule."


def user_span() -> Span | None:
    """The line of the user's code that is running; that of a library where there is none of the user's."""
    frame: types.FrameType | None = sys._getframe(1)
    library = None
    while frame is not None:
        file = frame.f_code.co_filename
        if is_users(file):
            return Span(file, frame.f_lineno, 0)
        if library is None and not file.startswith((HERE, NUMPY, "<")):
            library = Span(file, frame.f_lineno, 0)
        frame = frame.f_back
    return library


def is_users(file: str) -> bool:
    """Is it neither a library's file nor none?"""
    return not file.startswith((HERE, "<", *PACKAGES))


# Which trace


def is_active(tensor: Tensor) -> bool:
    """Has the tensor a derivative?"""
    return tensor._node is not None or bool(tensor._dots)


def run_of(tensor: Tensor) -> Run | None:
    """The trace a value with a derivative belongs to, None for the user's own tensors."""
    if MODE.run is not None:
        return MODE.run
    return started(tensor._node) if RUNS and tensor._node is not None else None


def started(node: Node) -> Run | None:
    """The trace where the graph of a node begins: asked in threads that the traced function started."""
    seen, stack = {node}, [node]
    while stack:
        node = stack.pop()
        if isinstance(node, Start):
            return node.run if node.run in RUNS else None
        for edge in node.edges:
            if edge is not None and edge not in seen:
                seen.add(edge)
                stack.append(edge)
    return None


# Refusals


def refuse(error: SrcgradError, run: Run | None = None) -> SrcgradError:
    """The error, remembered by the traces that are under way: whoever swallows it does not get a number."""
    run = run or MODE.run
    while run is not None:
        run.refusal = run.refusal or error
        run = run.outer
    return error


def leaving(tensor: Tensor, what: str) -> Any:
    """The value, unless that would lose a derivative unseen."""
    run = run_of(tensor) if is_active(tensor) else None
    if run is not None:
        raise refuse(
            TracedValueError(
                f"{what} of a value that has a derivative",
                span=user_span(),
                reason="as a plain number it would lose it",
                repair=DETACH,
            ),
            run,
        )
    return tensor._value


# Text


class Text(str):
    """The text of a value that has a derivative: as a number again it would have lost it."""

    __slots__ = ()

    def _refuse(self, *_: Any) -> Any:
        raise refuse(parsed())

    __float__ = __int__ = __complex__ = __index__ = _refuse


def parsed() -> TracedValueError:
    """The error for text that is read as a number."""
    at = MODE.run.text if MODE.run is not None else None
    where = f" ({at})" if at is not None else ""
    return TracedValueError(
        f"text is read as a number after a value that has a derivative was made text{where}",
        span=user_span(),
        reason="a number that is read from text has no derivative",
        repair="Compute with the value itself; make text of its detach().",
    )


def text_of(tensor: Tensor, text: str) -> str:
    """The text of a tensor; that of a value with a derivative is noted."""
    run = run_of(tensor) if is_active(tensor) else None
    if run is None:
        return text
    run.text = run.text or user_span() or Span("", 0)
    return Text(text)


def note_text(args: tuple[Any, ...]) -> None:
    """Note that values may have been made text: what was printed can be read again."""
    if MODE.run is not None and any(isinstance(arg, Tensor) and is_active(arg) for arg in args):
        MODE.run.text = MODE.run.text or user_span() or Span("", 0)


def check_text(args: tuple[Any, ...], consts: tuple[Any, ...] = ()) -> None:
    """Refuse to read numbers from text that may be that of a value; literals of the program are no such text."""
    if MODE.run is not None and MODE.run.text is not None and any(may_be_number(arg, consts) for arg in args):
        raise refuse(parsed())


def may_be_number(thing: Any, consts: tuple[Any, ...]) -> bool:
    """Is it text with digits in it, or something text can be read from?"""
    if isinstance(thing, str):
        return thing not in consts and any(map(str.isdigit, thing))
    if isinstance(thing, (bytes, bytearray)):
        return thing not in consts and any(48 <= byte < 58 for byte in thing)
    if isinstance(thing, (list, tuple)):
        return any(may_be_number(item, consts) for item in thing)
    if isinstance(thing, np.ndarray):
        return thing.dtype.kind in "USO" and may_be_number(thing.tolist(), consts)
    return hasattr(thing, "read") or hasattr(thing, "__next__")
