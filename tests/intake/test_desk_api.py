"""The desk's API: the whole way of a handler, and every kind of person who is not entitled at every endpoint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crypto.encoding import b64u, unb64u
from intake.client import sealing
from intake.desk import schemas
from tests.casework import FACTS, READERS, REPORT, code_of
from tests.intake.test_refusals import UNKNOWN, refusal
from tests.world import ADMINISTRATOR, SUPERVISOR


@pytest.fixture
def case(office):
    """A report in which P-004 should not see it and P-003 has withdrawn."""
    return office.a_case(FACTS | {"objections": ["P-004"]})["case"]


@pytest.fixture
def opened(case, signed_in):
    signed_in("P-001").declare(case, conflict=False)
    signed_in("P-001").renew(case)
    return case


def test_the_queue_holds_number_state_date_and_categories(case, signed_in):
    (line,) = signed_in("P-001").queue()
    assert (line["id"], line["number"], line["state"]) == (case, "2026-0001", "S10")
    assert line["received"] == "2026-11-24"
    assert [category["code"] for category in line["categories"]] == list(REPORT.categories)
    assert (line["declared"], line["new"], line["pending"]) == (None, True, [])
    assert "summary" not in line
    assert "grants" not in line
    assert line.keys() <= schemas.CaseLineOut.model_fields.keys()


def test_the_queue_comes_in_pages_that_the_client_walks(case, signed_in, office, monkeypatch):
    other = office.a_case(FACTS, reporter="another")["case"]
    monkeypatch.setattr("workflow.queries.queue.PAGE", 1)
    member = signed_in("P-001")
    first, after = member.queue_page()
    second, end = member.queue_page(after)
    assert ([line["id"] for line in first + second], end) == ([other, case], None)
    assert [line["id"] for line in member.queue()] == [other, case]
    assert b"2026-" not in unb64u(after)  # it stands in an address: no case number, no times
    assert refusal(member.queue_page, after[:-4]).code == "malformed"
    assert refusal(signed_in("P-002").queue_page, after).code == "malformed"  # it is P-001's queue
    assert refusal(member.queue_page, "made-up").code == "malformed"


def test_before_the_declaration_only_the_header_is_served(case, signed_in):
    member = signed_in("P-001")
    answer = member.case(case)
    header = member.header(answer)
    assert header["facts"]["objections"] == ["P-004"]
    assert header["decision"]["excluded"] == [{"person": "P-004", "reasons": ["objection"]}]
    assert answer["declared"] is None
    for name in ("grants", "items", "epochs", "submission", "reporter", "readers", "ledger", "direct"):
        assert name not in answer
    assert answer.keys() <= schemas.CaseOut.model_fields.keys()
    assert "head" in answer


def test_after_it_the_report_is_read_and_the_summary_is_in_the_queue(opened, signed_in):
    member = signed_in("P-001")
    case = member.open_case(opened)
    assert (case.summary, case.narrative["text"]) == (REPORT.summary, REPORT.text)
    assert case.first["facts"] == member.header(case.answer)["facts"]
    (line,) = member.queue()
    assert member.summary(line) == REPORT.summary
    assert case.answer.keys() == schemas.CaseOut.model_fields.keys()


def test_identity_and_shares_are_never_served(opened, signed_in, office):
    from workflow.queries.cases import SERVED

    answer = signed_in("P-001").case(opened)
    kinds = {entry["object"]["kind"] for entry in answer["items"]}
    assert kinds == {"first", "summary", "narrative"} <= set(SERVED)
    assert {grant["reader"] for grant in answer["grants"]} == {"P-001"}
    assert all("scope" not in grant for grant in answer["grants"])
    text = str(answer["items"]) + str(answer["grants"])
    assert "share" not in text
    assert "identity" not in text


def test_colleagues_read_what_one_writes(opened, signed_in):
    signed_in("P-001").write(opened, "Đã nhận.")
    signed_in("P-001").note(opened, "Cần hỏi thêm.")
    signed_in("P-002").declare(opened, conflict=False)
    theirs = signed_in("P-002").open_case(opened)
    assert [(one.by, one.text) for one in theirs.messages] == [("P-001", "Đã nhận.")]
    assert [(one.by, one.text) for one in theirs.notes] == [("P-001", "Cần hỏi thêm.")]


def test_withdrawing_closes_old_and_new_to_the_one_who_left(opened, signed_in):
    leaving, staying = signed_in("P-002"), signed_in("P-001")
    leaving.declare(opened, conflict=False)
    held = leaving.open_case(opened)
    leaving.withdraw(opened)
    for ask in (leaving.case, leaving.open_case, leaving.renew):
        assert refusal(ask, opened).code == "not_entitled"
    assert leaving.queue() == []
    (line,) = staying.queue()
    assert line["pending"] == ["internal", "report"]
    assert refusal(staying.write, opened, "Chưa có khóa.").code in ("epoch_pending", "epoch_closed")
    assert staying.renew(opened) == ["report", "internal"]
    staying.write(opened, "Khóa mới.")
    after = staying.open_case(opened)
    assert [one.text for one in after.messages] == ["Khóa mới."]
    assert after.rings["report"].newest.epoch == 2
    assert held.rings["report"].newest.key != after.rings["report"].newest.key


def test_the_queue_counts_what_the_reporter_wrote_for_who_has_declared(reporter, signed_in):
    code = code_of("one who writes back")
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code))
    (line,) = signed_in("P-001").queue()
    signed_in("P-001").declare(line["id"], conflict=False)
    signed_in("P-001").renew(line["id"])
    signed_in("P-001").write(line["id"], "Còn ai chứng kiến?")
    reporter.write(reporter.open_mailbox(code), "Có hai người.")
    (mine,), (theirs,) = signed_in("P-001").queue(), signed_in("P-002").queue()
    assert mine["messages"] == 1
    assert "messages" not in theirs


def test_the_last_reader_is_told_so_and_cannot_withdraw(opened, signed_in):
    assert signed_in("P-002").case(opened)["without_me"] == "enough"
    signed_in("P-001").withdraw(opened)
    assert signed_in("P-002").case(opened)["without_me"] == "below_quorum"
    signed_in("P-002").withdraw(opened)
    assert signed_in("P-003").case(opened)["without_me"] == "nobody"
    told = refusal(signed_in("P-003").withdraw, opened)
    assert (told.status, told.code) == (409, "last_reader")
    assert signed_in("P-003").queue() != []


def test_a_conflict_with_a_reason_reaches_the_head(case, signed_in):
    assert signed_in("P-003").declare(case, conflict=True, reason="Là họ hàng.") == {"declared": "conflict"}
    assert signed_in("P-003").queue() == []
    signed_in("P-001").declare(case, conflict=False)
    (direct,) = signed_in("P-001").case(case)["direct"]
    assert (direct["by"], direct["object"]["reader"]) == ("P-003", "P-001")
    (reason,) = signed_in("P-001").reasons(signed_in("P-001").open_case(case))
    assert (reason.who, reason.text, reason.fault) == ("P-003", "Là họ hàng.", None)


def test_the_reason_of_a_conflict_is_served_to_no_other_reader_and_opens_for_none(case, office, signed_in):
    signed_in("P-003").declare(case, conflict=True, reason="Là họ hàng.")
    for code in ("P-001", "P-002"):
        signed_in(code).declare(case, conflict=False)
    colleague, kept = signed_in("P-002"), signed_in("P-001").case(case)["direct"]
    assert colleague.case(case)["direct"] == []
    opened = colleague.open_case(case)
    assert colleague.reasons(opened) == ()
    (held,) = colleague.reasons(replace(opened, answer={**opened.answer, "direct": kept}))
    assert (held.who, held.text, held.fault) == ("P-003", None, "item_damaged")
    head = signed_in("P-001").open_case(case)
    for change in ({"departures": []}, {"direct": [kept[0] | {"by": "P-002"}]}):
        (held,) = signed_in("P-001").reasons(replace(head, answer={**head.answer, **change}))
        assert (held.text, held.fault) == (None, "reason_unsigned")


def test_a_second_declaration_is_a_conflict_of_another_kind(opened, signed_in):
    refused = refusal(signed_in("P-001").declare, opened, conflict=False)
    assert (refused.status, refused.code) == (409, "already_declared")


# Who is not entitled, at every endpoint


def an_item(case):
    place = {"kind": "message", "id": UNKNOWN, "ring": "report", "epoch": 1}
    return {**place, "data": b64u(b"\1" + bytes(592))}


def a_grant():
    place = {"kind": "grant", "id": UNKNOWN, "ring": "internal", "epoch": 1}
    return {**place, "reader": "P-001", "readerkey": "0" * 64, "data": b64u(b"\1" + bytes(1168))}


STATEMENT = {"stmt": "e30", "sig": b64u(bytes(64))}
ENDPOINTS = {
    "read": lambda member, case: member.get(f"desk/cases/{case}"),
    "declaration": lambda member, case: member.post(f"desk/cases/{case}/declaration", {"statement": STATEMENT}),
    "items": lambda member, case: member.post(
        f"desk/cases/{case}/items", {"object": an_item(case), "statement": STATEMENT}
    ),
    "epochs": lambda member, case: member.post(
        f"desk/cases/{case}/epochs", {"statement": STATEMENT, "grants": [a_grant()]}
    ),
    "bad-keys": lambda member, case: member.post(f"desk/cases/{case}/bad-keys", {"statement": STATEMENT}),
    "withdrawal": lambda member, case: member.post(f"desk/cases/{case}/withdrawal", {"statement": STATEMENT}),
}


def other_committee(case, signed_in, office):
    return signed_in("P-005"), case


def excluded_member(case, signed_in, office):
    return signed_in("P-004"), case


def custodian(case, signed_in, office):
    return signed_in("P-011"), case


def supervisor(case, signed_in, office):
    return signed_in(SUPERVISOR), case


def administrator(case, signed_in, office):
    return signed_in(ADMINISTRATOR), case


def withdrawn(case, signed_in, office):
    signed_in("P-003").withdraw(case)
    return signed_in("P-003"), case


def in_conflict(case, signed_in, office):
    signed_in("P-003").declare(case, conflict=True)
    return signed_in("P-003"), case


def accused(case, signed_in, office):
    """The head of the committee is accused: the report goes one level up, and nobody of the committee may know."""
    facts = FACTS | {"accused": [{"body": "UBKT-S", "role": "head", "person": "P-001"}]}
    args = office.a_case(facts, reporter="somebody else")
    assert args["decision"]["body"] == "UBKT-TU"
    return signed_in("P-001"), args["case"]


def of_no_case(case, signed_in, office):
    return signed_in("P-001"), UNKNOWN


def of_no_id_at_all(case, signed_in, office):
    return signed_in("P-001"), "0%00"


NOT_ENTITLED = (
    other_committee,
    excluded_member,
    custodian,
    supervisor,
    administrator,
    withdrawn,
    in_conflict,
    accused,
    of_no_case,
    of_no_id_at_all,
)


@pytest.mark.parametrize("who", NOT_ENTITLED, ids=lambda who: who.__name__)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_who_is_not_entitled_is_refused_alike(case, signed_in, office, who, endpoint):
    member, theirs = who(case, signed_in, office)
    refused = refusal(ENDPOINTS[endpoint], member, theirs)
    assert (refused.status, refused.code) == (403, "not_entitled")
    assert refused.detail == {}


@pytest.mark.parametrize("who", NOT_ENTITLED[:-2], ids=lambda who: who.__name__)
def test_who_is_not_entitled_sees_nothing_in_the_queue(case, signed_in, office, who):
    member, theirs = who(case, signed_in, office)
    if who in (custodian, supervisor, administrator):
        assert refusal(member.queue).code == "not_entitled"
    else:
        assert theirs not in {line["id"] for line in member.queue()}


@pytest.mark.parametrize("endpoint", [*ENDPOINTS, "queue"])
def test_who_is_signed_out_is_refused(case, visitor, endpoint):
    ask = ENDPOINTS.get(endpoint, lambda member, case: member.queue())
    refused = refusal(ask, visitor, case)
    assert (refused.status, refused.code) == (401, "signed_out")


@pytest.mark.parametrize("endpoint", sorted(ENDPOINTS.keys() - {"read"}))
def test_an_undeclared_reader_may_only_declare_or_leave(case, signed_in, endpoint):
    refused = refusal(ENDPOINTS[endpoint], signed_in("P-001"), case)
    expected = "not_entitled" if endpoint in ("items", "epochs", "bad-keys") else "bad_signature"
    assert refused.code == expected


@pytest.mark.parametrize("path", ["declaration", "items", "epochs", "bad-keys", "withdrawal"])
@pytest.mark.parametrize("body", [{}, [], {"statement": "x"}, {"statement": STATEMENT, "story": "prose"}])
def test_bodies_of_another_shape_are_malformed(opened, signed_in, path, body):
    refused = refusal(signed_in("P-001").post, f"desk/cases/{opened}/{path}", body)
    assert (refused.status, refused.code) == (422, "malformed")


def test_nothing_is_written_without_the_token(opened, staff_app, signed_in):
    client = signed_in("P-001").http
    answer = client.send(
        "POST",
        f"/staff/api/v1/desk/cases/{opened}/withdrawal",
        body=b"{}",
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status, answer.json["error"]["code"]) == (400, "stale_page")
    assert signed_in("P-001").queue()


def test_of_two_readers_who_renew_at_once_one_is_told_to_reload(case, signed_in):
    for code in ("P-001", "P-002"):
        signed_in(code).declare(case, conflict=False)
    second = signed_in("P-002").build_epoch(signed_in("P-002").open_case(case), "internal")
    assert signed_in("P-001").renew(case) == ["internal"]
    refused = refusal(signed_in("P-002").post, f"desk/cases/{case}/epochs", second)
    assert (refused.status, refused.code) == (409, "epoch_closed")
    assert signed_in("P-002").renew(case) == []


def test_a_colleagues_name_cannot_be_signed(opened, signed_in):
    member = signed_in("P-001")
    item = member.build_item(member.open_case(opened), "message", "Không phải tôi")
    signer = replace(sealing.Signer("P-002", member.me.keys.sign_seed, member.installation().checkpoint))
    forged = item | {"statement": sealing.item_statement(signer, opened, item["object"], at=member.now())}
    assert refusal(member.post, f"desk/cases/{opened}/items", forged).code == "wrong_binding"


def test_pages_are_the_same_for_every_case_and_need_a_session(case, signed_in, visitor):
    for path in ("/staff/desk", f"/staff/desk/{case}"):
        answer = visitor.http.send("GET", path)
        assert (answer.status, answer.headers["Location"]) == (303, "/staff/sign-in")
    mine = signed_in("P-001").http.send("GET", f"/staff/desk/{case}").body
    other = signed_in("P-001").http.send("GET", f"/staff/desk/{UNKNOWN}").body
    assert mine.replace(case.encode(), b"") == other.replace(UNKNOWN.encode(), b"")
    assert signed_in("P-001").http.send("GET", "/staff/desk/not-a-uuid").status == 404
    assert b"2026-0001" not in mine


def test_readers_of_the_installation_are_those_of_the_decision(opened, signed_in):
    answer = signed_in("P-001").case(opened)
    assert [reader["id"] for reader in answer["readers"]] == [code for code in READERS if code != "P-004"]
    assert all(reader["since"] == "2026-11-24" for reader in answer["readers"])
