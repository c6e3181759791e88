"""The adversaries meet the real doors: the same browsers in Python, and a report full of marks to look for."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from intake.client import MemberClient, ReporterClient
from intake.client.opening import Chain
from tests.adversary.holdings import ADDED, ANSWER, MARKED, NOTE, REPLY, stretched
from tests.casework import FACTS, code_of
from tests.intake import conftest as doors
from tests.intake import test_cli as commands

office, reporter, signed_in, visitor = doors.office, doors.reporter, doors.signed_in, doors.visitor
console, installed = commands.console, commands.installed
# P-004 is in the receiving body, and the reporter objects to them: excluded from the start.
OBJECTING = FACTS | {"objections": ["P-004"]}


@dataclass
class Job:
    """A marked report with an answer, a note and a reply, as its reporter and P-001 made it through the doors."""

    code: str
    case: str
    reporter: ReporterClient
    member: MemberClient

    @property
    def rings(self) -> dict[str, Chain]:
        return dict(self.member.open_case(self.case).rings)

    @property
    def ring_keys(self) -> dict[str, bytes]:
        """Every key of every ring, as P-001 holds them."""
        made = [epoch for chain in self.rings.values() for epoch in chain.epochs.values()]
        return {f"key of {epoch.ring} {epoch.epoch}": epoch.key for epoch in made if epoch.key}


@pytest.fixture
def job(reporter, signed_in) -> Job:
    code = code_of("reporter")
    reporter.keys = lambda code: stretched(code, reporter.trust.salt)
    reporter.submit(reporter.build_submission(MARKED, OBJECTING, reporter.preview(OBJECTING), code))
    member = signed_in("P-001")
    (line,) = member.queue()
    case = line["id"]
    member.declare(case, conflict=False)
    member.renew(case)
    member.write(case, ANSWER)
    member.note(case, NOTE)
    reporter.write(reporter.open_mailbox(code), REPLY)
    reporter.supplement(reporter.open_mailbox(code), ADDED)
    return Job(code, case, reporter, member)
