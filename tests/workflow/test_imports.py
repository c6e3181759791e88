"""Taking in an organisation from a file: what it changes, whom it cuts off, and that the same again changes nothing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from textwrap import dedent
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.encoding import parse_jcs
from tests.casework import READERS, epochs_of, ledger_kinds, refused, rows
from tests.world import ADMINISTRATOR, AT, make_world, publish
from workflow import ledger, models, ready, ready_files, routing, rules
from workflow.commands import members
from workflow.commands import organisation as commands
from workflow.commands.imports import import_organisation
from workflow.organisation_file import read_file
from workflow.organisation_import import Held, as_file, plan
from workflow.queries import organisation
from workflow.queries.organisation_record import held
from workflow.timelines import in_force
from workflow.times import local_date

TODAY = local_date(AT)
BEFORE, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def take_in(store, text, *, day=TODAY, whole=False, at=AT):
    """Import a file that has no fault of form."""
    file, faults = read_file(dedent(text).encode() if isinstance(text, str) else text)
    assert faults == []
    with store.transaction() as db:
        return import_organisation(db, file, day=day, whole=whole, at=at)


def told(done):
    assert done.plan.faults == ()
    return [(change.section.name, change.id, change.step.kind) for change in done.plan.changes]


def shown(store, on=TODAY):
    with store.reading() as db:
        return json.dumps(as_file(held(db), on=on)).encode()


def entries(store):
    with store.reading() as db:
        found = [(entry.kind, parse_jcs(entry.entry)["pub"]) for entry in ledger.entries(db, "org")]
    return [pub for kind, pub in found if kind == "organisation_changed"]


SOME = """\
bodies:
  - {code: CB-01, parent: UBKT-S, name: {vi: Chi bộ Một, en: Cell One}}
  - {code: CB-02, kind: cell, level: 1, parent: BTV-S, name: {vi: Chi bộ Hai, en: Cell Two}, valid_from: 2026-12-01}
  - {code: BTV-TU, name: {vi: Ban, en: Board}}
units:
  - {code: TRUONG-01, body: CB-01, name: {vi: Trường Một, en: School One}}
people:
  - {code: P-031, username: ba-mot, name: Đinh Văn Mới, mail: moi@example.vn}
  - {code: P-004, name: Hoàng Văn Khác}
seats:
  - {body: CB-02, person: P-031, function: clerk, term_from: 2026-12-01, term_to: 2027-12-31}
  - {body: UBKT-S, person: P-003, function: deputy, roles: [intake, classify]}
  - {body: UBKT-TU, person: P-007, term_to: 2026-12-31}
sets:
  - {code: KS-S, k: 3}
