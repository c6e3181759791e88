"""The ready organisations as files and records: the way from the plan's to what became of it, and who staffs the first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from workflow import rules
from workflow.organisation_file import Key
from workflow.organisation_import import Held
from workflow.ready import demonstration
from workflow.timelines import Span, Timeline

READY = ("plan", "2025")  # the plan's own; and what became of it after the changes of 2025


def changed_2025() -> bytes:
    """The file that leads from the plan's organisation to the second one, as `org import` reads it."""
    return (rules.FOLDER / "organisation-2025.yaml").read_bytes()


def overlaid(first: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """An organisation's file with the rows of a later one laid over it, as it stands once those are in force."""
    since: date = change["valid_from"]
    rows = {row["code"]: row for row in first["bodies"]}
    for row in change["bodies"]:
        rows[row["code"]] = {**rows.get(row["code"], {}), **row}
    lasting = [row for row in rows.values() if row.get("valid_to") is None or row["valid_to"] >= since]
    return {**first, "valid_from": since, "bodies": lasting}


def staffed_record() -> Held:
    """The demonstration as it would be on record."""
    made = demonstration()
    since = made.plan.since

    def always(rows: Mapping[Key, Mapping[str, Any]], day: date) -> dict[Key, Timeline]:
        return {key: (Span(day, None, facts),) for key, facts in rows.items()}

    bodies: dict[Key, Mapping[str, Any]] = {
        (body.code,): {
            "kind": body.kind,
            "level": body.level,
            "name": body.name,
            "parent": body.parent,
            "quorum": body.quorum,
            "single": body.single,
        }
        for body in made.plan.bodies
    }
    people: dict[Key, Mapping[str, Any]] = {
        (who.code,): {
            "administrator": who.administrator,
            "mail": None,
            "name": who.name,
            "supervisor": who.supervisor,
            "username": who.username,
        }
        for who in made.people
    }
    seats: dict[Key, Mapping[str, Any]] = {
        (seat.body, seat.person): {"function": seat.function, "roles": list(seat.roles)} for seat in made.seats
    }
    sets: dict[Key, Mapping[str, Any]] = {
        (one.code,): {
            "k": one.k,
            "level": one.level,
            "members": list(made.custodians[one.code]),
            "purpose": one.purpose,
            "version": one.version,
        }
        for one in made.plan.sets
    }
    sections = {
        "bodies": always(bodies, since),
        "units": {},
        "people": always(people, date.min),
        "seats": always(seats, made.term_from),
        "sets": always(sets, since),
    }
    versions = {one.code: one.version for one in made.plan.sets}
    return Held(sections, enrolled=frozenset(who.code for who in made.people), versions=versions)
