"""Asking for a proof of work at a door, and knowing it again: stateless, and the same challenge for everybody.

The proof stands in a header, over the hash of the body: it fits this request alone, whatever is asked for inside, and on
the wire all that is sealed looks the same. It is checked before anything is opened (docs/decisions/0021).
"""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, request

from crypto.encoding import sha256
from crypto.errors import CryptoError
from crypto.work import challenge_of, is_worked, make_challenge
from intake import rate
from intake.limits import Limits
from intake.services import services
from workflow.errors import WorkNeeded

HEADER = "Niemphong-Work"
DESCRIPTION = "A proof of work over the body, for the challenge of a refusal `work_needed`"
SLACK = 2  # bits by which the load may have risen while somebody worked
STEP = 10  # seconds; challenges of one moment and one difficulty are equal, so that none marks a visitor


def limits() -> Limits:
    return services().settings.limits


def ask(bits: int) -> WorkNeeded:
    """The refusal that says what has to be worked out first."""
    bits = min(max(bits, limits().work_least), limits().work_most)
    until = int(services().now().timestamp()) // STEP * STEP + limits().work_seconds
    return WorkNeeded(challenge=make_challenge(services().work_keys[0], bits, until))


def admit(body: Callable[[], bytes]) -> int:
    """Take one place for this request, after the work that the load asks for; the bits that it brought.

    Raises WorkNeeded, and Busy when there is no place even so. The body is read only for a challenge of ours.
    """
    rooms = rate.rooms(current_app)
    needed = rate.bits_under(rooms.pressure, limits())
    brought = worked(body, least=needed - SLACK)
    if brought + SLACK < needed:
        raise ask(needed)
    rooms.strangers.take()
    return brought


def worked(body: Callable[[], bytes], *, least: int = 0) -> int:
    """The bits of this request's proof, which is then spent.

    0 for none, for one too small, out of date, of somebody else's, wrong, or spent before.
    """
    proof = request.headers.get(HEADER)
    if proof is None:
        return 0
    try:
        challenge = challenge_of(services().work_keys, proof)
    except CryptoError:
        return 0
    at = services().now().timestamp()
    if challenge.until <= at or challenge.bits < least or not is_worked(proof, body()):
        return 0
    new = rate.rooms(current_app).spent.add(sha256(proof.encode()), challenge.until, at)
    return challenge.bits if new else 0
