"""Two rounds of the kills, so that the tool itself is known to work; `python -m tests.kills` plays as many as asked for."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from crypto.codes import new_code
from intake.client import Refused
from tests.canary.portal import running
from tests.kills.__main__ import ENVIRON, SERVING, check, rounds
from tests.kills.visitors import Books, Filed

pytestmark = pytest.mark.timeout(180)


def test_what_was_accepted_is_whole_after_processes_were_killed(tmp_path_factory):
    folder = Path(tmp_path_factory.mktemp("k"))
    with running(folder, ENVIRON, SERVING) as started:
        assert "ledger sound" in rounds(started, 2, random.Random(84))
        lost = Filed(str(new_code()), "2026-9999", "none", written=["never sent"])
        with pytest.raises(Refused, match="wrong_code"):  # a report that isn't there is noticed
            check(started, Books(filed=[lost]), [lost])
