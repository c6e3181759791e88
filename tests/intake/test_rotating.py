"""The server's own keys change while it is being served: nobody is locked out, and any kill is gone on from."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text

from crypto.boxes import Box
from crypto.encoding import b64u, fingerprint, parse_jcs, sha256hex, unb64u
from crypto.errors import CryptoError
from crypto.layers import keys_of
from crypto.signing import sign_document, sign_public, verify_document
from intake import rotating
from intake.client import ClientFault, FlaskTransport, MemberClient, Refused
from intake.config import SECRET_FILES, SECRETS_FOLDER, load_settings, read_secret, secret_text, strong_key
from intake.files import write_private
from intake.keyring import BEFORE, Keyring, beside
from intake.rotating import CannotRotate
from intake.routingkeys import RoutingKeys
from intake.services import Services, live_box
from workflow import ledger, models
from workflow.commands import credentials, rekeying, rosters
from workflow.commands.proofs import Keys
from workflow.errors import Conflict
from workflow.queries import organisation
from workflow.store import Store
from workflow.times import stamp

PEOPLE = ("P-001", "P-002", "P-003")
CODES = ("ABCDEFGHIJ", "KLMNOPQRST")


@pytest.fixture
def settings(settings):
    """The same secrets, in files as `niemphong init` makes them."""
    folder = settings.home / SECRETS_FOLDER
    folder.mkdir(mode=0o700)
    own = settings.secrets
    held = (own.server_key, own.salt_key, own.auth_key, own.session_secret, settings.signing_seed)
    for name, key in zip(("SERVER_KEY", "SALT_KEY", "AUTH_KEY", "SECRET_KEY", "INSTALLATION_KEY"), held, strict=True):
        write_private(folder / SECRET_FILES[name], secret_text(key))
    return replace(settings, from_files=frozenset(SECRET_FILES))


@pytest.fixture
def services(settings, an_installation, clock):
    routing = RoutingKeys(settings.routing_folder)
    routing.rotate(clock())
    own = replace(settings, database_url=an_installation.store.url)
    return Services(settings=own, store=an_installation.store, box=live_box(Keyring(own)), routing=routing, now=clock)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(rotating, "LONGEST_READING", 0)
    monkeypatch.setattr(rekeying, "BATCH", 7)


def quiet(done, total):
    """No line of progress."""


@pytest.fixture
def sign_in(staff_app, an_installation, clock):
    """Somebody signs in with passphrase and one-time code, in a new browser or in this one."""

    def sign_in(code, client=None, **change):
        person = an_installation.people[code]
        clock.forward(seconds=30)  # each one-time code works once
        client = client or MemberClient(FlaskTransport(staff_app.test_client()), now=clock, language="en")
        proofs = {"username": person.username, "auth": b64u(person.auth), "totp": person.one_time_code(clock())}
        client.post("session", proofs | change)
        return client

    return sign_in


def keep_codes(services, client, person):
    """Two backup codes for somebody who is signed in."""
    with services.store.transaction() as db:
        (row,) = db.scalars(select(models.MemberSession).where(models.MemberSession.person_id == person.id))
        key = db.scalars(select(models.MemberKey).where(models.MemberKey.person_id == person.id)).one()
        db.delete(row)
        for code in CODES:
            hashed = credentials.stored_backup_code(services.auth_key, UUID(person.id).bytes, code)
            db.add(models.BackupCode(key_id=key.id, code_hash=hashed))


def all_boxes(store):
    """Everything that the server keeps encrypted: name and bytes."""
    with store.reading() as db:
        return [
            (name(row), getattr(row, field))
            for one in rekeying.SEALED
            for row in db.scalars(select(one.model))
            for field, name in one.names
        ]


def opening(box, boxes):
    def opens(name, data):
        try:
            return bool(box.open(name, data))
        except CryptoError:
            return False

    return sum(opens(name, data) for name, data in boxes)


def path(settings, name):
    return settings.home / SECRETS_FOLDER / SECRET_FILES[name]


# The server key


def test_rows_are_sealed_under_the_new_key_and_the_former_is_destroyed(services, settings, sign_in):
    browser = sign_in("P-001")
    former, seen = settings.secrets.server_key, []
    done = rotating.rotate_server(settings, services.store, tell=lambda *told: seen.append(told))
    boxes = all_boxes(services.store)
    assert (done.closed, done.seen) == ((), seen[-1][0])
    assert seen[-1][0] == seen[-1][1] == done.changed > 7
    assert opening(Box(former), boxes) == 0
    assert opening(Box(read_secret(path(settings, "SERVER_KEY"), "SERVER_KEY")), boxes) == len(boxes)
    assert not beside(path(settings, "SERVER_KEY"), BEFORE).exists()
    assert browser.get("session")["member"]["code"] == "P-001"  # the session goes on, in the same process
    sign_in("P-002")
    assert rotating.rotate_server(settings, services.store, tell=quiet).changed == done.changed + 1  # and once more


def test_what_is_sealed_while_a_key_changes_is_under_the_new_one_and_both_open(services, settings, sign_in):
    write_private(beside(path(settings, "SERVER_KEY"), BEFORE), secret_text(settings.secrets.server_key))
    write_private(path(settings, "SERVER_KEY"), secret_text(strong_key()))
    browser = sign_in("P-001")  # secrets under the former key, a session under the new one
    assert browser.get("session")["member"]["code"] == "P-001"
    new = Box(read_secret(path(settings, "SERVER_KEY"), "SERVER_KEY"))
    assert opening(new, all_boxes(services.store)) == 1
    done = rotating.rotate_server(settings, services.store, tell=quiet)
    assert done.changed == done.seen - 1


def test_a_row_that_no_key_opens_keeps_the_former_key_and_is_named(services, settings, sign_in):
    with services.store.transaction() as db:
        row = db.scalars(select(models.MemberKey)).first()
        sound, row.totp = row.totp, row.totp[:-1] + bytes([row.totp[-1] ^ 1])
        named = row.id
    done = rotating.rotate_server(settings, services.store, tell=quiet)
    assert done.closed == (f"member_key {named}",)
    assert beside(path(settings, "SERVER_KEY"), BEFORE).exists()
    with services.store.transaction() as db:
        db.get(models.MemberKey, named).totp = sound
    assert rotating.rotate_server(settings, services.store, tell=quiet).changed == 1
    assert not beside(path(settings, "SERVER_KEY"), BEFORE).exists()
    sign_in("P-001")


class KilledAt:
    """In a child process: SIGKILL at the nth step of files and transactions, before or after it is done."""

    def __init__(self, moment):
        self.left = moment

    def step(self):
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, act):
        def acted(*args, **options):
            self.step()
            result = act(*args, **options)
            self.step()
            return result

        return acted

    def put(self):
        for place, name in ((rotating, "write_private"), (rotating, "destroy"), (rotating, "sync_folder")):
            setattr(place, name, self.around(getattr(place, name)))
        for name in ("hardlink_to", "replace"):
            setattr(Path, name, self.around(getattr(Path, name)))
        for name in ("reseal", "add_layers_to_keys", "_rename"):
            setattr(rekeying, name, self.around(getattr(rekeying, name)))
        Store.settle = self.around(Store.settle)


def killed(moment, url, act):
    """Whether a process that does this was killed at this moment; else it came to its end before."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            store = Store(url)
            KilledAt(moment).put()
            act(store)
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_a_change_of_the_server_key_that_is_killed_anywhere_is_gone_on_with(services, settings, sign_in):
    store, moment = services.store, 0
    sign_in("P-001")
    store.engine.dispose()  # a connection is not for two processes
    while killed(moment, store.url, lambda own: rotating.rotate_server(settings, own, tell=quiet)):
        moment += 1
        boxes = all_boxes(store)
        assert opening(live_box(Keyring(settings)), boxes) == opening(services.box, boxes) == len(boxes), moment
        if moment % 5 == 0:
            sign_in("P-002")
        rotating.rotate_server(settings, store, tell=quiet)
        assert not beside(path(settings, "SERVER_KEY"), BEFORE).exists()
        current = read_secret(path(settings, "SERVER_KEY"), "SERVER_KEY")
        boxes = all_boxes(store)
        assert opening(Box(current), boxes) == len(boxes), moment
        store.engine.dispose()
    assert moment > 20


