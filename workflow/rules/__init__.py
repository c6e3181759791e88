"""Dated data with citations. The code around it interprets; what the rules say is corrected here, by a new release."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent


@cache
def read(name: str) -> dict[str, Any]:
    """One file of this folder, read once; nobody may change what they get."""
    return dict(yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))
