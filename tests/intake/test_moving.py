"""A case moved to another body: where the rules of today say, by a reader's signed act, history of the report included."""

from __future__ import annotations

import copy

import pytest

from crypto.encoding import b64u, parse_jcs, unb64u
from crypto.signing import sign_statement
from intake.client import ClientFault, granting, moving
from tests.casework import FACTS, REPORT, code_of, epochs_of, ledger_kinds, refused, rows
from tests.intake.test_granting import end_seat, seat
from workflow import models
from workflow.commands.removals import remove_former_readers
from workflow.ledger import checkpoint, verify

UPPER = ("P-005", "P-006", "P-007")  # who reads in UBKT-TU
# Whom the report concerns turns out to be the head of the committee itself.
HEAD = FACTS | {"accused": [{"body": "UBKT-S", "role": "head", "person": "P-001"}]}


@pytest.fixture
def case(filed, signed_in):
    """P-002 and P-004 have opened the case; P-002 made the internal ring and wrote; the reporter answered."""
    (line,) = signed_in("P-002").queue()
    for code in ("P-002", "P-004"):
        signed_in(code).declare(line["id"], conflict=False)
    signed_in("P-002").renew(line["id"])
    signed_in("P-002").write(line["id"], "Chúng tôi đã nhận.")
    signed_in("P-002").note(line["id"], "Việc nội bộ.")
    return line["id"]


@pytest.fixture
def alone(case, signed_in):
    """The case of P-002 alone: the others have left."""
    signed_in("P-001").declare(case, conflict=True)
    signed_in("P-003").withdraw(case)
    signed_in("P-004").withdraw(case)
    signed_in("P-002").renew(case)
    return case


def built(client, case, facts=None, *, leaving=False):
    opened = client.open_case(case)
    found = moving.route_again(client, opened, facts, leaving=leaving)
    return moving.build_move(client, opened, found, client.installation(), facts, leaving=leaving)


def posted(client, case, made):
    return granting.call_case(client, case, "move", made)


def signed_anew(office, by, made, **changed):
    said = {**parse_jcs(unb64u(made["statement"]["stmt"])), **changed}
    return made | {"statement": sign_statement(office.world.people[by].keys.sign_seed, said)}


def test_a_case_with_enough_readers_stays_and_nothing_is_stored(office, case, signed_in):
    client = signed_in("P-002")
    found = moving.route_again(client, client.open_case(case))
    assert (found["stays"], found["decision"]["body"], found["guidance"]) == (True, "UBKT-S", None)
    assert found["decision"]["readers"] == ["P-001", "P-002", "P-003", "P-004"]
    assert refused(built, client, case) == "reader_departed"
    assert "case_moved" not in ledger_kinds(office, case)


def test_a_case_whose_body_lost_its_quorum_moves_up_with_its_history(office, reporter, filed, alone, signed_in):
    client = signed_in("P-002")
    found = moving.route_again(client, client.open_case(alone))
    assert (found["stays"], found["why"], found["decision"]["body"]) == (False, "quorum", "UBKT-TU")
    assert found["decision"]["readers"] == list(UPPER)
    assert {"from": "UBKT-S", "why": "quorum"} in found["decision"]["escalated"]
    excluded = {one["person"]: one["reasons"] for one in found["decision"]["excluded"]}
    assert excluded == {"P-001": ["departed"], "P-003": ["departed"], "P-004": ["departed"]}
    assert moving.move(client, alone) == "UBKT-TU"
    for code in ("P-001", "P-002", "P-003", "P-004"):
        assert signed_in(code).queue() == []
        assert refused(signed_in(code).case, alone) == "not_entitled"
    new = signed_in("P-005")
    (line,) = new.queue()
    assert (line["body"], line["new"]) == ("UBKT-TU", True)
    header = new.header(new.case(alone))
    assert (header["made_by"], header["decision"]["body"], header["facts"]) == ("P-002", "UBKT-TU", FACTS)
    new.declare(alone, conflict=False)
    assert new.renew(alone) == ["report", "internal"]
    opened = new.open_case(alone)
    assert (opened.summary, opened.narrative["text"]) == (REPORT.summary, REPORT.text)
    assert [one.text for one in opened.messages] == ["Chúng tôi đã nhận."]
    assert (opened.warnings, opened.body) == ((), "UBKT-TU")
    new.write(alone, "Uỷ ban cấp trên đã nhận.")
    new.note(alone, "Việc của chúng tôi.")
    reporter.installation()
    mailbox = reporter.open_mailbox(filed)
    assert next((one.text, one.fault) for one in mailbox.messages) == ("Uỷ ban cấp trên đã nhận.", None)
    (move,) = mailbox.moves
    assert (move.before, move.body, move.why, move.readers) == ("UBKT-S", "UBKT-TU", "quorum", UPPER)
    reporter.write(mailbox, "Xin cảm ơn.")
    assert new.open_case(alone).messages[-1].text == "Xin cảm ơn."
    with office.world.store.transaction() as db:
        assert remove_former_readers(db, at=office.at) == 0
        assert verify(db, office.world.installation_public) == []


