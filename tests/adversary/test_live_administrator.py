"""An administrator who watches the running server from inside.

Row: an administrator who reads all of the running, unaltered server
Holds: the server's keys, the database, and every value that any function of the running server is given, keeps or
    returns during a whole job of both faces: enrolment, sign-in, report, declarations, answers, a note, a reply.
Shown: among all that, no text, name, code, passphrase, seed, or key of a ring or scope, in any form; no 32 bytes of it
    are one of the job's keys. It does hold, in passing, whom the report concerns.
"""

from __future__ import annotations

import dataclasses
import sys
from base64 import b32decode
from collections.abc import Iterator
from functools import cache
from uuid import UUID

import pytest
from pydantic import BaseModel

from crypto import passphrase
from crypto.encoding import b64u, label, sha256hex, unb64u
from crypto.errors import CryptoError
from crypto.hpke import kem_public
from crypto.kdf import hkdf
from crypto.rings import ring_commitment, scope_commitment
from crypto.signing import sign_public
from intake.client import FlaskTransport, MemberClient, Refused, ReporterClient
from tests.adversary.holdings import (
    ADDED,
    ANSWER,
    IDENTITY,
    MARKED,
    NOTE,
    REPLY,
    WRITTEN,
    found_in,
    scope_commitments,
    stretched,
)
from tests.casework import FACTS, code_of, rows
from tests.world import SINCE, code_at, publish
from workflow import models
from workflow.commands import members, organisation
from workflow.sealed import SCOPES

PASSPHRASE = "sáu từ dễ nhớ khó đoán dấu-7730"
REASON = "Tôi là em vợ dấu-7731 ấy"
TOKEN = "one-time-token-of-a-new-deputy"
OURS = ("/crypto/", "/workflow/", "/intake/")


class Memory:
    """All that passes through an application: arguments, locals line by line in our own code, and results."""

    def __init__(self, inner) -> None:
        self.inner = inner
        self.seen: set[str | bytes] = set()

    def __call__(self, environ, start_response):
        sys.setprofile(self._profile)
        sys.settrace(self._trace)
        try:
            answer = self.inner(environ, start_response)
            body = b"".join(answer)
            answer.close()
        finally:
            sys.settrace(None)
            sys.setprofile(None)
        self.keep(body)
        return [body]

    def _profile(self, frame, event, arg) -> None:
        if event == "return":
            for value in (*frame.f_locals.values(), arg):
                self.keep(value, 2)

    def _trace(self, frame, event, arg):
        if not ours(frame):
            return None
        known: dict[str, int] = {}

        def each_line(frame, event, arg):
            for name, value in frame.f_locals.items():
                if known.get(name) != id(value):
                    known[name] = id(value)
                    self.keep(value)
            if event == "return":
                self.keep(arg)
            return each_line

        return each_line(frame, event, arg)

    def keep(self, value, depth: int = 5) -> None:
        kind = type(value)
        if kind in (str, bytes):
            if len(value) > 5:
                self.seen.add(value)
        elif kind in (bytearray, memoryview):
            self.seen.add(bytes(value))
        elif depth:
            for inner in parts(value, kind):
                self.keep(inner, depth - 1)

    @property
    def everything(self) -> bytes:
        return b"\n".join(
            value if isinstance(value, bytes) else value.encode("utf-8", "replace") for value in self.seen
        )

    def candidates(self) -> set[bytes]:
        """Every value that could be a 32-byte key, written down in whatever way."""
        return {key for value in self.seen for key in as_key(value)}


@cache
def is_ours(path: str) -> bool:
    return any(part in path for part in OURS) and "site-packages" not in path


def ours(frame) -> bool:
    return is_ours(frame.f_code.co_filename)


def parts(value, kind) -> Iterator[object]:
    if kind is dict:
        yield from value.keys()
        yield from value.values()
    elif kind in (list, tuple, set, frozenset):
        yield from value
    elif isinstance(value, (BaseModel, models.Record)) or (dataclasses.is_dataclass(value) and kind is not type):
        yield from getattr(value, "__dict__", {}).values()


def as_key(value: str | bytes) -> Iterator[bytes]:
    if isinstance(value, bytes):
        if len(value) == 32:
            yield value
        return
    try:
        if len(value) == 43:
            yield unb64u(value)
        elif len(value) == 64:
            yield bytes.fromhex(value)
    except (CryptoError, ValueError):
        return


@dataclasses.dataclass
class Watched:
    """The whole job, and what the server's memory saw of it."""

    memory: Memory
    secrets: dict[str, str | bytes]
    case: str
    sign_publics: set[bytes]
    commitments: dict[tuple[str, int], str]