# The authentication key


def test_every_proof_is_good_under_one_more_key(services, settings, sign_in, an_installation, clock):
    marked = sign_in("P-001")
    keep_codes(services, marked, an_installation.people["P-001"])
    with services.store.reading() as db:
        before = db.scalars(select(models.MemberKey.auth)).all(), db.scalars(select(models.DeviceMark.mark_hash)).all()
    for layers in (2, 3):
        rotating.rotate_authentication(settings, services.store, tell=quiet)
        assert len(keys_of(services.auth_key)) == layers
        with services.store.reading() as db:
            assert {stored[0] for stored in db.scalars(select(models.MemberKey.auth))} == {layers}
            assert {stored[0] for stored in db.scalars(select(models.MemberKey.recovery_auth))} == {layers}
            assert all(stored.startswith(f"{layers}.") for stored in db.scalars(select(models.BackupCode.code_hash)))
            marks = db.scalars(select(models.DeviceMark.mark_hash)).all()
            assert all(mark.startswith(f"{layers}.") for mark in marks)
            assert not set(before[0]) & set(db.scalars(select(models.MemberKey.auth)))
        sign_in("P-001", marked)
        with services.store.reading() as db:  # the browser is known again, so no new mark was made
            assert len(
                db.scalars(select(models.DeviceMark).where(models.DeviceMark.mark_hash.in_(marks))).all()
            ) == len(marks)
            assert len(db.scalars(select(models.DeviceMark)).all()) == len(marks)
        sign_in("P-001", totp=CODES[layers - 2])
        with pytest.raises(Refused, match="sign_in_failed"):
            sign_in("P-001", totp=CODES[layers - 2])
        with pytest.raises(Refused, match="sign_in_failed"):
            sign_in("P-002", auth=b64u(bytes(32)))
        keys = Keys(services.box, services.auth_key)
        person = an_installation.people["P-003"]
        with services.store.transaction() as db:
            clock.forward(seconds=30)
            begun = credentials.begin_recovery(
                db,
                username=person.username,
                recovery_auth=person.recovery_auth,
                code=person.one_time_code(clock()),
                keys=keys,
                at=clock(),
            )
        assert begun.code == "P-003"


