"""What a portal stands on while its processes are killed: database, Redis, and where its mails go."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import update

from intake.config import Settings, load_settings
from intake.services import utc_now
from tests import postgres
from tests.canary.portal import Started, running
from tests.databases import server
from tests.intake.embedded import free_url, start_redis, stop_redis
from tests.mailserver import MailServer, mail_server
from workflow import models
from workflow.store import Store

# The supervisor waits longer each time for a part that dies again and again; here nobody has half a minute.
SERVING = (
    sys.executable,
    "-c",
    "import intake.supervisor as s; s.LONGEST_PAUSE = s.FIRST_PAUSE; from intake.cli import main; main()",
)
# The mailbox's shortest answer time and the budgets are other tests' business.
ENVIRON = {"MAILBOX_FLOOR": "0", "NOTICE_DELAY": "0-0", "RATE_PER_SECOND": "1000", "RATE_BURST": "10000"}
THINKING = 0.15  # seconds at most for which the mail server thinks about a mail
AIMING = 2.0  # seconds at most for which a killer waits for that moment
VICTIMS = ("redis", "reporter", "reporter, worker", "staff", "staff, worker", "worker", "worker", "clock", "supervisor")


@dataclass
class Scene:
    """A portal that serves, and the kills in it by the part that was killed."""

    started: Started
    chance: random.Random
    mails: MailServer | None = None  # None: a folder
    redis: subprocess.Popen[bytes] | None = None  # None: the embedded one
    killed: Counter[str] = field(default_factory=Counter)
    thinking: threading.Event = field(
        default_factory=threading.Event
    )  # the mail server has a mail, and hasn't answered

    def think(self) -> None:
        self.thinking.set()
        time.sleep(random.uniform(0, THINKING))
        self.thinking.clear()

    def kill(self) -> None:
        """One process of a random part, without a word; a worker now and then at the worst moment there is."""
        part, aimed = self.chance.choice(VICTIMS), self.chance.random() < 0.5
        if part == "redis" and self.redis is not None:
            self.redis.kill()
            self.redis.wait()
            self.redis = start_redis(self.settings)
            self.killed[part] += 1
            return
        try:
            found = self.started.processes()
        except AssertionError:  # something is still coming back from the kill before
            return
        if part == "worker" and aimed:
            self.thinking.wait(AIMING)
        for process in found:
            if process.name == part and _killed(process.pid):
                self.killed[part] += 1
                if part == "supervisor":
                    self.started.serve_again()
                return

    @property
    def settings(self) -> Settings:
        return load_settings(self.started.portal.environ)

    @property
    def workers_killed(self) -> int:
        """How often a worker was killed: it ends with its supervisor."""
        return self.killed["worker"] + self.killed["supervisor"]

    def half_an_hour_later(self) -> None:
        """The claims of workers that died with a mail in the server's hands run out."""
        with self.opened() as store, store.transaction() as db:
            db.execute(update(models.Notice).where(models.Notice.sent.is_(None)).values(not_before=utc_now()))

    @contextmanager
    def opened(self) -> Iterator[Store]:
        """The portal's database, beside its processes."""
        store = Store(self.settings.database_url)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def scene(
    chance: random.Random, *, database: str = "sqlite", redis: str = "embedded", mail: str = "smtp"
) -> Iterator[Scene]:
    """A demonstration that serves on this database and this Redis, and sends its mails there."""
    environ = dict(ENVIRON)
    with ExitStack() as ending:
        if database == "postgresql":
            binaries = postgres.folder()
            if binaries is None:
                sys.exit(f"kills: {postgres.HOW}")
            environ |= ending.enter_context(server(binaries)).environ()
        if redis == "own":
            environ["NIEMPHONG_REDIS"] = free_url()
        mails = ending.enter_context(mail_server()) if mail == "smtp" else None
        if mails is not None:
            environ["SMTP_URL"] = mails.url
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="np-kills-", dir="/tmp")))
        started = ending.enter_context(running(folder, environ, SERVING))
        found = Scene(started, chance, mails)
        if mails is not None:
            mails.wait = found.think
        if redis == "own":
            found.redis = start_redis(found.settings)
            ending.callback(lambda: stop_redis(found.redis) if found.redis else None)
        with found.opened() as store, store.transaction() as db:  # nobody in a demonstration has an address
            db.execute(update(models.Person).values(mail=models.Person.username + "@example.vn"))
        yield found


def _killed(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
