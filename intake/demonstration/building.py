"""Builds the demonstration: real keys for everybody, a signed roster, the first checkpoint.

Killed at any moment it leaves either nothing that counts or everything: what people sign in with is written first, the
database is filled in one transaction, and a run that finds no installation in the database starts afresh.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from crypto import passphrase as stretching
from crypto.boxes import Box
from crypto.encoding import b64u, fingerprint
from crypto.keys import KeyPair, member_keys
from crypto.signing import sign_document, sign_public, sign_statement
from crypto.totp import new_secret
from intake.config import Settings
from intake.demonstration.people import (
    Person,
    one_time_code,
    read_organisation_key,
    write_organisation_key,
    write_people,
)
from intake.keyring import Keyring
from intake.routingkeys import RoutingKeys
from workflow import ledger, ready
from workflow.commands import inspections, members, organisation, outside, rosters, rotation
from workflow.commands.members import NewKeys
from workflow.errors import NotFound
from workflow.outside import LONGEST_DAYS, Outside, sign_outside
from workflow.queries import organisation as held
from workflow.store import Session, Store
from workflow.times import local_date, stamp

ROSTER_DAYS = 92
RENEW_DAYS = 21  # when the roster's warning would begin (sealing.md, *Roster*)
HASHING_THREADS = 2
# Whom the table of a first visit shows, by what they are.
SHOWN = {
    "head": "Chủ nhiệm UBKT Đảng ủy Sở (head, UBKT-S)",
    "intake": "Cán bộ tiếp nhận UBKT Đảng ủy Sở (intake, UBKT-S)",
    "other": "UBKT Thành ủy, cơ quan khác (another committee)",
    "custodian": "Người giữ mảnh khóa (custodian)",
    "supervisor": "Người giám sát (supervisor)",
    "administrator": "Quản trị viên (administrator)",
}


@dataclass(frozen=True)
class Newcomer:
    """Somebody's secrets before they have a place in the database."""

    person: Person
    seed: bytes
    keys: KeyPair
    totp: bytes
    pepper: bytes
    stretched: bytes
    recovery: str


def build(settings: Settings, store: Store, *, at: datetime, rng: Callable[[int], bytes] = secrets.token_bytes) -> bool:
    """Make the demonstration where there is no installation yet; False when there is one, of either kind."""
    with store.reading() as db:
        try:
            held.installation(db)
        except NotFound:
            pass
        else:
            return False
    staffed = ready.demonstration()
    newcomers = _newcomers(staffed, settings, rng)
    organisation_seed = rng(32)
    write_organisation_key(settings.demonstration_folder, organisation_seed)
    write_people(settings.demonstration_folder, [newcomer.person for newcomer in newcomers])
    with store.transaction() as db:
        _fill(db, settings, staffed, newcomers, organisation_seed, rng(16), at)
    RoutingKeys(settings.routing_folder).rotate(at)
    return True


def renew_roster(settings: Settings, store: Store, *, at: datetime) -> bool:
    """Sign the demonstration's next roster when the newest runs out soon, so that it works in three months too."""
    with store.reading() as db:
        last = held.latest_roster(db)
        if last is not None and last.expires - at.date() >= timedelta(days=RENEW_DAYS):
            return False
    with store.transaction() as db:
        _publish(db, settings, read_organisation_key(settings.demonstration_folder), at)
    return True


def publish_next(
    db: Session, settings: Settings, *, at: datetime
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any]]:
    """Draft, sign and publish the next roster, in the caller's transaction; what the one before said, and this one."""
    last = held.latest_roster(db)
    return (last.body if last else None), _publish(
        db, settings, read_organisation_key(settings.demonstration_folder), at
    )


def _newcomers(staffed: ready.Ready, settings: Settings, rng: Callable[[int], bytes]) -> list[Newcomer]:
    """Passphrases, seeds and keys. Argon2id takes its time, so two are stretched at once."""

    def one(who: ready.Listed) -> Newcomer:
        words, totp, seed = stretching.new_passphrase(rng), new_secret(rng), rng(32)
        salt = stretching.member_salt(settings.secrets.salt_key, who.username)
        person = Person(
            code=who.code,
            username=who.username,
            name=who.name,
            post=_post(staffed, who.code),
            passphrase=words,
            totp=b64u(totp),
            shown_as=shown.get(who.code, ""),
        )
        return Newcomer(
            person=person,
            seed=seed,
            keys=member_keys(seed),
            totp=totp,
            pepper=rng(32),
            stretched=stretching.stretch(words, salt),
            recovery=stretching.new_recovery_key(rng),
        )

    shown = _shown(staffed)
    with ThreadPoolExecutor(HASHING_THREADS) as pool:
        return list(pool.map(one, staffed.people))


def _post(staffed: ready.Ready, code: str) -> str:
    """What somebody is, in the codes of bodies and sets."""
    posts = [f"{seat.body}: {' '.join((seat.function, *seat.roles))}" for seat in staffed.seats if seat.person == code]
    posts += [f"{key_set}: custodian" for key_set, people in sorted(staffed.custodians.items()) if code in people]
    who = next(person for person in staffed.people if person.code == code)
    posts += ["supervisor"] * who.supervisor + ["administrator"] * who.administrator
    return ", ".join(posts)


def _shown(staffed: ready.Ready) -> dict[str, str]:
    """One person of each kind, with what the table calls them."""
    seats = staffed.seats
    kinds = {
        "head": [seat.person for seat in seats if seat.body == "UBKT-S" and seat.function == "head"],
        "intake": [
            seat.person
            for seat in seats
            if (seat.body, seat.function) == ("UBKT-S", "member") and "intake" in seat.roles
        ],
        "other": [seat.person for seat in seats if seat.body == "UBKT-TU" and "intake" in seat.roles],
        "custodian": list(staffed.custodians.get("KS-S", ())),
        "supervisor": [person.code for person in staffed.people if person.supervisor],
        "administrator": [person.code for person in staffed.people if person.administrator],
    }
    return {people[0]: SHOWN[kind] for kind, people in kinds.items() if people}


