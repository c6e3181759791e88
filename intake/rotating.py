"""Changing the server's own keys while it is being served.

Each step is one atomic change of a file or one small transaction, and what has to be done next is read from the files and
rows themselves: a run that was killed is gone on with by the next one (docs/decisions/0022-keys-change-in-steps.md).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crypto.layers import keys_of
from crypto.signing import sign_public
from intake.config import MOST_LAYERS, Settings, secret_text, strong_key
from intake.files import alone, destroy, sync_folder, write_private
from intake.keyring import BEFORE, FOLLOWING, Held, Keyring, beside
from intake.services import live_box
from workflow.commands import rekeying
from workflow.store import Store

LONGEST_READING = 3.0  # seconds; who began to read before the last row was changed has finished by then

Tell = Callable[[int, int], None]


class CannotRotate(Exception):
    """A key can't be changed now, or never; the message says why in one plain sentence."""


@dataclass(frozen=True)
class Resealed:
    """What a change of the server key did: rows seen, rows changed, and rows that no key opens."""

    seen: int
    changed: int
    closed: tuple[str, ...]


@contextmanager
def changing(settings: Settings, name: str) -> Iterator[Keyring]:
    """Alone with the secrets' folder; refuses for a secret that the environment gives."""
    keyring = Keyring(settings)
    if not keyring.is_file(name):
        raise CannotRotate(
            f"{name} được đặt qua biến môi trường; chỉ đổi được khóa nằm trong tệp: ghi giá trị vào {keyring.path(name)} "
            f"(quyền 600) rồi bỏ biến. ({name} is given by the environment, and only a file can be changed: put its value "
            f"into {keyring.path(name)} with mode 600, take the variable away and restart.)"
        )
    with alone(keyring.path(name).with_name(".rotating.lock")):
        yield keyring


def rotate_server(settings: Settings, store: Store, *, tell: Tell) -> Resealed:
    """Change the key of what the server keeps encrypted, and seal every row under the new one.

    The former key stays beside it, and accepted, until no row needs it. Rows that neither key opens keep it there.
    """
    with changing(settings, "SERVER_KEY") as keyring:
        _replace_once(keyring, "SERVER_KEY")
        store.settle()  # from now on nobody seals under the former key
        done = _reseal(store, keyring, tell)
        if not done.closed:
            time.sleep(LONGEST_READING)
            _retire(keyring, "SERVER_KEY")
    return done


def rotate_authentication(settings: Settings, store: Store, *, tell: Tell) -> int:
    """Put one more key over the HMACs of auth secrets; how many rows were changed."""
    with changing(settings, "AUTH_KEY") as keyring:
        with store.reading() as db:
            goes_on = rekeying.waiting_layers(db, keyring.auth_key)
            total = rekeying.layered_rows(db)
        if not goes_on:
            if len(keys_of(keyring.auth_key)) == MOST_LAYERS:
                raise CannotRotate(
                    f"Khóa xác thực đã đổi {MOST_LAYERS - 1} lần, không đổi thêm được. "
                    f"(The authentication key has been changed {MOST_LAYERS - 1} times; more keys are not taken.)"
                )
            write_private(keyring.path("AUTH_KEY"), secret_text(keyring.auth_key + strong_key()))
        store.settle()  # from now on nobody stores anything under fewer keys
        return _add_layers(store, keyring.auth_key, total, tell)


def rotate_session_secret(settings: Settings, store: Store, *, at_once: bool) -> int:
    """Sign cookies with a new secret; the former one is taken until nobody needs it. How many sessions still do.

    A run on a secret that is changing only ends the former one, where that can be done.
    """
    with changing(settings, "SECRET_KEY") as keyring:
        held = keyring.held("SECRET_KEY")
        if held.before is None or held.before == held.now:
            _replace_once(keyring, "SECRET_KEY")
        changed = datetime.fromtimestamp(keyring.path("SECRET_KEY").stat().st_mtime, UTC)
        with store.reading() as db:
            left = rekeying.sessions_before(db, changed)
        if at_once or left == 0:
            _retire(keyring, "SECRET_KEY")
            return 0
        return left


