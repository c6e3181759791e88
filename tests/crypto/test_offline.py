from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from crypto.errors import Damaged, Malformed, WeakKey
from crypto.offline import lock_key, unlock_key

SEED = bytes(range(32))
PASSPHRASE = "mưa rào trên mái ngói"


def test_a_locked_key_opens_with_its_passphrase_alone():
    pem = lock_key(SEED, PASSPHRASE)
    assert unlock_key(pem, PASSPHRASE) == SEED
    with pytest.raises(Damaged):
        unlock_key(pem, PASSPHRASE + " ")


def test_a_locked_key_does_not_show_its_seed():
    assert SEED not in lock_key(SEED, PASSPHRASE)
    assert lock_key(SEED, PASSPHRASE) != lock_key(SEED, PASSPHRASE)


def test_a_short_passphrase_locks_nothing():
    with pytest.raises(WeakKey):
        lock_key(SEED, "x" * 15)


def test_a_seed_has_its_length():
    with pytest.raises(Malformed):
        lock_key(SEED[:31], PASSPHRASE)


@pytest.mark.parametrize("pem", [b"", b"not a key", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END"])
def test_what_is_not_a_key_is_refused(pem):
    with pytest.raises((Malformed, Damaged)):
        unlock_key(pem, PASSPHRASE)


def test_a_key_that_is_not_locked_is_refused():
    key = ec.generate_private_key(ec.SECP256R1())
    open_one = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(Malformed):
        unlock_key(open_one, PASSPHRASE)


def test_a_key_of_another_kind_is_refused():
    key = ec.generate_private_key(ec.SECP256R1())
    other = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE.encode()))
    with pytest.raises(Malformed):
        unlock_key(other, PASSPHRASE)


def test_a_changed_file_is_damaged():
    lines = lock_key(SEED, PASSPHRASE).splitlines(keepends=True)
    lines[-2] = bytes([lines[-2][0] ^ 1]) + lines[-2][1:]
    with pytest.raises((Damaged, Malformed)):
        unlock_key(b"".join(lines), PASSPHRASE)
