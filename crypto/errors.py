"""What sealing and opening may end with; the twins of static/js/crypto/errors.js.

CryptoError
├── Malformed      not of the format: wrong version, size, encoding, padding, or not canonical
│   └── CodeError  a receipt code that can't be one: says which word is unknown, or how many there are
├── Damaged        of the format, but altered since it was sealed
├── NotForMe       sealed under another key, or for another place
├── WeakKey        a public key of small order, or one that is none
├── Expired        past its last day
├── Stale          older than what was seen before
└── BadSignature   not signed by this key

They differ inside; a page says one sentence for all of them (sealing.md, *Rules*).
"""

from __future__ import annotations


class CryptoError(Exception):
    """Base of all faults of this package."""


class Malformed(CryptoError):
    """Not of the format."""


class Damaged(CryptoError):
    """Of the format, but altered since it was sealed."""


class NotForMe(CryptoError):
    """Sealed under another key, or for another place."""


class WeakKey(CryptoError):
    """A public key of small order, or one that is none."""


class Expired(CryptoError):
    """Past its last day."""


class Stale(CryptoError):
    """Older than what was seen before."""


class BadSignature(CryptoError):
    """Not signed by this key."""


class CodeError(Malformed):
    """A receipt code that can't be one.

    `index` is the place (from 0) of the first unknown word, or None; `count` how many words were found. The word itself
    is in `unknown` for a page to show, and never in the message: messages reach logs.
    """

    def __init__(self, *, count: int, index: int | None = None, unknown: str | None = None) -> None:
        super().__init__("wrong number of words" if index is None else "unknown word")
        self.count = count
        self.index = index
        self.unknown = unknown
