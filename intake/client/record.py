"""Checking the record: a case's ledger against all that a visit has verified, and against the signed checkpoints.

Twin of static/js/client/reporter/record.js (docs/sealing.md, *Ledger*).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crypto.encoding import parse_jcs, sha256hex, unb64u
from crypto.errors import BadSignature, CryptoError
from crypto.ledgers import (
    BrokenChain,
    Chain,
    SignedRoot,
    leaf_bytes,
    read_checkpoint,
    verify_chain,
    verify_checkpoint,
    verify_inclusion,
)
from intake.client.errors import ClientFault
from intake.client.memory import Pointer
from intake.client.opening import ORIGINAL, Message
from intake.client.opening import Chain as Epochs
from workflow.sealed import REPORTER
from workflow.times import read_stamp

# A checkpoint is signed on the hour, and of a reporter's act the hour is recorded: what is older than this when one is
# signed must be in it. Some minutes more for who had to wait for the database.
DUE = timedelta(minutes=65)
LATE = timedelta(minutes=130)
SUPPLEMENTED = "report_supplemented"
ADDING = ("item_added", "reporter_wrote", SUPPLEMENTED)
MOVED = "case_moved"
GIVING = ("granted", MOVED)
MARK = 20  # bytes of a hash that people compare


@dataclass(frozen=True)
class Known:
    """What a visit has verified and the record has to agree with."""

    case: str
    submission: Mapping[str, Any]
    manifest: str
    point: Mapping[str, Any]
    epochs: Mapping[int, str]
    items: Mapping[str, tuple[str | None, bool]]  # hash, and whether it is a supplement
    added: frozenset[str]  # hashes of the statements that gave the case to somebody later
    left: frozenset[str]  # hashes of the statements with which the case left in packages
    moves: Mapping[str, tuple[str, str, str]]  # of those that moved it: from which body, to which, and why
    named: Sequence[Mapping[str, Any]]  # statements that name checkpoints
    complete: bool


@dataclass(frozen=True)
class Fetched:
    entries: Sequence[bytes]
    checkpoints: Sequence[Mapping[str, str]]
    proof: Mapping[str, Any] | None


@dataclass(frozen=True)
class Checked:
    """What a sound record says; times are stamps, `mark` is for comparing with the receipt's."""

    entries: int
    since: str
    mark: str
    covered: int
    late: bool
    checkpoint: SignedRoot
    checkpoints: int
    witnesses: int  # statements of others that name a checkpoint of this history
    opened: int
    first_opened: str | None
    answers: int
    notes: int
    written: int
    supplements: int
    left: int
    conflicts: int
    removed: int
    renewed: int
    granted: int
    packages: int
    moved: int

    @property
    def waiting(self) -> int:
        """Entries that the next checkpoint will cover."""
        return self.entries - self.covered


def mark_of(hashed: str) -> str:
    """A hash as people compare it: its first 20 bytes, in groups of four."""
    return " ".join(hashed[at : at + 4] for at in range(0, 2 * MARK, 4))


def fetch_record(call: Callable[..., Mapping[str, Any]], first: int) -> Fetched:
    """Everything of the record: pages until nothing is left. `call` asks for one."""
    entries: list[bytes] = []
    checkpoints: list[Mapping[str, str]] = []
    while True:
        page = call(entry=len(entries) + 1, checkpoint=first + len(checkpoints))
        if page["more"] and not page["entries"] and not page["checkpoints"]:
            raise ClientFault("answer_damaged")
        entries += [unb64u(entry) for entry in page["entries"]]
        checkpoints += page["checkpoints"]
        if not page["more"]:
            return Fetched(entries, checkpoints, page["proof"])


def known_of(answer: Mapping[str, Any], report: Epochs, messages: Iterable[Message]) -> Known:
    """What an opened mailbox has verified (`answer` is that of `mailbox.open`)."""
    later = [entry for entry in answer["items"] if entry["object"]["kind"] not in ORIGINAL]
    sound = {message.id for message in messages if message.fault is None}
    trusted = {epoch.epoch for epoch in report.epochs.values() if epoch.trusted}
    signed = [row["statement"] for row in answer["epochs"] if row["statement"] and row["epoch"] in trusted]
    signed += [entry["statement"] for entry in later if entry["object"]["id"] in sound]
    manifest = unb64u(answer["submission"]["stmt"])
    return Known(
        case=answer["case"],
        submission=parse_jcs(manifest),
        manifest=sha256hex(manifest),
        point=answer["ledger"],
        epochs={number: epoch.hash for number, epoch in report.epochs.items()},
        items={made["id"]: (_sha256(made), made["kind"] == "supplement") for made in (one["object"] for one in later)},
        added=frozenset(hashed for epoch in report.epochs.values() for _, hashed in epoch.added),
        left=frozenset(sha256hex(unb64u(one["statement"]["stmt"])) for one in answer["packages"]),
        moves={
            move.hash: (move.before, move.body, move.why)
            for move in (one.move for one in report.epochs.values())
            if move
        },
        named=[parse_jcs(unb64u(statement["stmt"])) for statement in signed],
        complete=not answer["more"],
    )


