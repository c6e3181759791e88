"""A member's browser: enrol, sign in, read, declare, write, renew keys, withdraw."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from crypto import passphrase as stretching
from crypto.binding import object_binding
from crypto.encoding import b64u, jcs, parse_jcs, sha256hex, unb64u
from crypto.errors import CryptoError
from crypto.hpke import open_sealed
from crypto.keys import KeyPair, member_keys
from crypto.padding import pad, unpad
from crypto.signing import sign_statement
from intake.client import opening, sealing
from intake.client.comparing import chain_warnings, header_warnings, reader_warnings
from intake.client.contents import is_sound
from intake.client.departures import are_hidden, departures_of, present_of, without_returned
from intake.client.errors import ClientFault, Refused
from intake.client.http import Transport
from intake.client.memory import Memory, Pointer
from intake.client.opening import Chain, OpenedCase
from intake.client.pins import pinned
from intake.client.reasons import Reason, open_reasons
from intake.client.sealing import Recipient, Ring, Signer
from intake.client.trust import Trust, verify_installation
from intake.client.working import working
from workflow.access import narrowed
from workflow.sealed import HEADER_FRAME, REPORTER
from workflow.times import stamp

API = "/staff/api/v1/"


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Unlocked:
    """Who this is once the seed is open: the organisation's key and roster are those that were pinned with it."""

    code: str
    keys: KeyPair = field(repr=False)
    org_key: bytes
    since: Pointer | None = None

    @property
    def pins(self) -> dict[str, Any]:
        return {"org": b64u(self.org_key), **({"roster": self.since.json} if self.since else {})}

    @property
    def readerkey(self) -> str:
        return str(sha256hex(self.keys.kem_public))


@dataclass(frozen=True)
class Enrolled:
    """What the enrolment page shows once."""

    code: str
    username: str
    fingerprint: str
    recovery_key: str = field(repr=False)
    totp: str = field(repr=False)


