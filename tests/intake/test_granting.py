"""A case given to somebody who may read it now: by a reader's signed act, as today's rules allow, and by nothing else."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from sqlalchemy import update

from crypto.encoding import b64u, parse_jcs, unb64u
from crypto.signing import sign_statement
from intake.client import ClientFault, Refused, granting
from tests.casework import FACTS, REPORT, code_of, ledger_kinds, refused, rows
from tests.world import ADMINISTRATOR, SINCE, add, enrol, publish
from workflow import models
from workflow.commands import organisation
from workflow.commands.removals import remove_former_readers
from workflow.ledger import checkpoint, verify

NEW = "P-031"


@pytest.fixture
def case(filed, signed_in):
    """P-001 has opened the case, made the internal ring, and written; P-003 has declared a conflict."""
    (line,) = signed_in("P-001").queue()
    signed_in("P-001").declare(line["id"], conflict=False)
    signed_in("P-003").declare(line["id"], conflict=True)
    signed_in("P-001").renew(line["id"])
    signed_in("P-001").write(line["id"], "Chúng tôi đã nhận.")
    signed_in("P-001").note(line["id"], "Việc nội bộ.")
    return line["id"]


def seat(office, code, body="UBKT-S", roles=("intake",), **named):
    """A new colleague with a key, a seat, and a roster that holds both."""
    at = office.at
    with office.world.store.transaction() as db:
        if code not in office.world.people:
            add(db, office.world, code, at=at)
        organisation.add_seat(db, body=body, person=code, function="member", roles=roles, term_from=SINCE, at=at)
        publish(db, office.world, at=at)


def end_seat(office, code, *, again=False):
    with office.world.store.transaction() as db:
        ended = None if again else office.at.date() - timedelta(days=1)
        db.execute(update(models.Seat).where(models.Seat.person_id == office.person(code)).values(term_to=ended))
        publish(db, office.world, at=office.at)


def anew(office, code):
    with office.world.store.transaction() as db:
        office.world.people[code] = enrol(db, office.world, code, at=office.at, variant="anew")
        publish(db, office.world, at=office.at)


def give(client, case, code):
    granting.grant(client, client.open_case(case), code)


def built(client, case, code=NEW):
    return granting.build_grant(client, client.open_case(case), code, client.installation())


def posted(client, case, made):
    """Send a grant that was made, or altered, before."""
    return granting.call_case(client, case, "grant", made)


def signed_anew(office, by, made, **changed):
    said = {**parse_jcs(unb64u(made["statement"]["stmt"])), **changed}
    return made | {"statement": sign_statement(office.world.people[by].keys.sign_seed, said)}


def test_a_new_colleague_reads_all_that_was_written_and_writes(office, reporter, filed, case, signed_in):
    seat(office, NEW)
    first, new = signed_in("P-001"), signed_in(NEW)
    assert new.queue() == []
    opened = first.open_case(case)
    assert opened.answer["newcomers"] == [NEW]
    assert granting.eligible(first, opened) == {"readers": [NEW], "excluded": []}
    granting.grant(first, opened, NEW)
    (line,) = new.queue()
    answer = new.case(case)
    assert line["new"]
    assert "grants" not in answer
    assert new.header(answer)["made_by"] == "P-001"
    new.declare(case, conflict=False)
    read = new.open_case(case)
    assert (read.summary, read.narrative["text"]) == (REPORT.summary, REPORT.text)
    assert [one.text for one in (*read.messages, *read.notes)] == ["Chúng tôi đã nhận.", "Việc nội bộ."]
    new.write(case, "Tôi mới nhận việc này.")
    reporter.installation()
    for messages in (first.open_case(case).messages, reporter.open_mailbox(filed).messages):
        assert {(one.by, one.text, one.fault) for one in messages} == {
            ("P-001", "Chúng tôi đã nhận.", None),
            (NEW, "Tôi mới nhận việc này.", None),
        }
    assert signed_in("P-001").open_case(case).answer["newcomers"] == []
    kinds = ledger_kinds(office, case)
    assert kinds.count("granted") == 1
    with office.world.store.reading() as db:
        assert verify(db, office.world.installation_public) == []


def test_the_reporter_sees_in_the_record_that_somebody_was_added(office, reporter, filed, case, signed_in, clock):
    seat(office, NEW)
    give(signed_in("P-001"), case, NEW)
    with office.world.store.transaction() as db:
        checkpoint(db, office.world.installation_seed, at=clock.forward(hours=1))
    checked = reporter.check_record(reporter.open_mailbox(filed))
    assert (checked.granted, checked.waiting) == (1, 0)


def test_the_next_key_keeps_who_was_added_and_leaves_out_who_went(office, reporter, filed, case, signed_in):
    seat(office, NEW)
    give(signed_in("P-001"), case, NEW)
    signed_in(NEW).declare(case, conflict=False)
    signed_in("P-002").withdraw(case)
    assert signed_in(NEW).renew(case) == ["report", "internal"]
    opened = signed_in("P-001").open_case(case)
    readers = [one["id"] for one in opened.rings["report"].newest.readers]
    assert readers == ["P-001", "P-004", NEW, "reporter"]
    reporter.installation()
    reporter.write(reporter.open_mailbox(filed), "Cảm ơn.")
    assert signed_in(NEW).open_case(case).messages[-1].text == "Cảm ơn."
    signed_in(NEW).withdraw(case)
    signed_in("P-001").renew(case)
    assert NEW not in [one["id"] for one in signed_in("P-001").open_case(case).rings["report"].newest.readers]
    assert signed_in("P-001").open_case(case).answer["newcomers"] == []
    assert refused(give, signed_in("P-001"), case, NEW) == "reader_departed"


def test_who_enrolled_anew_is_given_the_case_under_the_new_key(office, reporter, filed, case, signed_in):
    signed_in("P-002").declare(case, conflict=False)
    anew(office, "P-002")
    first = signed_in("P-001")
    first.renew(case)
    assert first.open_case(case).answer["newcomers"] == ["P-002"]
    give(first, case, "P-002")
    (reading,) = rows(office, models.Readership, models.Readership.person_id == office.person("P-002"))
    assert (reading.declared, reading.ended) == (None, None)
    with office.world.store.transaction() as db:  # the old header under the old key makes no former reader of them
        assert remove_former_readers(db, at=office.at) == 0
    first.open_case(case)
    assert len(reporter.open_mailbox(filed).messages) == 1


def test_a_seat_that_ended_and_began_again_is_given_the_case_again(office, case, signed_in):
    end_seat(office, "P-004")
    first = signed_in("P-001")
    first.renew(case)
    assert "P-004" not in [one["id"] for one in first.open_case(case).rings["report"].newest.readers]
    end_seat(office, "P-004", again=True)
    give(first, case, "P-004")
    signed_in("P-004").declare(case, conflict=False)
    assert signed_in("P-004").open_case(case).notes[0].text == "Việc nội bộ."
    assert signed_in("P-004").open_case(case).summary == REPORT.summary


@pytest.mark.parametrize("code", ["P-005", "P-011", ADMINISTRATOR])
def test_nobody_without_a_seat_of_the_body_is_given_it(office, case, signed_in, code):
    made = built_for(office, signed_in("P-001"), case, code)
    assert refused(posted, signed_in("P-001"), case, made) == "reader_not_eligible"


def built_for(office, client, case, code):
    """A grant for whom this client's own checks would refuse."""
    seat(office, NEW) if NEW not in office.world.people else None
    made = built(client, case)
    keys = office.world.people[code]
    header = made["header"] | {"reader": code, "readerkey": keys.readerkey}
    grants = [grant | {"reader": code, "readerkey": keys.readerkey} for grant in made["grants"]]
    altered = made | {"header": header, "grants": grants}
    return signed_anew(office, client.me.code, altered, reader=code, readerkey=keys.readerkey)


