"""Rewrites: which apply, and which must not."""

import numpy as np
import pytest

from srcgrad import runtime
from srcgrad.passes.fold import fold
from srcgrad.passes.pipeline import simplify
from tests.passes.cases import becomes, of, run, stays

F8, F4, I8, C8 = "float64[n]", "float32[n]", "int64[n]", "complex128[n]"


@pytest.mark.parametrize(
    ("type_", "expression"),
    [
        (F8, "operator.mul(%x, 1)"), (F8, "operator.mul(1.0, %x)"), (F4, "operator.mul(%x, 1.0)"),
        (I8, "operator.mul(1, %x)"), ("np.float32", "operator.mul(%x, 1.0)"), ("int", "operator.mul(%x, 1)"),
        (F8, "operator.pow(%x, 1)"), (F8, "operator.truediv(%x, 1)"), (F8, "operator.sub(%x, 0.0)"),
        (I8, "operator.sub(%x, 0)"), (F8, "numpy.transpose(%x)"), (F8, "srcgrad.runtime.sum_to(%x, (2,))"),
        ("float64[2]", "numpy.broadcast_to(%x, (2,))"),
    ],
)  # fmt: skip
def test_neutral(type_, expression):
    type_ = "float64[2]" if "(2,)" in expression else type_
    becomes(fold, of(f"%x: {type_}", f"%a = {expression}", result="%a"), of(f"%x: {type_}", result="%x"))


@pytest.mark.parametrize(
    ("type_", "expression"),
    [
        (F8, "operator.mul(0, %x)"), (F8, "operator.mul(%x, 0.0)"), (F8, "operator.add(%x, 0.0)"),
        (I8, "operator.mul(%x, 1.0)"), ("bool[n]", "operator.mul(%x, 1)"), (C8, "operator.mul(%x, 1)"),
        ("float64[]", "operator.mul(%x, 1)"), ("?[n]", "operator.mul(%x, 1)"), ("any", "operator.mul(%x, 1)"),
        (I8, "operator.truediv(%x, 1)"), (F8, "operator.sub(%x, -0.0)"), (F8, "operator.sub(0.0, %x)"),
        (F8, "operator.pow(%x, 0)"), ("bool", "operator.mul(%x, 1)"), ("float", "operator.mul(%x, 1.0)"),
        ("int", "operator.mul(%x, 1.0)"), (F8, "operator.mul(%x, True)"), ("float64[m, n]", "numpy.transpose(%x)"),
    ],
)  # fmt: skip
def test_not_neutral(type_, expression):
    stays(fold, of(f"%x: {type_}", f"%a = {expression}", result="%a"))


AB = "%a: float64[n], %b: float64[n]"


@pytest.mark.parametrize(
    ("lines", "after"),
    [
        (["%m = operator.neg(%b)", "%c = operator.add(%a, %m)"], "operator.sub(%a, %b)"),
        (["%m = operator.neg(%a)", "%c = operator.add(%m, %b)"], "operator.sub(%b, %a)"),
        (["%m = operator.neg(%b)", "%c = operator.sub(%a, %m)"], "operator.add(%a, %b)"),
        (["%m = operator.neg(%a)", "%k = operator.neg(%b)", "%c = operator.mul(%m, %k)"], "operator.mul(%a, %b)"),
        (["%m = operator.neg(%b)", "%c = operator.mul(2.0, %m)"], "operator.mul(-2.0, %b)"),
        (["%m = operator.mul(2.0, %b)", "%c = operator.neg(%m)"], "operator.mul(-2.0, %b)"),
        (["%c = operator.mul(%a, -1.0)"], "operator.neg(%a)"),
    ],
)  # fmt: skip
def test_signs(lines, after):
    becomes(simplify, of(AB, *lines, result="%c"), of(AB, f"%c = {after}", result="%c"))


@pytest.mark.parametrize("type_", ["int", "int64[n]", "float", "any"])
def test_negative_of_an_integer_zero_has_no_sign(type_):
    stays(fold, of(f"%a, %b: {type_}", "%m = operator.neg(%b)", "%c = operator.add(%a, %m)", result="%c"))
    stays(fold, of(f"%b: {type_}", "%m = operator.neg(%b)", "%c = operator.mul(-1.0, %m)", result="%c"))


