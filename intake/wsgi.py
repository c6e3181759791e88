"""What a web server loads: `intake.wsgi:reporter()` and `intake.wsgi:staff()`, one application a face."""

from __future__ import annotations

import os

from flask import Flask

from intake.app import create_app
from intake.config import load_settings


def reporter() -> Flask:
    """The public face."""
    return create_app(load_settings(os.environ), ("reporter",))


def staff() -> Flask:
    """The members' face."""
    return create_app(load_settings(os.environ), ("staff",))


FACES = {"reporter": reporter, "staff": staff}
