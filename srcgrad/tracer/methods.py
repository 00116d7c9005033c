"""The methods and attributes of tensors: those of ndarray with NumPy's meaning, and PyTorch's where NumPy has none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from srcgrad import runtime
from srcgrad.errors import UnsupportedError
from srcgrad.tracer.leaving import is_active, leaving, refuse, user_span
from srcgrad.tracer.modes import MODE
from srcgrad.tracer.node import AccumulateGrad, Handle, Last, add_hook
from srcgrad.tracer.protocols import into
from srcgrad.tracer.record import record
from srcgrad.tracer.tensor import Tensor, make, plain, store_of
from srcgrad.tracer.views import View
from srcgrad.tracer.writes import assign, read, write

FUNCTIONS: dict[str, Any] = {
    "sum": np.sum, "mean": np.mean, "std": np.std, "var": np.var, "prod": np.prod, "max": np.max, "min": np.min,
    "amax": np.max, "amin": np.min, "cumsum": np.cumsum, "cumprod": np.cumprod, "ptp": np.ptp, "clip": np.clip,
    "clamp": np.clip, "argmax": np.argmax, "argmin": np.argmin, "argsort": np.argsort, "all": np.all, "any": np.any,
    "argpartition": np.argpartition,
    "nonzero": np.nonzero, "round": np.round, "trace": np.trace, "diagonal": np.diagonal, "dot": np.dot,
    "repeat": np.repeat, "take": np.take, "squeeze": np.squeeze, "swapaxes": np.swapaxes, "ravel": np.ravel,
    "conj": np.conjugate, "conjugate": np.conjugate, "searchsorted": np.searchsorted, "compress": np.ndarray.compress,
    "choose": np.choose, "unsqueeze": np.expand_dims, "matmul": np.matmul, "mm": np.matmul, "mv": np.matmul,
    "bmm": np.matmul, "exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos, "tan": np.tan, "tanh": np.tanh,
    "sinh": np.sinh, "cosh": np.cosh, "sqrt": np.sqrt, "abs": np.abs, "square": np.square, "sign": np.sign,
    "floor": np.floor, "ceil": np.ceil, "log1p": np.log1p, "expm1": np.expm1, "log2": np.log2, "log10": np.log10,
    "reciprocal": np.reciprocal, "neg": np.negative, "add": np.add, "sub": np.subtract, "mul": np.multiply,
    "div": np.true_divide, "pow": np.power, "maximum": np.maximum, "minimum": np.minimum, "outer": np.outer,
    "isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite, "eq": np.equal, "ne": np.not_equal,
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "tril": np.tril, "triu": np.triu,
    "inverse": np.linalg.inv, "det": np.linalg.det, "cholesky": np.linalg.cholesky, "diag": np.diag,
    "arctan": np.arctan, "arcsin": np.arcsin, "arccos": np.arccos, "movedim": np.moveaxis, "roll": np.roll,
    "flip": np.flip,
}  # fmt: skip
IN_PLACE = ("add", "sub", "mul", "div", "pow", "exp", "log", "sqrt", "neg", "abs", "tanh", "sin", "cos", "square",
            "clip", "clamp", "reciprocal", "floor", "ceil", "round")  # fmt: skip
DTYPES: dict[str, Any] = {"float": np.float32, "double": np.float64, "half": np.float16, "long": np.int64,
                          "int": np.int32, "bool": np.bool_}  # fmt: skip
MATRIX_TRANSPOSE = "mT"
WORDS = {"dim": "axis", "keepdim": "keepdims"}


def function_method(fn: Any) -> Any:
    """A method that calls a function of NumPy; PyTorch's words for axes are understood."""

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        named = {WORDS.get(name, name): value for name, value in kwargs.items()}
        out = named.pop("out", None)
        return into(out, record(fn, (self, *args), named))

    return method


def in_place_method(fn: Any) -> Any:
    """The same, its result written over the tensor."""

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return assign(self, record(fn, (self, *args), kwargs))

    return method


def dtype_method(dtype: Any) -> Any:
    """A conversion."""

    def method(self: Tensor) -> Any:
        return record(runtime.as_type, (self, dtype), {})

    return method


def listed(args: tuple[Any, ...]) -> Any:
    """``f(2, 3)`` and ``f((2, 3))`` mean the same."""
    return args[0] if len(args) == 1 and isinstance(args[0], (tuple, list)) else args


class Flat:
    """The elements in C order, read and written by one index."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def places(self, index: Any) -> Any:
        """The indices of the elements."""
        shape = np.shape(self.tensor._value)
        return np.unravel_index(np.arange(math.prod(shape))[plain(index)], shape)

    def __len__(self) -> int:
        return int(np.size(self.tensor._value))

    def __getitem__(self, index: Any) -> Any:
        return read(self.tensor, self.places(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        write(self.tensor, self.places(index), value)

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))


class Keeper(Last):
    """The hook of `retain_grad`."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def __call__(self, grad: Tensor) -> None:
        kept = make(np.array(grad._value)) if grad._node is None else grad
        before = self.tensor._grad
        self.tensor._grad = kept if before is None else before + kept


