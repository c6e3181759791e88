"""Who is signed in, and whose keys are in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crypto.boxes import Box
from crypto.encoding import sha256hex
from workflow import models
from workflow.errors import Gone, NotFound, SignedOut

HANDLING = frozenset({"intake", "classify", "decide", "secretary"})


@dataclass(frozen=True)
class SeatHeld:
    """One seat somebody holds today."""

    body: str
    function: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """A person with what they may be here; `id` is the uuid that binds the wrapped seed."""

    id: str
    code: str
    username: str
    name: str
    seats: tuple[SeatHeld, ...]
    roles: tuple[str, ...]  # handling roles of all seats, custodian, supervisor, administrator

    @property
    def handler(self) -> bool:
        """Whether some seat of theirs has a handling role (contracts, *Seats*)."""
        return bool(HANDLING.intersection(self.roles))

    @property
    def head(self) -> bool:
        """Whether they head some body today."""
        return any(seat.function == "head" for seat in self.seats)


@dataclass(frozen=True)
class OpenSession:
    """A session that lives, and the key that opens its tabs' copies of the seed."""

    member: Member
    key: bytes
    seen: datetime


@dataclass(frozen=True)
class PublicKeys:
    """The public halves of a member's key in force."""

    code: str
    kem: bytes
    sign: bytes
    readerkey: str
    demonstration: bool


def session(db: Session, sid: str, *, box: Box, idle: timedelta, at: datetime) -> OpenSession:
    """The living session of this id; SignedOut for one unknown, ended, or idle for too long."""
    hashed = sha256hex(sid.encode())
    row = db.get(models.MemberSession, hashed)
    if row is None or row.seen <= at - idle or row.ends <= at:
        raise SignedOut()
    person = db.get_one(models.Person, row.person_id)
    key = box.open(f"session/{hashed}", row.key)
    return OpenSession(member=_member(db, person, at.date()), key=key, seen=row.seen)


def member(db: Session, person_id: str, on: date) -> Member:
    """Somebody by their uuid."""
    return _member(db, db.get_one(models.Person, person_id), on)


def enrolling(db: Session, sid: str, *, at: datetime) -> None:
    """Gone("enrolment_ended") unless an enrolment session of this id lives."""
    row = db.get(models.EnrolmentSession, sha256hex(sid.encode()))
    if row is None or row.expires <= at:
        raise Gone("enrolment_ended")


def keys_of(db: Session, codes: Iterable[str]) -> dict[str, PublicKeys]:
    """The keys in force of these people; who is not enrolled is left out."""
    query = (
        select(models.Person.code, models.MemberKey)
        .join(models.MemberKey, models.MemberKey.person_id == models.Person.id)
        .where(models.Person.code.in_(list(codes)), models.MemberKey.ended.is_(None))
    )
    return {code: _keys(code, key) for code, key in db.execute(query)}


def key_of(db: Session, code: str) -> PublicKeys:
    """The key in force of one person; NotFound when there is none."""
    found = keys_of(db, (code,))
    if code not in found:
        raise NotFound("not_enrolled", person=code)
    return found[code]


def _keys(code: str, key: models.MemberKey) -> PublicKeys:
    return PublicKeys(code=code, kem=key.kem, sign=key.sign, readerkey=key.readerkey, demonstration=key.demonstration)


def _member(db: Session, person: models.Person, on: date) -> Member:
    seats = db.scalars(
        select(models.Seat)
        .where(
            models.Seat.person_id == person.id,
            models.Seat.term_from <= on,
            or_(models.Seat.term_to.is_(None), models.Seat.term_to >= on),
        )
        .order_by(models.Seat.body)
    )
    held = tuple(SeatHeld(body=seat.body, function=seat.function, roles=tuple(seat.roles.split())) for seat in seats)
    roles = {role for seat in held for role in seat.roles}
    if _is_custodian(db, person.id, on):
        roles.add("custodian")
    if person.supervisor:
        roles.add("supervisor")
    if person.administrator:
        roles.add("administrator")
    return Member(
        id=person.id,
        code=person.code,
        username=person.username,
        name=person.name,
        seats=held,
        roles=tuple(sorted(roles)),
    )


def _is_custodian(db: Session, person_id: str, on: date) -> bool:
    query = (
        select(models.Custodian.set_id)
        .join(models.CustodianSet, models.CustodianSet.id == models.Custodian.set_id)
        .where(
            models.Custodian.person_id == person_id,
            models.CustodianSet.valid_from <= on,
            or_(models.CustodianSet.valid_to.is_(None), models.CustodianSet.valid_to >= on),
        )
        .limit(1)
    )
    return db.scalars(query).first() is not None
