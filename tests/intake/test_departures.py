"""Who has left a case by their own signed word isn't brought back by a server, whatever it lists."""

from __future__ import annotations

import copy

import pytest

from crypto.encoding import parse_jcs, unb64u
from crypto.signing import sign_statement
from intake.client import ClientFault
from intake.client.sealing import Ring


@pytest.fixture
def case(filed, signed_in):
    """P-003 has declared a conflict, P-004 has withdrawn; P-001 reads."""
    (line,) = signed_in("P-001").queue()
    signed_in("P-001").declare(line["id"], conflict=False)
    signed_in("P-003").declare(line["id"], conflict=True)
    signed_in("P-004").withdraw(line["id"])
    return line["id"]


def altered(monkeypatch, client, name, alter):
    """The server's answers, changed on their way: `case` of the desk, `call` of the mailbox."""
    honest = getattr(client, name)

    def cheating(*args, **options):
        told = copy.deepcopy(honest(*args, **options))
        if "readers" in told:
            alter(told)
        return told

    monkeypatch.setattr(client, name, cheating)


def relisted(office):
    def alter(told):
        told["readers"] += [
            {"id": code, "readerkey": office.world.people[code].readerkey} for code in ("P-003", "P-004")
        ]

    return alter


def own_epoch(office, client, case, before, reader):
    """The next key as P-003, who left, makes it with the server, and says that it was made before."""
    codes = ("P-001", "P-002", "P-003", "P-004", "reporter")
    statement, grants = office.epoch(case, Ring("report", 2, b"s" * 32), codes, by="P-003", prev=before.hash)
    early = {**parse_jcs(unb64u(statement["stmt"])), "at": "2026-11-01T00:00:00Z"}
    statement = sign_statement(office.world.people["P-003"].keys.sign_seed, early)

    def alter(told):
        kept = [row for row in told["epochs"] if (row["ring"], row["epoch"]) != ("report", 2)]
        told["epochs"] = [*kept, {"ring": "report", "epoch": 2, "state": "open", "statement": statement}]
        told["grants"] += [grant for grant in grants if grant["reader"] == reader]

    return alter


def returned(*people):
    return tuple({"code": "reader_returned", "ring": "report", "epoch": 2, "who": who} for who in people)


def test_desk_and_mailbox_are_served_the_departures_and_no_clear_declaration(reporter, filed, case, signed_in):
    opened, mailbox = signed_in("P-001").open_case(case), reporter.open_mailbox(filed)
    kinds = [parse_jcs(unb64u(one["stmt"]))["kind"] for one in opened.answer["departures"]]
    assert kinds == ["conflict", "withdrawal"]
    assert mailbox.answer["departures"] == opened.answer["departures"]
    assert opened.departed == mailbox.departed == {"P-003", "P-004"}
    assert (opened.warnings, opened.rings["report"].warnings, mailbox.report.warnings) == ((), (), ())


def test_the_departed_get_no_next_key_of_a_colleague_or_the_reporter(
    reporter, filed, case, signed_in, office, monkeypatch
):
    member = signed_in("P-001")
    altered(monkeypatch, member, "case", relisted(office))
    for ring, others in (("report", {"P-001", "P-002", "reporter"}), ("internal", {"P-001", "P-002"})):
        made = member.build_epoch(member.open_case(case), ring)
        assert {grant["reader"] for grant in made["grants"]} == others
    altered(monkeypatch, reporter, "call", relisted(office))
    args = reporter.build_message(reporter.open_mailbox(filed), "Chỉ cho người còn lại.")
    assert {grant["reader"] for grant in args["epoch"]["grants"]} == {"P-001", "P-002", "reporter"}


def test_nothing_is_sealed_under_a_departed_readers_own_next_key(reporter, filed, case, signed_in, office, monkeypatch):
    member = signed_in("P-001")
    before = member.open_case(case).rings["report"].newest
    altered(monkeypatch, member, "case", own_epoch(office, member, case, before, "P-001"))
    opened = member.open_case(case)
    assert opened.rings["report"].warnings == returned("P-003", "P-004")
    with pytest.raises(ClientFault, match="ring_untrusted"):
        member.build_item(opened, "message", "Không gửi.")
    altered(monkeypatch, reporter, "call", own_epoch(office, reporter, case, before, "reporter"))
    mailbox = reporter.open_mailbox(filed)
    assert mailbox.report.warnings == returned("P-003", "P-004")
    with pytest.raises(ClientFault, match="ring_untrusted"):
        reporter.build_message(mailbox, "Không gửi.")


@pytest.mark.parametrize("how", ["left out", "forged", "of another case"])
def test_a_departure_that_is_kept_back_or_forged_stops_the_desk(case, signed_in, office, monkeypatch, how):
    member = signed_in("P-001")

    def alter(told):
        first, *others = told["departures"]
        if how == "forged":
            others.append({**first, "sig": others[0]["sig"]})
        if how == "of another case":
            said = {**parse_jcs(unb64u(first["stmt"])), "case": "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e"}
            others.append(sign_statement(office.world.people["P-003"].keys.sign_seed, said))
        told["departures"] = others

    altered(monkeypatch, member, "case", alter)
    opened = member.open_case(case)
    assert (opened.departed, opened.warnings) == ({"P-004"}, ({"code": "departures_hidden"},))
    with pytest.raises(ClientFault, match="departures_hidden"):
        member.build_epoch(opened, "report")
    with pytest.raises(ClientFault, match="ring_untrusted"):
        member.build_item(opened, "message", "Không gửi.")


def test_nobody_can_be_made_to_leave_by_a_clear_declaration_or_the_reporters_name(case, signed_in, office, monkeypatch):
    member = signed_in("P-001")

    def alter(told):
        said = parse_jcs(unb64u(told["departures"][0]["stmt"]))
        people = office.world.people
        clear = sign_statement(people["P-002"].keys.sign_seed, {**said, "by": "P-002", "conflict": False})
        named = sign_statement(people["P-003"].keys.sign_seed, {**said, "by": "reporter"})
        told["departures"] += [clear, named]

    altered(monkeypatch, member, "case", alter)
    assert member.open_case(case).departed == {"P-003", "P-004"}