def test_nobody_gives_a_case_to_themselves_or_to_a_reader(office, case, signed_in):
    made = built_for(office, signed_in("P-001"), case, "P-002")
    assert refused(posted, signed_in("P-001"), case, made) == "already_reader"
    made = built_for(office, signed_in("P-001"), case, "P-001")
    assert refused(posted, signed_in("P-001"), case, made) == "already_reader"
    assert refused(posted, signed_in(NEW), case, built(signed_in("P-001"), case)) == "not_entitled"


def test_who_declared_a_conflict_is_never_given_the_case(office, case, signed_in):
    assert refused(give, signed_in("P-001"), case, "P-003") == "reader_departed"
    made = built_for(office, signed_in("P-001"), case, "P-003")
    assert refused(posted, signed_in("P-001"), case, made) == "reader_not_eligible"


def test_whom_the_reporter_keeps_away_is_not_given_the_case(office, reporter, signed_in):
    seat(office, NEW)
    end_seat(office, NEW)
    facts = FACTS | {"objections": [NEW]}
    reporter.submit(reporter.build_submission(REPORT, facts, reporter.preview(facts), code_of("reporter")))
    first = signed_in("P-001")
    (line,) = first.queue()
    first.declare(line["id"], conflict=False)
    first.renew(line["id"])
    end_seat(office, NEW, again=True)
    opened = first.open_case(line["id"])
    assert granting.eligible(first, opened) == {
        "readers": [],
        "excluded": [{"person": NEW, "reasons": ["objection"]}],
    }
    assert refused(give, first, line["id"], NEW) == "reader_concerned"


