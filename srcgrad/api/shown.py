"""Derivatives that can be looked at and kept: `explain` and `save` as methods."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from srcgrad.api.compiled import Compiled
from srcgrad.api.explain import Explanation, explain
from srcgrad.api.save import save


class Shown(Compiled):
    """What users hold in their hands."""

    def explain(self, /, *args: Any, stages: bool = False, **kwargs: Any) -> Explanation:
        """Say what srcgrad makes of the function; see `srcgrad.explain`."""
        return explain(self, *args, stages=stages, **kwargs)

    def save(self, path: str | os.PathLike[str], *examples: Any, **named: Any) -> Path:
        """Write the code for one signature as a module that imports NumPy and not srcgrad.

        Parameters
        ----------
        path : path-like
            A file ``*.py``. Captured arrays go into the ``.npz`` beside it.
        *examples, **named
            Arguments as for a call, or `srcgrad.spec` in the place of arrays; nothing is run. By default the signature
            called or compiled last.

        Returns
        -------
        Path
            Where the module is.
        """
        return save(self, path, *examples, **named)


__all__ = ["Shown"]
