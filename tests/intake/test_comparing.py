"""What a reader compares beside the text: an altered chain, header or list of readers is told and shuts nobody out."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from crypto.encoding import b64u, jcs, parse_jcs, unb64u
from crypto.padding import pad
from intake.client import sealing
from intake.client.comparing import reader_warnings
from intake.client.sealing import Recipient
from tests.adversary.test_cheating_server import Cheat
from workflow.sealed import HEADER_FRAME


@pytest.fixture
def reading(signed_in, filed):
    """P-001 has declared; `reading(alter)` are the warnings after the server altered its answer."""
    member = signed_in("P-001")
    (line,) = member.queue()
    member.declare(line["id"], conflict=False)
    honest = member.http

    def read(alter=lambda told: None):
        member.http = Cheat(honest, f"/staff/api/v1/desk/cases/{line['id']}", alter)
        opened = member.open_case(line["id"])
        member.http = honest
        assert opened.narrative["text"]
        return opened.warnings

    read.member, read.case = member, line["id"]
    return read


def test_an_honest_case_has_no_warnings(reading):
    assert reading() == ()


def test_a_broken_chain_is_told_with_its_entry(reading):
    def left_out(told):
        del told["ledger"][0]

    def another_hash(told):
        told["ledger"][1]["hash"] = "0" * 64

    def another_entry(told):
        said = parse_jcs(unb64u(told["ledger"][-1]["entry"])) | {"kind": "withdrawn"}
        told["ledger"][-1]["entry"] = b64u(jcs(said))

    def another_part(told):
        part = parse_jcs(unb64u(told["ledger"][-1]["private"]["part"])) | {"person": "P-002"}
        told["ledger"][-1]["private"]["part"] = b64u(jcs(part))

    for alter, at in ((left_out, 1), (another_hash, 2), (another_part, 2), (lambda told: told["ledger"].clear(), 1)):
        assert {"code": "chain_broken", "at": at} in reading(alter), alter.__name__
    assert "chain_broken" in {warning["code"] for warning in reading(another_entry)}


def test_a_header_that_says_otherwise_than_the_reporter_is_told(reading):
    member = reading.member
    header = copy.deepcopy(member.header(member.case(reading.case)))
    header["facts"]["objections"] = ["P-009"]
    header["decision"]["rule"] = "R-99"
    recipient = Recipient("P-001", member.unlocked.keys.kem_public)

    def another(told):
        told["header"]["object"] = sealing.sealed_to(told["id"], recipient, "header", pad(jcs(header), HEADER_FRAME))

    assert reading(another) == ({"code": "header_differs", "fields": ("decision.rule", "facts.objections")},)


def test_readers_without_a_rostered_key_and_added_ones_whom_the_report_names_are_told(reading):
    member = reading.member
    opened = member.open_case(reading.case)
    trust = member.installation()
    gone = {code: keys for code, keys in trust.roster.members.items() if code != "P-002"}
    less = replace(trust, roster=replace(trust.roster, members=gone))
    assert list(reader_warnings(opened.rings, opened.first, less)) == [
        {"code": "reader_unrostered", "ring": "report", "who": "P-002"}
    ]
    chain = opened.rings["report"]
    unsigned = replace(chain.newest, signed=False, added=(("P-003", "0" * 64), ("P-004", "0" * 64)))
    rings = {"report": replace(chain, epochs={1: unsigned})}
    first = {**opened.first, "facts": {**opened.first["facts"], "objections": ["P-004"]}}
    assert list(reader_warnings(rings, first, trust)) == [
        {"code": "epoch_signer_unknown", "ring": "report", "who": "reporter"},
        {"code": "reader_concerned", "ring": "report", "who": "P-004"},
    ]
