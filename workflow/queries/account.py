"""What a member sees of their own account, and an administrator of everybody's enrolment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from crypto.encoding import fingerprint, sha256hex
from workflow import models
from workflow.queries import organisation

HANDLE = 16  # signs of the hash of a session's id, by which its owner names it; the id itself stays in its cookie


@dataclass(frozen=True)
class OneSession:
    """One of one's own sessions; `seen` to the minute, and nothing of where it is."""

    handle: str
    begun: datetime
    seen: datetime
    current: bool


@dataclass(frozen=True)
class Enrolment:
    """How far somebody has come: the key in force, and a link that can still be used."""

    code: str
    name: str
    username: str
    posts: tuple[tuple[str, str], ...]  # (body, function) of the seats held today
    duties: tuple[str, ...]  # custodian, supervisor, administrator
    enrolled: datetime | None
    fingerprint: str | None
    signed: bool  # the newest roster, expired or not, holds this very key
    link_until: datetime | None


def sessions_of(db: Session, sid: str, *, idle: timedelta, at: datetime) -> list[OneSession]:
    """The living sessions of whoever has the session `sid`, the newest first."""
    mine = sha256hex(sid.encode())
    person = select(models.MemberSession.person_id).where(models.MemberSession.sid_hash == mine).scalar_subquery()
    query = (
        select(models.MemberSession)
        .where(
            models.MemberSession.person_id == person,
            models.MemberSession.seen > at - idle,
            models.MemberSession.ends > at,
        )
        .order_by(models.MemberSession.created.desc(), models.MemberSession.sid_hash)
    )
    return [
        OneSession(
            handle=row.sid_hash[:HANDLE],
            begun=row.created,
            seen=row.seen.replace(second=0, microsecond=0),
            current=row.sid_hash == mine,
        )
        for row in db.scalars(query)
    ]


def backup_codes_left(db: Session, person_id: str) -> int:
    """How many backup codes of the key in force are unused."""
    query = (
        select(func.count())
        .select_from(models.BackupCode)
        .join(models.MemberKey, models.MemberKey.id == models.BackupCode.key_id)
        .where(models.MemberKey.person_id == person_id, models.MemberKey.ended.is_(None))
    )
    return db.scalars(query).one()


def enrolments(db: Session, *, at: datetime, on: date, codes: Collection[str]) -> list[Enrolment]:
    """These people by their code, in as many questions however many they are."""
    wanted = list(db.scalars(select(models.Person).where(models.Person.code.in_(codes)).order_by(models.Person.code)))
    ids, signed = [person.id for person in wanted], _signed(db)
    in_force = models.MemberKey.ended.is_(None), models.MemberKey.person_id.in_(ids)
    keys = {key.person_id: key for key in db.scalars(select(models.MemberKey).where(*in_force))}
    unused = (
        models.EnrolmentLink.person_id.in_(ids),
        models.EnrolmentLink.used.is_(None),
        models.EnrolmentLink.expires > at,
    )
    links = {link.person_id: link.expires for link in db.scalars(select(models.EnrolmentLink).where(*unused))}
    posts: dict[str, list[tuple[str, str]]] = {}
    term = models.Seat.term_from <= on, or_(models.Seat.term_to.is_(None), models.Seat.term_to >= on)
    for seat in db.scalars(select(models.Seat).where(models.Seat.person_id.in_(ids), *term)):
        posts.setdefault(seat.person_id, []).append((seat.body, seat.function))
    custodians = set(
        db.scalars(
            select(models.Custodian.person_id)
            .join(models.CustodianSet, models.CustodianSet.id == models.Custodian.set_id)
            .where(
                models.CustodianSet.valid_from <= on,
                or_(models.CustodianSet.valid_to.is_(None), models.CustodianSet.valid_to >= on),
            )
        )
    )
    found = []
    for person in wanted:
        key = keys.get(person.id)
        held = (
            ("custodian", person.id in custodians),
            ("supervisor", person.supervisor),
            ("administrator", person.administrator),
        )
        found.append(
            Enrolment(
                code=person.code,
                name=person.name,
                username=person.username,
                posts=tuple(sorted(posts.get(person.id, []))),
                duties=tuple(duty for duty, has in held if has),
                enrolled=key.created if key else None,
                fingerprint=fingerprint(key.sign) if key else None,
                signed=key is not None and signed.get(person.code) == key.readerkey,
                link_until=links.get(person.id),
            )
        )
    return found


def _signed(db: Session) -> Mapping[str, str]:
    """The hash of the key that the newest roster holds for each person."""
    last = organisation.latest_roster(db)
    return {code: keys.readerkey for code, keys in last.rostered.members.items()} if last else {}
