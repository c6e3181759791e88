"""The organisation as it is on record, with all its days: what an import is compared with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow import models
from workflow.organisation_file import Key
from workflow.organisation_import import Held
from workflow.timelines import DAY, Span, Timeline


def held(db: Session) -> Held:
    """Everything on record."""
    codes = dict(db.execute(select(models.Person.id, models.Person.code)).all())
    sections = {
        "bodies": _timelines(((row.code,), _body(row)) for row in _rows(db, models.Body)),
        "units": _timelines(((row.code,), _unit(row)) for row in _rows(db, models.Unit)),
        "people": _timelines(((row.code,), _person(row)) for row in _rows(db, models.Person)),
        "seats": _timelines(((row.body, codes[row.person_id]), _seat(row)) for row in _rows(db, models.Seat)),
        "sets": _sets(db, codes),
    }
    keys = select(models.MemberKey.person_id)
    begun = select(models.EnrolmentSession.person_id)  # a browser may be stretching a passphrase right now
    enrolled = frozenset(codes[id] for id in (*db.scalars(keys.distinct()), *db.scalars(begun.distinct())))
    newest = select(models.CustodianSet.code, func.max(models.CustodianSet.version)).group_by(models.CustodianSet.code)
    return Held(sections, enrolled, dict(db.execute(newest).all()))


def _rows(db: Session, model: type[models.Record]) -> Iterable[Any]:
    """All rows of a table as plain values: of tens of thousands, making objects would take longer than all the rest."""
    return db.execute(select(*model.__table__.columns))


def _timelines(found: Iterable[tuple[Key, Span]]) -> dict[Key, Timeline]:
    spans: dict[Key, list[Span]] = defaultdict(list)
    for key, span in found:
        spans[key].append(span)
    return {key: tuple(sorted(each, key=lambda span: span.since)) for key, each in spans.items()}


def _body(row: Any) -> Span:
    facts = {
        "kind": row.kind,
        "level": row.level,
        "name": {"vi": row.name_vi, "en": row.name_en},
        "parent": row.parent,
        "quorum": row.quorum,
        "single": row.single,
    }
    return Span(row.valid_from, row.valid_to, facts)


def _unit(row: Any) -> Span:
    return Span(row.valid_from, row.valid_to, {"body": row.body, "name": {"vi": row.name_vi, "en": row.name_en}})


def _person(row: Any) -> Span:
    facts = {
        "administrator": row.administrator,
        "mail": row.mail,
        "name": row.name,
        "supervisor": row.supervisor,
        "username": row.username,
    }
    return Span(date.min, None, facts)


def _seat(row: Any) -> Span:
    return Span(row.term_from, row.term_to, {"function": row.function, "roles": row.roles.split()})


def _sets(db: Session, codes: dict[str, str]) -> dict[Key, Timeline]:
    """Each version until the next one takes its place; one that never came to be in force is left out."""
    members: dict[str, list[str]] = defaultdict(list)
    for set_id, person_id in db.execute(select(models.Custodian.set_id, models.Custodian.person_id)):
        members[set_id].append(codes[person_id])
    found: dict[Key, list[Span]] = defaultdict(list)
    newest_first = select(models.CustodianSet).order_by(models.CustodianSet.code, models.CustodianSet.version.desc())
    for row in db.scalars(newest_first):
        later = found[row.code,]
        until = min((day for day in (row.valid_to, later[0].since - DAY if later else None) if day), default=None)
        facts = {
            "k": row.k,
            "level": row.level,
            "members": sorted(members[row.id]),
            "purpose": row.purpose,
            "version": row.version,
        }
        if until is None or until >= row.valid_from:
            later.insert(0, Span(row.valid_from, until, facts))
    return {key: tuple(spans) for key, spans in found.items()}
