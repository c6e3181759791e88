"""A reporter's browser: look who will read, seal, send, come back with the code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from crypto.codes import new_code, parse_code
from crypto.encoding import b64u, jcs, sha256, sha256hex, unb64u
from crypto.envelopes import open_answer, seal_envelope
from crypto.errors import CryptoError
from crypto.keys import ReporterKeys, pair_keys, reporter_keys
from crypto.rosters import Roster
from intake.client import opening, sealing
from intake.client.departures import departed_of, present_of, without_returned
from intake.client.errors import ClientFault, Refused
from intake.client.http import Transport
from intake.client.memory import Memory, Pointer
from intake.client.opening import Chain, Message
from intake.client.pairs import build_pair, check_linked
from intake.client.record import Checked, check_record, fetch_record, known_of
from intake.client.sealing import Object, Recipient, Ring, Signer, Supplement
from intake.client.submitting import Identity, Report, build_submission
from intake.client.succession import require_after
from intake.client.trust import Trust, verify_installation
from intake.client.working import working
from workflow.access import narrowed
from workflow.sealed import REPORTER

__all__ = ["Identity", "OpenedMailbox", "Report", "ReporterClient", "Supplement"]

SEALED = "application/octet-stream"
FORM_MARGIN = 60  # seconds before its end in which a form token is renewed


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class OpenedMailbox:
    """A mailbox, verified: what the page shows, and what is needed to write back."""

    case: str
    number: str
    state: str
    state_text: str
    received: str
    updated: str
    supplements: tuple[Message, ...]
    messages: tuple[Message, ...]
    report: Chain
    submission: Mapping[str, Any]
    keys: ReporterKeys = field(repr=False)
    readers: Sequence[Mapping[str, str]]
    departed: frozenset[str]
    more: bool
    answer: Mapping[str, Any] = field(repr=False)


class ReporterClient:
    """One reporter on one visit. `printed` is the fingerprint on the notice, where somebody has it."""

    def __init__(
        self,
        http: Transport,
        *,
        printed: str | None = None,
        language: str = "vi",
        now: Callable[[], datetime] = utc_now,
        memory: Memory | None = None,
    ) -> None:
        self.http = http
        self.printed = printed
        self.memory = Memory() if memory is None else memory
        self.language = language
        self.now = now
        self._trust: Trust | None = None
        self._form: tuple[str, datetime] | None = None

    def installation(self) -> Trust:
        """Fetch and verify what everything else hangs on; remembered until the next call, in the memory for longer.

        The first key, unless a fingerprint was given, is taken on trust; later ones as its named successors alone.
        """
        answer = self.http.send("GET", "/api/v1/installation").or_refuse().json
        self._trust = verify_installation(
            answer,
            org_key=None,
            printed=self.printed,
            at=self.now(),
            memory=self.memory,
            takeover=self._takeover,
        )
        return self._trust

    def _takeover(self, no: int) -> Mapping[str, Any]:
        return dict(self.http.send("GET", f"/api/v1/takeovers/{no}").or_refuse().json)

    def _require_after(self, sent_under: Pointer) -> None:
        """The roster of now is not older than the one that the report was sent under, nor of another line."""
        if self.trust.roster.no < sent_under.no:
            self.installation()  # this client was opened before the report was sent
        require_after(Roster(self.trust.said, self.trust.roster.hash), sent_under)

    @property
    def trust(self) -> Trust:
        return self._trust or self.installation()

    def call(self, op: str, **args: Any) -> dict[str, Any]:
        """One operation in a sealed envelope; Refused with the code inside, or with the wire's."""
        wire, answer_key = self.seal(op, **args)

        def asked(proof: Mapping[str, str]) -> dict[str, Any]:
            try:
                said = open_answer(answer_key, sha256(wire), self.send(wire, proof))
            except CryptoError:
                raise ClientFault("answer_damaged") from None
            if "error" in said:
                raise Refused(200, said)
            return dict(said["ok"])

        return working(wire, asked)

    def seal(self, op: str, **args: Any) -> tuple[bytes, bytes]:
        """An envelope and the key of its answer."""
        payload = {"op": op, "args": {"lang": self.language, "form": self._form_token(), **args}}
        wire, answer_key = seal_envelope(self.trust.routing_id, self.trust.routing_public, payload)
        return wire, answer_key

    def send(self, wire: bytes, headers: Mapping[str, str] | None = None) -> bytes:
        path = f"/api/v1/envelope?lang={self.language}"
        told = {"Content-Type": SEALED, **(headers or {})}
        return self.http.send("POST", path, body=wire, headers=told).or_refuse().body

    def _form_token(self) -> str | None:
        """This visit's token; None where there is none to be had, and then each envelope costs work."""
        if self._form is None or self._form[1] <= self.now():
            try:
                answer = self.http.send("GET", "/api/v1/form").or_refuse().json
            except Refused:
                return None
            self._form = str(answer["token"]), self.now() + timedelta(seconds=answer["seconds"] - FORM_MARGIN)
        return self._form[0]

    def new_code(self) -> str:
        """A receipt code; shown once, typed back, never sent."""
        return str(new_code())

    def keys(self, code: str) -> ReporterKeys:
        return reporter_keys(parse_code(code).text, self.trust.salt)

    def pair_keys(self, code: str) -> ReporterKeys:
        """Of the second case of a linked pair."""
        return pair_keys(parse_code(code).text, self.trust.salt)

    def preview(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        return self.call("preview", facts=dict(facts))

    def build_submission(
        self,
        report: Report,
        facts: Mapping[str, Any],
        shown: Mapping[str, Any],
        code: str,
        *,
        case: str | None = None,
        alone: bool = False,
    ) -> dict[str, Any]:
        """Everything that `submit` sends, sealed; sending the same again repeats the answer.

        Both cases of a linked pair, where the preview shows one, unless `alone` asks for the leading one alone.
        """
        if shown.get("pair") and not alone:
            return build_pair(self.trust, (self.keys(code), self.pair_keys(code)), report, facts, shown, at=self.now())
        return build_submission(self.trust, self.keys(code), report, facts, shown, at=self.now(), case=case)

    def submit(self, submission: Mapping[str, Any]) -> dict[str, Any]:
        return self.call("submit", **submission)

    def report(self, report: Report, facts: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The whole way at once: the new code, and the receipt."""
        code = self.new_code()
        return code, self.submit(self.build_submission(report, facts, self.preview(facts), code))

    def open_mailbox(self, code: str) -> OpenedMailbox:
        """Find, verify and open; Refused("wrong_code") where there is nothing behind the code."""
        return self._open(self.keys(code))

    def open_both(self, code: str) -> tuple[OpenedMailbox, OpenedMailbox | None]:
        """The leading case's mailbox and that of the case linked to it; None where there is none.

        Behind a right code both are always asked for, so that the wire doesn't tell who has two. Their first items have to
        name each other.
        """
        lead = self.open_mailbox(code)
        try:
            other = self._open(self.pair_keys(code))
        except Refused as refused:
            if refused.code != "wrong_code":
                raise
            other = None
        check_linked(lead.case, self._first(lead), other.case if other else None)
        if other is not None:
            check_linked(other.case, self._first(other), lead.case)
        return lead, other

    def _first(self, mailbox: OpenedMailbox) -> Mapping[str, Any] | None:
        """The first item, where it is on the first page."""
        made = [entry["object"] for entry in mailbox.answer["items"] if entry["object"]["kind"] == "first"]
        return self.read(mailbox, made[0]) if made else None

    def _open(self, keys: ReporterKeys) -> OpenedMailbox:
        answer = self.call("mailbox.open", secret=b64u(keys.mailbox))
        if not answer["found"]:
            raise Refused(200, {"error": {"code": "wrong_code"}})
        answer = self._with_epochs(keys, answer)
        case = answer["case"]
        if answer["reporter"] != {"kem": b64u(keys.kem_public), "sign": b64u(keys.sign_public)}:
            raise ClientFault("keys_other")
        grants = answer["grants"]
        submission = opening.verify_manifest(
            case, answer["submission"], _first_grants(grants), keys.sign_public, keys.kem_public
        )
        self._require_after(Pointer(submission["roster"]["no"], submission["roster"]["hash"]))
        held = opening.granted_keys(
            case, grants, keys.kem_seed, Recipient(REPORTER, keys.kem_public).readerkey, REPORTER
        )
        chains = opening.verify_chains(
            case,
            answer["epochs"],
            held,
            self.trust,
            reporter_sign=keys.sign_public,
            submitted=submission["readers"],
        )
        if "report" not in chains or chains["report"].newest is None:
            raise ClientFault("epoch_missing", ring="report")
        if chains["report"].epochs[1].hash != submission["epoch"]:
            raise ClientFault("submission_forged")
        departed = departed_of(case, answer["departures"], chains, self.trust)
        chains = without_returned(chains, departed)
        self._check_kept(submission, answer["kept"])
        later = [
            opening.verify_item(case, entry, chains, self.trust, keys.sign_public)
            for entry in answer["items"]
            if entry["object"]["kind"] not in opening.ORIGINAL and not entry.get("large")
        ]
        return OpenedMailbox(
            case=case,
            number=answer["number"],
            state=answer["state"],
            state_text=answer["state_text"],
            received=answer["received"],
            updated=answer["updated"],
            supplements=tuple(one for one in later if one.kind == "supplement"),
            messages=tuple(one for one in later if one.kind == "message"),
            report=chains["report"],
            submission=submission,
            keys=keys,
            readers=answer["readers"],
            departed=departed,
            more=answer["more"],
            answer=answer,
        )

    def _with_epochs(self, keys: ReporterKeys, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The answer with every epoch: of a case with very many, the later ones are further pages."""
        whole, more = dict(answer), answer["more_epochs"]
        while more:
            page = self.call("mailbox.epochs", secret=b64u(keys.mailbox), after=whole["epochs"][-1]["epoch"])
            if not page["epochs"]:
                raise ClientFault("epoch_missing", ring="report")
            whole |= {name: [*whole[name], *page[name]] for name in ("epochs", "grants")}
            more = page["more_epochs"]
        return whole

    def older(self, mailbox: OpenedMailbox, before: str) -> dict[str, Any]:
        return self.call("mailbox.items", secret=b64u(mailbox.keys.mailbox), before=before)

    def item(self, mailbox: OpenedMailbox, item: str) -> dict[str, Any]:
        """One item, whatever its size."""
        return self.call("mailbox.item", secret=b64u(mailbox.keys.mailbox), id=item)

    def read(self, mailbox: OpenedMailbox, made: Object) -> Mapping[str, Any]:
        """What an item of one's own report ring says."""
        epoch = mailbox.report.epochs[made["epoch"]]
        held = {("report", epoch.epoch): epoch.key} if epoch.key else {}
        return opening.open_text(mailbox.case, made, held)

    def build_message(self, mailbox: OpenedMailbox, text: str) -> dict[str, Any]:
        """The arguments of `mailbox.write`, with the next epoch if one is pending."""
        return self._build(
            mailbox, lambda ring: sealing.sealed_item(mailbox.case, ring, "message", {"v": 1, "text": text})
        )

    def build_supplement(self, mailbox: OpenedMailbox, written: Supplement) -> dict[str, Any]:
        """The same for what is added to the report."""
        return self._build(mailbox, lambda ring: sealing.sealed_supplement(mailbox.case, ring, written))

    def _build(self, mailbox: OpenedMailbox, seal: Callable[[Ring], Object]) -> dict[str, Any]:
        signer = Signer(REPORTER, mailbox.keys.sign_seed, self.trust.checkpoint)
        newest = mailbox.report.newest
        if newest is None:
            raise ClientFault("epoch_missing", ring="report")
        args: dict[str, Any] = {"secret": b64u(mailbox.keys.mailbox)}
        # Nothing is sealed under a key whose maker is unknown; a pending one is made here, for those in the roster.
        if mailbox.report.pending is not None:
            ring, args["epoch"] = self._next_epoch(mailbox, signer)
        elif newest.bad or newest.returned:
            raise ClientFault("ring_untrusted")
        elif not newest.trusted:
            raise ClientFault("reader_unrostered", who=newest.by)
        elif newest.key is None:
            raise ClientFault("grant_missing")
        else:
            ring = Ring("report", newest.epoch, newest.key)
        made = seal(ring)
        statement = sealing.item_statement(signer, mailbox.case, made, at=self.now())
        return args | {"object": made, "statement": statement}

    def write(self, mailbox: OpenedMailbox, text: str) -> dict[str, Any]:
        """Write to the handlers; where the newest key is bad, the server is told first and the next one made."""
        return self.call("mailbox.write", **self.build_message(self._disowned(mailbox), text))

    def supplement(self, mailbox: OpenedMailbox, written: Supplement) -> dict[str, Any]:
        """Add to the report for good; else as `write`."""
        return self.call("mailbox.write", **self.build_supplement(self._disowned(mailbox), written))

    def check_record(self, mailbox: OpenedMailbox) -> Checked:
        """Check the case's ledger and the checkpoints against all that opening the mailbox has verified.

        Where the installation's key has changed since the visit began, the new roster is fetched first.
        """
        before = self.trust.said["installation"]
        try:
            return self._checked(mailbox)
        except ClientFault as fault:
            if fault.code != "checkpoint_bad":
                raise
            self.installation()
            if self.trust.said["installation"] == before:
                raise
        return self._checked(mailbox)

    def _checked(self, mailbox: OpenedMailbox) -> Checked:
        known = known_of(mailbox.answer, mailbox.report, (*mailbox.messages, *mailbox.supplements))
        secret = b64u(mailbox.keys.mailbox)
        fetched = fetch_record(
            partial(self.call, "mailbox.record", secret=secret), known.submission["checkpoint"]["no"]
        )
        installation = unb64u(self.trust.said["installation"])
        held = {"roster": self.trust.roster.no, "seen": self.trust.checkpoint}
        return check_record(fetched, known, installation=installation, now=self.now(), **held)

    def _disowned(self, mailbox: OpenedMailbox) -> OpenedMailbox:
        chain = mailbox.report
        newest = chain.newest
        if newest is None or not newest.bad or chain.pending is not None:
            return mailbox
        signer = Signer(REPORTER, mailbox.keys.sign_seed, self.trust.checkpoint)
        statement = sealing.bad_key_statement(signer, mailbox.case, "report", newest.epoch, newest.hash, at=self.now())
        answer = self.call("mailbox.badkey", secret=b64u(mailbox.keys.mailbox), statement=statement)
        return replace(mailbox, report=Chain(chain.epochs, int(answer["pending"])))

    def _next_epoch(self, mailbox: OpenedMailbox, signer: Signer) -> tuple[Ring, dict[str, Any]]:
        before, number = mailbox.report.newest, mailbox.report.pending
        if before is None or number is None:
            raise ClientFault("epoch_missing")
        present = present_of(mailbox.readers, mailbox.departed)
        readers = [reader["id"] for reader in narrowed(before.readers, present, self.trust.roster)]
        removed = {reader["id"] for reader in before.readers} - set(readers)
        recipients = [self._recipient(code, mailbox.keys) for code in readers]
        ring = Ring("report", number, sealing.new_key())
        statement = sealing.epoch_statement(
            signer, mailbox.case, ring, recipients, prev=before.hash, removed=sorted(removed), at=self.now()
        )
        grants = [sealing.ring_grant(mailbox.case, ring, recipient) for recipient in recipients]
        return ring, {"statement": statement, "grants": grants}

    def _recipient(self, code: str, keys: ReporterKeys) -> Recipient:
        return Recipient(code, keys.kem_public if code == REPORTER else self.trust.keys(code).kem)

    @staticmethod
    def _check_kept(submission: Mapping[str, Any], kept: Mapping[str, Any]) -> None:
        """What was submitted is still kept, unchanged; only grants of people who left may be gone."""
        gone = set(kept["gone"])
        for line in submission["objects"]:
            if line["id"] in gone and (line["kind"] != "grant" or line["reader"] == REPORTER):
                raise ClientFault("object_missing", kind=line["kind"])
        lines = [{"id": one["id"], "sha256": one["sha256"]} for one in submission["objects"] if one["id"] not in gone]
        if kept["hash"] != sha256hex(jcs(lines)):
            raise ClientFault("object_swapped")


def _first_grants(grants: Sequence[Object]) -> list[Object]:
    """The grants of the first day, which the manifest lists; later ones are covered by their epoch's statement."""
    return [grant for grant in grants if grant.get("epoch") in (None, 1)]
