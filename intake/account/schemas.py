"""What the account's API takes: exact shapes, base64url decoded, lengths checked before any key is touched."""

from __future__ import annotations

from typing import Annotated, TypeVar

from flask import request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from crypto.encoding import unb64u
from crypto.errors import CryptoError
from workflow.errors import Malformed

KEM_PUBLIC = 1216
STATEMENT = 8192


def _decode(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("base64url text")
    try:
        return unb64u(text)
    except CryptoError:
        raise ValueError("base64url text") from None


def _lower_ascii(text: str) -> str:
    text = text.strip().lower()
    if not text.isascii():
        raise ValueError("user names are ASCII")
    return text


Bytes = Annotated[bytes, BeforeValidator(_decode)]
Auth = Annotated[Bytes, Field(min_length=32, max_length=32)]
Blob = Annotated[Bytes, Field(min_length=32, max_length=1024)]
# A one-time code, or a backup code in its place as crypto.backupcodes has it.
SecondFactor = Annotated[str, StringConstraints(pattern=r"^([0-9]{6}|[A-Z2-7]{10})$")]
OneTimeCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Ticket = Annotated[Bytes, Field(min_length=32, max_length=1024)]
Username = Annotated[str, AfterValidator(_lower_ascii), StringConstraints(min_length=1, max_length=64)]


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class SignedStatement(Asked):
    stmt: Annotated[str, StringConstraints(max_length=STATEMENT)]
    sig: Annotated[str, StringConstraints(max_length=128)]


class EnrolmentBegin(Asked):
    token: Annotated[str, StringConstraints(min_length=16, max_length=200, pattern=r"^[\w-]+$")]


class EnrolmentComplete(Asked):
    kem: Annotated[Bytes, Field(min_length=KEM_PUBLIC, max_length=KEM_PUBLIC)]
    sign: Annotated[Bytes, Field(min_length=32, max_length=32)]
    auth: Auth
    wrapped: Blob
    recovery: Blob
    recovery_auth: Auth
    statement: SignedStatement
    totp: OneTimeCode


class SaltAsked(Asked):
    username: Username


class SignIn(Asked):
    username: Username
    auth: Auth
    totp: SecondFactor


class Unlock(Asked):
    auth: Auth


class RecoveryBegin(Asked):
    username: Username
    recovery_auth: Auth
    totp: SecondFactor


class RecoveryComplete(Asked):
    ticket: Ticket
    auth: Auth
    wrapped: Blob
    recovery_auth: Auth
    recovery: Blob


class PassphraseChange(Asked):
    auth: Auth
    new_auth: Auth
    wrapped: Blob


class SecondFactorChange(Asked):
    auth: Auth
    ticket: Ticket
    totp: OneTimeCode


class Nothing(Asked):
    """An empty object: the act is in the address."""


Model = TypeVar("Model", bound=BaseModel)


def posted(model: type[Model]) -> Model:
    """The request's JSON body as this model; Malformed for anything else. Never quotes what was sent."""
    if request.mimetype != "application/json":
        raise Malformed()
    try:
        return model.model_validate_json(request.get_data(cache=False))
    except ValidationError:
        raise Malformed() from None


# Answers, for their description only.


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WhoOut(Given):
    id: str
    code: str
    username: str
    name: str


class TotpOut(Given):
    secret: str
    uri: str
    rows: list[list[int]]


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