class MemberClient:
    """One member in one browser."""

    def __init__(
        self,
        http: Transport,
        *,
        language: str = "vi",
        now: Callable[[], datetime] = utc_now,
        memory: Memory | None = None,
    ) -> None:
        self.http = http
        self.language = language
        self.now = now
        self.memory = Memory() if memory is None else memory
        self.me: Unlocked | None = None

    def get(self, path: str, **query: str) -> Any:
        return self._send("GET", path, query=query)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._write("POST", path, body)

    def delete(self, path: str) -> Any:
        return self._write("DELETE", path, None)

    def enrol(self, token: str, passphrase: str, one_time_code: Callable[[str], str]) -> Enrolled:
        """Make keys and prove to hold them; `one_time_code` is the phone: secret in, six figures out."""
        begun = self.post("enrolment/begin", {"token": token})
        member, seed = begun["member"], secrets.token_bytes(32)
        keys, raw_id = member_keys(seed), UUID(member["id"]).bytes
        stretched = stretching.stretch(passphrase, unb64u(begun["salt"]))
        pins = {"org": begun["org"]}
        recovery_key = stretching.new_recovery_key()
        statement = sign_statement(
            keys.sign_seed,
            {
                "v": 1,
                "kind": "enrolment",
                "id": str(uuid4()),
                "at": stamp(self.now()),
                "by": member["code"],
                "checkpoint": {"no": 0, "hash": sealing.ZEROS},
                "member": member["code"],
                "kem": b64u(keys.kem_public),
                "sign": b64u(keys.sign_public),
            },
        )
        wrapping = stretching.wrapping_key(stretched, unb64u(begun["pepper"]))
        recovery = stretching.recovery_wrapping_key(recovery_key)
        done = self.post(
            "enrolment/complete",
            {
                "kem": b64u(keys.kem_public),
                "sign": b64u(keys.sign_public),
                "auth": b64u(stretching.auth_secret(stretched)),
                "wrapped": b64u(stretching.wrap_seed(wrapping, raw_id, seed, pins)),
                "recovery": b64u(stretching.wrap_recovery(recovery, raw_id, seed, pins)),
                "recovery_auth": b64u(stretching.recovery_auth_secret(recovery_key)),
                "statement": statement,
                "totp": one_time_code(begun["totp"]["secret"]),
            },
        )
        return Enrolled(member["code"], member["username"], done["fingerprint"], recovery_key, begun["totp"]["secret"])

    def sign_in(self, username: str, passphrase: str, one_time_code: str) -> Unlocked:
        """Sign in without ever sending the passphrase, open the seed, and renew what is pinned with it."""
        salt = unb64u(self.post("session/salt", {"username": username})["salt"])
        stretched = stretching.stretch(passphrase, salt)
        auth = b64u(stretching.auth_secret(stretched))
        answer = self.post("session", {"username": username, "auth": auth, "totp": one_time_code})
        wrapping = stretching.wrapping_key(stretched, unb64u(answer["pepper"]))
        try:
            raw_id = UUID(answer["member"]["id"]).bytes
            seed, pins = stretching.unwrap_seed(wrapping, raw_id, unb64u(answer["wrapped"]))
        except CryptoError:
            raise ClientFault("seed_damaged") from None
        self.adopt(answer["member"]["code"], member_keys(seed), *pinned(pins))
        try:
            renewed = self.renewed(pins)
        except ClientFault:
            self.sign_out()  # a session that can't read is of no use
            raise
        if renewed != pins:
            wrapped = b64u(stretching.wrap_seed(wrapping, raw_id, seed, renewed))
            self.post("account/pins", {"auth": auth, "wrapped": wrapped})
        return self.adopt(answer["member"]["code"], member_keys(seed), *pinned(renewed))

    def renewed(self, pins: Mapping[str, Any]) -> dict[str, Any]:
        """These pins with the key and the roster of now; as they are where there is none in force. ClientFault."""
        org_key, since = pinned(pins)
        try:
            trust = self._verified(org_key, since)
        except ClientFault as fault:
            if fault.code in ("roster_missing", "roster_expired"):
                return dict(pins)
            raise
        return {**pins, "org": b64u(trust.org_key), "roster": trust.roster_pointer.json}

    def adopt(self, code: str, keys: KeyPair, org_key: bytes, since: Pointer | None = None) -> Unlocked:
        """Act with keys that were unlocked elsewhere; the session is this browser's own."""
        self.me = Unlocked(code, keys, org_key, since)
        return self.me

    def sign_out(self) -> None:
        self.delete("session")
        self.me = None

    def installation(self) -> Trust:
        """The roster and checkpoint of now, verified with the pinned key and against what was seen before."""
        return self._verified(self.unlocked.org_key, self.unlocked.since)

    def _verified(self, org_key: bytes, since: Pointer | None) -> Trust:
        return verify_installation(
            self.get("installation"),
            org_key=org_key,
            printed=None,
            at=self.now(),
            since=since,
            memory=self.memory,
            takeover=lambda no: dict(self.get(f"takeovers/{no}")),
        )

    def queue(self) -> list[dict[str, Any]]:
        """Every line; `queue_page` takes them as they are served."""
        lines, after = self.queue_page()
        while after is not None:
            more, after = self.queue_page(after)
            lines += more
        return lines

    def queue_page(self, after: str | None = None) -> tuple[list[dict[str, Any]], str | None]:
        """Some lines of the queue, and what the next page is asked with; None on the last."""
        answer = self.get("desk/cases", **({} if after is None else {"after": after}))
        return list(answer["cases"]), answer["next"]

    def case(self, case: str) -> dict[str, Any]:
        """The API's answer, not yet believed."""
        return dict(self.get(f"desk/cases/{case}"))

    def summary(self, line: Mapping[str, Any]) -> str | None:
        """The sentence of a line in the queue; None before the declaration."""
        if not line.get("summary"):
            return None
        return str(opening.open_text(line["id"], line["summary"], self._keys(line["id"], line["grants"]))["text"])

    def header(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The header that was sealed to this member: all that there is before the declaration."""
        made = answer["header"]["object"]
        try:
            frame = open_sealed(
                self.unlocked.keys.kem_seed, "header", object_binding(answer["id"], made), unb64u(made["data"])
            )
            header = parse_jcs(unpad(frame, HEADER_FRAME))
        except CryptoError:
            raise ClientFault("header_damaged") from None
        if not is_sound("header", header) or header["case"] != answer["id"]:
            raise ClientFault("header_damaged")
        return dict(header)

    def declare(self, case: str, *, conflict: bool, reason: str = "") -> dict[str, Any]:
        """Sign whether there is a conflict; its reason is sealed to the head alone."""
        answer, trust = self.case(case), self.installation()
        fields: dict[str, Any] = {"case": case, "conflict": conflict, "header": self._header_hash(answer)}
        body: dict[str, Any] = {}
        head = answer.get("head")
        if conflict and reason and head:
            recipient = Recipient(head["id"], trust.keys(head["id"]).kem)
            if recipient.readerkey != head["readerkey"]:
                raise ClientFault("reader_unrostered", who=head["id"])
            body["reason"] = sealing.sealed_to(case, recipient, "direct", pad(jcs({"v": 1, "text": reason}), 512))
            fields["reason"] = body["reason"]["id"]
        body["statement"] = self.signer(trust).state("conflict", at=self.now(), **fields)
        return dict(self.post(f"desk/cases/{case}/declaration", body))

    def open_case(self, case: str) -> OpenedCase:
        """Read a case that was declared clear, after verifying everything it rests on."""
        answer, trust = self.case(case), self.installation()
        if answer["declared"] != "clear":
            raise ClientFault("undeclared")
        keys = self._keys(case, answer["grants"])
        originals = {entry["object"]["kind"]: entry["object"] for entry in answer["items"]}
        if not set(opening.ORIGINAL) <= originals.keys():
            raise ClientFault("object_missing")
        first = opening.open_text(case, originals["first"], keys)
        if first["case"] != case:
            raise ClientFault("first_damaged")
        try:
            kem, sign = unb64u(first["reporter"]["kem"]), unb64u(first["reporter"]["sign"])
        except CryptoError:
            raise ClientFault("first_damaged") from None
        served = [originals[kind] for kind in opening.ORIGINAL]
        submission = opening.verify_manifest(case, answer["submission"], served, sign, kem)
        chains = opening.verify_chains(
            case, answer["epochs"], keys, trust, reporter_sign=sign, submitted=submission["readers"]
        )
        if chains["report"].epochs[1].hash != submission["epoch"]:
            raise ClientFault("submission_forged")
        self.memory.learn_epochs(case, {ring: chain.hashes for ring, chain in chains.items()})
        moves = opening.moves_of(chains["report"], submission["body"])
        departed = frozenset(one.who for one in departures_of(case, answer["departures"], chains, trust))
        hidden = are_hidden(answer["ledger"], departed)
        departed |= opening.moved_away(chains["report"])
        chains = without_returned(chains, departed, hidden=hidden)
        talk = [
            opening.verify_item(case, entry, chains, trust, sign)
            for entry in answer["items"]
            if entry["object"]["kind"] not in opening.ORIGINAL
        ]
        return OpenedCase(
            id=case,
            first=first,
            summary=str(opening.open_text(case, originals["summary"], keys)["text"]),
            narrative=opening.open_text(case, originals["narrative"], keys),
            supplements=tuple(one for one in talk if one.kind == "supplement"),
            messages=tuple(one for one in talk if one.kind == "message"),
            notes=tuple(one for one in talk if one.kind == "note"),
            reporter_kem=kem,
            reporter_sign=sign,
            rings=chains,
            submission=submission,
            departed=departed,
            moves=moves,
            warnings=(
                *(({"code": "departures_hidden"},) if hidden else ()),
                *chain_warnings(case, answer["ledger"]),
                *header_warnings(self.header(answer), first, moves),
                *reader_warnings(chains, first, trust),
            ),
            answer=answer,
        )

    def reasons(self, opened: OpenedCase) -> tuple[Reason, ...]:
        """Why colleagues declared a conflict, where they told this member as head of the receiving body."""
        departures = departures_of(opened.id, opened.answer["departures"], opened.rings, self.installation())
        return open_reasons(opened.id, opened.answer["direct"], departures, self.unlocked.keys.kem_seed)

    def build_item(self, opened: OpenedCase, kind: str, text: str) -> dict[str, Any]:
        """A `message` to the reporter or a `note` for the handlers, with its statement."""
        chain = opened.rings.get("report" if kind == "message" else "internal")
        newest = chain.newest if chain else None
        if newest is not None and not newest.trusted:
            raise ClientFault("ring_untrusted")
        if newest is None or newest.key is None:
            raise ClientFault("grant_missing")
        ring = Ring(newest.ring, newest.epoch, newest.key)
        made = sealing.sealed_item(opened.id, ring, kind, {"v": 1, "text": text})
        statement = sealing.item_statement(self.signer(self.installation()), opened.id, made, at=self.now())
        return {"object": made, "statement": statement}

    def write(self, case: str, text: str) -> Any:
        return self.post(f"desk/cases/{case}/items", self.build_item(self.open_case(case), "message", text))

    def note(self, case: str, text: str) -> Any:
        return self.post(f"desk/cases/{case}/items", self.build_item(self.open_case(case), "note", text))

    def withdraw(self, case: str) -> None:
        answer, trust = self.case(case), self.installation()
        statement = self.signer(trust).state("withdrawal", at=self.now(), case=case, header=self._header_hash(answer))
        self.post(f"desk/cases/{case}/withdrawal", {"statement": statement})

    def renew(self, case: str) -> list[str]:
        """Make every key that waits or is bad, and the internal ring if nobody has; the rings that were made here."""
        opened = self.open_case(case)
        wanted = [ring for ring, chain in opened.rings.items() if chain.pending is not None]
        wanted += self._disown(opened)
        if "internal" not in opened.rings:
            wanted.append("internal")
        made = []
        for ring in sorted(wanted, reverse=True):  # `report` first
            try:
                self.post(f"desk/cases/{case}/epochs", self.build_epoch(opened, ring))
            except Refused as refused:
                if refused.status != 409:
                    raise
                continue  # a colleague or the reporter was first
            made.append(ring)
        return made

    def _disown(self, opened: OpenedCase) -> list[str]:
        """Say which newest keys open nothing here, so that the next can be made; the maker's own word counts for nothing."""
        signer, said = self.signer(self.installation()), []
        for ring, chain in opened.rings.items():
            newest = chain.newest
            if newest is None or not newest.bad or chain.pending is not None or newest.by == signer.code:
                continue
            statement = sealing.bad_key_statement(signer, opened.id, ring, newest.epoch, newest.hash, at=self.now())
            self.post(f"desk/cases/{opened.id}/bad-keys", {"statement": statement})
            said.append(ring)
        return said

    def build_epoch(self, opened: OpenedCase, ring_name: str) -> dict[str, Any]:
        """The next epoch of a ring: the last verified list without those who left, and a grant for each."""
        if opened.departures_hidden:  # whoever left and is kept back could be among those who are said to be present
            raise ClientFault("departures_hidden")
        trust = self.installation()
        chain: Chain | None = opened.rings.get(ring_name)
        before = chain.newest if chain else None
        report = opened.rings["report"].newest
        if report is None:
            raise ClientFault("epoch_missing")
        previous = before.readers if before else [one for one in report.readers if one["id"] != REPORTER]
        present = present_of(opened.answer["readers"], opened.departed)
        readers = [reader["id"] for reader in narrowed(previous, present, trust.roster)]
        removed = sorted({one["id"] for one in previous} - set(readers)) if before else []
        recipients = [self._recipient(code, opened, trust) for code in readers]
        ring = Ring(ring_name, before.epoch + 1 if before else 1, sealing.new_key())
        prev = before.hash if before else sealing.ZEROS
        statement = sealing.epoch_statement(
            self.signer(trust), opened.id, ring, recipients, prev=prev, removed=removed, at=self.now()
        )
        return {"statement": statement, "grants": [sealing.ring_grant(opened.id, ring, one) for one in recipients]}

    @property
    def unlocked(self) -> Unlocked:
        if self.me is None:
            raise ClientFault("locked")
        return self.me

    def signer(self, trust: Trust) -> Signer:
        return Signer(self.unlocked.code, self.unlocked.keys.sign_seed, trust.checkpoint)

    def _keys(self, case: str, grants: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], bytes | None]:
        mine = [dict(grant) for grant in grants]
        return opening.granted_keys(
            case, mine, self.unlocked.keys.kem_seed, self.unlocked.readerkey, self.unlocked.code
        )

    @staticmethod
    def _recipient(code: str, opened: OpenedCase, trust: Trust) -> Recipient:
        return Recipient(code, opened.reporter_kem if code == REPORTER else trust.keys(code).kem)

    @staticmethod
    def _header_hash(answer: Mapping[str, Any]) -> str:
        return str(sha256hex(unb64u(answer["header"]["object"]["data"])))

    def _write(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        token = self.get("csrf")["token"]
        return self._send(method, path, body, {"X-CSRFToken": token})

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        sent = None if body is None else json.dumps(body).encode()
        kind = {} if sent is None else {"Content-Type": "application/json"}
        address = f"{API}{path}?{urlencode({'lang': self.language, **(query or {})})}"
        return working(
            sent or b"",
            lambda proof: (
                self.http.send(method, address, body=sent, headers={**kind, **(headers or {}), **proof})
                .or_refuse()
                .json
            ),
        )
