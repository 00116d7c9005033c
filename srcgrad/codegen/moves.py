"""Puts parallel assignments in an order, so that few need to be written as one."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Assignment", "ordered"]

# The name that is assigned, the text of its value, and the names that the value reads.
Assignment = tuple[str, str, set[str]]


def ordered(assignments: Sequence[Assignment]) -> list[list[Assignment]]:
    """Groups to execute one after the other; a group of several has to be one parallel assignment."""
    rest, groups = list(assignments), []
    while rest:
        free = next((k for k, (name, _, _) in enumerate(rest) if not _is_read(name, rest, k)), None)
        if free is None:
            group = _cycle(rest)
            groups.append(group)
            rest = [item for item in rest if item not in group]
        else:
            groups.append([rest.pop(free)])
    return groups


def _is_read(name: str, rest: list[Assignment], own: int) -> bool:
    """Does another assignment still read what this one overwrites?"""
    return any(name in reads for k, (_, _, reads) in enumerate(rest) if k != own)


def _cycle(rest: list[Assignment]) -> list[Assignment]:
    """Assignments that read each other's names, and nothing that is assigned outside of them."""
    chosen = {rest[0][0]}
    while True:
        readers = {name for name, _, reads in rest if reads & chosen}
        if readers <= chosen:
            return [item for item in rest if item[0] in chosen]
        chosen |= readers
