"""The public face's API: what a reporter's browser is served, what it sends, how little shows on the wire."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from crypto.encoding import b64u, sha256
from crypto.envelopes import open_answer
from intake.client import FlaskTransport, Refused, ReporterClient
from intake.client.errors import ClientFault
from intake.client.working import working
from intake.reporter import api, schemas
from intake.reporter.operations import MAILBOX_ANSWER, OPERATIONS
from tests.casework import FACTS, READERS, REPORT, code_of
from tests.intake.test_refusals import refusal
from tests.world import AT
from workflow.commands import inspections
from workflow.organisation import Inspection


@pytest.fixture
def filed(reporter):
    """A report that was taken in: its code, and the receipt."""
    shown = reporter.preview(FACTS)
    code = code_of("reporter")
    return code, reporter.submit(reporter.build_submission(REPORT, FACTS, shown, code))


def test_the_installation_is_public_signed_and_the_same_for_all(reporter, reporter_app):
    trust = reporter.installation()
    assert trust.roster.no == 1
    assert trust.routing_id
    first, second = (reporter_app.test_client().get("/api/v1/installation") for _ in range(2))
    assert first.data == second.data
    assert "Set-Cookie" not in first.headers
    told = {"v", "demo", "salt", "roster", "routing", "checkpoint", "takeovers", "fingerprint", "now"}
    assert first.json.keys() == told
    assert "P-001" in sha_free(first)
    assert "Trần" not in sha_free(first)


def sha_free(answer):
    from crypto.encoding import unb64u

    return unb64u(answer.json["roster"]["doc"]).decode()


def test_a_printed_fingerprint_that_differs_stops_everything(reporter_app, clock):
    client = ReporterClient(FlaskTransport(reporter_app.test_client()), printed="0000 " * 9 + "0000", now=clock)
    with pytest.raises(ClientFault, match="fingerprint_other"):
        client.installation()


def test_the_preview_says_who_will_read_and_not_who_was_excluded(reporter):
    shown = reporter.preview(FACTS | {"objections": ["P-003"]})
    assert shown["decision"]["body"] == "UBKT-S"
    assert shown["decision"]["readers"] == ["P-001", "P-002", "P-004"]
    assert shown["readers"] == 3
    assert shown["set"]["members"] == ["P-011", "P-012", "P-013", "P-014"]
    assert shown["rule_text"]
    assert shown["body_name"]
    assert shown["decision"].keys() == schemas.PublicDecision.model_fields.keys()
    assert shown.keys() == schemas.PreviewAnswer.model_fields.keys()


def test_where_nobody_is_competent_the_preview_says_so_before_anything_is_written(reporter, an_installation):
    shown = reporter.preview(FACTS | {"objections": sorted(an_installation.people)})
    assert (shown["decision"]["body"], shown["set"], shown["readers"]) == (None, None, 0)
    assert shown["guidance"]
    with pytest.raises(ClientFault, match="nobody_competent"):
        reporter.build_submission(REPORT, FACTS, shown, code_of("reporter"))


def test_a_competent_body_outside_is_named_for_the_letter_on_paper(reporter):
    shown = reporter.preview({"on": FACTS["on"], "accused": [{"body": "CB-01", "role": "employee"}]})
    assert (shown["decision"]["external"], shown["decision"]["body"], shown["readers"]) == (True, None, 0)
    assert shown["body_name"]
    assert shown["body_name"] in shown["guidance"]


def test_a_report_is_filed_and_its_mailbox_opens_with_the_code(reporter, filed):
    code, receipt = filed
    assert receipt.keys() == schemas.SubmitAnswer.model_fields.keys()
    assert (receipt["number"], receipt["body"], receipt["received"]) == ("2026-0001", "UBKT-S", "2026-11-24")
    mailbox = reporter.open_mailbox(code)
    assert (mailbox.number, mailbox.state, mailbox.messages) == ("2026-0001", "S10", ())
    assert mailbox.answer.keys() == schemas.MailboxAnswer.model_fields.keys()
    entries = {entry["object"]["kind"]: entry["object"] for entry in mailbox.answer["items"]}
    assert reporter.read(mailbox, entries["summary"])["text"] == REPORT.summary
    assert reporter.read(mailbox, entries["narrative"])["text"] == REPORT.text


def test_a_lost_answer_is_repeated_by_sending_again(reporter):
    submission = reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code_of("reporter"))
    assert reporter.submit(submission) == reporter.submit(submission)


def test_messages_travel_both_ways(reporter, filed, signed_in):
    code, _ = filed
    reporter.write(reporter.open_mailbox(code), "Tôi bổ sung một chi tiết.")
    member = signed_in("P-001")
    (line,) = member.queue()
    member.declare(line["id"], conflict=False)
    assert [message.text for message in member.open_case(line["id"]).messages] == ["Tôi bổ sung một chi tiết."]
    member.write(line["id"], "Cảm ơn Ông/Bà.")
    mailbox = reporter.open_mailbox(code)
    assert [(message.by, message.text) for message in mailbox.messages] == [
        ("P-001", "Cảm ơn Ông/Bà."),
        ("reporter", "Tôi bổ sung một chi tiết."),
    ]


def test_the_reporter_renews_the_key_after_somebody_left(reporter, filed, signed_in):
    code, _ = filed
    (line,) = signed_in("P-003").queue()
    signed_in("P-003").withdraw(line["id"])
    mailbox = reporter.open_mailbox(code)
    assert mailbox.report.pending == 2
    reporter.write(mailbox, "Sau khi đổi khóa.")
    again = reporter.open_mailbox(code)
    assert again.report.pending is None
    assert {one["id"] for one in again.report.newest.readers} == {"P-001", "P-002", "P-004", "reporter"}
    signed_in("P-001").declare(line["id"], conflict=False)
    assert signed_in("P-001").open_case(line["id"]).messages[0].text == "Sau khi đổi khóa."


def answer_to(reporter, op, **args):
    """The raw answer and what it holds."""
    wire, key = reporter.seal(op, **args)
    sealed = reporter.send(wire)
    return sealed, open_answer(key, sha256(wire), sealed)


def test_a_wrong_code_and_a_right_one_look_the_same_on_the_wire(reporter, filed):
    code, _ = filed
    right = b64u(reporter.keys(code).mailbox)
    sizes = set()
    sealed, said = answer_to(reporter, "mailbox.open", secret=right)
    assert said["ok"]["found"] is True
    sizes.add(len(sealed))
    sealed, said = answer_to(reporter, "mailbox.open", secret=b64u(bytes(32)))
    assert said == {"ok": {"found": False}}
    sizes.add(len(sealed))
    for _ in range(3):
        reporter.write(reporter.open_mailbox(code), "x" * 9000)
    sealed, _ = answer_to(reporter, "mailbox.open", secret=right)
    sizes.add(len(sealed))
    before = reporter.open_mailbox(code).answer["items"][0]["object"]["id"]
    for secret in (right, b64u(bytes(32))):
        sealed, _ = answer_to(reporter, "mailbox.items", secret=secret, before=before)
        sizes.add(len(sealed))
    assert len(sizes) == 1
    assert sizes.pop() >= MAILBOX_ANSWER


def test_mailbox_answers_take_a_fixed_time_at_least(make_app, settings, services, clock, monkeypatch):
    from intake.app import create_app

    slow = replace(services, settings=replace(settings, mailbox_floor=0.3))
    client = ReporterClient(FlaskTransport(create_app(settings, ("reporter",), slow).test_client()), now=clock)
    client.installation()
    waited = []
    monkeypatch.setattr(api.time, "sleep", lambda seconds: waited.append(seconds))
    started = time.monotonic()
    for op in sorted(OPERATIONS):
        with pytest.raises(Refused):  # malformed ones too
            client.call(op, nothing="here")
    assert len(waited) == len([op for op in OPERATIONS if op.startswith("mailbox.")])
    assert all(0 < seconds <= 0.3 for seconds in waited)
    assert time.monotonic() - started < 5


def test_look_ups_wait_in_half_of_the_threads_and_others_are_told_to_come_back(settings, services, clock, monkeypatch):
    from intake.app import create_app

    few = replace(services, settings=replace(settings, mailbox_floor=0.3, web_threads=4))
    app = create_app(few.settings, ("reporter",), few)
    waiting, go_on = threading.Semaphore(0), threading.Event()

    def sleep(seconds):
        waiting.release()
        assert go_on.wait(20)

    monkeypatch.setattr(api.time, "sleep", sleep)

    def browser():
        client = ReporterClient(FlaskTransport(app.test_client()), now=clock)
        client.installation()
        return client

    def look_up(client):
        return client.call("mailbox.open", secret=b64u(bytes(32)))

    with ThreadPoolExecutor(2) as pool:
        under_way = [pool.submit(look_up, browser()) for _ in range(2)]
        assert waiting.acquire(timeout=20)
        assert waiting.acquire(timeout=20)
        third = browser()
        wire, key = third.seal("mailbox.open", secret=b64u(bytes(32)))
        with pytest.raises(Refused) as told:
            working(wire, lambda proof: third.send(wire, proof))
        assert third.preview(FACTS)["readers"], "a report is never kept waiting by look-ups"
        go_on.set()
        assert [one.result(20) for one in under_way] == [{"found": False}] * 2
    assert (told.value.status, told.value.code) == (429, "busy")
    assert open_answer(key, sha256(wire), third.send(wire)) == {"ok": {"found": False}}, "the same envelope stays good"


def test_other_operations_do_not_wait(reporter, monkeypatch):
    monkeypatch.setattr(api.time, "sleep", lambda seconds: pytest.fail("waited"))
    reporter.preview(FACTS)


def test_a_mailbox_is_paged_and_large_items_are_fetched_alone(reporter, clock):
    code = code_of("reporter")
    long = replace(REPORT, text="ẫ" * 30_000)
    reporter.submit(reporter.build_submission(long, FACTS, reporter.preview(FACTS), code))
    for number in range(12):
        reporter.write(reporter.open_mailbox(code), f"{number} " + "ố" * 3_000)
    mailbox = reporter.open_mailbox(code)
    assert mailbox.more
    seen = [entry["object"]["id"] for entry in mailbox.answer["items"]]
    more = True
    while more:
        page = reporter.older(mailbox, seen[-1])
        seen += [entry["object"]["id"] for entry in page["items"]]
        more = page["more"]
    assert len(seen) == len(set(seen)) == 15
    (narrative,) = [entry for entry in page["items"] if entry["object"]["kind"] == "narrative"]
    assert narrative["large"] is True
    assert "data" not in narrative["object"]
    whole = reporter.item(mailbox, narrative["object"]["id"])
    assert reporter.read(mailbox, whole["object"])["text"] == long.text


def test_the_reporters_times_are_days(reporter, filed):
    code, _ = filed
    reporter.write(reporter.open_mailbox(code), "Thư")
    answer = reporter.open_mailbox(code).answer
    assert {entry["at"] for entry in answer["items"]} == {"2026-11-24"}
    assert (answer["received"], answer["updated"]) == ("2026-11-24", "2026-11-24")


def test_errors_come_in_the_language_of_the_envelope(reporter):
    said = {lang: refusal(reporter.call, "preview", facts={}, lang=lang).message for lang in ("vi", "en")}
    assert said["en"] != said["vi"]
    assert said["en"].endswith(".")


def test_the_form_lists_tell_of_an_inspection_what_is_public(reporter_app, an_installation):
    team = Inspection(
        code="KT-2026-99",
        body="UBKT-S",
        work_kind="inspection",
        directing=("P-002",),
        heads=("P-004",),
        members=("P-003",),
        units=("CB-01",),
        since=date(2026, 3, 2),
        until=date(2026, 5, 29),
    )
    with an_installation.store.transaction() as db:
        inspections.add_inspection(db, team, decision="107-QĐ/UBKT", at=AT)
    (told,) = reporter_app.test_client().get("/api/v1/lists?lang=vi").json["inspections"]
    assert told["code"] == "KT-2026-99"
    assert told["units"] == ["CB-01"]
    assert "Kiểm tra của Đảng, 02/03/2026 – 29/05/2026" in told["label"]
    assert "107-QĐ/UBKT" in told["label"]
    assert "P-00" not in str(told)


def test_the_form_lists_hold_posts_and_no_names(reporter_app, an_installation):
    answer = reporter_app.test_client().get("/api/v1/lists?lang=en")
    assert answer.json.keys() == schemas.Lists.model_fields.keys()
    assert {post["person"] for post in answer.json["posts"]} >= set(READERS)
    assert "Trần" not in answer.get_data(as_text=True)
    offered = {kind["code"] for kind in answer.json["work_kinds"]}  # audit is known to the rules and not offered
    assert offered == {"inspection", "supervision", "discipline", "inspectorate"}
    assert len(answer.json["roles"]) == 10


@pytest.mark.parametrize("page", ["/", "/report", "/mailbox", "/help"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_public_page_is_served_in_both_languages(reporter_app, page, lang):
    answer = reporter_app.test_client().get(f"{page}?lang={lang}")
    assert answer.status_code == 200
    assert f'lang="{lang}"' in answer.get_data(as_text=True)
