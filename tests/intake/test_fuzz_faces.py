"""Both faces are asked whatever their documents allow and forbid: no fault, and no answer that isn't described."""

from __future__ import annotations

import pytest

from crypto.encoding import b64u
from intake import openapi
from intake.account import api as _account  # noqa: F401 (a module's routes are described when it is loaded)
from intake.account import recovery as _recovery  # noqa: F401
from intake.account import upkeep as _upkeep  # noqa: F401
from intake.custody import api as _custody  # noqa: F401
from intake.desk import api as _desk  # noqa: F401
from intake.office import api as _office  # noqa: F401
from intake.relations import api as _relations  # noqa: F401
from intake.reporter import api as _reporter  # noqa: F401
from tests.intake.fuzzing import ask, looking, schema_of, with_token, without_bounds
from tests.world import ADMINISTRATOR

REPORTER = schema_of(openapi.document("reporter"))
STAFF = schema_of(openapi.document("staff", cookie="niemphong-staff"))
VISITOR = "nobody"
UNDECLARED, CLEARED = "P-001", "P-002"


class Asker:
    """Somebody's browser at the staff's face, which signs in again when what it asked for has ended its session."""

    def __init__(self, app, world, clock, code, case):
        self.client = app.test_client()
        self.person = world.people.get(code)
        self.clock, self.case, self.asked = clock, case, 0

    def __call__(self, case):
        self.asked += 1
        if self.asked % 2 and "case_id" in case.path_parameters:
            case.path_parameters["case_id"] = self.case
        self._sign_in()
        return ask(case, self.client, with_token(self.client))

    def _sign_in(self):
        if self.person is None or self.client.get("/staff/api/v1/session").status_code == 200:
            return
        self.clock.forward(seconds=30)
        said = {"username": self.person.username, "auth": b64u(self.person.auth)}
        said["totp"] = self.person.one_time_code(self.clock())
        answer = self.client.post("/staff/api/v1/session", json=said, headers=with_token(self.client))
        assert answer.status_code == 200, answer.json


@pytest.fixture
def asker(request, staff_app, an_installation, clock, office):
    case = office.a_case()["case"]
    office.declare(case, CLEARED)
    return Asker(without_bounds(staff_app), an_installation, clock, request.param, case)


@REPORTER.parametrize()
@looking(10)
def test_the_public_face_answers_as_described(case, reporter_app):
    ask(case, without_bounds(reporter_app).test_client())


@pytest.mark.parametrize("asker", [VISITOR, UNDECLARED, CLEARED, ADMINISTRATOR], indirect=True)
@STAFF.parametrize()
@looking(2)
def test_the_staffs_face_answers_as_described(case, asker):
    asker(case)
