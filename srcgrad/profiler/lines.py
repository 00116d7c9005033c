"""Where a differentiated function spends its time: by line of the user's, forward and reverse."""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from srcgrad.codegen.load import line_of

GENERATED = "<srcgrad "


@dataclass
class LineTime:
    """What one line of the user's takes.

    Attributes
    ----------
    file, number, text : the line
    hits : how often generated code for it ran
    forward, reverse : seconds in the forward and in the reverse sweep
    """

    file: str
    number: int
    text: str = ""
    hits: int = 0
    forward: float = 0.0
    reverse: float = 0.0


class Running:
    """A generated function that runs: the line it is at, and since when."""

    __slots__ = ("entered", "inner", "number", "since")

    def __init__(self, number: int, since: float) -> None:
        self.number, self.since = number, since
        self.entered = since
        self.inner = 0.0  # the time of generated functions that it called


class Clock:
    """Measures the lines of generated functions, by tracing the thread; the times are those of the lines alone.

    Attributes
    ----------
    times : seconds and counts by file and number of the generated line
    """

    def __init__(self) -> None:
        self.times: dict[tuple[str, int], list[float]] = {}
        self._stack: list[Running] = []
        self._before: Any = None

    def start(self) -> None:
        """Begin to measure in this thread."""
        self._before = sys.gettrace()
        sys.settrace(self._entered)

    def stop(self) -> None:
        """Put back what traced the thread before."""
        sys.settrace(self._before)

    def _entered(self, frame: types.FrameType, event: str, arg: Any) -> Any:
        if not frame.f_code.co_filename.startswith(GENERATED):
            return None
        self._stack.append(Running(frame.f_lineno, perf_counter()))
        return self._moved

    def _moved(self, frame: types.FrameType, event: str, arg: Any) -> Any:
        if event in ("line", "return"):
            now, running = perf_counter(), self._stack[-1]
            passed = now - running.since
            self._charge(frame.f_code.co_filename, running.number, passed - running.inner)
            running.number, running.since, running.inner = frame.f_lineno, now, 0.0
            if event == "return":
                self._stack.pop()
                if self._stack:
                    self._stack[-1].inner += now - running.entered
        return self._moved

    def _charge(self, file: str, number: int, seconds: float) -> None:
        entry = self.times.setdefault((file, number), [0.0, 0])
        entry[0] += seconds
        entry[1] += 1

    def lines(self) -> list[LineTime]:
        """The times by line of the user's, in the order of the lines."""
        found: dict[tuple[str, int], LineTime] = {}
        for (file, number), (seconds, hits) in self.times.items():
            line = line_of(file, number)
            if line is None or line.span is None:
                continue
            entry = found.setdefault((line.span.file, line.span.line), LineTime(line.span.file, line.span.line))
            entry.text = entry.text or line.span.text.strip()
            entry.hits += int(hits)
            if line.reverse:
                entry.reverse += seconds
            else:
                entry.forward += seconds
        return [found[key] for key in sorted(found)]
