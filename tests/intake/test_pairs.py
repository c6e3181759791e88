"""A linked pair from a reporter's browser: two cases in one sending, two mailboxes under one code, each for its own body."""

from __future__ import annotations

import copy

import pytest

from crypto.encoding import b64u, parse_jcs, unb64u
from intake.client import ClientFault, Refused
from intake.client.pairs import check_linked
from intake.reporter import schemas
from tests.casework import FACTS, READERS, REPORT, code_of, ledger_kinds, office_rows, rows
from tests.paired import DEPUTY, DIRECTOR, PAIR_FACTS, PARTY, STATE, add_state_side
from workflow import models

CODE = code_of("reporter")


@pytest.fixture(autouse=True)
def state_side(an_installation):
    add_state_side(an_installation)


@pytest.fixture
def shown(reporter):
    return reporter.preview(PAIR_FACTS)


@pytest.fixture
def args(reporter, shown):
    return reporter.build_submission(REPORT, PAIR_FACTS, shown, CODE)


def stored(office):
    return {case.body: case for case in rows(office, models.Case)}


def refused(reporter, office, args):
    with pytest.raises(Refused) as caught:
        reporter.submit(args)
    assert stored(office) == {}
    return caught.value.code


def test_the_preview_tells_both_bodies_how_many_read_by_which_rule_and_which_leads(shown):
    assert shown["decision"]["body"] == STATE
    assert shown["decision"]["readers"] == [DIRECTOR, DEPUTY]
    assert shown["decision"]["pair"] == {"body": PARTY, "rule": "row-14", "readers": list(READERS), "leads": False}
    pair = shown["pair"]
    assert (pair["decision"]["body"], pair["readers"]) == (PARTY, len(READERS))
    assert pair["decision"]["pair"] == {
        "body": STATE,
        "rule": "row-14",
        "readers": [DIRECTOR, DEPUTY],
        "leads": True,
    }
    assert pair["rule_text"]
    assert pair["body_name"]
    assert pair["set"]["members"]
    assert pair.keys() == schemas.PairShown.model_fields.keys()


def test_without_a_pair_the_preview_says_that_there_is_none(reporter):
    assert reporter.preview(FACTS)["pair"] is None
    nobody = reporter.preview(PAIR_FACTS | {"objections": [DIRECTOR, DEPUTY, *READERS, "P-005", "P-006", "P-007"]})
    assert (nobody["decision"]["body"], nobody["decision"]["pair"], nobody["pair"]) == (None, None, None)


def test_two_cases_are_stored_each_with_its_own_keys_profile_and_readers(reporter, office, args):
    receipt = reporter.submit(args)
    assert (receipt["number"], receipt["body"]) == ("2026-0001", STATE)
    assert (receipt["pair"]["number"], receipt["pair"]["body"]) == ("2026-0002", PARTY)
    assert receipt["pair"].keys() == schemas.ReceiptAnswer.model_fields.keys()
    cases = stored(office)
    assert (cases[STATE].profile, cases[PARTY].profile) == ("state", "party")
    assert cases[STATE].reporter_sign != cases[PARTY].reporter_sign
    assert cases[STATE].reporter_kem != cases[PARTY].reporter_kem
    assert cases[STATE].mailbox_hash != cases[PARTY].mailbox_hash
    grants = {
        body: {row.reader for row in rows(office, models.SealedObject, models.SealedObject.case_id == case.id)}
        for body, case in cases.items()
    }
    assert set(READERS).isdisjoint(grants[STATE])
    assert {DIRECTOR, DEPUTY}.isdisjoint(grants[PARTY])
    for case in cases.values():
        assert ledger_kinds(office, case.id) == ["report_received"]


def test_nothing_in_the_clear_ties_the_two(reporter, office, args):
    reporter.submit(args)
    cases = stored(office)
    for table in models.Record.metadata.sorted_tables:
        with office.world.store.reading() as db:
            for row in db.execute(table.select()):
                told = " ".join(value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in row)
                assert sum(case.id in told for case in cases.values()) < 2, table.name
                assert sum(case.mailbox_hash in told for case in cases.values()) < 2, table.name
    assert b64u(reporter.keys(CODE).mailbox) not in office_rows(office)


