"""A member's whole way in Python: the one-time link, the passphrase that is never sent, a case, signing out."""

from __future__ import annotations

from base64 import b32decode

import pytest

from intake.client import ClientFault, FlaskTransport, MemberClient, Refused
from tests.casework import FACTS
from tests.world import SINCE, code_at, publish
from workflow.commands import members, organisation

TOKEN = "one-time-token-of-a-new-deputy"
PASSPHRASE = "sáu từ dễ nhớ khó đoán"


class Wire:
    """A transport that keeps what was sent."""

    def __init__(self, inner):
        self.inner, self.sent = inner, []

    def send(self, method, path, *, body=None, headers=None):
        self.sent.append(body or b"")
        return self.inner.send(method, path, body=body, headers=headers)


@pytest.fixture
def link(an_installation, clock):
    with an_installation.store.transaction() as db:
        organisation.add_person(db, code="P-031", username="deputy.new", name="Ngô Thị Mới", at=clock())
        organisation.add_seat(
            db, body="UBKT-S", person="P-031", function="deputy", roles=("intake",), term_from=SINCE, at=clock()
        )
        members.make_link(db, "P-031", token=TOKEN, at=clock())
    return TOKEN


def one_time_code(secret, clock):
    return code_at(b32decode(secret + "=" * (-len(secret) % 8)), clock())


def test_from_the_link_to_a_case(link, staff_app, an_installation, clock, office):
    wire = Wire(FlaskTransport(staff_app.test_client()))
    client = MemberClient(wire, now=clock, language="en")
    enrolled = client.enrol(link, PASSPHRASE, lambda secret: one_time_code(secret, clock))
    assert (enrolled.code, enrolled.username) == ("P-031", "deputy.new")
    with pytest.raises(Refused, match="link_expired"):
        client.enrol(link, PASSPHRASE, lambda secret: one_time_code(secret, clock))
    clock.forward(seconds=60)
    with an_installation.store.transaction() as db:
        publish(db, an_installation, at=clock())
    with pytest.raises(Refused, match="sign_in_failed"):
        client.sign_in("deputy.new", "another passphrase", one_time_code(enrolled.totp, clock))
    me = client.sign_in("deputy.new", PASSPHRASE, one_time_code(enrolled.totp, clock))
    assert (me.code, me.org_key) == ("P-031", an_installation.organisation_public)
    later = office.later(seconds=60)
    case = later.a_case(FACTS)["case"]
    client.declare(case, conflict=False)
    assert client.renew(case) == ["internal"]
    assert client.open_case(case).summary
    client.sign_out()
    with pytest.raises(Refused, match="signed_out"):
        client.queue()
    with pytest.raises(ClientFault, match="locked"):
        client.installation()
    assert not any(PASSPHRASE.encode() in body for body in wire.sent)