def test_the_next_body_reads_no_note_of_the_one_before(office, alone, signed_in):
    moving.move(signed_in("P-002"), alone)
    new = signed_in("P-005")
    new.declare(alone, conflict=False)
    new.renew(alone)
    opened = new.open_case(alone)
    assert opened.notes == ()
    assert [epoch.key is None for epoch in opened.rings["internal"].epochs.values()] == [True, True, False]
    kept = rows(office, models.SealedObject, models.SealedObject.kind == "note")
    assert len(kept) == 1
    new.note(alone, "Việc của chúng tôi.")
    signed_in("P-006").declare(alone, conflict=False)
    assert [one.text for one in signed_in("P-006").open_case(alone).notes] == ["Việc của chúng tôi."]


def test_the_copies_of_those_who_had_it_are_deleted_and_every_key_waits(office, alone, signed_in):
    moving.move(signed_in("P-002"), alone)
    grants = rows(
        office, models.SealedObject, models.SealedObject.kind == "grant", models.SealedObject.ring.is_not(None)
    )
    assert {one.reader for one in grants} == {*UPPER, "reporter"}
    assert epochs_of(office, alone)[-1] == ("report", 3, "pending")
    assert [one for one in epochs_of(office, alone) if one[0] == "internal"][-1] == ("internal", 3, "pending")
    ended = rows(office, models.Readership, models.Readership.ended_why == "moved")
    assert [one.person_id for one in ended] == [office.person("P-002")]


def test_the_last_reader_leaves_by_moving_the_case_on(office, case, signed_in):
    for code in ("P-001", "P-003"):
        signed_in(code).withdraw(case)
    client = signed_in("P-002")
    client.renew(case)
    assert moving.route_again(client, client.open_case(case))["stays"]
    found = moving.route_again(client, client.open_case(case), leaving=True)
    assert (found["stays"], found["why"]) == (False, "quorum")
    made = built(client, case, leaving=True)
    assert refused(posted, client, case, made | {"leaving": False}) == "case_stays"
    assert posted(client, case, made) == {"moved": "UBKT-TU"}
    assert signed_in("P-004").queue() == []


def test_corrected_facts_move_a_case_whose_committee_is_accused(office, case, signed_in):
    client = signed_in("P-004")
    found = moving.route_again(client, client.open_case(case), HEAD)
    assert (found["decision"]["body"], found["why"], found["stays"]) == ("UBKT-TU", "competence", False)
    assert moving.move(client, case, HEAD) == "UBKT-TU"
    new = signed_in("P-005")
    assert new.header(new.case(case))["facts"] == HEAD
    new.declare(case, conflict=False)
    new.renew(case)
    told = new.open_case(case).warnings
    assert told == ({"code": "header_differs", "fields": ("facts.accused",)},)