def test_sign_out_of_a_product():
    before = ["%m = operator.neg(%a)", "%p = operator.mul(%m, %b)", "%c = operator.add(%a, %p)"]
    after = ["%p = operator.mul(%a, %b)", "%c = operator.sub(%a, %p)"]
    becomes(simplify, of(AB, *before, result="%c"), of(AB, *after, result="%c"))


def test_double_negation():
    lines = ["%m = operator.neg(%a)", "%c = operator.neg(%m)"]
    becomes(simplify, of(AB, *lines, result="%c"), of(AB, result="%a"))


def test_sign_deep_in_a_product():
    before = ["%m = operator.neg(%a)", "%q = operator.truediv(%m, %b)", "%p = operator.mul(%b, %q)",
              "%c = operator.neg(%p)"]  # fmt: skip
    after = ["%q = operator.truediv(%a, %b)", "%c = operator.mul(%b, %q)"]
    becomes(simplify, of(AB, *before, result="%c"), of(AB, *after, result="%c"))


def test_signed_item_is_subtracted():
    item = "%c = srcgrad.runtime.add_item(%a, slice(None, None, None), "
    before = ["%m = operator.neg(%b)", "%p = operator.mul(%m, 2)", item + "%p)"]
    after = ["%p = operator.mul(%b, 2)", "%m = operator.neg(%p)", item + "%m)"]
    becomes(simplify, of(AB, *before, result="%c"), of(AB, *after, result="%c"))


def test_reciprocal_only_in_a_reverse_sweep():
    text = of(AB, "%r = operator.truediv(1, %b)", "%c = operator.mul(%a, %r)", result="%c")
    stays(fold, text)

    def in_reverse(func):
        func.block.ops[1].sweep = "reverse"
        return simplify(func)

    becomes(in_reverse, text, of(AB, "%c = operator.truediv(%a, %b)", result="%c"))


@pytest.mark.parametrize(("number", "array", "applies"), [
    ("float", "float64[n]", True), ("float", "float32[n]", False), ("np.float32", "float32[n]", True),
    ("number", "float64[n]", False), ("complex", "float64[n]", False), ("complex", "complex128[n]", True),
    ("float", "?[n]", False),
])  # fmt: skip
def test_broadcast_number(number, array, applies):
    params = f"%s: {number}, %x: {array}"
    before = of(
        params, "%h = numpy.shape(%x)", "%b: float64[n] = numpy.broadcast_to(%s, %h)", "%c = operator.mul(%x, %b)",
        result="%c",
    )  # fmt: skip
    if applies:
        becomes(simplify, before, of(params, "%c = operator.mul(%x, %s)", result="%c"))
    else:
        stays(fold, before)


def test_sum_to_of_equal_dims():
    lines = ["%h = numpy.shape(%a)", "%c = srcgrad.runtime.sum_to(%b, %h)"]
    becomes(simplify, of(AB, *lines, result="%c"), of(AB, result="%b"))


def test_sum_to_fewer_axes():
    params = "%a: float64[n], %b: float64[k, m, n]"
    lines = ["%h = numpy.shape(%a)", "%c = srcgrad.runtime.sum_to(%b, %h)"]
    becomes(simplify, of(params, *lines, result="%c"), of(params, "%c = numpy.sum(%b, axis=(0, 1))", result="%c"))


def test_sum_to_unknown_ones_is_left_to_the_run():
    params = "%a: float64[n], %b: float64[k]"
    func = run(fold, of(params, "%h = numpy.shape(%a)", "%c = srcgrad.runtime.sum_to(%b, %h)", result="%c"))
    assert func.block.ops[1].fn is runtime.sum_to
    assert func.block.yields[0].type == func.params[0].type


def test_shape_that_is_put_together_of_all_lengths():
    params = "%a: float64[n], %b: float64[n]"
    lines = ["%h = numpy.shape(%a)", "%k = operator.getitem(%h, 0)", "%c: ?[?] = numpy.broadcast_to(1.0, (%k,))"]
    lines += ["%d: float64[n] = numpy.sin(%b)", "%e = operator.mul(%c, %d)"]
    becomes(simplify, of(params, *lines, result="%e"), of(params, "%d = numpy.sin(%b)", result="%d"))


def test_shape_is_asked_of_a_parameter():
    lines = ["%e: float64[n] = numpy.exp(%x)", "%z: float64[n] = numpy.zeros_like(%e)", "%h = numpy.shape(%e)"]
    after = ["%z: float64[n] = numpy.zeros_like(%x)", "%h = numpy.shape(%x)"]
    becomes(simplify, of("%x: float64[n]", *lines, result="%z, %h"), of("%x: float64[n]", *after, result="%z, %h"))