def prepare_installation(settings: Settings) -> tuple[bytes, bool]:
    """The installation's next key, public half, and whether it was made now; nothing is signed with it yet."""
    with changing(settings, "INSTALLATION_KEY") as keyring:
        held = keyring.held("INSTALLATION_KEY")
        if held.following is not None:
            return sign_public(held.following), False
        if held.before is not None:
            raise CannotRotate(
                "Lần đổi trước chưa xong: chạy lại sau. (The change before isn't finished: the former key is still there.)"
            )
        seed = strong_key()
        write_private(beside(keyring.path("INSTALLATION_KEY"), FOLLOWING), secret_text(seed))
        return sign_public(seed), True


def finish_installation(settings: Settings, in_force: bytes) -> bool:
    """Put the prepared key in its place once the published roster names it, and destroy the former one; whether it does."""
    keyring = Keyring(settings)
    held = keyring.held("INSTALLATION_KEY")
    if held.following is None and held.before is None:  # nothing to do; perhaps the folder can't even be written to
        return False
    with changing(settings, "INSTALLATION_KEY"):
        held = keyring.held("INSTALLATION_KEY")
        if held.following is not None and sign_public(held.following) == in_force:
            path = keyring.path("INSTALLATION_KEY")
            _keep_former(path)
            beside(path, FOLLOWING).replace(path)
            sync_folder(path.parent)
            held = keyring.held("INSTALLATION_KEY")
        if held.before is None or sign_public(held.now) != in_force:
            return False
        return _retire(keyring, "INSTALLATION_KEY")


def _replace_once(keyring: Keyring, name: str) -> None:
    """A new key in the place of the present one, which stays beside it; nothing where this has been done."""
    held = keyring.held(name)
    if held.before is None or held.before == held.now:
        _keep_former(keyring.path(name))
        write_private(keyring.path(name), secret_text(strong_key()))


def _keep_former(path: Path) -> None:
    """The same file under a second name, so that it can be overwritten when its time has come."""
    with suppress(FileExistsError):
        beside(path, BEFORE).hardlink_to(path)
    sync_folder(path.parent)


def _retire(keyring: Keyring, name: str) -> bool:
    """Destroy the former key; never while it is the present one."""
    held: Held = keyring.held(name)
    if held.before is None or held.before == held.now:
        return False
    destroy(beside(keyring.path(name), BEFORE))
    return True


def _reseal(store: Store, keyring: Keyring, tell: Tell) -> Resealed:
    box, seen, changed, closed = live_box(keyring), 0, 0, []
    with store.reading() as db:
        total = rekeying.sealed_rows(db)
    for table in range(len(rekeying.SEALED)):
        after: str | None = ""
        while after is not None:
            with store.transaction() as db:
                batch = rekeying.reseal(db, table, after, box=box)
            after, seen, changed = batch.after, seen + batch.seen, changed + batch.changed
            closed += batch.closed
            tell(seen, total)
        store.settle()  # who read a value of this table, to move it into the next, has done so
    return Resealed(seen, changed, tuple(closed))


def _add_layers(store: Store, auth_key: bytes, total: int, tell: Tell) -> int:
    after: str | None = ""
    changed = seen = 0
    while after is not None:
        with store.transaction() as db:
            batch = rekeying.add_layers_to_keys(db, after, auth_key=auth_key)
        after, changed, seen = batch.after, changed + batch.changed, seen + batch.seen
        tell(seen, total)
    for add in (rekeying.add_layers_to_codes, rekeying.add_layers_to_marks):
        count = 1
        while count:
            with store.transaction() as db:
                count = add(db, auth_key=auth_key)
            changed, seen = changed + count, seen + count
            if count:
                tell(seen, total)
    return changed
