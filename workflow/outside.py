"""Bodies outside: to whom a case may leave, said and signed by the organisation (docs/sealing.md, *Bodies outside*).

A document `{v, code, name_vi, name_en, kem, issued, expires}` under the label `outside`, signed by the organisation's key
offline. `kem` is the body's X-Wing key, or null where it has published none. Twin: static/js/client/outside.js.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crypto.encoding import b64u, fingerprint, sha256hex, unb64u
from crypto.errors import CryptoError, WeakKey
from crypto.errors import Malformed as Unreadable
from crypto.hpke import check_kem_public
from crypto.signing import sign_document, verify_document
from workflow.errors import Conflict, Malformed
from workflow.facts import CODE, LONGEST_CODE

LABEL = "outside"
LONGEST_NAME = 200
LONGEST_DAYS = 366
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
FIELDS = frozenset({"v", "code", "name_vi", "name_en", "kem", "issued", "expires"})


@dataclass(frozen=True)
class Outside:
    """A body outside, as the organisation's key says."""

    code: str
    name_vi: str
    name_en: str
    issued: date
    expires: date
    kem: bytes | None = field(repr=False)

    @property
    def readerkey(self) -> str | None:
        return None if self.kem is None else sha256hex(self.kem)

    @property
    def fingerprint(self) -> str | None:
        """What is compared with the body itself; None where it has no key."""
        return None if self.kem is None else fingerprint(self.kem)


def sign_outside(seed: bytes, body: Outside) -> dict[str, str]:
    """The signed document. Raises Malformed or WeakKey (as a Malformed "weak_key") for what nobody would take."""
    said = {
        "v": 1,
        "code": body.code,
        "name_vi": body.name_vi,
        "name_en": body.name_en,
        "kem": None if body.kem is None else b64u(body.kem),
        "issued": body.issued.isoformat(),
        "expires": body.expires.isoformat(),
    }
    _read(said)
    return dict(sign_document(seed, LABEL, said))


def read_outside(document: Mapping[str, str], org_key: bytes, *, on: date) -> Outside:
    """What was signed. Raises Malformed("outside_unsigned" | "weak_key" | "malformed"), Conflict("outside_expired")."""
    try:
        said = verify_document(org_key, LABEL, document)
    except CryptoError:
        raise Malformed("outside_unsigned") from None
    found = _read(said)
    if not found.issued <= on <= found.expires:
        raise Conflict("outside_expired", body=found.code)
    return found


def _read(said: Mapping[str, Any]) -> Outside:
    try:
        kem = None if said["kem"] is None else check_kem_public(unb64u(said["kem"]))
        issued, expires = date.fromisoformat(said["issued"]), date.fromisoformat(said["expires"])
    except WeakKey:
        raise Malformed("weak_key") from None
    except (Unreadable, KeyError, TypeError, ValueError):
        raise Malformed() from None
    code, names = said.get("code"), (said.get("name_vi"), said.get("name_en"))
    sound = (
        said.keys() == FIELDS
        and isinstance(code, str)
        and len(code) <= LONGEST_CODE
        and CODE.fullmatch(code) is not None
        and all(_is_name(name) for name in names)
        and 0 <= (expires - issued).days <= LONGEST_DAYS
    )
    if not sound:
        raise Malformed()
    return Outside(str(code), str(names[0]), str(names[1]), issued, expires, kem)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name.strip()) <= LONGEST_NAME and not CONTROL.search(name)
