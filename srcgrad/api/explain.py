"""What srcgrad makes of a function, without running it: which way, what varies, what is kept, and the code between."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcgrad.api.amounts import Amount, constant
from srcgrad.api.arguments import Parameters, pick, put
from srcgrad.api.compiled import Compiled
from srcgrad.api.derive import Target, Wanted, gradient, prepare
from srcgrad.api.options import Options, choose
from srcgrad.api.results import span_of
from srcgrad.api.specs import spec_of_example
from srcgrad.api.tape import Recorded, bytes_of, recorded
from srcgrad.api.versions import Lowering
from srcgrad.autodiff.activity import varied
from srcgrad.codegen import numpy as numpy_code
from srcgrad.errors import SourceError, Span, SrcgradError, UnsupportedError
from srcgrad.frontend.islands import islands_in
from srcgrad.frontend.lower import lower
from srcgrad.frontend.signature import AnySpec, ArraySpec, MappingSpec, NumSpec, SequenceSpec, Spec
from srcgrad.ir.core import Func
from srcgrad.ir.walk import walk

__all__ = ["Explanation", "Reason", "explain"]

Reason = tuple[str, int, str]  # file, line, text
FLOATS = ArraySpec(np.dtype(float), (False,))


@dataclass
class Explanation:
    """What `explain` found; it prints well.

    Attributes
    ----------
    function : str
        Its name, with file and line.
    signature : str
        The kinds of arguments all this is about.
    path : str
        ``"source"``; ``"mixed"`` where calls within it are traced, each with its place and reason in `reasons`; for a
        function that cannot be differentiated from its source ``"traced"`` where a call falls back
        on tracing it, and ``"refused"`` where a call raises.
    reasons : list of (file, line, text)
        Why not.
    active : list of str
        The variables that vary with the differentiated arguments and matter to the result.
    tape : list of Recorded
        What the forward sweep keeps for the reverse sweep.
    tape_formula : str
        The memory of that in bytes, in shapes and trips.
    tape_bytes : int or str
        The same as a number where arguments are given or there was a call, and no trip count is missing.
    stages : dict of str to str
        With ``stages=True``, the program after each stage.
    """

    function: str
    signature: str = ""
    path: str = "source"
    reasons: list[Reason] = field(default_factory=list)
    active: list[str] = field(default_factory=list)
    tape: list[Recorded] = field(default_factory=list)
    tape_formula: str = "0"
    tape_bytes: int | str = 0
    stages: dict[str, str] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[str, str]]:
        """What there is to show: a word, and a text."""
        if self.signature:
            yield "signature", self.signature
        yield "path", self.path
        for file, line, text in self.reasons:
            yield "reason", f"{os.path.basename(file)}:{line}: {text}" if file else text
        if self.path == "source":
            yield "active", ", ".join(self.active) or "nothing"
            yield "tape", "\n".join(map(str, self.tape)) or "nothing"
            known = isinstance(self.tape_bytes, int) and self.tape_formula != str(self.tape_bytes)
            yield "tape bytes", f"{self.tape_formula} = {self.tape_bytes:,}" if known else self.tape_formula

    def __str__(self) -> str:
        lines = [self.function]
        for word, text in self.rows():
            first, *rest = text.splitlines()
            lines += [f"  {word:<11} {first}", *(f"  {'':<11} {line}" for line in rest)]
        lines += [f"\n--- {name} ---\n{text.rstrip()}" for name, text in self.stages.items()]
        return "\n".join(lines)

    __repr__ = __str__

    def __rich__(self) -> Any:
        """The same for `rich.print`."""
        from rich.console import Group
        from rich.syntax import Syntax
        from rich.table import Table
        from rich.text import Text

        table = Table("", "", title=Text(self.function), title_justify="left", show_header=False)
        for word, text in self.rows():
            table.add_row(Text(word, style="bold"), Text(text))
        parts = [(Text(f"\n{name}", style="bold"), Syntax(text, "python")) for name, text in self.stages.items()]
        return Group(table, *(part for pair in parts for part in pair))


def explain(f: Callable[..., Any], *args: Any, argnums: int | tuple[int, ...] = 0, stages: bool = False,
            **kwargs: Any) -> Explanation:  # fmt: skip
    """Say what srcgrad makes of a function. Nothing is run.

    Parameters
    ----------
    f : callable
        A function, or what `grad` or `value_and_grad` made of one.
    *args, **kwargs
        Example arguments, or `srcgrad.spec` in the place of arrays. Without any, the signature of the last call of a
        derivative, else what the source alone decides.
    argnums : int or tuple of int
        Which arguments are differentiated; a derivative knows its own.
    stages : bool
        Also give the program after each stage.

    Returns
    -------
    Explanation
        With `path`, `reasons`, `active`, `tape`, `tape_bytes`, `stages` and `signature`.

    Examples
    --------
    >>> import srcgrad
    >>> def f(x, n):
    ...     y = 1.0
    ...     for _ in range(n):
    ...         y = y * x + 1.0
    ...     return y
    >>> srcgrad.explain(f, 2.0, 10).path
    'source'
    """
    compiled = f if isinstance(f, Compiled) else Compiled(f, Options("grad", choose(argnums, None)))
    if compiled.options.mode == "trace":
        chosen = UnsupportedError('it is traced because of mode="trace"')
        return Explanation(heading(compiled), path="traced", reasons=[reason_of(chosen, compiled)])
    if not args and not kwargs and compiled._last is None and compiled._refusal is not None:
        return Explanation(heading(compiled), path="traced", reasons=[reason_of(compiled._refusal, compiled)])
    refusals: list[SrcgradError] = []
    for specs, values in signatures(compiled, args, kwargs):
        try:
            return supported(compiled, specs, values, stages)
        except SrcgradError as error:
            refusals.append(error)
    may_trace = compiled.may_trace and isinstance(refusals[0], (UnsupportedError, SourceError))
    path = "traced" if may_trace else "refused"
    return Explanation(heading(compiled), path=path, reasons=[reason_of(refusals[0], compiled)])


# Which signature


Signature = tuple[dict[str, Spec], dict[str, Any] | None]


def signatures(compiled: Compiled, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[Signature]:
    """The signatures to try, the best first: given, of the last call, or decided by the source alone."""
    parameters = compiled.parameters
    if args or kwargs or not parameters.names:
        values = dict(zip(parameters.names, parameters.arrange(args, kwargs), strict=True))
        yield {name: spec_of_example(value, name) for name, value in values.items()}, values
    elif compiled._last is not None:
        yield dict(compiled._last.extra["specs"]), dict(compiled._last.extra["values"])
    else:
        for kind in (AnySpec(), FLOATS, NumSpec("float")):
            yield {name: generic(parameters, name, kind) for name in parameters.names}, None


def generic(parameters: Parameters, name: str, kind: Spec) -> Spec:
    """What is assumed of a parameter when nothing is known of its argument."""
    parameter = parameters.full.parameters[name]
    if parameter.kind is parameter.VAR_POSITIONAL:
        return SequenceSpec(tuple, ())
    if parameter.kind is parameter.VAR_KEYWORD:
        return MappingSpec(dict, (), ())
    if parameter.default is not parameter.empty and not isinstance(parameter.default, (float, np.ndarray)):
        return spec_of_example(parameter.default, name)
    return kind


# What there is to say


def supported(compiled: Compiled, specs: dict[str, Spec], values: dict[str, Any] | None, stages: bool) -> Explanation:
    """The explanation of what can be differentiated; raises what is wrong."""
    compiled.refuse_tracing()
    targets, values = entered(compiled, specs, values)
    specs = {**specs, **({} if values is None else {n: spec_of_example(v, n) for n, v in values.items()})}
    lowering = compiled.lowering(specs, values)
    derived = differentiated(compiled, lowering, targets)
    names = [*compiled.parameters.names, *(c.label for c in lowering.lowered.captured)]
    tape = recorded(derived, names)
    memory = bytes_of(tape)
    outside = [c.read() for c in lowering.lowered.captured]
    islands = [reason_of(island.error, compiled) for island in islands_in(lowering.primal.func)]
    if islands and not compiled.may_trace:
        return Explanation(heading(compiled), path="refused", reasons=islands)
    return Explanation(
        function=heading(compiled),
        path="mixed" if islands else "source",
        reasons=islands,
        signature=", ".join(f"{name}: {spec}" for name, spec in lowering.specs.items()),
        active=active_names(lowering, targets),
        tape=tape,
        tape_formula=memory.text,
        tape_bytes=number_of(memory, values, outside),
        stages=stage_texts(compiled, lowering, derived) if stages else {},
    )


def entered(compiled: Compiled, specs: dict[str, Spec], values: dict[str, Any] | None
            ) -> tuple[tuple[Target, ...], dict[str, Any] | None]:  # fmt: skip
    """What is differentiated, and the values as the code takes them."""
    args = tuple((values if values is not None else specs).values())
    targets = compiled.parameters.targets(compiled.options.choice, args)
    if values is None:
        return targets, None
    for place in compiled.floats(args):
        args = put(args, place, float(pick(args, place)))
    return targets, dict(zip(values, args, strict=True))


def differentiated(compiled: Compiled, lowering: Lowering, targets: tuple[Target, ...]) -> Func:
    """The gradient in IR, whatever the result of the function is."""
    options = compiled.options
    kind = "value_and_grad" if options.kind == "value_and_grad" else "grad"
    wanted = Wanted(tuple(targets), options.choice.single)
    return gradient(lowering.primal, wanted, value=kind != "grad", aux=options.has_aux, name=f"{compiled.label}_{kind}",
                    holomorphic=True).func  # fmt: skip


def active_names(lowering: Lowering, targets: tuple[Target, ...]) -> list[str]:
    """The user's names of what varies, in the order of the program."""
    func = lowering.primal.func
    inputs = [leaf.value for leaf in lowering.primal.leaves(Wanted(tuple(targets), single=False))]
    moving = varied(func.block, inputs)
    made = [value for op in walk(func.block) for value in (*op.outs, *(p for b in op.blocks for p in b.params))]
    return list(dict.fromkeys(value.hint for value in (*inputs, *made) if value in moving and value.hint))


