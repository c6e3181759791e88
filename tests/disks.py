"""A small disk of a test's own that fills up and fails like a real one: ext4 in a file, mounted through a loop device.

On an error the kernel makes it read-only under the files that are open, as it does with a broken disk; it comes back after
`fsck`, and not before.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HOW = "a disk of one's own needs root, a loop device, and mkfs.ext4 (`apt-get install e2fsprogs`)"
MEBIBYTE = 1024 * 1024


class NoDisk(Exception):
    """There is none to be had: something is missing."""


class Forbidden(NoDisk):
    """Nothing is missing, but the kernel or a container around us refuses."""


@dataclass
class Disk:
    """Mounted at `where`; `image` is the file that it is."""

    image: Path
    where: Path

    def fill(self) -> None:
        """To the last block."""
        with (self.where / "filler").open("ab", buffering=0) as filler:
            for piece in (MEBIBYTE, 4096, 512):
                with suppress(OSError):
                    while True:
                        filler.write(bytes(piece))
                        os.fsync(filler.fileno())

    def make_room(self) -> None:
        (self.where / "filler").unlink()

    def fail(self) -> None:
        """Make the kernel find an error on it: read-only from now on."""
        name = Path(self._device()).name
        Path(f"/sys/fs/ext4/{name}/trigger_fs_error").write_text("a test")

    def repair(self) -> None:
        """What an operator does after that, when nobody uses it any more."""
        self.unmount()
        done = subprocess.run(["e2fsck", "-fy", str(self.image)], capture_output=True)
        assert done.returncode in (0, 1), done.stdout.decode()
        self.mount()

    def mount(self) -> None:
        _run("mount", "-o", "loop,errors=remount-ro", str(self.image), str(self.where))

    def unmount(self) -> None:
        _run("umount", str(self.where))

    def _device(self) -> str:
        lines = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
        return next(device for device, where, *_ in lines if where == str(self.where))


@contextmanager
def a_disk(folder: Path, size: int) -> Iterator[Disk]:
    """A disk of `size` bytes under `folder`. Raises NoDisk, Forbidden."""
    disk = Disk(folder / "image", folder / "disk")
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        raise NoDisk(HOW)
    disk.where.mkdir()
    with disk.image.open("wb") as image:
        image.truncate(size)
    _run("mkfs.ext4", "-q", "-m", "0", str(disk.image))
    try:
        disk.mount()
    except subprocess.CalledProcessError as fault:
        raise Forbidden(f"{HOW}: {fault.stderr.decode().strip()}") from None
    try:
        yield disk
    finally:
        with suppress(subprocess.CalledProcessError):
            _run("umount", "--lazy", str(disk.where))


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, timeout=60)
