"""An eligible handler who wants to know who the reporter is.

Row: an eligible handler
Holds: a session that may read the case, everything the doors ever serve to it, their private keys, all keys of both
    rings; then the database as well.
Shown: the report opens, the identity doesn't: no share, no scope's key and no identity text is served, and nothing that
    they hold opens one.
"""

from __future__ import annotations

from crypto.rings import scope_commitment
from tests.adversary.holdings import (
    IDENTITY,
    WRITTEN,
    every_request,
    found_in,
    opened_by_keys,
    opened_by_seed,
    scope_commitments,
    stored,
)
from workflow.sealed import SCOPES


def test_no_share_scope_key_or_identity_is_served(job, staff_app, office):
    served_at_all = {entry["object"]["id"] for entry in job.member.case(job.case)["items"]}
    told = every_request(staff_app, job.member, office, job.case)
    hidden = [part for part in stored(office) if part.scope is not None]
    assert len(hidden) == len(SCOPES) * (1 + 1 + 4)  # the text, the reporter's own key, four shares
    served = b"".join(one.body for one in told)
    bytes_of = {f"{part.kind} of {part.scope}": part.data for part in hidden}
    assert found_in(served, bytes_of) == []
    assert found_in(served, IDENTITY) == []
    assert served_at_all.isdisjoint(part.id for part in hidden)


def test_the_report_opens_with_what_they_hold_and_the_identity_does_not(job, office):
    opened = job.member.open_case(job.case)
    read = str([opened.summary, opened.narrative, opened.supplements, opened.messages, opened.notes]).encode()
    assert found_in(read, WRITTEN) == sorted(WRITTEN)
    assert found_in(str(opened).encode(), IDENTITY) == []

    keys = list(job.ring_keys.values())
    items = opened_by_keys(office, keys)
    assert {part.kind for part in items} == {"first", "summary", "narrative", "supplement", "message", "note"}
    copies = opened_by_seed(office, office.world.people["P-001"].keys.kem_seed)
    assert {part.kind for part in copies} == {"header", "grant"}
    assert all(part.scope is None for part in [*items, *copies])


def test_no_ring_key_is_a_scopes_key(job, office):
    commitments = set(scope_commitments(office).values())
    derived = {scope_commitment(job.case, scope, key) for scope in SCOPES for key in job.ring_keys.values()}
    assert len(commitments) == len(SCOPES)
    assert commitments.isdisjoint(derived)