def test_shape_is_asked_of_an_operand_where_nothing_is_known():
    lines = ["%e = numpy.exp(%x)", "%f = operator.mul(%e, 2.0)", "%h = numpy.size(%f)"]
    becomes(simplify, of("%x", *lines, result="%h"), of("%x", "%h = numpy.size(%x)", result="%h"))


def test_shape_of_two_operands_is_that_of_neither():
    stays(simplify, of("%x, %y", "%a = operator.mul(%x, %y)", "%h = numpy.shape(%a)", result="%h"))


def test_zeros_of_another_dtype_stay():
    lines = ["%e: float64[n] = numpy.exp(%x)", "%z: float64[n] = numpy.zeros_like(%e)"]
    stays(simplify, of("%x: float32[n]", *lines, result="%z"))


@pytest.mark.parametrize(("expression", "result"), [
    ("numpy.shape(%x)", "(3, 4)"), ("numpy.ndim(%x)", "2"), ("numpy.size(%x)", "12"), ("builtins.len(%x)", "3"),
    ("operator.getitem((%x, 5.0), 1)", "5.0"), ("operator.mul(2, 3)", "6"), ("math.sqrt(4.0)", "2.0"),
    ("numpy.sqrt(4.0)", "scalar('<f8', 2.0)"), ("builtins.len((1, 2))", "2"),
])  # fmt: skip
def test_known(expression, result):
    params = "%x: float64[3, 4]"
    becomes(fold, of(params, f"%a = {expression}", result="%a"), of(params, result=result))


@pytest.mark.parametrize("expression", [
    "operator.truediv(1.0, 0.0)", "math.log(-1.0)", "numpy.log(0.0)", "numpy.exp(1000.0)", "operator.pow(10, 1000)",
    "builtins.print(1)", "numpy.zeros(3)", "math.factorial(1000)", "operator.getitem((1, 2), 5)",
])  # fmt: skip
def test_not_evaluated(expression):
    stays(fold, of("%x", f"%a = {expression}", result="%a"))


def test_known_condition():
    text = """
        func f(%x: float) {
          %c = operator.gt(2, 1)
          %a = if %c {
            %s = numpy.sin(%x)
            yield %s
          } else {
            yield 0.0
          }
          return %a
        }"""
    becomes(fold, text, of("%x: float", "%s = numpy.sin(%x)", result="%s"))


def test_arms_that_yield_the_same():
    text = """
        func f(%x: float, %c: bool) {
          %a, %b, %d = if %c {
            yield %x, 0.0, 1
          } else {
            yield %x, -0.0, 1
          }
          return %a, %b, %d
        }"""
    becomes(
        fold,
        text,
        """
        func f(%x: float, %c: bool) {
          %b = if %c {
            yield 0.0
          } else {
            yield -0.0
          }
          return %x, %b, 1
        }""",
    )


def test_carried_value_that_never_changes():
    becomes(
        fold,
        """
        func f(%x: float, %y: float, %n: int) {
          %stop, %a, %b = loop %i in range(0, %n, 1) carry %p = %x, %q = %y {
            %r = operator.add(%p, %q)
            yield 0, %r, %q
          }
          return %stop, %a, %b
        }""",
        """
        func f(%x: float, %y: float, %n: int) {
          %stop, %a = loop %i in range(0, %n, 1) carry %p = %x {
            %r = operator.add(%p, %y)
            yield 0, %r
          }
          return 0, %a, %y
        }""",
    )


def test_loop_without_trips():
    becomes(
        fold,
        """
        func f(%x: float) {
          %stop, %a, %l = loop %i in range(3, 3, 1) carry %p = %x {
            %r = operator.add(%p, 1.0)
            yield 1, %r, %p
          }
          return %stop, %a, %l
        }""",
        of("%x: float", result="0, %x, []"),
    )


def test_leaf_is_not_folded_away():
    func = run(fold, "func f(%p) {\n  %w = operator.getitem((%p, 1.0), 0)\n  leaf 0 (0,) %w\n  return %w\n}")
    assert func.leaves[0].value is func.block.ops[0].out


def test_types_of_constants_are_kept():
    func = run(fold, of("%x", "%a = operator.add(scalar('<f4', 1.5), 1)", result="%a"))
    assert type(func.block.yields[0]) is np.float32