def test_a_custodian_of_the_cases_identity_is_not_made_its_reader(office, case, signed_in):
    (row,) = rows(office, models.Case)
    custodian = {"KS-S": "P-012", "KS-TU": "P-016"}[row.custodian_set]
    seat(office, custodian)
    first = signed_in("P-001")
    found = granting.eligible(first, first.open_case(case))
    assert found == {"readers": [], "excluded": [{"person": custodian, "reasons": ["custodian"]}]}
    assert refused(give, first, case, custodian) == "reader_not_eligible"


def test_only_who_has_opened_the_case_asks_or_gives(office, case, signed_in):
    seat(office, NEW)
    made = built(signed_in("P-001"), case)
    for code in ("P-002", "P-003", "P-005", NEW):
        assert refused(posted, signed_in(code), case, made) == "not_entitled"
        asked = {"facts": made["facts"]}
        assert refused(granting.call_case, signed_in(code), case, "eligible", asked) == "not_entitled"
    unknown = "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e"
    assert refused(granting.call_case, signed_in("P-001"), unknown, "eligible", {"facts": FACTS}) == "not_entitled"


def test_the_same_grant_again_is_answered_as_before_and_a_second_is_refused(office, case, signed_in):
    seat(office, NEW)
    made, other = built(signed_in("P-001"), case), built(signed_in("P-001"), case)
    assert posted(signed_in("P-001"), case, made) == {"granted": NEW}
    assert posted(signed_in("P-001"), case, made) == {"granted": NEW}
    assert refused(posted, signed_in("P-001"), case, other) == "already_reader"
    assert ledger_kinds(office, case).count("granted") == 1


def test_a_grant_for_a_list_that_changed_meanwhile_is_refused(office, case, signed_in):
    seat(office, NEW)
    made = built(signed_in("P-001"), case)
    signed_in("P-002").withdraw(case)
    assert refused(posted, signed_in("P-001"), case, made) == "epoch_pending"
    assert refused(give, signed_in("P-001"), case, NEW) == "ring_untrusted"
    signed_in("P-001").renew(case)
    assert refused(posted, signed_in("P-001"), case, made) == "epoch_closed"
    give(signed_in("P-001"), case, NEW)


def without_newest(made):
    return made | {"grants": [grant for grant in made["grants"] if grant["ring"] != "internal"]}


def swapped_header(made):
    other = bytearray(unb64u(made["header"]["data"]))
    other[-1] ^= 1
    return made | {"header": made["header"] | {"data": b64u(bytes(other))}}


def swapped_grant(made):
    other = bytearray(unb64u(made["grants"][0]["data"]))
    other[-1] ^= 1
    return made | {"grants": [made["grants"][0] | {"data": b64u(bytes(other))}, *made["grants"][1:]]}


def twice(made):
    return made | {"grants": [*made["grants"], made["grants"][0] | {"id": "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e"}]}


def later_epoch(made):
    return made | {"grants": [made["grants"][0] | {"epoch": 2}, *made["grants"][1:]]}


def bad_facts(made):
    return made | {"facts": {"on": "2026-11-24", "accused": "nobody"}}


def other_work(made):
    return made | {"facts": made["facts"] | {"work_kind": "audit"}}


