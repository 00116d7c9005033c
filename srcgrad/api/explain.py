"""What srcgrad makes of a function, without running it: which way, what varies, what is kept, and the code between."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from srcgrad.api.amounts import Amount
from srcgrad.api.arguments import label_of, put
from srcgrad.api.compiled import Compiled
from srcgrad.api.derivative import Derivative
from srcgrad.api.options import Options, choose
from srcgrad.api.results import span_of
from srcgrad.api.specs import spec_of_example
from srcgrad.api.tape import Recorded, bytes_of, recorded
