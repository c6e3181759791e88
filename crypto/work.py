"""A proof of work over one request, asked for under load (docs/decisions/0021; twin: static/js/crypto/work.js).

Challenge: 01 | bits u8 | until u64 (seconds) | HMAC-SHA256(key, L("work") | 00 | what stands before) 32. It names nobody.
Seed: SHA-256(L("work-seed") | 00 | challenge | SHA-256(body)). Proof: challenge | 4 counters u32; counter i is right when
PBKDF2-HMAC-SHA256(seed, i u8 | counter, 256 rounds) begins with bits - 2 zero bits. On average 2^bits tries.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crypto.encoding import b64u, labelled, sha256, unb64u
from crypto.errors import CryptoError, Malformed
from crypto.rng import Rng, random_bytes

VERSION = 1
PARTS = 4  # several small puzzles: the time that one needs varies half as much as with a single one
PART_BITS = 2  # log2(PARTS)
ROUNDS = 256  # so that a browser, which pays for each call, is not far behind a program
LEAST_BITS, MOST_BITS = 4, 24
HEAD = 10
CHALLENGE = HEAD + 32
PROOF = CHALLENGE + 4 * PARTS


@dataclass(frozen=True)
class Challenge:
    """What is asked: about 2^bits tries, before `until` (seconds since 1970)."""

    bits: int
    until: int
    raw: bytes


def make_challenge(key: bytes, bits: int, until: int) -> str:
    """A challenge that the holder of the key will know again. Malformed for bits out of bounds."""
    if not LEAST_BITS <= bits <= MOST_BITS:
        raise Malformed("bits out of bounds")
    head = bytes([VERSION, bits]) + until.to_bytes(8, "big")
    return b64u(head + _mac(key, head))


def read_challenge(text: str) -> Challenge:
    """What a challenge asks for, not yet whose it is. Malformed."""
    return _challenge(unb64u(text))


def challenge_of(keys: Sequence[bytes], proof: str) -> Challenge:
    """The challenge of a proof, if it was made with one of these keys; cheap, before any puzzle is looked at. Malformed."""
    raw = unb64u(proof)
    if len(raw) != PROOF:
        raise Malformed("not a proof of work")
    challenge = _challenge(raw[:CHALLENGE])
    if not any(hmac.compare_digest(_mac(key, challenge.raw[:HEAD]), challenge.raw[HEAD:]) for key in keys):
        raise Malformed("a challenge of somebody else's")
    return challenge


def is_worked(proof: str, body: bytes) -> bool:
    """Whether all counters of a proof are right for this body; stops at the first that is not."""
    try:
        raw = unb64u(proof)
        challenge = _challenge(raw[:CHALLENGE])
    except CryptoError:
        return False
    if len(raw) != PROOF:
        return False
    seed = _seed(challenge, body)
    counters = (raw[start : start + 4] for start in range(CHALLENGE, PROOF, 4))
    return all(_is_right(seed, part, counter, challenge.bits) for part, counter in enumerate(counters))


def work(challenge: str, body: bytes, tell: Callable[[int], None] = lambda tries: None, rng: Rng = random_bytes) -> str:
    """A proof for this body; `tell` is given the number of tries after each counter found. Malformed.

    It begins anywhere, so that the same request sent again has another proof: each is taken once.
    """
    asked = read_challenge(challenge)
    seed = _seed(asked, body)
    found, tries = [], 0
    for part in range(PARTS):
        counter = int.from_bytes(rng(4), "big")
        while not _is_right(seed, part, counter.to_bytes(4, "big"), asked.bits):
            counter = (counter + 1) % 2**32
            tries += 1
        found.append(counter.to_bytes(4, "big"))
        tell(tries)
    return b64u(asked.raw + b"".join(found))


def _challenge(raw: bytes) -> Challenge:
    if len(raw) != CHALLENGE or raw[0] != VERSION or not LEAST_BITS <= raw[1] <= MOST_BITS:
        raise Malformed("not a challenge")
    return Challenge(bits=raw[1], until=int.from_bytes(raw[2:HEAD], "big"), raw=raw)


def _mac(key: bytes, head: bytes) -> bytes:
    return hmac.digest(key, labelled("work", head), "sha256")


def _seed(challenge: Challenge, body: bytes) -> bytes:
    return sha256(labelled("work-seed", challenge.raw, sha256(body)))


def _is_right(seed: bytes, part: int, counter: bytes, bits: int) -> bool:
    derived = hashlib.pbkdf2_hmac("sha256", seed, bytes([part]) + counter, ROUNDS, 4)
    return int.from_bytes(derived, "big") >> (32 - (bits - PART_BITS)) == 0
