"""``python -m srcgrad.cli``."""

from srcgrad.cli import main

main()