def check_record(
    fetched: Fetched, known: Known, *, roster: int, installation: bytes, seen: Pointer, now: datetime
) -> Checked:
    """Check a fetched record: what it says, in numbers.

    `installation` is the key that the roster of this number names, `seen` the checkpoint that this visit verified. Raises
    ClientFault with record_broken, record_differs, record_missing, record_withheld, checkpoint_bad, record_forked, record_older or
    record_excluded.
    """
    try:
        chain = verify_chain(fetched.entries, known.case)
    except BrokenChain as broken:
        raise ClientFault("record_broken", at=broken.index + 1) from None
    except CryptoError:
        raise ClientFault("record_broken", at=1) from None
    received = chain.entries[0]
    own = (received["kind"], received["pub"].get("manifest"), received["pub"].get("body"))
    if own != ("report_received", known.manifest, known.submission["body"]):
        raise ClientFault("record_differs")
    if _head_at(chain, known.point["seq"]) != known.point["head"]:
        raise ClientFault("record_differs")
    _check_recorded(chain, known)
    newest = _read_checkpoints(fetched.checkpoints, known, roster, installation, seen)
    covered = _covered(newest, fetched.proof, chain) if fetched.proof else 0
    waiting = read_stamp(chain.entries[covered]["at"]) if covered < chain.seq else None
    if waiting and read_stamp(newest.at) - waiting >= DUE:
        raise ClientFault("record_excluded")
    return Checked(
        entries=chain.seq,
        since=received["at"],
        mark=mark_of(str(_head_at(chain, 1))),
        covered=covered,
        late=waiting is not None and now - waiting >= LATE,
        checkpoint=newest,
        checkpoints=len(fetched.checkpoints),
        witnesses=len([said for said in known.named if said["by"] != REPORTER]),
        **_counted(chain),
    )


def _sha256(made: Mapping[str, Any]) -> str | None:
    return str(sha256hex(unb64u(made["data"]))) if made.get("data") else None


def _head_at(chain: Chain, seq: int) -> str | None:
    """The hash of an entry; None where there is none of this number."""
    if not 1 <= seq <= chain.seq:
        return None
    return chain.head if seq == chain.seq else str(chain.entries[seq]["prev"])


def _named_items(chain: Chain) -> dict[str, tuple[int, str, bool]]:
    """The later items that entries name: number of the entry, hash, whether it says a supplement; by id."""
    return {
        entry["pub"]["item"]: (entry["seq"], entry["pub"]["sha256"], entry["kind"] == SUPPLEMENTED)
        for entry in chain.entries
        if entry["kind"] in ADDING and entry["pub"].get("ring") == "report"
    }


def _named_epochs(chain: Chain) -> dict[int, tuple[int, str]]:
    """The report ring's keys that entries name: number of the entry and hash of the statement, by epoch."""
    named = {}
    for entry in chain.entries:
        made = entry["pub"] if entry["kind"] == "epoch_opened" else entry["pub"].get("epoch")
        if isinstance(made, dict) and made.get("ring") == "report":
            named[made["epoch"]] = (entry["seq"], made["statement"])
    return named


