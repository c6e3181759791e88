"""Refusals are facts: each has a code that others rely on and an HTTP status; sentences live in the translations.

Refusal
├── Malformed            the request or object can't be read, or its parts don't belong together
├── TooLarge             it can be read, but is longer than anything here may be
├── TooMany              each could be taken, but not so many
├── SignedOut            nobody is signed in
├── SignInFailed         user name, passphrase and one-time code don't go together
├── WorkNeeded           a proof of work has to come with it
├── NotEligible          this person may not do this (here or at all)
├── NotFound             there is no such page or thing
├── Gone                 it was there once: a used or expired link, a finished enrolment, a destroyed key
├── Conflict             the world has moved on, or the same id holds something else
├── Unavailable          nobody can do this now
├── Busy                 too many want something at once
└── StorageFailed        the disk or database is full, read-only, or out of reach
"""

from __future__ import annotations


class Refusal(Exception):
    """Something is refused, for a reason with a stable code.

    `detail` holds codes and numbers only, never content.
    """

    status = 400
    code = "malformed"

    def __init__(self, code: str | None = None, **detail: object) -> None:
        if code is not None:
            self.code = code
        self.detail = detail
        super().__init__(self.code)


class Malformed(Refusal):
    status = 422
    code = "malformed"


class TooLarge(Refusal):
    status = 413
    code = "too_large"


class TooMany(Refusal):
    status = 429
    code = "too_many"


class SignedOut(Refusal):
    status = 401
    code = "signed_out"


class SignInFailed(Refusal):
    status = 401
    code = "sign_in_failed"


class WorkNeeded(Refusal):
    status = 429
    code = "work_needed"


class NotEligible(Refusal):
    status = 403
    code = "not_entitled"


class NotFound(Refusal):
    status = 404
    code = "not_found"


class Gone(Refusal):
    status = 410
    code = "link_expired"


class Conflict(Refusal):
    status = 409
    code = "known_id_other_content"


class Unavailable(Refusal):
    status = 409
    code = "nobody_competent"


class Busy(Refusal):
    status = 429
    code = "busy"


class StorageFailed(Refusal):
    status = 503
    code = "storage_failed"
