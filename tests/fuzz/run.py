"""Fuzzing from the command line: ``python -m tests.fuzz.run --programs 2000 --seed 0 --jobs 2`` prints the counts."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import srcgrad
from srcgrad.errors import FallbackWarning
from tests.fuzz.check import MODES, Library, Outcome, check
from tests.fuzz.generate import generate
from tests.fuzz.numeric import Numeric
from tests.fuzz.primal import check_primal
from tests.fuzz.program import ALL_GROUPS, WEIGHTS, Program, allowed_constructs
from tests.fuzz.report import Report
from tests.fuzz.shrink import shrink


@contextmanager
def nothing_traced() -> Iterator[None]:
    """A fallback to the tracer is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", FallbackWarning)
        yield


class FromSource:
    """srcgrad itself, with nothing traced: what cannot be differentiated from source is refused."""

    def grad(self, f: Any, argnums: Any) -> Any:
        return srcgrad.grad(f, argnums, fallback="error", unused="zero")

    def value_and_grad(self, f: Any, argnums: Any) -> Any:
        return srcgrad.value_and_grad(f, argnums, fallback="error", unused="zero")

    def traced(self, f: Any, argnums: Any) -> Any:
        """The same by the tracer."""
        return srcgrad.value_and_grad(f, argnums, mode="trace", unused="zero")

    def jvp(self, f: Any, args: Any, tangents: Any) -> Any:
        with nothing_traced():
            return srcgrad.jvp(f, args, tangents)

    def vjp(self, f: Any, *args: Any, argnums: Any) -> Any:
        with nothing_traced():
            return srcgrad.vjp(f, *args, argnums=argnums)


LIBRARIES: dict[str, type[Any]] = {"srcgrad": FromSource, "numeric": Numeric}


@dataclass(frozen=True)
class Options:
    """What one run does; sent to each process."""

    only: str | None = None
    order: int = 1
    library: str = "srcgrad"
    statements: int = 40
    primal: bool = False
    modes: tuple[str, ...] = MODES
    weights: str = "spine"
    second: int = 0

    def check(self, program: Program) -> Outcome:
        """Its derivatives, or only the way to IR and back."""
        if self.primal:
            return check_primal(program)
        order = 2 if self.second and program.seed % self.second == 0 else self.order
        return check(program, self.make_library(), order, self.modes)

    def program(self, seed: int) -> Program:
        """The program of a seed under these options."""
        return generate(seed, allowed_constructs(self.only, self.weights), self.statements)

    def make_library(self) -> Library:
        """What is under test."""
        library: Library = LIBRARIES[self.library]()
        return library


def one(options: Options, seed: int) -> tuple[int, frozenset[str], Outcome]:
    """Generate and check one program."""
    program = options.program(seed)
    return seed, program.constructs, options.check(program)


def outcomes(options: Options, seeds: Sequence[int], jobs: int) -> Iterator[tuple[int, frozenset[str], Outcome]]:
    """All programs, in order, on one or several processes."""
    if jobs == 1:
        yield from map(partial(one, options), seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(partial(one, options), seeds, chunksize=10)


def run(options: Options, seeds: Sequence[int], jobs: int = 1, *, stop: bool = False, progress: bool = False) -> Report:
    """Check the programs of all seeds; `stop` at the first that is wrong or an error."""
    report = Report()
    for seed, constructs, outcome in outcomes(options, seeds, jobs):
        report.add(seed, constructs, outcome)
        if progress and report.programs % 100 == 0:
            print(report.summary(), file=sys.stderr, flush=True)
        if stop and outcome.kind in ("wrong", "error"):
            break
    return report


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__)
    parser.add_argument("--programs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="of the first program")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--order", type=int, default=1, choices=(1, 2))
    parser.add_argument("--only", help=f"groups or constructs, comma separated: {', '.join(ALL_GROUPS)}")
    parser.add_argument("--second", type=int, default=0, help="every n-th program to second order; 0: as --order says")
    parser.add_argument("--weights", choices=WEIGHTS, default="spine", help="which set of programs")
    parser.add_argument("--statements", type=int, default=40, help="at most, per program")
    parser.add_argument("--library", choices=sorted(LIBRARIES), default="srcgrad")
    parser.add_argument("--primal", action="store_true", help="no derivative: only lower, optimise, print and run")
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--stop", action="store_true", help="at the first wrong program or error")
    parser.add_argument("--failures", type=int, default=5, help="how many to print in full")
    parser.add_argument("--shrink", action="store_true", help="print failing programs in their smallest form")
    parser.add_argument("--show", type=int, metavar="SEED", help="print this program and its outcome, and nothing else")
    parser.add_argument("--pairs", action="store_true", help="print every pair of constructs")
    return parser


def print_failure(options: Options, seed: int, outcome: Outcome, smaller: bool) -> None:
    """The program and what went wrong."""
    program = options.program(seed)
    if smaller:
        program = shrink(program, options.check, outcome)
        outcome = options.check(program)
    print(f"\n# seed {seed}: {outcome.kind}\n{program.text}\n# arguments {program.args}\n{outcome.detail}")


def main() -> int:
    """Run, print, and fail if anything was wrong."""
    given = _parser().parse_args()
    options = Options(
        given.only,
        given.order,
        given.library,
        given.statements,
        given.primal,
        tuple(given.modes.split(",")),
        given.weights,
        given.second,
    )
    if given.show is not None:
        print_failure(options, given.show, one(options, given.show)[2], given.shrink)
        return 0
    seeds = range(given.seed, given.seed + given.programs)
    report = run(options, seeds, given.jobs, stop=given.stop, progress=True)
    for seed, outcome in report.failures[: given.failures]:
        print_failure(options, seed, outcome, given.shrink)
    print(report)
    if given.pairs:
        print(report.every_pair())
    return int(report.kinds["wrong"] + report.kinds["error"] > 0)


if __name__ == "__main__":
    sys.exit(main())
