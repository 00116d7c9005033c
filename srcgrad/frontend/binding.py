"""Arguments to parameters, as Python binds them."""

from __future__ import annotations

import inspect
from typing import Any

from srcgrad.frontend.context import Context
from srcgrad.frontend.spreading import bound_spread, has_spread
from srcgrad.frontend.values import Abstract, Box, TupleOf


def by_name(ctx: Context, fn: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> dict[str, Any]:
    """The arguments of a Python function by name: things as they are given, defaults as the objects they are."""
    try:
        found = inspect.signature(fn).bind(*args, **kwargs)
    except TypeError as error:
        raise ctx.unsupported(f"{fn.__name__}() {error}", "") from None
    found.apply_defaults()
    return found.arguments


def parameter_name(node: Any) -> str:
    """The name of a parameter, in `ast` as in `gast`."""
    return str(getattr(node, "arg", None) or node.id)


def bind_arguments(ctx: Context, node: Any, args: list[Abstract], kwargs: dict[str, Abstract],
                   defaults: list[Abstract], kw_defaults: dict[str, Abstract]) -> dict[str, Abstract]:  # fmt: skip
    """Each parameter's value, or the error Python would raise."""
    spec = node.args
    label = getattr(node, "name", "<lambda>")
    ordered = [parameter_name(p) for p in (*spec.posonlyargs, *spec.args)]
    only_positional = {parameter_name(p) for p in spec.posonlyargs}
    rest_args: Abstract | None = None
    if has_spread(args):
        if defaults:
            raise ctx.unsupported(f"cannot tell which arguments {label}() gets: some have defaults", "Index the items.")
        required = [name for name in ordered if name not in kwargs]
        args, rest_args = bound_spread(ctx, args, len(required), spec.vararg is not None)
    bound = dict(zip(ordered, args, strict=False))
    if len(args) > len(ordered) and spec.vararg is None:
        raise ctx.unsupported(f"{label}() takes {len(ordered)} positional arguments but {len(args)} were given", "")
    rest = dict(kwargs)
    named = [parameter_name(p) for p in spec.kwonlyargs]
    for name in [n for n in (*ordered, *named) if n in rest and n not in only_positional]:
        if name in bound:
            raise ctx.unsupported(f"{label}() got multiple values for argument '{name}'", "")
        bound[name] = rest.pop(name)
    if rest and spec.kwarg is None:
        raise ctx.unsupported(f"{label}() got an unexpected keyword argument '{next(iter(rest))}'", "")
    for name, default in [*zip(ordered[len(ordered) - len(defaults) :], defaults, strict=True), *kw_defaults.items()]:
        bound.setdefault(name, default)
    missing = [name for name in (*ordered, *named) if name not in bound]
    if missing:
        raise ctx.unsupported(f"{label}() missing the argument '{missing[0]}'", "")
    if spec.vararg is not None:
        bound[parameter_name(spec.vararg)] = rest_args or TupleOf(tuple(args[len(ordered) :]))
    if spec.kwarg is not None:
        box = Box("dict")
        ctx.state.boxes[box.number] = rest
        bound[parameter_name(spec.kwarg)] = box
    return bound
