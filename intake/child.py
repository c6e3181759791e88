"""Start children that end when their parent does, however the parent ends (prctl(2), PR_SET_PDEATHSIG).

`forked` runs one of our own parts in a copy of this process, which shares what is loaded already; `python -m intake.child
PARENT SIGNAL PROGRAM …` asks the kernel for the signal and becomes a program that isn't ours (Redis).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from subprocess import TimeoutExpired

from intake.faults import kind, places

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
LONGEST_NAME = 15  # bytes, of what `ps -o comm` shows
FAILED = 1


class Forked:
    """A child of this process, with as much of `subprocess.Popen` as the supervisor needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._reaped(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, when it has ended. Raises TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self._reaped(0 if deadline is None else os.WNOHANG)) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.01)
        return code

    def terminate(self) -> None:
        if self.poll() is None:  # else the number may be somebody else's by now
            os.kill(self.pid, signal.SIGTERM)

    def _reaped(self, options: int) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code


def forked(
    act: Callable[[], None],
    *,
    name: str,
    by: signal.Signals,
    fresh: Collection[signal.Signals],
    closing: Collection[int],
) -> Forked:
    """Run `act` in a child in a session of its own, with the signals `fresh` as they are by default.

    `closing` are descriptors that it must not hold. Nothing may run beside this thread: the child would have its locks
    and not who opens them.
    """
    if threading.active_count() != 1:
        raise RuntimeError("a process with threads can't be copied")
    parent = os.getpid()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # else the child would say it again
            stream.flush()
    held = signal.pthread_sigmask(signal.SIG_BLOCK, fresh)  # who ends the child at once must not meet our own handlers
    try:
        pid = os.fork()
        if pid == 0:
            _be_child(act, name, parent, by, fresh, closing, held)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
    return Forked(pid)


def _be_child(
    act: Callable[[], None],
    name: str,
    parent: int,
    by: signal.Signals,
    fresh: Collection[signal.Signals],
    closing: Collection[int],
    held: Collection[signal.Signals],
) -> None:
    """Never returns: what the parent has to tidy up at its end isn't the child's."""
    code = FAILED
    try:
        os.setsid()
        end_with_parent(parent, by)
        call_oneself(name)
        for number in fresh:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        for descriptor in closing:
            os.close(descriptor)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        act()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else FAILED
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except BaseException as fault:  # not what it says, which may quote
        with suppress(OSError, ValueError):
            print(f"niemphong: {name}: {kind(fault)} in {places(fault)}", file=sys.stderr)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def call_oneself(name: str) -> None:
    """The short name under which this process is listed (`ps -o comm`), where the kernel has one."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode("ascii")[:LONGEST_NAME], 0, 0, 0)


def end_with_parent(parent: int, by: signal.Signals) -> None:
    """Have this process signalled when its parent is gone; at once when it is gone already.

    Only Linux can do this. Elsewhere an orderly end still ends everything, a killed supervisor doesn't.
    """
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, int(by), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl refused the parent-death signal")
    if os.getppid() != parent:
        os.kill(os.getpid(), by)


def command(program: list[str], by: signal.Signals) -> list[str]:
    """The command line that starts `program` as a child of this process."""
    return [sys.executable, "-m", "intake.child", str(os.getpid()), str(int(by)), *program]


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]), signal.Signals(int(sys.argv[2])))
    os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 – no shell is what is wanted
