from __future__ import annotations

import email
import json
import signal
import socket
import stat
import time
import zlib
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from uuid import uuid4

import pytest
from redis import Redis
from rq.job import Job

from intake import jobs, queue
from intake.mail import ANSWER, TIMEOUT, MailError, Session, by_smtp, compose
from tests.casework import epochs_of, ledger_kinds
from tests.intake.embedded import on_port, on_socket, short_folder, start_redis, stop_redis
from tests.mailserver import mail_server
from workflow import ledger, models
from workflow.commands import notices
from workflow.errors import Busy, StorageFailed
from workflow.queries.notices import due


def a_notice(services, person: str = "P-001", kind: str = "case_waiting", **after: int) -> str:
    """A notice that is due `after` the present time."""
    id = str(uuid4())
    with services.store.transaction() as db:
        who = db.query(models.Person).filter_by(code=person).one()
        not_before = services.now() + timedelta(**after)
        db.add(models.Notice(id=id, kind=kind, person_id=who.id, not_before=not_before, sent=None))
    return id


def the_notice(services, id: str) -> models.Notice:
    with services.store.reading() as db:
        notice = db.get_one(models.Notice, id)
        db.expunge(notice)
    return notice


def mails(services) -> list[EmailMessage]:
    paths = sorted(services.settings.mail_folder.glob("*.eml"))
    return [email.message_from_bytes(path.read_bytes(), policy=default) for path in paths]


def test_a_due_notice_becomes_a_mail_without_content(services, capsys):
    id = a_notice(services)
    assert jobs.send_due_notices(services) == 1
    (mail,) = mails(services)
    text = mail.get_content()
    assert "Có việc mới" in mail["Subject"]
    assert text.index("Có việc mới") < text.index("Something new")
    assert f"{services.settings.staff_url}/staff/" in text
    assert "case_waiting" not in mail.as_string()
    assert mail["To"] == "p-001@localhost"
    said = capsys.readouterr().err
    assert "P-001" in said
    assert "@" not in said
    assert the_notice(services, id).sent == services.now()


def test_every_kind_of_notice_has_the_same_mail(services):
    a_notice(services, kind="case_waiting")
    a_notice(services, kind="quorum_lost")
    jobs.send_due_notices(services)
    first, second = mails(services)
    assert first.get_content() == second.get_content()
    assert first["Subject"] == second["Subject"]


def test_a_demonstrations_mail_says_so(at):
    mail = compose(id="1", to="a@b", sender="c@d", staff_url="http://x", at=at, demonstration=True)
    assert "DEMONSTRATION" in mail["Subject"]


def test_mails_are_their_owners_alone(services):
    a_notice(services)
    jobs.send_due_notices(services)
    (path,) = services.settings.mail_folder.glob("*.eml")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(list(services.settings.mail_folder.iterdir())) == 1


def test_a_notice_waits_for_its_time(services, clock):
    a_notice(services, minutes=5)
    assert jobs.send_due_notices(services) == 0
    clock.forward(minutes=5)
    assert jobs.send_due_notices(services) == 1


def test_sending_twice_sends_once(services):
    a_notice(services)
    assert jobs.send_due_notices(services) == 1
    assert jobs.send_due_notices(services) == 0
    assert len(mails(services)) == 1


class Killed(BaseException):
    """Stands in for SIGKILL: nothing may catch it."""


