"""Methods that PyTorch's tensors have and ndarray has not, written with those that ndarray has."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from srcgrad.tracer.generator import default_generator
from srcgrad.tracer.methods import function_method, listed
from srcgrad.tracer.record import record
from srcgrad.tracer.tensor import Tensor, make, plain
from srcgrad.tracer.writes import assign, read, write

FUNCTIONS: dict[str, Any] = {
    "multiply": np.multiply, "divide": np.true_divide, "subtract": np.subtract, "true_divide": np.true_divide,
    "absolute": np.abs, "negative": np.negative, "atan": np.arctan, "asin": np.arcsin, "acos": np.arccos,
    "atan2": np.arctan2, "exp2": np.exp2, "trunc": np.trunc, "remainder": np.remainder, "fmod": np.fmod,
    "hypot": np.hypot, "logaddexp": np.logaddexp, "logical_not": np.logical_not, "logical_and": np.logical_and,
    "logical_or": np.logical_or, "isclose": np.isclose, "median": np.median, "swapdims": np.swapaxes,
    "moveaxis": np.moveaxis, "tile": np.tile, "kron": np.kron, "diff": np.diff, "count_nonzero": np.count_nonzero,
    "slogdet": np.linalg.slogdet, "pinverse": np.linalg.pinv, "less": np.less, "greater": np.greater,
    "clamp_max": np.minimum, "clamp_min": np.maximum, "cross": np.cross, "rot90": np.rot90, "vdot": np.vdot,
    "inner": np.inner, "arctan2": np.arctan2, "swapaxes": np.swapaxes, "cov": np.cov, "nansum": np.nansum,
    "nanmean": np.nanmean, "ger": np.outer, "sgn": np.sign,
}  # fmt: skip
IN_PLACE = ("sigmoid", "relu", "multiply", "divide", "subtract", "expm1", "log1p", "log2", "log10", "sinh", "cosh",
            "tan", "sign", "trunc", "remainder", "clamp_max", "clamp_min", "rsqrt", "lerp", "addcmul", "addcdiv",
            "addmm", "masked_fill", "maximum", "minimum", "index_fill", "index_add", "scatter_add", "scatter", "tril",
            "triu", "nan_to_num", "softmax", "exp2", "atan", "asin", "acos")  # fmt: skip


class Named:
    """The methods; they are copied to `Tensor`."""

    nan_to_num = function_method(np.nan_to_num)
    H = property(lambda self: record(np.conjugate, (record(np.transpose, (self,), {}),), {}))
    device = property(lambda self: "cpu")
    layout = property(lambda self: "strided")

    def nelement(self: Any) -> int:
        """How many elements there are."""
        return int(np.size(self._value))

    def element_size(self: Any) -> int:
        """The bytes of one element."""
        return int(self.dtype.itemsize)

    def is_floating_point(self: Any) -> bool:
        """Are the elements floating point numbers?"""
        return bool(self.dtype.kind == "f")

    def is_complex(self: Any) -> bool:
        """Are the elements complex numbers?"""
        return bool(self.dtype.kind == "c")

    def is_contiguous(self: Any) -> bool:
        """Does it lie in memory in C order?"""
        return bool(np.asarray(self._value).flags.c_contiguous)

    def type_as(self: Any, other: Any) -> Any:
        """In the dtype of another."""
        return self.to(other.dtype)

    def equal(self: Any, other: Any) -> bool:
        """Are shape and all elements the same?"""
        return bool(np.array_equal(self._value, plain(other)))

    def allclose(self: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
        """Are all elements nearly the same?"""
        return bool(np.allclose(self._value, plain(other), rtol, atol, equal_nan))

    def view_as(self: Any, other: Any) -> Any:
        """In the shape of another."""
        return self.reshape(np.shape(other))

    reshape_as = view_as

    def unflatten(self: Any, dim: int, sizes: Any) -> Any:
        """One axis as several."""
        dim %= self.ndim
        return self.reshape(*self.shape[:dim], *sizes, *self.shape[dim + 1 :])

    # Parts

    def select(self: Any, dim: int, index: int) -> Any:
        """One item along an axis."""
        return read(self, (*(slice(None),) * (dim % self.ndim), index))

    def narrow(self: Any, dim: int, start: int, length: int) -> Any:
        """Some items along an axis."""
        return read(self, (*(slice(None),) * (dim % self.ndim), slice(start, start + length)))

    def unbind(self: Any, dim: int = 0) -> tuple[Any, ...]:
        """All items along an axis."""
        return tuple(self.select(dim, k) for k in range(self.shape[dim]))

    def split(self: Any, split_size: Any, dim: int = 0) -> tuple[Any, ...]:
        """Pieces of a length, or of several lengths, along an axis."""
        total = self.shape[dim]
        sizes = [split_size] * -(-total // split_size) if isinstance(split_size, int) else list(split_size)
        ends = np.minimum(np.cumsum([0, *sizes]), total).tolist()
        return tuple(self.narrow(dim, start, stop - start) for start, stop in itertools.pairwise(ends))

    def chunk(self: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
        """A number of pieces along an axis."""
        found: tuple[Any, ...] = self.split(-(-self.shape[dim] // chunks), dim)
        return found

    def index_select(self: Any, dim: int, index: Any) -> Any:
        """The items along an axis that an index names."""
        return record(np.take, (self, np.asarray(plain(index))), {"axis": dim})

    def gather(self: Any, dim: int, index: Any) -> Any:
        """``out[i][j] = self[index[i][j]][j]`` for the first axis, and so on."""
        return read(self, along(dim, np.asarray(plain(index))))

    def masked_select(self: Any, mask: Any) -> Any:
        """The elements where a mask is true."""
        return read(self, np.asarray(plain(mask)))

    def masked_fill(self: Any, mask: Any, value: Any) -> Any:
        """Another value where a mask is true."""
        return record(np.where, (np.asarray(plain(mask)), value, self), {})

    def where(self: Any, condition: Any, other: Any) -> Any:
        """The tensor where a condition holds, the other elsewhere."""
        return record(np.where, (np.asarray(plain(condition)), self, other), {})

    # Changed copies

    def scatter(self: Any, dim: int, index: Any, src: Any) -> Any:
        """A copy with elements written where an index says."""
        return written(self, along(dim, np.asarray(plain(index))), src, False)

    def scatter_add(self: Any, dim: int, index: Any, src: Any) -> Any:
        """A copy with elements added where an index says."""
        return written(self, along(dim, np.asarray(plain(index))), src, True)

    def index_add(self: Any, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
        """A copy with items added where an index says."""
        given = source if alpha == 1 else source * alpha
        return written(self, (*(slice(None),) * (dim % self.ndim), np.asarray(plain(index))), given, True)

    def index_fill(self: Any, dim: int, index: Any, value: Any) -> Any:
        """A copy with one value where an index says."""
        return written(self, (*(slice(None),) * (dim % self.ndim), np.asarray(plain(index))), value, False)

    # Arithmetic

    def rsqrt(self: Any) -> Any:
        """One over the square root."""
        return 1 / np.sqrt(self)

    def lerp(self: Any, end: Any, weight: Any) -> Any:
        """On the way to another: ``self + weight * (end - self)``."""
        return self + weight * (end - self)

    def addcmul(self: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
        """``self + value * tensor1 * tensor2``."""
        return self + value * tensor1 * tensor2

    def addcdiv(self: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
        """``self + value * tensor1 / tensor2``."""
        return self + value * (tensor1 / tensor2)

    def addmm(self: Any, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
        """``beta * self + alpha * mat1 @ mat2``."""
        return beta * self + alpha * (mat1 @ mat2)

    def logsumexp(self: Any, dim: Any, keepdim: bool = False) -> Any:
        """The logarithm of the sum of exponentials, without overflow."""
        top = np.max(self._value, axis=dim, keepdims=True)
        top = np.where(np.isfinite(top), top, 0)
        total = np.log(np.sum(np.exp(self - top), axis=dim, keepdims=True)) + top
        return total if keepdim else total.squeeze(dim)

    def log_softmax(self: Any, dim: int) -> Any:
        """The logarithm of `softmax`."""
        return self - self.logsumexp(dim, True)

    def softmax(self: Any, dim: int) -> Any:
        """Exponentials, divided by their sum."""
        return np.exp(self.log_softmax(dim))

    # Random numbers, written over the tensor

    def normal_(self: Any, mean: float = 0.0, std: float = 1.0) -> Any:
        """Write normal random numbers."""
        return drawn(self, default_generator().normal(mean, std, self.shape))

    def uniform_(self: Any, low: float = 0.0, high: float = 1.0) -> Any:
        """Write random numbers that are equally likely in an interval."""
        return drawn(self, default_generator().uniform(low, high, self.shape))

    def bernoulli_(self: Any, p: float = 0.5) -> Any:
        """Write ones with a probability, zeros else."""
        return drawn(self, default_generator().random(self.shape) < p)

    # New tensors of the same dtype

    def new_ones(self: Any, *shape: Any) -> Any:
        """Ones of the same dtype."""
        return make(np.ones(listed(shape), self.dtype))

    def new_full(self: Any, shape: Any, value: Any) -> Any:
        """One value everywhere, of the same dtype."""
        return make(np.full(shape, plain(value), self.dtype))

    def new_empty(self: Any, *shape: Any) -> Any:
        """Memory of the same dtype."""
        return make(np.empty(listed(shape), self.dtype))

    def new_tensor(self: Any, data: Any) -> Any:
        """A tensor of the same dtype."""
        return make(np.array(plain(data), self.dtype))


def along(dim: int, index: Any) -> tuple[Any, ...]:
    """The index that takes from each line along an axis what `index` says there."""
    grids: list[Any] = list(np.ogrid[tuple(slice(n) for n in index.shape)])
    grids[dim] = index
    return tuple(grids)


def written(tensor: Tensor, index: Any, value: Any, added: bool) -> Any:
    """A copy of a tensor with a part written, or added to."""
    made = record(np.copy, (tensor,), {})
    if added:
        np.add.at(made, index, value)
    else:
        write(made, index, value)
    return made


def drawn(tensor: Tensor, numbers: Any) -> Tensor:
    """Write numbers over a tensor."""
    write(tensor, ..., numbers.astype(tensor.dtype))
    return tensor


def in_place(name: str) -> Any:
    """The method, its result written over the tensor."""

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return assign(self, getattr(self, name)(*args, **kwargs))

    return method


def install() -> None:
    """Give `Tensor` the methods that it has not."""
    for name, fn in FUNCTIONS.items():
        if name not in vars(Tensor):
            setattr(Tensor, name, function_method(fn))
    for name, method in vars(Named).items():
        if name not in ("__module__", "__dict__", "__weakref__", "__doc__", "__qualname__"):
            setattr(Tensor, name, method)
    for name in IN_PLACE:
        setattr(Tensor, f"{name}_", in_place(name))


install()
