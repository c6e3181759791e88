"""Static files under an address that changes with their content, so that they may be kept for ever.

Modules import each other by relative paths, so one version serves for the whole folder.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates"
TRANSLATIONS = ROOT / "translations"

KEEP = "public, max-age=31536000, immutable"


@cache
def version(folder: Path = STATIC) -> str:
    """Twelve figures of a hash over every file's name and content."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        name = path.relative_to(folder).as_posix().encode()
        digest.update(b"%d %d " % (len(name), len(content)) + name + content)
    return digest.hexdigest()[:12]


def static_address() -> str:
    return f"/static/{version()}"
