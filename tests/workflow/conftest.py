"""Cases for tests of the commands and queries on them."""

from __future__ import annotations

import pytest

from tests.casework import INTERNAL, READERS, Office
from tests.world import World


@pytest.fixture
def office(an_installation: World, clock) -> Office:
    return Office(an_installation, clock())


@pytest.fixture
def args(office: Office):
    """A report that was taken in, as it was sent."""
    return office.a_case()


@pytest.fixture
def case(args) -> str:
    return args["case"]


@pytest.fixture
def opened(office: Office, case: str) -> str:
    """A case that all four have declared clear, with an internal ring."""
    for code in READERS:
        office.declare(case, code)
    office.open_epoch(case, "P-001", office.epoch(case, INTERNAL, READERS, by="P-001"))
    return case
