"""A picture of a graph: its operations, leaves and what they save, as DOT, and as SVG where `dot` is installed."""

from __future__ import annotations

import html
import shutil
import subprocess
from typing import Any

import numpy as np

from srcgrad.tracer.node import AccumulateGrad, Node, Pick
from srcgrad.tracer.saved import SavedTensorsHooks
from srcgrad.tracer.tensor import Tensor

STYLES = {"leaf": "shape=box, style=filled, fillcolor=lightblue",
          "root": "shape=box, style=filled, fillcolor=palegreen",
          "node": "shape=ellipse", "saved": "shape=note, fontsize=10, color=gray40"}  # fmt: skip


class Graph:
    """The graph behind a tensor, to be looked at.

    Attributes
    ----------
    dot : str
        The graph in the language of Graphviz.
    """

    def __init__(self, lines: list[str]) -> None:
        self.dot = "\n".join(["digraph {", *(f"  {line}" for line in lines), "}"])

    def __str__(self) -> str:
        return self.dot

    def svg(self) -> str:
        """The picture.

        Returns
        -------
        str
            SVG; a RuntimeError where ``dot`` (Graphviz) is not installed.
        """
        program = shutil.which("dot")
        if program is None:
            raise RuntimeError("the program `dot` of Graphviz is not installed; `.dot` has the text")
        made = subprocess.run([program, "-Tsvg"], input=self.dot, capture_output=True, text=True, check=True)
        return made.stdout

    def _repr_svg_(self) -> str | None:
        return self.svg() if shutil.which("dot") is not None else None


class Drawer:
    """``graph(t)`` draws; the hooks on what graphs save are found here as well, where PyTorch has them."""

    saved_tensors_hooks = SavedTensorsHooks

    def __call__(self, tensor: Tensor, saved: bool = True) -> Graph:
        """A picture of the operations that made a tensor.

        Parameters
        ----------
        tensor : Tensor
            The result.
        saved : bool
            Show what the operations keep for the backward sweep.

        Returns
        -------
        Graph
            With `dot` and `svg()`; notebooks show it.
        """
        return drawn(tensor, saved)


graph = Drawer()


def drawn(tensor: Tensor, saved: bool = True) -> Graph:
    """A picture of the operations that made a tensor.

    Parameters
    ----------
    tensor : Tensor
        The result.
    saved : bool
        Show what the operations keep for the backward sweep.

    Returns
    -------
    Graph
        With `dot` and `svg()`; notebooks show it.
    """
    root = tensor._node
    lines = [described("result", f"result\n{kind_of(tensor._value)}", "root")]
    if root is None:
        return Graph(lines)
    root = whole(root)
    numbers: dict[Node, str] = {root: "n0"}
    stack = [root]
    while stack:
        node = stack.pop()
        lines += of_node(node, numbers[node], saved)
        for edge in map(whole, (edge for edge in node.edges if edge is not None)):
            if edge not in numbers:
                numbers[edge] = f"n{len(numbers)}"
                stack.append(edge)
            lines.append(f"{numbers[edge]} -> {numbers[node]}")
    return Graph([*lines, "n0 -> result"])


def whole(node: Node) -> Node:
    """The operation itself, where the node is one of its results."""
    return node.edges[0] if isinstance(node, Pick) and node.edges else node


def of_node(node: Node, name: str, saved: bool) -> list[str]:
    """The lines about one node."""
    if isinstance(node, AccumulateGrad):
        leaf = node.variable
        return [described(name, "leaf" if leaf is None else f"leaf\n{kind_of(leaf._value)}", "leaf")]
    lines = [described(name, node.name(), "node")]
    held = [x for x in (*node.args, node.out) if isinstance(x, (np.ndarray, np.generic, float))] if saved else []
    for k, value in enumerate(held):
        lines += [described(f"{name}s{k}", kind_of(value), "saved"),
                  f"{name}s{k} -> {name} [style=dotted, arrowhead=none]"]  # fmt: skip
    return lines


def kind_of(value: Any) -> str:
    """Dtype and shape, or the number."""
    shape = np.shape(value)
    return f"{np.result_type(value)} {list(shape)}" if shape else f"{value:.4g}"


def described(name: str, text: str, style: str) -> str:
    """A line that defines a node of the picture."""
    label = html.escape(text).replace("\n", "\\n")
    return f'{name} [label="{label}", {STYLES[style]}]'
