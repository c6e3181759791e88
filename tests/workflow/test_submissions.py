"""A submission is exactly what the decision asks for, or it is refused with a code that says what is wrong."""

from __future__ import annotations

import copy
from datetime import date, timedelta

import pytest

from crypto.encoding import b64u, parse_jcs, unb64u
from intake.client import sealing
from tests.casework import FACTS, REPORT, part_of
from workflow.errors import Conflict, Malformed, NotEligible, Refusal, TooLarge, Unavailable
from workflow.queries import organisation
from workflow.sealed import Part, check_part
from workflow.submissions import check_submission, content_hash

ON = date(2026, 11, 24)


@pytest.fixture
def roster(office):
    with office.world.store.reading() as db:
        signed = organisation.latest_roster(db)
    return signed.rostered


@pytest.fixture
def args(office):
    return office.submission()


@pytest.fixture
def check(office, roster):
    def check(args, *, on=ON, receiving=None):
        return check_submission(office.sending(args), receiving or office.receiving(args), roster, on=on)

    return check


def changed(args, kind, **wanted):
    """A copy whose first object of this kind (and with these fields) is at hand."""
    copied = copy.deepcopy(args)
    for made in copied["objects"]:
        if made["kind"] == kind and all(made.get(name) == value for name, value in wanted.items()):
            return copied, made
    raise LookupError(kind)


def without(args, made):
    return args | {"objects": [one for one in args["objects"] if one["id"] != made["id"]]}


def refused(check, args, **options):
    with pytest.raises(Refusal) as caught:
        check(args, **options)
    return caught.value


def test_a_whole_submission_is_taken(check, args, office):
    checked = check(args)
    assert checked.reporter_sign == office.keys().sign_public
    assert checked.key_set.id == "KS-S"
    assert checked.submission.hash == sealing.manifest_line({"data": args["submission"]["stmt"]})["sha256"]


def test_the_content_hash_covers_manifest_and_mailbox(office, args):
    same = content_hash(office.sending(args))
    assert content_hash(office.sending(copy.deepcopy(args))) == same
    assert content_hash(office.sending(args | {"mailbox": "0" * 64})) != same
    assert content_hash(office.sending(office.submission())) != same


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("first", {}),
        ("summary", {}),
        ("narrative", {}),
        ("identity", {"scope": "signature"}),
        ("grant", {"ring": "report", "reader": "P-002"}),
        ("grant", {"ring": "report", "reader": "reporter"}),
        ("grant", {"scope": "address"}),
        ("share", {"scope": "name", "reader": "P-013"}),
    ],
)
def test_a_missing_object_is_refused_whether_signed_for_or_not(check, office, args, kind, fields):
    copied, made = changed(args, kind, **fields)
    assert refused(check, without(copied, made)).code == "missing_object"
    assert refused(check, office.resigned(without(copied, made))).code == "missing_object"


@pytest.mark.parametrize("kind", ["first", "narrative", "identity", "grant", "share"])
def test_a_second_object_for_the_same_place_is_refused(check, office, args, kind):
    copied, made = changed(args, kind)
    copied["objects"].append({**made, "id": sealing.new_key().hex()[:8] + "-0000-4000-8000-000000000000"})
    assert refused(check, copied).code == "unexpected_object"
    assert refused(check, office.resigned(copied)).code == "unexpected_object"


@pytest.mark.parametrize("kind", ["note", "message"])
def test_an_object_that_has_no_place_in_a_submission_is_refused(check, office, args, kind):
    copied, made = changed(args, "summary")
    made["kind"] = kind
    assert refused(check, office.resigned(copied)).code == "unexpected_object"


@pytest.mark.parametrize("kind", ["rescue", "release", "file", "header", "poem"])
def test_reserved_and_unknown_kinds_are_refused(check, office, args, kind):
    copied, made = changed(args, "summary")
    made["kind"] = kind
    assert refused(check, office.resigned(copied)).code == "unexpected_object"


@pytest.mark.parametrize("kind", ["first", "summary", "identity", "grant", "share"])
def test_a_swapped_object_is_refused(check, office, args, kind):
    copied, made = changed(args, kind)
    _, theirs = changed(office.submission(reporter="somebody else"), kind)
    made["data"] = theirs["data"]
    assert refused(check, copied).code == "swapped_object"


def test_two_objects_of_one_report_that_changed_places_are_refused(check, args):
    copied, made = changed(args, "share", reader="P-011")
    other = next(one for one in copied["objects"] if one["kind"] == "share" and one["reader"] == "P-012")
    made["data"], other["data"] = other["data"], made["data"]
    assert refused(check, copied).code == "swapped_object"


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("summary", "epoch", 2),
        ("narrative", "ring", "internal"),
        ("identity", "scope", "name2"),
        ("grant", "readerkey", "0" * 64),
        ("share", "k", 1),
    ],
)
def test_a_place_that_differs_from_the_signed_one_is_refused(check, args, kind, field, value):
    copied, made = changed(args, kind)
    made[field] = value
    assert refused(check, copied).code == "wrong_binding"


