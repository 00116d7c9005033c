"""Where other packages differ from `docs/conventions.md`, and what the gradient is there."""

DIFFERENCES = {}
TRUTH = {}
