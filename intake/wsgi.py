"""What a web server loads: `intake.wsgi:reporter()` and `intake.wsgi:staff()`, one application a face and process.

Made once, so that what is copied from a process that has made them finds them there.
"""

from __future__ import annotations

import os
from functools import cache

from flask import Flask

from intake.app import create_app
from intake.config import load_settings


@cache
def reporter() -> Flask:
    """The public face."""
    return create_app(load_settings(os.environ), ("reporter",))


@cache
def staff() -> Flask:
    """The members' face."""
    return create_app(load_settings(os.environ), ("staff",))


FACES = {"reporter": reporter, "staff": staff}
