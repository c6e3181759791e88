"""What was rightly made, spoilt in one place and signed again with the right key, as a wrong or hostile browser could.

The server refuses it in described words and stores nothing; or takes it, when all that was changed is the signer's to choose.
(What is not described makes any test fail that meets it: tests/documented.py.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from crypto.encoding import b64u, jcs, parse_jcs, sha256hex, unb64u
from crypto.errors import CryptoError
from crypto.signing import sign
from intake.client import Refused, drill, granting
from tests.casework import FACTS, REPORT, code_of
from tests.intake.fuzzing import ways, without_bounds
from tests.intake.test_granting import NEW, seat
from tests.spoiling import spoilt
from workflow.models import Record
from workflow.sealed import REPORTER
from workflow.statements import ZEROS

HANDLER, COLLEAGUE, WITHDRAWN, CUSTODIAN = "P-001", "P-002", "P-003", "P-011"
ANEW = "somebody else"  # whose report isn't there yet
# What a refusal may leave: that an envelope came, that somebody is there.
UNSTORED = ("seen_envelope", "member_session")
# What a signer may choose: another id, another time within the measure; of an object what only its readers can judge.
FREE = {"id", "at"}
UNSEEN = ("id", "x", "data")


# Bytes that say the same, or nothing, and aren't canonical JSON.
LOOSE = (
    lambda body: body + b" ",
    lambda body: body.replace(b'"v":1', b'"v":1.0'),
    lambda body: body[:-1] + b',"v":1}',
    lambda body: body[:-1],
    lambda body: b"\xff" + body,
    lambda body: b"[" * 5_000,
    lambda body: b"[1]",
    lambda body: b"",
)
# What was found once, by the kind of statement: it stays refused so.
FOUND = {
    "item": [
        ({"epoch": True}, "malformed"),
        # What PostgreSQL takes neither as a number of 32 bits nor, below, as text.
        ({"checkpoint": {"no": 2**53 - 1, "hash": ZEROS}}, "checkpoint_unknown"),
    ],
    "submission": [({"rings": [{"ring": "report", "epoch": True}]}, "malformed")],
    "conflict": [({"header": []}, "wrong_binding")],
    "withdrawal": [({"header": {}}, "wrong_binding")],
    "grant": [({"reader": "\0"}, "reader_not_eligible")],
}


class Undone(Exception):
    """Ends a transaction that would have been kept."""


@dataclass(repr=False)
class World:
    """A case in which everything waits to be done; nothing that is tried here stays."""

    office: Any
    reporter: Any
    signed_in: Callable[[str], Any]
    case: str
    code: str
    changed: list[bool] = field(default_factory=list)

    def seed(self, by: str) -> bytes:
        is_member = by in self.office.world.people
        return bytes((self.office.world.people[by].keys if is_member else self.office.keys(by)).sign_seed)

    def tried(self, act: Callable[[], Any]) -> tuple[str | None, bool]:
        """The code of its refusal, if any, and whether anything would have been stored."""
        self.changed.clear()
        code = None
        try:
            act()
        except Refused as refused:
            code = refused.code
            assert refused.status < 500, code
        return code, any(self.changed)


@dataclass(frozen=True, repr=False)
class Act:
    """Something signed, by whom, and how it is sent."""

    by: str
    statement: Mapping[str, str]
    send: Callable[[dict[str, str]], Any]

    @property
    def said(self) -> dict[str, Any]:
        return dict(parse_jcs(unb64u(self.statement["stmt"])))


def resigned(seed: bytes, kind: str, body: bytes) -> dict[str, str]:
    """Signed over whatever bytes, which our own signing would refuse."""
    return {"stmt": b64u(body), "sig": b64u(sign(seed, f"stmt/{kind}", body))}


def submission(world: World) -> Act:
    args = world.office.submission(reporter=ANEW)
    return Act(ANEW, args["submission"], lambda signed: world.reporter.submit(args | {"submission": signed}))


def first_epoch(world: World) -> Act:
    args = world.office.submission(reporter=ANEW)

    def send(signed: dict[str, str]) -> Any:
        said = {**parse_jcs(unb64u(args["submission"]["stmt"])), "epoch": sha256hex(unb64u(signed["stmt"]))}
        own = world.office.signed_by_reporter(said, ANEW)
        return world.reporter.submit(args | {"epoch": signed, "submission": own})

    return Act(ANEW, args["epoch"], send)


def written(world: World) -> dict[str, Any]:
    return dict(world.reporter.build_message(world.reporter.open_mailbox(world.code), "Kính gửi"))


def message(world: World) -> Act:
    args = written(world)
    return Act(
        REPORTER, args["statement"], lambda signed: world.reporter.call("mailbox.write", **args | {"statement": signed})
    )


def reporters_epoch(world: World) -> Act:
    args = written(world)

    def send(signed: dict[str, str]) -> Any:
        return world.reporter.call("mailbox.write", **args | {"epoch": args["epoch"] | {"statement": signed}})

    return Act(REPORTER, args["epoch"]["statement"], send)


def _desk(world: World, by: str, path: str, made: Mapping[str, Any]) -> Act:
    return Act(by, made["statement"], lambda signed: world.signed_in(by).post(path, {**made, "statement": signed}))


def note(world: World) -> Act:
    client = world.signed_in(HANDLER)
    made = client.build_item(client.open_case(world.case), "note", "Việc nội bộ.")
    return _desk(world, HANDLER, f"desk/cases/{world.case}/items", made)


def members_epoch(world: World) -> Act:
    client = world.signed_in(HANDLER)
    made = client.build_epoch(client.open_case(world.case), "report")
    return _desk(world, HANDLER, f"desk/cases/{world.case}/epochs", made)


def bad_key(world: World) -> Act:
    client = world.signed_in(COLLEAGUE)
    newest = client.open_case(world.case).rings["internal"].newest
    fields = {"ring": "internal", "epoch": newest.epoch, "statement": newest.hash}
    statement = client.signer(client.installation()).state("badkey", at=client.now(), case=world.case, **fields)
    return _desk(world, COLLEAGUE, f"desk/cases/{world.case}/bad-keys", {"statement": statement})


def declaration(world: World) -> Act:
    client = world.signed_in("P-004")
    fields = {"conflict": False, "header": world.office.header_hash(world.case, "P-004")}
    statement = client.signer(client.installation()).state("conflict", at=client.now(), case=world.case, **fields)
    return _desk(world, "P-004", f"desk/cases/{world.case}/declaration", {"statement": statement})


def withdrawal(world: World) -> Act:
    client = world.signed_in(COLLEAGUE)
    header = world.office.header_hash(world.case, COLLEAGUE)
    statement = client.signer(client.installation()).state(
        "withdrawal", at=client.now(), case=world.case, header=header
    )
    return _desk(world, COLLEAGUE, f"desk/cases/{world.case}/withdrawal", {"statement": statement})


def grant(world: World) -> Act:
    client = world.signed_in(HANDLER)
    made = granting.build_grant(client, client.open_case(world.case), NEW, client.installation())
    return Act(
        HANDLER,
        made["statement"],
        lambda signed: granting.call_case(client, world.case, "grant", made | {"statement": signed}),
    )


def practice(world: World) -> Act:
    client = world.signed_in(CUSTODIAN)
    made = client.post("custody/drills", {})["drill"]
    return _desk(
        world, CUSTODIAN, f"custody/drills/{made['id']}/answer", drill.answer_to(client, made, client.installation())
    )


# Each with how the case stands: is a key of the report ring pending?
ACTS = {
    submission: False,
    first_epoch: False,
    message: False,
    reporters_epoch: True,
    note: False,
    members_epoch: True,
    bad_key: False,
    declaration: False,
    withdrawal: False,
    grant: False,
    practice: False,
}


@pytest.fixture
def world(reporter_app, staff_app, reporter, office, signed_in, clock) -> World:
    """Two have opened a case and made the internal ring; a newcomer has a seat and no key of it."""
    without_bounds(reporter_app)
    without_bounds(staff_app)
    code = code_of("reporter")
    args = reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code)
    reporter.submit(args)
    seat(office, NEW)
    reporter.installation()
    for who in (HANDLER, COLLEAGUE):
        signed_in(who).declare(args["case"], conflict=False)
    signed_in(HANDLER).renew(args["case"])
    return World(office, reporter, signed_in, args["case"], code)


@pytest.fixture
def act(request, world, monkeypatch) -> Act:
    """The act, ready to be sent; from now on every transaction is undone when it would be kept."""
    make = request.param
    if ACTS[make]:
        world.office.withdraw(world.case, WITHDRAWN)
    ready = make(world)
    store = world.office.world.store
    keep = store.transaction
    with store.reading() as db:
        before = _all_rows(db)

    @contextmanager
    def undone() -> Iterator[Any]:
        with suppress(Undone), keep() as db:
            yield db
            db.flush()
            world.changed.append(_all_rows(db) != before)
            raise Undone

    monkeypatch.setattr(store, "transaction", undone)
    assert world.tried(lambda: ready.send(dict(ready.statement))) == (None, True)  # else nothing below says anything
    return ready


def _all_rows(db: Any) -> list[Any]:
    tables = [table for table in Record.metadata.sorted_tables if table.name not in UNSTORED]
    return [db.execute(table.select()).all() for table in tables]


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    """The fields that differ, JSON's true and 1 included."""
    return {name for name in one.keys() | other.keys() if jcs([dict(one).get(name)]) != jcs([dict(other).get(name)])}


