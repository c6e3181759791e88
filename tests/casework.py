"""Reports, readers and what they do to a case, for tests: real keys, real seals, the people of tests.world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import shake_256
from itertools import count
from random import Random, SystemRandom
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from crypto.codes import new_code
from crypto.encoding import b64u, parse_jcs, sha256hex, unb64u
from crypto.hpke import kem_public
from crypto.keys import ReporterKeys, reporter_keys
from crypto.padding import pad
from crypto.signing import sign_document, sign_statement
from intake.client import ClientFault, Refused, sealing
from intake.client.sealing import Recipient, Ring, Signer, Supplement
from intake.client.submitting import Identity, Report, build_submission
from intake.client.trust import Trust, verify_installation
from tests.world import ADMINISTRATOR, SINCE, SUPERVISOR, World, add, publish, seed
from workflow import models
from workflow.commands import cases, reports
from workflow.commands.grants import grant_case, grants_digest
from workflow.commands.mailboxes import write_from_mailbox
from workflow.commands.moves import move_case
from workflow.commands.organisation import add_seat
from workflow.errors import Refusal
from workflow.ledger import latest_checkpoint
from workflow.models import Record
from workflow.queries import decisions, organisation
from workflow.queries.cases import CaseCover, CaseFile, case_file, cover
from workflow.queries.cases import part_of as part_of_row
from workflow.queries.queue import CaseLine, queue
from workflow.sealed import HEADER_FRAME, REPORTER, Part
from workflow.store import Session
from workflow.submissions import Receiving, Sending
from workflow.times import local_date

# An ordinary member of a cell directly under the committee: row 2, the four of UBKT-S read it.
FACTS = {"on": "2026-11-24", "accused": [{"body": "CB-01", "role": "ordinary"}]}
READERS = ("P-001", "P-002", "P-003", "P-004")
CATEGORY = "D4-03-NHANLOIICH"
REPORT = Report(
    summary="Nhận phong bì khi kiểm tra.",
    text="Sáng thứ hai có người đưa một phong bì.",
    categories=(CATEGORY,),
    when="tháng 10/2026",
    identity=Identity(name="Nguyễn Văn Mẫu", unit="Trường số 1", phone="0900000000"),
)
NO_DELAY = (0, 0)
# Another committee's head, a custodian, the supervisor, the administrator: none of them reads this committee's cases.
OTHERS = ("P-005", "P-011", SUPERVISOR, ADMINISTRATOR)
# Rings under keys that only tests know: the server never opens an item.
REPORT_RING = Ring("report", 1, b"r" * 32)
INTERNAL = Ring("internal", 1, b"i" * 32)
Row = TypeVar("Row", bound=Record)


@cache
def code_of(name: str) -> str:
    """A receipt code that is the same in every run."""
    asked = count()
    return str(new_code(rng=lambda length: shake_256(f"code of {name} {next(asked)}".encode()).digest(length)))


@cache
def keys_of(name: str, salt: bytes) -> ReporterKeys:
    return reporter_keys(code_of(name), salt)


def part_of(made: dict[str, Any]) -> Part:
    return Part(**{name: value for name, value in made.items() if name != "data"}, data=unb64u(made["data"]))


def place_of_row(row: models.SealedObject) -> dict[str, Any]:
    return part_of_row(row).place


def office_rows(office: Office) -> str:
    """All that the tables hold: what a thief of the database would search."""
    told = []
    with office.world.store.reading() as db:
        for table in Record.metadata.sorted_tables:
            for row in db.execute(table.select()):
                told += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\n".join(told).decode("utf-8", "replace")


def rows(office: Office, model: type[Row], *conditions: Any) -> list[Row]:
    """The rows of a table that fit, for looking at what was stored."""
    with office.world.store.reading() as db:
        found = list(db.scalars(select(model).where(*conditions)))
        db.expunge_all()
    return found


def refused(act: Callable[..., Any], *args: Any, **options: Any) -> str:
    """The code with which this is refused, by a command, the server, or a check on this side."""
    with pytest.raises((Refusal, Refused, ClientFault)) as caught:
        act(*args, **options)
    return caught.value.code


def ledger_kinds(office: Office, case: str) -> list[str]:
    """The kinds of a case's ledger entries, oldest first."""
    entries = rows(office, models.LedgerEntry, models.LedgerEntry.chain == case)
    return [entry.kind for entry in sorted(entries, key=lambda entry: entry.seq)]


