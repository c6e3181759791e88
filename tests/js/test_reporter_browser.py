"""The reporter's browser code against the real public face, over the network; the handlers' answers come from Python."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from crypto.codes import new_code
from crypto.encoding import b64u, fingerprint
from intake.client import FlaskTransport, MemberClient, Refused, ReporterClient
from tests.casework import CATEGORY, FACTS, READERS, REPORT
from tests.js.test_node import node
from tests.world import World, enrol, publish
from workflow.times import stamp

HERE = Path(__file__).parent
WRITTEN = {
    "summary": "Một câu tóm tắt.",
    "text": "Đoạn một.\n\nĐoạn hai.",
    "categories": [CATEGORY],
    "when": "tháng 10/2026",
    "where": "Trụ sở",
    "wants": "Xem xét",
    "accusedNames": [{"body": "CB-01", "role": "ordinary", "name": "Một người"}],
    "keepAway": "Người ở cùng phòng",
    "language": "vi",
    "identity": {"name": "Nguyễn Văn Mẫu", "unit": "Trường số 1", "phone": "0900000000"},
}
Browser = Callable[..., Any]


@pytest.fixture
def browser(reporter_app, clock) -> Iterator[Browser]:
    """Does one task of reporter_visit.mjs against the public face on a port of its own."""
    executable = node()
    server = make_server("127.0.0.1", 0, reporter_app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()

    def visit(*task: Any) -> Any:
        asked = {"base": f"http://127.0.0.1:{server.server_port}", "now": stamp(clock()), "task": task}
        done = subprocess.run(
            [executable, str(HERE / "reporter_visit.mjs")],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        told = json.loads(done.stdout)
        assert not isinstance(told, dict) or "error" not in told, told
        return told

    yield visit
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def handler(staff_app, an_installation: World, clock) -> Callable[[str], MemberClient]:
    """A handler's browser after sign-in, without the second that Argon2id takes."""

    def sign_in(code: str) -> MemberClient:
        person = an_installation.people[code]
        client = MemberClient(FlaskTransport(staff_app.test_client()), now=clock)
        one_time = person.one_time_code(clock())
        client.post("session", {"username": person.username, "auth": b64u(person.auth), "totp": one_time})
        client.adopt(code, person.keys, an_installation.organisation_public)
        return client

    return sign_in


@pytest.fixture
def reporter(reporter_app, clock) -> ReporterClient:
    return ReporterClient(FlaskTransport(reporter_app.test_client()), now=clock)


def the_case(member: MemberClient) -> str:
    """The one case in a handler's queue, declared clear."""
    (line,) = member.queue()
    member.declare(line["id"], conflict=False)
    return str(line["id"])


@pytest.mark.timeout(120)
def test_a_report_goes_from_the_browser_to_a_handler_and_an_answer_comes_back(browser, handler, clock):
    filed = browser("report", WRITTEN, FACTS)
    assert filed["shown"]["decision"]["body"] == "UBKT-S"
    assert filed["shown"]["readers"] == len(READERS)
    assert filed["receipt"] == filed["again"]
    code = filed["code"]

    before = browser("mailbox", code)
    assert before["number"] == filed["receipt"]["number"]
    assert before["messages"] == []
    assert before["summary"] == WRITTEN["summary"]
    assert before["narrative"]["text"] == WRITTEN["text"]

    member = handler("P-001")
    case = the_case(member)
    opened = member.open_case(case)
    assert opened.summary == WRITTEN["summary"]
    assert opened.narrative == {
        "v": 1,
        "named": True,
        "text": WRITTEN["text"],
        "when": WRITTEN["when"],
        "where": WRITTEN["where"],
        "wants": WRITTEN["wants"],
        "accused_names": WRITTEN["accusedNames"],
        "keep_away": WRITTEN["keepAway"],
        "language": "vi",
    }
    assert opened.first["facts"] == FACTS
    member.write(case, "Xin cảm ơn Ông/Bà.")

    (answer,) = browser("mailbox", code)["messages"]
    assert (answer["from"], answer["by"], answer["text"]) == ("handlers", "P-001", "Xin cảm ơn Ông/Bà.")
    after = browser("write", code, "Tôi nhớ thêm.")
    assert [(one["from"], one["text"]) for one in after["messages"]] == [
        ("handlers", "Xin cảm ơn Ông/Bà."),
        ("me", "Tôi nhớ thêm."),
    ]
    assert [one.text for one in member.open_case(case).messages] == ["Xin cảm ơn Ông/Bà.", "Tôi nhớ thêm."]