def test_one_code_opens_both_mailboxes_and_each_body_reads_and_answers(reporter, signed_in, args):
    reporter.submit(args)
    lead, other = reporter.open_both(CODE)
    assert (lead.number, other.number) == ("2026-0001", "2026-0002")
    assert (lead.answer["body"], other.answer["body"]) == (STATE, PARTY)
    for code, mailbox, number, leads in ((DIRECTOR, lead, "2026-0002", False), ("P-001", other, "2026-0001", True)):
        member = signed_in(code)
        (line,) = member.queue()
        assert line["id"] == mailbox.case
        header = member.header(member.case(line["id"]))
        assert (header["linked"]["number"], header["linked"]["leads"]) == (number, leads)
        member.declare(line["id"], conflict=False)
        opened = member.open_case(line["id"])
        assert opened.narrative["text"] == REPORT.text
        assert opened.first["linked"] == {name: header["linked"][name] for name in ("case", "body", "leads")}
        assert opened.warnings == ()
        member.write(line["id"], f"Từ {code}.")
    lead, other = reporter.open_both(CODE)
    assert [one.text for one in lead.messages] == [f"Từ {DIRECTOR}."]
    assert [one.text for one in other.messages] == ["Từ P-001."]
    reporter.write(other, "Cho tổ chức đảng.")
    assert [len(one.messages) for one in reporter.open_both(CODE)] == [1, 2]
    for mailbox in reporter.open_both(CODE):
        assert reporter.check_record(mailbox)


def test_a_reader_of_one_case_gets_nothing_of_the_other(reporter, signed_in, args):
    reporter.submit(args)
    lead, other = reporter.open_both(CODE)
    for code, case in ((DIRECTOR, other.case), ("P-001", lead.case)):
        with pytest.raises(Refused) as caught:
            signed_in(code).case(case)
        assert caught.value.code == "not_entitled"


def test_after_a_lost_answer_the_same_sending_gets_the_same_two_numbers(reporter, office, args):
    assert reporter.submit(args) == reporter.submit(args)
    assert len(stored(office)) == 2


def test_if_the_second_is_refused_the_first_is_not_stored_either(reporter, office, args):
    swapped = copy.deepcopy(args)
    (made,) = [made for made in swapped["pair"]["objects"] if made["kind"] == "narrative"]
    made["data"] = made["data"][:-4] + ("AAAA" if made["data"][-4:] != "AAAA" else "BBBB")
    assert refused(reporter, office, swapped) == "swapped_object"
    missing = args | {"pair": args["pair"] | {"objects": args["pair"]["objects"][1:]}}
    assert refused(reporter, office, missing) == "missing_object"
    assert reporter.submit(args)["pair"]["number"] == "2026-0002"


def test_a_process_killed_between_the_two_leaves_neither(reporter, office, args, monkeypatch):
    from workflow.commands import pairs

    done = []

    def killed_at_the_second(*given, **said):
        if done:
            raise SystemExit
        done.append(True)
        return store(*given, **said)

    store = pairs.store_report
    monkeypatch.setattr(pairs, "store_report", killed_at_the_second)
    with pytest.raises(SystemExit):
        reporter.submit(args)
    assert done
    assert stored(office) == {}
    monkeypatch.undo()
    assert reporter.submit(args)["pair"]["number"] == "2026-0002"
    assert reporter.open_both(CODE)[1] is not None


def test_half_of_a_pair_that_is_known_is_not_made_whole_by_another(reporter, office, shown, args):
    alone = {name: value for name, value in args.items() if name != "pair"}
    reporter.submit(alone)
    with pytest.raises(Refused) as caught:
        reporter.submit(args)
    assert caught.value.code == "known_id_other_content"
    assert set(stored(office)) == {STATE}


def test_the_same_case_mailbox_or_keys_for_both_are_refused(reporter, office, shown, args):
    pair = args["pair"]
    assert refused(reporter, office, args | {"pair": pair | {"case": args["case"]}}) == "wrong_binding"
    assert refused(reporter, office, args | {"pair": pair | {"mailbox": args["mailbox"]}}) == "wrong_binding"
    reporter.pair_keys = reporter.keys
    same = reporter.build_submission(REPORT, PAIR_FACTS, shown, CODE)
    same["pair"]["mailbox"] = pair["mailbox"]
    assert refused(reporter, office, same) == "wrong_binding"


