"""Two rounds of the kills, so that the tool itself is known to work; `python -m tests.kills` plays as many as asked for."""

from __future__ import annotations

import random
from email.message import EmailMessage

import pytest

from crypto.codes import new_code
from intake.client import Refused
from tests.kills.__main__ import check, rounds
from tests.kills.broken import Broken
from tests.kills.notices import count
from tests.kills.scene import scene
from tests.kills.visitors import Books, Filed
from tests.mailserver import Delivery

pytestmark = pytest.mark.timeout(180)


def test_what_was_accepted_is_whole_after_processes_were_killed():
    with scene(random.Random(84)) as played:
        assert "ledger sound" in rounds(played, 2)
        lost = Filed(str(new_code()), "2026-9999", "none", written=["never sent"])
        with pytest.raises(Refused, match="wrong_code"):  # a report that isn't there is noticed
            check(played, Books(filed=[lost]), [lost])


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