@pytest.mark.parametrize("act", ACTS, indirect=True, ids=lambda make: make.__name__)
def test_what_was_spoilt_and_signed_again_is_refused_or_was_the_signers_to_choose(world, act):
    kind = act.said["kind"]
    for spoil in LOOSE:
        body = spoil(jcs(act.said))
        assert world.tried(lambda sent=body: act.send(resigned(world.seed(act.by), kind, sent))) == ("malformed", False)
    for change, expected in FOUND.get(kind, ()):
        body = jcs(act.said | change)
        refused = world.tried(lambda sent=body: act.send(resigned(world.seed(act.by), kind, sent)))
        assert refused == (expected, False), change
    for number in ways(6):
        wrong = spoilt(act.said, number, [act.said])
        code, stored = world.tried(lambda said=wrong: act.send(resigned(world.seed(act.by), kind, jcs(said))))
        assert stored is (code is None), (number, code)
        assert code is not None or differing(act.said, wrong) <= FREE, (number, wrong)


def listed(made: Mapping[str, Any]) -> dict[str, Any]:
    """An object's line in the manifest, whatever the object is."""
    data = made.get("data")
    with suppress(CryptoError):
        return {**made, "data": None, "sha256": sha256hex(unb64u(data))}
    return {**made, "data": None, "sha256": ZEROS}


