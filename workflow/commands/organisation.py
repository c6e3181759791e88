"""What an administrator does: set up, load bodies, add people, seats and custodian sets (contracts, *Seats*).

Nobody becomes a reader by this alone: the signed roster is needed too (sealing.md, *Roster*).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crypto.encoding import b64u
from workflow import ledger, models
from workflow.errors import Conflict, Malformed, NotFound
from workflow.organisation import Body
from workflow.times import local_date

HANDLING_ROLES = frozenset({"intake", "classify", "decide", "secretary"})
FUNCTIONS = frozenset({"head", "deputy", "member", "adviser", "clerk"})
PERSON_CODE = re.compile(r"P-[0-9]{3,6}")
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


def install(
    db: Session,
    *,
    kind: str,
    receipt_salt: bytes,
    signing_public: bytes,
    organisation_key: bytes | None = None,
    at: datetime,
) -> None:
    """Say what this installation is (`demonstration` or `production`), once and for ever.

    The organisation's public key is pinned here when it is known already, else at the first roster; nobody can enrol
    before it is pinned.
    """
    if db.get(models.Installation, 1) is not None:
        raise Conflict("already_installed")
    if kind not in ("demonstration", "production") or len(receipt_salt) < 16 or len(signing_public) != 32:
        raise Malformed()
    db.add(
        models.Installation(
            id=1,
            kind=kind,
            created=at,
            receipt_salt=receipt_salt,
            signing_public=signing_public,
            organisation_key=organisation_key,
        )
    )
    pub = {"kind": kind, "salt": b64u(receipt_salt), "signing": b64u(signing_public)}
    if organisation_key:
        pub["organisation"] = b64u(organisation_key)
    _record(db, "installed", pub, at=at)


def load_bodies(db: Session, bodies: Iterable[Body], *, on: date, at: datetime) -> None:
    """Enter the bodies of an organisation; codes that are there already are refused."""
    codes = []
    for body in bodies:
        if body_on(db, body.code, on) is not None:
            raise Conflict("known_code", body=body.code)
        enter_body(db, body, valid_from=on)
        codes.append(body.code)
    _record(db, "bodies_loaded", {"bodies": sorted(codes)}, at=at)


def enter_body(db: Session, body: Body, *, valid_from: date, valid_to: date | None = None) -> None:
    """A part of commands: the row of a body as it is for a time."""
    db.add(
        models.Body(
            id=str(uuid4()),
            code=body.code,
            name_vi=body.name_vi,
            name_en=body.name_en,
            kind=body.kind,
            level=body.level,
            parent=body.parent,
            quorum=body.quorum,
            single=body.single,
            valid_from=valid_from,
            valid_to=valid_to,
        )
    )
    db.flush()


def add_person(
    db: Session,
    *,
    code: str,
    username: str,
    name: str,
    mail: str | None = None,
    supervisor: bool = False,
    administrator: bool = False,
    at: datetime,
) -> str:
    """Enter somebody who has a post here; returns the uuid that will bind their keys."""
    person = enter_person(
        db,
        code=code,
        username=username,
        name=name,
        mail=mail,
        supervisor=supervisor,
        administrator=administrator,
        at=at,
    )
    duties = [duty for duty, held in (("administrator", administrator), ("supervisor", supervisor)) if held]
    _record(db, "person_added", {"person": code, "duties": duties}, at=at)
    return person.id


def enter_person(
    db: Session,
    *,
    code: str,
    username: str,
    name: str,
    mail: str | None,
    supervisor: bool,
    administrator: bool,
    at: datetime,
) -> models.Person:
    """A part of commands: somebody's row. Malformed, or Conflict("known_code") where code or user name is taken."""
    if not PERSON_CODE.fullmatch(code) or not USERNAME.fullmatch(username) or not 0 < len(name) <= 120:
        raise Malformed()
    taken = select(models.Person).where(or_(models.Person.code == code, models.Person.username == username))
    if db.scalars(taken).first() is not None:
        raise Conflict("known_code", person=code)
    person = models.Person(
        id=str(uuid4()),
        code=code,
        username=username,
        name=name,
        mail=mail,
        supervisor=supervisor,
        administrator=administrator,
        created=at,
    )
    db.add(person)
    db.flush()
    return person


