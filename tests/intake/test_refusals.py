"""Bad input: each kind gets its code and a sentence, inside the envelope or outside, and nothing is half-stored."""

from __future__ import annotations

import copy
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from crypto.encoding import b64u, unb64u
from intake.client import Refused, sealing
from intake.client.submitting import build_submission
from intake.sentences import SENTENCES
from tests.casework import CATEGORY, FACTS, REPORT, code_of
from tests.world import publish
from workflow import models

UNKNOWN = "11111111-1111-4111-8111-abcdefabcdef"


def refusal(act, *args, **options):
    with pytest.raises(Refused) as caught:
        act(*args, **options)
    return caught.value


@pytest.fixture
def submission(reporter):
    return reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code_of("reporter"))


def nothing_is_stored(world):
    with world.store.reading() as db:
        tables = (models.Case, models.SealedObject, models.Statement, models.Readership, models.Epoch, models.Notice)
        return all(db.scalar(select(func.count()).select_from(table)) == 0 for table in tables)


def first(args, kind, **fields):
    return next(
        made
        for made in args["objects"]
        if made["kind"] == kind and all(made.get(name) == value for name, value in fields.items())
    )


def over_long(args, office):
    first(args, "narrative")["data"] = b64u(b"\1" + bytes(600_000))


def malformed_object(args, office):
    first(args, "summary")["data"] = "not base64url!"


def unknown_field(args, office):
    first(args, "summary")["title"] = "prose"


def unknown_version(args, office):
    made = first(args, "summary")
    made["data"] = b64u(b"\2" + unb64u(made["data"])[1:])


def wrong_size(args, office):
    made = first(args, "identity")
    made["data"] = b64u(unb64u(made["data"])[:-16])


def unknown_recipient(args, office):
    first(args, "grant", ring="report")["reader"] = "P-999"


def missing_recipient(args, office):
    args["objects"].remove(first(args, "grant", reader="P-002"))


def missing_item(args, office):
    args["objects"].remove(first(args, "narrative"))


def missing_share(args, office):
    args["objects"].remove(first(args, "share"))


def grant_beyond_the_decision(args, office):
    ring = sealing.Ring("report", 1, secrets.token_bytes(32))
    args["objects"].append(sealing.ring_grant(args["case"], ring, office.recipient("P-005")))


# Every kind of bad input (docs/sealing.md, *Rules*), each under a valid signature of the reporter's own.
BAD_OBJECTS = {
    over_long: "too_large",
    malformed_object: "malformed",
    unknown_field: "malformed",
    unknown_version: "unknown_version",
    wrong_size: "wrong_size",
    unknown_recipient: "unknown_reader",
    missing_recipient: "missing_object",
    missing_item: "missing_object",
    missing_share: "missing_object",
    grant_beyond_the_decision: "not_entitled",
}


@pytest.mark.parametrize(("spoil", "code"), BAD_OBJECTS.items(), ids=lambda one: getattr(one, "__name__", one))
def test_a_bad_object_is_refused_and_nothing_is_stored(reporter, office, submission, spoil, code):
    args = copy.deepcopy(submission)
    spoil(args, office)
    if spoil not in (malformed_object, unknown_field):
        args = office.resigned(args)
    refused = refusal(reporter.submit, args)
    assert (refused.status, refused.code) == (200, code)
    assert refused.message
    assert nothing_is_stored(office.world)
    assert reporter.submit(submission)["number"] == "2026-0001"


@pytest.mark.parametrize("kind", ["first", "narrative", "identity", "share", "grant"])
def test_a_swapped_object_is_refused(reporter, office, submission, kind):
    args = copy.deepcopy(submission)
    other = build_submission(office.trust(), office.keys("somebody else"), REPORT, FACTS, office.shown(), at=office.at)
    first(args, kind)["data"] = first(other, kind)["data"]
    assert refusal(reporter.submit, args).code == "swapped_object"
    assert nothing_is_stored(office.world)


def test_a_stale_roster_and_an_expired_one_are_refused(reporter, office, submission, clock):
    with office.world.store.transaction() as db:
        publish(db, office.world, at=clock() + timedelta(seconds=1), days=30)
    assert refusal(reporter.submit, submission).code == "roster_stale"
    clock.forward(days=31)
    reporter.http.client.application.extensions["niemphong"].routing.rotate(clock())
    facts = FACTS | {"on": clock().date().isoformat()}
    trust = reporter.http.send("GET", "/api/v1/installation").json
    assert trust["roster"]
    with pytest.raises(Exception, match="roster_expired"):
        reporter.installation()
    with office.world.store.reading() as db:
        assert db.scalar(select(func.count()).select_from(models.Case)) == 0
    assert facts


def test_a_stale_form_is_refused(reporter, submission, office):
    changed = submission | {"decision": submission["decision"] | {"readers": ["P-001", "P-002"]}}
    assert refusal(reporter.submit, changed).code == "decision_changed"
    assert refusal(reporter.submit, submission | {"facts": FACTS | {"on": "2026-11-20"}}).code == "decision_changed"
    assert nothing_is_stored(office.world)