def number_of(memory: Amount, values: dict[str, Any] | None, outside: list[Any]) -> int | str:
    """The memory as a number, or as a formula."""
    if values is None or any(isinstance(value, Spec) for value in _parts(tuple(values.values()))):
        return memory.text if memory != constant(0) else 0
    found = memory.read((*values.values(), *outside))
    return memory.text if found is None else int(found)


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _parts(item)
    else:
        yield value


def stage_texts(compiled: Compiled, lowering: Lowering, derived: Func) -> dict[str, str]:
    """The program after each stage; it is lowered once more, for the passes change it in place."""
    innermost = compiled
    while isinstance(innermost.primal, Compiled):
        innermost = innermost.primal
    lowered = lower(innermost.parameters.fn, lowering.specs, islands=compiled.may_trace).func
    texts = {"lower": str(lowered)}
    texts["optimise"] = str(prepare(lowered, list(lowering.specs.values())).func)
    texts["differentiate"] = str(derived)
    texts["source"] = numpy_code.emit(derived, {})
    return texts


def heading(compiled: Compiled) -> str:
    """The function's name and place."""
    span = span_of(inspect.unwrap(compiled.parameters.fn))
    return compiled.label + (f" ({span})" if span is not None else "")


def reason_of(error: SrcgradError, compiled: Compiled) -> Reason:
    """File, line and text of a refusal."""
    spans = [error.span, *(span for span, _ in error.related), span_of(compiled.parameters.fn)]
    span = next((span for span in spans if span is not None), Span("", 0))
    parts = [part.rstrip(".") for part in (error.message, error.reason, error.repair) if part]
    return span.file, span.line, "; ".join(parts)