def add_seat(
    db: Session,
    *,
    body: str,
    person: str,
    function: str,
    roles: Iterable[str] = (),
    term_from: date,
    term_to: date | None = None,
    at: datetime,
) -> None:
    """Seat somebody in a body, with handling roles if any.

    As `enter_seat`; Conflict("administrator_handles") for an administrator who would handle cases from today on: every
    case has its body, and an administrator seats people in every body.
    """
    lasts = term_to is None or term_to >= local_date(at)
    roles = tuple(roles)
    if roles and lasts and person_of(db, person).administrator:
        raise Conflict("administrator_handles", person=person)
    held = enter_seat(
        db, body=body, person=person, function=function, roles=roles, term_from=term_from, term_to=term_to
    )
    pub: dict[str, object] = {
        "body": body,
        "person": person,
        "function": function,
        "roles": held,
        "from": term_from.isoformat(),
    }
    if term_to is not None:
        pub["to"] = term_to.isoformat()
    _record(db, "seat_added", pub, at=at)


def enter_seat(
    db: Session,
    *,
    body: str,
    person: str,
    function: str,
    roles: Iterable[str],
    term_from: date,
    term_to: date | None,
) -> list[str]:
    """A part of commands: the row of a seat; its roles, sorted.

    Malformed, NotFound("unknown_body" | "unknown_person"), Conflict("known_code") where terms overlap.
    """
    held = sorted(set(roles))
    if function not in FUNCTIONS or not HANDLING_ROLES.issuperset(held) or (term_to and term_to < term_from):
        raise Malformed()
    if body_on(db, body, term_from) is None:
        raise NotFound("unknown_body", body=body)
    person_id = person_of(db, person).id
    overlapping = select(models.Seat).where(
        models.Seat.body == body,
        models.Seat.person_id == person_id,
        or_(models.Seat.term_to.is_(None), models.Seat.term_to >= term_from),
    )
    if term_to is not None:
        overlapping = overlapping.where(models.Seat.term_from <= term_to)
    if db.scalars(overlapping).first() is not None:
        raise Conflict("known_code", body=body, person=person)
    db.add(
        models.Seat(
            id=str(uuid4()),
            body=body,
            person_id=person_id,
            function=function,
            roles=" ".join(held),
            term_from=term_from,
            term_to=term_to,
        )
    )
    db.flush()
    return held


def add_custodian_set(
    db: Session,
    *,
    code: str,
    version: int = 1,
    k: int,
    level: int,
    purpose: str,
    members: Iterable[str],
    valid_from: date,
    at: datetime,
) -> None:
    """Make a set of custodians of whom any `k` open together; 2 of 4 or larger (sealing.md, *Rules*).

    A higher version of a known set takes the place of the lower one from its first day.
    """
    people = enter_custodian_set(
        db,
        code=code,
        version=version,
        k=k,
        level=level,
        purpose=purpose,
        members=members,
        valid_from=valid_from,
        valid_to=None,
    )
    pub = {"set": code, "version": version, "k": k, "n": len(people), "members": people, "purpose": purpose}
    _record(db, "custodian_set_added", pub, at=at)


def enter_custodian_set(
    db: Session,
    *,
    code: str,
    version: int,
    k: int,
    level: int,
    purpose: str,
    members: Iterable[str],
    valid_from: date,
    valid_to: date | None,
) -> list[str]:
    """A part of commands: the rows of a set; its members, sorted.

    Malformed("bad_custodian_set"), NotFound("unknown_person"), Conflict("known_code") for a version that isn't newer.
    """
    people = sorted(set(members))
    if purpose not in ("identity", "rescue") or not 2 <= k < len(people) or len(people) < 4:
        raise Malformed("bad_custodian_set")
    rows = [person_of(db, person) for person in people]
    older = db.scalars(select(models.CustodianSet).where(models.CustodianSet.code == code)).all()
    if any(row.version >= version for row in older):
        raise Conflict("known_code", set=code)
    for row in older:
        if row.valid_to is None or row.valid_to >= valid_from:
            row.valid_to = valid_from
    made = models.CustodianSet(
        id=str(uuid4()),
        code=code,
        version=version,
        k=k,
        n=len(people),
        level=level,
        purpose=purpose,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    db.add(made)
    db.flush()
    db.add_all(models.Custodian(set_id=made.id, person_id=row.id) for row in rows)
    db.flush()
    return people


def _record(db: Session, kind: str, pub: Mapping[str, object], *, at: datetime) -> None:
    ledger.append(db, chain=ledger.ORGANISATION, kind=kind, pub=pub, priv={}, at=at)


def person_of(db: Session, code: str) -> models.Person:
    """Somebody by code. Raises NotFound("unknown_person")."""
    person = db.scalars(select(models.Person).where(models.Person.code == code)).first()
    if person is None:
        raise NotFound("unknown_person", person=code)
    return person


def body_on(db: Session, code: str, on: date) -> models.Body | None:
    """The body of that code as it is on a day, if any."""
    return db.scalars(
        select(models.Body).where(
            models.Body.code == code,
            models.Body.valid_from <= on,
            or_(models.Body.valid_to.is_(None), models.Body.valid_to >= on),
        )
    ).first()
