"""Profiles of both halves: operations on tensors, and lines of functions that are differentiated from source."""

from srcgrad.profiler.events import Event
from srcgrad.profiler.lines import LineTime
from srcgrad.profiler.profile import profile, record_function
from srcgrad.profiler.tables import Average, Averages

__all__ = ["Average", "Averages", "Event", "LineTime", "profile", "record_function"]
