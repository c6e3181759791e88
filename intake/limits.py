"""The numbers of what one process takes and what it asks for under load: settings, all of them (docs/operations.md)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """`work_*` are bits of a proof of work: n bits are about 2^n tries (crypto/work.py)."""

    per_second: float = 100.0  # what each door takes, on the long run
    burst: float = 1000.0  # and at once
    work_least: int = 9
    work_most: int = 15
    work_seconds: int = 300  # in which a challenge has to be answered
    forms_per_second: float = 10.0
    form_hours: int = 12
    previews: int = 60  # what one form token may ask for without working
    submissions: int = 10
    readings: int = 600
    writings: int = 60
