"""``profile``: what operations on tensors, and lines of differentiated functions, cost."""

from __future__ import annotations

import json
import threading
import weakref
from collections.abc import Callable
from time import perf_counter
from typing import Any

from srcgrad.errors import Span
from srcgrad.profiler.events import BACKWARD, FORWARD, Event, bytes_of, bytes_saved, shapes_of
from srcgrad.profiler.lines import Clock, LineTime
from srcgrad.profiler.tables import Averages, averaged, line_table
from srcgrad.tracer.leaving import user_span
from srcgrad.tracer.modes import MODE, SPECIAL
from srcgrad.tracer.node import WATCHERS, AccumulateGrad, Node

__all__ = ["profile", "record_function"]


class Profile:
    """Within ``with profile() as prof:`` the time and the memory of operations are measured, in this thread.

    Parameters
    ----------
    enabled : bool
        With False, measures nothing.
    record_shapes : bool
        Keep the shapes of the operands.
    profile_memory, with_stack, use_cuda, activities
        Accepted for the sake of programs written for PyTorch: memory and lines are always kept, other devices are not
        there.

    Examples
    --------
    >>> import srcgrad
    >>> x = srcgrad.ones(3, requires_grad=True)
    >>> with srcgrad.autograd.profiler.profile() as prof:
    ...     (x * x).sum().backward()
    >>> [one.key for one in prof.key_averages() if one.count == 1]  # doctest: +SKIP
    ['Sum', 'Mul']
    """

    def __init__(self, enabled: bool = True, *, record_shapes: bool = False, profile_memory: bool = True,
                 with_stack: bool = True, use_cuda: bool = False, activities: Any = None) -> None:  # fmt: skip
        self._enabled, self._shapes = enabled, record_shapes
        self._events: list[Event] = []
        self._open: list[Event] = []
        self._spans: weakref.WeakKeyDictionary[Node, Span] = weakref.WeakKeyDictionary()
        self._clock = Clock()
        self._before: Any = None

    def __enter__(self) -> Profile:
        if self._enabled:
            self._before, MODE.profile = MODE.profile, self
            SPECIAL.append(self)
            WATCHERS.append(self._recorded)
            self._clock.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._enabled:
            self._clock.stop()
            WATCHERS.remove(self._recorded)
            SPECIAL.remove(self)
            MODE.profile = self._before

    # Told by the tracer

    def timed(self, name: str, args: tuple[Any, ...], fn: Callable[..., Any], *given: Any) -> Any:
        """Call a function, and keep how long that took."""
        event = self._begin(name, FORWARD, user_span())
        event.shapes = shapes_of(args) if self._shapes else ()
        try:
            result = fn(*given)
            event.made = bytes_of(result)
            return result
        finally:
            self._end(event)

    def timed_back(self, node: Node, fn: Callable[..., Any], *given: Any) -> None:
        """Take a step back, and keep how long that took."""
        name = "AccumulateGrad" if isinstance(node, AccumulateGrad) else node.title
        event = self._begin(name, BACKWARD, self._spans.get(node))
        try:
            fn(*given)
        finally:
            self._end(event)

    def _begin(self, name: str, sweep: str, span: Span | None) -> Event:
        event = Event(name, sweep, perf_counter(), span=span, depth=len(self._open))
        self._events.append(event)
        self._open.append(event)
        return event

    def _end(self, event: Event) -> None:
        event.stop = perf_counter()
        self._open.pop()
        if self._open:
            self._open[-1].inner += event.total

    def _recorded(self, node: Node) -> None:
        if MODE.profile is self and self._open:
            self._open[-1].saved += bytes_saved(node)
            if self._open[-1].span is not None:
                self._spans[node] = self._open[-1].span

    # Asked by the user

    def events(self) -> list[Event]:
        """All operations, in the order in which they began.

        Returns
        -------
        list of Event
            Of both sweeps.
        """
        return list(self._events)

    def lines(self) -> list[LineTime]:
        """The lines of functions differentiated from source, with their times in both sweeps.

        Returns
        -------
        list of LineTime
            In the order of the lines.
        """
        return self._clock.lines()

    def key_averages(self, group_by_input_shape: bool = False, group_by_line: bool = False) -> Averages:
        """The operations by name.

        Parameters
        ----------
        group_by_input_shape : bool
            Keep operations apart whose operands have other shapes (needs ``record_shapes=True``).
        group_by_line : bool
            By the user's line instead of by name.

        Returns
        -------
        Averages
            A list of `Average`, the slowest first, with a method `table`.
        """
        return averaged(self._events, group_by_input_shape, group_by_line)

    def table(self, sort_by: str | None = None, row_limit: int = 100) -> str:
        """The operations as text.

        Parameters
        ----------
        sort_by, row_limit
            As for `Averages.table`.

        Returns
        -------
        str
            A table; the lines of functions differentiated from source below it.
        """
        lines = self.lines()
        parts = [self.key_averages().table(sort_by, row_limit)] if self._events or not lines else []
        return "\n\n".join([*parts, *([line_table(lines)] if lines else [])])

    def __str__(self) -> str:
        return self.table()

    @property
    def self_cpu_time_total(self) -> float:
        """The time of all operations, in microseconds."""
        return 1e6 * sum(event.own for event in self._events)

    def export_chrome_trace(self, path: str) -> None:
        """Write the operations as a file for ``chrome://tracing`` or Perfetto.

        Parameters
        ----------
        path : str
            The file, JSON.
        """
        with open(path, "w", encoding="utf-8") as stream:
            json.dump({"traceEvents": [chrome_event(event) for event in self._events]}, stream)


profile = Profile


def chrome_event(event: Event) -> dict[str, Any]:
    """One event as the format of Chrome's traces has it."""
    details = {"saved bytes": event.saved, "result bytes": event.made, "shapes": [list(s) for s in event.shapes]}
    line = {"line": f"{event.span.file}:{event.span.line}"} if event.span is not None else {}
    return {"name": event.name, "cat": event.sweep, "ph": "X", "ts": event.start * 1e6, "dur": event.total * 1e6,
            "pid": 0, "tid": threading.get_ident() % 10**6, "args": details | line}  # fmt: skip


class RecordFunction:
    """Within ``with record_function("name"):`` what is done is shown under a name in a profile.

    Parameters
    ----------
    name : str
        The name.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._under_way: list[tuple[Any, Event]] = []

    def __enter__(self) -> RecordFunction:
        found = MODE.profile
        if found is not None:
            self._under_way.append((found, found._begin(self._name, FORWARD, user_span())))
        return self

    def __exit__(self, *_: object) -> None:
        if self._under_way:
            found, event = self._under_way.pop()
            found._end(event)


record_function = RecordFunction