class Extras:
    """The methods that are more than a function of NumPy; they are copied to `Tensor`."""

    shape = property(lambda self: np.shape(self._value))
    ndim = property(lambda self: np.ndim(self._value))
    size = property(lambda self: np.size(self._value))
    dtype = property(lambda self: np.result_type(self._value))
    itemsize = property(lambda self: np.asarray(self._value).itemsize)
    nbytes = property(lambda self: np.asarray(self._value).nbytes)
    strides = property(lambda self: np.asarray(self._value).strides)
    flags = property(lambda self: np.asarray(self._value).flags)
    T = property(lambda self: record(np.transpose, (self,), {}))
    real = property(lambda self: record(np.real, (self,), {}))
    imag = property(lambda self: record(np.imag, (self,), {}))
    flat = property(lambda self: Flat(self), lambda self, value: Flat(self).__setitem__(slice(None), value))
    requires_grad = property(lambda self: self._node is not None, lambda self, on: self.requires_grad_(on))
    is_leaf = property(lambda self: self._node is None or isinstance(self._node, AccumulateGrad))
    grad_fn = property(lambda self: None if isinstance(self._node, AccumulateGrad) else self._node)
    grad = property(lambda self: self._grad, lambda self, grad: self._set_grad(grad))
    data = property(lambda self: self._data(), lambda self, new: self._set_data(new))
    _version = property(lambda self: 0 if self._store is None else self._store.version)

    def requires_grad_(self: Any, requires_grad: bool = True) -> Any:
        """Ask for a gradient, or not any more; only leaves can change."""
        if not self.is_leaf:
            if requires_grad:
                return self
            raise RuntimeError("you can only change requires_grad flags of leaf variables.")
        if not requires_grad:
            self._node = None
        elif self._node is None:
            if self.dtype.kind not in "fc":
                raise RuntimeError("only Tensors of floating point and complex dtype can require gradients")
            leaf_of(self)
        return self

    def _set_grad(self: Any, grad: Any) -> None:
        if grad is not None and np.shape(grad) != self.shape:
            raise RuntimeError(f"assigned grad has data of a different size: {np.shape(grad)}, not {self.shape}")
        self._grad = grad if grad is None or isinstance(grad, Tensor) else make(np.asarray(grad))

    def _data(self: Any) -> Any:
        """The value without history; in a trace NumPy's meaning, which is memory."""
        return leaving(self, "the memory").data if MODE.tracing else self.detach()

    def _set_data(self: Any, new: Any) -> None:
        value = new._value if isinstance(new, Tensor) else np.asarray(new)
        if isinstance(self, View):
            self._value[...] = value
        else:
            self._value = value

    def detach(self: Any) -> Any:
        """The same memory, to which the derivative is blind."""
        alias = make(self._value)
        if isinstance(self._value, np.ndarray):
            alias._store = store_of(self)
        return alias

    def detach_(self: Any) -> Any:
        """Forget what made the tensor."""
        self._node = None
        return self

    def clone(self: Any) -> Any:
        """A copy, recorded."""
        return record(np.copy, (self,), {})

    def copy(self: Any, order: str = "C") -> Any:
        """A copy, recorded."""
        return record(np.copy, (self,), {"order": order})

    def numpy(self: Any) -> Any:
        """The array itself; its memory is shared."""
        if self._node is not None:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        if not isinstance(self._value, np.ndarray):
            self._value = np.asarray(self._value)
        return self._value

    def retain_grad(self: Any) -> None:
        """Keep the gradient of a tensor that is no leaf."""
        if self._node is None:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if not self.is_leaf and not any(isinstance(hook, Keeper) for hook in self._node.hooks or ()):
            add_hook(self._node, Keeper(self))

    def register_hook(self: Any, hook: Any) -> Handle:
        """Call `hook` with the gradient when it is there; what it returns replaces it."""
        if self._node is None:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        return add_hook(self._node, hook)

    def register_post_accumulate_grad_hook(self: Any, hook: Any) -> Handle:
        """Call `hook` with a leaf when its `grad` has been added to."""
        if not isinstance(self._node, AccumulateGrad):
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        self._node.when_added.append(hook)
        return Handle(self._node.when_added, hook)

    def reshape(self: Any, *shape: Any, order: str = "C") -> Any:
        """The same numbers in another shape."""
        options = {} if order == "C" else {"order": order}
        return record(np.reshape, (self, listed(shape)), options)

    def view(self: Any, *shape: Any, dtype: Any = None) -> Any:
        """With a dtype or without argument, as NumPy; else as `reshape`."""
        kind = dtype if dtype is not None else shape[0] if len(shape) == 1 else None
        if not shape or not isinstance(kind, (int, tuple, list, np.integer, type(None))):
            return seen_as(self, kind)
        return record(np.reshape, (self, listed(shape)), {})

    def transpose(self: Any, *axes: Any) -> Any:
        """The axes permuted, reversed where none are given."""
        axes = listed(axes)
        return record(np.transpose, (self, axes) if axes and axes[0] is not None else (self,), {})

    def permute(self: Any, *axes: Any) -> Any:
        """The axes permuted."""
        return record(np.transpose, (self, listed(axes)), {})

    def t(self: Any) -> Any:
        """The transpose."""
        return record(np.transpose, (self,), {})

    def flatten(self: Any, order: str = "C") -> Any:
        """A copy with one axis."""
        return record(runtime.flatten, (self, order), {})

    def astype(self: Any, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """A copy of another dtype."""
        return record(runtime.as_type, (self, dtype, *args), kwargs)

    def type(self: Any, dtype: Any = None) -> Any:
        """A copy of another dtype, or the name of the dtype."""
        return str(self.dtype) if dtype is None else record(runtime.as_type, (self, dtype), {})

    def to(self: Any, dtype: Any = None, **_: Any) -> Any:
        """A copy of another dtype; devices are accepted and mean nothing."""
        if dtype is None or dtype == "cpu":
            return self
        return record(runtime.as_type, (self, dtype), {})

    def cpu(self: Any) -> Any:
        """The tensor: there is no other device."""
        return self

    def contiguous(self: Any) -> Any:
        """The tensor, in C order."""
        return self if np.asarray(self._value).flags.c_contiguous else record(np.copy, (self,), {"order": "C"})

    def expand(self: Any, *shape: Any) -> Any:
        """Broadcast to a shape; -1 leaves a length."""
        wanted = listed(shape)
        own = (1,) * (len(wanted) - self.ndim) + self.shape
        return record(np.broadcast_to, (self, tuple(m if n == -1 else n for n, m in zip(wanted, own, strict=True))), {})

    def expand_as(self: Any, other: Any) -> Any:
        """Broadcast to the shape of another."""
        return record(np.broadcast_to, (self, np.shape(other)), {})

    def numel(self: Any) -> int:
        """How many elements there are."""
        return int(np.size(self._value))

    def dim(self: Any) -> int:
        """How many axes there are."""
        return int(np.ndim(self._value))

    def norm(self: Any, p: Any = None, dim: Any = None, keepdim: bool = False) -> Any:
        """The norm, of the flattened tensor where no axis is given."""
        flat = record(np.ravel, (self,), {}) if dim is None else self
        return record(np.linalg.norm, (flat, p, -1 if dim is None else dim, keepdim), {})

    def relu(self: Any) -> Any:
        """``maximum(x, 0)`` with derivative 0 at 0."""
        return record(np.where, (self._value > 0, self, np.zeros((), self.dtype)), {})

    def sigmoid(self: Any) -> Any:
        """The logistic function."""
        return 0.5 * (1 + np.tanh(0.5 * self))

    def zero_(self: Any) -> Any:
        """Write zeros."""
        write(self, ..., 0)
        return self

    def fill_(self: Any, value: Any) -> Any:
        """Write one value everywhere."""
        write(self, ..., value)
        return self

    def copy_(self: Any, source: Any) -> Any:
        """Write another's values."""
        write(self, ..., source)
        return self

    def sort(self: Any, axis: int = -1, kind: Any = None, order: Any = None) -> None:
        """Sort in place, as NumPy."""
        assign(self, record(np.sort, (self, axis), {}))

    def new_zeros(self: Any, *shape: Any) -> Any:
        """Zeros of the same dtype."""
        return make(np.zeros(listed(shape), self.dtype))

    def __copy__(self: Any) -> Any:
        if MODE.tracing:
            return record(np.copy, (self,), {}) if isinstance(self._value, np.ndarray) else self
        return make(self._value, self._node)


def seen_as(tensor: Tensor, dtype: Any) -> Any:
    """The memory read as another dtype, which only what has no derivative can be."""
    if dtype is None or dtype in (np.ndarray, tensor.dtype):
        return record(np.reshape, (tensor, tensor.shape), {})
    if not is_active(tensor):
        return make(tensor._value.view(dtype))
    raise refuse(UnsupportedError("cannot differentiate a view of the memory as another dtype", span=user_span(),
                                  repair="Use astype() to convert values."))  # fmt: skip


def leaf_of(tensor: Tensor) -> Tensor:
    """Make a tensor a leaf whose gradient is asked for."""
    node = AccumulateGrad(tensor)
    if tensor._store is not None:
        node.life = (tensor._store, tensor._store.version)
    tensor._node = node
    return tensor


def install() -> None:
    """Give `Tensor` its methods."""
    for name, fn in FUNCTIONS.items():
        setattr(Tensor, name, function_method(fn))
    setattr(Tensor, MATRIX_TRANSPOSE, property(lambda self: record(np.matrix_transpose, (self,), {})))
    for name in IN_PLACE:
        setattr(Tensor, f"{name}_", in_place_method(FUNCTIONS[name]))
    for name, dtype in DTYPES.items():
        setattr(Tensor, name, dtype_method(dtype))
    for name, method in vars(Extras).items():
        if name not in ("__module__", "__dict__", "__weakref__", "__doc__", "__qualname__"):
            setattr(Tensor, name, method)


install()
__all__ = ["MODE", "leaf_of", "plain"]
