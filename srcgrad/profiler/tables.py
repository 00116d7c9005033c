"""Profiles as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from srcgrad.profiler.events import BACKWARD, Event
from srcgrad.profiler.lines import LineTime

HEAD = ("Name", "Calls", "Self fwd", "Total fwd", "Back calls", "Self bwd", "Total bwd", "Saved", "Made")


@dataclass
class Average:
    """All calls of one operation.

    Attributes
    ----------
    key : the operation's name, or the line
    count, back_count : how often it was called, and stepped back through
    self_forward, total_forward, self_backward, total_backward : seconds
    saved, made : bytes kept for the sweep back, and of the results
    shapes : those of the operands, where they count
    """

    key: str
    count: int = 0
    back_count: int = 0
    self_forward: float = 0.0
    total_forward: float = 0.0
    self_backward: float = 0.0
    total_backward: float = 0.0
    saved: int = 0
    made: int = 0
    shapes: tuple[tuple[int, ...], ...] = field(default=())

    def add(self, event: Event) -> None:
        """Count one event."""
        self.saved += event.saved
        self.made += event.made
        if event.sweep == BACKWARD:
            self.back_count += 1
            self.self_backward += event.own
            self.total_backward += event.total
        else:
            self.count += 1
            self.self_forward += event.own
            self.total_forward += event.total

    @property
    def self_total(self) -> float:
        """The time of the operation alone, both ways."""
        return self.self_forward + self.self_backward

    def row(self) -> tuple[str, ...]:
        """As text."""
        times = (self.self_forward, self.total_forward), (self.self_backward, self.total_backward)
        return (self.key, str(self.count), *map(duration, times[0]), str(self.back_count), *map(duration, times[1]),
                amount(self.saved), amount(self.made))  # fmt: skip


class Averages(list[Average]):
    """Operations, the slowest first."""

    def table(self, sort_by: str | None = None, row_limit: int = 100) -> str:
        """The operations as text.

        Parameters
        ----------
        sort_by : str, optional
            An attribute of `Average`; ``self_total`` where it is not given.
        row_limit : int
            How many rows at most.

        Returns
        -------
        str
            A table.
        """
        ordered = sorted(self, key=attrgetter(sort_by or "self_total"), reverse=True)
        return aligned([HEAD, *(one.row() for one in ordered[:row_limit])])

    def __str__(self) -> str:
        return self.table()


def averaged(events: Iterable[Event], by_shape: bool, by_line: bool) -> Averages:
    """Events by name; perhaps also by the shapes of the operands, or by the user's line instead."""
    found: dict[object, Average] = {}
    for event in events:
        name = f"{event.span.file}:{event.span.line}" if by_line and event.span is not None else event.name
        shapes = event.shapes if by_shape else ()
        found.setdefault((name, shapes), Average(f"{name} {list(shapes)}" if shapes else name, shapes=shapes)).add(
            event
        )
    return Averages(sorted(found.values(), key=lambda one: -one.self_total))


def line_table(lines: Sequence[LineTime]) -> str:
    """The lines of differentiated functions as text."""
    rows = [(f"{line.file.rpartition('/')[2]}:{line.number}", str(line.hits), duration(line.forward),
             duration(line.reverse), line.text) for line in lines]  # fmt: skip
    return aligned([("Line", "Hits", "Forward", "Reverse", "Source"), *rows], left={0, 4})


def aligned(rows: Sequence[Sequence[str]], left: Iterable[int] = (0,)) -> str:
    """Rows under each other, the head underlined."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]

    def text(row: Sequence[str]) -> str:
        cells = enumerate(zip(row, widths, strict=True))
        return "  ".join(cell.ljust(width) if k in left else cell.rjust(width) for k, (cell, width) in cells).rstrip()

    texts = [text(row) for row in rows]
    return "\n".join([texts[0], "  ".join("-" * width for width in widths), *texts[1:]])


def duration(seconds: float) -> str:
    """Seconds as text."""
    return (
        f"{seconds * 1e6:.1f}us" if seconds < 1e-3 else f"{seconds * 1e3:.2f}ms" if seconds < 1 else f"{seconds:.3f}s"
    )


def amount(count: int) -> str:
    """Bytes as text."""
    return f"{count} B" if count < 1024 else f"{count / 1024:.1f} KB" if count < 2**20 else f"{count / 2**20:.1f} MB"
