"""Packages: what a reader's browser makes when a case leaves, and what whoever opens one elsewhere verifies.

Twin of static/js/client/member/packages.js and static/js/client/packages.js (docs/sealing.md, *Package*).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from crypto import packages as sealed
from crypto.binding import binding
from crypto.codes import new_package_code
from crypto.encoding import b64u, fingerprint, jcs, parse_jcs, sha256hex, unb64u
from crypto.errors import CryptoError
from crypto.signing import verify_document, verify_statement
from intake.client import opening
from intake.client.comparing import header_warnings
from intake.client.contents import is_sound
from intake.client.errors import ClientFault
from intake.client.member import MemberClient
from intake.client.opening import Message, OpenedCase, Signers
from intake.client.sealing import Statement
from intake.client.trust import Trust
from workflow.errors import Refusal
from workflow.outside import Outside, read_outside
from workflow.rostered import Rostered, read_roster
from workflow.sealed import REPORTER
from workflow.times import local_date, read_stamp, stamp

PARTS = frozenset({"epochs", "header", "items", "keys", "receipt", "roster", "submission"})
SAID = frozenset({"v", "kind", "case", "id", "number", "to", "at", "by", "org", "parts"})
RING = "report"


@dataclass(frozen=True)
class Made:
    """A package, and what its maker prints: the one-time code (None where it is sealed to a key) and the file's hash."""

    id: str
    to: Outside
    file: bytes = field(repr=False)
    statement: Statement
    code: str | None = field(repr=False)

    @property
    def sha256(self) -> str:
        return str(sha256hex(self.file))


@dataclass(frozen=True)
class Package:
    """An opened package, verified: the report as its reporter signed it, and who made the package."""

    manifest: Mapping[str, Any]
    file: str  # SHA-256 of the sealed file
    org: str  # fingerprint of the sending organisation's key
    roster: Rostered
    header: Mapping[str, Any]
    first: Mapping[str, Any]
    summary: str
    narrative: Mapping[str, Any]
    talk: tuple[Message, ...]  # messages and supplements as the server took them in
    submission: Mapping[str, Any]
    reporter_sign: bytes
    warnings: tuple[Mapping[str, Any], ...]
    receipt: str = field(repr=False)


def outside_bodies(client: MemberClient, trust: Trust) -> tuple[Outside, ...]:
    """The bodies outside that the organisation's key signed and that are in force; whatever else is served is left out."""
    found = []
    for document in client.get("desk/outside")["bodies"]:
        try:
            found.append(read_outside(document, trust.org_key, on=local_date(client.now())))
        except Refusal:
            continue
    return tuple(found)


def build_package(client: MemberClient, opened: OpenedCase, to: Outside, trust: Trust) -> Made:
    """A package of an opened case for a body outside: to its key, else under a new one-time code.

    Raises ClientFault("addressee_concerned") where the report is about that body, or comes from it.
    """
    header = client.header(opened.answer)
    if to.code in concerned_bodies(opened.first["facts"]):
        raise ClientFault("addressee_concerned", body=to.code)
    package, at, secret = str(uuid4()), client.now(), sealed.new_receipt()
    place = binding("package", opened.id, id=package, reader=to.code, readerkey=to.readerkey)
    parts = {
        "header": jcs(header),
        "submission": jcs(opened.answer["submission"]),
        "epochs": jcs([row for row in opened.answer["epochs"] if row["ring"] == RING]),
        "keys": jcs([{"epoch": number, "key": b64u(key)} for number, key in _keys(opened)]),
        "items": jcs([entry for entry in opened.answer["items"] if entry["object"].get("ring") == RING]),
        "roster": jcs(dict(client.get("installation")["roster"])),
        "receipt": secret,
    }
    said = {"kind": "package", "case": opened.id, "id": package, "number": header["number"], "to": to.code}
    said |= {"at": stamp(at), "by": client.unlocked.code, "org": b64u(trust.org_key)}
    manifest = sealed.manifest_of(said, parts)
    statement = client.signer(trust).state(
        "package",
        at=at,
        case=opened.id,
        package=package,
        to=to.code,
        manifest=sha256hex(jcs(manifest)),
        receipt=sealed.receipt_mark(place, sealed.receipt_number(secret)),
        **({} if to.readerkey is None else {"readerkey": to.readerkey}),
    )
    contents = sealed.pack(manifest, statement, parts)
    if to.kem is not None:
        return Made(package, to, sealed.seal_to_key(to.kem, place, contents), statement, None)
    code = new_package_code()
    return Made(package, to, sealed.seal_to_code(code, place, contents), statement, code)


