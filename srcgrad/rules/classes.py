"""The public names that have no derivative, with the reason and what to use instead.

Every other public name of NumPy, `math`, `operator` and the builtins has a rule or is interpreted; a test goes through
all of them and fails with the names that are in neither place.
"""

from __future__ import annotations

from typing import NamedTuple

DIFFERENTIABLE = "differentiable"
INTERPRETED = "interpreted"
CONSTANT = "constant"
OPAQUE = "opaque"
UNSUPPORTED = "not supported"


class Declared(NamedTuple):
    """Names of one namespace that belong together.

    Attributes
    ----------
    kind : `OPAQUE` or `UNSUPPORTED`
    where : the namespace
    names : separated by spaces
    why : the reason, and what to use instead
    takes_floats : could a float be given?
    """

    kind: str
    where: str
    names: str
    why: str
    takes_floats: bool = False


DATES = "Dates and durations are not numbers that vary. Convert to floats before."
TEXT = "Text has no derivative."
BYTES = "The bytes of a number have no derivative. Use the number."
SYSTEM = "It is about the interpreter or the installation, not about numbers."
CODE = "It is about code or objects, not about numbers."
ABSTRACT = "It is a kind of type, to compare with; it makes no values."
RECORDS = "Records and matrices are not supported. Use plain arrays, with @ for products."
SEEDS = "It is about the state of a generator. Seed it outside of the function, or make one by default_rng(seed)."
ORDER = "Draw an order, rng.permutation(len(x)), and index the array with it."
CALLS = "It calls C code of a class. Use the functions of the same module on the coefficients."
BITS = "Bits have no derivative."

SERIES = ("polynomial", "chebyshev", "legendre", "hermite", "hermite_e", "laguerre")

DECLARED: tuple[Declared, ...] = (
    Declared(UNSUPPORTED, "numpy", "busday_count busday_offset busdaycalendar datetime64 datetime_as_string "
             "datetime_data is_busday isnat timedelta64", DATES),
    Declared(UNSUPPORTED, "numpy", "matrix recarray record object_", RECORDS, takes_floats=True),
    Declared(UNSUPPORTED, "numpy", "flatiter ufunc", "Its objects are made by NumPy. Use x.flat and ufuncs by name."),
    Declared(UNSUPPORTED, "numpy", "nditer", "Its items are views that cannot be followed. Use a loop over indices.",
             takes_floats=True),
    Declared(UNSUPPORTED, "numpy", "poly1d", "Use np.polyval, np.polyder, np.polyint of the coefficients.",
             takes_floats=True),
    Declared(UNSUPPORTED, "numpy", "complex256 clongdouble", "Use np.clongdouble arrays made outside of the function, "
             "or np.astype.", takes_floats=True),
    Declared(OPAQUE, "numpy", "bytes_ str_", TEXT, takes_floats=True),
    Declared(OPAQUE, "numpy", "void", BYTES, takes_floats=True),
    Declared(OPAQUE, "numpy", "memmap", "Files have no derivative. Read before, write after.", takes_floats=True),
    Declared(OPAQUE, "numpy", "character complexfloating flexible floating generic inexact integer number "
             "signedinteger unsignedinteger", ABSTRACT),
    Declared(OPAQUE, "numpy", "get_include get_printoptions getbufsize geterrcall info printoptions set_printoptions "
             "setbufsize seterrcall show_config show_runtime test", SYSTEM),
    Declared(UNSUPPORTED, "numpy", "row_stack", "NumPy has deprecated it. Use np.vstack.", takes_floats=True),
    Declared(UNSUPPORTED, "numpy.random", "shuffle", ORDER, takes_floats=True),
    Declared(UNSUPPORTED, "numpy.random.Generator", "shuffle", ORDER, takes_floats=True),
    Declared(UNSUPPORTED, "numpy.random.RandomState", "shuffle", ORDER, takes_floats=True),
    Declared(OPAQUE, "numpy.linalg", "test", SYSTEM),
    Declared(OPAQUE, "numpy.fft", "test", SYSTEM),
    Declared(OPAQUE, "numpy.random", "test get_bit_generator get_state set_bit_generator set_state seed BitGenerator "
             "MT19937 PCG64 PCG64DXSM Philox SFC64 SeedSequence", SEEDS),
    Declared(OPAQUE, "numpy.random", "Generator RandomState", "Make a generator by default_rng(seed)."),
    Declared(OPAQUE, "numpy.random.Generator", "bit_generator spawn", SEEDS),
    Declared(OPAQUE, "numpy.random.RandomState", "get_state set_state tomaxint", SEEDS),
    Declared(OPAQUE, "numpy.polynomial", "set_default_printstyle test", SYSTEM),
    *(Declared(OPAQUE, f"numpy.polynomial.{each}", "ABCPolyBase", ABSTRACT) for each in SERIES),
    Declared(OPAQUE, "numpy.polynomial.polyutils", "format_float", TEXT, takes_floats=True),
    Declared(UNSUPPORTED, "numpy.polynomial.polyutils", "as_series", "Use the arrays themselves.", takes_floats=True),
    Declared(UNSUPPORTED, "numpy.polynomial.chebyshev", "chebinterpolate", "Use chebfit at chebpts1(deg + 1).",
             takes_floats=True),
    Declared(OPAQUE, "numpy.ndarray", "byteswap data ctypes dump dumps getfield setfield tobytes tofile", BYTES,
             takes_floats=True),
    Declared(OPAQUE, "numpy.ndarray", "base flags device to_device", "It is about memory, not about numbers."),
    Declared(UNSUPPORTED, "numpy.ndarray", "resize", "It changes memory that others may use. Use np.resize.",
             takes_floats=True),
    Declared(UNSUPPORTED, "numpy.ndarray", "view", "Use x[...] for a view, x.astype for another dtype.",
             takes_floats=True),
    Declared(UNSUPPORTED, "numpy.ndarray", "tolist", "Use list(x), or index.", takes_floats=True),
    Declared(OPAQUE, "numpy.ufunc", "identity nargs nin nout ntypes resolve_dtypes signature types", CODE),
    Declared(OPAQUE, "operator", "length_hint", SYSTEM),
    Declared(UNSUPPORTED, "operator", "concat iconcat", "Use + on lists."),
    Declared(OPAQUE, "operator", "iand ilshift inv ior irshift ixor", BITS),
    Declared(OPAQUE, "builtins", "ascii bin bytearray bytes chr format hex memoryview oct ord", TEXT,
             takes_floats=True),
    Declared(OPAQUE, "builtins", "breakpoint copyright credits exit help input license open quit aiter anext", SYSTEM),
    Declared(OPAQUE, "builtins", "callable classmethod compile delattr dir eval exec globals hash id issubclass locals "
             "object property staticmethod", CODE),
)  # fmt: skip


def declared() -> dict[tuple[str, str], Declared]:
    """What is declared of each name, by namespace and name."""
    return {(each.where, name): each for each in DECLARED for name in each.names.split()}
