"""The server's own keys as they are this moment: their files are read again when they have changed.

While a key changes, what was before or comes next lies beside it (`server-key.old`, `installation-key.next`), and every
process takes both. So none has to be restarted in step with the others (docs/decisions/0022-keys-change-in-steps.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from intake.config import SECRET_FILES, SECRETS_FOLDER, Settings, read_secret

BEFORE, FOLLOWING = ".old", ".next"
TRIES = 100

Looks = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True)
class Held:
    """One secret, what it was before, and what it will be; 32 bytes each, the authentication key perhaps more."""

    now: bytes
    before: bytes | None = None
    following: bytes | None = None

    @property
    def accepted(self) -> tuple[bytes, ...]:
        """All that are taken, the one in use first."""
        return tuple(dict.fromkeys(key for key in (self.now, self.following, self.before) if key is not None))


class Keyring:
    """The secrets of an installation. Those that the environment gives stay as they are as long as a process runs."""

    def __init__(self, settings: Settings) -> None:
        own = settings.secrets
        self._folder = settings.home / SECRETS_FOLDER
        self._from_files = settings.from_files
        self._given: Mapping[str, bytes] = {
            "SERVER_KEY": own.server_key,
            "AUTH_KEY": own.auth_key,
            "SECRET_KEY": own.session_secret,
            "INSTALLATION_KEY": settings.signing_seed,
        }
        self._read: dict[str, tuple[Looks, Held]] = {}

    def __repr__(self) -> str:
        return "Keyring(…)"

    @property
    def server_keys(self) -> tuple[bytes, ...]:
        return self.held("SERVER_KEY").accepted

    @property
    def auth_key(self) -> bytes:
        return self.held("AUTH_KEY").now

    @property
    def session_secrets(self) -> tuple[bytes, ...]:
        return self.held("SECRET_KEY").accepted

    @property
    def signing_seeds(self) -> tuple[bytes, ...]:
        """The installation's keys; which of them is in force the database says (`workflow.ledger.seed_of`)."""
        return self.held("INSTALLATION_KEY").accepted

    def path(self, name: str) -> Path:
        return self._folder / SECRET_FILES[name]

    def is_file(self, name: str) -> bool:
        """Whether the secret was read from its file, where a command can change it."""
        return name in self._from_files

    def held(self, name: str) -> Held:
        """A secret as its files say now. Raises SettingsError for a damaged one."""
        if not self.is_file(name):
            return Held(self._given[name])
        path = self.path(name)
        files = (path, beside(path, BEFORE), beside(path, FOLLOWING))
        for _ in range(TRIES):
            looks = tuple(_look(file) for file in files)
            known = self._read.get(name)
            if known is not None and known[0] == looks:
                return known[1]
            found = [read_secret(file, name) if look else None for file, look in zip(files, looks, strict=True)]
            if looks == tuple(_look(file) for file in files) and found[0] is not None:
                held = Held(found[0], found[1], found[2])
                self._read[name] = looks, held
                return held
        return Held(self._given[name])  # the folder has gone; what was read at the start is still right


def beside(path: Path, what: str) -> Path:
    return path.with_name(path.name + what)


def _look(path: Path) -> tuple[int, int, int] | None:
    """What tells one state of a file from the next: each is written beside and renamed."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