def make_package(client: MemberClient, case: str, code: str) -> Made:
    """Make a package for a body outside and have it entered. ClientFault("outside_unknown"); as `build_package`; Refused."""
    trust = client.installation()
    to = next((body for body in outside_bodies(client, trust) if body.code == code), None)
    if to is None:
        raise ClientFault("outside_unknown", body=code)
    made = build_package(client, client.open_case(case), to, trust)
    client.post(f"desk/cases/{case}/packages", {"statement": made.statement, "file": made.sha256})
    return made


def concerned_bodies(facts: Mapping[str, Any]) -> set[str]:
    """The bodies whom a report is about, and the unit that it comes from: it leaves to none of them."""
    return {one["body"] for one in facts.get("accused", ())} | {facts.get("reporter_unit", "")}


def left_in(
    case: str, packages: Iterable[Mapping[str, Any]], readers: Sequence[Mapping[str, str]], signers: Signers
) -> list[dict[str, Any]]:
    """The packages that a case has left in, each with `by` and `signed`: false where no reader's key proves it.

    `readers` are all that the case's verified lists have ever named.
    """
    told = []
    for left in packages:
        try:
            body = opening.unverified(left["statement"], "package")
            keys = [signers.signing_key(one) for one in readers if one["id"] == body["by"] != REPORTER]
            key = next((key for key in keys if key is not None), None)
            if key is not None:
                verify_statement(key, left["statement"], "package")
            about = (body["case"], body["package"], body["to"])
            signed = key is not None and about == (case, left["id"], left["to"])
            told.append({**left, "by": body["by"], "signed": signed})
        except (CryptoError, KeyError, TypeError):
            told.append({**left, "by": None, "signed": False})
    return told


def verify_package(data: bytes, contents: bytes) -> Package:
    """What an opened package proves: `data` is the file, `contents` what was in it.

    Raises CryptoError for contents that aren't whole, ClientFault("package_mixed") for parts of another package,
    ("package_unsigned") where no reader's signature stands behind it, and as opening a case does.
    """
    place = sealed.read_cover(data)
    found = sealed.unpack(contents)
    manifest = found.manifest
    if manifest.keys() != SAID or found.parts.keys() != PARTS or not _fits(manifest, place.place):
        raise ClientFault("package_mixed")
    number = sealed.receipt_number(found.parts["receipt"])
    roster, signers = _roster(found.parts["roster"], manifest)
    readers = _verified_case(found.parts, manifest, signers)
    _check_maker(found, place.binding, number, readers.pop("readers"), signers)
    return Package(
        manifest=manifest,
        file=sha256hex(data),
        org=fingerprint(unb64u(manifest["org"])),
        roster=roster,
        receipt=number,
        **readers,
    )


@dataclass(frozen=True)
class _Rostered:
    """What the members of one roster sign with."""

    roster: Rostered

    def signing_key(self, reader: Mapping[str, str]) -> bytes | None:
        found = self.roster.members.get(reader["id"])
        return found.sign if found is not None and found.readerkey == reader["key"] else None


def _keys(opened: OpenedCase) -> list[tuple[int, bytes]]:
    return [(made.epoch, made.key) for made in opened.rings[RING].epochs.values() if made.key is not None]


def _fits(manifest: Mapping[str, Any], place: Mapping[str, Any]) -> bool:
    """Whether the manifest speaks of the package that its place, which everything is sealed to, names."""
    named = (manifest["kind"], manifest["case"], manifest["id"], manifest["to"])
    texts = all(isinstance(manifest[name], str) for name in SAID - {"v", "parts"})
    return texts and named == ("package", place["case"], place["id"], place["reader"])


