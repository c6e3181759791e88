"""Who is in charge of what since when, who has to be moved, and who may sign about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflow import models
from workflow.rotation import AREA, FIELD, Act, Charge, Held, Over, Parents, Said, Spell, above, held, load_rotation

BodyTree = tuple[tuple[str, str | None], ...]


def charges(db: Session) -> tuple[Charge, ...]:
    """All that were ever entered, by person."""
    row = models.Charge
    query = (
        select(models.Person.code, row.kind, row.code, row.since, row.until)
        .join(models.Person, models.Person.id == row.person_id)
        .order_by(models.Person.code, row.kind, row.code, row.since)
    )
    return tuple(
        Charge(person, Over(kind, code), Spell(since, until)) for person, kind, code, since, until in db.execute(query)
    )


def said(db: Session) -> tuple[Said, ...]:
    """All exceptions and requirements, oldest first."""
    row = models.RotationAct
    query = (
        select(row, models.Person.code)
        .join(models.Person, models.Person.id == row.person_id)
        .order_by(row.said_at, row.id)
    )
    return tuple(
        Said(person, Over(one.kind, one.code), Act(one.act), one.since, one.until, one.reason, one.note, one.said_by)
        for one, person in db.execute(query)
    )


def standings(db: Session, on: date) -> tuple[Held, ...]:
    """Everybody's charges that count on a day, by person."""
    return _held(charges(db), said(db), tree(db, on), on)


def due(db: Session, on: date) -> frozenset[tuple[str, Over]]:
    """Who is kept out of what on a day, for routing."""
    entered = charges(db)
    if not entered:
        return frozenset()
    return _kept_out(entered, said(db), tree(db, on), on)


def tree(db: Session, on: date) -> BodyTree:
    """Each body of a day with the one above it."""
    body = models.Body
    valid = body.valid_from <= on, or_(body.valid_to.is_(None), body.valid_to >= on)
    return tuple((code, parent) for code, parent in db.execute(select(body.code, body.parent).where(*valid)))


# Put together once for the same rows and day: that takes longer than reading them.
@lru_cache(maxsize=2)
def _held(entered: tuple[Charge, ...], acts: tuple[Said, ...], bodies: BodyTree, on: date) -> tuple[Held, ...]:
    return held(entered, acts, dict(bodies), on, load_rotation())


@lru_cache(maxsize=2)
def _kept_out(
    entered: tuple[Charge, ...], acts: tuple[Said, ...], bodies: BodyTree, on: date
) -> frozenset[tuple[str, Over]]:
    return frozenset((one.person, one.over) for one in _held(entered, acts, bodies, on) if one.kept_out)


def labels(db: Session, on: date) -> Mapping[Over, Mapping[str, str]]:
    """What each field, and each area of a day, is called, by language."""
    body = models.Body
    valid = body.valid_from <= on, or_(body.valid_to.is_(None), body.valid_to >= on)
    areas = db.execute(select(body.code, body.name_vi, body.name_en).where(*valid))
    fields = {Over(FIELD, one.code): one.label for one in load_rotation().fields.values()}
    return {**fields, **{Over(AREA, code): {"vi": vi or code, "en": en or code} for code, vi, en in areas}}


def signers(db: Session, on: date) -> Mapping[str, frozenset[str]]:
    """For each person with a seat: the heads who may sign about their rotation.

    These are the heads of the bodies that they sit in; of a head, those of the nearest body above that has another one.
    """
    parents: Parents = dict(tree(db, on))
    seat = models.Seat
    query = (
        select(seat.body, seat.function, models.Person.code)
        .join(models.Person, models.Person.id == seat.person_id)
        .where(seat.term_from <= on, or_(seat.term_to.is_(None), seat.term_to >= on))
    )
    heads: dict[str, set[str]] = defaultdict(set)
    seats: dict[str, set[str]] = defaultdict(set)
    for body, function, person in db.execute(query):
        seats[person].add(body)
        if function == "head":
            heads[body].add(person)
    return {person: frozenset(_heads(person, bodies, heads, parents)) for person, bodies in seats.items()}


def _heads(person: str, bodies: set[str], heads: Mapping[str, set[str]], parents: Parents) -> set[str]:
    found: set[str] = set()
    for body in bodies:
        higher = above(body, parents) if person in heads.get(body, ()) else [body]
        found |= next((others for code in higher if (others := heads.get(code, set()) - {person})), set())
    return found
