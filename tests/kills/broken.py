"""What the kills find."""

from __future__ import annotations


class Broken(Exception):
    """A promise that was not kept."""
