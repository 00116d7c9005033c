"""What nobody reads goes; effects, exceptions and the drivers of loops stay."""

import pytest

from srcgrad.passes.dce import dce
from tests.passes.cases import becomes, of, run, stays


def test_unread_call_goes_with_its_operands():
    becomes(
        dce,
        of("%x: float64[n]", "%a = numpy.exp(%x)", "%b = numpy.log(%a)", "%c = numpy.sin(%x)", result="%c"),
        of("%x: float64[n]", "%c = numpy.sin(%x)", result="%c"),
    )


@pytest.mark.parametrize(
    "line",
    ["%a = builtins.print(%x)", "%a = math.log(%x) must", "%a = operator.truediv(1, %x) must",
     "%a = srcgrad.runtime.check_bound(%x, 'x', ABSENT)"],
)  # fmt: skip
def test_effects_and_exceptions_of_the_primal_stay(line):
    stays(dce, of("%x: float", line, result="%x"))


def test_exception_of_the_reverse_sweep_goes():
    becomes(dce, of("%x: float", "%a = operator.truediv(1, %x)", result="%x"), of("%x: float", result="%x"))


def test_unread_outs_of_an_if_go():
    becomes(
        dce,
        """
        func f(%x: float, %c: bool) {
          %a, %b = if %c {
            %s = numpy.sin(%x)
            yield %s, %x
          } else {
            %t = numpy.cos(%x)
            yield %x, %t
          }
          return %a
        }""",
        """
        func f(%x: float, %c: bool) {
          %a = if %c {
            %s = numpy.sin(%x)
            yield %s
          } else {
            yield %x
          }
          return %a
        }""",
    )


def test_if_without_outs_goes_unless_it_acts():
    text = """
        func f(%x: float, %c: bool) {{
          if %c {{
            %p = {fn}(%x)
            yield
          }} else {{
            yield
          }}
          return %x
        }}"""
    becomes(dce, text.format(fn="numpy.sin"), of("%x: float, %c: bool", result="%x"))
    stays(dce, text.format(fn="builtins.print"))


def test_truth_of_an_array_stays():
    text = """
        func f(%x: float, %c: bool[n]) {
          if %c {
            yield
          } else {
            yield
          }
          return %x
        }"""
    stays(dce, text)


LOOP = """
    func f(%x: float, %n: int) {{
      %stop, %a, %b, %xs = loop %i in range(0, %n, 1) carry %p = %x, %q = %x {{
        %p2 = operator.mul(%p, 2.0)
        %q2 = operator.add(%q, %q)
        yield 0, %p2, %q2, %p
      }}
      return {result}
    }}"""


def test_carried_value_that_only_feeds_itself_goes():
    becomes(
        dce,
        LOOP.format(result="%a"),
        """
        func f(%x: float, %n: int) {
          %stop, %a = loop %i in range(0, %n, 1) carry %p = %x {
            %p2 = operator.mul(%p, 2.0)
            yield 0, %p2
          }
          return %a
        }""",
    )


def test_collected_list_keeps_what_it_collects():
    becomes(
        dce,
        LOOP.format(result="%xs"),
        """
        func f(%x: float, %n: int) {
          %stop, %a, %xs = loop %i in range(0, %n, 1) carry %p = %x {
            %p2 = operator.mul(%p, 2.0)
            yield 0, %p2, %p
          }
          return %xs
        }""",
    )


def test_loop_that_nobody_reads_goes():
    becomes(dce, LOOP.format(result="%x"), of("%x: float, %n: int", result="%x"))


def test_stop_kind_keeps_what_decides_it():
    stays(
        dce,
        """
        func f(%x: float) {
          %stop, %a = loop carry %p = %x {
            %q = operator.mul(%p, 2.0)
            %big = operator.gt(%q, 10.0)
            %kind = if %big {
              yield 1
            } else {
              yield 0
            }
            yield %kind, %q
          }
          return %a
        }""",
    )


DRIVEN = """
    func f(%x: float, %n: int) {{
      %stop, %a, %xs, %ys = loop %i in range(0, %n, 1) carry %p = %x {{
        %p2 = operator.mul(%p, 2.0)
        %y = numpy.sin(%p)
        yield {kind}, %p2, %p, %y
      }}
      %stop2, %c = loop reverse {sources} carry %q = %x {{
        %r = operator.mul(%q, {factor})
        yield 0, %r
      }}
      return %c
    }}"""


def test_driver_of_a_loop_stays_where_nobody_reads_it():
    becomes(
        dce,
        DRIVEN.format(kind="0", sources="%u in items(%xs)", factor="3.0"),
        """
        func f(%x: float, %n: int) {
          %stop, %a, %xs = loop %i in range(0, %n, 1) carry %p = %x {
            %p2 = operator.mul(%p, 2.0)
            yield 0, %p2, %p
          }
          %stop2, %c = loop reverse %u in items(%xs) carry %q = %x {
            %r = operator.mul(%q, 3.0)
            yield 0, %r
          }
          return %c
        }""",
    )


