"""Small functions go where they are called."""

from srcgrad.passes.inline import inline
from tests.passes.cases import becomes, stays

SQUARE = """
    func square(%x) {
      %y = operator.mul(%x, %x) must
      return %y
    }
    """


def test_call_becomes_ops():
    becomes(
        inline,
        SQUARE
        + """
        func f(%x) {
          %a = @square(%x)
          %b = @square(%a)
          return %b
        }""",
        """
        func f(%x) {
          %a = operator.mul(%x, %x) must
          %b = operator.mul(%a, %a) must
          return %b
        }""",
    )


def test_in_regions_and_with_several_results():
    becomes(
        inline,
        """
        func pair(%x, %k captured 'k') {
          %s = numpy.sin(%x)
          return %s, %k
        }
        func f(%x, %c: bool) {
          %o = if %c {
            %a = @pair(%x, k=3.0)
            %b = operator.getitem(%a, 0)
            yield %b
          } else {
            yield %x
          }
          return %o
        }""",
        """
        func f(%x, %c: bool) {
          %o = if %c {
            %s = numpy.sin(%x)
            %b = operator.getitem((%s, 3.0), 0)
            yield %b
          } else {
            yield %x
          }
          return %o
        }""",
    )


def test_argument_given_back():
    becomes(
        inline,
        """
        func same(%x) {
          return %x
        }
        func f(%x) {
          %a = @same(%x)
          %b = @same(%a)
          return %b
        }""",
        """
        func f(%x) {
          return %x
        }""",
    )


def test_recursion_stays():
    stays(
        inline,
        """
        func down(%x) {
          %y = @down(%x)
          return %y
        }
        func f(%x) {
          %a = @down(%x)
          return %a
        }""",
    )
