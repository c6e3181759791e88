"""Settings: from the environment, and secrets from files that only their owner reads.

Every setting is listed in docs/operations.md. A weak or missing secret refuses to start (architecture, *Processes*).
"""

from __future__ import annotations

import secrets as random
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit

from crypto.encoding import b64u, sha256hex, unb64u
from crypto.errors import CryptoError
from crypto.work import LEAST_BITS, MOST_BITS
from intake.files import make_private_folder, sync_folder, write_private
from intake.limits import Limits

SECRETS_FOLDER = "secrets"
DEMONSTRATION_FOLDER = "demonstration"
# setting -> file in the secrets folder
SECRET_FILES = {
    "SERVER_KEY": "server-key",
    "SALT_KEY": "salt-key",
    "AUTH_KEY": "auth-key",
    "SECRET_KEY": "session-secret",
    "INSTALLATION_KEY": "installation-key",
}
SECRET_BYTES = 32
MOST_LAYERS = 16  # keys one over the other that the authentication key may consist of (crypto/layers.py)
# 32 random bytes have 30 distinct values on average; fewer than 16 happen in one of 10^13 keys.
DISTINCT_BYTES = 16
SOCKET_PATH_LIMIT = 100  # the kernel takes 107 bytes; some room for a temporary name beside it
DEMONSTRATION_DELAY = (1.0, 5.0)
EXIT_URL = "https://hcm.edu.vn"  # the department's own public site: a page that a cadre may well look at

Number = TypeVar("Number", int, float)


class SettingsError(Exception):
    """A setting is missing or can't be right; the message is one line that says what to do."""


@dataclass(frozen=True)
class Secrets:
    """Keys that live outside the database; 32 bytes each. Never printed: the representation hides them."""

    server_key: bytes  # encrypts peppers, TOTP secrets, session keys
    salt_key: bytes  # computes members' salts from user names
    auth_key: bytes  # HMAC of members' auth secrets; once rotated, several keys of 32 bytes one after the other
    session_secret: bytes  # signs the staff face's cookie

    def __repr__(self) -> str:
        return "Secrets(…)"


@dataclass(frozen=True)
class Settings:
    home: Path
    host: str
    port: int
    staff_port: int
    database_url: str
    redis_url: str
    embedded_redis: bool
    secrets: Secrets
    signing_seed: bytes  # the installation's Ed25519 key, named in the roster
    routing_folder: Path
    mail_folder: Path
    smtp_url: str | None
    notice_delay: tuple[float, float]  # seconds; drawn at commit
    mailbox_floor: float  # seconds that every mailbox answer takes at least
    idle_minutes: int
    session_hours: int
    max_envelope: int
    secure_cookies: bool
    public_url: str
    staff_url: str
    mail_from: str = "niem-phong@localhost"
    exit_url: str = EXIT_URL  # where the public face's quick exit leads
    web_threads: int = 64
    read_seconds: float = 30.0  # in which a request has to arrive and its answer has to be taken
    limits: Limits = field(default_factory=Limits)
    from_files: frozenset[str] = frozenset()  # the secrets that weren't given by the environment

    def __repr__(self) -> str:
        """URLs may hold passwords, the seed is a key: what is printed of settings is where they live."""
        return f"Settings(home={str(self.home)!r})"

    @property
    def run_folder(self) -> Path:
        """Sockets and the supervisor's lock: nothing that outlives the processes."""
        return run_folder(self.home)

    @property
    def redis_socket(self) -> Path:
        return self.run_folder / "redis.sock"

    @property
    def room(self) -> dict[Path, int]:
        """Where both faces write, and how many bytes have to be free there: a routing key is small, a report is not."""
        needed = {self.routing_folder: 64 * 1024}
        if self.database_url.startswith("sqlite:///"):
            needed[Path(self.database_url.removeprefix("sqlite:///")).parent] = 16 * 1024 * 1024
        return needed

    @property
    def demonstration_folder(self) -> Path:
        return self.home / DEMONSTRATION_FOLDER


def home_of(environ: Mapping[str, str]) -> Path:
    """The folder that holds all of an installation."""
    given = environ.get("NIEMPHONG_HOME", "").strip() or "var"
    if "?" in given or "\n" in given:
        raise SettingsError("NIEMPHONG_HOME: choose a folder without a question mark or a line break in its name.")
    return Path(given).expanduser().absolute()


