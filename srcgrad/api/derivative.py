"""The derivative object: the gradient of a function, as a function."""

from __future__ import annotations

from typing import Any

from srcgrad.api.derive import Derived, Target, Wanted, gradient, spec_at
from srcgrad.api.kinds import Convert, at, convert_all, converter
from srcgrad.api.options import Options
from srcgrad.api.results import always_raises, check_result
from srcgrad.api.shown import Shown
from srcgrad.api.versions import Lowering, Version, emit
from srcgrad.errors import ArgumentError
from srcgrad.frontend.signature import Spec
from srcgrad.ir.core import Func, Operand


class Derivative(Shown):
    """The gradient of a function, as a function.

    Made by `grad` and `value_and_grad`. Code is made at the first call of a signature (dtypes, ranks, container
    structure), and kept.
    """

    def derive(self, lowering: Lowering, targets: tuple[Target, ...], values: dict[str, Any] | None) -> Version:
        """The code of the gradient."""
        derived = self.differentiate(lowering, targets, values)
        text, run = emit(derived.func, self.options.backend)
        return Version(derived.func, text, run, lowering.lowered, unused=derived.unused)

    def differentiate(self, lowering: Lowering, targets: tuple[Target, ...], values: dict[str, Any] | None) -> Derived:
        """The gradient in IR."""
        options = self.options
        check_result(
            lowering.primal.func,
            self.primal,
            None if values is None else tuple(values.values()),
            has_aux=options.has_aux,
            holomorphic=options.holomorphic,
        )
        return gradient(
            lowering.primal,
            Wanted(tuple(targets), options.choice.single),
            value=options.kind == "value_and_grad",
            aux=options.has_aux,
            name=f"{self.label}_{options.kind}",
            holomorphic=options.holomorphic,
        )

    def as_ir(self, lowering: Lowering, targets: tuple[Target, ...], values: dict[str, Any] | None) -> Func:
        """The gradient as one function in IR."""
        return self.differentiate(lowering, targets, values).func

    def finishing(self, version: Version, targets: tuple[Target, ...]) -> Convert | None:
        """Gradients in the kinds of their arguments."""
        made = version.func.block.yields[0]
        with_value = self.options.kind == "value_and_grad"
        if with_value or self.options.has_aux:
            made = made[1] if with_value else made[0]
        convert = self.gradients(list(version.extra["specs"].values()), made, targets, version.unused)
        return at(1, convert) if with_value else at(0, convert) if self.options.has_aux else convert

    def gradients(
        self, specs: list[Spec], made: Operand, targets: tuple[Target, ...], unused: tuple[Target, ...]
    ) -> Convert | None:
        """The converter of the gradients alone."""
        single = self.options.choice.single
        each = [made] if single else made
        dropped = unused if self.options.unused == "none" else ()
        parts = [
            _none if target in dropped else converter(spec_at(specs, target), item)
            for target, item in zip(targets, each, strict=True)
        ]
        return parts[0] if single else convert_all(parts)

    def unused_text(self, version: Version, targets: tuple[Target, ...]) -> str:
        """The warning, or the error, about arguments that do not matter."""
        if not version.unused or self.inner is not None or self.options.unused == "none":
            return ""
        if version.lowering is not None and always_raises(version.lowering.primal.func):
            return ""
        names = ", ".join(f"`{self.parameters.name_of(target)}`" for target in version.unused)
        text = f"the result of {self.label} does not depend on {names}"
        if self.options.unused == "error":
            raise ArgumentError(text, repair="Leave it out of argnums.")
        return f'{text}: the gradient is zero. Leave it out of argnums, or pass unused="none".'


def _none(grad: Any) -> None:
    """No gradient."""


__all__ = ["Derivative", "Options"]
