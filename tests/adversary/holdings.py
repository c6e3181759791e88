"""What adversaries do with what they hold: search it for marks, try keys on it, and make every request there is."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from unicodedata import normalize
from urllib.parse import quote
from uuid import uuid4

from flask import Flask

from crypto.binding import object_binding
from crypto.encoding import b64u, parse_jcs
from crypto.errors import CryptoError
from crypto.hpke import open_sealed
from crypto.items import open_item
from crypto.keys import reporter_keys
from intake.client import MemberClient, sealing
from intake.client.sealing import Ring, Signer, Supplement
from intake.client.submitting import Identity, Report
from tests.casework import CATEGORY, Office, rows
from workflow import models
from workflow.queries.cases import part_of
from workflow.sealed import SCOPES, Part

ANSWER, NOTE, REPLY = "Lời đáp dấu-7719 ấy", "Ghi chú dấu-7720 ấy", "Thư lại dấu-7721 ấy"
ADDED = Supplement("Bổ sung dấu-7722 ấy", when="Lúc dấu-7723 ấy", where="Nơi dấu-7724 ấy", whom="Bà Người Dấu-7725 Ấy")
MARKED = Report(
    summary="Tóm tắt dấu-7701 ấy",
    text="Lời kể dấu-7702 ấy",
    categories=(CATEGORY,),
    when="Hồi dấu-7703 ấy",
    where="Chỗ dấu-7704 ấy",
    wants="Mong dấu-7705 ấy",
    accused_names=({"body": "CB-01", "role": "ordinary", "name": "Ông Dấu-7706 Ấy"},),
    keep_away="Tránh dấu-7707 ấy",
    identity=Identity(
        name="Bà Dấu-7708 Ấy",
        unit="Trường dấu-7709 ấy",
        phone="09-7710-7710",
        email="dau7711@khong.example",
        other="Khác dấu-7712 ấy",
        address="Ngõ dấu-7713 ấy",
    ),
)
WRITTEN = {
    "summary": MARKED.summary,
    "text": MARKED.text,
    "when": MARKED.when,
    "where": MARKED.where,
    "wants": MARKED.wants,
    "the accused's name": "Ông Dấu-7706 Ấy",
    "keep away": MARKED.keep_away,
    "answer": ANSWER,
    "note": NOTE,
    "reply": REPLY,
    **{f"added {name}": text for name, text in vars(ADDED).items()},
}
IDENTITY = {name: value for name, value in vars(MARKED.identity).items() if value}
stretched = cache(reporter_keys)  # a fifth of a second each time, and always the same


# Searching


def forms(value: str | bytes) -> set[bytes]:
    """The ways in which a text or a key may be written down: composed and not, escaped, quoted, in hex, in base64."""
    if isinstance(value, bytes):
        return {value, value.hex().encode(), *_base64(value)}
    spelt = {normalize("NFC", value), normalize("NFD", value)}
    found: set[bytes] = set()
    for text in spelt:
        raw = text.encode()
        found |= {raw, json.dumps(text)[1:-1].encode(), quote(text).encode(), raw.hex().encode(), *_base64(raw)}
    return found


def _base64(raw: bytes) -> Iterator[bytes]:
    """At each of the three places where it may begin within a longer text, both alphabets."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + raw)
        first, last = (before * 8 + 5) // 6, (before + len(raw)) * 8 // 6
        yield whole[first:last]
        yield whole[first:last].translate(bytes.maketrans(b"+/", b"-_"))


def found_in(held: bytes, wanted: Mapping[str, str | bytes]) -> list[str]:
    """The names of all that is found, in whatever form."""
    return sorted(name for name, value in wanted.items() if any(form in held for form in forms(value)))


# Trying keys on everything that is stored


def stored(office: Office) -> list[Part]:
    """Every sealed object in the database."""
    return [part_of(row) for row in rows(office, models.SealedObject)]


