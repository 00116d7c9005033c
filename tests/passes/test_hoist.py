"""What is the same in every trip stands before the loop, unless it may raise."""

import pytest

from srcgrad.passes.hoist import hoist
from tests.passes.cases import becomes, stays

LOOP = """
    func f(%x: float64[n], %y: float64[m], %k: int) {{
      {before}
      %stop, %a = loop %i in range(0, %k, 1) carry %p = %x {{
        {inside}
        %q = operator.mul(%p, %e)
        yield 0, %q
      }}
      return %a
    }}"""


def loop(before="", inside=""):
    return LOOP.format(before=before, inside=inside)


@pytest.mark.parametrize("line", ["%e = numpy.exp(%x)", "%e = numpy.sum(%x)", "%e = operator.mul(%x, 2.0)"])
def test_invariant_calls_move(line):
    becomes(hoist, loop(inside=line), loop(before=line))


@pytest.mark.parametrize("line", [
    "%e = numpy.exp(%p)", "%e = operator.getitem(%x, %k)", "%e = operator.add(%x, %y)", "%e = math.log(%k)",
    "%e = numpy.zeros_like(%x)", "%e = operator.getitem(%x, slice(1, None, None))", "%e = numpy.random.normal(%x)",
])  # fmt: skip
def test_others_stay(line):
    stays(hoist, loop(inside=line))


def test_views_move_with_what_needs_them():
    lines = "%s = operator.getitem(%x, slice(1, None, None))\n%e = numpy.exp(%s)"
    becomes(hoist, loop(inside=lines), loop(before=lines))


def test_out_of_two_loops():
    text = """
        func f(%x: float64[n], %k: int) {{
          {outside}
          %stop, %a = loop %i in range(0, %k, 1) carry %p = %x {{
            %stop2, %b = loop %j in range(0, %k, 1) carry %q = %p {{
              {inside}
              %r = operator.mul(%q, %e)
              yield 0, %r
            }}
            yield 0, %b
          }}
          return %a
        }}"""
    line = "%e = numpy.exp(%x)"
    becomes(hoist, text.format(outside="", inside=line), text.format(outside=line, inside=""))


def test_guarded_calls_stay():
    stays(
        hoist,
        """
        func f(%x: float64[n], %k: int, %c: bool) {
          %stop, %a = loop %i in range(0, %k, 1) carry %p = %x {
            %o = if %c {
              %e = numpy.exp(%x)
              yield %e
            } else {
              yield %p
            }
            yield 0, %o
          }
          return %a
        }""",
    )
