"""Rosters: what is to be signed, and taking in what was signed (sealing.md, *Roster: whose keys these are*).

The draft is worked out from the database; the signature is made offline. What comes back is compared byte by byte with
a fresh draft, so nothing can be signed in that the database doesn't hold, and nothing left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from crypto.encoding import b64u, fingerprint, jcs, parse_jcs, sha256hex, unb64u
from crypto.errors import CryptoError, Expired
from crypto.rosters import check_successor, verify_roster
from crypto.signing import sign_public
from workflow import ledger, models
from workflow.commands.removals import remove_former_readers
from workflow.errors import Conflict, Malformed, Unavailable
from workflow.queries import organisation
from workflow.store import hold


def draft_roster(
    db: Session,
    *,
    issued: date,
    expires: date,
    successor: str,
    org: bytes | None = None,
    installation: bytes | None = None,
) -> dict[str, Any]:
    """The roster that would be signed now. `org` is needed while no organisation key is pinned, or at its successor.

    `installation` is the next installation key, where one has been prepared; without it the one in force stays.
    """
    installed = organisation.installation(db)
    org = org or installed.organisation_key
    if org is None:
        raise Unavailable("organisation_key_missing")
    _require_heir(successor, org, installed.organisation_key)
    last = organisation.latest_roster(db)
    held = organisation.roster_content(db, issued)
    if not installed.demonstration and any(member.get("demo") for member in held["members"]):
        raise Conflict("demonstration_key")
    return {
        "v": 1,
        "org": b64u(org),
        "no": last.no + 1 if last else 1,
        "prev": last.hash if last else ledger.START,
        "issued": issued.isoformat(),
        "expires": expires.isoformat(),
        "successor": successor,
        "installation": b64u(installation or installed.signing_public),
        **held,
    }


def publish_roster(
    db: Session,
    document: Mapping[str, str],
    *,
    org_key: bytes | None = None,
    signing_seeds: Sequence[bytes] = (),
    at: datetime,
    valid_on: date | None = None,
) -> int:
    """Put a signed roster in force, and cut off readers whom it no longer holds; returns its number.

    It must be signed with the pinned organisation key, or with the successor whose fingerprint the newest roster
    names; `org_key` is what to pin when none is pinned yet. It may name another installation key of `signing_seeds`, the
    keys that this server holds: then a checkpoint under the new key follows in the same transaction, so that nobody
    meets the roster without one. It must be valid today; `valid_on` is another day, for a rehearsal, whose transaction
    the caller rolls back. Raises Malformed("roster_unsigned"),
    Conflict("roster_other_key" | "roster_out_of_turn" | "roster_expired" | "roster_differs" | "demonstration_key" |
    "successor_is_itself" | "successor_is_former").
    """
    hold(db, "roster")
    installed = db.get_one(models.Installation, 1)
    last = organisation.latest_roster(db)
    said = _read(document)
    key = _signing_key(said, installed.organisation_key, org_key, last)
    day = valid_on or at.date()
    try:
        verify_roster(dict(document), key, on=day)
    except CryptoError as fault:
        raise _refusal(fault, said, day) from None
    _require_heir(said.get("successor"), key, installed.organisation_key)
    signing = _installation_key(said, installed.signing_public, signing_seeds, last)
    _compare(db, said, key, signing, last)
    if last is not None:
        try:
            check_successor(last.body, said)
        except CryptoError:
            raise Conflict("roster_out_of_turn") from None
    installed.organisation_key = key
    rotated, installed.signing_public = signing != installed.signing_public, signing
    doc = unb64u(document["doc"])
    row = models.Roster(
        no=said["no"],
        doc=doc,
        signature=unb64u(document["sig"]),
        hash=sha256hex(doc),
        issued=date.fromisoformat(said["issued"]),
        expires=date.fromisoformat(said["expires"]),
        published=at,
    )
    db.add(row)
    db.flush()
    pub = {"no": row.no, "hash": row.hash, "org": b64u(key)}
    ledger.append(db, chain=ledger.ORGANISATION, kind="roster", pub=pub, priv={}, at=at)
    remove_former_readers(db, at=at)
    if rotated:
        ledger.checkpoint(db, *signing_seeds, at=at)
    return row.no


def _require_heir(successor: object, key: bytes, before: bytes | None) -> None:
    """A key that names itself as its successor has none; one that names the key it replaces gives a thief all back."""
    if successor == fingerprint(key):
        raise Conflict("successor_is_itself")
    if before is not None and before != key and successor == fingerprint(before):
        raise Conflict("successor_is_former")


def _read(document: Mapping[str, str]) -> dict[str, Any]:
    """The document's own words, not yet believed."""
    try:
        said = parse_jcs(unb64u(document["doc"]))
        unb64u(document["sig"])
        date.fromisoformat(said["issued"])
        date.fromisoformat(said["expires"])
    except (CryptoError, KeyError, TypeError, ValueError):
        raise Malformed() from None
    return dict(said)


def _signing_key(
    said: Mapping[str, Any], pinned: bytes | None, given: bytes | None, last: organisation.SignedRoster | None
) -> bytes:
    """The key this roster has to be signed with: the pinned one, or the one successor it named."""
    try:
        named = unb64u(said["org"])
    except (CryptoError, KeyError, TypeError):
        raise Malformed() from None
    if pinned is None:
        if given is None:
            raise Unavailable("organisation_key_missing")
        pinned = given
    if given is not None and given not in (pinned, named):
        raise Conflict("roster_other_key")
    if named == pinned:
        return pinned
    if last is not None and fingerprint(named) == last.body["successor"]:
        return named
    raise Conflict("roster_other_key")


def _installation_key(
    said: Mapping[str, Any], present: bytes, seeds: Sequence[bytes], last: organisation.SignedRoster | None
) -> bytes:
    """The installation key that the roster may name: the present one, or from the second roster on another one held here."""
    held = {b64u(public): public for public in map(sign_public, seeds)} if last is not None else {}
    named = said.get("installation")
    return held.get(named, present) if isinstance(named, str) else present


def _refusal(fault: CryptoError, said: Mapping[str, Any], day: date) -> Conflict | Malformed:
    if isinstance(fault, Expired) or date.fromisoformat(said["expires"]) < day:
        return Conflict("roster_expired")
    return Malformed("roster_unsigned")


def _compare(
    db: Session, said: Mapping[str, Any], key: bytes, signing: bytes, last: organisation.SignedRoster | None
) -> None:
    """Refuse a roster that is out of turn, or says anything else than the database holds on its day."""
    turn = (last.no + 1, last.hash) if last else (1, ledger.START)
    if (said.get("no"), said.get("prev")) != turn:
        raise Conflict("roster_out_of_turn")
    issued, expires = date.fromisoformat(said["issued"]), date.fromisoformat(said["expires"])
    draft = draft_roster(
        db, issued=issued, expires=expires, successor=said.get("successor", ""), org=key, installation=signing
    )
    if jcs(draft) != jcs(dict(said)):
        parts = sorted(part for part in draft.keys() | said.keys() if draft.get(part) != said.get(part))
        raise Conflict("roster_differs", parts=parts)
