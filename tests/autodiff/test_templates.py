"""What a rule emitted is emitted again for operands of the same types only."""

from __future__ import annotations

import numpy as np
import pytest

import srcgrad
from srcgrad.autodiff import templates
from srcgrad.autodiff.apply import Applier
from srcgrad.errors import Span
from srcgrad.ir.core import Block, Call, Value
from srcgrad.ir.types import Arr, Dim, Num, Type
from srcgrad.rules.core import lookup

F8 = np.dtype("float64")
VECTOR = Arr(F8, (Dim("n"),))


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "_kept", {})


def emitted(fn: object, *types: Type, same: bool = False) -> list[str]:
    """The calls a rule's partials make for fresh operands, by name."""
    rule = lookup(fn)
    assert rule is not None
    assert rule.vjp is not None
    values = [Value(kind) for kind in types]
    block, applier = Block(), Applier()
    with applier.within(block):
        applier.run(rule.vjp, [values[0]] * len(values) if same else values, {}, Span("", 0))
    return [op.fn.__name__ for op in block.ops if isinstance(op, Call)]


def test_the_second_time_gives_the_same_calls() -> None:
    first = emitted(np.tanh, VECTOR, VECTOR)
    assert len(templates._kept) == 1
    assert first
    assert emitted(np.tanh, VECTOR, VECTOR) == first
    assert len(templates._kept) == 1


def test_other_types_are_interpreted_anew() -> None:
    emitted(np.tanh, VECTOR, VECTOR)
    emitted(np.tanh, Num("float"), Num("float"))
    emitted(np.tanh, Arr(F8, (Dim("n", one=False),)), VECTOR)
    assert len(templates._kept) == 3


def test_names_of_lengths_do_not_matter_but_which_are_equal() -> None:
    other = Arr(F8, (Dim("m"),))
    emitted(np.tanh, VECTOR, VECTOR)
    emitted(np.tanh, other, other)
    assert len(templates._kept) == 1
    emitted(np.tanh, VECTOR, other)
    assert len(templates._kept) == 2


def test_lengths_have_the_names_of_now() -> None:
    for names in ("nm", "kl", "nm"):
        values = [Value(Arr(F8, tuple(map(Dim, names)))) for _ in range(2)]
        rule, block, applier = lookup(np.tanh), Block(), Applier()
        assert rule is not None
        with applier.within(block):
            applier.run(rule.vjp, list(values), {}, Span("", 0))
        assert {str(op.outs[0].type) for op in block.ops} == {f"float64[{names[0]}, {names[1]}]"}


def test_one_value_twice_is_not_two_values() -> None:
    emitted(np.tanh, VECTOR, VECTOR)
    emitted(np.tanh, VECTOR, VECTOR, same=True)
    assert len(templates._kept) == 2


def test_constants_tell_calls_apart() -> None:
    x = np.linspace(0.3, 0.9, 4)
    for power in (2, 2.0, 3, 0.5, -1):
        found = srcgrad.grad(lambda v, p=power: np.sum(v**p))(x)
        np.testing.assert_allclose(found, np.imag((x + 1e-30j) ** power) / 1e-30, rtol=1e-12)


def test_a_users_own_rule_is_never_kept() -> None:
    def partial(out: float, x: float) -> float:
        return 1 - out * out + 0 * x

    applier = Applier()
    given = templates.Given(partial, [Value(VECTOR), Value(VECTOR)], {})
    assert templates.key_of(applier.ctx, given) is None
