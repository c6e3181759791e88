"""Under which addresses this installation was served last, for commands that are typed in a shell without its settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress

from intake.config import Settings
from intake.files import write_private

FILE = "addresses.json"
# Whoever gives one of these means it, and what follows from it.
GIVEN = ("STAFF_URL", "STAFF_PORT", "PORT", "HOST")


def remember(settings: Settings) -> None:
    """Keep the addresses in the home; in one that can't be written a convenience is lost, and nothing else."""
    told = {"public": settings.public_url, "staff": settings.staff_url}
    with suppress(OSError):
        write_private(settings.home / FILE, json.dumps(told).encode() + b"\n")


def staff_url(settings: Settings, environ: Mapping[str, str]) -> str:
    """The staff's face: as this environment says, else as it was served last, else as the settings' defaults have it."""
    if any(environ.get(name, "").strip() for name in GIVEN):
        return settings.staff_url
    try:
        told = json.loads((settings.home / FILE).read_bytes())["staff"]
    except (OSError, ValueError, KeyError, TypeError):
        return settings.staff_url  # never served, or a damaged file
    return told if isinstance(told, str) and told.startswith(("http://", "https://")) else settings.staff_url