def _fill(
    db: Session,
    settings: Settings,
    staffed: ready.Ready,
    newcomers: list[Newcomer],
    organisation_seed: bytes,
    receipt_salt: bytes,
    at: datetime,
) -> None:
    """All of it, in the caller's transaction."""
    organisation.install(
        db,
        kind="demonstration",
        receipt_salt=receipt_salt,
        signing_public=sign_public(settings.signing_seed),
        organisation_key=sign_public(organisation_seed),
        at=at,
    )
    organisation.load_bodies(db, staffed.plan.bodies, on=staffed.plan.since, at=at)
    box = Box(settings.secrets.server_key)
    for who, newcomer in zip(staffed.people, newcomers, strict=True):
        organisation.add_person(
            db,
            code=who.code,
            username=who.username,
            name=who.name,
            supervisor=who.supervisor,
            administrator=who.administrator,
            at=at,
        )
        _enrol(db, settings, newcomer, sign_public(organisation_seed), box, at)
    for seat in staffed.seats:
        organisation.add_seat(
            db,
            body=seat.body,
            person=seat.person,
            function=seat.function,
            roles=seat.roles,
            term_from=staffed.term_from,
            at=at,
        )
    for listed in staffed.inspections:
        inspections.add_inspection(db, listed.inspection, decision=listed.decision, at=at)
    for one in staffed.charges:
        rotation.add_charge(db, one.person, one.over, one.spell, at=at)
    for key_set in staffed.plan.sets:
        organisation.add_custodian_set(
            db,
            code=key_set.code,
            version=key_set.version,
            k=key_set.k,
            level=key_set.level,
            purpose=key_set.purpose,
            members=staffed.custodians[key_set.code],
            valid_from=staffed.plan.since,
            at=at,
        )
    _publish(db, settings, organisation_seed, at)
    outside.add_outside(db, sign_outside(organisation_seed, _body_outside(at)), at=at)
    ledger.checkpoint(db, settings.signing_seed, at=at)


def _body_outside(at: datetime) -> Outside:
    """Where a case of the demonstration can be sent: fictional, and without a key, so that a code is printed."""
    today = local_date(at)
    names = "Cơ quan bên ngoài (minh họa)", "A body outside (fictional)"
    return Outside("NGOAI-01", *names, issued=today, expires=today + timedelta(days=LONGEST_DAYS), kem=None)


def _enrol(
    db: Session, settings: Settings, newcomer: Newcomer, organisation_key: bytes, box: Box, at: datetime
) -> None:
    """What the person's browser would do, through the same commands, their keys marked as a demonstration's."""
    token, sid = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    code = newcomer.person.code
    members.make_link(db, code, token=token, at=at)
    begun = members.begin_enrolment(db, token, sid=sid, totp=newcomer.totp, pepper=newcomer.pepper, box=box, at=at)
    member = UUID(begun.person_id).bytes
    pins = {"org": b64u(organisation_key)}
    wrapping = stretching.wrapping_key(newcomer.stretched, newcomer.pepper)
    recovery = stretching.recovery_wrapping_key(newcomer.recovery)
    keys = NewKeys(
        kem=newcomer.keys.kem_public,
        sign=newcomer.keys.sign_public,
        auth=stretching.auth_secret(newcomer.stretched),
        wrapped=stretching.wrap_seed(wrapping, member, newcomer.seed, pins),
        recovery=stretching.wrap_recovery(recovery, member, newcomer.seed, pins),
        recovery_auth=stretching.recovery_auth_secret(newcomer.recovery),
        statement=_possession(newcomer.keys, code, at),
        # The code of half a minute ago: each works once, and the present one is for the first sign-in.
        code=one_time_code(newcomer.totp, at - timedelta(seconds=30)),
    )
    members.complete_enrolment(db, sid, keys, box=box, auth_key=settings.secrets.auth_key, at=at, demonstration=True)


def _possession(keys: KeyPair, code: str, at: datetime) -> Mapping[str, str]:
    """The statement of an enrolment: its sender holds the signing key and names the other one."""
    said: dict[str, Any] = {
        "v": 1,
        "kind": "enrolment",
        "id": str(uuid4()),
        "at": stamp(at),
        "checkpoint": {"no": 0, "hash": ledger.START},
        "by": code,
        "member": code,
        "kem": b64u(keys.kem_public),
        "sign": b64u(keys.sign_public),
    }
    return dict(sign_statement(keys.sign_seed, said))


def _publish(db: Session, settings: Settings, organisation_seed: bytes, at: datetime) -> Mapping[str, Any]:
    """Draft, sign and publish in one go: what takes two people and a safe elsewhere. Returns what the roster says."""
    last = held.latest_roster(db)
    # The demonstration's successor key is thrown away: nobody replaces a demonstration's key.
    successor = last.body["successor"] if last else fingerprint(sign_public(secrets.token_bytes(32)))
    keys = Keyring(settings).held("INSTALLATION_KEY")
    body = rosters.draft_roster(
        db,
        issued=at.date(),
        expires=at.date() + timedelta(days=ROSTER_DAYS),
        successor=successor,
        installation=sign_public(keys.following) if keys.following else None,
    )
    document = sign_document(organisation_seed, "roster", body)
    rosters.publish_roster(db, document, signing_seeds=keys.accepted, at=at)
    return body
