"""The organisation's signing key on a disk that lies in a safe: PKCS#8 in PEM, encrypted under a passphrase (RFC 5958).

PKCS#8 with the library's best encryption (PBES2: PBKDF2-HMAC-SHA256, AES-256-CBC), so that OpenSSL reads it too. The
derivation is quick, therefore the passphrase has to be long: it may be guessed at by whoever finds the disk.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from crypto.errors import Damaged, Malformed, WeakKey

SHORTEST_PASSPHRASE = 16


def lock_key(seed: bytes, passphrase: str) -> bytes:
    """The PEM file of an Ed25519 seed; WeakKey for a passphrase under sixteen characters."""
    if len(seed) != 32:
        raise Malformed("an Ed25519 seed has 32 bytes")
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise WeakKey("the passphrase is too short")
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode()))


def unlock_key(pem: bytes, passphrase: str) -> bytes:
    """The seed of a PEM file. Damaged for a wrong passphrase, Malformed for anything but a locked Ed25519 key."""
    if b"ENCRYPTED PRIVATE KEY" not in pem:
        raise Malformed("not a locked key")
    try:
        key = load_pem_private_key(pem, passphrase.encode())
    except ValueError as fault:
        raise Damaged("wrong passphrase, or a damaged file") from fault
    except TypeError as fault:
        raise Malformed("not a locked key") from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise Malformed("not an Ed25519 key")
    return key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
