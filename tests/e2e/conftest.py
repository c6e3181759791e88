"""A portal of its own for the end-to-end tests: `demo` and `serve` as a newcomer starts them, and Chromium to use it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from intake import child
from tests import demonstrations
from tests.databases import Databases
from tests.e2e.visiting import Portal, Visit

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
PATIENCE = 20_000  # milliseconds: other tests use the machine at the same time
HOW = "Chromium is not installed: `apt-get install chromium` lets these tests run"


@pytest.fixture(scope="session")
def portal(databases: Databases) -> Iterator[Portal]:
    """One demonstration for all tests that leave it as it is for others."""
    with serving(databases) as portal:
        yield portal


@contextmanager
def serving(databases: Databases) -> Iterator[Portal]:
    """The demonstration, served by the supervisor; ended with SIGTERM, as a service manager would."""
    with tempfile.TemporaryDirectory(prefix="np-e2e-", dir="/tmp") as folder:
        home = Path(folder) / "home"
        public, staff = _free_ports()
        environ = os.environ | {
            "NIEMPHONG_HOME": str(home),
            "PORT": str(public),
            "STAFF_PORT": str(staff),
            "NOTICE_DELAY": "0-1",
            **databases.environ(),
        }
        program = [sys.executable, "-m", "intake.cli"]
        demonstrations.make(environ)
        log = Path(folder) / "log"
        with log.open("wb") as out:
            with_us = child.command([*program, "serve"], signal.SIGTERM)  # also where this test run is killed
            served = subprocess.Popen(with_us, env=environ, stdout=out, stderr=out, start_new_session=True)
        try:
            portal = Portal(f"http://127.0.0.1:{public}", f"http://127.0.0.1:{staff}/staff", home, environ, log)
            _wait_for(f"{portal.public}/healthz", served, log)
            _wait_for(f"http://127.0.0.1:{staff}/healthz", served, log)
            yield portal
        finally:
            served.send_signal(signal.SIGTERM)
            served.wait(timeout=30)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(HOW)
        pytest.skip(HOW)
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, portal: Portal) -> Iterator[Callable[..., Visit]]:
    """Open a browser window of somebody's own; at the end no page may have logged an error or broken the policy."""
    opened: list[Visit] = []

    def open_visit(*, width: int = 1280, height: int = 900, language: str = "vi") -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale=f"{language}-{'VN' if language == 'vi' else 'GB'}"
        )
        context.set_default_timeout(PATIENCE)
        page: Page = context.new_page()
        visit = Visit(page, portal, language)
        opened.append(visit)
        return visit

    yield open_visit
    complaints = [line for each in opened for line in each.complaints]
    for each in opened:
        each.page.context.close()
    assert complaints == []


def _free_ports() -> tuple[int, int]:
    with closing(socket.socket()) as one, closing(socket.socket()) as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


def _wait_for(url: str, served: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and served.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the portal does not answer: {log.read_text(errors='replace')[-2000:]}")
