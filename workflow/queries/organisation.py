"""The organisation as it stands on a day: what routing, rosters and pages need to know of it.

Rows are read anew each time; what is made of them is kept for the same rows, because it costs far more than reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Date, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from crypto.encoding import b64u, parse_jcs
from workflow import models
from workflow.errors import NotFound
from workflow.lacking import Sitting
from workflow.organisation import Body, Inspection, KeptBy, Organisation, Relation, Seat
from workflow.posts import posts
from workflow.queries import inspections, relations, rotation
from workflow.rostered import Rostered, read_roster
from workflow.rotation import Over


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

    @property
    def rostered(self) -> Rostered:
        """The same by code."""
        return _rostered(self.hash, self.doc)


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


@lru_cache(maxsize=2)
def _rostered(hash_: str, doc: bytes) -> Rostered:
    return read_roster(hash_, parse_jcs(doc))


def current(db: Session, on: date) -> Organisation:
    """The organisation of a day for routing; what an expired roster says is signed no longer."""
    last = latest_roster(db)
    signed = last.doc if last is not None and on <= last.expires else None
    registry = tuple(one.inspection for one in inspections.registry(db))
    ties = relations.rows_in_force(db, on)
    return _organisation(_rows(db, on), signed, registry, rotation.due(db, on), successors(db, on), ties)


@lru_cache(maxsize=2)
def _organisation(
    rows: Rows,
    signed_doc: bytes | None,
    registry: tuple[Inspection, ...],
    due: frozenset[tuple[str, Over]],
    merged: tuple[tuple[str, str], ...],
    ties: tuple[relations.RelationRow, ...],
) -> Organisation:
    """What these rows and this roster, still valid, say together with what is on record of the day."""
    held = _content(rows)
    valid: Mapping[str, Any] = parse_jcs(signed_doc) if signed_doc is not None else {}
    signed = {part: {row["id"]: row for row in valid.get(part, ())} for part in ("seats", "members", "sets")}
    keys = {member["id"]: member for member in held["members"]}

    def stands(seat: Mapping[str, Any]) -> bool:
        key = keys.get(seat["person"])
        return (
            key is not None and signed["members"].get(seat["person"]) == key and signed["seats"].get(seat["id"]) == seat
        )

    return Organisation(
        bodies=tuple(_told(row) for row in rows.bodies),
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
        inspections=registry,
        due=due,
        successors=merged,
        relations=tuple(Relation(*tie) for tie in ties),
    )


def successors(db: Session, on: date) -> tuple[tuple[str, str], ...]:
    """Which body goes on with the work of each that has been merged by a day, in the order of the mergers."""
    row = models.BodySuccessor
    query = select(row.body, row.successor).where(row.since <= on).order_by(row.since, row.body)
    return tuple((body, successor) for body, successor in db.execute(query))


def body_names(db: Session, on: date) -> dict[str, dict[str, str]]:
    """The name of each body of a day, by code and language."""
    return {row.code: _told(row).name for row in _bodies(db, on)}


def administrators(db: Session) -> frozenset[str]:
    """Who looks after the system: codes."""
    return frozenset(db.scalars(select(models.Person.code).where(models.Person.administrator.is_(True))))


def unit_names(db: Session, on: date) -> dict[str, dict[str, str]]:
    """The name of each unit of a day, by code and language."""
    unit = models.Unit
    there = unit.valid_from <= on, or_(unit.valid_to.is_(None), unit.valid_to >= on)
    return {
        row.code: {"vi": row.name_vi, "en": row.name_en}
        for row in db.scalars(select(unit).where(*there).order_by(unit.code))
    }


def names(db: Session, on: date) -> dict[str, dict[str, Any]]:
    """Everybody's name and post by code, for members only: `{"name": ..., "post": {"vi": ..., "en": ...}}`."""
    bodies = {row.code: _told(row) for row in _bodies(db, on)}
    said = posts(
        (seat.person, bodies[seat.body], seat.function, seat.roles.split())
        for seat in _seats(db, on)
        if seat.body in bodies
    )
    people = db.scalars(select(models.Person).order_by(models.Person.code))
    return {who.code: {"name": who.name, "post": said.get(who.code, {"vi": "", "en": ""})} for who in people}


def roster_content(db: Session, on: date) -> dict[str, list[dict[str, Any]]]:
    """What a roster of this day says: bodies, seats, enrolled members' keys, and sets whose members all have keys."""
    return _content(_rows(db, on))


class Rows(NamedTuple):
    """What the tables hold of a day: plain values, which are the same when nothing has changed."""

    bodies: tuple[BodyRow, ...]
    seats: tuple[SeatRow, ...]
    keys: tuple[KeyRow, ...]
    sets: tuple[SetRow, ...]


class BodyRow(NamedTuple):
    code: str
    kind: str
    level: int
    parent: str | None
    quorum: int
    single: bool
    name_vi: str
    name_en: str


class SeatRow(NamedTuple):
    body: str
    function: str
    roles: str
    person: str


class KeyRow(NamedTuple):
    person: str
    kem: bytes
    sign: bytes
    demonstration: bool


class SetRow(NamedTuple):
    """One custodian of one version of a set."""

    code: str
    version: int
    k: int
    n: int
    level: int
    purpose: str
    person: str