@pytest.mark.timeout(60)
def test_a_wrong_code_finds_nothing(browser):
    browser("report", WRITTEN, FACTS)
    assert browser("mailbox", new_code()) is None


@pytest.mark.timeout(60)
def test_the_browser_shows_the_fingerprint_of_the_organisations_key(browser, an_installation):
    told = browser("look")
    assert told["fingerprint"] == fingerprint(an_installation.organisation_public)
    assert (told["demo"], told["rosterNo"]) == (False, 1)


@pytest.mark.timeout(120)
def test_each_language_opens_the_mailbox_of_what_the_other_sealed(browser, reporter):
    code, receipt = reporter.report(REPORT, FACTS)
    there = browser("write", code, "Từ trình duyệt.")
    assert (there["number"], there["summary"]) == (receipt["number"], REPORT.summary)

    filed = browser("report", WRITTEN | {"identity": None}, FACTS)
    here = reporter.open_mailbox(filed["code"])
    assert here.number == filed["receipt"]["number"]
    reporter.write(here, "Từ Python.")
    for one, text in ((code, "Từ trình duyệt."), (filed["code"], "Từ Python.")):
        assert [message.text for message in reporter.open_mailbox(one).messages] == [text]
        assert [message["text"] for message in browser("mailbox", one)["messages"]] == [text]


@pytest.mark.timeout(120)
def test_the_browsers_message_makes_the_key_that_waits_after_somebody_left(browser, handler, reporter):
    code = browser("report", WRITTEN, FACTS)["code"]
    leaving, staying = handler("P-003"), handler("P-001")
    case = the_case(leaving)
    leaving.withdraw(case)
    assert reporter.open_mailbox(code).report.pending == 2

    browser("write", code, "Dưới khoá mới.")
    the_case(staying)
    opened = staying.open_case(case)
    assert [one.text for one in opened.messages] == ["Dưới khoá mới."]
    assert {one["id"] for one in opened.rings["report"].newest.readers} == {*READERS, "reporter"} - {"P-003"}
    with pytest.raises(Refused):
        leaving.case(case)


@pytest.mark.timeout(120)
def test_the_browser_opens_under_a_bad_key_and_its_message_makes_another(browser, handler, reporter):
    code = browser("report", WRITTEN, FACTS)["code"]
    leaving, spoiling, staying = handler("P-003"), handler("P-001"), handler("P-002")
    case = the_case(leaving)
    leaving.withdraw(case)
    the_case(spoiling)
    made = spoiling.build_epoch(spoiling.open_case(case), "report")
    grants = [grant | {"data": b64u(b"\x01" + bytes(range(146)) * 8)} for grant in made["grants"]]
    spoiling.post(f"desk/cases/{case}/epochs", {**made, "grants": grants})

    told = browser("mailbox", code)
    assert told["narrative"]["text"] == WRITTEN["text"]
    assert told["warnings"] == [{"code": "epoch_key_wrong", "ring": "report", "epoch": 2, "who": "P-001"}]
    browser("write", code, "Dưới khoá mới.")
    the_case(staying)
    assert [one.text for one in staying.open_case(case).messages] == ["Dưới khoá mới."]
    assert reporter.open_mailbox(code).report.newest.epoch == 3


@pytest.mark.timeout(60)
def test_the_browser_warns_of_a_message_whose_writer_enrolled_anew(browser, handler, an_installation, clock):
    code = browser("report", WRITTEN, FACTS)["code"]
    member = handler("P-001")
    member.write(the_case(member), "Xin cảm ơn Ông/Bà.")
    assert [one["fault"] for one in browser("mailbox", code)["messages"]] == [None]
    clock.forward(minutes=10)
    with an_installation.store.transaction() as db:
        enrol(db, an_installation, "P-001", at=clock(), variant="anew")
        publish(db, an_installation, at=clock())
    (message,) = browser("mailbox", code)["messages"]
    assert (message["text"], message["fault"]) == ("Xin cảm ơn Ông/Bà.", "signer_unknown")


@pytest.mark.timeout(120)
def test_a_long_report_and_many_answers_are_read_to_the_end(browser, handler, clock):
    filed = browser("report", WRITTEN | {"text": "đ" * 30_000}, FACTS)
    member = handler("P-001")
    case = the_case(member)
    texts = [f"{number} " + "ạ" * 6_000 for number in range(8)]
    for text in texts:
        member.write(case, text)
        clock.at += timedelta(seconds=1)
    first = browser("mailbox", filed["code"])
    assert first["hasOlder"] is True
    everything = browser("all", filed["code"])
    assert [one["text"] for one in everything["messages"]] == texts
    assert everything["narrative"]["text"] == "đ" * 30_000
