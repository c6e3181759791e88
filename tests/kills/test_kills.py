"""Two rounds of the kills, so that the tool itself is known to work; `python -m tests.kills` plays as many as asked for."""

from __future__ import annotations

import os
import random
import signal
import time
from email.message import EmailMessage

import pytest

from crypto.codes import new_code
from intake.client import Refused
from intake.supervisor import healthy
from tests.kills.__main__ import check, rounds
from tests.kills.broken import Broken
from tests.kills.notices import check_notices, count
from tests.kills.scene import scene
from tests.kills.visitors import Books, Filed, Handler, Reporter
from tests.mailserver import Delivery

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def played():
    with scene(random.Random(84)) as played:
        yield played


def test_what_was_accepted_is_whole_after_processes_were_killed(played):
    assert "ledger sound" in rounds(played, 2)
    lost = Filed(str(new_code()), "2026-9999", "none", written=["never sent"])
    with pytest.raises(Refused, match="wrong_code"):  # a report that isn't there is noticed
        check(played, Books(filed=[lost]), [lost])


def test_while_redis_is_stopped_everybody_works_on_and_notices_wait_for_it(played):
    portal, books = played.started.portal, Books()
    reporter, handler = Reporter(portal, books, "người nữa"), Handler(portal, books, "P-002")
    (redis,) = [process.pid for process in played.started.processes() if process.name == "redis"]
    sent = len(played.mails.deliveries)
    os.kill(redis, signal.SIGSTOP)
    try:
        reporter.turn()
        handler.turn()
        assert books.again == 0, "nobody was turned away, or waited"
        assert healthy("127.0.0.1", played.settings.port)
        assert healthy("127.0.0.1", played.settings.staff_port)
        time.sleep(2)
        assert len(played.mails.deliveries) == sent
    finally:
        os.kill(redis, signal.SIGCONT)
    check(played, books, books.filed)
    check_notices(played)
    assert len(played.mails.deliveries) > sent


def test_a_restart_keeps_reports_sessions_and_what_waits_even_when_redis_answers_nothing(played):
    portal, books = played.started.portal, Books()
    handler = Handler(portal, books, "P-003")
    (redis,) = [process.pid for process in played.started.processes() if process.name == "redis"]
    sent = len(played.mails.deliveries)
    os.kill(redis, signal.SIGSTOP)
    Reporter(portal, books, "người cuối").turn()
    played.started.served.send_signal(signal.SIGTERM)
    played.started.serve_again()
    handler.turn()
    assert books.again == 0
    check(played, books, books.filed)
    check_notices(played)
    assert len(played.mails.deliveries) > sent


def delivery(id: str, *, left: bool) -> Delivery:
    mail = EmailMessage()
    mail["Message-ID"] = f"<{id}@example.vn>"
    return Delivery(mail, left)


def test_a_mail_may_come_again_where_its_worker_was_killed():
    twice = [delivery("1", left=False), delivery("1", left=True)]
    assert count(twice, {"1"}, 1) == "1 notices delivered, 1 of them once more after 1 workers were killed"


@pytest.mark.parametrize(
    ("deliveries", "fault"),
    [
        ([], "1 notices without a mail"),
        ([delivery("1", left=True), delivery("2", left=True)], "1 mails of none"),
        ([delivery("1", left=True), delivery("1", left=True)], "had lived to mark it"),
        ([delivery("1", left=False)] * 2 + [delivery("1", left=True)], "only 1 workers were killed"),
    ],
)
def test_what_is_lost_or_sent_again_by_a_living_worker_is_found(deliveries, fault):
    with pytest.raises(Broken, match=fault):
        count(deliveries, {"1"}, 1)
