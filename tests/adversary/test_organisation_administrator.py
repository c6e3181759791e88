"""The administrator of the organisation, who tries to seat a reader of their own.

Row: an administrator of the organisation
Holds: every command of the command line, the database with the right to write anything into it, the installation's
    signing key and the server's keys, and an accomplice with an enrolled key; not the organisation's offline key.
Shown: a seat without a signed roster gets no header, no grant and no share; a roster signed with any other key is
    refused by the commands, and, put into the database by hand, by every browser; names forced into a preview, a
    case's list of readers or a readership get no key from anybody.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crypto.encoding import b64u, parse_jcs, sha256hex, unb64u
from crypto.signing import sign_document, sign_public
from intake.client import ClientFault, FlaskTransport, ReporterClient
from intake.client.sealing import Ring
from intake.client.submitting import build_submission
from intake.client.trust import verify_installation
from tests.adversary.holdings import learns_nothing, opened_by_keys, opened_by_seed
from tests.casework import FACTS, READERS, REPORT, rows
from tests.intake.test_cli import draft, publish, sign
from tests.world import ADMINISTRATOR, SINCE, add, seed
from workflow import models
from workflow.commands import organisation, rosters
from workflow.queries.organisation import latest_roster

ACCOMPLICE = "P-031"


def faulted(act, *args, **options) -> str:
    with pytest.raises(ClientFault) as caught:
        act(*args, **options)
    return caught.value.code


@pytest.fixture
def seated(office, clock):
    """The accomplice is entered, seated in the committee and enrolled: all that takes no offline key."""
    with office.world.store.transaction() as db:
        person = add(db, office.world, ACCOMPLICE, at=clock() - timedelta(minutes=1))
        organisation.add_seat(
            db, body="UBKT-S", person=ACCOMPLICE, function="deputy", roles=("intake",), term_from=SINCE, at=clock()
        )
    return person


def test_a_seat_without_a_signed_roster_gets_nothing(seated, job, staff_app, signed_in, office):
    assert ACCOMPLICE not in office.shown()["decision"]["readers"]
    assert rows(office, models.SealedObject, models.SealedObject.reader == ACCOMPLICE) == []
    assert opened_by_seed(office, seated.keys.kem_seed) == []
    learns_nothing(staff_app, signed_in(ACCOMPLICE), office)


def test_the_administrators_own_session_is_told_nothing_of_a_case(job, staff_app, signed_in, office):
    learns_nothing(staff_app, signed_in(ADMINISTRATOR), office)
    assert opened_by_seed(office, office.world.people[ADMINISTRATOR].keys.kem_seed) == []


def test_a_reporters_browser_seals_nothing_to_a_name_forced_into_the_preview(seated, office):
    shown = office.shown()
    shown["decision"] = shown["decision"] | {"readers": sorted([*READERS[:2], ACCOMPLICE])}
    assert faulted(build_submission, office.trust(), office.keys(), REPORT, FACTS, shown, at=office.at) == (
        "reader_unrostered"
    )


def test_a_readership_written_into_the_database_opens_nothing(seated, job, signed_in, office):
    with office.world.store.transaction() as db:
        db.add(
            models.Readership(
                id="0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e",
                case_id=job.case,
                person_id=seated.id,
                since=office.at,
                declared="clear",
                declared_at=office.at,
            )
        )
    accomplice = signed_in(ACCOMPLICE)
    answer = accomplice.case(job.case)  # the server was altered, so it serves
    assert answer["items"]
    assert answer["grants"] == []
    with pytest.raises(ClientFault):
        accomplice.open_case(job.case)
    # Colleagues' browsers make the next keys: for the last verified list, which the newcomer isn't on.
    signed_in("P-003").withdraw(job.case)
    assert job.member.renew(job.case) == ["report", "internal"]
    job.member.write(job.case, "Sau khi có người lạ.")
    assert rows(office, models.SealedObject, models.SealedObject.reader == ACCOMPLICE) == []
    assert opened_by_seed(office, seated.keys.kem_seed) == []
    assert opened_by_keys(office, [seated.keys.kem_seed, seated.keys.sign_seed]) == []
    # Nor may they make one for themselves.
    forged = office.epoch(job.case, Ring("report", 3, b"k" * 32), (ACCOMPLICE, "P-001", "reporter"), by=ACCOMPLICE)
    with pytest.raises(Exception, match="not_entitled"):
        office.open_epoch(job.case, ACCOMPLICE, forged)


def forged_roster(office, *, keep_key_name: bool) -> dict[str, str]:
    """The next roster with the accomplice in it, signed with a key of the administrator's own."""
    own = seed("the administrator's own key")
    with office.world.store.transaction() as db:
        last = latest_roster(db).body
        body = rosters.draft_roster(
            db, issued=office.at.date(), expires=office.at.date() + timedelta(days=92), successor=last["successor"]
        )
    assert ACCOMPLICE in {member["id"] for member in body["members"]}
    if not keep_key_name:
        body |= {"org": b64u(sign_public(own))}
    return sign_document(own, "roster", body)


