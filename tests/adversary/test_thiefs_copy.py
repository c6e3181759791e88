"""A thief of everything that is stored, but not of the server's keys.

Row: a thief of database, Redis, backups and mail folder, without the server's keys
Holds: the database's files with their journal, a backup, what lies in Redis, the mail folder and all logs; public
    documents, salts of user names included; and all the time they want.
Shown: no text, name, identity, code, seed or key is in the copy; a guessed passphrase can't be confirmed, not even the
    right and weak one; a receipt code can only be tried whole, 89 bits of it and 600,000 rounds each time.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import subprocess
from base64 import b32decode
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from crypto import passphrase
from crypto.boxes import Box
from crypto.codes import new_code
from crypto.encoding import label, unb64u
from crypto.errors import CryptoError
from crypto.kdf import hkdf
from crypto.syllables import SYLLABLES
from intake.client import FlaskTransport, MemberClient
from intake.jobs import JOBS, send_due_notices
from intake.queue import connect, enqueue, queue_on
from tests import postgres
from tests.adversary.holdings import IDENTITY, WRITTEN, found_in
from tests.casework import rows
from tests.intake.embedded import on_socket, short_folder, start_redis, stop_redis
from tests.world import code_at
from workflow import models
from workflow.commands import members, organisation

WEAK = "matkhau123456"
TOKEN = "one-time-token-of-somebody-careless"


@pytest.fixture
def careless(staff_app, office, clock):
    """P-031 enrols with the weakest passphrase there is, and is signed in."""
    with office.world.store.transaction() as db:
        organisation.add_person(db, code="P-031", username="careless", name="Người cẩu thả", at=clock())
        members.make_link(db, "P-031", token=TOKEN, at=clock())
    client = MemberClient(FlaskTransport(staff_app.test_client()), now=clock, language="en")
    totp: list[bytes] = []

    def phone(secret: str) -> str:
        totp.append(b32decode(secret + "=" * (-len(secret) % 8)))
        return code_at(totp[0], clock())

    enrolled = client.enrol(TOKEN, WEAK, phone)
    clock.forward(seconds=60)
    client.sign_in("careless", WEAK, code_at(totp[0], clock()))
    return {"recovery key": enrolled.recovery_key, "totp": totp[0], "passphrase": WEAK, "client": client}


@pytest.fixture
def copy(wanted, services, settings, databases, clock, tmp_path, caplog, capfd) -> bytes:
    """All files, dumps and logs of a whole job, as bytes."""
    caplog.set_level(logging.DEBUG)
    clock.forward(hours=30)
    assert send_due_notices(services) > 0
    held = database_files(databases, services, tmp_path)
    mails = [path.read_bytes() for path in Path(settings.mail_folder).rglob("*") if path.is_file()]
    assert mails
    out, err = capfd.readouterr()
    return b"\n".join([*held, *mails, *redis_dump(settings), out.encode(), err.encode(), caplog.text.encode()])


def database_files(databases, services, folder: Path) -> list[bytes]:
    """The database as it lies on the disk, and as it is backed up."""
    if databases.kind == "postgresql":
        # Whole rows as `pg_dump` writes them, and every byte of the cluster, its journal too.
        databases.run("checkpoint")
        dump = subprocess.run(
            [postgres.folder() / "pg_dump", "--inserts", services.settings.database_url.replace("+psycopg", "")],
            capture_output=True,
            check=True,
        ).stdout
        return [dump, *(path.read_bytes() for path in (databases.home / "data").rglob("*") if path.is_file())]
    held = [path.read_bytes() for path in folder.glob("niemphong.db*")]
    with sqlite3.connect(folder / "niemphong.db") as live, sqlite3.connect(folder / "backup") as kept:
        live.backup(kept)
    live.close()
    kept.close()
    return [*held, (folder / "backup").read_bytes()]


def redis_dump(settings) -> list[bytes]:
    """Everything that Redis holds when each kind of job waits."""
    with short_folder() as folder:
        own = on_socket(settings, folder)
        process = start_redis(own)
        try:
            connection = connect(own)
            assert all(enqueue(queue_on(connection), job) for job in JOBS)
            names = list(connection.scan_iter("*"))
            assert len(names) > len(JOBS)
            return [part for name in names for part in (name, connection.dump(name))]
        finally:
            stop_redis(process)


@pytest.fixture
def wanted(job, careless, office, settings, services) -> dict[str, str | bytes]:
    """All that must not be in the copy, as those know it whose it is."""
    keys = job.reporter.keys(job.code)
    person, server = office.world.people["P-001"], settings.secrets
    (row,) = rows(office, models.MemberKey, models.MemberKey.person_id == person.id)
    current = services.routing.current(services.now())
    return {
        **WRITTEN,
        **IDENTITY,
        **job.ring_keys,
        "code": job.code,
        "code as it is read out": job.code.replace("-", " "),
        "mailbox secret": keys.mailbox,
        "reporter's seed": keys.kem_seed,
        "reporter's signing seed": keys.sign_seed,
        "member's seed": person.keys.kem_seed,
        "member's signing seed": person.keys.sign_seed,
        "auth secret": person.auth,
        "TOTP secret": person.totp,
        "pepper": services.box.open(f"pepper/{person.id}", row.pepper),
        "routing seed": services.routing.seed(current.id, services.now()),
        "server key": server.server_key,
        "salt key": server.salt_key,
        "auth key": server.auth_key,
        "session secret": server.session_secret,
        "passphrase": careless["passphrase"],
        "recovery key": careless["recovery key"],
        "a phone's secret": careless["totp"],
        "seed behind the passphrase": careless["client"].me.keys.kem_seed,
    }


def test_the_copy_holds_nothing_that_anybody_wrote_and_no_key(job, wanted, copy):
    in_the_clear = {"an id": job.case, "a name in the organisation": "Người cẩu thả"}
    assert found_in(copy, in_the_clear) == sorted(in_the_clear)
    assert len(wanted) > 30
    assert found_in(copy, wanted) == []


def confirmations(office, salt: bytes, guess: str, peppers: list[bytes]) -> list[str]:
    """All in the copy that says whether a guess was right: what a stretched guess opens or reproduces."""
    (person,) = rows(office, models.Person, models.Person.code == "P-031")
    (key,) = rows(office, models.MemberKey, models.MemberKey.person_id == person.id)
    member = UUID(person.id).bytes
    stretched = passphrase.stretch(guess, salt)
    auth = passphrase.auth_secret(stretched)
    found = []
    for pepper in [b"", bytes(32), salt, key.pepper, key.pepper[1:13], key.pepper[13:45], *peppers]:
        for wrapping in (passphrase.wrapping_key(stretched, pepper), hkdf(stretched, label("wrap"), salt=pepper)):
            for opened in (passphrase.unwrap_seed, passphrase.unwrap_recovery):
                for blob in (key.wrapped, key.recovery):
                    found += ["the seed"] * opens(opened, wrapping, member, blob)
    for held in (stretched, auth):
        found += ["the auth secret as it is stored"] * (key.auth in (held, hashlib.sha256(held).digest()))
        for guessed in (held, auth, salt.ljust(32, b"\0"), bytes(32)):  # to an HMAC zeros behind a key are no others
            found += ["the HMAC"] * (key.auth == passphrase.stored_auth(guessed, member, auth))
        for name, box in (("pepper", key.pepper), ("totp", key.totp)):
            found += [name] * opens(Box(held).open, f"{name}/{person.id}", box)
    return found


def opens(act, *args) -> bool:
    try:
        act(*args)
    except CryptoError:
        return False
    return True


def test_a_right_guess_of_a_weak_passphrase_looks_like_a_wrong_one(careless, office, visitor):
    salt = unb64u(visitor.post("session/salt", {"username": "careless"})["salt"])  # anybody is told it
    assert confirmations(office, salt, WEAK, []) == []
    assert confirmations(office, salt, "matkhau123457", []) == []


def test_with_the_servers_key_the_same_guess_is_confirmed_so_it_is_the_pepper_that_protects(
    careless, office, visitor, services
):
    salt = unb64u(visitor.post("session/salt", {"username": "careless"})["salt"])
    (person,) = rows(office, models.Person, models.Person.code == "P-031")
    (key,) = rows(office, models.MemberKey, models.MemberKey.person_id == person.id)
    pepper = services.box.open(f"pepper/{person.id}", key.pepper)
    assert "the seed" in confirmations(office, salt, WEAK, [pepper])
    assert confirmations(office, salt, "matkhau123457", [pepper]) == []


def test_a_receipt_code_has_to_be_tried_whole_and_slowly(job, office):
    """Only by itself, stretched: 89 bits at 600,000 rounds a try."""
    (case,) = rows(office, models.Case)
    tried = hashlib.pbkdf2_hmac("sha256", job.code.encode(), office.world.receipt_salt, 600_000, 32)
    assert case.mailbox_hash == hashlib.sha256(hkdf(tried, label("mailbox"))).hexdigest()
    # All but one word right is as wrong as nothing: a single word changes everything that is stored of a code.
    near = job.code.rpartition("-")[0] + ("-ba" if not job.code.endswith("-ba") else "-ca")
    other = job.reporter.keys(near)
    stored = (case.mailbox_hash, case.reporter_kem, case.reporter_sign)
    assert all(one != another for one, another in zip(stored, vars(other).values(), strict=False))
    assert other.mailbox_hash != case.mailbox_hash


def test_codes_are_drawn_uniformly_from_89_bits():
    drawn = [new_code(rng=lambda length, word=word: word.to_bytes(2, "big") * (length // 2)) for word in range(65_536)]
    places = list(zip(*(code.split("-") for code in drawn), strict=True))
    assert len(places) == 9
    assert len(set(SYLLABLES)) == 1024
    assert set(Counter(places[0]).values()) == {128}  # each of the 512 of its class
    assert len(set(places[0])) == 512
    for place in places[1:]:
        assert len(set(place)) == 1024
        assert set(Counter(place).values()) == {64}


def test_each_word_of_a_code_is_drawn_for_itself():
    for at in range(9):
        drawn = bytearray(18)
        drawn[2 * at + 1] = 7
        changed = new_code(rng=lambda length, drawn=bytes(drawn): drawn).split("-")
        still = new_code(rng=bytes).split("-")
        assert [place for place in range(9) if changed[place] != still[place]] == [at]