def run_folder(home: Path) -> Path:
    """Where the sockets are: in the home, unless its path is longer than a socket's address may be."""
    inside = home / "run"
    if len(str(inside / "redis.sock").encode()) <= SOCKET_PATH_LIMIT:
        return inside
    return Path(tempfile.gettempdir()) / f"niemphong-{sha256hex(str(home).encode())[:16]}"


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of this environment; SettingsError says in one line what to do about the first fault."""
    home = home_of(environ)
    host = environ.get("HOST", "").strip() or "127.0.0.1"
    port = _port(environ, "PORT", 8000)
    staff_port = _port(environ, "STAFF_PORT", port + 1 if port < 65535 else port - 1)
    if port == staff_port:
        raise SettingsError("STAFF_PORT: the staff's face needs another port than PORT; leave it out for the next one.")
    public_url = _url(environ, "PUBLIC_URL", f"http://{_in_url(host)}:{port}", ("http", "https"))
    staff_url = _url(environ, "STAFF_URL", f"http://{_in_url(host)}:{staff_port}", ("http", "https"))
    redis_url = environ.get("NIEMPHONG_REDIS", "").strip()
    smtp_url = _url(environ, "SMTP_URL", "", ("smtp", "smtps", "smtp+starttls"))
    return Settings(
        home=home,
        host=host,
        port=port,
        staff_port=staff_port,
        database_url=environ.get("NIEMPHONG_DATABASE", "").strip() or f"sqlite:///{home / 'niemphong.db'}",
        redis_url=redis_url or f"unix://{quote(str(run_folder(home) / 'redis.sock'))}",
        embedded_redis=not redis_url,
        secrets=Secrets(
            server_key=_secret(environ, home, "SERVER_KEY"),
            salt_key=_secret(environ, home, "SALT_KEY"),
            auth_key=_secret(environ, home, "AUTH_KEY"),
            session_secret=_secret(environ, home, "SECRET_KEY"),
        ),
        signing_seed=_secret(environ, home, "INSTALLATION_KEY"),
        routing_folder=_folder(environ, "ROUTING_FOLDER", home / "routing"),
        mail_folder=_folder(environ, "MAIL_FOLDER", home / "mail"),
        smtp_url=smtp_url or None,
        notice_delay=_delay(environ, home),
        mailbox_floor=_number(environ, "MAILBOX_FLOOR", "0.6", float, 0, 30),
        idle_minutes=_number(environ, "IDLE_MINUTES", "15", int, 1, 15),
        session_hours=_number(environ, "SESSION_HOURS", "12", int, 1, 24),
        max_envelope=_number(environ, "MAX_ENVELOPE", str(4 * 1024 * 1024), int, 64 * 1024, 64 * 1024 * 1024),
        secure_cookies=staff_url.startswith("https://"),
        public_url=public_url,
        staff_url=staff_url,
        mail_from=_mail_from(environ),
        exit_url=_url(environ, "EXIT_URL", EXIT_URL, ("http", "https")),
        web_threads=_number(environ, "WEB_THREADS", "64", int, 1, 256),
        read_seconds=_number(environ, "READ_SECONDS", "30", float, 1, 600),
        limits=_limits(environ),
        from_files=frozenset(name for name in SECRET_FILES if not environ.get(name, "").strip()),
    )


def _limits(environ: Mapping[str, str]) -> Limits:
    least = _number(environ, "WORK_LEAST", "9", int, LEAST_BITS, MOST_BITS)
    return Limits(
        per_second=_number(environ, "RATE_PER_SECOND", "100", float, 1, 100_000),
        burst=_number(environ, "RATE_BURST", "1000", float, 10, 1_000_000),
        work_least=least,
        work_most=_number(environ, "WORK_MOST", str(max(15, least)), int, least, MOST_BITS),
        work_seconds=_number(environ, "WORK_SECONDS", "300", int, 60, 3600),
        forms_per_second=_number(environ, "FORMS_PER_SECOND", "10", float, 1, 100_000),
        form_hours=_number(environ, "FORM_HOURS", "12", int, 1, 168),
        previews=_number(environ, "FORM_PREVIEWS", "60", int, 1, 100_000),
        submissions=_number(environ, "FORM_SUBMISSIONS", "10", int, 1, 100_000),
        readings=_number(environ, "FORM_READINGS", "600", int, 1, 100_000),
        writings=_number(environ, "FORM_WRITINGS", "60", int, 1, 100_000),
    )


def create_secrets(home: Path) -> None:
    """Make all secrets of an installation, or none; those that are there already are never overwritten."""
    folder = home / SECRETS_FOLDER
    make_private_folder(home)
    if folder.exists():
        raise SettingsError(f"{folder} holds secrets already. Choose another NIEMPHONG_HOME.")
    beside = home / f".{SECRETS_FOLDER}.{random.token_hex(6)}"
    make_private_folder(beside)
    for name in SECRET_FILES.values():
        write_private(beside / name, secret_text(strong_key()))
    try:
        beside.rename(folder)
    except OSError:
        shutil.rmtree(beside)
        raise SettingsError(f"{folder} can't be made. Is another set-up running?") from None
    sync_folder(home)


def strong_key() -> bytes:
    """32 random bytes that no later check takes for a weak secret."""
    while _is_weak(key := random.token_bytes(SECRET_BYTES)):
        pass
    return key


def secret_text(key: bytes) -> bytes:
    """A secret as its file holds it."""
    return b64u(key).encode() + b"\n"


def _secret(environ: Mapping[str, str], home: Path, name: str) -> bytes:
    path = home / SECRETS_FOLDER / SECRET_FILES[name]
    given = environ.get(name, "").strip()
    if given:
        return _key(given, name, name)
    key = read_secret(path, name)
    if key is None:
        raise SettingsError(
            f"There is no installation in {home} ({path.name} is missing). Name another folder with --home or "
            "NIEMPHONG_HOME, or make one: niemphong init"
        )
    return key


def read_secret(path: Path, name: str) -> bytes | None:
    """The secret of this name in a file that only its owner reads; None where there is no file. SettingsError."""
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"{path} can be read by others. Run: chmod 600 {path}")
        given = path.read_text("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{path} can't be read ({type(fault).__name__}). Give it to who runs this.") from None
    return _key(given, name, str(path))


def _key(given: str, name: str, where: str) -> bytes:
    try:
        key = unb64u(given)
    except CryptoError:
        key = b""
    parts = [key[start : start + SECRET_BYTES] for start in range(0, len(key), SECRET_BYTES)]
    most = MOST_LAYERS if name == "AUTH_KEY" else 1
    if not 1 <= len(parts) <= most or any(len(part) != SECRET_BYTES or _is_weak(part) for part in parts):
        raise SettingsError(f"{where} is weak or damaged: it has to be 32 random bytes in base64url.")
    return key


def _is_weak(key: bytes) -> bool:
    return len(set(key)) < DISTINCT_BYTES


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    return _number(environ, name, str(default), int, 1, 65535)


def _number(
    environ: Mapping[str, str], name: str, default: str, kind: Callable[[str], Number], low: float, high: float
) -> Number:
    given = environ.get(name, "").strip() or default
    try:
        number = kind(given)
    except ValueError:
        number = kind("-1")
    if not low <= number <= high:  # refuses "nan" too
        raise SettingsError(f"{name}: give a number from {low} to {high}.")
    return number


def _delay(environ: Mapping[str, str], home: Path) -> tuple[float, float]:
    """`300-3600`: the seconds between which a notice's delay is drawn. The demonstration shows mails at once."""
    given = environ.get("NOTICE_DELAY", "").strip()
    if not given:
        return DEMONSTRATION_DELAY if (home / DEMONSTRATION_FOLDER).is_dir() else (300.0, 3600.0)
    low, _, high = given.partition("-")
    try:
        delay = float(low), float(high or low)
    except ValueError:
        delay = (-1.0, -1.0)
    if not 0 <= delay[0] <= delay[1] <= 7 * 24 * 3600:
        raise SettingsError("NOTICE_DELAY: give two numbers of seconds, the smaller first, as in 300-3600.")
    return delay


def _url(environ: Mapping[str, str], name: str, default: str, schemes: tuple[str, ...]) -> str:
    given = (environ.get(name, "").strip() or default).rstrip("/")
    if given:
        try:
            parts = urlsplit(given)
            right = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            right = False
        if not right:
            raise SettingsError(f"{name}: give an address that begins with {' or '.join(s + '://' for s in schemes)}.")
    return given


def _mail_from(environ: Mapping[str, str]) -> str:
    given = environ.get("MAIL_FROM", "").strip() or "niem-phong@localhost"
    if given.count("@") != 1 or any(char.isspace() or char in "<>,;" for char in given):
        raise SettingsError("MAIL_FROM: give one mail address, without a name.")
    return given


def _folder(environ: Mapping[str, str], name: str, default: Path) -> Path:
    given = environ.get(name, "").strip()
    return Path(given).expanduser().absolute() if given else default


def _in_url(host: str) -> str:
    """How the host is written in an address that a person on this machine types."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 – nothing is bound here
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
