"""The tracer behind the interface of the library, for whole functions: what the random programs are checked with."""

from __future__ import annotations

import numpy as np

from srcgrad.tracer.whole import Traced, push_whole, trace_value_and_gradient


def _places(argnums):
    return [(k,) for k in argnums]


class ByTracing:
    """Derivatives of whole functions, all by running them on tensors."""

    def value_and_grad(self, f, argnums):
        def run(*args):
            value, found = trace_value_and_gradient(f, args, {}, _places(argnums))
            return value, tuple(found)

        return run

    def grad(self, f, argnums):
        return lambda *args: self.value_and_grad(f, argnums)(*args)[1]

    def traced(self, f, argnums):
        return self.value_and_grad(f, argnums)

    def jvp(self, f, args, tangents):
        def dots(path):
            dot = tangents
            for key in path:
                if dot is None:
                    return None
                dot = dot[key] if isinstance(dot, (list, tuple, dict)) else getattr(dot, key)
            return dot

        return push_whole(f, args, {}, dots)

    def vjp(self, f, *args, argnums):
        run = Traced(f, args, {}, lambda path: path[0] in argnums)

        def pullback(bar):
            found = run.pull(bar)
            return tuple(run.gradient((k,), found) for k in argnums)

        return run.value, pullback


__all__ = ["ByTracing", "np"]
