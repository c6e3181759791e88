"""Start a program that ends when its parent does, however the parent ends (prctl(2), PR_SET_PDEATHSIG).

`python -m intake.child PARENT SIGNAL PROGRAM …` asks the kernel for the signal and becomes the program, so also a
program that isn't ours (Redis) can't outlive a killed supervisor.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


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