def test_a_change_of_the_authentication_key_that_is_killed_anywhere_is_gone_on_with(
    services, settings, sign_in, an_installation
):
    store, moment = services.store, 0
    keep_codes(services, sign_in("P-001"), an_installation.people["P-001"])
    store.engine.dispose()
    while killed(moment, store.url, lambda own: rotating.rotate_authentication(settings, own, tell=quiet)):
        moment += 1
        sign_in(PEOPLE[moment % 3])
        layers = len(keys_of(services.auth_key))
        rotating.rotate_authentication(settings, store, tell=quiet)
        with store.reading() as db:
            assert not rekeying.waiting_layers(db, services.auth_key)
        assert len(keys_of(services.auth_key)) - layers in (0, 1)
        if len(keys_of(services.auth_key)) > 12:  # as many as are taken: begin again with a shorter row
            break
        store.engine.dispose()
    assert moment > 6


def test_a_row_of_keys_has_an_end(services, settings):
    key = b"".join(strong_key() for _ in range(16))
    write_private(path(settings, "AUTH_KEY"), secret_text(key))
    rotating.rotate_authentication(settings, services.store, tell=quiet)  # what is stored is brought up first
    with pytest.raises(CannotRotate, match="15"):
        rotating.rotate_authentication(settings, services.store, tell=quiet)
    write_private(path(settings, "AUTH_KEY"), secret_text(key + strong_key()))
    with pytest.raises(Exception, match="weak or damaged"):
        read_secret(path(settings, "AUTH_KEY"), "AUTH_KEY")


# The session secret