def case_of(office: Office) -> str:
    """The one case there is."""
    (case,) = rows(office, models.Case)
    return case.id


def opened_by_seed(office: Office, kem_seed: bytes) -> list[Part]:
    """The copies that this private key opens, whatever name stands on them."""
    return [part for part in stored(office) if part.place.get("reader") and _opens(office, part, kem_seed)]


def _opens(office: Office, part: Part, kem_seed: bytes) -> bool:
    try:
        open_sealed(kem_seed, part.kind, object_binding(case_of(office), part.place), part.data)
    except CryptoError:
        return False
    return True


def opened_by_keys(office: Office, keys: Iterable[bytes]) -> list[Part]:
    """The items that one of these symmetric keys opens."""
    tried = list(keys)
    return [part for part in stored(office) if any(_reads(office, part, key) for key in tried)]


def _reads(office: Office, part: Part, key: bytes) -> bool:
    try:
        open_item(key, object_binding(case_of(office), part.place), part.data)
    except CryptoError:
        return False
    return True


def shares_of(office: Office, code: str) -> dict[str, bytes]:
    """A custodian's shares by scope, opened with their own key."""
    case, seed = case_of(office), office.world.people[code].keys.kem_seed
    mine = [part for part in stored(office) if part.kind == "share" and part.place["reader"] == code]
    return {
        part.place["scope"]: open_sealed(seed, "share", object_binding(case, part.place), part.data) for part in mine
    }


def scope_commitments(office: Office) -> dict[str, str]:
    """What the reporter signed that each scope's key must match."""
    (row,) = rows(office, models.Statement, models.Statement.kind == "submission")
    said = parse_jcs(row.doc)
    assert {line["scope"] for line in said["scopes"]} == set(SCOPES)
    return {line["scope"]: line["commitment"] for line in said["scopes"]}


# Every request of a session


@dataclass(frozen=True)
class Told:
    """One answer, with what was asked."""

    method: str
    rule: str
    status: int
    body: bytes


def every_request(app: Flask, client: MemberClient, office: Office, case: str, ring: Ring | None = None) -> list[Told]:
    """Each rule of the URL map with each method, about this case; reading comes before writing."""
    told: list[Told] = []
    writes: list[Callable[[], Told]] = []
    known = [part.id for part in stored(office)][:1]
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        if rule.endpoint == "static" or rule.rule == "/staff/api/v1/enrolment/begin":
            continue
        named: dict[str, str] = {"case_id": case, "no": "1"}
        values = {name: named.get(name, (known or [case])[0]) for name in rule.arguments}
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(rule.endpoint, values)
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            if (method, rule.rule) == ("DELETE", "/staff/api/v1/session"):
                continue  # would end the adversary's own session
            if method == "GET":
                told.append(_asked(client, method, rule.rule, path, None))
                continue
            made = bodies(client, office, case, ring, rule.rule)
            writes += [partial(_asked, client, method, rule.rule, path, body) for body in made]
    return told + [write() for write in writes]


