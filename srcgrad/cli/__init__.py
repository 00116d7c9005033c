"""The command ``srcgrad``: show, explain, check and build from a terminal or in CI."""

from __future__ import annotations

import importlib
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command; it needs the extra ``cli``."""
    try:
        commands = importlib.import_module("srcgrad.cli.commands")
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        sys.stderr.write(f"srcgrad: the command line needs {error.name}: pip install 'srcgrad[cli]'\n")
        sys.exit(2)
    commands.srcgrad()
