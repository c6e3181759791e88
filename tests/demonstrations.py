"""The demonstration's home, made once a test run and copied: making it stretches 56 passphrases."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

SHARED = "TESTS_SHARED_FOLDER"  # set by tests/conftest.py for all processes of a run; without it nothing is shared
WITHIN = 300  # seconds: others use the machine at the same time


def make(environ: Mapping[str, str], out: IO[bytes] | int = subprocess.DEVNULL) -> None:
    """`niemphong demo` for this NIEMPHONG_HOME. Records in a database of its own are made anew each time."""
    shared = os.environ.get(SHARED)
    if shared is None or environ.get("NIEMPHONG_DATABASE"):
        _demo(environ, out)
        return
    made, whole = Path(shared) / "home", Path(shared) / "whole"
    with (Path(shared) / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():  # this is the first of the run, or the first failed
            shutil.rmtree(made, ignore_errors=True)
            _demo({**environ, "NIEMPHONG_HOME": str(made)}, out)
            whole.touch()
    shutil.copytree(made, environ["NIEMPHONG_HOME"], dirs_exist_ok=True)
    os.sync()  # as what is really set up: a test takes the disk away


def share() -> None:
    """From now on, in this process and its children."""
    os.environ[SHARED] = tempfile.mkdtemp(prefix="np-demo-")


def forget() -> None:
    """At the end of the whole run."""
    shutil.rmtree(os.environ.pop(SHARED), ignore_errors=True)


def _demo(environ: Mapping[str, str], out: IO[bytes] | int) -> None:
    program = [sys.executable, "-m", "intake.cli", "demo", "--quiet"]
    subprocess.run(program, env=dict(environ), check=True, stdout=out, stderr=out, timeout=WITHIN)
