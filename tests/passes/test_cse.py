"""Equal calls become one, and only equal ones."""

import pytest

from srcgrad.passes.cse import cse
from tests.passes.cases import becomes, of, stays


def test_equal_calls():
    lines = ["%a = numpy.sin(%x)", "%b = numpy.sin(%x)", "%c = operator.sub(%a, %b)"]
    after = ["%a = numpy.sin(%x)", "%c = operator.sub(%a, %a)"]
    becomes(cse, of("%x", *lines, result="%c"), of("%x", *after, result="%c"))


def test_sum_in_either_order():
    params = "%x: float64[n], %y: float64[n]"
    lines = ["%a = operator.add(%x, %y)", "%b = operator.add(%y, %x)"]
    becomes(cse, of(params, *lines, result="%a, %b"), of(params, lines[0], result="%a, %a"))


@pytest.mark.parametrize(("a", "b"), [
    ("operator.mul(%x, 1)", "operator.mul(%x, 1.0)"), ("operator.mul(%x, 1)", "operator.mul(%x, True)"),
    ("operator.add(%x, 0.0)", "operator.add(%x, -0.0)"), ("operator.add(%x, %y)", "operator.add(%y, %x)"),
    ("numpy.sum(%x, axis=0)", "numpy.sum(%x, axis=1)"), ("builtins.print(%x)", "builtins.print(%x)"),
    ("operator.getitem(%x, slice(1, None, None))", "operator.getitem(%x, slice(None, 1, None))"),
    ("operator.mul(%x, 1.0)", "operator.mul(%x, scalar('<f8', 1.0))"),
])  # fmt: skip
def test_different_calls(a, b):
    stays(cse, of("%x, %y", f"%a = {a}", f"%b = {b}", result="%a, %b"))


def test_must_is_kept():
    lines = ["%a = operator.getitem(%x, %i)", "%b = operator.getitem(%x, %i) must"]
    becomes(cse, of("%x, %i", *lines, result="%b"), of("%x, %i", lines[0] + " must", result="%a"))


def test_inner_blocks_see_outer_calls_and_not_each_other():
    text = """
        func f(%x, %c: bool) {
          %a = numpy.sin(%x)
          %o, %q = if %c {
            %b = numpy.sin(%x)
            %d = numpy.cos(%x)
            yield %b, %d
          } else {
            %e = numpy.cos(%x)
            yield %e, %x
          }
          %g = numpy.cos(%x)
          return %a, %o, %q, %g
        }"""
    becomes(cse, text, text.replace("            %b = numpy.sin(%x)\n", "").replace("yield %b", "yield %a"))


def test_equal_results_of_regions():
    becomes(
        cse,
        """
        func f(%x: float, %n: int) {
          %stop, %a, %b, %l, %m = loop %i in range(0, %n, 1) carry %p = %x, %q = %x {
            %r = operator.add(%p, %q)
            %s = operator.add(%p, %q)
            yield 0, %r, %r, %r, %s
          }
          return %a, %b, %l, %m
        }""",
        """
        func f(%x: float, %n: int) {
          %stop, %a, %l = loop %i in range(0, %n, 1) carry %p = %x {
            %r = operator.add(%p, %p)
            yield 0, %r, %r
          }
          return %a, %a, %l, %l
        }""",
    )