def _rows(db: Session, on: date) -> Rows:
    return Rows(_bodies(db, on), _seats(db, on), _keys_in_force(db), _custodians(db, on))


def _content(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    members = [
        {
            "id": key.person,
            "kem": b64u(key.kem),
            "sign": b64u(key.sign),
            **({"demo": True} if key.demonstration else {}),
        }
        for key in rows.keys
    ]
    enrolled = {member["id"] for member in members}
    sets = _newest_sets(rows.sets)
    return {
        "bodies": sorted((_body(row) for row in rows.bodies), key=_id),
        "seats": sorted((_seat(row) for row in rows.seats), key=_id),
        "members": sorted(members, key=_id),
        "sets": sorted((_set(row, people) for row, people in sets if enrolled.issuperset(people)), key=_id),
    }


def sittings(db: Session, on: date) -> tuple[Sitting, ...]:
    """The custodian sets of a day, with how many of each have enrolled, signed or not."""
    enrolled = {key.person for key in _keys_in_force(db)}
    return tuple(
        Sitting(row.code, row.k, row.n, row.level, len(enrolled.intersection(people)))
        for row, people in _newest_sets(_custodians(db, on))
    )


def roster_waits(db: Session, on: date) -> bool:
    """Whether a roster of this day would say something else than the newest one."""
    last, held = latest_roster(db), roster_content(db, on)
    return last is None or any(last.body[part] != rows for part, rows in held.items())


# Queries are put together once: that takes longer than asking.
DAY = bindparam("day", type_=Date)


def _bodies(db: Session, on: date) -> tuple[BodyRow, ...]:
    return tuple(map(BodyRow._make, db.execute(_bodies_query(), {"day": on})))


@cache
def _bodies_query() -> Select[*tuple[Any, ...]]:
    body = models.Body
    columns = (body.code, body.kind, body.level, body.parent, body.quorum, body.single, body.name_vi, body.name_en)
    return select(*columns).where(_valid(body)).order_by(body.code)


def _seats(db: Session, on: date) -> tuple[SeatRow, ...]:
    """The seats held that day, each with its person's code."""
    return tuple(map(SeatRow._make, db.execute(_seats_query(), {"day": on})))


@cache
def _seats_query() -> Select[*tuple[Any, ...]]:
    seat = models.Seat
    return (
        select(seat.body, seat.function, seat.roles, models.Person.code)
        .join(models.Person, models.Person.id == seat.person_id)
        .where(seat.term_from <= DAY, or_(seat.term_to.is_(None), seat.term_to >= DAY))
        .order_by(seat.body, models.Person.code)
    )


def _custodians(db: Session, on: date) -> tuple[SetRow, ...]:
    """Every version valid that day of each set, with its members."""
    return tuple(map(SetRow._make, db.execute(_custodians_query(), {"day": on})))


@cache
def _custodians_query() -> Select[*tuple[Any, ...]]:
    one = models.CustodianSet
    return (
        select(one.code, one.version, one.k, one.n, one.level, one.purpose, models.Person.code)
        .join(models.Custodian, models.Custodian.set_id == one.id)
        .join(models.Person, models.Person.id == models.Custodian.person_id)
        .where(_valid(one))
        .order_by(one.code, one.version, models.Person.code)
    )


def _newest_sets(rows: Iterable[SetRow]) -> list[tuple[SetRow, list[str]]]:
    """The newest version of each set, with its members' codes."""
    newest: dict[str, tuple[SetRow, list[str]]] = {}
    for row in rows:
        held = newest.get(row.code)
        if held is None or held[0].version < row.version:
            held = newest[row.code] = (row, [])
        held[1].append(row.person)
    return list(newest.values())


def _keys_in_force(db: Session) -> tuple[KeyRow, ...]:
    return tuple(map(KeyRow._make, db.execute(_keys_query())))


@cache
def _keys_query() -> Select[*tuple[Any, ...]]:
    key = models.MemberKey
    return (
        select(models.Person.code, key.kem, key.sign, key.demonstration)
        .join(key, key.person_id == models.Person.id)
        .where(key.ended.is_(None))
        .order_by(models.Person.code, key.kem)
    )


def _valid(model: type[models.Body] | type[models.CustodianSet]) -> Any:
    return (model.valid_from <= DAY) & or_(model.valid_to.is_(None), model.valid_to >= DAY)


def _told(row: BodyRow) -> Body:
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


def _body(row: BodyRow) -> dict[str, Any]:
    said: dict[str, Any] = {"id": row.code, "kind": row.kind, "level": row.level, "quorum": row.quorum}
    if row.parent is not None:
        said["parent"] = row.parent
    if row.single:
        said["single"] = True
    return said


def _seat(row: SeatRow) -> dict[str, Any]:
    return {
        "id": f"{row.body}/{row.person}",
        "body": row.body,
        "person": row.person,
        "function": row.function,
        "roles": row.roles.split(),
    }


def _set(row: SetRow, people: list[str]) -> dict[str, Any]:
    return {
        "id": row.code,
        "v": row.version,
        "k": row.k,
        "n": row.n,
        "level": row.level,
        "purpose": row.purpose,
        "members": sorted(people),
    }