@pytest.mark.parametrize(
    ("alter", "code"),
    [
        (without_newest, "missing_object"),
        (swapped_header, "swapped_object"),
        (swapped_grant, "swapped_object"),
        (twice, "unexpected_object"),
        (later_epoch, "wrong_binding"),
        (bad_facts, "malformed"),
        (other_work, "malformed"),
        (lambda made: made | {"header": made["grants"][0]}, "unexpected_object"),
        (lambda made: made | {"grants": [made["header"]]}, "unexpected_object"),
        (lambda made: made | {"header": made["header"] | {"data": b64u(b"\x01" + bytes(1200))}}, "wrong_size"),
    ],
)
def test_a_grant_that_is_not_whole_is_refused_and_leaves_nothing(office, case, signed_in, alter, code):
    seat(office, NEW)
    made = built(signed_in("P-001"), case)
    assert refused(posted, signed_in("P-001"), case, alter(made)) == code
    assert "granted" not in ledger_kinds(office, case)
    assert signed_in(NEW).queue() == []


@pytest.mark.parametrize("rings", [[], "report", [{"ring": "report"}]])
def test_a_statement_that_names_no_rings_is_refused(office, case, signed_in, rings):
    seat(office, NEW)
    made = signed_anew(office, "P-001", built(signed_in("P-001"), case), rings=rings)
    assert refused(posted, signed_in("P-001"), case, made) in ("malformed", "epoch_closed")


def cheating(monkeypatch, client, name, alter):
    honest = getattr(client, name)

    def told(*args, **options):
        answer = copy.deepcopy(honest(*args, **options))
        if "epochs" in answer:
            alter(answer)
        return answer

    monkeypatch.setattr(client, name, told)


def test_a_reader_added_by_the_server_is_refused_by_everybody(office, reporter, filed, case, signed_in, monkeypatch):
    seat(office, NEW)
    made = built(signed_in("P-001"), case)
    said = parse_jcs(unb64u(made["statement"]["stmt"]))
    forged = sign_statement(office.world.people[NEW].keys.sign_seed, said)  # in P-001's name, by another key

    def alter(answer):
        for row in answer["epochs"]:
            row["added"] = [forged]

    cheating(monkeypatch, signed_in("P-001"), "case", alter)
    cheating(monkeypatch, reporter, "call", alter)
    assert refused(signed_in("P-001").open_case, case) == "reader_forged"
    with pytest.raises(ClientFault) as caught:
        reporter.open_mailbox(filed)
    assert caught.value.code == "reader_forged"


def test_an_added_reader_who_is_kept_back_is_missed_in_the_record(
    office, reporter, filed, case, signed_in, clock, monkeypatch
):
    seat(office, NEW)
    give(signed_in("P-001"), case, NEW)
    with office.world.store.transaction() as db:
        checkpoint(db, office.world.installation_seed, at=clock.forward(hours=1))

    def alter(answer):
        for row in answer["epochs"]:
            row["added"] = []

    cheating(monkeypatch, reporter, "call", alter)
    with pytest.raises(ClientFault) as caught:
        reporter.check_record(reporter.open_mailbox(filed))
    assert caught.value.code == "record_withheld"


def test_an_old_grant_adds_nobody_to_a_later_key(office, case, signed_in, monkeypatch):
    seat(office, NEW)
    give(signed_in("P-001"), case, NEW)
    end_seat(office, NEW)
    signed_in("P-001").renew(case)

    def alter(answer):
        report = [row for row in answer["epochs"] if row["ring"] == "report"]
        report[-1]["added"] = next(row["added"] for row in report if row["added"])

    cheating(monkeypatch, signed_in("P-001"), "case", alter)
    assert refused(signed_in("P-001").open_case, case) == "reader_forged"


def test_an_envelope_is_opened_once_and_by_a_member_alone(office, case, signed_in, visitor):
    address = f"desk/cases/{case}/envelope"
    with pytest.raises(Refused) as caught:
        visitor.post(address, {"op": "eligible"})
    assert caught.value.code == "signed_out"
    with pytest.raises(Refused) as caught:
        signed_in("P-001").post(address, {"op": "eligible"})
    assert (caught.value.status, caught.value.code) == (400, "malformed")