def test_cookies_and_tokens_of_the_former_secret_are_taken_until_it_is_ended(services, settings, sign_in, clock):
    early, leaving = sign_in("P-001"), sign_in("P-003")
    token = leaving.get("csrf")["token"]
    left = rotating.rotate_session_secret(settings, services.store, at_once=False)
    assert left == 2
    assert early.get("session")["member"]["code"] == "P-001"
    leaving._send("DELETE", "session", None, {"X-CSRFToken": token})
    with pytest.raises(Refused, match="signed_out"):
        leaving.get("session")
    late = sign_in("P-002")
    assert rotating.rotate_session_secret(settings, services.store, at_once=False) >= 1  # nothing new is made
    assert late.get("session")["member"]["code"] == "P-002"
    assert rotating.rotate_session_secret(settings, services.store, at_once=True) == 0
    with pytest.raises(Refused, match="signed_out"):
        early.get("session")
    assert late.get("session")["member"]["code"] == "P-002"


def test_the_former_secret_is_ended_by_itself_where_no_session_needs_it(services, settings):
    former = read_secret(path(settings, "SECRET_KEY"), "SECRET_KEY")
    assert rotating.rotate_session_secret(settings, services.store, at_once=False) == 0
    assert Keyring(settings).session_secrets != (former,)
    assert len(Keyring(settings).session_secrets) == 1


def test_a_form_token_and_a_challenge_of_the_former_secret_are_known(services, settings, sign_in):
    sign_in("P-001")
    before = services.work_keys
    rotating.rotate_session_secret(settings, services.store, at_once=False)
    assert services.work_keys[1:] == before
    assert services.work_keys[0] != before[0]


# All of them


@pytest.mark.parametrize("name", ["SERVER_KEY", "AUTH_KEY", "SECRET_KEY", "INSTALLATION_KEY"])
def test_a_key_that_the_environment_gives_is_refused_in_words(services, settings, name):
    given = replace(settings, from_files=settings.from_files - {name})
    acts = {
        "SERVER_KEY": lambda: rotating.rotate_server(given, services.store, tell=quiet),
        "AUTH_KEY": lambda: rotating.rotate_authentication(given, services.store, tell=quiet),
        "SECRET_KEY": lambda: rotating.rotate_session_secret(given, services.store, at_once=True),
        "INSTALLATION_KEY": lambda: rotating.prepare_installation(given),
    }
    before = {file.name: file.read_bytes() for file in path(settings, name).parent.iterdir()}
    with pytest.raises(CannotRotate, match=name):
        acts[name]()
    assert {file.name: file.read_bytes() for file in path(settings, name).parent.iterdir()} == before


def test_the_former_key_is_never_destroyed_while_it_is_the_present_one(settings):
    """Killed between the second name and the new content, both names lead to one file."""
    present = path(settings, "SERVER_KEY")
    beside(present, BEFORE).hardlink_to(present)
    assert rotating._retire(Keyring(settings), "SERVER_KEY") is False
    assert read_secret(present, "SERVER_KEY") == settings.secrets.server_key


def test_settings_know_which_secrets_the_environment_gave(settings):
    environ = {"NIEMPHONG_HOME": str(settings.home), "SERVER_KEY": b64u(strong_key())}
    assert load_settings(environ).from_files == frozenset(SECRET_FILES) - {"SERVER_KEY"}
    assert load_settings(environ | {"SERVER_KEY": ""}).from_files == frozenset(SECRET_FILES)


def test_a_new_routing_key_at_once_ends_every_other(services, settings, clock):
    before = services.routing.current(clock())
    services.routing.replace(clock())
    now = services.routing.current(clock())
    assert now.id != before.id
    assert services.routing.seed(before.id, clock()) is None
    assert services.routing.seed(now.id, clock()) is not None


# The installation's key


@pytest.fixture
def sign_checkpoint(services, an_installation, clock):
    """What the clock does on the hour."""

    def sign(*seeds):
        clock.forward(minutes=4)
        with an_installation.store.transaction() as db:
            return ledger.checkpoint(db, *(seeds or services.keyring.signing_seeds), at=clock())

    return sign


