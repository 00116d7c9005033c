"""A function with code per signature: made at the first call, kept, checked at every call, found fast."""

from __future__ import annotations

import functools
import importlib
import sys
import threading
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.api.admission import admission
from srcgrad.api.arguments import pick, put
from srcgrad.api.entries import Entry, Fork, nobody, same_statics, signature_text
from srcgrad.api.keys import NUMBERS, key_of
from srcgrad.api.making import Maker
from srcgrad.api.notes import explain_error
from srcgrad.api.options import Options
from srcgrad.api.overlap import check_overlap
from srcgrad.api.specs import spec_of_example
from srcgrad.api.versions import MAX_STATIC, Version
from srcgrad.errors import ArgumentError, SourceError, SrcgradError, UnsupportedError, UnusedArgumentWarning
from srcgrad.frontend.islands import IslandError
from srcgrad.frontend.signature import AnySpec, ArraySpec, Spec
from srcgrad.ir.core import Func

MAX_ENTRIES = 1024
ndarray = np.ndarray


class Compiled(Maker):
    """A callable that makes code for another one when it is called, and finds it again."""

    def __init__(self, fn: Callable[..., Any], options: Options) -> None:
        super().__init__(fn, options)
        self._entries: dict[Any, Entry] = {}
        self._forks: dict[Any, Fork] = {}
        self._refused: dict[Any, SrcgradError] = {}
        self._refusal: SrcgradError | None = None  # of the last call, where that was traced
        self._lock = threading.RLock()
        self._last: Version | None = None
        self._recent: Any = (nobody, None, None, None)
        functools.update_wrapper(self, fn, updated=())
        self.__signature__ = self.signature

    def __repr__(self) -> str:
        return f"<{self.options.kind} of {self.label}>"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self) -> Any:
        found: Any = sys.modules.get(getattr(self, "__module__", ""))
        for name in getattr(self, "__qualname__", "").split("."):
            found = getattr(found, name, None)
        return self.__qualname__ if found is self else (type(self), (self.primal, self.options))

    # --- calling ----------------------------------------------------------------------------------------------------

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """The derivative at these arguments."""
        if kwargs or len(args) != self.parameters.count:
            args = self.parameters.arrange(args, kwargs)
        admit, run, finish, entry = self._recent
        captured = admit(args)
        if captured is None:
            return self._find(args)
        if entry.special:
            args = self._enter(entry, args, captured, 3)
        self._last = entry.version
        try:
            result = run(*args, **captured)
        except IslandError as error:
            return self._without_islands(tuple(map(key_of, args)), args, error)
        except Exception as error:
            self._explain(error, entry)
            raise
        return result if finish is None else finish(result)

    def _find(self, args: tuple[Any, ...]) -> Any:
        """The same where the call before was of another kind, or what it was built on has changed since."""
        key = tuple(
            [(a.dtype, a.shape) if (cls := type(a)) is ndarray else cls if cls in NUMBERS else key_of(a) for a in args]
        )
        entry = self._known(key, args)
        if entry is None or not entry.version.valid:
            return self._slow(key, args)
        captured = entry.version.captured()
        if captured is None:
            return self._slow(key, args)
        self._expect(entry, args, captured)
        return self._run(entry, key, args, captured, 5)

    def _expect(self, entry: Entry, args: tuple[Any, ...], captured: dict[str, Any]) -> None:
        """The next call will be like this one."""
        if entry.recent is None or entry.recent[0](args) is None:
            entry.recent = (admission(entry.version, args, captured), entry.run, entry.finish, entry)
        self._recent = entry.recent

    def _known(self, key: Any, args: tuple[Any, ...]) -> Entry | None:
        """The entry made for such a call before."""
        fork = self._forks.get(key)
        return self._entries.get(key) if fork is None else fork.find(args)

    def _slow(self, key: Any, args: tuple[Any, ...]) -> Any:
        """The same where the entry has to be made, or chosen by values, or nothing is made because it is traced."""
        if self.parameters.refreshed():
            args = self.parameters.arrange(args, {})
            key = tuple(map(key_of, args))
            self._refused.clear()
        if self.traces_now:
            return self.trace(args)
        if "srcgrad.tracer.tensor" in sys.modules:
            bridge: Any = importlib.import_module("srcgrad.api.bridge")
            if bridge.holds_tensor(args):
                return bridge.apply(self, *bridge.spread(self.parameters, args))
        if key in self._refused and key not in self._forks:
            return self._fall_back(args, self._refused[key])
        try:
            entry, captured = self._entry(key, args)
        except (UnsupportedError, SourceError) as error:
            if not self.may_trace:
                raise
            self._keep_refusal(key, error.with_traceback(None))
            return self._fall_back(args, error)
        if entry.version is not self._last and not entry.version.shared:  # sizes that are met once are not worth it
            self._expect(entry, args, captured)
        return self._run(entry, key, args, captured, 6)

    def _run(self, entry: Entry, key: Any, args: tuple[Any, ...], captured: dict[str, Any], level: int) -> Any:
        """Run an entry's code; `level` is where the call stands."""
        args = self._enter(entry, args, captured, level)
        self._last = entry.version
        try:
            result = entry.run(*args, **captured)
        except IslandError as error:
            return self._without_islands(key, args, error)
        except Exception as error:
            self._explain(error, entry)
            raise
        return result if entry.finish is None else entry.finish(result)

    def _without_islands(self, key: Any, args: tuple[Any, ...], error: IslandError) -> Any:
        """Trace a call whose islands turned out not to be any, as a whole."""
        self.forget_islands()
        self._keep_refusal(key, error.with_traceback(None))
        return self._fall_back(args, error)

    def forget_islands(self) -> None:
        """Let go of the code that has islands."""
        with self._lock:
            self._entries.clear()
            self._forks.clear()
            self._versions.clear()
            self._recent = (nobody, None, None, None)

    def _keep_refusal(self, key: Any, error: SrcgradError) -> None:
        """What was refused once is traced from then on without another look: tracing sees every later change."""
        if len(self._refused) >= MAX_ENTRIES:
            self._refused.clear()
        self._refused[key] = error

    def _fall_back(self, args: tuple[Any, ...], reason: SrcgradError) -> Any:
        """Trace a call, and remember why."""
        self._last, self._refusal = None, reason
        return self.trace(args, reason)

    def _explain(self, error: Exception, entry: Entry) -> None:
        """Note where an exception comes from, or raise a better one."""
        floated = [self.parameters.name_of(place) for place in entry.floats]
        explain_error(error, self.primal, f"the {self.options.kind} of {self.label}", floated)

    def prepared(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Entry, tuple[Any, ...], dict[str, Any]]:
        """The entry for a call, its arguments as the code takes them, and the values captured."""
        return self.prepared_values(self.parameters.arrange(args, kwargs))

    def prepared_values(self, values: tuple[Any, ...]) -> tuple[Entry, tuple[Any, ...], dict[str, Any]]:
        """The same for arguments in the order of the parameters."""
        entry, captured = self._entry(tuple(map(key_of, values)), values)
        return entry, self._enter(entry, values, captured, 4), captured

    def attempt(self, entry: Entry, run: Callable[..., Any], *args: Any, **captured: Any) -> Any:
        """Run code of an entry; its exceptions say where they come from."""
        try:
            return run(*args, **captured)
        except Exception as error:
            self._explain(error, entry)
            raise

    def _enter(self, entry: Entry, args: tuple[Any, ...], captured: dict[str, Any], level: int) -> tuple[Any, ...]:
        """What few calls need: floats for ints, refusal of shared memory, a warning of what does not matter."""
        for place in entry.floats:
            args = put(args, place, float(pick(args, place)))
        lowering = entry.version.lowering
        if lowering is not None and lowering.written:
            leaves = {
                (leaf.param, *leaf.path): pick(args, (leaf.param, *leaf.path)) for leaf in lowering.lowered.func.leaves
            }
            outside = {(name,): value for name, value in captured.items()}
            check_overlap(lowering.written, {**leaves, **outside}, self._place_name)
        if entry.unused:
            warnings.warn(entry.unused, UnusedArgumentWarning, stacklevel=level)
        return args

    def _place_name(self, place: tuple[Any, ...]) -> str:
        return place[0] if isinstance(place[0], str) else self.parameters.name_of(place)

    # --- finding and making entries ---------------------------------------------------------------------------------

    def _entry(self, key: Any, args: tuple[Any, ...]) -> tuple[Entry, dict[str, Any]]:
        """The entry of a call, made if there is none that is still right."""
        entry = self._known(key, args)
        if entry is not None and entry.version.valid:
            captured = entry.version.captured()
            if captured is not None:
                return entry, captured
        with self._lock:
            return self._make_entry(key, args)

    def _make_entry(self, key: Any, args: tuple[Any, ...]) -> tuple[Entry, dict[str, Any]]:
        targets = self.parameters.targets(self.options.choice, args)
        floats = self.floats(args)
        values = args
        for place in floats:
            values = put(values, place, float(pick(values, place)))
        named = dict(zip(self.parameters.names, values, strict=True))
        version, captured = self.version(named, targets, floats)
        entry = Entry(
            version,
            version.run,
            self.finishing(version, targets),
            floats,
            self.unused_text(version, targets),
        )
        self._keep(key, entry)
        return entry, captured

    def _keep(self, key: Any, entry: Entry) -> None:
        if len(self._entries) + len(self._forks) >= MAX_ENTRIES:
            self._entries.clear()
            self._forks.clear()
        lowering = entry.version.lowering
        if not entry.version.extra["statics"] and not (lowering is not None and lowering.layout):
            self._entries[key] = entry
            return
        before = self._forks.get(key, Fork())
        known = [e for e in before.entries if e.version.valid]
        self._entries.pop(key, None)
        self._forks[key] = Fork([*known[1 - MAX_STATIC :], entry])

    @property
    def traces_now(self) -> bool:
        """Is every call traced: because it was asked for, or because who calls is traced?"""
        modes = sys.modules.get("srcgrad.tracer.modes")
        return self.options.mode == "trace" or (modes is not None and modes.MODE.tracing)

    def refuse_tensors(self, values: tuple[Any, ...]) -> None:
        """Raise where an argument is, or holds, a tensor that records: what is computed here would not be recorded."""
        if "srcgrad.tracer.tensor" not in sys.modules:
            return
        bridge: Any = importlib.import_module("srcgrad.api.bridge")
        if bridge.holds_tensor(values):
            kind = self.options.kind
            same = "jacobian" if kind.startswith("jac") else kind
            repair = f"Use srcgrad.autograd.functional.{same}, or pass arrays: tensor.detach().numpy()."
            raise ArgumentError(f"{kind} of {self.label} takes arrays, not tensors", repair=repair)

    def trace(self, values: tuple[Any, ...], reason: SrcgradError | None = None) -> Any:
        """The derivative by tracing; `reason` says why it cannot be had from the source."""
        return self.tracer(reason).gradient(self, values)

    # --- looking ----------------------------------------------------------------------------------------------------

    def compile(self, /, *examples: Any, **named: Any) -> Compiled:
        """Make the code for a signature without running anything.

        Parameters
        ----------
        *examples, **named
            Arguments as for a call: arrays, numbers, containers of them, or `srcgrad.spec` in the place of arrays.

        Returns
        -------
        Compiled
            The object itself; its `source` is that of this signature.
        """
        args = self.parameters.arrange(examples, named)
        targets = self.parameters.targets(self.options.choice, args)
        floats = self.floats(args)
        for place in floats:
            args = put(args, place, float(pick(args, place)))
        values = dict(zip(self.parameters.names, args, strict=True))
        specs = {name: spec_of_example(value, name) for name, value in values.items()}
        with self._lock:
            known = self._versions.setdefault((tuple(specs.values()), targets, floats), [])
            self._last = next((v for v in known if v.valid and same_statics(v, args)), None)
            if self._last is None:
                self._last = self.build(specs, values, targets, floats)
                known.append(self._last)
        return self

    @property
    def source(self) -> str:
        """The code of the signature called or compiled last; before, what the function's source alone decides."""
        return self._last.source if self._last is not None else self.generic_source()

    @property
    def sources(self) -> dict[str, str]:
        """The code of every signature."""
        return {signature_text(version): version.source for versions in self._versions.values() for version in versions}

    @property
    def ir(self) -> Func | None:
        """The IR of the same version as `source`."""
        return self._last.func if self._last is not None else None

    def generic_source(self) -> str:
        """Code for arguments of any kind; where there is none, a comment that names the argument to blame."""
        names = self.parameters.names
        try:
            return self._source_for({name: AnySpec() for name in names})
        except SrcgradError as error:
            reason = error.message
        for name in names:
            try:
                self._source_for({n: ArraySpec(np.dtype(float), (False,)) if n == name else AnySpec() for n in names})
            except SrcgradError:
                continue
            return f"# the code depends on the kind of `{name}`: call it, or compile() it, to see the code\n"
        some = ", ".join(f"`{name}`" for name in names)
        return f"# the code depends on the kinds of {some}: call it, or compile() it, to see the code\n# ({reason})\n"

    def _source_for(self, specs: dict[str, Spec]) -> str:
        """The code for specs alone."""
        if self.parameters.count < 0:
            raise ArgumentError("the number of arguments is not fixed")
        targets = self.parameters.targets(self.options.choice, tuple(specs.values()))
        return self.build(specs, None, targets).source
