"""Bodies, units, people, seats, custodian sets: effective-dated facts about the organisation."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.models.base import Code, Record, UtcTime, Uuid


class Installation(Record):
    """The one row that says what this installation is."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # demonstration | production
    created: Mapped[datetime] = mapped_column(UtcTime)
    receipt_salt: Mapped[bytes]  # public, part of every backup: without it no mailbox opens
    signing_public: Mapped[bytes]  # the installation's Ed25519 key, named in the roster
    organisation_key: Mapped[bytes | None]  # the organisation's Ed25519 key, pinned at the first roster
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("kind in ('demonstration', 'production')", name="kind"),
    )


class Body(Record):
    __tablename__ = "body"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(Code)
    name_vi: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(Code)
    level: Mapped[int]
    parent: Mapped[str | None] = mapped_column(Code)
    quorum: Mapped[int]
    single: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (UniqueConstraint("code", "valid_from"), CheckConstraint("quorum >= 1", name="quorum"))


class Unit(Record):
    """A work unit (school, office) and the body it belongs to."""

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(Code)
    name_vi: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    body: Mapped[str | None] = mapped_column(Code)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (UniqueConstraint("code", "valid_from"),)


class Person(Record):
    """Somebody who has a post or a role here; never a reporter."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(Code, unique=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    mail: Mapped[str | None] = mapped_column(String(254))
    supervisor: Mapped[bool] = mapped_column(default=False)
    administrator: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(UtcTime)


class Seat(Record):
    """(body, person, function, handling roles, term): contracts, *Seats*."""

    __tablename__ = "seat"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    body: Mapped[str] = mapped_column(Code)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    function: Mapped[str] = mapped_column(String(16))
    roles: Mapped[str] = mapped_column(String(80), default="")  # sorted, joined by a space
    term_from: Mapped[date] = mapped_column(Date)
    term_to: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        UniqueConstraint("body", "person_id", "term_from"),
        CheckConstraint("term_to is null or term_to >= term_from", name="term"),
        CheckConstraint("function in ('head', 'deputy', 'member', 'adviser', 'clerk')", name="function"),
    )


class CustodianSet(Record):
    __tablename__ = "custodian_set"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(Code)
    version: Mapped[int]
    k: Mapped[int]
    n: Mapped[int]
    level: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(16))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("k >= 2 and n >= 4 and k < n", name="threshold"),
        CheckConstraint("purpose in ('identity', 'rescue')", name="purpose"),
    )


class Custodian(Record):
    """A seat in a custodian set."""

    __tablename__ = "custodian"

    set_id: Mapped[str] = mapped_column(ForeignKey("custodian_set.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)


class Roster(Record):
    """A roster as it was signed: bytes and signature, never rebuilt."""

    __tablename__ = "roster"

    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    doc: Mapped[bytes]
    signature: Mapped[bytes]
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    issued: Mapped[date] = mapped_column(Date)
    expires: Mapped[date] = mapped_column(Date)
    published: Mapped[datetime] = mapped_column(UtcTime)


class Inspection(Record):
    """A team that was set up to inspect, supervise or verify."""

    __tablename__ = "inspection"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(Code, unique=True)
    decision: Mapped[str] = mapped_column(String(80))  # the number of the decision that set it up
    work_kind: Mapped[str] = mapped_column(Code)
    body: Mapped[str] = mapped_column(Code)
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (CheckConstraint("until is null or until >= since", name="period"),)


class InspectionPerson(Record):
    """Who directs, heads or joins a team; rows are only added."""

    __tablename__ = "inspection_person"

    inspection_id: Mapped[str] = mapped_column(ForeignKey("inspection.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(16), primary_key=True)
    __table_args__ = (CheckConstraint("part in ('directing', 'head', 'member')", name="part"),)


class InspectionUnit(Record):
    """The body of somebody who is inspected."""

    __tablename__ = "inspection_unit"

    inspection_id: Mapped[str] = mapped_column(ForeignKey("inspection.id"), primary_key=True)
    body: Mapped[str] = mapped_column(Code, primary_key=True)