def bodies(
    client: MemberClient, office: Office, case: str, ring: Ring | None, rule: str
) -> Iterator[Mapping[str, object]]:
    """What somebody could send there: well made and signed with their own key, and nothing at all."""
    yield {}
    if "<case_id>" not in rule or client.me is None:
        return
    signer = Signer(client.me.code, client.me.keys.sign_seed, office.trust().checkpoint)
    at, ring = client.now(), ring or Ring("report", 1, secrets.token_bytes(32))
    ends = rule.rpartition("/")[2]
    headers = {part.sha256 for part in stored(office) if part.kind == "header"} or {"0" * 64}
    if ends == "declaration":
        for header in sorted(headers):
            yield {"statement": signer.state("conflict", at=at, case=case, conflict=False, header=header)}
    elif ends == "withdrawal":
        for header in sorted(headers):
            yield {"statement": signer.state("withdrawal", at=at, case=case, header=header)}
    elif ends == "items":
        for kind in ("message", "note"):
            made = sealing.sealed_item(case, ring, kind, {"v": 1, "text": "x"})
            yield {"object": made, "statement": sealing.item_statement(signer, case, made, at=at)}
    elif ends == "bad-keys":
        for name, epoch in (("report", 1), ("report", 2), ("internal", 1)):
            hashed = {row.hash for row in rows(office, models.Statement, models.Statement.kind == "epoch")}
            for one in sorted(hashed) or ["0" * 64]:
                yield {"statement": sealing.bad_key_statement(signer, case, name, epoch, one, at=at)}
    elif ends == "epochs":
        me = office.recipient(client.me.code)
        for name, epoch in (("report", 1), ("report", 2), ("report", 3), ("internal", 1), ("internal", 2)):
            new = Ring(name, epoch, secrets.token_bytes(32))
            statement = sealing.epoch_statement(signer, case, new, [me], at=at)
            yield {"statement": statement, "grants": [sealing.ring_grant(case, new, me)]}


def _asked(client: MemberClient, method: str, rule: str, path: str, body: Mapping[str, object] | None) -> Told:
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if method != "GET":
        headers["X-CSRFToken"] = client.get("csrf")["token"]
    sent = json.dumps(body).encode() if body is not None else None
    answer = client.http.send(method, f"{path}?lang=en", body=sent, headers=headers)
    echoed = [part.encode() for part in path.split("/") if len(part) == 36 and "<case_id>" not in rule]
    told = answer.body
    for one in echoed:  # what was asked for and comes back is nothing that is told
        told = told.replace(one, b"")
    return Told(method, rule, answer.status, told)


def tokens(office: Office) -> dict[str, str]:
    """All that could betray the case in an answer: its number, and every id, hash and byte that is stored of it."""
    case = case_of(office)
    (row,) = rows(office, models.Case)
    found = {"number": row.number, "mailbox": row.mailbox_hash, "reporter's key": b64u(row.reporter_kem)}
    for part in stored(office):
        found[f"id of {part.kind} {part.id}"] = part.id
        found[f"bytes of {part.kind} {part.id}"] = b64u(part.data)[:60]
    for entry in rows(office, models.LedgerEntry, models.LedgerEntry.chain == case):
        found[f"ledger {entry.seq}"] = entry.hash
    for said in rows(office, models.Statement, models.Statement.case_id == case):
        found[f"statement {said.kind} {said.id}"] = said.id
    for epoch in rows(office, models.Epoch, models.Epoch.commitment.is_not(None)):
        found[f"commitment {epoch.ring} {epoch.epoch}"] = str(epoch.commitment)
    return found


def betrayed(office: Office, told: Iterable[Told]) -> set[tuple[str, str, str]]:
    """Which rule's answers hold something of the case: (method, rule, what)."""
    wanted = {name: forms(value) for name, value in tokens(office).items()}
    return {
        (one.method, one.rule, name)
        for one in told
        for name, spelt in wanted.items()
        if any(form in one.body for form in spelt)
    }


def learns_nothing(app: Flask, client: MemberClient, office: Office, ring: Ring | None = None) -> None:
    """Every request about the case is answered like one about a case that there isn't, and changes nothing."""
    case, nowhere, before = case_of(office), str(uuid4()), tokens(office)
    about = every_request(app, client, office, case, ring)
    elsewhere = every_request(app, client, office, nowhere, ring)
    assert any("<case_id>" in one.rule for one in about)
    assert betrayed(office, about) == set()
    assert tokens(office) == before
    differing = [
        (one.method, one.rule, one.status, other.status)
        for one, other in zip(about, elsewhere, strict=True)
        if "<case_id>" in one.rule
        and (one.status, one.body.replace(case.encode(), b""))
        != (other.status, other.body.replace(nowhere.encode(), b""))
    ]
    assert differing == []
