"""Runs the IR by walking it: the independent meaning that emitted code is compared with."""

from __future__ import annotations

from typing import Any

from srcgrad.ir import Block, Call, Func, If, Loop, Operand, Range, Value
from srcgrad.ir.core import map_operand

Env = dict[Value, Any]


def run(func: Func, *args: Any) -> Any:
    """What the function returns for the arguments of all its parameters, captured ones last."""
    results = run_block(func.block, dict(zip(func.params, args, strict=True)))
    return results[0] if len(results) == 1 else tuple(results) or None


def run_block(block: Block, env: Env) -> list[Any]:
    for op in block.ops:
        match op:
            case Call():
                env[op.out] = call(op, env)
            case If():
                arm = op.then if read(op.cond, env) else op.orelse
                env.update(zip(op.outs, run_block(arm, dict(env)), strict=True))
            case Loop():
                env.update(zip(op.outs, run_loop(op, env), strict=True))
    return [read(item, env) for item in block.yields]


def call(op: Call, env: Env) -> Any:
    args = [read(arg, env) for arg in op.args]
    kwargs = {name: read(arg, env) for name, arg in op.kwargs.items()}
    if isinstance(op.fn, Func):
        return run(op.fn, *args, *(kwargs[name] for name in op.fn.captured[len(op.fn.captured) - len(kwargs) :]))
    return op.fn(*args, **kwargs)


def run_loop(op: Loop, env: Env) -> list[Any]:
    columns = []
    for source in op.sources:
        if isinstance(source, Range):
            column = list(range(*(read(part, env) for part in (source.start, source.stop, source.step))))
        else:
            column = list(read(source.value, env))
        columns.append(column[::-1] if op.reverse else column)
    carried = [read(init, env) for init in op.inits]
    laps: list[list[Any]] = [[] for _ in op.collected_outs]
    stop, trip = 0, 0
    while stop == 0 and (not columns or trip < min(map(len, columns))):
        items = [column[trip] for column in columns]
        inside = {**env, **dict(zip(op.body.params, [*items, *carried], strict=True))}
        stop, *rest = run_block(op.body, inside)
        carried, collected = rest[: len(carried)], rest[len(carried) :]
        for lap, item in zip(laps, collected, strict=True):
            lap.append(item)
        trip += 1
    return [stop, *carried, *laps]


def read(operand: Operand, env: Env) -> Any:
    return map_operand(lambda value: env[value], operand)
