"""Private files: written whole or not at all, readable by the owner alone, and destroyed as well as a file can be."""

from __future__ import annotations

import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OWNER_ONLY = 0o600
SMALL = 4096  # bytes of a file that tries whether any can be written


def make_private_folder(path: Path) -> None:
    """Make a folder that only its owner enters; one that is there already is narrowed to that."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)


def write_private(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Write a file atomically: whoever reads it, after a crash too, finds all of it or the one before.

    With `replace=False` a file that is there already is an error (FileExistsError) and stays as it is.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            os.link(beside, path)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()
    sync_folder(path.parent)


def has_room(folder: Path, least: int) -> bool:
    """Whether files can be written in a folder and its disk has `least` bytes left; of one to be made, the nearest above.

    A file without a name is written and forgotten: a disk that the kernel has made read-only after an error, or on which
    this account has used up its share, still says that it may be written to.
    """
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < least:
        return False
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(SMALL))
    except OSError:
        return False
    return True


def destroy(path: Path) -> None:
    """Overwrite a small file and remove it. What a disk keeps underneath is the disk's affair (docs/operations.md)."""
    try:
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return  # somebody else was faster
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make a rename or a removal survive a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock file; other processes and threads that want it wait. It ends with its holder, however that ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
