"""The organisation as it stands on a day: what routing, rosters and pages need to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crypto.encoding import b64u, parse_jcs
from workflow import models
from workflow.errors import NotFound


@dataclass(frozen=True)
class Installation:
    kind: str
    receipt_salt: bytes
    signing_public: bytes
    organisation_key: bytes | None

    @property
    def demonstration(self) -> bool:
        return self.kind == "demonstration"


@dataclass(frozen=True)
class SignedRoster:
    """A roster as it was signed; `body` is what it says."""

    no: int
    hash: str
    doc: bytes
    signature: bytes
    issued: date
    expires: date

    @property
    def document(self) -> dict[str, str]:
        return {"doc": b64u(self.doc), "sig": b64u(self.signature)}

    @property
    def body(self) -> Mapping[str, Any]:
        return dict(parse_jcs(self.doc))


def installation(db: Session) -> Installation:
    """What this installation is; NotFound("not_installed") before `install`."""
    row = db.get(models.Installation, 1)
    if row is None:
        raise NotFound("not_installed")
    return Installation(
        kind=row.kind,
        receipt_salt=row.receipt_salt,
        signing_public=row.signing_public,
        organisation_key=row.organisation_key,
    )


def latest_roster(db: Session) -> SignedRoster | None:
    """The newest roster, expired or not; None before the first."""
    row = db.scalars(select(models.Roster).order_by(models.Roster.no.desc()).limit(1)).first()
    if row is None:
        return None
    return SignedRoster(
        no=row.no, hash=row.hash, doc=row.doc, signature=row.signature, issued=row.issued, expires=row.expires
    )


def roster_content(db: Session, on: date) -> dict[str, list[dict[str, Any]]]:
    """What a roster of this day says: bodies, seats, enrolled members' keys, and sets whose members all have keys."""
    members = [
        {"id": code, "kem": b64u(key.kem), "sign": b64u(key.sign), **({"demo": True} if key.demonstration else {})}
        for code, key in _keys_in_force(db)
    ]
    enrolled = {member["id"] for member in members}
    return {
        "bodies": sorted((_body(row) for row in _bodies(db, on)), key=_id),
        "seats": sorted((_seat(row, code) for row, code in _seats(db, on)), key=_id),
        "members": sorted(members, key=_id),
        "sets": sorted(
            (_set(row, people) for row, people in _custodian_sets(db, on) if enrolled.issuperset(people)), key=_id
        ),
    }


def _bodies(db: Session, on: date) -> list[models.Body]:
    return list(db.scalars(select(models.Body).where(_valid(models.Body, on)).order_by(models.Body.code)))


def _seats(db: Session, on: date) -> list[tuple[models.Seat, str]]:
    """The seats held that day, each with its person's code."""
    query = (
        select(models.Seat, models.Person.code)
        .join(models.Person, models.Person.id == models.Seat.person_id)
        .where(
            models.Seat.term_from <= on,
            or_(models.Seat.term_to.is_(None), models.Seat.term_to >= on),
        )
        .order_by(models.Seat.body, models.Person.code)
    )
    return [(seat, code) for seat, code in db.execute(query)]


def _custodian_sets(db: Session, on: date) -> list[tuple[models.CustodianSet, list[str]]]:
    """The newest version valid that day of each set, with its members' codes."""
    query = (
        select(models.CustodianSet, models.Person.code)
        .join(models.Custodian, models.Custodian.set_id == models.CustodianSet.id)
        .join(models.Person, models.Person.id == models.Custodian.person_id)
        .where(_valid(models.CustodianSet, on))
        .order_by(models.CustodianSet.code, models.CustodianSet.version, models.Person.code)
    )
    newest: dict[str, tuple[models.CustodianSet, list[str]]] = {}
    for row, code in db.execute(query):
        held = newest.get(row.code)
        if held is None or held[0].version < row.version:
            held = newest[row.code] = (row, [])
        held[1].append(code)
    return list(newest.values())


def _keys_in_force(db: Session) -> list[tuple[str, models.MemberKey]]:
    query = (
        select(models.Person.code, models.MemberKey)
        .join(models.MemberKey, models.MemberKey.person_id == models.Person.id)
        .where(models.MemberKey.ended.is_(None))
    )
    return [(code, key) for code, key in db.execute(query)]


def _valid(model: type[models.Body] | type[models.CustodianSet], on: date) -> Any:
    return (model.valid_from <= on) & or_(model.valid_to.is_(None), model.valid_to >= on)


def _id(row: Mapping[str, Any]) -> str:
    return str(row["id"])


def _body(row: models.Body) -> dict[str, Any]:
    said: dict[str, Any] = {"id": row.code, "kind": row.kind, "level": row.level, "quorum": row.quorum}
    if row.parent is not None:
        said["parent"] = row.parent
    if row.single:
        said["single"] = True
    return said


def _seat(row: models.Seat, person: str) -> dict[str, Any]:
    return {
        "id": f"{row.body}/{person}",
        "body": row.body,
        "person": person,
        "function": row.function,
        "roles": row.roles.split(),
    }


def _set(row: models.CustodianSet, people: list[str]) -> dict[str, Any]:
    return {
        "id": row.code,
        "v": row.version,
        "k": row.k,
        "n": row.n,
        "level": row.level,
        "purpose": row.purpose,
        "members": sorted(people),
    }
