"""A served portal on a disk that is really full, and on one that the kernel has made read-only.

With `--database postgresql` the records lie in a tablespace on that disk.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from intake.client import MemberClient, Refused, Report, ReporterClient, UrlTransport
from tests import postgres
from tests.canary.portal import Started, running
from tests.databases import Databases, Server
from tests.disks import MEBIBYTE, Disk, Forbidden, NoDisk, a_disk
from tests.intake.test_refusals import refusal
from tests.kills.visitors import HANDLER, Filed, found_in
from workflow.times import local_date

ENVIRON = {"MAILBOX_FLOOR": "0", "NOTICE_DELAY": "0-0"}
SIZE = 56 * MEBIBYTE
PATIENCE = 60.0
LONG = "Chúng tôi đã nhận. " * 300

pytestmark = pytest.mark.timeout(240)


@dataclass
class Served:
    """The portal on its disk, and what reporters were told is stored."""

    started: Started
    disk: Disk
    filed: list[Filed] = field(default_factory=list)
    head: MemberClient | None = None

    def browser(self) -> ReporterClient:
        return ReporterClient(UrlTransport(self.started.portal.public), language="en")

    def made(self) -> tuple[ReporterClient, str, dict]:
        client = self.browser()
        facts = {"on": local_date(client.now()).isoformat(), "accused": [{"body": "CB-01", "role": "ordinary"}]}
        report = Report(summary="Tóm tắt", text=LONG, categories=("UNSURE",), language="en")
        code = client.new_code()
        return client, code, client.build_submission(report, facts, client.preview(facts), code)

    def send(self, made: tuple[ReporterClient, str, dict]) -> Filed:
        client, code, args = made
        filed = Filed(code, client.submit(args)["number"], args["case"])
        self.filed.append(filed)
        return filed

    def handler(self) -> MemberClient:
        """Signed in once, and stays so."""
        if self.head is None:
            portal = self.started.portal
            person = portal.person(HANDLER)
            self.head = MemberClient(UrlTransport(portal.staff.removesuffix("/staff")), language="en")
            self.head.sign_in(person.username, person.passphrase, portal.one_time_code(person))
        return self.head

    def health(self) -> list[tuple[int, dict]]:
        """What both faces say of themselves."""
        portal = self.started.portal
        doors = (portal.public, portal.staff.removesuffix("/staff"))
        answers = [UrlTransport(door).send("GET", "/healthz") for door in doors]
        return [(answer.status, answer.json) for answer in answers]

    def check(self) -> None:
        """All that was accepted is whole, nothing else is there, and the ledger holds."""
        assert len({filed.number for filed in self.filed}) == len(self.filed)
        for filed in self.filed:
            assert found_in(self.started.portal, filed) == {
                "number": filed.number,
                "me": filed.written,
                "handlers": filed.answered,
            }
        assert len(self.handler().queue()) == len(self.filed)
        self.started.command("ledger", "verify")


@pytest.fixture(scope="module")
def disk() -> Iterator[Disk]:
    with tempfile.TemporaryDirectory(prefix="np-disk-", dir="/tmp") as folder:
        try:
            with a_disk(Path(folder), SIZE) as made:
                yield made
        except NoDisk as none:
            if os.environ.get("REQUIRE_ALL") == "1" and not isinstance(none, Forbidden):
                pytest.fail(str(none))
            pytest.skip(str(none))


@pytest.fixture(scope="module")
def served(disk: Disk, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = Path(tempfile.mkdtemp(prefix="np-portal-", dir="/tmp"))
    (disk.where / "home").mkdir()
    (folder / "home").symlink_to(disk.where / "home")
    try:
        with running(folder, ENVIRON | on_disk(databases, disk)) as started:
            yield Served(started, disk)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(databases, Server):
            databases.run("drop database small with (force)")
            databases.run("drop tablespace small")


def on_disk(databases: Databases, disk: Disk) -> dict[str, str]:
    """The setting that puts the records on this disk: none for SQLite, whose file is in the home."""
    if not isinstance(databases, Server):
        return {}
    space = disk.where / "tablespace"
    space.mkdir()
    postgres.give(space)
    disk.where.parent.chmod(0o755)  # the server's account has to come through
    databases.run(f"create tablespace small location '{space}'")
    databases.run("create database small template template0 tablespace small")
    return {"NIEMPHONG_DATABASE": postgres.url(databases.home, "small")}


def eventually(right: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if right():
            return True
        time.sleep(0.2)
    return right()


def test_a_full_disk_is_told_loses_nothing_and_all_goes_on_when_there_is_room(served: Served, databases: Databases):
    before, later = served.made(), served.made()
    filed = served.send(before)
    head = served.handler()
    head.declare(filed.case, conflict=False)
    answer = head.build_item(head.open_case(filed.case), "message", LONG)
    assert [status for status, _ in served.health()] == [200, 200]
    if databases.kind == "sqlite":  # what lies in the journal has its room already
        with closing(sqlite3.connect(served.started.home / "niemphong.db")) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")
    served.disk.fill()
    try:
        refused = refusal(served.send, later)
        assert refused.code == "storage_failed"
        assert "nothing could be kept" in refused.message
        refused = refusal(head.post, f"desk/cases/{filed.case}/items", answer)
        assert (refused.status, refused.code) == (503, "storage_failed")
        assert served.health() == [(503, {"ok": False, "fault": "storage"})] * 2
        assert head.open_case(filed.case).summary == "Tóm tắt", "what was kept is read as before"
    finally:
        served.disk.make_room()
    assert eventually(lambda: [status for status, _ in served.health()] == [200, 200])
    served.send(later)
    head.post(f"desk/cases/{filed.case}/items", answer)
    filed.answered.append(LONG)
    served.check()
    mails = served.started.home / "mail"
    assert eventually(lambda: len(list(mails.glob("*.eml"))) > 0), "notices go out as soon as they can be marked"


@pytest.mark.sqlite
def test_a_disk_that_became_read_only_is_told_and_gives_all_back_after_repair(served: Served):
    before, later = served.made(), served.made()
    filed = served.send(before)
    assert [status for status, _ in served.health()] == [200, 200]
    served.disk.fail()
    assert served.health() == [(503, {"ok": False, "fault": "storage"})] * 2, "before anything was refused"
    refused = refusal(served.send, later)
    assert refused.code == "storage_failed"
    with pytest.raises(Refused) as caught:
        served.handler().declare(filed.case, conflict=False)
    assert (caught.value.status, caught.value.code) == (503, "storage_failed")
    served.started.served.send_signal(signal.SIGTERM)
    served.started.served.wait(timeout=60)
    served.disk.repair()
    served.started.serve_again()
    assert [status for status, _ in served.health()] == [200, 200]
    served.send(later)
    served.handler().declare(filed.case, conflict=False)
    served.check()
