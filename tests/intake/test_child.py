"""Copies of a process: what they are called, how they end, and what they don't take with them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BEGIN = """
import os, signal, sys, threading, time
from pathlib import Path
from intake.child import forked
def start(act, fresh=(signal.SIGTERM, signal.SIGINT), closing=()):
    return forked(act, name="np-child", by=signal.SIGKILL, fresh=fresh, closing=closing)
"""


def ran(script: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, because pytest's has threads."""
    return subprocess.run(
        [sys.executable, "-c", BEGIN + textwrap.dedent(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_its_exit_code_is_what_it_ended_with():
    run = ran("""
        def by_signal(): os.kill(os.getpid(), signal.SIGTERM); time.sleep(30)
        print([start(act).wait(timeout=20) for act in (lambda: None, lambda: sys.exit(3), sys.exit, by_signal)])
        """)
    assert run.stdout == "[0, 3, 0, -15]\n", run


def test_an_unforeseen_fault_tells_its_kind_and_place_and_not_what_it_says():
    run = ran("""
        def act(): raise ValueError("what somebody sent")
        print(start(act).wait())
        """)
    assert run.stdout == "1\n"
    assert run.stderr.startswith("niemphong: np-child: ValueError in act (")
    assert "what somebody sent" not in run.stderr


def test_it_has_a_name_and_a_session_of_its_own_and_no_input():
    run = ran("""
        def act():
            print(Path("/proc/self/comm").read_text().strip(), os.getsid(0) == os.getpid(), repr(sys.stdin.read()))
        start(act).wait()
        """)
    assert run.stdout == "np-child True ''\n", run.stderr


def test_what_was_to_be_printed_is_printed_once_and_what_ends_the_parent_is_done_once():
    run = ran("""
        import atexit
        atexit.register(lambda: print("tidied up"))
        print("said before", end=" ")
        start(lambda: print("child", end=" ")).wait()
        """)
    assert run.stdout.split() == ["said", "before", "child", "tidied", "up"]


def test_a_signal_that_comes_at_once_ends_it_though_the_parent_handles_it():
    run = ran("""
        signal.signal(signal.SIGTERM, lambda number, frame: None)
        for _ in range(20):
            child = start(lambda: time.sleep(30))
            child.terminate()
            assert child.wait(timeout=20) == -signal.SIGTERM
        print("ended", signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL)
        """)
    assert run.stdout == "ended True\n", run.stderr


def test_it_does_not_hold_what_the_parent_keeps_for_itself():
    run = ran("""
        kept, other = os.pipe()
        def act():
            try: os.fstat(kept)
            except OSError: print("closed", end=" ")
        start(act, closing=[kept]).wait()
        print(os.fstat(kept) is not None)
        """)
    assert run.stdout == "closed True\n", run.stderr


def test_it_ends_when_its_parent_is_killed():
    run = ran("""
        read, write = os.pipe()
        child = start(lambda: time.sleep(30))
        print(child.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
        """)
    pid = int(run.stdout)
    stat = Path(f"/proc/{pid}/stat")
    for _ in range(100):
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        subprocess.run(["sleep", "0.05"], check=True)
    raise AssertionError("it lives on")


def test_a_process_with_threads_is_not_copied():
    run = ran("""
        threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
        try: start(lambda: None)
        except RuntimeError as fault: print(fault)
        """)
    assert run.stdout == "a process with threads can't be copied\n"


def test_nothing_that_the_parts_are_copied_from_holds_a_thread_a_connection_or_a_socket(tmp_path):
    run = ran(f"""
        import subprocess
        environ = dict(os.environ, NIEMPHONG_HOME={str(tmp_path / "home")!r}, NIEMPHONG_DATABASE="")
        os.environ.update(environ)
        from intake.config import create_secrets
        create_secrets(Path(environ["NIEMPHONG_HOME"]))
        before = set(os.listdir("/proc/self/fd"))
        from intake import parts
        parts.load()
        print(threading.active_count(), sorted(set(os.listdir("/proc/self/fd")) - before))
        """)
    assert run.stdout == "1 []\n", run.stderr
