"""What proves members' keys to whoever signs the roster offline: each enrolment's own statement."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crypto.encoding import b64u
from workflow import models


def possession_statements(db: Session) -> dict[str, dict[str, str]]:
    """The statement of each key in force, by person: signed by the key whose fingerprint is compared in person."""
    query = (
        select(models.Person.code, models.MemberKey.statement, models.MemberKey.signature)
        .join(models.MemberKey, models.MemberKey.person_id == models.Person.id)
        .where(models.MemberKey.ended.is_(None))
        .order_by(models.Person.code)
    )
    return {code: {"stmt": b64u(stmt), "sig": b64u(sig)} for code, stmt, sig in db.execute(query)}