def test_the_record_shows_the_move_and_misses_one_that_is_kept_back(
    office, reporter, filed, alone, signed_in, clock, monkeypatch
):
    moving.move(signed_in("P-002"), alone)
    with office.world.store.transaction() as db:
        checkpoint(db, office.world.installation_seed, at=clock.forward(hours=1))
    checked = reporter.check_record(reporter.open_mailbox(filed))
    assert (checked.moved, checked.granted, checked.waiting) == (1, 0, 0)
    honest = reporter.call

    def told(*args, **options):
        answer = copy.deepcopy(honest(*args, **options))
        for row in answer.get("epochs", ()):
            row["added"] = []
        return answer

    monkeypatch.setattr(reporter, "call", told)
    assert refused(lambda: reporter.check_record(reporter.open_mailbox(filed))) == "record_withheld"


def test_the_reporter_seals_nothing_to_people_outside_the_body_it_moved_to(office, reporter, filed, alone, signed_in):
    moving.move(signed_in("P-002"), alone)
    reporter.installation()
    mailbox = reporter.open_mailbox(filed)
    seats = [one for one in reporter.trust.said["seats"] if one["person"] != "P-006"]
    object.__setattr__(reporter.trust, "said", reporter.trust.said | {"seats": seats})
    assert refused(reporter.write, mailbox, "Xin cảm ơn.") == "reader_outside_body"


def test_nobody_who_had_the_case_reads_it_in_the_next_body(office, alone, signed_in):
    seat(office, "P-004", body="UBKT-TU")
    client = signed_in("P-002")
    found = moving.route_again(client, client.open_case(alone))
    assert found["decision"]["readers"] == list(UPPER)
    assert {"person": "P-004", "reasons": ["departed", "earlier_handler"]} in found["decision"]["excluded"]
    moving.move(client, alone)
    for code in ("P-005", "P-006"):
        signed_in(code).declare(alone, conflict=False)
    signed_in("P-005").renew(alone)
    assert signed_in("P-005").open_case(alone).answer["newcomers"] == []


def test_a_reader_whose_seat_ended_before_the_move_is_no_newcomer_of_the_next_body(office, case, signed_in):
    end_seat(office, "P-003")
    signed_in("P-002").renew(case)
    moving.move(signed_in("P-002"), case, HEAD)
    seat(office, "P-003", body="UBKT-TU")
    seat(office, "P-031", body="UBKT-TU")
    signed_in("P-005").declare(case, conflict=False)
    signed_in("P-005").renew(case)
    opened = signed_in("P-005").open_case(case)
    assert opened.answer["newcomers"] == ["P-031"]
    granting.grant(signed_in("P-005"), opened, "P-031")
    assert signed_in("P-031").header(signed_in("P-031").case(case))["decision"]["body"] == "UBKT-TU"


def test_a_custodian_of_the_identity_is_no_reader_of_the_next_body(office, alone, signed_in):
    (row,) = rows(office, models.Case)
    custodian = {"KS-S": "P-012", "KS-TU": "P-016"}[row.custodian_set]
    seat(office, custodian, body="UBKT-TU")
    client = signed_in("P-002")
    decision = moving.route_again(client, client.open_case(alone))["decision"]
    assert (decision["readers"], decision["custodians"]) == (list(UPPER), row.custodian_set)
    assert {"person": custodian, "reasons": ["custodian"]} in decision["excluded"]


def test_where_no_body_can_receive_it_the_paper_way_is_told(office, alone, signed_in):
    for code in ("P-005", "P-006"):
        end_seat(office, code)
    client = signed_in("P-002")
    found = moving.route_again(client, client.open_case(alone))
    assert (found["stays"], found["decision"]["readers"]) == (False, [])
    assert found["guidance"]
    opened = client.open_case(alone)
    assert refused(moving.build_move, client, opened, found, client.installation()) in (
        "reader_unrostered",
        "below_quorum",
    )


def test_the_same_move_again_is_answered_as_before_and_a_second_is_refused(office, alone, signed_in):
    client = signed_in("P-002")
    made, other = built(client, alone), built(client, alone)
    assert posted(client, alone, made) == posted(client, alone, made) == {"moved": "UBKT-TU"}
    assert refused(posted, client, alone, other) == "not_entitled"
    assert ledger_kinds(office, alone).count("case_moved") == 1


