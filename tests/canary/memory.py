"""The memory of running processes, as whoever may trace them reads it (proc(5): smaps, mem).

A process may read the memory of its own descendants: Yama's usual setting (kernel.yama.ptrace_scope = 1) allows that, and so
the portal is started as a child of the canary, which reads in its own process and not in helpers of its own.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.canary.searching import CHUNK, Hunt, Result

HEAD = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) (\S+) (\d+) *(.*)")
KERNEL = ("[vvar", "[vsyscall", "[vdso")  # pages of the kernel, not of the process
ZEROS = bytes(CHUNK)
HOW = (
    "The memory of the portal's processes can't be read. Run as the user who starts it, outside of a container that "
    "forbids tracing, and with kernel.yama.ptrace_scope below 2."
)


class Unreadable(Exception):
    """A process's memory may not be read, or a part of it could not."""


@dataclass(frozen=True)
class Process:
    """One process of the portal, and what it is."""

    pid: int
    name: str


@dataclass(frozen=True)
class Mapping:
    """A range of addresses; `same` names a part of a file of which the process has changed no page."""

    start: int
    end: int
    backed: bool  # by a file
    same: tuple[str, str, str] | None


def processes(supervisor: int) -> list[Process]:
    """The supervisor and everybody under it, by what they are; a web face's worker is its master's child."""
    parents = _parents()
    found = [Process(supervisor, "supervisor")]
    for child in sorted(pid for pid, parent in parents.items() if parent == supervisor):
        name = _part(child)
        found.append(Process(child, name))
        for place, under in enumerate(_under(child, parents), start=1):
            found.append(Process(under, f"{name}, worker {place}" if place > 1 else f"{name}, worker"))
    return found


@contextmanager
def halted(stopped: Iterable[Process]) -> Iterator[None]:
    """Nobody of these runs meanwhile; the supervisor first, so that it misses nobody."""
    pids = [process.pid for process in stopped]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        _wait_until_halted(pids)
        yield
    finally:
        for pid in reversed(pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


class Memories:
    """Searches processes one by one. What several have in common, unchanged pages of a library, is searched once."""

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self._seen: set[tuple[str, str, str]] = set()

    def search(self, process: Process) -> Result:
        """All that is readable; neighbouring ranges are read on. Raises Unreadable where a part could not be read."""
        result = Result()
        try:
            memory = os.open(f"/proc/{process.pid}/mem", os.O_RDONLY)
        except OSError:
            raise Unreadable(HOW) from None
        try:
            for mapping in mappings(process.pid):
                if mapping.same is not None:
                    if mapping.same in self._seen:
                        continue
                    self._seen.add(mapping.same)
                result.add(self._hunt.stream(_read(memory, mapping)))
        finally:
            os.close(memory)
        if result.size == 0:
            raise Unreadable(HOW)
        return result


def mappings(pid: int) -> list[Mapping]:
    """The readable ranges of a process, its shared ones included."""
    found: list[Mapping] = []
    head: re.Match[str] | None = None
    try:
        lines = Path(f"/proc/{pid}/smaps").read_text(errors="replace").splitlines()
    except OSError:
        raise Unreadable(HOW) from None
    for line in lines:
        if new := HEAD.fullmatch(line):
            head = new
        elif line.startswith("Anonymous:") and head is not None:
            start, end, mode, offset, device, inode, path = head.groups()
            if mode[0] == "r" and not path.startswith(KERNEL):
                unchanged = inode != "0" and "w" not in mode and line.split()[1] == "0"
                same = (f"{device} {inode}", offset, f"{int(end, 16) - int(start, 16)}") if unchanged else None
                found.append(Mapping(int(start, 16), int(end, 16), inode != "0", same))
    return found


def deleted_files(process: Process) -> list[Path]:
    """Open files of a process that have no name any more; sockets, pipes and devices aside."""
    found = []
    for entry in Path(f"/proc/{process.pid}/fd").iterdir():
        with suppress(OSError):
            target = str(entry.readlink())
            if target.endswith(" (deleted)") and entry.is_file():
                found.append(entry)
    return found


def _read(memory: int, mapping: Mapping) -> Iterator[bytes]:
    at = mapping.start
    while at < mapping.end:
        try:
            data = os.pread(memory, min(CHUNK, mapping.end - at), at)
        except OSError:
            if mapping.backed:
                return  # the file is shorter than the range: behind its end there is nothing
            raise Unreadable(f"{mapping.end - at} bytes at {at:x} could not be read") from None
        if not data:
            return
        at += len(data)
        # Pages that were never touched are zeros; a chunk of them is as good as searched.
        yield data if data != ZEROS[: len(data)] else b"\0" * min(len(data), 4096)


def _parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError):
                found[int(entry.name)] = int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    return found


def _under(pid: int, parents: dict[int, int]) -> list[int]:
    direct = sorted(child for child, parent in parents.items() if parent == pid)
    return [one for child in direct for one in (child, *_under(child, parents))]


def _part(pid: int) -> str:
    """What a child of the supervisor is, by the short name that it gave itself."""
    name = Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    return (
        "redis"
        if name.startswith("redis")
        else name.removeprefix("np-")
        if name.startswith("np-")
        else f"process {pid}"
    )


def _wait_until_halted(pids: list[int]) -> None:
    deadline = time.monotonic() + 10
    for pid in pids:
        while Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] not in "Tt":
            if time.monotonic() > deadline:
                raise Unreadable(f"process {pid} does not halt")
            time.sleep(0.01)