def test_of_equally_long_lists_the_unread_one_goes():
    becomes(
        dce,
        DRIVEN.format(kind="0", sources="%u in items(%xs), %v in items(%ys)", factor="%v"),
        """
        func f(%x: float, %n: int) {
          %stop, %a, %ys = loop %i in range(0, %n, 1) carry %p = %x {
            %p2 = operator.mul(%p, 2.0)
            %y = numpy.sin(%p)
            yield 0, %p2, %y
          }
          %stop2, %c = loop reverse %v in items(%ys) carry %q = %x {
            %r = operator.mul(%q, %v)
            yield 0, %r
          }
          return %c
        }""",
    )


def test_range_that_was_walked_to_its_end_drives_alone():
    becomes(
        dce,
        DRIVEN.format(kind="0", sources="%j in range(0, %n, 1), %v in items(%ys)", factor="3.0"),
        """
        func f(%x: float, %n: int) {
          %stop2, %c = loop reverse %j in range(0, %n, 1) carry %q = %x {
            %r = operator.mul(%q, 3.0)
            yield 0, %r
          }
          return %c
        }""",
    )


def test_range_that_may_have_been_left_does_not():
    func = DRIVEN.format(kind="1", sources="%j in range(0, %n, 1), %v in items(%ys)", factor="3.0")
    becomes(
        dce,
        func,
        """
        func f(%x: float, %n: int) {
          %stop, %a, %ys = loop %i in range(0, %n, 1) carry %p = %x {
            %p2 = operator.mul(%p, 2.0)
            %y = numpy.sin(%p)
            yield 1, %p2, %y
          }
          %stop2, %c = loop reverse %j in range(0, %n, 1), %v in items(%ys) carry %q = %x {
            %r = operator.mul(%q, 3.0)
            yield 0, %r
          }
          return %c
        }""",
    )


def test_lists_of_unknown_length_both_drive():
    stays(
        dce,
        """
        func f(%x: float, %us: list[float], %vs: list[float]) {
          %stop, %c = loop %u in items(%us), %v in items(%vs) carry %q = %x {
            %r = operator.mul(%q, %u)
            yield 0, %r
          }
          return %c
        }""",
    )


XY = "%x: float64[m], %y: float64[n]"


def test_shapes_that_something_else_broadcasts_need_no_check():
    becomes(
        dce,
        of(XY, "%l = numpy.log(%x)", "%a = operator.mul(%y, %l) must", "%b = operator.truediv(%y, %x)", result="%b"),
        of(XY, "%b = operator.truediv(%y, %x)", result="%b"),
    )


def test_shapes_that_nothing_else_broadcasts_are_checked():
    becomes(
        dce,
        of(XY, "%l = numpy.log(%x)", "%a = operator.mul(%y, %l) must", result="%y"),
        of(XY, "%a: object<broadcast> = numpy.broadcast(%x, %y) must", result="%y"),
    )


def test_check_in_one_arm_does_not_serve_the_other():
    func = """
        func f(%x: float64[m], %y: float64[n], %c: bool) {
          %o = if %c {
            %a = operator.add(%x, %y) must
            yield %x
          } else {
            %b = operator.sub(%x, %y)
            yield %b
          }
          return %o
        }"""
    becomes(
        dce,
        func,
        func.replace("%a = operator.add(%x, %y)", "%a: object<broadcast> = numpy.broadcast(%x, %y)"),
    )


def test_leaves_stay():
    stays(
        dce,
        """
        func f(%p: object<dict>) {
          %w: float64[n] = operator.getitem(%p, 'w')
          leaf 0 ('w',) %w
          return 1.0
        }""",
    )


READ = """
    func f(%x: float64[n], %y: float64[m], %k: int) {{
      %h = numpy.shape(%x) style attribute
      %n: int = operator.getitem(%h, 0)
      %l: int = builtins.len(%x)
      %d: int = operator.sub(%n, 2)
      %stop, %a = loop %i: int in range({range}) carry %p = %k {{
        %j: int = operator.add(%i, 1)
        %b: int = operator.sub(%i, 1)
        %r: np.float64 = operator.getitem(%x, {index}) must
        yield 0, %p
      }}
      return %x
    }}"""
NOTHING = "func f(%x: float64[n], %y: float64[m], %k: int) {\n return %x\n}"


@pytest.mark.parametrize(("walked", "index"), [
    ("0, %n, 1", "%i"), ("0, %l, 2", "%i"), ("1, %n, 1", "%b"), ("0, %d, 1", "%j"), ("1, %d, 1", "%i"),
    ("%d, -1, -1", "%j"),
])  # fmt: skip
def test_read_within_bounds_goes(walked, index):
    becomes(dce, READ.format(range=walked, index=index), NOTHING)


@pytest.mark.parametrize(("walked", "index"), [
    ("0, %k, 1", "%i"), ("0, %n, 1", "%j"), ("0, %n, 1", "%b"), ("%k, %n, 1", "%i"), ("0, %n, 1", "%k"),
    ("%n, -1, -1", "%i"), ("%d, -2, -1", "%i"), ("0, %n, %k", "%i"), ("0, 3, 1", "%i"),
])  # fmt: skip
def test_read_that_may_be_out_of_bounds_stays(walked, index):
    func = run(dce, READ.format(range=walked, index=index))
    assert "must" in str(func)


def test_loop_whose_variable_is_read_after_its_end_stays():
    func = run(lambda func: None, LOOP.format(result="%x"))
    loop = func.block.ops[0]
    func.block.yields = [loop.body.params[1]]
    dce(func)
    assert func.block.ops == [loop]
    assert len(loop.carried) == 1