def put_in_by_hand(office, document) -> None:
    said = parse_jcs(unb64u(document["doc"]))
    with office.world.store.transaction() as db:
        db.add(
            models.Roster(
                no=said["no"],
                doc=unb64u(document["doc"]),
                signature=unb64u(document["sig"]),
                hash=sha256hex(unb64u(document["doc"])),
                issued=date.fromisoformat(said["issued"]),
                expires=date.fromisoformat(said["expires"]),
                published=office.at,
            )
        )


@pytest.mark.parametrize("keep_key_name", [True, False])
def test_a_roster_without_the_offline_key_is_refused_by_the_command(seated, office, keep_key_name):
    document = forged_roster(office, keep_key_name=keep_key_name)
    code = "roster_unsigned" if keep_key_name else "roster_other_key"
    with office.world.store.transaction() as db, pytest.raises(Exception, match=code):
        rosters.publish_roster(db, document, at=office.at)
    other = forged_roster(office, keep_key_name=False)
    with office.world.store.transaction() as db, pytest.raises(Exception, match="roster_other_key"):
        rosters.publish_roster(db, other, org_key=sign_public(seed("the administrator's own key")), at=office.at)


def test_put_in_by_hand_under_the_organisations_name_every_browser_refuses_it(seated, office, reporter, signed_in):
    member = signed_in("P-001")
    put_in_by_hand(office, forged_roster(office, keep_key_name=True))
    assert faulted(reporter.installation) == "roster_bad"
    assert faulted(member.installation) == "roster_bad"


def test_under_a_key_of_its_own_members_refuse_it_and_a_reporter_sees_another_fingerprint(
    seated, office, reporter, signed_in, reporter_app
):
    """On a first visit too, unless the server hides that the key is another one: then its fingerprint tells."""
    member, before = signed_in("P-001"), reporter.installation().fingerprint
    put_in_by_hand(office, forged_roster(office, keep_key_name=False))
    assert faulted(member.installation) == "roster_bad"
    reporter.printed = before
    assert faulted(reporter.installation) == "fingerprint_other"
    stranger = ReporterClient(FlaskTransport(reporter_app.test_client()), now=lambda: office.at)
    assert faulted(stranger.installation) == "roster_bad"
    answer = reporter.http.send("GET", "/api/v1/installation").json | {"takeovers": []}
    assert verify_installation(answer, org_key=None, printed=None, at=office.at).fingerprint != before


def test_the_command_line_seats_nobody_without_the_offline_key(installed):
    """From `member add` to `roster publish`, with a key that the administrator made."""
    for code, name in (("P-101", "Một"), ("P-102", "Hai")):
        output = installed.well(
            "member",
            "add",
            code,
            code.lower(),
            f"Người {name}",
            "--seat",
            "UBKT-S:deputy:intake,classify,decide",
            "--link",
        )
        installed.enrol(output, code)
    own = installed.make_key("cua-toi.pem")
    path = draft(installed)
    refused = sign(installed, path, key=own.name)
    if refused.exit_code == 0:  # signed under another name than the draft's: then it isn't taken in
        assert installed.refused("roster", "publish", str(installed.folder / "danh-sach.json"))
    with installed.store.reading() as db:
        assert db.query(models.Roster).count() == 0
    # The same draft, signed with the offline key, is taken in: it was the key that was missing.
    assert sign(installed, path).exit_code == 0
    publish(installed)
    with installed.store.reading() as db:
        assert db.query(models.Roster).count() == 1
