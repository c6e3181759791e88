"""Hypothesis without its clock (a busy machine is no fault), and with the same examples in each run."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.load_profile("steady")