@pytest.fixture
def publish(services, an_installation, clock):
    """The next roster, which names this installation key."""

    def publish(installation=None, *, seeds=None):
        with an_installation.store.transaction() as db:
            body = rosters.draft_roster(
                db,
                issued=clock().date(),
                expires=clock().date() + timedelta(days=92),
                successor=fingerprint(sign_public(b"s" * 32)),
                installation=installation,
            )
            document = sign_document(an_installation.organisation_seed, "roster", body)
            held = services.keyring.signing_seeds if seeds is None else seeds
            return rosters.publish_roster(db, document, signing_seeds=held, at=clock())

    return publish


@pytest.fixture
def opened(reporter, filed, signed_in, sign_checkpoint):
    """A case that somebody opened and answered under the first key: its id."""
    member = signed_in("P-001")
    (line,) = member.queue()
    member.declare(line["id"], conflict=False)
    sign_checkpoint()
    member.write(line["id"], "Xin cho biết thêm.")
    sign_checkpoint()
    reporter.installation()
    return line["id"]


def faults(store, public):
    with store.reading() as db:
        return [(fault.chain, fault.seq, fault.why) for fault in ledger.verify(db, public)]


def record(reporter, code):
    return reporter.check_record(reporter.open_mailbox(code))


def test_a_prepared_key_signs_nothing_before_a_roster_names_it(services, settings, opened, reporter, filed, publish):
    first = sign_public(settings.signing_seed)
    public, new = rotating.prepare_installation(settings)
    assert (new, rotating.prepare_installation(settings)) == (True, (public, False))
    publish()  # one that was drafted before, say
    assert rotating.finish_installation(settings, first) is False
    assert reporter.installation().said["installation"] == b64u(first)
    assert record(reporter, filed).entries == 3
    assert faults(services.store, first) == []


def test_from_the_roster_on_that_names_it_the_new_key_signs_and_records_go_on(
    services, settings, opened, reporter, filed, publish, signed_in, sign_checkpoint, clock
):
    first = sign_public(settings.signing_seed)
    visit = reporter.open_mailbox(filed)
    public, _ = rotating.prepare_installation(settings)
    with services.store.reading() as db:
        before = ledger.latest_checkpoint(db)
    publish(public)
    with services.store.reading() as db:
        change = ledger.latest_checkpoint(db)
    assert (change.no, parse_jcs(change.doc)["prev"]) == (before.no + 1, before.hash)
    verify_document(public, "checkpoint", change.document)
    assert record_goes_on(reporter, visit, filed, public)
    assert rotating.finish_installation(settings, public) is True
    assert services.keyring.signing_seeds == (read_secret(path(settings, "INSTALLATION_KEY"), "INSTALLATION_KEY"),)
    assert rotating.finish_installation(settings, public) is False
    assert sign_checkpoint() is None  # the change was signed with the roster
    signed_in("P-001").write(opened, "Dưới khóa mới.")
    assert sign_checkpoint().no == change.no + 1
    assert signed_in("P-001").open_case(opened).messages
    reporter.installation()
    assert record(reporter, filed).covered == 4
    assert faults(services.store, public) == []
    assert faults(services.store, first) == [("roster", 2, "key")]
    assert rotating.prepare_installation(settings)[1] is True  # and the next change may begin


def record_goes_on(reporter, visit, code, public):
    """Checked by who was in the mailbox while the key changed, and by who comes anew."""
    middle = reporter.check_record(visit)
    assert reporter.trust.said["installation"] == b64u(public)
    return middle.entries == record(reporter, code).entries == 3


def test_a_change_of_the_installation_key_that_is_killed_anywhere_is_gone_on_with(
    services, settings, opened, reporter, filed, publish, clock
):
    moment = 0
    while True:
        public, _ = rotating.prepare_installation(settings)
        publish(public)
        services.store.engine.dispose()
        died = killed(moment, services.store.url, lambda own, key=public: rotating.finish_installation(settings, key))
        assert reporter.installation().said["installation"] == b64u(public)
        rotating.finish_installation(settings, public)
        assert len(services.keyring.signing_seeds) == 1
        assert len(list(path(settings, "INSTALLATION_KEY").parent.glob("installation-key*"))) == 1
        if not died:
            break
        moment += 1
    assert moment >= 6
    assert record(reporter, filed).entries == 3
    assert faults(services.store, public) == []


