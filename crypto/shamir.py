"""Sharing a 32-byte key k of n: Shamir over GF(256), polynomial 0x11b (sealing.md, *Primitives*; twin: shamir.js).

A share is 33 bytes: 32 of y, then x (never 0, random and distinct), as the browser's audited package makes them. Too few or
tampered shares join to a wrong key WITHOUT an error: compare the joined key with its commitment (`crypto.rings`).

Products are carry-less and reduced bit by bit with masks, without tables or branches on secrets.
"""

from __future__ import annotations

from collections.abc import Sequence

from crypto.encoding import require_bytes
from crypto.errors import Malformed
from crypto.rng import Rng, random_bytes

SECRET = 32
POLYNOMIAL = 0x1B  # 0x11b without its highest bit


def split(secret: bytes, k: int, n: int, rng: Rng = random_bytes) -> list[bytes]:
    """n shares of 33 bytes, of which any k join to the secret. Malformed unless 2 <= k <= n <= 255 and 32 bytes."""
    require_bytes(secret, SECRET, "a shared key")
    if not 2 <= k <= n <= 255:
        raise Malformed("needs 2 <= k <= n <= 255")
    coefficients = [secret, *(rng(SECRET) for _ in range(k - 1))]  # of x^0 upwards, a polynomial for each byte
    return [_evaluated(coefficients, x) + bytes([x]) for x in _places(n, rng)]


def join(shares: Sequence[bytes]) -> bytes:
    """The 32 bytes that the shares interpolate to at 0. Malformed for doubled or zero places."""
    if not 2 <= len(shares) <= 255:
        raise Malformed("needs 2 to 255 shares")
    places = [require_bytes(share, SECRET + 1, "a share")[SECRET] for share in shares]
    if len(set(places)) != len(places) or 0 in places:
        raise Malformed("each share needs an x of its own, not 0")
    joined = bytearray(SECRET)
    for share, place in zip(shares, places, strict=True):
        weight = 1  # Lagrange's basis at 0: the product of x_j / (x_j - x_i), where subtraction is XOR
        for other in places:
            if other != place:
                weight = _times(weight, _times(other, _inverse(other ^ place)))
        for at in range(SECRET):
            joined[at] ^= _times(weight, share[at])
    return bytes(joined)


def _places(n: int, rng: Rng) -> list[int]:
    """n distinct random places from 1 to 255: the first n of a shuffle (Fisher and Yates), drawn without bias."""
    places = list(range(1, 256))
    for at in range(n):
        other = at + _below(255 - at, rng)
        places[at], places[other] = places[other], places[at]
    return places[:n]


def _below(bound: int, rng: Rng) -> int:
    limit = 256 - 256 % bound
    while (drawn := rng(1)[0]) >= limit:
        pass
    return drawn % bound


def _evaluated(coefficients: Sequence[bytes], x: int) -> bytes:
    """Horner's rule, for each byte."""
    values = bytearray(SECRET)
    for coefficient in reversed(coefficients):
        for at in range(SECRET):
            values[at] = _times(values[at], x) ^ coefficient[at]
    return bytes(values)


def _times(left: int, right: int) -> int:
    product = 0
    for _ in range(8):
        product ^= -(right & 1) & left
        left = ((left << 1) & 0xFF) ^ (-(left >> 7) & POLYNOMIAL)
        right >>= 1
    return product


def _inverse(value: int) -> int:
    """value^254, which is its inverse in a field of 256."""
    power, result = value, 1
    for _ in range(7):
        power = _times(power, power)
        result = _times(result, power)
    return result