@pytest.fixture
def watched(reporter_app, staff_app, office, clock) -> Watched:
    memory = Memory(None)
    for app in (reporter_app, staff_app):
        one = Memory(app.wsgi_app)
        one.seen = memory.seen
        app.wsgi_app = one
    world = office.world
    with world.store.transaction() as db:
        organisation.add_person(db, code="P-031", username="deputy.new", name="Ngô Thị Mới", at=clock())
        organisation.add_seat(
            db, body="UBKT-S", person="P-031", function="deputy", roles=("intake",), term_from=SINCE, at=clock()
        )
        members.make_link(db, "P-031", token=TOKEN, at=clock())
    totp: list[bytes] = []

    def phone(secret: str) -> str:
        totp.append(b32decode(secret + "=" * (-len(secret) % 8)))
        return code_at(totp[0], clock())

    deputy = MemberClient(FlaskTransport(staff_app.test_client()), now=clock, language="en")
    enrolled = deputy.enrol(TOKEN, PASSPHRASE, phone)
    clock.forward(seconds=60)
    with world.store.transaction() as db:
        publish(db, world, at=clock())
    deputy.sign_in("deputy.new", PASSPHRASE, code_at(totp[0], clock()))

    reporter = ReporterClient(FlaskTransport(reporter_app.test_client()), now=clock, language="en")
    reporter.installation()
    reporter.keys = lambda code: stretched(code, reporter.trust.salt)
    code = code_of("reporter")
    reporter.submit(reporter.build_submission(MARKED, FACTS, reporter.preview(FACTS), code))
    with pytest.raises(Refused, match="wrong_code"):
        reporter.open_mailbox(code_of("somebody else"))

    (line,) = deputy.queue()
    case = line["id"]
    deputy.header(deputy.case(case))
    deputy.declare(case, conflict=False)
    leaving = MemberClient(FlaskTransport(staff_app.test_client()), now=clock, language="en")
    sign_in(leaving, world, "P-002", clock)
    leaving.declare(case, conflict=True, reason=REASON)
    deputy.renew(case)
    deputy.write(case, ANSWER)
    deputy.note(case, NOTE)
    reporter.write(reporter.open_mailbox(code), REPLY)
    reporter.supplement(reporter.open_mailbox(code), ADDED)
    opened = deputy.open_case(case)
    assert [message.text for message in opened.messages] == [ANSWER, REPLY]
    assert [added.whom for added in opened.supplements] == [ADDED.whom]
    made = [epoch for chain in opened.rings.values() for epoch in chain.epochs.values()]
    assert {(epoch.ring, epoch.epoch) for epoch in made} >= {("report", 1), ("report", 2), ("internal", 1)}
    deputy_keys, reporter_keys = deputy.me.keys, reporter.keys(code)
    deputy.sign_out()
    secrets = {
        **WRITTEN,
        **IDENTITY,
        **{f"key of {epoch.ring} {epoch.epoch}": epoch.key for epoch in made},
        "reason of a conflict": REASON,
        "code": code,
        "code as it is read out": code.replace("-", " "),
        "passphrase": PASSPHRASE,
        "recovery key": enrolled.recovery_key,
        "recovery key without hyphens": enrolled.recovery_key.replace("-", ""),
        "member's seed": deputy_keys.kem_seed,
        "member's signing seed": deputy_keys.sign_seed,
        "reporter's seed": reporter_keys.kem_seed,
        "reporter's signing seed": reporter_keys.sign_seed,
    }
    return Watched(
        memory=memory,
        secrets=secrets,
        case=case,
        sign_publics={deputy_keys.sign_public, reporter_keys.sign_public, world.people["P-002"].keys.sign_public},
        commitments={
            (row.ring, row.epoch): row.commitment for row in rows(office, models.Epoch) if row.commitment is not None
        },
    )


def sign_in(client, world, code, clock) -> None:
    person = world.people[code]
    body = {"username": person.username, "auth": b64u(person.auth), "totp": person.one_time_code(clock())}
    client.post("session", body)
    client.adopt(code, person.keys, world.organisation_public)


@pytest.mark.timeout(120)
def test_no_value_that_the_server_ever_handles_is_readable_or_a_key(watched, office, services):
    memory, held = watched.memory, watched.memory.everything

    # The watch is wide awake: it saw what does pass, in passing and for good.
    passing = {
        "whom it concerns": "CB-01",
        "a row's id": watched.case,
        "mailbox secret": stretched(watched.secrets["code"], office.world.receipt_salt).mailbox,
        "auth secret": office.world.people["P-002"].auth,
        "the server's own key": office.world.installation_seed,
    }
    assert found_in(held, passing) == sorted(passing)

    assert found_in(held, watched.secrets) == []

    candidates = memory.candidates()
    assert len(candidates) > 100
    readerkeys = {row.readerkey for row in rows(office, models.MemberKey)}
    readerkeys |= {sha256hex(row.reporter_kem) for row in rows(office, models.Case)}
    scopes = scope_commitments(office)
    for key in candidates:
        for derived in (key, hkdf(key, label("kem"))):
            assert sha256hex(kem_public(derived)) not in readerkeys
        for derived in (key, hkdf(key, label("sign"))):
            assert sign_public(derived) not in watched.sign_publics
        for (ring, epoch), commitment in watched.commitments.items():
            assert ring_commitment(watched.case, ring, epoch, key) != commitment
        assert not any(scope_commitment(watched.case, scope, key) == scopes[scope] for scope in SCOPES)

    # With pepper, auth secret and wrapped seed, all of which the server has: nothing in its memory unwraps it.
    (person,) = rows(office, models.Person, models.Person.code == "P-031")
    (key,) = rows(office, models.MemberKey, models.MemberKey.person_id == person.id)
    pepper = services.box.open(f"pepper/{person.id}", key.pepper)
    for candidate in candidates:
        for wrapping in (candidate, passphrase.wrapping_key(candidate, pepper)):
            for unwrap, blob in ((passphrase.unwrap_seed, key.wrapped), (passphrase.unwrap_recovery, key.recovery)):
                with pytest.raises(CryptoError):
                    unwrap(wrapping, UUID(person.id).bytes, blob)


def test_the_watch_would_notice_a_key_and_a_text(reporter_app, office, reporter):
    """What a server that could read would leave in its memory is found there."""
    memory = Memory(reporter_app.wsgi_app)
    reporter_app.wsgi_app = memory
    reporter.installation()
    with pytest.raises(Refused):
        reporter.call("mailbox.open", secret="x" * 10, text=MARKED.text)
    assert found_in(memory.everything, {"text": MARKED.text}) == ["text"]
    memory.keep({"a": [office.world.people["P-001"].keys.kem_seed]})
    readerkey = office.world.people["P-001"].readerkey
    assert any(sha256hex(kem_public(key)) == readerkey for key in memory.candidates())