@pytest.mark.parametrize("act", [submission], indirect=True, ids=["submission"])
def test_objects_that_were_spoilt_and_signed_for_are_refused_or_not_for_the_server_to_judge(world, act):
    args = world.office.submission(reporter=ANEW)
    other = world.office.submission(reporter="a third")
    for number in ways(6):
        try_objects(world, args, other, number)


def try_objects(world, args, other, number):
    objects = spoilt({"objects": args["objects"]}, number, [{"objects": other["objects"]}]).get("objects")
    given_ones = [made for made in objects if isinstance(made, dict)] if isinstance(objects, list) else []
    lines = [{name: value for name, value in listed(made).items() if name != "data"} for made in given_ones]
    said = parse_jcs(unb64u(args["submission"]["stmt"])) | {
        "objects": sorted(lines, key=lambda line: str(line.get("id")))
    }
    wrong = args | {"objects": objects, "submission": resigned(world.seed(ANEW), "submission", jcs(said))}
    code, stored = world.tried(lambda: world.reporter.submit(wrong))
    assert stored is (code is None), code
    if code is None:
        seen = [
            [{n: v for n, v in made.items() if n not in UNSEEN} for made in some] for some in (args["objects"], objects)
        ]
        assert sorted(map(jcs, seen[0])) == sorted(map(jcs, seen[1]))
