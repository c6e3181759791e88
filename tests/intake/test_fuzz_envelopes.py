"""Every operation inside the envelope is asked whatever its arguments allow and forbid: no fault, no undescribed answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crypto.encoding import b64u
from intake.reporter import api
from intake.shapes import object_json
from tests.casework import NO_DELAY, REPORT_RING
from tests.intake.fuzzing import ask, looking, schema_of, without_bounds
from tests.intake.sealing_hook import described, hook
from workflow.commands.mailboxes import write_from_mailbox
from workflow.sealed import REPORTER

BUDGETS = ("previews", "submissions", "readings", "writings")
SEALED = schema_of(described())


@pytest.fixture
def inside(reporter_app, reporter, office, monkeypatch):
    """The hook, in a world with one report and a message in it."""
    without_bounds(reporter_app)
    forms = reporter_app.extensions[api.FORMS]
    monkeypatch.setattr(forms, "limits", replace(forms.limits, **dict.fromkeys(BUDGETS, 10**9)))
    case = office.a_case()["case"]
    part, statement = office.item(case, REPORT_RING, "message", by=REPORTER)
    with office.world.store.transaction() as db:
        write_from_mailbox(db, office.keys().mailbox_hash, part, statement, notice_delay=NO_DELAY, at=office.at)
    ours = office.submission(reporter="somebody else")
    own = ours | {"secret": b64u(office.keys().mailbox), "statement": statement, "object": object_json(part)}
    own |= {"id": part.id, "before": part.id, "entry": 1, "after": 1, "checkpoint": 1}
    return hook(reporter, own).test_client()


@SEALED.parametrize()
@looking(3)
def test_what_is_sealed_inside_an_envelope_is_answered_as_described(case, inside):
    ask(case, inside)