def test_a_wrong_clock_is_said_plainly_and_the_report_can_be_made_anew(reporter, clock, office):
    facts = reporter.preview(FACTS)
    late = reporter.build_submission(REPORT, FACTS, facts, code_of("reporter"))
    clock.forward(hours=3)
    refused = refusal(reporter.submit, late)
    assert (refused.code, "Đồng hồ" in refused.message) == ("clock_off", True)
    assert nothing_is_stored(office.world)
    assert reporter.submit(reporter.build_submission(REPORT, FACTS, facts, code_of("reporter")))["number"]


def test_a_report_whose_answer_was_lost_is_repeated_a_day_later(reporter, clock, submission):
    receipt = reporter.submit(submission)
    clock.forward(days=1)
    assert reporter.submit(submission) == receipt


def test_another_content_under_a_known_id_is_refused(reporter, submission, office):
    reporter.submit(submission)
    other = build_submission(
        office.trust(), office.keys(), REPORT, FACTS, office.shown(), at=office.at, case=submission["case"]
    )
    assert refusal(reporter.submit, other).code == "known_id_other_content"
    with office.world.store.reading() as db:
        assert db.scalar(select(func.count()).select_from(models.Case)) == 1


def test_an_unknown_category_is_refused(reporter, submission):
    assert refusal(reporter.submit, submission | {"categories": [CATEGORY, "made-up"]}).code == "malformed"


@pytest.mark.parametrize(
    "change",
    [
        {"case": "../etc"},
        {"case": UNKNOWN.upper()},
        {"mailbox": "x"},
        {"objects": []},
        {"objects": "none"},
        {"submission": {"stmt": "x"}},
        {"epoch": None},
        {"facts": []},
        {"story": "prose"},
        {"lang": "fr"},
        {"categories": []},
    ],
)
def test_arguments_of_another_shape_are_malformed(reporter, office, submission, change):
    refused = refusal(reporter.submit, submission | change)
    assert refused.code in ("malformed", "missing_object")
    assert nothing_is_stored(office.world)


@pytest.mark.parametrize("op", ["", "no such thing", "mailbox", "mailbox.delete", "__class__"])
def test_an_unknown_operation_is_malformed(reporter, op):
    assert refusal(reporter.call, op).code == "malformed"


def test_nothing_that_was_sent_is_quoted_or_logged(reporter, submission, caplog):
    args = copy.deepcopy(submission)
    first(args, "summary")["data"] = "a secret sentence!"
    refused = refusal(reporter.submit, args)
    assert "secret" not in refused.message
    assert not refused.detail
    assert "secret" not in caplog.text


# Outside the envelope


def wire(reporter, op="preview", **args):
    sealed, _ = reporter.seal(op, **(args or {"facts": FACTS}))
    return sealed


def outside(reporter, body, content_type="application/octet-stream"):
    answer = reporter.http.send("POST", "/api/v1/envelope?lang=en", body=body, headers={"Content-Type": content_type})
    return answer.status, answer.json["error"]["code"] if answer.status >= 400 else None


def test_an_envelope_is_answered_once(reporter):
    sealed = wire(reporter)
    assert outside(reporter, sealed) == (200, None)
    assert outside(reporter, sealed) == (409, "replayed")


def test_an_envelope_with_a_refusal_inside_is_answered_once_too(reporter):
    sealed = wire(reporter, facts={})
    assert outside(reporter, sealed) == (200, None)
    assert outside(reporter, sealed) == (409, "replayed")


def test_what_is_no_envelope_is_malformed(reporter):
    sealed = wire(reporter)
    for body in (b"", b"x", sealed[:100], sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed + b"\0"):
        assert outside(reporter, body) == (400, "malformed"), len(body)
    assert outside(reporter, sealed, "application/json") == (400, "malformed")
    assert outside(reporter, sealed) == (200, None)


def test_an_unknown_routing_key_is_gone(reporter):
    sealed = wire(reporter)
    assert outside(reporter, secrets.token_bytes(16) + sealed[16:])[0] in (400, 410)
    other = bytes.fromhex(UNKNOWN.replace("-", ""))
    assert outside(reporter, other + sealed[16:]) == (410, "routing_key_gone")


def test_an_envelope_that_is_too_large_is_refused_unread(reporter, settings):
    assert outside(reporter, bytes(settings.max_envelope + 1)) == (413, "too_large")


def test_every_refusal_has_a_sentence():
    told = {*BAD_OBJECTS.values(), "swapped_object", "roster_stale", "roster_expired", "decision_changed"}
    told |= {"known_id_other_content", "replayed", "routing_key_gone", "too_large", "wrong_code", "epoch_pending"}
    told |= {"epoch_closed", "already_declared", "checkpoint_unknown", "nobody_competent", "bad_signature", "weak_key"}
    told |= {"clock_off", "too_many"}
    assert told <= SENTENCES.keys()