def test_the_former_key_signs_nothing_after_the_change_and_no_other_history_before_it(
    services, settings, opened, reporter, filed, publish, an_installation, signed_in, sign_checkpoint, clock
):
    """A thief holds the former key and writes into the database."""
    thief = settings.signing_seed
    public, _ = rotating.prepare_installation(settings)
    publish(public)
    rotating.finish_installation(settings, public)
    with pytest.raises(Conflict, match="installation_key_missing"):
        sign_checkpoint(thief)
    signed_in("P-001").write(opened, "Còn một điều nữa.")
    with services.store.reading() as db:
        change = ledger.latest_checkpoint(db)
        said = parse_jcs(change.doc) | {"no": change.no + 1, "prev": change.hash, "at": stamp(clock())}
    forged = sign_document(thief, "checkpoint", said)
    doc = unb64u(forged["doc"])
    with services.store.transaction() as db:
        db.add(
            models.Checkpoint(
                no=said["no"],
                doc=doc,
                signature=unb64u(forged["sig"]),
                hash=sha256hex(doc),
                changed=b"[]",
                made=clock(),
            )
        )
    assert faults(services.store, public) == [("checkpoint", said["no"], "signature")]
    with pytest.raises(ClientFault, match="checkpoint_bad"):
        reporter.installation()
    with pytest.raises(ClientFault, match="checkpoint_bad"):
        signed_in("P-001").open_case(opened)


def test_a_roster_may_name_only_a_key_that_this_server_holds(services, settings, publish, an_installation):
    for named in (sign_public(b"x" * 32), rotating.prepare_installation(settings)[0]):
        with pytest.raises(Conflict, match="roster_differs"):
            publish(named, seeds=(settings.signing_seed,))
    with services.store.reading() as db:
        assert organisation.latest_roster(db).no == 1


def test_the_former_key_does_not_come_back(services, settings, publish):
    public, _ = rotating.prepare_installation(settings)
    publish(public)
    rotating.finish_installation(settings, public)
    with pytest.raises(Conflict, match="roster_differs"):
        publish(sign_public(settings.signing_seed))


def test_a_change_whose_first_checkpoint_was_taken_away_is_named(services, settings, opened, publish):
    """A thief with the former key and the database takes the new history away, and leaves the roster."""
    public, _ = rotating.prepare_installation(settings)
    publish(public)
    assert faults(services.store, public) == []
    with services.store.transaction() as db:
        if db.get_bind().dialect.name == "sqlite":
            db.execute(text("drop trigger checkpoint_loses_none"))
        else:
            db.execute(text("alter table checkpoint disable trigger user"))
            db.execute(text("alter table checkpoint disable trigger checkpoint_loses_none"))
        db.execute(text("delete from checkpoint where no = (select max(no) from checkpoint)"))
    assert faults(services.store, public) == [("roster", 2, "uncovered")]


def test_an_enrolment_under_way_keeps_the_former_secret(services, settings, an_installation, clock):
    with services.store.transaction() as db:
        db.add(
            models.EnrolmentSession(
                sid_hash="a" * 64,
                person_id=an_installation.people["P-001"].id,
                totp=services.box.seal("totp", bytes(20)),
                pepper=services.box.seal("pepper", bytes(32)),
                expires=clock() + timedelta(minutes=20),
            )
        )
    assert rotating.rotate_session_secret(settings, services.store, at_once=False) == 1
    assert len(services.keyring.session_secrets) == 2


def test_where_nothing_changes_the_folder_of_secrets_is_only_read(settings):
    folder = path(settings, "INSTALLATION_KEY").parent
    before = sorted(folder.iterdir())
    assert rotating.finish_installation(settings, sign_public(settings.signing_seed)) is False
    assert sorted(folder.iterdir()) == before
