"""Browsers in Python for tests of the doors: a reporter's, and one for each kind of member."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crypto.encoding import b64u
from intake.client import FlaskTransport, MemberClient, ReporterClient
from tests.casework import FACTS, REPORT, Office, code_of
from tests.world import World


@pytest.fixture
def office(an_installation: World, clock) -> Office:
    return Office(an_installation, clock())


@pytest.fixture
def reporter(reporter_app, clock) -> ReporterClient:
    return ReporterClient(FlaskTransport(reporter_app.test_client()), now=clock, language="en")


@pytest.fixture
def filed(reporter: ReporterClient) -> str:
    """A report that was taken in: its code."""
    code = code_of("reporter")
    reporter.submit(reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code))
    return code


@pytest.fixture
def signed_in(staff_app, an_installation: World, clock) -> Callable[[str], MemberClient]:
    """A member's browser after sign-in, without the second that Argon2id takes."""
    clients: dict[str, MemberClient] = {}

    def sign_in(code: str) -> MemberClient:
        if code not in clients:
            person = an_installation.people[code]
            client = MemberClient(FlaskTransport(staff_app.test_client()), now=clock, language="en")
            one_time = person.one_time_code(clock())
            client.post("session", {"username": person.username, "auth": b64u(person.auth), "totp": one_time})
            client.adopt(code, person.keys, an_installation.organisation_public)
            clients[code] = client
        return clients[code]

    return sign_in


@pytest.fixture
def visitor(staff_app, clock) -> MemberClient:
    """Somebody at the staff's face who is not signed in."""
    return MemberClient(FlaskTransport(staff_app.test_client()), now=clock, language="en")
