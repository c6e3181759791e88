"""A disk that takes nothing more: refused in words, nothing kept by half, and all goes on when there is room again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from intake import app as faces
from intake.files import has_room
from tests.casework import FACTS, REPORT, code_of, ledger_kinds, rows
from tests.intake.test_refusals import refusal
from workflow import models
from workflow.errors import StorageFailed
from workflow.ledger import verify
from workflow.store import Store

Stop = Callable[[], AbstractContextManager[None]]


def full(connection) -> str:
    """No page more than there is; PostgreSQL tells a full disk and a read-only one alike."""
    pages = connection.execute("pragma page_count").fetchone()[0]
    return f"pragma max_page_count = {pages}"


@pytest.fixture(params=["full", "read only"])
def stopped(request: pytest.FixtureRequest, an_installation) -> Stop:
    """A block in which the database keeps nothing."""
    store: Store = an_installation.store
    is_sqlite = store.engine.dialect.name == "sqlite"

    def set_up(connection, *_: object) -> None:
        if is_sqlite:
            connection.execute(full(connection) if request.param == "full" else "pragma query_only = 1")
        else:
            connection.exec_driver_sql("set transaction read only")

    when = "connect" if is_sqlite else "begin"

    @contextmanager
    def stop() -> Iterator[None]:
        store.engine.dispose()
        event.listen(store.engine, when, set_up)
        try:
            yield
        finally:
            event.remove(store.engine, when, set_up)
            store.engine.dispose()

    return stop


def test_a_report_is_refused_whole_and_taken_in_when_there_is_room(office, reporter, reporter_app, stopped, request):
    made = reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code_of("reporter"))
    probe = reporter_app.test_client()
    with stopped():
        refused = refusal(reporter.submit, made)
        assert refused.code == "storage_failed"
        assert "paper way" in refused.message or "đơn giấy" in refused.message
        if "read only" in request.node.name:  # a page that is changed in place still fits into a full file
            assert probe.get("/healthz").status_code == 503
        assert rows(office, models.Case) == []
    assert probe.get("/healthz").status_code == 200
    assert reporter.submit(made)["number"] == "2026-0001"
    assert len(rows(office, models.SealedObject)) == len(made["objects"]) + 4


def test_a_handler_reads_on_and_is_told_that_nothing_is_kept(office, reporter, signed_in, stopped):
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code_of("reporter")))
    head = signed_in("P-001")
    (line,) = head.queue()
    head.declare(line["id"], conflict=False)
    opened = head.open_case(line["id"])
    made = head.build_item(opened, "message", "Chúng tôi đã nhận." * 500)
    with stopped():
        assert head.open_case(line["id"]).summary == REPORT.summary
        refused = refusal(head.post, f"desk/cases/{line['id']}/items", made)
        assert (refused.status, refused.code) == (503, "storage_failed")
        assert ledger_kinds(office, line["id"]) == ["report_received", "opened"]
    head.post(f"desk/cases/{line['id']}/items", made)
    assert ledger_kinds(office, line["id"]) == ["report_received", "opened", "item_added"]
    with office.world.store.reading() as db:
        assert verify(db, office.world.installation_public) == []


def test_a_disk_that_is_nearly_full_is_told_before_anything_fails(services, make_app, monkeypatch):
    probe = make_app("reporter").test_client()
    assert probe.get("/healthz").status_code == 200
    monkeypatch.setattr(type(services.settings), "room", {services.settings.home: 2**60})
    answer = probe.get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"ok": False, "fault": "storage"})


def test_a_folder_is_known_by_writing_into_it(tmp_path):
    assert has_room(tmp_path / "not" / "made" / "yet", 4096)
    assert list(tmp_path.iterdir()) == []
    assert not has_room(Path("/proc"), 0), "nobody may, whatever its permissions say"


def test_a_page_says_so_too(office, stopped, staff_app, monkeypatch):
    def fail(*args: object) -> None:
        raise StorageFailed()

    monkeypatch.setattr(faces.sessions, "member_or_none", fail)
    answer = staff_app.test_client().get("/staff/sign-in")
    assert answer.status_code == 503
    assert "hết chỗ lưu" in answer.get_data(as_text=True)