def test_only_who_has_opened_the_case_routes_or_moves_it(office, alone, signed_in):
    made = built(signed_in("P-002"), alone)
    for code in ("P-001", "P-003", "P-005", "P-022"):
        asked = {"facts": FACTS, "leaving": False}
        assert refused(granting.call_case, signed_in(code), alone, "route", asked) == "not_entitled"
        assert refused(posted, signed_in(code), alone, made) == "not_entitled"
    unknown = "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e"
    assert refused(granting.call_case, signed_in("P-002"), unknown, "route", {"facts": FACTS}) == "not_entitled"
    assert refused(posted, signed_in("P-002"), unknown, made) == "not_entitled"


def for_others(office, signed_in, made, by="P-002", codes=("P-005", "P-006")):
    """A move that names other readers than routing says."""
    keep = [one for one in made["headers"] if one["reader"] in codes]
    grants = [one for one in made["grants"] if one["reader"] in codes]
    readers = [{"id": code, "key": office.world.people[code].readerkey} for code in codes]
    changed = {"readers": readers, "headers": granting.digest(keep), "grants": granting.digest(grants)}
    return signed_anew(office, by, made | {"headers": keep, "grants": grants}, **changed)


def test_a_move_to_others_than_routing_says_is_refused(office, alone, signed_in):
    made = built(signed_in("P-002"), alone)
    assert refused(posted, signed_in("P-002"), alone, for_others(office, signed_in, made)) == "decision_changed"
    elsewhere = signed_anew(office, "P-002", made, body="BTV-TU")
    assert refused(posted, signed_in("P-002"), alone, elsewhere) == "decision_changed"
    assert refused(posted, signed_in("P-002"), alone, signed_anew(office, "P-002", made, why="competence")) == (
        "decision_changed"
    )
    assert refused(posted, signed_in("P-002"), alone, signed_anew(office, "P-002", made, **{"from": "CB-01"})) == (
        "wrong_binding"
    )
    readers = parse_jcs(unb64u(made["statement"]["stmt"]))["readers"]
    strange = [readers[0] | {"key": "0" * 64}, *readers[1:]]
    assert refused(posted, signed_in("P-002"), alone, signed_anew(office, "P-002", made, readers=strange)) == (
        "unknown_reader"
    )
    assert "case_moved" not in ledger_kinds(office, alone)


def swapped(part):
    other = bytearray(unb64u(part["data"]))
    other[-1] ^= 1
    return part | {"data": b64u(bytes(other))}


@pytest.mark.parametrize(
    ("alter", "code"),
    [
        (lambda made: made | {"headers": made["headers"][1:]}, "missing_object"),
        (lambda made: made | {"headers": [*made["headers"], made["headers"][0]]}, "unexpected_object"),
        (lambda made: made | {"headers": [swapped(made["headers"][0]), *made["headers"][1:]]}, "swapped_object"),
        (lambda made: made | {"grants": made["grants"][1:]}, "missing_object"),
        (lambda made: made | {"grants": [*made["grants"], made["grants"][0]]}, "unexpected_object"),
        (lambda made: made | {"grants": [swapped(made["grants"][0]), *made["grants"][1:]]}, "swapped_object"),
        (
            lambda made: made | {"grants": [made["grants"][0] | {"ring": "internal"}, *made["grants"][1:]]},
            "wrong_binding",
        ),
        (
            lambda made: made | {"grants": [made["grants"][0] | {"reader": "P-002"}, *made["grants"][1:]]},
            "unknown_reader",
        ),
        (lambda made: made | {"grants": made["headers"]}, "unexpected_object"),
        (lambda made: made | {"facts": {"on": "2026-11-24", "accused": "nobody"}}, "malformed"),
        (lambda made: made | {"facts": made["facts"] | {"work_kind": "audit"}}, "malformed"),
        (lambda made: made | {"facts": FACTS | {"accused": [{"body": "CB-99", "role": "head"}]}}, "malformed"),
    ],
)
def test_a_move_that_is_not_whole_is_refused_and_leaves_nothing(office, alone, signed_in, alter, code):
    client = signed_in("P-002")
    made = built(client, alone)
    assert refused(posted, client, alone, alter(made)) == code
    assert "case_moved" not in ledger_kinds(office, alone)
    assert signed_in("P-005").queue() == []
    assert client.open_case(alone).summary == REPORT.summary


