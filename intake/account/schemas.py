"""What the account's API takes: exact shapes, base64url decoded, lengths checked before any key is touched."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from flask import request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, WithJsonSchema

from crypto.encoding import unb64u
from crypto.errors import CryptoError
from workflow.errors import Malformed

KEM_PUBLIC = 1216
STATEMENT = 8192
# What a user name may look like before anybody asks whether there is one: visible ASCII, which every database takes.
USERNAME = r"^[!-~]{1,64}$"


def _decode(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("base64url text")
    try:
        return unb64u(text)
    except CryptoError:
        raise ValueError("base64url text") from None


def _lower(text: object) -> object:
    """As people type it: with spaces around, or a capital letter that a phone puts in front."""
    return text.strip().lower() if isinstance(text, str) else text


def base64url(least: int, most: int) -> Any:
    """Bytes of a length within these bounds, which travel as base64url without padding."""
    said = {"type": "string", "contentEncoding": "base64url", "pattern": "^[A-Za-z0-9_-]*$"}
    lengths = {"minLength": _encoded(least), "maxLength": _encoded(most)}
    bounds = Field(min_length=least, max_length=most)
    return Annotated[bytes, BeforeValidator(_decode), bounds, WithJsonSchema(said | lengths)]


def _encoded(length: int) -> int:
    return (length * 4 + 2) // 3


Auth = base64url(32, 32)
Blob = base64url(32, 1024)
# A one-time code, or a backup code in its place as crypto.backupcodes has it.
SecondFactor = Annotated[str, StringConstraints(pattern=r"^([0-9]{6}|[A-Z2-7]{10})$")]
OneTimeCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Ticket = base64url(32, 1024)
Username = Annotated[
    str,
    BeforeValidator(_lower),
    StringConstraints(pattern=USERNAME),
    WithJsonSchema({"type": "string", "minLength": 1}),
]


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class SignedStatement(Asked):
    stmt: Annotated[str, StringConstraints(max_length=STATEMENT)]
    sig: Annotated[str, StringConstraints(max_length=128)]


class EnrolmentBegin(Asked):
    token: Annotated[str, StringConstraints(min_length=16, max_length=200, pattern=r"^[\w-]+$")]


class EnrolmentComplete(Asked):
    kem: base64url(KEM_PUBLIC, KEM_PUBLIC)
    sign: base64url(32, 32)
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


class PinsRenewal(Asked):
    auth: Auth
    wrapped: Blob


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
