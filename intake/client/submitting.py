"""A report, sealed: exactly the listed objects, signed over as a whole (docs/sealing.md, *A submission*)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from crypto.binding import object_binding
from crypto.encoding import b64u, jcs, sha256hex, unb64u
from crypto.items import seal_item
from crypto.keys import ReporterKeys
from crypto.padding import fill
from crypto.rings import ring_commitment, scope_commitment
from crypto.shamir import split
from intake.client.errors import ClientFault
from intake.client.sealing import (
    Object,
    Recipient,
    Ring,
    Signer,
    epoch_statement,
    manifest_line,
    new_key,
    ring_grant,
    sealed_item,
    sealed_to,
)
from intake.client.trust import Trust
from workflow.rostered import KeySet
from workflow.sealed import REPORTER, SCOPES

IDENTITY = 2044  # identity texts are filled to exactly this, so that sizes say nothing
SUMMARY, NARRATIVE = 200, 30_000


@dataclass(frozen=True)
class Identity:
    """Who reports, in scopes that open separately; all empty when nobody wants to be named."""

    name: str = ""
    unit: str = ""
    phone: str = ""
    email: str = ""
    other: str = ""
    address: str = ""

    def scopes(self) -> dict[str, dict[str, Any]]:
        return {
            "name": {"v": 1, "name": self.name, "unit": self.unit},
            "contact": {"v": 1, "phone": self.phone, "email": self.email, "other": self.other},
            "address": {"v": 1, "address": self.address},
            "signature": {"v": 1},
            "originals": {"v": 1},
        }


@dataclass(frozen=True)
class Report:
    """What a cadre writes."""

    summary: str
    text: str
    categories: Sequence[str]
    when: str = ""
    where: str = ""
    wants: str = ""
    accused_names: Sequence[Mapping[str, str]] = ()
    keep_away: str = ""
    language: str = "vi"
    identity: Identity = field(default_factory=Identity)

    def narrative(self) -> dict[str, Any]:
        return {
            "v": 1,
            "named": self.identity != Identity(),
            "text": self.text,
            "when": self.when,
            "where": self.where,
            "wants": self.wants,
            "accused_names": [dict(name) for name in self.accused_names],
            "keep_away": self.keep_away,
            "language": self.language,
        }


def build_submission(
    trust: Trust,
    keys: ReporterKeys,
    report: Report,
    facts: Mapping[str, Any],
    shown: Mapping[str, Any],
    *,
    at: datetime,
    case: str | None = None,
    linked: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The arguments of `submit`, after checking that the preview's people and custodians are the roster's.

    `linked` is what the first item says of the other case of a pair: `{case, body, leads}`.
    """
    if len(report.summary) > SUMMARY or len(report.text) > NARRATIVE:
        raise ClientFault("text_too_long")
    decision = shown["decision"]
    if decision["body"] is None:
        raise ClientFault("nobody_competent")
    if shown["roster"] != trust.roster_pointer.json:
        raise ClientFault("roster_stale")
    trust.require_quorum(decision["body"], decision["readers"])
    key_set = trust.key_set(shown["set"])
    case = case or str(uuid4())
    signer = Signer(REPORTER, keys.sign_seed, trust.checkpoint)
    ring = Ring("report", 1, new_key())
    recipients = [Recipient(code, trust.keys(code).kem) for code in decision["readers"]]
    recipients.append(Recipient(REPORTER, keys.kem_public))
    objects = _items(case, ring, keys, report, facts, decision, trust, linked)
    objects += [ring_grant(case, ring, recipient) for recipient in recipients]
    scopes, commitments = _scopes(case, report.identity, key_set, trust, keys)
    objects += scopes
    epoch = epoch_statement(signer, case, ring, recipients, at=at)
    submission = signer.state(
        "submission",
        at=at,
        case=case,
        key=b64u(keys.sign_public),
        kem=b64u(keys.kem_public),
        roster=trust.roster_pointer.json,
        objects=sorted((manifest_line(made) for made in objects), key=lambda line: line["id"]),
        rings=[{"ring": ring.name, "epoch": 1, "commitment": ring_commitment(case, ring.name, 1, ring.key)}],
        scopes=commitments,
        set={"id": key_set.id, "v": key_set.v, "k": key_set.k, "n": key_set.n},
        body=decision["body"],
        readers=sorted(decision["readers"]),
        categories=sorted(set(report.categories)),
        epoch=sha256hex(unb64u(epoch["stmt"])),
    )
    return {
        "lang": report.language,
        "case": case,
        "facts": dict(facts),
        "categories": sorted(set(report.categories)),
        "decision": dict(decision),
        "objects": objects,
        "submission": submission,
        "epoch": epoch,
        "mailbox": keys.mailbox_hash,
    }


def _items(
    case: str,
    ring: Ring,
    keys: ReporterKeys,
    report: Report,
    facts: Mapping[str, Any],
    decision: Mapping[str, Any],
    trust: Trust,
    linked: Mapping[str, Any] | None,
) -> list[Object]:
    first = {
        "v": 1,
        "case": case,
        "reporter": {"kem": b64u(keys.kem_public), "sign": b64u(keys.sign_public)},
        "facts": dict(facts),
        "objections": list(facts.get("objections", [])),
        "decision": dict(decision),
        "roster": trust.roster_pointer.json,
        "linked": dict(linked) if linked else None,
    }
    return [
        sealed_item(case, ring, "first", first),
        sealed_item(case, ring, "summary", {"v": 1, "text": report.summary}),
        sealed_item(case, ring, "narrative", report.narrative()),
    ]


def _scopes(
    case: str, identity: Identity, key_set: KeySet, trust: Trust, keys: ReporterKeys
) -> tuple[list[Object], list[dict[str, str]]]:
    """Every scope, empty ones too: its content, the reporter's own copy of its key, one share for each custodian."""
    objects: list[Object] = []
    commitments = []
    me = Recipient(REPORTER, keys.kem_public)
    for scope in SCOPES:
        key = new_key()
        place: Object = {"kind": "identity", "id": str(uuid4()), "scope": scope}
        text = jcs(identity.scopes()[scope])
        if len(text) > IDENTITY:
            raise ClientFault("text_too_long")
        data = seal_item(key, object_binding(case, place), fill(text, [IDENTITY]))
        objects.append({**place, "data": b64u(data)})
        objects.append(sealed_to(case, me, "grant", key, scope=scope))
        told = {"scope": scope, "set": key_set.id, "setv": key_set.v, "k": key_set.k, "n": key_set.n}
        for code, share in zip(key_set.members, split(key, key_set.k, key_set.n), strict=True):
            custodian = Recipient(code, trust.keys(code).kem)
            objects.append(sealed_to(case, custodian, "share", share, **told, x=share[-1]))
        commitments.append({"scope": scope, "commitment": scope_commitment(case, scope, key)})
    return objects, commitments