def test_a_crash_after_delivery_repeats_the_same_mail(services, clock, monkeypatch):
    a_notice(services)

    def die(*args: object, **kwargs: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(notices, "mark_sent", die)
        with pytest.raises(Killed):
            jobs.send_due_notices(services)
    assert jobs.send_due_notices(services) == 0, "claimed for a minute"
    clock.forward(minutes=1)
    assert jobs.send_due_notices(services) == 1
    assert len(mails(services)) == 1, "under the same name"


def test_a_failed_delivery_is_tried_again_with_longer_pauses(services, clock, capsys):
    id = a_notice(services)
    before = services.now()

    @contextmanager
    def fail(mail, hand_over):
        raise MailError("SMTPServerDisconnected")
        yield

    pauses = []
    for _ in range(9):
        assert jobs.send_due_notices(services, fail) == 0
        pause = the_notice(services, id).not_before - services.now()
        pauses.append(pause)
        clock.forward(seconds=int(pause.total_seconds()))
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert pauses[-1] == timedelta(hours=1)
    assert "@" not in capsys.readouterr().err
    assert jobs.send_due_notices(services) == 1
    assert the_notice(services, id).sent > before


def test_one_failing_mail_holds_up_no_other(services):
    a_notice(services, "P-001")
    a_notice(services, "P-002")

    @contextmanager
    def picky(mail, hand_over):
        if str(mail["To"]).startswith("p-001"):
            raise MailError("SMTPRecipientsRefused")
        yield

    assert jobs.send_due_notices(services, picky) == 1


def test_of_two_workers_one_takes_a_notice_up(services):
    id = a_notice(services)
    with services.store.transaction() as db:
        assert notices.take_up(db, id, at=services.now())
    with services.store.transaction() as db:
        assert not notices.take_up(db, id, at=services.now())
    with services.store.reading() as db:
        assert due(db, at=services.now()) == ()


def test_sending_writes_no_ledger_entry(services):
    def entries() -> int:
        with services.store.reading() as db:
            return len(ledger.entries(db, ledger.ORGANISATION))

    before = entries()
    a_notice(services)
    jobs.send_due_notices(services)
    assert entries() == before


def test_sent_notices_are_forgotten_after_a_month(services, clock):
    sent, waiting = a_notice(services), a_notice(services, days=40)
    jobs.send_due_notices(services)
    clock.forward(days=30)
    with services.store.transaction() as db:
        assert notices.forget_notices(db, at=services.now()) == 1
    with services.store.reading() as db:
        assert db.get(models.Notice, sent) is None
        assert db.get(models.Notice, waiting) is not None


def test_over_smtp_somebody_without_an_address_gets_no_mail(services, capsys):
    a_notice(services)
    remote = replace(services, settings=replace(services.settings, smtp_url="smtp://127.0.0.1:9"))
    assert jobs.send_due_notices(remote) == 0
    assert "no mail address" in capsys.readouterr().err
    assert jobs.send_due_notices(remote) == 0


@pytest.fixture
def server():
    with mail_server() as running:
        yield running


@pytest.fixture
def remote(services, server):
    """The services of an installation that sends through a mail server; P-001 has an address."""
    with services.store.transaction() as db:
        db.query(models.Person).filter_by(code="P-001").one().mail = "nguoi@example.vn"
    return replace(services, settings=replace(services.settings, smtp_url=server.url))


def test_a_mail_goes_through_a_mail_server(remote, server):
    id = a_notice(remote)
    assert jobs.send_due_notices(remote) == 1
    (delivery,) = server.deliveries
    assert delivery.mail.get_content().startswith("Kính gửi Đồng chí")
    assert (delivery.mail["To"], delivery.id) == ("nguoi@example.vn", f"<{id}@localhost>")
    assert wait_for(lambda: delivery.left)
    assert jobs.send_due_notices(remote) == 0


def wait_for(right) -> bool:
    for _ in range(100):
        if right():
            return True
        time.sleep(0.02)
    return right()


def test_a_mail_servers_absence_is_told_without_addresses(at):
    mail = compose(id="1", to="nguoi@example.vn", sender="a@b.vn", staff_url="http://x", at=at, demonstration=False)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        deliver = by_smtp(f"smtp://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(MailError, match=r"^ConnectionRefusedError$"), deliver(mail, lambda: None):
            pass


@pytest.mark.parametrize(("dies_in", "copies"), [("take_up", 1), ("hand_over", 1), ("mark_sent", 2)])
def test_only_a_death_after_the_servers_answer_brings_a_second_copy(
    remote, server, clock, monkeypatch, dies_in, copies
):
    a_notice(remote)

    def die(*args: object, **kwargs: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(notices, dies_in, die)
        with pytest.raises(Killed):
            jobs.send_due_notices(remote)
    clock.forward(minutes=30)
    assert jobs.send_due_notices(remote) == 1
    clock.forward(days=1)
    assert jobs.send_due_notices(remote) == 0
    assert len(server.deliveries) == copies
    assert len({delivery.id for delivery in server.deliveries}) == 1


@pytest.mark.parametrize("bye", ["500 what", None])
def test_a_mail_is_marked_before_goodbye_and_however_that_is_answered(remote, server, monkeypatch, bye):
    server.answers["QUIT"] = bye
    order = []
    mark = notices.mark_sent
    monkeypatch.setattr(notices, "mark_sent", lambda *a, **k: (order.append(server.deliveries[0].left), mark(*a, **k)))
    id = a_notice(remote)
    assert jobs.send_due_notices(remote) == 1
    assert order == [False], "the sender was still there"
    assert the_notice(remote, id).sent == remote.now()


@pytest.mark.parametrize("verb", ["CONNECT", "MAIL", "RCPT"])
def test_what_a_server_refuses_before_it_has_the_mail_is_tried_again_after_a_minute(remote, server, clock, verb):
    id = a_notice(remote)
    server.answers[verb] = "451 later"
    assert jobs.send_due_notices(remote) == 0
    assert the_notice(remote, id).not_before == clock() + timedelta(minutes=1)
    del server.answers[verb]
    clock.forward(minutes=1)
    assert jobs.send_due_notices(remote) == 1
    assert len(server.deliveries) == 1


@pytest.mark.parametrize("answer", ["451 later", None])
def test_an_answer_that_is_lost_or_bad_brings_the_same_mail_again_and_not_soon(remote, server, clock, answer):
    a_notice(remote)
    server.answers["MAILED"] = answer
    assert jobs.send_due_notices(remote) == 0
    clock.forward(minutes=29)
    assert jobs.send_due_notices(remote) == 0
    del server.answers["MAILED"]
    clock.forward(minutes=1)
    assert jobs.send_due_notices(remote) == 1
    first, second = server.deliveries
    assert first.id == second.id


def test_a_server_that_thinks_for_longer_than_a_claim_gets_no_second_copy(remote, server, clock):
    a_notice(remote)
    other = []

    def think() -> None:
        clock.forward(minutes=5)
        other.append(jobs.send_due_notices(remote))

    server.wait = think
    assert jobs.send_due_notices(remote) == 1
    assert other == [0]
    assert len(server.deliveries) == 1


def test_who_is_slow_to_connect_leaves_the_mail_to_whoever_took_it_up_since(remote, server, clock, monkeypatch, capsys):
    a_notice(remote)
    connect = Session.connect
    slow = iter([True])

    def connect_slowly(self, *args, **named):
        if next(slow, False):
            clock.forward(minutes=2)
            assert jobs.send_due_notices(remote) == 1
        return connect(self, *args, **named)

    monkeypatch.setattr(Session, "connect", connect_slowly)
    assert jobs.send_due_notices(remote) == 0
    assert "another worker has it" in capsys.readouterr().err
    assert len(server.deliveries) == 1


def test_a_mark_that_fails_for_a_moment_is_tried_until_it_stays(remote, server, monkeypatch):
    monkeypatch.setattr(jobs, "PAUSE", 0.01)
    id = a_notice(remote)
    faults = [Busy(), StorageFailed()]
    mark = notices.mark_sent

    def at_first_not(*args, **named):
        if faults:
            raise faults.pop()
        mark(*args, **named)

    monkeypatch.setattr(notices, "mark_sent", at_first_not)
    assert jobs.send_due_notices(remote) == 1
    assert the_notice(remote, id).sent == remote.now()
    assert len(server.deliveries) == 1


def test_no_job_outlives_the_claim_of_a_mail_that_was_handed_over():
    steps = 12 * TIMEOUT  # connecting, greeting, TLS, signing in, the envelope
    assert jobs.SENDING + steps + ANSWER + jobs.MARKING < queue.JOB_SECONDS < notices.HANDED_OVER.total_seconds()


def test_a_sweep_that_takes_too_long_leaves_the_rest_to_the_next(services, monkeypatch):
    monkeypatch.setattr(jobs, "SENDING", -1.0)
    a_notice(services)
    assert jobs.send_due_notices(services) == 0
    monkeypatch.undo()
    assert jobs.send_due_notices(services) == 1


# The queue, on a real Redis


@pytest.fixture(params=["embedded", "own"])
def queued(services, monkeypatch, request):
    """The services of a worker, and a running Redis: the embedded one, and one named by NIEMPHONG_REDIS."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with short_folder() as folder:
        settings = on_socket(services.settings, folder)
        own = replace(services, settings=settings if request.param == "embedded" else on_port(settings))
        monkeypatch.setattr(jobs, "_own", lambda: own)
        process = start_redis(own.settings)
        yield own
        stop_redis(process)
    for number, handler in before.items():
        signal.signal(number, handler)


def contents(connection: Redis) -> dict[bytes, object]:
    return {key: connection.type(key) for key in connection.keys("*")}


def test_a_worker_does_what_is_queued_and_leaves_nothing_of_it(queued):
    a_notice(queued)
    connection = queue.connect(queued.settings)
    waiting = queue.queue_on(connection)
    for name in jobs.JOBS:
        assert queue.enqueue(waiting, name)
    queue.work(queued.settings, burst=True)
    assert len(mails(queued)) == 1
    assert waiting.get_job_ids() == []
    assert not [key for key in contents(connection) if key.startswith(b"rq:job:")]
    assert not [key for key in contents(connection) if b"rq:results" in key]


def test_a_job_is_json_and_holds_no_argument(queued):
    connection = queue.connect(queued.settings)
    waiting = queue.queue_on(connection)
    queue.enqueue(waiting, "send_notices")
    (id,) = waiting.get_job_ids()
    raw = connection.hgetall(Job.key_for(id))
    assert json.loads(zlib.decompress(raw[b"data"])) == ["intake.jobs.send_notices", None, [], {}]


def test_a_redis_that_listens_and_says_nothing_is_away(services, monkeypatch):
    monkeypatch.setattr(queue, "ANSWER_SECONDS", 0.3)
    with short_folder() as folder:
        own = on_port(on_socket(services.settings, folder))
        process = start_redis(own)
        try:
            process.send_signal(signal.SIGSTOP)
            assert not queue.answers(own)
            process.send_signal(signal.SIGCONT)
            assert queue.answers(own)
        finally:
            stop_redis(process)


def test_a_sweep_that_waits_is_not_queued_again(queued):
    waiting = queue.queue_on(queue.connect(queued.settings))
    assert queue.enqueue(waiting, "send_notices")
    assert not queue.enqueue(waiting, "send_notices")
    assert queue.enqueue(waiting, "sweep_sessions")
    assert waiting.count == 2


def test_only_known_sweeps_are_queued(queued):
    with pytest.raises(KeyError):
        queue.enqueue(queue.queue_on(queue.connect(queued.settings)), "os.system")


def test_a_failed_job_is_soon_forgotten_and_the_next_one_runs(queued, monkeypatch):
    connection = queue.connect(queued.settings)
    waiting = queue.queue_on(connection)

    def broken() -> None:
        raise OSError("no space left")

    with monkeypatch.context() as breaking:
        breaking.setattr(jobs, "send_notices", broken)
        queue.enqueue(waiting, "send_notices")
        queue.work(queued.settings, burst=True)
    left = [key for key in contents(connection) if key.startswith(b"rq:job:")]
    assert all(0 < connection.ttl(key) <= queue.FAILURE_SECONDS for key in left)
    a_notice(queued)
    assert queue.enqueue(waiting, "send_notices")
    queue.work(queued.settings, burst=True)
    assert len(mails(queued)) == 1


def test_a_sweep_removes_readers_whose_seat_has_ended(services, office, monkeypatch):
    monkeypatch.setattr(jobs, "_own", lambda: services)
    case = office.a_case()["case"]
    jobs.remove_former_readers()
    assert ledger_kinds(office, case) == ["report_received"]
    with services.store.transaction() as db:
        seat = db.query(models.Seat).filter_by(person_id=office.person("P-002")).one()
        seat.term_to = services.now().date() - timedelta(days=1)
    for _ in range(2):
        jobs.remove_former_readers()
    assert ledger_kinds(office, case) == ["report_received", "removed"]
    assert epochs_of(office, case) == [("report", 1, "closed"), ("report", 2, "pending")]


def test_the_other_sweeps_do_what_they_say(queued, clock):
    with queued.store.transaction() as db:
        db.add(models.SeenEnvelope(digest="0" * 64, forget=clock().date() - timedelta(days=1)))
        ledger.append(db, chain=ledger.ORGANISATION, kind="opened", pub={}, priv={}, at=clock())
        before = ledger.latest_checkpoint(db)
    jobs.make_checkpoint()
    jobs.forget_envelopes()
    jobs.sweep_sessions()
    clock.forward(days=6, hours=12)
    old = queued.routing.current(clock())
    jobs.rotate_routing_keys()
    assert queued.routing.current(clock()).id != old.id
    with queued.store.reading() as db:
        assert ledger.latest_checkpoint(db).no == before.no + 1
        assert db.get(models.SeenEnvelope, "0" * 64) is None
