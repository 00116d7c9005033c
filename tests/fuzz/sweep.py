"""A long run in pieces: ``python -m tests.fuzz.sweep --programs 2000 --jobs 2 --record FILE``, again to go on.

Every outcome is a line of the file, written when it is known, so that a run can be stopped, continued, and shared
between several processes with files of their own (`--shard 0/2 --record a`, `--shard 1/2 --record b`); ``--sum a b``
prints the table of several files. The first line says what was run: other programs do not get into the same file.
Ends in failure where something is wrong, where refusals reach one percent, or where a construct is rare.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.fuzz.check import Outcome
from tests.fuzz.program import SPINE, WEIGHTS, wanted_constructs
from tests.fuzz.report import Report
from tests.fuzz.run import Options, outcomes

MOST_REFUSED = 1.0  # percent of all programs
LEAST_SHARE = 5.0  # percent of all programs in which a construct occurs; half of it in the larger set
MANY = 200  # programs; shares of fewer say little


def seeds_of(first: int, programs: int, shard: str) -> range:
    """The seeds of one shard ``k/n``: every n-th."""
    k, n = map(int, shard.split("/"))
    return range(first + k, first + programs, n)


def read(path: Path) -> tuple[dict[str, Any] | None, dict[int, dict[str, Any]]]:
    """What a record was made with, and its lines by seed; a last line that is not whole is left out."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
    head, *entries = map(json.loads, lines) if lines else [None]
    return head, {entry["seed"]: entry for entry in entries}


def prepare(path: Path, options: Options) -> set[int]:
    """Open a record or make one; the seeds that it has."""
    head, entries = read(path)
    wanted = json.loads(json.dumps(asdict(options)))
    if head is None:
        path.write_text(json.dumps(wanted) + "\n", encoding="utf-8")
    elif head != wanted:
        raise SystemExit(f"{path} is a record of other options: {head}")
    else:
        whole = [json.dumps(line) for line in (head, *entries.values())]
        path.write_text("\n".join(whole) + "\n", encoding="utf-8")
    return set(entries)


def extend(path: Path, options: Options, seeds: Iterable[int], jobs: int, seconds: float) -> None:
    """Run what the record lacks, until the time is over."""
    done = prepare(path, options)
    left = [seed for seed in seeds if seed not in done]
    end = time.monotonic() + seconds
    with path.open("a", encoding="utf-8") as record:
        for size in range(0, len(left), 10 * jobs):
            for seed, constructs, outcome in outcomes(options, left[size : size + 10 * jobs], jobs):
                entry = {"seed": seed, "constructs": sorted(constructs), **asdict(outcome)}
                record.write(json.dumps(entry) + "\n")
                record.flush()
            print(f"{len(done) + min(size + 10 * jobs, len(left))} recorded", file=sys.stderr, flush=True)
            if time.monotonic() > end:
                return


def total(paths: Iterable[Path]) -> Report:
    """All records as one table."""
    report = Report()
    for path in paths:
        for seed, entry in sorted(read(path)[1].items()):
            report.add(
                seed,
                entry["constructs"],
                Outcome(*(entry.get(key, "") for key in ("kind", "detail", "signature", "traced"))),
            )
    return report


def complaints(report: Report, wanted: frozenset[str] = SPINE) -> list[str]:
    """What keeps the promise from holding; the wanted constructs must not be rare."""
    bad = [f"{report.kinds[kind]} {kind}" for kind in ("wrong", "error") if report.kinds[kind]]
    if report.share(report.kinds["refused"]) >= MOST_REFUSED:
        bad.append(f"refused {report.share(report.kinds['refused']):.2f} %")
    if report.programs >= MANY:
        bad += [
            f"`{name}` in {report.share(report.seen[name]):.1f} %"
            for name in report.rare(wanted, LEAST_SHARE if wanted == SPINE else LEAST_SHARE / 2)
        ]
    return bad


def summed_up(report: Report, wanted: frozenset[str] = SPINE) -> str:
    """The table, failing seeds and whether the promise holds."""
    seeds = [f"  {outcome.kind} {seed}: {outcome.signature}" for seed, outcome in report.failures]
    rarest = min(sorted(wanted), key=lambda name: report.seen[name])
    share = f"rarest construct: `{rarest}` in {report.share(report.seen[rarest]):.1f} % of programs"
    pairs = f"rarest pair that occurred: {min(report.pairs.values(), default=0)} programs"
    return "\n".join([str(report), share, pairs, *seeds, f"holds: {'; '.join(complaints(report, wanted)) or 'yes'}"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.sweep", description=__doc__)
    parser.add_argument("--programs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="of the first program")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--order", type=int, default=1, choices=(1, 2))
    parser.add_argument("--second", type=int, default=0, help="every n-th program to second order; 0: as --order says")
    parser.add_argument("--weights", choices=WEIGHTS, default="spine", help="which set of programs")
    parser.add_argument("--shard", default="0/1", help="k/n: only every n-th program, from the k-th")
    parser.add_argument("--record", type=Path, help="where outcomes are kept; continued if it exists")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long; run again to go on")
    parser.add_argument("--sum", type=Path, nargs="+", metavar="FILE", help="only print the table of these records")
    parser.add_argument("--pairs", action="store_true", help="print every pair of constructs")
    return parser


def main() -> int:
    """Run or sum up, print, and fail where the promise does not hold."""
    given = _parser().parse_args()
    paths = given.sum or [given.record or Path(f"fuzz-{given.weights}-{given.seed}-{given.order}.jsonl")]
    if not given.sum:
        seeds = seeds_of(given.seed, given.programs, given.shard)
        options = Options(order=given.order, weights=given.weights, second=given.second)
        extend(paths[0], options, seeds, given.jobs, given.seconds)
    report, wanted = total(paths), wanted_constructs(given.weights)
    print(summed_up(report, wanted))
    if given.pairs:
        print(report.every_pair())
    return int(bool(complaints(report, wanted)))


if __name__ == "__main__":
    sys.exit(main())