"""


def test_a_file_changes_what_it_names_from_its_day_on(an_installation):
    store = an_installation.store
    done = take_in(store, SOME)
    assert told(done) == [
        ("bodies", "BTV-TU", "changed"),
        ("bodies", "CB-01", "changed"),
        ("bodies", "CB-02", "added"),
        ("units", "TRUONG-01", "added"),
        ("people", "P-004", "changed"),
        ("people", "P-031", "added"),
        ("seats", "CB-02/P-031", "added"),
        ("seats", "UBKT-S/P-003", "changed"),
        ("seats", "UBKT-TU/P-007", "ended"),
        ("sets", "KS-S", "changed"),
    ]
    with store.reading() as db:
        now, then = organisation.roster_content(db, TODAY), organisation.roster_content(db, BEFORE)
        assert organisation.body_names(db, BEFORE)["CB-01"]["vi"] == ""
        assert organisation.body_names(db, TODAY)["CB-01"]["vi"] == "Chi bộ Một"
        assert organisation.names(db, TODAY)["P-004"]["name"] == "Hoàng Văn Khác"
    seats = [{seat["id"]: seat for seat in content["seats"]} for content in (then, now)]
    assert [there["UBKT-S/P-003"]["function"] for there in seats] == ["member", "deputy"]
    assert seats[1]["UBKT-S/P-003"]["roles"] == ["classify", "intake"]
    sets = [{one["id"]: (one["v"], one["k"]) for one in content["sets"]} for content in (then, now)]
    assert [there["KS-S"] for there in sets] == [(1, 2), (2, 3)]
    bodies = [{body["id"]: body.get("parent") for body in content["bodies"]} for content in (then, now)]
    assert [there["CB-01"] for there in bodies] == ["BTV-S", "UBKT-S"]


def test_the_same_file_again_changes_and_records_nothing(an_installation):
    store = an_installation.store
    take_in(store, SOME)
    before = shown(store), entries(store)
    assert told(take_in(store, SOME)) == []
    assert (shown(store), entries(store)) == before


def test_an_import_is_one_entry_of_codes_without_anybodys_name(an_installation):
    take_in(an_installation.store, SOME)
    (entry,) = entries(an_installation.store)
    assert (entry["from"], entry["whole"]) == (TODAY.isoformat(), False)
    said = {(one["section"], one["id"]): one for one in entry["changes"]}
    assert said["seats", "UBKT-S/P-003"]["roles"] == ["classify", "intake"]
    assert said["seats", "UBKT-TU/P-007"]["to"] == "2026-12-31"
    assert said["people", "P-004"]["changed"] == ["name"]
    assert said["sets", "KS-S"]["members"] == ["P-011", "P-012", "P-013", "P-014"]
    assert all(word not in json.dumps(entry, ensure_ascii=False) for word in ("Hoàng", "Đinh", "ba-mot", "example"))


def test_a_file_with_one_fault_changes_nothing(an_installation):
    store = an_installation.store
    before = shown(store)
    done = take_in(store, SOME + "  - {code: KS-TU, k: 9}\n")
    assert [fault.why for fault in done.plan.faults] == ["bad_threshold"]
    assert (shown(store), entries(store)) == (before, [])


def test_a_file_that_cannot_be_read_whole_changes_nothing(an_installation):
    file, faults = read_file((SOME + "colour: red\n").encode())
    with an_installation.store.transaction() as db:
        done = import_organisation(db, file, day=TODAY, at=AT)
    assert ([fault.why for fault in faults], done.plan.faults) == (["unknown_field"], ())
    assert entries(an_installation.store) == []


@pytest.mark.parametrize("whole", [False, True])
def test_what_is_shown_changes_nothing_when_it_is_taken_in(an_installation, whole):
    store = an_installation.store
    assert told(take_in(store, shown(store), whole=whole)) == []
    take_in(store, SOME)
    assert told(take_in(store, shown(store), whole=whole)) == []
    take_in(store, "sets:\n - {code: KS-S, k: 2, valid_from: 2027-01-01}\n - {code: KS-TU, valid_to: 2026-12-31}\n")
    assert told(take_in(store, shown(store), whole=whole)) == []
    assert len(entries(store)) == 2


def test_a_whole_file_ends_what_it_does_not_name(an_installation):
    store = an_installation.store
    said = json.loads(shown(store))
    said["bodies"] = [body for body in said["bodies"] if body["code"] != "CB-01"]
    said["seats"] = [seat for seat in said["seats"] if seat["person"] != "P-007"]
    said["people"] = [who for who in said["people"] if who["code"] != "P-021"]
    said["sets"] = [one for one in said["sets"] if one["code"] != "KS-TU"]
    done = take_in(store, json.dumps(said).encode(), whole=True)
    assert told(done) == [
        ("bodies", "CB-01", "ended"),
        ("people", "P-021", "changed"),
        ("seats", "UBKT-TU/P-007", "ended"),
        ("sets", "KS-TU", "ended"),
    ]
    assert told(take_in(store, json.dumps(said).encode(), whole=True)) == []
    with store.reading() as db:
        assert "CB-01" in organisation.body_names(db, BEFORE)
        assert "CB-01" not in organisation.body_names(db, TODAY)
        assert "KS-TU" not in {one["id"] for one in organisation.roster_content(db, TODAY)["sets"]}
        assert held(db).sections["people"]["P-021",][0].facts["supervisor"] is False


def test_a_whole_file_of_a_day_to_come_leaves_peoples_duties_until_then(an_installation):
    store = an_installation.store
    said = json.loads(shown(store))
    said["people"] = [who for who in said["people"] if who["code"] != "P-021"]
    assert told(take_in(store, json.dumps(said).encode(), whole=True, day=TOMORROW)) == []


def test_what_begins_and_changes_on_one_day_is_one_row(an_installation):
    store = an_installation.store
    for function in ("head", "member"):
        take_in(store, f"seats:\n - {{body: CB-01, person: P-005, function: {function}}}\n")
    with store.reading() as db:
        (span,) = held(db).sections["seats"]["CB-01", "P-005"]
    assert (span.since, span.facts["function"]) == (TODAY, "member")


def test_a_set_that_changes_twice_on_one_day_keeps_every_version(an_installation):
    store = an_installation.store
    for k in (3, 2):
        take_in(store, f"sets:\n - {{code: KS-S, k: {k}}}\n")
    with store.reading() as db:
        made = db.query(models.CustodianSet).filter_by(code="KS-S").order_by(models.CustodianSet.version).all()
        assert [(row.version, row.k) for row in made] == [(1, 2), (2, 3), (3, 2)]
        assert {one["id"]: one["v"] for one in organisation.roster_content(db, TODAY)["sets"]}["KS-S"] == 3


def test_a_version_that_was_taken_out_is_never_used_again(an_installation):
    store = an_installation.store
    take_in(store, "sets:\n - {code: KS-S, k: 3, valid_from: 2027-01-01}\n")
    said = json.loads(shown(store))
    said["sets"] = [one for one in said["sets"] if one["code"] != "KS-S"]
    take_in(store, json.dumps(said).encode(), whole=True, day=TOMORROW)
    people = "[P-011, P-012, P-013, P-014]"
    done = take_in(store, f"sets:\n - {{code: KS-S, k: 3, level: 3, members: {people}, valid_from: 2026-12-01}}\n")
    assert told(done) == [("sets", "KS-S", "added")]
    assert done.plan.changes[0].step.after["version"] == 3


def test_a_user_name_is_kept_from_the_moment_a_browser_may_have_stretched_a_passphrase_with_it(an_installation):
    world = an_installation
    take_in(world.store, "people:\n - {code: P-031, username: ba-mot, name: Ai Đó}\n")
    rename = "people:\n - {code: P-031, username: ba-hai}\n"
    with world.store.transaction() as db:
        members.make_link(db, "P-031", token="t" * 43, at=AT)
        sid = {"sid": "sid-031", "totp": bytes(20), "pepper": bytes(32)}
        members.begin_enrolment(db, "t" * 43, **sid, box=world.box, at=AT)
    assert [fault.why for fault in take_in(world.store, rename).plan.faults] == ["username_fixed"]
    with world.store.transaction() as db:
        db.query(models.EnrolmentSession).delete()
    assert told(take_in(world.store, rename)) == [("people", "P-031", "changed")]


# Who may read no more


def test_a_handling_seat_that_ends_costs_grants_and_keys_in_the_same_act(office, opened):
    store = office.world.store
    end = f"seats:\n - {{body: UBKT-S, person: P-002, term_to: {local_date(office.at) - timedelta(days=1)}}}\n"
    done = take_in(store, end, at=office.at)
    assert (told(done), done.cases) == ([("seats", "UBKT-S/P-002", "ended")], 1)
    assert (
        rows(office, models.SealedObject, models.SealedObject.kind == "grant", models.SealedObject.reader == "P-002")
        == []
    )
    assert [epoch[2] for epoch in epochs_of(office, opened)] == ["closed", "pending", "closed", "pending"]
    assert ledger_kinds(office, opened)[-1] == "removed"
    assert refused(office.the_file, opened, "P-002") == "not_entitled"


def test_a_seat_that_changes_and_still_handles_keeps_its_reader(office, opened):
    change = "seats:\n - {body: UBKT-S, person: P-002, function: member, roles: [decide]}\n"
    done = take_in(office.world.store, change, at=office.at)
    assert (told(done), done.cases) == ([("seats", "UBKT-S/P-002", "changed")], 0)
    assert ledger_kinds(office, opened)[-1] == "epoch_opened"
    assert office.the_file(opened, "P-002")


def test_a_body_that_ends_or_is_renamed_leaves_its_open_cases_working_under_the_old_name(office, opened):
    store, today = office.world.store, local_date(office.at)
    take_in(
        store,
        "bodies:\n - {code: UBKT-S, name: {vi: Tên mới, en: New Name}}\n",
        at=office.at,
        day=today + timedelta(days=1),
    )
    later = today + timedelta(days=2)
    done = take_in(
        store, f"bodies:\n - {{code: UBKT-S, valid_to: {today + timedelta(days=1)}}}\n", day=later, at=office.at
    )
    assert (told(done), done.cases) == ([("bodies", "UBKT-S", "ended")], 0)
    office.later(days=3)
    for code in READERS:
        assert office.the_file(opened, code)
    with store.reading() as db:
        assert organisation.body_names(db, today)["UBKT-S"]["vi"] == ""
        assert "UBKT-S" not in organisation.body_names(db, later)


def test_nobody_becomes_a_reader_before_the_roster_is_signed(an_installation):
    store = an_installation.store
    take_in(store, "seats:\n - {body: UBKT-S, person: P-007, function: member, roles: [intake]}\n")
    with store.reading() as db:
        assert organisation.roster_waits(db, TODAY)
        assert [seat.signed for seat in organisation.current(db, TODAY).seated["UBKT-S"]] == [True] * 4 + [False]
    with store.transaction() as db:
        publish(db, an_installation, at=AT)
    with store.reading() as db:
        assert not organisation.roster_waits(db, TODAY)
        assert all(seat.signed for seat in organisation.current(db, TODAY).seated["UBKT-S"])


def test_on_both_databases_an_organisation_is_taken_in_and_shown_again(store):
    make_world(store)
    take_in(store, SOME)
    for whole in (False, True):
        assert told(take_in(store, shown(store), whole=whole)) == []
    with store.reading() as db:
        assert ledger.verify(db, make_public(store)) == []


def make_public(store):
    with store.reading() as db:
        return organisation.installation(db).signing_public


def test_one_file_taken_in_by_several_at_once_changes_the_organisation_once(an_installation):
    store, gate = an_installation.store, Barrier(4)

    def one(_):
        gate.wait(timeout=30)
        return told(take_in(store, "people:\n - {code: P-031, username: moi, name: Ai Đó}\n"))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(one, range(4)))
    assert sorted(map(len, found)) == [0, 0, 0, 1]
    assert len(entries(store)) == 1


# Any organisation

CODES = [f"B-{number}" for number in range(6)]
WHO = [f"P-{number:03d}" for number in range(20, 32)]
dates = st.sampled_from([TODAY + timedelta(days=n) for n in (-400, -1, 0, 1, 30, 400)])
name = st.fixed_dictionaries(
    {"vi": st.text("ABc 'ạ:#-\"", min_size=1, max_size=6).filter(str.strip), "en": st.just("N")}
)


@st.composite
def organisations(draw):
    """A file in which parents stand higher, and terms of one seat follow each other."""
    bodies = []
    for level, code in enumerate(reversed(CODES), 1):
        parents = [None, *CODES[: len(CODES) - level]]
        body = {
            "code": code,
            "kind": "cell",
            "level": level,
            "name": draw(name),
            "parent": draw(st.sampled_from(parents)),
        }
        bodies.append(
            body | draw(st.sampled_from([{}, {"single": True}, {"quorum": 3}])) | {"valid_from": "2020-01-01"}
        )
    people = [
        {"code": code, "username": code.lower(), "name": "Ai Đó", "mail": draw(st.sampled_from([None, "a@b.vn"]))}
        for code in WHO
    ]
    seats = []
    for body, who in draw(st.sets(st.tuples(st.sampled_from(CODES), st.sampled_from(WHO[:6])), max_size=8)):
        first, last = sorted((draw(dates), draw(dates)))
        roles = draw(st.lists(st.sampled_from(["intake", "decide"]), unique=True))
        seat = {"body": body, "person": who, "function": draw(st.sampled_from(["head", "clerk"])), "roles": roles}
        seats.append(seat | {"term_from": str(first), "term_to": draw(st.sampled_from([str(last), None]))})
    sets = [
        {"code": "KS", "k": draw(st.integers(2, 3)), "level": 1, "members": WHO[6:10], "valid_from": str(draw(dates))}
    ]
    units = [{"code": "U-1", "name": draw(name), "body": draw(st.sampled_from([None, *CODES]))}]
    return {"bodies": bodies, "people": people, "seats": seats, "sets": sets[: draw(st.integers(0, 1))], "units": units}


EMPTY = {"bodies": {}, "units": {}, "people": {}, "seats": {}, "sets": {}}


@given(organisations(), organisations(), dates, st.booleans())
@settings(deadline=None)
def test_whatever_the_organisation_showing_and_taking_it_in_changes_nothing(first, second, on, whole):
    there = Held(EMPTY, frozenset(), {})
    for said in (first, second):
        file, faults = read_file(json.dumps(said, ensure_ascii=False).encode())
        assert faults == []
        made = plan(there, file, day=TODAY, today=TODAY, whole=False)
        if not made.faults:
            there = Held(made.after, frozenset(), {})
            again = plan(there, file, day=TODAY, today=TODAY, whole=False)
            assert (again.changes, again.faults) == ((), ())
    text = json.dumps(as_file(there, on=on), ensure_ascii=False).encode()
    back, faults = read_file(text)
    assert faults == []
    made = plan(there, back, day=on, today=TODAY, whole=whole)
    assert (made.changes, made.faults) == ((), ())


@given(organisations(), st.sampled_from([TODAY, TOMORROW]))
@settings(deadline=None)
def test_no_day_before_the_given_one_ever_changes(said, day):
    there = ready_files.staffed_record()
    file, _ = read_file(json.dumps(said | {"bodies": [{"code": "CB-01", "parent": None}]}).encode())
    after = plan(there, file, day=day, today=TODAY, whole=True).after
    for section in ("bodies", "seats", "sets"):
        for key, timeline in there.sections[section].items():
            for past in (date(2021, 1, 1), day - timedelta(days=1)):
                before, now = in_force(timeline, past), in_force(after[section][key], past)
                assert (before and before.facts) == (now and now.facts)


# The ready organisations


def test_the_second_ready_organisation_follows_from_the_first(store):
    with store.transaction() as db:
        commands.install(db, kind="production", receipt_salt=bytes(16), signing_public=bytes(32), at=AT)
        commands.load_bodies(db, ready.plan().bodies, on=ready.plan().since, at=AT)
    since = date(2025, 7, 1)
    done = take_in(store, ready_files.changed_2025(), day=since)
    assert ("bodies", "TTS", "ended") in told(done)
    assert told(take_in(store, ready_files.changed_2025(), day=since)) == []
    with store.reading() as db:
        then, now = organisation.current(db, date(2025, 6, 30)), organisation.current(db, TODAY)
    assert (then.by_code["TTS"].name_vi, "TTS" in now.by_code) == ("Thanh tra Sở", False)
    assert then.by_code["BDV-TU"].name_vi == "Ban Dân vận Thành ủy"
    assert now.by_code["BDV-TU"].name_vi == "Ban Tuyên giáo và Dân vận Thành ủy"
    assert (then.by_code["BTV-S"].parent, now.by_code["BTV-S"].parent) == ("BTV-TU", "BTV-UB")
    laid = ready_files.overlaid(rules.read("organisation-plan"), rules.read("organisation-2025"))
    assert sorted(ready.read_plan(laid).bodies, key=lambda body: body.code) == list(now.bodies)


def test_in_the_second_ready_organisation_who_stands_above_is_not_received_here():
    laid = ready.read_plan(ready_files.overlaid(rules.read("organisation-plan"), rules.read("organisation-2025")))
    there = replace(ready.staffed(), bodies=laid.bodies)
    for code in ("UBKT-UB", "BTV-UB"):
        facts = routing.parse_facts({"on": "2026-11-24", "accused": [{"body": code, "role": "head"}]})
        assert routing.route(facts, there, routing.load_rules()).as_json()["rule"] == "row-30"


def test_the_administrator_who_is_left_out_is_not_the_last(an_installation):
    said = json.loads(shown(an_installation.store))
    said["people"] = [who for who in said["people"] if who["code"] != ADMINISTRATOR]
    done = take_in(an_installation.store, json.dumps(said).encode(), whole=True)
    assert [fault.why for fault in done.plan.faults] == ["no_administrator"]
