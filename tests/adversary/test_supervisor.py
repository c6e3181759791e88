"""The supervisor, who may know that work is done and not what it is about.

Row: supervisor, administrator
Holds: the supervisor's session and keys; then the database as well.
Shown: no request of the session tells text, name, number, id or hash of any case; their key opens nothing.
"""

from __future__ import annotations

from tests.adversary.holdings import IDENTITY, WRITTEN, every_request, found_in, learns_nothing, opened_by_seed
from tests.world import SUPERVISOR


def test_the_supervisors_session_is_told_nothing_of_the_case(job, staff_app, signed_in, office):
    learns_nothing(staff_app, signed_in(SUPERVISOR), office)


def test_nothing_that_was_written_reaches_the_supervisor(job, staff_app, signed_in, office):
    told = every_request(staff_app, signed_in(SUPERVISOR), office, job.case)
    assert any(one.status == 200 for one in told)
    assert found_in(b"".join(one.body for one in told), WRITTEN | IDENTITY) == []


def test_the_supervisors_key_opens_nothing(job, office):
    assert opened_by_seed(office, office.world.people[SUPERVISOR].keys.kem_seed) == []
