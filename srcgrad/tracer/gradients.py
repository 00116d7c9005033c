"""``backward`` and ``grad``: sweeps as users ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcgrad.tracer.engine import Sweep, outside
from srcgrad.tracer.node import Node
from srcgrad.tracer.tensor import Tensor, make

NO_GRAPH = "element 0 of tensors does not require grad and does not have a grad_fn"
UNUSED = ("One of the differentiated Tensors appears to not have been used in the graph: input number {}, of shape {}. "
          "Set allow_unused=True if this is the desired behavior.")  # fmt: skip


def backward(tensor: Tensor, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False,
             inputs: Any = None) -> None:  # fmt: skip
    """Add the gradient of `tensor` to the `grad` of every leaf it was made of.

    Parameters
    ----------
    tensor : Tensor
        What is differentiated; one number, unless `gradient` is given.
    gradient : array_like, optional
        The vector that is multiplied with the Jacobian.
    retain_graph : bool, optional
        Keep what was saved, so that another sweep is possible; as `create_graph` where it is not given.
    create_graph : bool
        Record the sweep, so that the gradients can be differentiated.
    inputs : Tensor or sequence of Tensor, optional
        The only leaves that get a gradient.
    """
    if inputs is not None:
        chosen = [inputs] if isinstance(inputs, Tensor) else list(inputs)
        found = grad(tensor, chosen, gradient, retain_graph, create_graph, allow_unused=True)
        for leaf, bar in zip(chosen, found, strict=True):
            if bar is not None:
                leaf._grad = bar if leaf._grad is None else leaf._grad + bar
        return
    root = seeded(tensor, gradient, create_graph)
    Sweep((), bool(retain_graph), create_graph).run([root])


def seeded(tensor: Tensor, gradient: Any, graph: bool) -> tuple[Node, Any]:
    """The node to start from, and its cotangent."""
    node = tensor._node
    if node is None:
        raise RuntimeError(NO_GRAPH)
    value = tensor._value
    if gradient is None:
        if np.size(value) != 1:
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        return node, np.ones_like(value) if isinstance(value, np.ndarray) else type(value)(1)
    if np.shape(gradient) != np.shape(value):
        raise RuntimeError(f"Mismatch in shape: grad_output has a shape of {np.shape(gradient)} and output has a shape "
                           f"of {np.shape(value)}.")  # fmt: skip
    if isinstance(gradient, Tensor):
        gradient = gradient if graph else gradient._value
    if not isinstance(gradient, Tensor):
        gradient = np.asarray(gradient, np.result_type(value))[()]
    return node, outside(gradient)


def grad(outputs: Any, inputs: Any, grad_outputs: Any = None, retain_graph: bool | None = None,
         create_graph: bool = False, allow_unused: bool | None = None, is_grads_batched: bool = False,
         materialize_grads: bool = False) -> tuple[Any, ...]:  # fmt: skip
    """The gradients of `outputs` with respect to `inputs`; no `grad` is touched.

    Parameters
    ----------
    outputs : Tensor or sequence of Tensor
        What is differentiated.
    inputs : Tensor or sequence of Tensor
        With respect to what.
    grad_outputs : array_like or sequence of them, optional
        The vectors that are multiplied with the Jacobian.
    retain_graph, create_graph
        As for `backward`.
    allow_unused : bool, optional
        Give None for an input that does not matter, instead of an error.
    is_grads_batched : bool
        The first axis of each of `grad_outputs` counts vectors; so does that of the results.
    materialize_grads : bool
        Give zeros for an input that does not matter.

    Returns
    -------
    tuple of Tensor
        One gradient per input.
    """
    if materialize_grads and allow_unused is False:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True.")
    outs, ins = as_list(outputs), as_list(inputs)
    seeds = [None] * len(outs) if grad_outputs is None else as_list(grad_outputs)
    if is_grads_batched:
        keep = (retain_graph, create_graph, allow_unused)
        rows = [
            grad(outs, ins, list(row), True, *keep[1:], False, materialize_grads) for row in zip(*seeds, strict=True)
        ]
        return tuple(np.stack(column) if column[0] is not None else None for column in zip(*rows, strict=True))
    roots = [seeded(out, seed, create_graph) for out, seed in zip(outs, seeds, strict=True)]
    targets = [target(tensor) for tensor in ins]
    keep_graph = create_graph if retain_graph is None else retain_graph
    found = Sweep(targets, keep_graph, create_graph).run(roots)
    may_miss = bool(allow_unused) or materialize_grads
    if not may_miss and (missed := [k for k, node in enumerate(targets) if node not in found]):
        raise RuntimeError(UNUSED.format(missed[0], ins[missed[0]].shape))
    return tuple(result(t, found.get(node), materialize_grads) for t, node in zip(ins, targets, strict=True))


def as_list(x: Any) -> list[Any]:
    """One, or several."""
    return list(x) if isinstance(x, Sequence) and not isinstance(x, Tensor) else [x]


def target(tensor: Tensor) -> Node:
    """The node whose cotangent is the tensor's."""
    if not isinstance(tensor, Tensor) or tensor._node is None:
        raise RuntimeError("One of the differentiated Tensors does not require grad")
    node: Node = tensor._node
    return node


def result(tensor: Tensor, bar: Any, zeros: bool) -> Any:
    """One gradient as the user gets it."""
    if bar is None:
        return make(np.zeros_like(tensor._value)) if zeros else None
    bar = outside(bar)
    return bar if isinstance(bar, Tensor) else make(np.array(bar))


for _name, _method in {"backward": backward}.items():
    setattr(Tensor, _name, _method)