def epochs_of(office: Office, case: str) -> list[tuple[str, int, str]]:
    found = rows(office, models.Epoch, models.Epoch.case_id == case)
    return sorted((row.ring, row.epoch, row.state) for row in found)


def statement_hash(statement: dict[str, str]) -> str:
    return str(sha256hex(unb64u(statement["stmt"])))


@dataclass
class Office:
    """The installation at one moment, with everything a browser would know of it."""

    world: World
    at: datetime
    chance: Random = field(default_factory=SystemRandom)

    def trust(self) -> Trust:
        with self.world.store.reading() as db:
            roster, checkpoint = organisation.latest_roster(db), latest_checkpoint(db)
        routing = sign_document(
            self.world.installation_seed,
            "routing-key",
            {
                "v": 1,
                "id": "5f0c8c4e-0f5b-4c39-9d70-6a6f0a6f1b11",
                "kem": b64u(kem_public(seed("routing"))),
                "from": "2026-01-01T00:00:00Z",
                "until": "2030-01-01T00:00:00Z",
            },
        )
        answer = {
            "demo": False,
            "salt": b64u(self.world.receipt_salt),
            "roster": roster.document,
            "checkpoint": checkpoint.document,
            "routing": routing,
        }
        return verify_installation(answer, org_key=self.world.organisation_public, printed=None, at=self.at)

    def keys(self, name: str = "reporter") -> ReporterKeys:
        return keys_of(name, self.world.receipt_salt)

    def shown(self, facts: dict[str, Any] = FACTS) -> dict[str, Any]:
        """What the preview would answer."""
        with self.world.store.reading() as db:
            decided = decisions.decide(db, facts, at=self.at)
            signed = organisation.latest_roster(db)
        roster = signed.rostered
        key_set = roster.sets[decided.public["custodians"]]
        return {
            "decision": decided.public,
            "set": {
                "id": key_set.id,
                "v": key_set.v,
                "k": key_set.k,
                "n": key_set.n,
                "members": sorted(key_set.members),
            },
            "roster": {"no": roster.no, "hash": roster.hash},
        }

    def submission(
        self, facts: dict[str, Any] = FACTS, *, report: Report = REPORT, reporter: str = "reporter"
    ) -> dict[str, Any]:
        """The arguments of `submit`."""
        return build_submission(self.trust(), self.keys(reporter), report, facts, self.shown(facts), at=self.at)

    def sending(self, args: dict[str, Any]) -> Sending:
        return Sending(
            case=args["case"],
            parts=tuple(part_of(made) for made in args["objects"]),
            submission=args["submission"],
            epoch=args["epoch"],
            categories=tuple(args["categories"]),
            mailbox=args["mailbox"],
        )

    def receiving(self, args: dict[str, Any]) -> Receiving:
        decision = args["decision"]
        return Receiving(decision["body"], tuple(decision["readers"]), decision["custodians"])

    def receive(self, args: dict[str, Any], db: Session | None = None) -> reports.Receipt:
        if db is None:
            with self.world.store.transaction() as own:
                return self.receive(args, own)
        return reports.receive_report(
            db,
            self.sending(args),
            facts=args["facts"],
            shown=args["decision"],
            notice_delay=NO_DELAY,
            chance=self.chance,
            at=self.at,
        )

    def a_case(self, facts: dict[str, Any] = FACTS, *, reporter: str = "reporter") -> dict[str, Any]:
        """A stored report: the arguments it was sent with."""
        args = self.submission(facts, reporter=reporter)
        self.receive(args)
        return args

    def resigned(self, args: dict[str, Any], *, reporter: str = "reporter", **fields: Any) -> dict[str, Any]:
        """The same submission under a new signature: what a reporter's own, wrong browser could send."""
        said = dict(parse_jcs(unb64u(args["submission"]["stmt"])))
        listed = sorted((sealing.manifest_line(made) for made in args["objects"]), key=lambda line: line["id"])
        said |= {"objects": listed, "epoch": statement_hash(args["epoch"]), **fields}
        return args | {"submission": self.signed_by_reporter(said, reporter)}

    def signed_by_reporter(self, said: dict[str, Any], reporter: str = "reporter") -> dict[str, str]:
        return dict(sign_statement(self.keys(reporter).sign_seed, said))

    def signer(self, code: str) -> Signer:
        checkpoint = self.trust().checkpoint
        if code == REPORTER:
            return Signer(REPORTER, self.keys().sign_seed, checkpoint)
        return Signer(code, self.world.people[code].keys.sign_seed, checkpoint)

    def person(self, code: str) -> str:
        return self.world.people[code].id

    def recipient(self, code: str) -> Recipient:
        kem = self.keys().kem_public if code == REPORTER else self.world.people[code].keys.kem_public
        return Recipient(code, kem)

    def later(self, **by: int) -> Office:
        return replace(self, at=self.at + timedelta(**by))

    def header_hash(self, case: str, code: str) -> str:
        with self.world.store.reading() as db:
            header = cover(db, case, self.person(code), at=self.at).header
        return header.part.sha256

    def declare(self, case: str, code: str, *, conflict: bool = False) -> Any:
        statement = self.signer(code).state(
            "conflict", at=self.at, case=case, conflict=conflict, header=self.header_hash(case, code)
        )
        with self.world.store.transaction() as own:
            return cases.declare(own, case, self.person(code), statement, at=self.at)

    def withdraw(self, case: str, code: str) -> None:
        statement = self.signer(code).state("withdrawal", at=self.at, case=case, header=self.header_hash(case, code))
        with self.world.store.transaction() as db:
            cases.withdraw(db, case, self.person(code), statement, at=self.at)

    def epoch(
        self,
        case: str,
        ring: Ring,
        codes: tuple[str, ...],
        *,
        by: str,
        prev: str = sealing.ZEROS,
        removed: tuple[str, ...] = (),
    ) -> tuple[dict[str, str], list[dict[str, Any]]]:
        """A new epoch as somebody's browser makes it: statement and grants."""
        recipients = [self.recipient(code) for code in codes]
        statement = sealing.epoch_statement(
            self.signer(by), case, ring, recipients, prev=prev, removed=removed, at=self.at
        )
        return statement, [sealing.ring_grant(case, ring, one) for one in recipients]

    def open_epoch(self, case: str, by: str, made: tuple[dict[str, str], list[dict[str, Any]]]) -> None:
        statement, grants = made
        with self.world.store.transaction() as db:
            cases.open_epoch(db, case, self.person(by), statement, [part_of(one) for one in grants], at=self.at)

    def bad_key(
        self, case: str, by: str, made: dict[str, str], ring: str = "internal", epoch: int = 1
    ) -> dict[str, str]:
        """What a reader's browser signs of a key, made by this epoch statement, that opens nothing."""
        return sealing.bad_key_statement(self.signer(by), case, ring, epoch, statement_hash(made), at=self.at)

    def report_bad_key(self, case: str, by: str, statement: dict[str, str]) -> None:
        with self.world.store.transaction() as db:
            cases.report_bad_key(db, case, self.person(by), statement, at=self.at)

    def item(self, case: str, ring: Ring, kind: str, *, by: str, text: str = "Kính gửi") -> tuple[Part, dict[str, str]]:
        if kind == "supplement":
            made = sealing.sealed_supplement(case, ring, Supplement(text))
        else:
            made = sealing.sealed_item(case, ring, kind, {"v": 1, "text": text})
        return part_of(made), sealing.item_statement(self.signer(by), case, made, at=self.at)

    def add(self, case: str, by: str, item: tuple[Part, dict[str, str]]) -> datetime:
        with self.world.store.transaction() as db:
            return cases.add_item(db, case, self.person(by), *item, at=self.at)

    def seat_newcomer(self, code: str) -> None:
        """Somebody new with a key and a handling seat of UBKT-S, in a roster that holds both."""
        with self.world.store.transaction() as db:
            add(db, self.world, code, at=self.at)
            seat = {"body": "UBKT-S", "function": "member", "roles": ("intake",), "term_from": SINCE}
            add_seat(db, person=code, at=self.at, **seat)
            publish(db, self.world, at=self.at)

    def granting(self, case: str, by: str, code: str) -> dict[str, Any]:
        """What gives a case to somebody new, with the newest key of each ring, as a reader's browser makes it."""
        newest = {
            row.ring: row
            for row in rows(self, models.Epoch, models.Epoch.case_id == case, models.Epoch.state == "open")
        }
        hashes = {row.id: row.hash for row in rows(self, models.Statement, models.Statement.case_id == case)}
        recipient = self.recipient(code)
        header = part_of(sealing.sealed_to(case, recipient, "header", pad(b"{}", HEADER_FRAME)))
        held = [Ring(ring, row.epoch, seed(f"{ring} {row.epoch}")) for ring, row in sorted(newest.items())]
        copies = [part_of(sealing.ring_grant(case, ring, recipient)) for ring in held]
        statement = self.signer(by).state(
            "grant",
            at=self.at,
            case=case,
            reader=code,
            readerkey=recipient.readerkey,
            header=header.sha256,
            rings=[
                {"ring": ring, "epoch": row.epoch, "statement": hashes[row.statement_id]}
                for ring, row in sorted(newest.items())
            ],
            grants=grants_digest(copies),
        )
        return {"statement": statement, "header": header, "grants": copies}

    def grant(self, case: str, by: str, made: dict[str, Any]) -> str:
        with self.world.store.transaction() as db:
            return grant_case(
                db, case, self.person(by), facts=FACTS, notice_delay=NO_DELAY, chance=self.chance, at=self.at, **made
            )

    def moving(self, case: str, by: str, body: str, codes: tuple[str, ...], facts: dict[str, Any]) -> dict[str, Any]:
        """What moves a case to these people of a body, with a copy of the report ring's first key, as a browser makes it."""
        newest = {
            row.ring: row
            for row in rows(self, models.Epoch, models.Epoch.case_id == case, models.Epoch.state == "open")
        }
        hashes = {row.id: row.hash for row in rows(self, models.Statement, models.Statement.case_id == case)}
        (row,) = rows(self, models.Case, models.Case.id == case)
        recipients = [self.recipient(code) for code in codes]
        headers = [part_of(sealing.sealed_to(case, one, "header", pad(b"{}", HEADER_FRAME))) for one in recipients]
        grants = [part_of(sealing.ring_grant(case, REPORT_RING, one)) for one in recipients]
        statement = self.signer(by).state(
            "move",
            at=self.at,
            case=case,
            body=body,
            why="competence",
            ruleset=row.ruleset,
            readers=[{"id": one.id, "key": one.readerkey} for one in recipients],
            rings=[
                {"ring": ring, "epoch": row.epoch, "statement": hashes[row.statement_id]}
                for ring, row in sorted(newest.items())
            ],
            headers=grants_digest(headers),
            grants=grants_digest(grants),
            **{"from": row.body},
        )
        return {"statement": statement, "headers": headers, "grants": grants, "facts": facts}

    def move(self, case: str, by: str, made: dict[str, Any]) -> str:
        with self.world.store.transaction() as db:
            return move_case(
                db,
                case,
                self.person(by),
                leaving=False,
                notice_delay=NO_DELAY,
                chance=self.chance,
                at=self.at,
                **made,
            )

    def reporter_writes(self, item: tuple[Part, dict[str, str]]) -> datetime:
        with self.world.store.transaction() as db:
            return write_from_mailbox(
                db, self.keys().mailbox_hash, *item, notice_delay=NO_DELAY, chance=self.chance, at=self.at
            )

    def the_file(self, case: str, code: str) -> CaseFile:
        with self.world.store.reading() as db:
            return case_file(db, case, self.person(code), at=self.at)

    def the_cover(self, case: str, code: str) -> CaseCover:
        with self.world.store.reading() as db:
            return cover(db, case, self.person(code), at=self.at)

    def the_queue(self, code: str) -> tuple[CaseLine, ...]:
        with self.world.store.reading() as db:
            page = queue(db, self.person(code), at=self.at)
        assert page.next is None
        return page.lines

    def day(self) -> str:
        return local_date(self.at).isoformat()
