"""What the account's API gives, for its description: answers are built from the queries' dataclasses."""

from __future__ import annotations

from intake.shapes import Given, InstallationAnswer


class CsrfToken(Given):
    token: str


class PostText(Given):
    vi: str
    en: str


class NamedPerson(Given):
    name: str
    post: PostText


class MembersInstallation(InstallationAnswer):
    """As on the public face; from `names` on only for who is signed in."""

    names: dict[str, NamedPerson] | None = None
    bodies: dict[str, dict[str, str]] | None = None
    rules: dict[str, dict[str, str]] | None = None
    citations: dict[str, dict[str, str]] | None = None


class SeatOut(Given):
    body: str
    function: str
    roles: list[str]


class MemberOut(Given):
    id: str
    code: str
    username: str
    name: str
    roles: list[str]
    seats: list[SeatOut]


class Salt(Given):
    salt: str


class Released(Given):
    pepper: str
    wrapped: str


class SignedInOut(Released):
    member: MemberOut
    key: str


class SessionNow(Given):
    member: MemberOut
    key: str
    idle_seconds: int


class EnrolmentDone(Given):
    fingerprint: str


class WhoOut(Given):
    id: str
    code: str
    username: str
    name: str


class TotpOut(Given):
    secret: str
    uri: str
    rows: list[list[int]]


class EnrolmentBegun(Given):
    member: WhoOut
    salt: str
    pepper: str
    org: str
    totp: TotpOut


class RecoveryBegun(Given):
    member: WhoOut
    salt: str
    pepper: str
    recovery: str
    ticket: str


class SecondFactorOffer(Given):
    totp: TotpOut
    ticket: str


class BackupCodes(Given):
    codes: list[str]


class SessionOut(Given):
    id: str
    begun: str
    seen: str
    current: bool


class AccountOut(Given):
    backup_codes: int
    sessions: list[SessionOut]


class SessionsEnded(Given):
    ended: int
