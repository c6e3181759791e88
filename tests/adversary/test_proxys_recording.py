"""A proxy that records: it ends TLS in front of the public face, and forwards everything faithfully.

Row: who records traffic, a TLS-ending proxy included
Holds: every byte of both directions of previews, a submission, and mailbox visits with wrong and right codes; later the
    database as well, and what is left on the disk of the routing key's file once that was destroyed.
Shown: nothing of what was asked or answered can be read, now or later; previews look alike whatever they ask, and a
    mailbox visit looks alike for a wrong code, a right one without news, and a right one with news. With the routing
    key itself the recording opens: its destruction is what protects.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field

import pytest

from crypto.encoding import b64u, jcs, sha256, unb64u
from crypto.envelopes import open_answer, open_envelope
from crypto.errors import CryptoError
from intake.client import FlaskTransport, Refused, ReporterClient, Supplement
from tests.adversary.holdings import (
    ADDED,
    ANSWER,
    IDENTITY,
    MARKED,
    REPLY,
    WRITTEN,
    case_of,
    forms,
    found_in,
    stretched,
)
from tests.casework import FACTS, code_of, office_rows, rows
from workflow import models

ENVELOPE = "/api/v1/envelope?lang=en"
FACTS_OF_ANOTHER = {
    "on": "2026-11-24",
    "accused": [{"body": body, "role": role} for body in ("UBKT-S", "BTV-S", "CB-01") for role in ("head", "member")]
    * 4,
    "work_kind": "inspection",
    "objections": [f"P-{number:03}" for number in range(1, 9)],
}


@dataclass
class Exchange:
    method: str
    path: str
    headers: dict[str, str]
    request: bytes
    answer: bytes

    @property
    def sizes(self) -> tuple[int, int]:
        return len(self.request), len(self.answer)


@dataclass
class Proxy:
    """Forwards, and keeps what passed."""

    inner: FlaskTransport
    kept: list[Exchange] = field(default_factory=list)

    def send(self, method, path, *, body=None, headers=None):
        answer = self.inner.send(method, path, body=body, headers=headers)
        told = dict(headers or {}) | {f"answer {name}": value for name, value in answer.headers.items()}
        self.kept.append(Exchange(method, path, told, body or b"", answer.body))
        return answer

    @property
    def sealed(self) -> list[Exchange]:
        return [one for one in self.kept if one.path == ENVELOPE]


@dataclass
class Recording:
    proxy: Proxy
    code: str
    secrets: dict[str, str | bytes]
    by_name: dict[str, Exchange]
    file: object  # a second name of the routing key's file: what stays where it lay on the disk
    seed: bytes  # for the control alone: no adversary has it

    @property
    def everything(self) -> bytes:
        parts = [
            part for one in self.proxy.kept for part in (one.request, one.answer, jcs(one.headers), one.path.encode())
        ]
        return b"\n".join(parts)


@pytest.fixture
def recording(reporter_app, services, signed_in, clock, tmp_path) -> Recording:
    """A whole conversation through the proxy; then nine days pass and the routing key is destroyed."""
    proxy = Proxy(FlaskTransport(reporter_app.test_client()))
    reporter = ReporterClient(proxy, now=clock, language="en")
    reporter.installation()
    reporter.keys = lambda code: stretched(code, reporter.trust.salt)
    (path,) = services.settings.routing_folder.glob("*.json")
    seed = unb64u(json.loads(path.read_bytes())["seed"])
    os.link(path, tmp_path / "the-same-place-on-the-disk")
    by_name: dict[str, Exchange] = {}

    def named(name, act, *args):
        try:
            result = act(*args)
        except Refused:
            result = None
        by_name[name] = proxy.sealed[-1]
        return result

    shown = named("preview", reporter.preview, FACTS)
    named("preview of another", reporter.preview, FACTS_OF_ANOTHER)
    named("preview of nonsense", reporter.preview, {})
    code = code_of("reporter")
    named("submission", reporter.submit, reporter.build_submission(MARKED, FACTS, shown, code))
    named("wrong code", reporter.open_mailbox, code_of("somebody else"))
    named("right code without news", reporter.open_mailbox, code)
    member = signed_in("P-001")
    (line,) = member.queue()
    member.declare(line["id"], conflict=False)
    member.write(line["id"], ANSWER)
    mailbox = named("right code with news", reporter.open_mailbox, code)
    named("reply", reporter.write, mailbox, REPLY)
    named("addition", reporter.supplement, mailbox, ADDED)
    named("shorter addition", reporter.supplement, mailbox, Supplement("Có."))
    keys = reporter.keys(code)
    secrets = {
        **WRITTEN,
        **IDENTITY,
        "code": code,
        "code as it is read out": code.replace("-", " "),
        "mailbox secret": keys.mailbox,
        "reporter's key": keys.kem_public,
        "reporter's signing key": keys.sign_public,
        "whom it concerns": '"CB-01"',
        "where it went": '"readers"',
        "case": line["id"],
        "number": line["number"],
        "category": MARKED.categories[0],
    }
    clock.forward(days=10)
    services.routing.rotate(clock())
    assert not path.exists()
    return Recording(proxy, code, secrets, by_name, tmp_path / "the-same-place-on-the-disk", seed)


def test_nothing_of_what_passed_can_be_read(recording):
    assert len(recording.proxy.sealed) == 10
    sealed = b"\n".join(one.request + one.answer for one in recording.proxy.sealed)
    assert found_in(sealed, recording.secrets) == []
    # Besides envelopes: one public document, the same for every visitor, and a page's random form token.
    assert {(one.method, one.path) for one in recording.proxy.kept} == {
        ("GET", "/api/v1/installation"),
        ("GET", "/api/v1/form"),
        ("POST", ENVELOPE),
    }
    told = {name: value for name, value in recording.secrets.items() if name != "whom it concerns"}
    assert found_in(recording.everything, told) == []


def test_no_header_or_address_says_what_an_envelope_was_for(recording):
    alike = {
        (one.method, one.path, json.dumps({k: v for k, v in one.headers.items() if k != "answer Content-Length"}))
        for one in recording.proxy.sealed
    }
    assert len(alike) == 1


def test_sizes_are_equal_for_wrong_and_right_codes(recording):
    visits = ["wrong code", "right code without news", "right code with news"]
    assert len({recording.by_name[name].sizes for name in visits}) == 1


def test_additions_to_a_report_are_equal_whatever_is_added(recording):
    assert len({recording.by_name[name].sizes for name in ("addition", "shorter addition")}) == 1


def test_previews_are_equal_whatever_they_ask(recording):
    previews = ["preview", "preview of another", "preview of nonsense"]
    assert len({recording.by_name[name].sizes for name in previews}) == 1


def test_with_the_database_of_later_it_reads_no_more(recording, office):
    # The whole database, with the server's own encrypted columns, as keys for the recording.
    held = office_rows(office)
    digests = {row.digest for row in rows(office, models.SeenEnvelope)}
    assert len(digests) == len(recording.proxy.sealed)  # it sees that they were answered: it forwarded them itself
    case = case_of(office)
    stored = rows(office, models.SealedObject, models.SealedObject.case_id == case)
    sealed = b"".join(one.request + one.answer for one in recording.proxy.sealed)
    assert stored
    assert [row.id for row in stored if row.data[:64] in sealed] == []
    assert (
        found_in(held.encode(), {"code": recording.code, "mailbox secret": recording.secrets["mailbox secret"]}) == []
    )
    for key in candidate_keys(office):
        for one in recording.proxy.sealed:
            assert not opens(key, one)


def test_the_destroyed_routing_keys_file_holds_no_key(recording):
    left = recording.file.read_bytes()
    assert left
    assert all(form not in left for form in forms(recording.seed))
    windows = {left[at : at + 32] for at in range(len(left) - 31)}
    assert not any(opens(window, recording.proxy.sealed[0]) for window in windows)


def test_with_the_routing_key_everything_would_open_so_its_destruction_is_what_protects(recording):
    told = []
    for one in recording.proxy.sealed:
        payload, answer_key, digest = open_envelope(recording.seed, one.request)
        told.append(json.dumps([payload, open_answer(answer_key, digest, one.answer)], ensure_ascii=False))
    read = "\n".join(told)
    assert found_in(read.encode(), {"whom it concerns": "CB-01", "number": recording.secrets["number"]})
    assert b64u(recording.secrets["mailbox secret"]) in read
    # And even then not the report: it is sealed once more, to its readers.
    assert found_in(read.encode(), {"code": recording.code, **WRITTEN, **IDENTITY}) == []


def candidate_keys(office):
    """Every column of 32 bytes and more, its beginning and its end."""
    with office.world.store.reading() as db:
        for table in models.Record.metadata.sorted_tables:
            for row in db.execute(table.select()):
                for value in row:
                    if isinstance(value, bytes) and 32 <= len(value) <= 256:
                        yield from {value[:32], value[-32:]}


def opens(key: bytes, one: Exchange) -> bool:
    """Whether a 32-byte value opens the envelope or its answer."""
    try:
        open_envelope(key, one.request)
    except CryptoError:
        pass
    else:
        return True
    try:
        open_answer(key, sha256(one.request), one.answer)
    except CryptoError:
        return False
    return True