def _check_recorded(chain: Chain, known: Known) -> None:
    """What was verified is recorded as it is, and what is recorded up to the mailbox's own point was shown."""
    items, epochs = _named_items(chain), _named_epochs(chain)
    for id_, (sha256, is_supplement) in known.items.items():
        if id_ not in items or sha256 not in (None, items[id_][1]) or items[id_][2] != is_supplement:
            raise ClientFault("record_missing", id=id_)
    for number, hashed in known.epochs.items():
        # The first key is the report's own: its statement is named in the manifest, and the manifest in the first entry.
        if number > 1 and (number not in epochs or epochs[number][1] != hashed):
            raise ClientFault("record_missing", epoch=number)
    given, gone = _statements(chain, *GIVING), _statements(chain, "package_made")
    for shown, listed in ((known.added, given), (known.left, gone)):
        if shown - listed.keys():
            raise ClientFault("record_missing", added=len(shown - listed.keys()))
    recorded = {
        entry["pub"]["statement"]: tuple(entry["pub"][name] for name in ("from", "to", "why"))
        for entry in chain.entries
        if entry["kind"] == MOVED and entry["pub"]["statement"] in known.added
    }
    if recorded != dict(known.moves):
        raise ClientFault("record_differs")
    hidden = [seq for id_, (seq, *_) in items.items() if known.complete and id_ not in known.items]
    hidden += [seq for number, (seq, _) in epochs.items() if number not in known.epochs]
    hidden += [seq for hashed, seq in given.items() if hashed not in known.added]
    hidden += [seq for hashed, seq in gone.items() if hashed not in known.left]
    for seq in sorted(hidden):
        if seq <= known.point["seq"]:
            raise ClientFault("record_withheld", at=seq)


def _statements(chain: Chain, *kinds: str) -> dict[str, int]:
    """The statements that entries of a kind name: number of the entry, by hash."""
    return {entry["pub"]["statement"]: entry["seq"] for entry in chain.entries if entry["kind"] in kinds}


def _read_checkpoints(
    documents: Sequence[Mapping[str, str]], known: Known, roster: int, installation: bytes, seen: Pointer
) -> SignedRoot:
    """All checkpoints from the one that the report names: each following the last, signed, and none seen left out.

    Those from before the installation's key changed are held by their hashes, which the later ones sign over
    (docs/decisions/0022). Where no roster has come since the report, no key can have changed.
    """
    first = known.submission["checkpoint"]
    hashes: dict[int, str] = {}
    newest: SignedRoot | None = None
    earlier = roster > known.submission["roster"]["no"]  # whether an earlier key may have signed what comes now
    for document in documents:
        try:
            said = read_checkpoint(document)
            earlier = earlier and not _is_signed(installation, document)
            if not earlier:
                verify_checkpoint(installation, document)
        except CryptoError:
            raise ClientFault("checkpoint_bad") from None
        told = (said.no, said.prev) if newest else (said.no, said.hash)
        if told != ((newest.no + 1, newest.hash) if newest else (first["no"], first["hash"])):
            raise ClientFault("record_forked", no=said.no)
        hashes[said.no] = said.hash
        newest = said
    if newest is not None and earlier:
        raise ClientFault("checkpoint_bad")  # nothing that the roster's key signed stands behind any of it
    if newest is None or seen.no > newest.no:
        raise ClientFault("record_older", seen=seen.no)
    # Others' statements name the checkpoints that they have seen: two people can't be shown two histories.
    for named in (seen.json, *(said["checkpoint"] for said in known.named)):
        if named["no"] >= first["no"] and hashes.get(named["no"]) != named["hash"]:
            raise ClientFault("record_forked", no=named["no"])
    return newest


def _is_signed(installation: bytes, document: Mapping[str, str]) -> bool:
    try:
        verify_checkpoint(installation, document)
    except BadSignature:
        return False
    return True


def _covered(newest: SignedRoot, proof: Mapping[str, Any], chain: Chain) -> int:
    """How many entries the newest checkpoint covers."""
    leaf = proof["leaf"]
    mine = proof["no"] == newest.no and leaf["chain"] == chain.chain and _head_at(chain, leaf["seq"]) == leaf["head"]
    path = [bytes.fromhex(sibling) for sibling in proof["path"]]
    if not mine or not verify_inclusion(newest, leaf_bytes(**leaf), proof["index"], path):
        raise ClientFault("record_excluded")
    return int(leaf["seq"])


def _counted(chain: Chain) -> dict[str, Any]:
    def of(kind: str) -> list[Mapping[str, Any]]:
        return [entry for entry in chain.entries if entry["kind"] == kind]

    added = of("item_added")
    answers = [entry for entry in added if entry["pub"].get("ring") == "report"]
    opened = of("opened")
    return {
        "opened": len(opened),
        "first_opened": opened[0]["at"] if opened else None,
        "answers": len(answers),
        "notes": len(added) - len(answers),
        "written": len(of("reporter_wrote")),
        "supplements": len(of(SUPPLEMENTED)),
        "left": len(of("withdrawn")),
        "conflicts": len(of("conflict_declared")),
        "removed": len(of("removed")),
        "granted": len(of("granted")),
        "packages": len(of("package_made")),
        "moved": len(of(MOVED)),
        "renewed": len([number for number in _named_epochs(chain) if number > 1]),
    }
