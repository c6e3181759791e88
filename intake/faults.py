"""What is logged of an unforeseen fault: its kind, and the places in our code. Never its message: it may quote what was sent."""

from __future__ import annotations

import traceback


def kind(error: BaseException) -> str:
    return type(error).__name__


def places(error: BaseException) -> str:
    """Functions with file and line, the innermost first."""
    return " < ".join(
        f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in traceback.extract_tb(error.__traceback__)[::-1]
    )