def test_a_pair_that_the_facts_do_not_give_is_refused(reporter, office, args):
    other = args | {"facts": {**PAIR_FACTS, "work_kind": "inspection"}}
    assert refused(reporter, office, other) == "decision_changed"
    widened = copy.deepcopy(args)
    widened["pair"]["decision"]["readers"] = [*READERS, "P-005"]
    assert refused(reporter, office, widened) == "decision_changed"


def test_a_party_side_that_changed_since_it_was_shown_is_shown_again(reporter, office, args, an_installation, clock):
    with an_installation.store.transaction() as db:
        from tests.world import SINCE, add, publish
        from workflow.commands.organisation import add_seat

        add(db, an_installation, "P-041", at=clock())
        add_seat(db, body=PARTY, person="P-041", function="member", roles=("intake",), term_from=SINCE, at=clock())
        publish(db, an_installation, at=clock())
    assert refused(reporter, office, args) in ("decision_changed", "roster_stale")
    reporter.installation()
    shown = reporter.preview(PAIR_FACTS)
    assert "P-041" in shown["pair"]["decision"]["readers"]
    assert reporter.submit(reporter.build_submission(REPORT, PAIR_FACTS, shown, CODE))["pair"]


def test_the_reporter_may_send_to_the_leading_body_alone_and_its_readers_see_that(reporter, office, signed_in, shown):
    receipt = reporter.submit(reporter.build_submission(REPORT, PAIR_FACTS, shown, CODE, alone=True))
    assert (receipt["body"], receipt["pair"]) == (STATE, None)
    assert set(stored(office)) == {STATE}
    lead, other = reporter.open_both(CODE)
    assert other is None
    member = signed_in(DIRECTOR)
    header = member.header(member.case(lead.case))
    assert header["linked"] is None
    assert header["decision"]["pair"]["body"] == PARTY
    member.declare(lead.case, conflict=False)
    assert member.open_case(lead.case).warnings == ()


def test_the_second_of_a_pair_is_never_sent_without_the_first(reporter, office, args):
    alone = {name: value for name, value in args.items() if name != "pair"} | args["pair"]
    assert refused(reporter, office, alone) == "decision_changed"


def test_a_server_that_hides_or_exchanges_the_other_mailbox_is_found_out(reporter, args):
    reporter.submit(args)
    lead, other = reporter.open_both(CODE)
    honest = reporter.call

    def hiding(op, **asked):
        if op == "mailbox.open" and asked["secret"] == b64u(reporter.pair_keys(CODE).mailbox):
            return {"found": False}
        return honest(op, **asked)

    reporter.call = hiding
    with pytest.raises(ClientFault, match="linked_missing"):
        reporter.open_both(CODE)
    with pytest.raises(ClientFault, match="linked_other"):
        check_linked(lead.case, {"linked": None}, other.case)
    with pytest.raises(ClientFault, match="linked_other"):
        check_linked(lead.case, {"linked": {"case": lead.case}}, other.case)


def test_a_header_that_names_another_linked_case_than_the_reporter_is_told(reporter, signed_in, args, monkeypatch):
    from workflow.commands import pairs

    monkeypatch.setattr(pairs, "_linked", lambda *given: {"case": "x", "number": "1", "body": PARTY, "leads": False})
    reporter.submit(args)
    member = signed_in(DIRECTOR)
    (line,) = member.queue()
    member.declare(line["id"], conflict=False)
    assert member.open_case(line["id"]).warnings == ({"code": "header_differs", "fields": ("linked",)},)


def test_the_signed_manifest_says_nothing_of_the_other_case(args):
    for own, other in ((args, args["pair"]), (args["pair"], args)):
        said = str(parse_jcs(unb64u(own["submission"]["stmt"]))) + str(parse_jcs(unb64u(own["epoch"]["stmt"])))
        assert other["case"] not in said
        assert "linked" not in said
