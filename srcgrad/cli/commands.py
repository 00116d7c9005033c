"""The commands. They end with 0, or 1 for a wrong gradient or unsupported code, or 2 for a call that makes no sense."""

from __future__ import annotations

import contextlib
import copy
import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from srcgrad.api.arguments import label_of
from srcgrad.api.compiled import Compiled
from srcgrad.api.explain import explain as explain_function
from srcgrad.api.explain import signatures
from srcgrad.api.gradients import grad, value_and_grad
from srcgrad.api.save import save
from srcgrad.api.versions import Version
from srcgrad.cli.rendering import show_derivative, show_primal
from srcgrad.cli.signatures import SpecError, examples, examples_for
from srcgrad.cli.targets import TargetError, resolve_target
from srcgrad.errors import ArgumentError, SrcgradError
from srcgrad.testing import check_grads

__all__ = ["srcgrad"]

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
Argnums = int | tuple[int, ...]
SPEC_HELP = 'Kinds of the arguments: "float64[n, 3], float64[], steps=10".'


class _Argnums(click.ParamType[Argnums]):
    """``0`` or ``0,2``."""

    name = "argnums"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            numbers = tuple(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not a position, nor positions separated by commas", param, ctx)
        return numbers[0] if len(numbers) == 1 else numbers


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options all commands have."""
    for option in (
        click.option("--inputs", type=click.Path(exists=True, dir_okay=False), help="An .npz file: arguments by name."),
        click.option("--mode", type=click.Choice(["auto", "source", "trace"]), default="auto", show_default=True),
        click.option("--argnums", type=_Argnums(), help="Which arguments to differentiate: 0 or 0,2."),
        click.option("--spec", help=SPEC_HELP),
    ):
        command = option(command)
    return command


@click.group()
@click.version_option(package_name="srcgrad")
def srcgrad() -> None:
    """Derivatives of plain NumPy functions, as code.

    TARGET is pkg.mod:f, pkg.mod:Class.method or path/to/file.py:f.
    """


@srcgrad.command()
@click.argument("target")
@common
@click.option("--value", is_flag=True, help="The value together with the gradient.")
def show(target: str, spec: str | None, argnums: Argnums | None, mode: str, inputs: str | None, value: bool) -> None:
    """Print a function and the code of its gradient, line beside line."""
    with judged(target):
        fn = resolve_target(target)
        derivative = derivative_of(fn, argnums, mode, value)
        version = version_of(derivative, arguments(fn, spec, inputs))
        console = Console(highlight=False)
        file = show_primal(console, fn)
        console.print()
        kinds = ", ".join(f"{name}: {kind}" for name, kind in version.extra["specs"].items())
        show_derivative(console, version.func, f"{version.func.name} for {kinds}", file)


@srcgrad.command()
@click.argument("target")
@common
@click.option("--stages", is_flag=True, help="Also the program after each stage.")
def explain(target: str, spec: str | None, argnums: Argnums | None, mode: str, inputs: str | None,
            stages: bool) -> None:  # fmt: skip
    """Say which way a function is differentiated, what varies, and what is kept."""
    with judged(target):
        fn = resolve_target(target)
        derivative = derivative_of(fn, argnums, mode, value=False)
        args, kwargs = arguments(fn, spec, inputs) or ((), {})
        found = explain_function(derivative, *args, stages=stages, **kwargs)
        if sys.stdout.isatty():
            Console(highlight=False).print(found)
        else:
            click.echo(str(found))
        if found.path != "source":
            sys.exit(1)


@srcgrad.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@common
@click.option("--order", type=click.IntRange(1, 4), default=1, show_default=True, help="Up to which derivative.")
@click.option("--points", type=click.IntRange(1), default=3, show_default=True, help="At how many random points.")
@click.option("--seed", type=int, default=0, show_default=True)
def check(targets: tuple[str, ...], spec: str | None, argnums: Argnums | None, mode: str, inputs: str | None,
          order: int, points: int, seed: int) -> None:  # fmt: skip
    """Compare gradients with finite differences, at generated or given arguments."""
    failed = 0
    with progress() as tell:
        for target in targets:
            with judged(target, stop=len(targets) == 1) as verdict:
                fn = resolve_target(target)
                if mode != "auto":
                    require_mode(fn, argnums, mode, arguments(fn, spec, inputs, seed))
                for point in range(1 if inputs else points):
                    tell(f"{target}: point {point + 1} of {1 if inputs else points}")
                    args, kwargs = with_defaults(fn, argnums, *given(fn, spec, inputs, seed + point))
                    try_primal(fn, args, kwargs)
                    check_grads(fn, args, kwargs=kwargs, argnums=argnums, order=order, seed=seed + point)
                click.echo(f"{target}: right")
            failed = max(failed, verdict.code)
    sys.exit(failed)


@srcgrad.command()
@click.argument("target")
@common
@click.option("--value", is_flag=True, help="The value together with the gradient.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="The module to write; <name>_grad.py by default.")
def build(target: str, spec: str | None, argnums: Argnums | None, mode: str, inputs: str | None, value: bool,
          output: str | None) -> None:  # fmt: skip
    """Write the gradient as a module that needs NumPy and not srcgrad."""
    with judged(target):
        fn = resolve_target(target)
        derivative = derivative_of(fn, argnums, mode, value)
        args, kwargs = given(fn, spec, inputs, 0)
        path = save(derivative, output or f"{label_of(fn)}_{derivative.options.kind}.py", *args, **kwargs)
        click.echo(f"{path}: {derivative.options.kind} of {label_of(fn)}")


# What commands share


def derivative_of(fn: Callable[..., Any], argnums: Argnums | None, mode: str, value: bool) -> Compiled:
    """The derivative that a command is about; nothing may be traced where code is wanted."""
    make = value_and_grad if value else grad
    derivative: Compiled = make(fn, 0 if argnums is None else argnums, mode=mode, fallback="error")
    return derivative


def require_mode(fn: Callable[..., Any], argnums: Argnums | None, mode: str, found: Arguments | None) -> None:
    """Raise where a function cannot be differentiated the way that is asked for."""
    args, kwargs = found or ((), {})
    derivative_of(fn, argnums, mode, value=False).compile(*args, **kwargs)


def with_defaults(fn: Callable[..., Any], argnums: Argnums | None, args: tuple[Any, ...], kwargs: dict[str, Any]
                  ) -> Arguments:  # fmt: skip
    """The arguments, with the defaults of those that are to be differentiated."""
    numbers = () if argnums is None else (argnums,) if isinstance(argnums, int) else argnums
    if all(-len(args) <= k < len(args) for k in numbers):
        return args, kwargs
    bound = inspect.signature(fn).bind(*args, **kwargs)
    bound.apply_defaults()
    if not all(-len(bound.args) <= k < len(bound.args) for k in numbers):
        raise SpecError(f"argnums {argnums} is out of range: {label_of(fn)} has {len(bound.args)} positional arguments")
    return bound.args, bound.kwargs


def try_primal(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise where the function itself does not take such arguments."""
    try:
        fn(*copy.deepcopy(args), **copy.deepcopy(kwargs))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise SpecError(f"the function itself raises {type(error).__name__}: {error}") from None


def version_of(derivative: Compiled, found: Arguments | None) -> Version:
    """The code for some arguments, or what the source alone decides."""
    if found is not None:
        derivative.compile(*found[0], **found[1])
        assert derivative._last is not None
        return derivative._last
    refusals: list[SrcgradError] = []
    for specs, _ in signatures(derivative, (), {}):
        try:
            targets = derivative.parameters.targets(derivative.options.choice, tuple(specs.values()))
            return derivative.build(specs, None, targets)
        except SrcgradError as error:
            refusals.append(error)
    raise refusals[0]


def arguments(fn: Callable[..., Any], spec: str | None, inputs: str | None, seed: int = 0) -> Arguments | None:
    """The arguments that the options describe, None where they say nothing."""
    if inputs is None and spec is None:
        return None
    found = ((), _stored(inputs)) if inputs is not None else examples(str(spec), seed)
    try:
        bound = inspect.signature(fn).bind(*found[0], **found[1])
    except TypeError as error:
        raise SpecError(f"{error}: the function is {label_of(fn)}{inspect.signature(fn)}") from None
    return bound.args, bound.kwargs  # by position where that is possible: so argnums counts


def _stored(file: str) -> dict[str, Any]:
    with np.load(file, allow_pickle=False) as arrays:
        return {name: arrays[name] if arrays[name].ndim else arrays[name].item() for name in arrays.files}


def given(fn: Callable[..., Any], spec: str | None, inputs: str | None, seed: int) -> Arguments:
    """The arguments that the options describe, or else those that annotations suggest."""
    found = arguments(fn, spec, inputs, seed)
    if found is None:
        guessed = examples_for(fn, seed)
        if guessed is None:
            raise SpecError('which arguments? Give --spec "float64[n, 3], float64[]", or --inputs')
        found = guessed, {}
    return found


class Verdict:
    """How a target came out."""

    code = 0


@contextlib.contextmanager
def judged(target: str, stop: bool = True) -> Iterator[Verdict]:
    """Turn exceptions into a message and an exit code; only the call's own mistakes end everything."""
    verdict = Verdict()
    try:
        yield verdict
    except (TargetError, SpecError, ArgumentError) as error:
        click.echo(f"{target}: {error}", err=True)
        sys.exit(2)
    except SrcgradError as error:
        click.echo(f"{_where(error)}{target}: unsupported: {error}", err=True)
        verdict.code = 1
    except AssertionError as error:
        click.echo(f"{target}: wrong: {error}", err=True)
        verdict.code = 1
    if verdict.code and stop:
        sys.exit(verdict.code)


def _where(error: SrcgradError) -> str:
    return f"{error.span.file}:{error.span.line}: " if error.span is not None else ""


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show what is going on, where somebody looks."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda text: None
        return
    columns = SpinnerColumn(), TextColumn("{task.description}", markup=False)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("")
        yield lambda text: bar.update(task, description=text)
