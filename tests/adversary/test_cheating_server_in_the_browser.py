"""A server that cheats actively, against the browsers' own code.

Row: a server that cheats, before the browsers
Holds: as before the Python clients: all of the running server and the installation's signing key, and the answers,
    which it alters as it likes. The pages' own code is unaltered; a server that alters that too is found out by
    comparing served files, which is another protection.
Shown: for both faces' JavaScript, under node and with the modules that are served, every cheat that is promised to be
    found out is refused with its fault, an older roster, a key that is hidden again and a second ledger included.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.js.test_node import node

CHEATS = Path(__file__).with_name("cheating_server.test.mjs")
# What the design promises to be found out (docs/adversaries.md), and the faults that say so.
FAULTS = {
    "swaps the reporter's keys": {"keys_other", "submission_forged"},
    "forges an epoch": {"epoch_forged"},
    "brings a recused reader back": {"epoch_widened", "epoch_rolled_back"},
    "names readers outside the body": {"reader_unrostered", "set_unrostered", "below_quorum", "epoch_readers"},
    "serves an old roster": {"roster_older", "roster_expired", "roster_stale"},
    "serves a roster of its own": {"roster_bad", "fingerprint_other"},
    "keeps two ledgers": {"checkpoint_forked", "checkpoint_older", "checkpoint_bad"},
    "takes envelopes under its own key": {"routing_key_bad"},
}


@pytest.mark.timeout(120)
def test_every_cheat_is_refused_with_its_fault():
    done = subprocess.run(
        [node(), "--test", "--test-reporter=tap", str(CHEATS)], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    passed = " ".join(re.findall(r"^\s*ok \d+ - (.*)$", done.stdout, re.MULTILINE))
    told = {fault for faults in FAULTS.values() for fault in faults}
    assert {fault for fault in told if not re.search(rf"\b{fault}\b", passed)} <= {"epoch_readers"}
    source = CHEATS.read_text(encoding="utf-8")
    assert [fault for fault in sorted(told) if f'"{fault}"' not in source] == []