@pytest.mark.parametrize(
    "changed", [{"rings": []}, {"rings": "report"}, {"readers": []}, {"why": "somebody"}, {"body": 3}]
)
def test_a_statement_that_says_something_else_is_refused(office, alone, signed_in, changed):
    made = signed_anew(office, "P-002", built(signed_in("P-002"), alone), **changed)
    assert refused(posted, signed_in("P-002"), alone, made) in ("malformed", "epoch_closed", "decision_changed")


def test_a_move_made_for_a_key_that_changed_meanwhile_is_refused(office, case, signed_in):
    made = built(signed_in("P-004"), case, HEAD)
    signed_in("P-003").withdraw(case)
    assert refused(posted, signed_in("P-004"), case, made) == "epoch_pending"
    assert refused(moving.move, signed_in("P-004"), case, HEAD) == "ring_untrusted"
    signed_in("P-002").renew(case)
    assert refused(posted, signed_in("P-004"), case, made) == "epoch_closed"
    assert moving.move(signed_in("P-004"), case, HEAD) == "UBKT-TU"


def cheating(monkeypatch, client, name, alter):
    honest = getattr(client, name)

    def told(*args, **options):
        answer = copy.deepcopy(honest(*args, **options))
        if "epochs" in answer:
            alter(answer)
        return answer

    monkeypatch.setattr(client, name, told)


def test_a_move_forged_by_the_server_shuts_the_case(office, reporter, filed, alone, signed_in, monkeypatch):
    made = built(signed_in("P-002"), alone)
    said = parse_jcs(unb64u(made["statement"]["stmt"]))
    forged = sign_statement(office.world.people["P-005"].keys.sign_seed, said)  # in P-002's name, by another key

    def alter(answer):
        answer["epochs"][-1]["added"] = [forged]

    cheating(monkeypatch, reporter, "call", alter)
    with pytest.raises(ClientFault) as caught:
        reporter.open_mailbox(filed)
    assert caught.value.code == "reader_forged"


def test_the_server_brings_nobody_back_who_had_the_case(office, reporter, filed, alone, signed_in, monkeypatch):
    moving.move(signed_in("P-002"), alone)
    present = {"id": "P-002", "readerkey": office.world.people["P-002"].readerkey, "since": "2026-11-24"}

    def alter(answer):
        answer["readers"] = [*answer["readers"], present]

    cheating(monkeypatch, reporter, "call", alter)
    reporter.installation()
    mailbox = reporter.open_mailbox(filed)
    assert "P-002" in mailbox.departed
    made = reporter.build_message(mailbox, "Xin cảm ơn.")
    assert {grant["reader"] for grant in made["epoch"]["grants"]} == {*UPPER, "reporter"}


def test_a_case_that_has_moved_can_move_on_again_and_never_back(office, alone, signed_in, reporter, filed):
    moving.move(signed_in("P-002"), alone)
    for code in UPPER:
        signed_in(code).declare(alone, conflict=False)
    signed_in("P-005").renew(alone)
    found = moving.route_again(signed_in("P-005"), signed_in("P-005").open_case(alone))
    assert found["stays"]
    for code in ("P-006", "P-007"):
        signed_in(code).withdraw(alone)
    signed_in("P-005").renew(alone)
    found = moving.route_again(signed_in("P-005"), signed_in("P-005").open_case(alone))
    assert (found["stays"], found["decision"]["readers"]) == (False, [])
    assert reporter.open_mailbox(filed).moves[-1].body == "UBKT-TU"


def test_a_report_sent_again_after_a_move_gets_its_first_answer(office, reporter, signed_in):
    sent = reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code_of("reporter"))
    first = reporter.submit(sent)
    (line,) = signed_in("P-002").queue()
    signed_in("P-002").declare(line["id"], conflict=False)
    signed_in("P-002").renew(line["id"])
    moving.move(signed_in("P-002"), line["id"], HEAD)
    assert reporter.submit(sent) == first
