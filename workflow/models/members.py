"""Members' keys, enrolment and sign-in. Nothing here opens anything without the member's passphrase."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.models.base import Hash, Record, UtcTime, Uuid


class MemberKey(Record):
    """One enrolment's public keys and wrapped seed; the newest row without `ended` is in force."""

    __tablename__ = "member_key"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kem: Mapped[bytes]
    sign: Mapped[bytes]
    readerkey: Mapped[str] = mapped_column(Hash)
    wrapped: Mapped[bytes]  # under the passphrase
    recovery: Mapped[bytes]  # under the printed recovery key
    recovery_auth: Mapped[bytes | None]  # HMAC of the recovery key's own auth secret; none before migration 0003
    auth: Mapped[bytes]  # HMAC of the auth secret under a server key (crypto/layers.py)
    pepper: Mapped[bytes]  # encrypted under the server's key
    totp: Mapped[bytes]  # encrypted under the server's key
    totp_step: Mapped[int] = mapped_column(default=0)  # the last step used: a code works once
    demonstration: Mapped[bool] = mapped_column(default=False)
    statement: Mapped[bytes]  # proof of possession, as received
    signature: Mapped[bytes]
    created: Mapped[datetime] = mapped_column(UtcTime)
    ended: Mapped[datetime | None] = mapped_column(UtcTime)
    __table_args__ = (UniqueConstraint("readerkey"), Index("ix_member_key_person", "person_id", "ended"))


class BackupCode(Record):
    """A single-use code that stands in for a one-time code; deleted when used, and when new ones are made."""

    __tablename__ = "backup_code"

    key_id: Mapped[str] = mapped_column(ForeignKey("member_key.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(Hash, primary_key=True)  # HMAC under a server key


class EnrolmentLink(Record):
    """A one-time link: only the token's hash is kept."""

    __tablename__ = "enrolment_link"

    token_hash: Mapped[str] = mapped_column(Hash, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created: Mapped[datetime] = mapped_column(UtcTime)
    expires: Mapped[datetime] = mapped_column(UtcTime)
    used: Mapped[datetime | None] = mapped_column(UtcTime)


class EnrolmentSession(Record):
    """Between the first post of the token and the finished enrolment; secrets encrypted under the server's key."""

    __tablename__ = "enrolment_session"

    sid_hash: Mapped[str] = mapped_column(Hash, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    totp: Mapped[bytes]
    pepper: Mapped[bytes]
    expires: Mapped[datetime] = mapped_column(UtcTime)


class MemberSession(Record):
    """A signed-in session; `key` unlocks the tab's copy of the seed and dies with the row."""

    __tablename__ = "member_session"

    sid_hash: Mapped[str] = mapped_column(Hash, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    key: Mapped[bytes]  # encrypted under the server's key
    created: Mapped[datetime] = mapped_column(UtcTime)
    seen: Mapped[datetime] = mapped_column(UtcTime)
    ends: Mapped[datetime] = mapped_column(UtcTime)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")  # wrong passphrases since the last right one
    mark_hash: Mapped[str | None] = mapped_column(
        Hash
    )  # the browser it was begun in; no foreign key: marks are forgotten


class DeviceMark(Record):
    """A browser in which a member has signed in: it knows a random mark, here is its HMAC under a server key."""

    __tablename__ = "device_mark"

    mark_hash: Mapped[str] = mapped_column(Hash, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    failures: Mapped[int]  # in a row, in this browser
    seen: Mapped[datetime] = mapped_column(UtcTime)  # the last sign-in
    __table_args__ = (Index("ix_device_mark_person", "person_id"),)


class SignInFailure(Record):
    """Failed sign-ins of strangers' browsers in a row under one user name, known or not: the name itself is not kept."""

    __tablename__ = "sign_in_failure"

    name_hash: Mapped[str] = mapped_column(Hash, primary_key=True)  # HMAC under a server key
    failures: Mapped[int]
    halves: Mapped[int] = mapped_column(default=0, server_default="0")  # of these, with one factor right
    last: Mapped[datetime] = mapped_column(UtcTime)
    locked_until: Mapped[datetime | None] = mapped_column(UtcTime)  # for strangers, after too many halves


class Notice(Record):
    """Work that leaves a request: kind and addressee, never content."""

    __tablename__ = "notice"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    not_before: Mapped[datetime] = mapped_column(UtcTime)
    sent: Mapped[datetime | None] = mapped_column(UtcTime)
    attempts: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_notice_waiting", "sent", "not_before"),
    )