@pytest.mark.parametrize(
    ("kind", "field", "value", "code"),
    [
        ("summary", "epoch", 2, "unexpected_object"),
        ("narrative", "ring", "internal", "unexpected_object"),
        ("summary", "scope", "name", "wrong_binding"),
        ("identity", "ring", "report", "wrong_binding"),
        ("identity", "scope", "blood", "unexpected_object"),
        ("share", "k", 3, "wrong_binding"),
        ("share", "setv", 2, "wrong_binding"),
        ("share", "set", "KS-TU", "wrong_binding"),
        ("share", "x", 0, "wrong_binding"),
        ("share", "x", 256, "wrong_binding"),
        ("share", "readerkey", "0" * 64, "unknown_reader"),
        ("grant", "readerkey", "0" * 64, "unknown_reader"),
    ],
)
def test_a_wrong_place_is_refused_although_it_was_signed(check, office, args, kind, field, value, code):
    copied, made = changed(args, kind)
    made[field] = value
    assert refused(check, office.resigned(copied)).code == code


def test_two_shares_at_one_place_are_refused(check, office, args):
    copied, made = changed(args, "share", scope="name")
    beside = next(one for one in copied["objects"] if one["kind"] == "share" and one["scope"] == "name" and one != made)
    made["x"] = beside["x"]
    assert refused(check, office.resigned(copied)).code == "wrong_binding"


def test_a_grant_beyond_the_decision_is_refused(check, office, args):
    copied, made = changed(args, "grant", reader="P-003")
    extra = sealing.ring_grant(args["case"], sealing.Ring("report", 1, bytes(32)), office.recipient("P-005"))
    copied["objects"].append(extra)
    assert isinstance(refused(check, office.resigned(copied)), NotEligible)
    copied["objects"].remove(made)
    assert isinstance(refused(check, office.resigned(copied)), NotEligible)


def test_a_grant_or_share_to_somebody_whom_no_roster_holds_is_refused(check, office, args):
    for kind in ("grant", "share"):
        copied, made = changed(args, kind)
        made["reader"] = "P-999"
        assert refused(check, office.resigned(copied)).code == "unknown_reader"


def test_a_share_to_a_reader_instead_of_a_custodian_is_refused(check, office, args):
    copied, made = changed(args, "share")
    made["reader"], made["readerkey"] = "P-005", office.world.people["P-005"].readerkey
    assert isinstance(refused(check, office.resigned(copied)), NotEligible)


@pytest.mark.parametrize(
    ("kind", "cut", "code"),
    [
        ("summary", lambda data: data[:-1], "wrong_size"),
        ("summary", lambda data: data[:60], "wrong_size"),
        ("identity", lambda data: data + bytes(512), "wrong_size"),
        ("grant", lambda data: data + b"\0", "wrong_size"),
        ("share", lambda data: data[:-1], "wrong_size"),
        ("summary", lambda data: data + bytes(8192), "too_large"),
        ("narrative", lambda data: data + bytes(600_000), "too_large"),
        ("first", lambda data: data + bytes(70_000), "too_large"),
        ("summary", lambda data: b"\2" + data[1:], "unknown_version"),
        ("grant", lambda data: b"\0" + data[1:], "unknown_version"),
        ("share", lambda data: b"", "unknown_version"),
    ],
)
def test_sizes_and_versions_that_cannot_be_are_refused(check, office, args, kind, cut, code):
    copied, made = changed(args, kind)
    made["data"] = b64u(cut(unb64u(made["data"])))
    assert refused(check, office.resigned(copied)).code == code


def test_the_longest_narrative_fits(check, office):
    from dataclasses import replace

    check(office.submission(report=replace(REPORT, text="ẫ" * 30_000)))


def test_what_was_signed_by_somebody_else_is_refused(check, office, args):
    other = office.submission(reporter="somebody else")
    said = parse_jcs(unb64u(args["submission"]["stmt"]))
    forged = args | {"submission": office.signed_by_reporter(said, "somebody else")}
    assert refused(check, forged).code == "bad_signature"
    assert refused(check, args | {"epoch": other["epoch"]}).code == "bad_signature"
    assert refused(check, args | {"submission": other["submission"]}).code == "wrong_binding"