def _roster(part: bytes, manifest: Mapping[str, Any]) -> tuple[Rostered, _Rostered]:
    """The sending organisation's roster, signed by the key that the manifest names, and in force when it was made."""
    try:
        document = parse_jcs(part)
        said = verify_document(unb64u(manifest["org"]), "roster", document)
        on = local_date(read_stamp(manifest["at"]))
        if said["org"] != manifest["org"] or not said["issued"] <= on.isoformat() <= said["expires"]:
            raise ClientFault("package_unsigned")
        roster = read_roster(sha256hex(unb64u(document["doc"])), said)
    except (CryptoError, KeyError, TypeError, ValueError):
        raise ClientFault("package_unsigned") from None
    return roster, _Rostered(roster)


def _verified_case(parts: Mapping[str, bytes], manifest: Mapping[str, Any], signers: Signers) -> dict[str, Any]:
    """The report with all that its reporter signed, and whoever has read it."""
    case = manifest["case"]
    try:
        keys = {(RING, one["epoch"]): unb64u(one["key"]) for one in parse_jcs(parts["keys"])}
        entries, epochs = parse_jcs(parts["items"]), parse_jcs(parts["epochs"])
        header, submission = parse_jcs(parts["header"]), parse_jcs(parts["submission"])
        originals = {
            one["object"]["kind"]: one["object"] for one in entries if one["object"]["kind"] in opening.ORIGINAL
        }
        if not is_sound("header", header) or header["case"] != case or header["number"] != manifest["number"]:
            raise ClientFault("package_mixed")
        if originals.keys() != set(opening.ORIGINAL):
            raise ClientFault("object_missing")
        first = opening.open_text(case, originals["first"], keys)
        if first["case"] != case:
            raise ClientFault("package_mixed")
        kem, sign = unb64u(first["reporter"]["kem"]), unb64u(first["reporter"]["sign"])
        listed = opening.verify_manifest(case, submission, list(originals.values()), sign, kem)
        chains = opening.verify_chains(case, epochs, keys, signers, reporter_sign=sign, submitted=listed["readers"])
        if not isinstance(listed["set"]["id"], str) or type(listed["set"]["k"]) is not int:
            raise ClientFault("package_mixed")  # who keeps the identity
        if chains[RING].epochs[1].hash != listed["epoch"]:
            raise ClientFault("submission_forged")
        talk = [
            opening.verify_item(case, entry, chains, signers, sign)
            for entry in entries
            if entry["object"]["kind"] not in opening.ORIGINAL
        ]
        texts = {kind: opening.open_text(case, originals[kind], keys) for kind in ("summary", "narrative")}
    except (CryptoError, KeyError, TypeError, AttributeError):
        raise ClientFault("package_mixed") from None
    return {
        "header": header,
        "first": first,
        "summary": str(texts["summary"]["text"]),
        "narrative": texts["narrative"],
        "talk": tuple(talk),
        "submission": listed,
        "reporter_sign": sign,
        "warnings": tuple(header_warnings(header, first)),
        "readers": opening.ever_read(chains[RING]),
    }


def _check_maker(
    found: sealed.Contents, place: bytes, number: str, readers: Sequence[Mapping[str, str]], signers: Signers
) -> None:
    """A reader of the case, whose key the roster holds, signed for this manifest, addressee and receipt."""
    manifest = found.manifest
    keys = [signers.signing_key(one) for one in readers if one["id"] == manifest["by"] != REPORTER]
    key = next((key for key in keys if key is not None), None)
    if key is None:
        raise ClientFault("package_unsigned")
    try:
        said = verify_statement(key, found.statement, "package")
        told = tuple(said[name] for name in ("by", "case", "package", "to", "manifest", "receipt"))
    except (CryptoError, KeyError):
        raise ClientFault("package_unsigned") from None
    mark = sealed.receipt_mark(place, number)
    named = (manifest["by"], manifest["case"], manifest["id"], manifest["to"], found.manifest_hash, mark)
    if told != named:
        raise ClientFault("package_mixed")
