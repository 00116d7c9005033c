"""Derivatives of functions of tensors: Jacobians, Hessians and products with them, as ``torch.autograd.functional``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.tracer.create import as_tensor
from srcgrad.tracer.function import NoForwardMode
from srcgrad.tracer.gradients import grad
from srcgrad.tracer.methods import leaf_of
from srcgrad.tracer.modes import GradMode
from srcgrad.tracer.record import record
from srcgrad.tracer.sweeps import pushed
from srcgrad.tracer.tensor import Tensor, make

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Fn = Callable[..., Any]


def jacobian(func: Fn, inputs: Any, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
             strategy: str = "reverse-mode") -> Any:  # fmt: skip
    """The Jacobian of a function of tensors.

    Parameters
    ----------
    func : callable
        Takes tensors, gives a tensor or a tuple of them.
    inputs : Tensor or tuple of Tensor
        Where.
    create_graph : bool
        Record it, so that it can be differentiated.
    strict : bool
        Raise where an output does not depend on an input, instead of giving zeros.
    vectorize, strategy
        Accepted and without effect: how it is computed.

    Returns
    -------
    Tensor, or tuples of them
        Of shape ``(*output.shape, *input.shape)``; a tuple over the outputs where there is one, of tuples over the
        inputs where there is one.
    """
    leaves, single = entered(inputs, create_graph)
    with GradMode(True):
        outs = func(*leaves)
        several = isinstance(outs, tuple)
        rows = [rows_of(out, leaves, create_graph, strict) for out in (outs if several else (outs,))]
    found = [row[0] if single else tuple(row) for row in rows]
    return tuple(found) if several else found[0]


def rows_of(out: Tensor, leaves: list[Tensor], graph: bool, strict: bool) -> list[Any]:
    """The Jacobian of one output by every input."""
    out = as_tensor(out)
    shape, flat = np.shape(out._value), record(np.ravel, (out,), {})
    columns: list[list[Any]] = [[] for _ in leaves]
    for k in range(int(np.size(out._value))):
        for column, bar in zip(columns, gradients(flat[k], leaves, None, graph, strict), strict=True):
            column.append(bar)
    return [record(np.reshape, (stacked(column, leaf), (*shape, *leaf.shape)), {})
            for column, leaf in zip(columns, leaves, strict=True)]  # fmt: skip


def stacked(column: list[Any], leaf: Tensor) -> Any:
    """The gradients of all elements, as one tensor."""
    return record(np.stack, (column,), {}) if column else make(np.zeros((0, *leaf.shape), leaf.dtype))


def gradients(out: Tensor, leaves: list[Tensor], bar: Any, graph: bool, strict: bool) -> tuple[Any, ...]:
    """The gradients of one output, zeros where there are none."""
    if out._node is None:
        if strict:
            raise RuntimeError("an output does not depend on the inputs, and strict=True")
        return tuple(make(np.zeros_like(leaf._value)) for leaf in leaves)
    return grad(out, leaves, bar, retain_graph=True, create_graph=graph, allow_unused=not strict,
                 materialize_grads=not strict)  # fmt: skip


def hessian(func: Fn, inputs: Any, create_graph: bool = False, strict: bool = False) -> Any:
    """The Hessian of a function that gives one number: the Jacobian of its gradient.

    Parameters
    ----------
    func, inputs, create_graph, strict
        As for `jacobian`.

    Returns
    -------
    Tensor, or tuple of tuples of Tensor
        Of shape ``(*input.shape, *input.shape)``.
    """
    single = isinstance(inputs, Tensor)

    def gradient(*leaves: Tensor) -> Any:
        inner = [leaf if leaf._node is not None else leaf_of(leaf) for leaf in leaves]
        found = gradients(one_number(func(*inner)), inner, None, True, strict)
        return found[0] if single else found

    return jacobian(gradient, inputs, create_graph, strict)


def vjp(func: Fn, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """The value of a function, and ``v`` times its Jacobian.

    Parameters
    ----------
    func, inputs, create_graph, strict
        As for `jacobian`.
    v : Tensor or tuple of Tensor, optional
        One for each output; not needed where the output is one number.

    Returns
    -------
    outputs, product
        The product in the structure of `inputs`.
    """
    leaves, single = entered(inputs, create_graph)
    with GradMode(True):
        outs = func(*leaves)
        several = isinstance(outs, tuple)
        bars = (v if several else (v,)) if v is not None else (None,) * (len(outs) if several else 1)
        total: list[Any] = [make(np.zeros_like(leaf._value)) for leaf in leaves]
        for out, bar in zip(outs if several else (outs,), bars, strict=True):
            found = gradients(out, leaves, bar, create_graph, strict)
            total = [a + b for a, b in zip(total, found, strict=True)]
    return outside(outs, create_graph), total[0] if single else tuple(total)


def jvp(func: Fn, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """The value of a function, and its Jacobian times ``v``, by forward mode.

    Parameters
    ----------
    func, inputs, create_graph, strict
        As for `jacobian`.
    v : Tensor or tuple of Tensor, optional
        One for each input; not needed where the input is one number.

    Returns
    -------
    outputs, product
        The product in the structure of the outputs.
    """
    leaves = entered(inputs, create_graph)[0]
    given = (v,) if isinstance(v, Tensor) else tuple(v) if v is not None else tuple(np.ones_like(leaf._value)
                                                                                    for leaf in leaves)  # fmt: skip
    dots = tuple(dot if create_graph or not isinstance(dot, Tensor) else dot._value for dot in given)
    try:
        with GradMode(create_graph):
            value, tangent = pushed(func, tuple(leaves), dots)
    except NoForwardMode:
        return twice_back(func, leaves, dots, create_graph)
    return wrapped(value), wrapped(tangent)


def twice_back(func: Fn, leaves: list[Tensor], dots: tuple[Any, ...], graph: bool) -> tuple[Any, Any]:
    """The same by differentiating the product with a vector by that vector: where forward mode is not to be had."""
    with GradMode(True):
        outs = func(*leaves)
        several = isinstance(outs, tuple)
        flat = list(outs) if several else [outs]
        bars = [leaf_of(make(np.zeros_like(out._value))) for out in flat]
        found = grad(flat, leaves, bars, create_graph=True, materialize_grads=True)
        live = [(part, dot) for part, dot in zip(found, dots, strict=True) if part._node is not None]
        products: Any = [make(np.zeros_like(out._value)) for out in flat]
        if live:
            products = grad([part for part, _ in live], bars, [dot for _, dot in live], create_graph=graph,
                            materialize_grads=True)  # fmt: skip
    return outside(outs, graph), tuple(products) if several else products[0]


def hvp(func: Fn, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """The value of a function that gives one number, and its Hessian times ``v``.

    Parameters
    ----------
    func, inputs, v, create_graph, strict
        As for `jvp`.

    Returns
    -------
    output, product
        The product in the structure of `inputs`.
    """
    leaves, single = entered(inputs, True)
    bars = (v,) if isinstance(v, Tensor) else v
    with GradMode(True):
        out = one_number(func(*leaves))
        found = gradients(out, leaves, None, True, strict)
        total = [make(np.zeros_like(leaf._value)) for leaf in leaves]
        for k, part in enumerate(found):
            if part._node is not None:
                more = gradients(part, leaves, bars[k] if bars is not None else None, create_graph, False)
                total = [a + b for a, b in zip(total, more, strict=True)]
    return outside(out, create_graph), total[0] if single else tuple(total)


vhp = hvp  # the Hessian is symmetric


def entered(inputs: Any, graph: bool) -> tuple[list[Tensor], bool]:
    """The inputs as tensors that require a gradient, of the caller's graph or of their own; was it one?"""
    single = not isinstance(inputs, tuple)
    given = [as_tensor(x) for x in ((inputs,) if single else inputs)]
    if graph:
        return [record(np.copy, (x,), {}) if x._node is not None else leaf_of(make(x._value)) for x in given], single
    return [leaf_of(make(x._value)) for x in given], single


def one_number(out: Any) -> Any:
    """The result, if it is one number."""
    if np.size(out._value if isinstance(out, Tensor) else out) != 1:
        raise RuntimeError("The Tensor returned by the function given to hessian should contain a single element")
    return as_tensor(out)


def outside(outs: Any, graph: bool) -> Any:
    """The results as the caller gets them."""
    if isinstance(outs, tuple):
        return tuple(outside(out, graph) for out in outs)
    return outs if graph else as_tensor(outs).detach()


def wrapped(x: Any) -> Any:
    """Tensors of plain results."""
    if isinstance(x, tuple):
        return tuple(map(wrapped, x))
    return x if isinstance(x, Tensor) else make(np.asarray(x))
