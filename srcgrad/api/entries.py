"""What a call with certain types and shapes runs, and versions that differ in the values built into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from srcgrad.api.admission import Admit
from srcgrad.api.arguments import pick
from srcgrad.api.derive import Target
from srcgrad.api.keys import static_key
from srcgrad.api.kinds import Convert
from srcgrad.api.versions import Lowering, Version


@dataclass
class Entry:
    """What a call with exactly these types, dtypes and shapes runs."""

    version: Version
    run: Callable[..., Any]
    finish: Convert | None
    floats: tuple[Target, ...] = ()
    unused: str = ""
    special: bool = False
    recent: Recent | None = None

    def __post_init__(self) -> None:
        lowering = self.version.lowering
        self.special = bool(self.floats or self.unused or (lowering is not None and lowering.written))


# An entry as the next call finds it: what admits its arguments, the code, what is done to the result, the entry.
Recent = tuple[Admit, Callable[..., Any], "Convert | None", Entry]


def nobody(args: tuple[Any, ...]) -> None:
    """Admits no call."""


@dataclass
class Fork:
    """Versions that differ in the values of arguments built into them."""

    entries: list[Entry] = field(default_factory=list)

    def find(self, values: tuple[Any, ...]) -> Entry | None:
        """The entry whose built-in values are those of the call."""
        return next((entry for entry in self.entries if same_statics(entry.version, values)), None)


def same_statics(version: Version, values: tuple[Any, ...]) -> bool:
    """Are the arguments that were built in what they were, and laid out as they were?"""
    if any(static_key(pick(values, place)) != known for place, known in version.extra["statics"].items()):
        return False
    layout = version.lowering.layout if version.lowering is not None else {}
    return all(pick(values, place).flags.c_contiguous == known for place, known in layout.items())


def statics_of(lowering: Lowering, values: dict[str, Any] | None) -> dict[Target, Any]:
    """The built-in arguments and their values."""
    args = tuple((values or {}).values())
    return {place: static_key(pick(args, place)) for place in lowering.statics}


def signature_text(version: Version) -> str:
    """The signature for people: ``x: float64[:], n: 3``."""
    return ", ".join(f"{name}: {spec}" for name, spec in version.extra["specs"].items())
