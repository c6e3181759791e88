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
from workflow.organisation import Body, KeptBy, Organisation, Seat
from workflow.posts import posts
from workflow.queries import inspections


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


def current(db: Session, on: date) -> Organisation:
    """The organisation of a day for routing; what an expired roster says is signed no longer."""
    held = roster_content(db, on)
    last = latest_roster(db)
    valid: Mapping[str, Any] = last.body if last is not None and on <= last.expires else {}
    signed = {part: {row["id"]: row for row in valid.get(part, ())} for part in ("seats", "members", "sets")}
    keys = {member["id"]: member for member in held["members"]}

    def stands(seat: Mapping[str, Any]) -> bool:
        key = keys.get(seat["person"])
        return (
            key is not None and signed["members"].get(seat["person"]) == key and signed["seats"].get(seat["id"]) == seat
        )

    return Organisation(
        bodies=tuple(_told(row) for row in _bodies(db, on)),
        seats=tuple(
            Seat(
                body=seat["body"],
                person=seat["person"],
                function=seat["function"],
                roles=tuple(seat["roles"]),
                enrolled=seat["person"] in keys,
                signed=stands(seat),
            )
            for seat in held["seats"]
        ),
        sets=tuple(
            KeptBy(row["id"], row["level"], tuple(row["members"]))
            for row in held["sets"]
            if row["purpose"] == "identity" and signed["sets"].get(row["id"]) == row
        ),
        inspections=tuple(one.inspection for one in inspections.registry(db)),
    )


def body_names(db: Session, on: date) -> dict[str, dict[str, str]]:
    """The name of each body of a day, by code and language."""
    return {row.code: _told(row).name for row in _bodies(db, on)}


def names(db: Session, on: date) -> dict[str, dict[str, Any]]:
    """Everybody's name and post by code, for members only: `{"name": ..., "post": {"vi": ..., "en": ...}}`."""
    bodies = {row.code: _told(row) for row in _bodies(db, on)}
    said = posts(
        (code, bodies[seat.body], seat.function, seat.roles.split())
        for seat, code in _seats(db, on)
        if seat.body in bodies
    )
    people = db.scalars(select(models.Person).order_by(models.Person.code))
    return {who.code: {"name": who.name, "post": said.get(who.code, {"vi": "", "en": ""})} for who in people}


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


def _told(row: models.Body) -> Body:
    """A body as the rules know it."""
    return Body(
        code=row.code,
        kind=row.kind,
        level=row.level,
        parent=row.parent,
        quorum=row.quorum,
        single=row.single,
        name_vi=row.name_vi,
        name_en=row.name_en,
    )


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