def test_a_statement_that_is_not_canonical_or_says_more_is_refused(check, office, args):
    doc = unb64u(args["submission"]["stmt"])
    spaced = args | {"submission": {**args["submission"], "stmt": b64u(doc[:-1] + b" }")}}
    assert refused(check, spaced).code == "malformed"
    assert refused(check, office.resigned(args, story="prose")).code == "malformed"
    said = {name: value for name, value in parse_jcs(doc).items() if name != "scopes"}
    assert refused(check, args | {"submission": office.signed_by_reporter(said)}).code == "malformed"


@pytest.mark.parametrize("at", ["2026-11-24T09:06:07Z", "2026-11-24T09:00:01Z", "2026-11-24", 5])
def test_the_reporters_time_is_written_down_to_the_hour_only(check, office, args, at):
    assert refused(check, office.resigned(args, at=at)).code == "malformed"


@pytest.mark.parametrize(
    ("field", "size"), [("key", 0), ("key", 31), ("key", 32), ("kem", 0), ("kem", 32), ("kem", 1215), ("kem", 1216)]
)
def test_weak_keys_are_refused(check, office, args, field, size):
    assert refused(check, office.resigned(args, **{field: b64u(bytes(size))})).code == "weak_key"


def test_a_stale_roster_and_an_expired_one_are_told_apart(check, office, args, roster):
    assert refused(check, office.resigned(args, roster={"no": 2, "hash": "0" * 64})).code == "roster_stale"
    assert refused(check, args, on=roster.expires + timedelta(days=1)).code == "roster_expired"
    assert check(args, on=roster.expires)


@pytest.mark.parametrize(
    "fields",
    [
        {"body": "UBKT-TU"},
        {"readers": ["P-001", "P-002"]},
        {"readers": ["P-002", "P-001", "P-003", "P-004"]},
        {"set": {"id": "KS-S", "v": 1, "k": 1, "n": 4}},
    ],
)
def test_another_decision_than_the_servers_is_refused(check, office, args, fields):
    assert isinstance(refused(check, office.resigned(args, **fields)), Conflict)
    assert refused(check, office.resigned(args, **fields)).code == "decision_changed"


@pytest.mark.parametrize("field", ["rings", "scopes"])
@pytest.mark.parametrize("wrong", [[], None, [{}], [{"ring": "report", "epoch": 1, "commitment": "x"}] * 2])
def test_commitments_are_all_there(check, office, args, field, wrong):
    assert refused(check, office.resigned(args, **{field: wrong})).code in ("missing_object", "malformed")


def test_scopes_are_committed_to_in_order_and_each_once(check, office, args):
    scopes = parse_jcs(unb64u(args["submission"]["stmt"]))["scopes"]
    assert refused(check, office.resigned(args, scopes=scopes[::-1])).code == "missing_object"
    assert refused(check, office.resigned(args, scopes=[*scopes, scopes[0]])).code == "missing_object"


@pytest.mark.parametrize(
    "fields",
    [
        {"ring": "internal"},
        {"epoch": 2},
        {"prev": "1" * 64},
        {"commitment": "1" * 64},
        {"removed": ["P-001"]},
        {"readers": []},
    ],
)
def test_the_first_epoch_says_what_the_submission_says(check, office, args, fields):
    said = parse_jcs(unb64u(args["epoch"]["stmt"])) | fields
    copied = args | {"epoch": office.signed_by_reporter(said)}
    assert refused(check, office.resigned(copied)).code == "wrong_binding"


def test_the_submission_names_the_epochs_statement(check, office, args):
    assert refused(check, office.resigned(args, epoch="1" * 64)).code == "wrong_binding"


def test_categories_are_those_that_were_signed(check, args):
    assert refused(check, args | {"categories": ["D4-01-HOILO"]}).code == "wrong_binding"


def test_without_a_custodian_set_in_the_roster_nobody_is_competent(check, office, args):
    from dataclasses import replace

    gone = replace(office.receiving(args), custodians="KS-X")
    assert isinstance(refused(check, args, receiving=gone), Unavailable)


@pytest.mark.parametrize("wrong", ["", "x", "0" * 63, "A" * 64])
def test_a_mailbox_is_a_hash(check, args, wrong):
    assert refused(check, args | {"mailbox": wrong}).code == "malformed"


def test_a_part_is_checked_on_its_own():
    to = {"reader": "P-001", "readerkey": "0" * 64}
    check_part(Part(kind="grant", id="x", ring="report", epoch=1, **to, data=b"\1" + bytes(1168)))
    with pytest.raises(TooLarge):
        check_part(Part(kind="direct", id="x", reader="P-001", readerkey="0" * 64, data=b"\1" + bytes(20_000)))
    with pytest.raises(Malformed):
        check_part(Part(kind="direct", id="x", reader="P-001", data=b"\1" + bytes(1648)))


def test_facts_are_no_part_of_what_is_checked_here(office, args):
    assert args["facts"] == FACTS
    assert all(part_of(made).kind != "facts" for made in args["objects"])
