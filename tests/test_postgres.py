"""The tests' own PostgreSQL leaves nothing behind, also where a test run is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import postgres

ROOT = Path(__file__).resolve().parents[1]
HOLDER = """
import sys, time
from pathlib import Path
from tests import postgres
with postgres.running(Path(sys.argv[1])) as home:
    print(home, (home / "data" / "postmaster.pid").read_text().split()[0], flush=True)
    if sys.argv[2] == "hold":
        time.sleep(300)
"""


@pytest.mark.parametrize("end", ["hold", "leave"])
def test_the_server_and_its_folder_are_gone_with_the_process_that_started_it(end):
    binaries = postgres.folder()
    if binaries is None:
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(postgres.HOW)
        pytest.skip(postgres.HOW)
    command = [sys.executable, "-c", HOLDER, str(binaries), end]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        home, server = holder.stdout.readline().split()
        if end == "hold":
            assert Path(f"/proc/{server}").exists()
            holder.send_signal(signal.SIGKILL)
        holder.wait(timeout=60)
    deadline = time.monotonic() + 60
    while Path(f"/proc/{server}").exists() or Path(home).exists():
        assert time.monotonic() < deadline, "PostgreSQL outlives its test run"
        time.sleep(0.1)
