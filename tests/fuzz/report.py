"""The table of a fuzzing run: outcomes, and how often each construct and pair of them occurred and was refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from tests.fuzz.check import KINDS, Outcome
from tests.fuzz.program import CONSTRUCTS

Pair = tuple[str, str]


def anonymous(cause: str) -> str:
    """The cause without the names of one program, so that equal causes are counted together."""
    return re.sub(r"`[^`]*`", "`.`", cause)


@dataclass
class Report:
    """Counts over programs."""

    programs: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    pairs: Counter[Pair] = field(default_factory=Counter)
    refused_pairs: Counter[Pair] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, Outcome]] = field(default_factory=list)

    traced: Counter[str] = field(default_factory=Counter)

    def add(self, seed: int, constructs: Iterable[str], outcome: Outcome) -> None:
        """Count one program."""
        names = sorted(constructs, key=CONSTRUCTS.index)
        self.programs += 1
        self.kinds[outcome.kind] += 1
        self.traced[outcome.traced] += 1
        self.seen.update(names)
        self.pairs.update(combinations(names, 2))
        if outcome.kind == "refused":
            self.refused.update(names)
            self.refused_pairs.update(combinations(names, 2))
        if outcome.kind in ("refused", "wrong", "error"):
            self.causes[f"{outcome.kind}: {anonymous(outcome.signature)}"] += 1
            self.failures.append((seed, outcome))

    def share(self, count: int) -> float:
        """In percent of all programs."""
        return 100.0 * count / max(1, self.programs)

    def rare(self, wanted: Iterable[str] = CONSTRUCTS, percent: float = 5.0) -> list[str]:
        """The wanted constructs that occur in too few programs."""
        return [name for name in CONSTRUCTS if name in set(wanted) and self.share(self.seen[name]) < percent]

    def __str__(self) -> str:
        return "\n".join([*self._constructs(), "", *self._pair_lines(), "", *self._causes(), "", self.summary()])

    def summary(self) -> str:
        """One line: how many programs became what."""
        counts = ", ".join(f"{self.kinds[kind]} {kind} ({self.share(self.kinds[kind]):.1f} %)" for kind in KINDS)
        traced = f"; the tracer agrees in {self.traced['ok']} and refuses {self.traced['refused']}"
        return f"{self.programs} programs: {counts}{traced if self.traced.keys() - {''} else ''}"

    def _constructs(self) -> list[str]:
        head = f"{'construct':22} {'programs':>8} {'%':>6} {'refused':>8}"
        rows = [
            f"{n:22} {self.seen[n]:8} {self.share(self.seen[n]):6.1f} {self.refused[n]:8}"
            for n in CONSTRUCTS
            if self.seen[n]
        ]
        return [head, *rows]

    def _pair_lines(self) -> list[str]:
        possible = len(CONSTRUCTS) * (len(CONSTRUCTS) - 1) // 2
        lines = [f"pairs of constructs: {len(self.pairs)} of {possible} occurred; the most often refused:"]
        often = sorted(self.refused_pairs, key=lambda p: -self.refused_pairs[p] / self.pairs[p])[:10]
        return lines + [f"  {a} + {b}: {self.refused_pairs[a, b]} of {self.pairs[a, b]}" for a, b in often]

    def _causes(self) -> list[str]:
        return [f"{count:6} x {cause}" for cause, count in self.causes.most_common(30)] or ["nothing refused or wrong"]

    def every_pair(self) -> str:
        """All pairs, one a line."""
        return "\n".join(
            f"{a} + {b}: {n}, refused {self.refused_pairs[a, b]}" for (a, b), n in sorted(self.pairs.items())
        )
