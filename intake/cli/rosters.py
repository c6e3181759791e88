"""`roster key|draft|takeover|sign|publish`: whose keys these are (sealing.md, *Roster*).

A rehearsed roster ends the day before it begins: it goes through everything, and nobody ever takes it.

`key` and `sign` run on a computer that is not the server: they need no settings, no database and no network. The
draft carries what the signer needs to judge it, and nothing secret.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from crypto.encoding import b64u, fingerprint, jcs, parse_jcs, sha256hex, unb64u
from crypto.errors import CryptoError, WeakKey
from crypto.offline import SHORTEST_PASSPHRASE, lock_key, unlock_key
from crypto.signing import sign_document, sign_public, verify_document, verify_statement
from intake import rotating
from intake.cli.console import opened, passphrase_of, say
from intake.config import Settings
from intake.files import write_private
from intake.keyring import Keyring
from intake.services import utc_now
from workflow import ledger, posts
from workflow.commands import rosters
from workflow.queries import organisation
from workflow.queries.enrolments import possession_statements
from workflow.roster_changes import Change, changes
from workflow.store import Session, Store

DAYS = 92
MARKS = {"added": "+", "removed": "-", "changed": "!"}


@click.group("roster")
def roster() -> None:
    """The signed roster: who holds which key in which seat."""


@roster.command("key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--passphrase-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Else you are asked."
)
def key(file: Path, passphrase_file: Path | None) -> None:
    """Make an organisation key: FILE (locked, for the safe) and FILE.pub. Run it offline, twice: key and successor."""
    passphrase = passphrase_of(passphrase_file, confirm=True)
    seed = secrets.token_bytes(32)
    public = file.with_name(file.name + ".pub")
    if public.exists():
        raise click.ClickException(f"{public} đã có, không ghi đè. (It is there already and stays.)")
    try:
        write_private(file, lock_key(seed, passphrase), replace=False)
    except FileExistsError:
        raise click.ClickException(f"{file} đã có, không ghi đè. (It is there already and stays.)") from None
    except WeakKey:
        raise click.ClickException(
            f"Cụm mật khẩu phải có ít nhất {SHORTEST_PASSPHRASE} ký tự. "
            f"(The passphrase needs at least {SHORTEST_PASSPHRASE} characters.)"
        ) from None
    write_private(public, b64u(sign_public(seed)).encode() + b"\n")
    say(f"Khóa bí mật, cất trong két: {file}", "the locked key: keep it in a safe, never on the server")
    say(f"Khóa công khai: {public}", "the public key: give it to niemphong init or roster draft")
    say(f"Dấu vân tay: {fingerprint(sign_public(seed))}", "the fingerprint: print it on the notice to all cadres")


@roster.command("draft")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Else to the standard output.")
@click.option("--days", type=click.IntRange(1, 366), default=DAYS, show_default=True, help="How long it is valid.")
@click.option("--successor", help="The successor key's .pub file or fingerprint; else as in the newest roster.")
@click.option(
    "--org-key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The organisation key's .pub."
)
def draft(out: Path | None, days: int, successor: str | None, org_key: Path | None) -> None:
    """Write the roster that is to be signed, from the database."""
    with opened() as (settings, store), store.reading() as db:
        last = organisation.latest_roster(db)
        named = _fingerprint(successor) if successor else (last.body["successor"] if last else None)
        if named is None:
            raise click.UsageError(
                "--successor: khóa kế nhiệm là bắt buộc ở danh sách đầu tiên (name the successor key, see roster key)"
            )
        package = _package(db, settings, days=days, successor=named, org=read_public(org_key) if org_key else None)
    _write_draft(package, out)


@roster.command("takeover")
@click.option(
    "--org-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The successor key's .pub, which takes over.",
)
@click.option("--successor", required=True, help="The next successor's .pub file or fingerprint.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--days", type=click.IntRange(1, 366), default=DAYS, show_default=True, help="How long it is valid.")
@click.option("--rehearse", is_flag=True, help="Draft one that can be signed and tried, and never be in force.")
def takeover(org_key: Path, successor: str, out: Path, days: int, rehearse: bool) -> None:
    """Draft the roster with which the named successor takes the organisation's key over."""
    key, named = read_public(org_key), _fingerprint(successor)
    with opened() as (settings, store), store.reading() as db:
        last = organisation.latest_roster(db)
        if last is None:
            raise click.ClickException(
                "Chưa có danh sách nào, nên chưa khóa kế nhiệm nào được nêu tên. "
                "(There is no roster yet, so no successor is named: draft the first one.)"
            )
        if fingerprint(key) != last.body["successor"]:
            raise click.ClickException(
                f"Danh sách số {last.no} nêu tên khóa kế nhiệm {last.body['successor']}, không phải {fingerprint(key)}. "
                f"(Roster {last.no} names another successor than this key: nobody would follow it.)"
            )
        package = _package(db, settings, days=-1 if rehearse else days, successor=named, org=key)
    _tell_key(last.body, package["roster"])
    if rehearse:
        _tell_rehearsal()
    _write_draft(package, out)


def _package(db: Session, settings: Settings, *, days: int, successor: str, org: bytes | None) -> dict[str, Any]:
    """A draft with what its signer needs to judge it; `days` from today on it is valid."""
    today, last = utc_now().date(), organisation.latest_roster(db)
    expires = today + timedelta(days=days)
    return {
        "v": 1,
        "kind": "roster-draft",
        "roster": rosters.draft_roster(
            db,
            issued=today,
            expires=expires,
            successor=successor,
            org=org,
            installation=next_installation_key(settings),
        ),
        "last": last.document if last else None,
        "statements": possession_statements(db),
        "names": {code: who["name"] for code, who in organisation.names(db, today).items()},
    }


def _write_draft(package: Mapping[str, Any], out: Path | None) -> None:
    text = json.dumps(package, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    write_private(out, text.encode())
    no = package["roster"]["no"]
    say(f"Bản dự thảo số {no}: {out}", "the draft; take it to the computer with the offline key: roster sign")


@roster.command("sign")
@click.argument("draft_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "key_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option(
    "--passphrase-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Else you are asked."
)
@click.option("--yes", is_flag=True, help="Don't ask: you have compared everything.")
def sign(draft_file: Path, key_file: Path, out: Path, passphrase_file: Path | None, yes: bool) -> None:
    """Show what a draft changes, then sign it with the offline key."""
    said, last, package = _read_draft(draft_file)
    _require_possession(said, package.get("statements") or {})
    for line in difference(last, said, package.get("names") or {}):
        click.echo(line)
    if last is not None:
        _tell_key(last, said)
    if _is_rehearsed(said):
        _tell_rehearsal()
    if not yes:
        click.confirm(
            "Đã đối chiếu dấu vân tay của từng thành viên mới với chính người đó, và ký?\n"
            "  (Have you compared each new fingerprint with its owner, and sign?)",
            abort=True,
        )
    seed = unlock_key(key_file.read_bytes(), passphrase_of(passphrase_file))
    if b64u(sign_public(seed)) != said["org"]:
        raise click.ClickException(
            "Bản dự thảo ghi một khóa tổ chức khác. (The draft names another organisation key than this file holds.)"
        )
    write_private(out, json.dumps(sign_document(seed, "roster", said)).encode() + b"\n")
    say(f"Đã ký: {out} (sha256 {sha256hex(jcs(said))})", "signed; bring it to the server: roster publish")


@roster.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--org-key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What to pin at the first."
)
@click.option("--rehearse", is_flag=True, help="Go through all of it, say what would happen, and keep nothing.")
def publish(file: Path, org_key: Path | None, rehearse: bool) -> None:
    """Verify a signed roster and put it in force."""
    try:
        document = json.loads(file.read_bytes())
        document = {"doc": document["doc"], "sig": document["sig"]}
        said = dict(parse_jcs(unb64u(document["doc"])))
        valid_on = date.fromisoformat(said["expires"]) if _is_rehearsed(said) else None
    except (CryptoError, ValueError, KeyError, TypeError):
        raise click.UsageError(f"{file}: không phải danh sách đã ký (not a signed roster)") from None
    at = utc_now()
    with opened() as (settings, store):
        seeds = Keyring(settings).signing_seeds
        with store.reading() as db:
            before = organisation.latest_roster(db)
            names = {code: who["name"] for code, who in organisation.names(db, at.date()).items()}
        if rehearse:
            _rehearse(store, document, read_public(org_key) if org_key else None, seeds, at=at, valid_on=valid_on)
            for line in difference(before.body if before else None, said, names):
                click.echo(line)
            if before is not None:
                _tell_key(before.body, said)
            say(
                "DIỄN TẬP: mọi bước đều thông suốt, và không có gì được giữ lại.",
                "a rehearsal: it all went well, and nothing was kept",
            )
            return
        with store.transaction() as db:
            no = rosters.publish_roster(
                db, document, org_key=read_public(org_key) if org_key else None, signing_seeds=seeds, at=at
            )
            if ledger.latest_checkpoint(db) is None:  # without one nobody can refer to it in a statement
                ledger.checkpoint(db, *seeds, at=at)
        with store.reading() as db:
            installed = organisation.installation(db)
        changed = rotating.finish_installation(settings, installed.signing_public)
    say(f"Danh sách số {no} đã có hiệu lực.", "the roster is in force")
    if before is not None:
        _tell_key(before.body, said)
    if changed:
        say(
            f"Khóa mới của bản cài đặt đã có hiệu lực: {fingerprint(installed.signing_public)}",
            "the installation's new key is in force; the former one has been destroyed",
        )
    if installed.organisation_key:
        say(
            f"Dấu vân tay khóa tổ chức: {fingerprint(installed.organisation_key)}", "the organisation key's fingerprint"
        )


class _Rehearsed(Exception):
    """What was tried is rolled back."""


def _rehearse(
    store: Store,
    document: Mapping[str, str],
    org_key: bytes | None,
    seeds: Sequence[bytes],
    *,
    at: datetime,
    valid_on: date | None,
) -> None:
    """All of publishing, in a transaction that ends in nothing. Refusal as it would be."""
    with suppress(_Rehearsed), store.transaction() as db:
        rosters.publish_roster(db, document, org_key=org_key, signing_seeds=seeds, at=at, valid_on=valid_on)
        raise _Rehearsed


def _is_rehearsed(said: Mapping[str, Any]) -> bool:
    return date.fromisoformat(said["expires"]) < date.fromisoformat(said["issued"])


def _tell_rehearsal() -> None:
    say(
        "DIỄN TẬP: danh sách này hết hạn trước khi bắt đầu, nên không trình duyệt nào và không máy chủ nào nhận nó.",
        "a rehearsal: this roster ends before it begins, so no browser and no server ever takes it",
    )


def _tell_key(last: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    """In words what a takeover means; nothing where the key stays."""
    if last["org"] == said["org"]:
        return
    old, new = (fingerprint(unb64u(one["org"])) for one in (last, said))
    say(
        f"THAY KHÓA TỔ CHỨC: từ danh sách số {said['no']}, khóa kế nhiệm {new} thay khóa {old}.",
        f"from roster {said['no']} on the named successor takes over from the former key",
    )
    say(
        "Trình duyệt đang tin khóa cũ sẽ tự theo khóa mới, vì danh sách trước đã nêu tên nó, và nhắc mọi người đối chiếu. "
        "Khóa cũ không còn ký được gì. Hãy in lại thông báo với dấu vân tay mới.",
        "browsers follow, because the roster before names it, and ask people to compare; the former key signs nothing "
        "more; print the notice anew",
    )
    say(f"Khóa kế nhiệm tiếp theo: {said['successor']}", "the next successor: keep it in another safe")


def difference(last: Mapping[str, Any] | None, said: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """The readable difference between two rosters; new and changed keys with the fingerprint to compare."""
    lines = [
        f"Danh sách số {said['no']} (roster), {_day(said['issued'])} → {_day(said['expires'])}",
        f"  khóa tổ chức (organisation key): {fingerprint(unb64u(said['org']))}",
        f"  khóa kế nhiệm (successor):       {said['successor']}",
    ]
    found = changes(last, said)
    lines += [_line(change, names) for change in found if change.part not in ("org", "successor") or last is not None]
    return lines if found else [*lines, "  không có thay đổi (nothing else changes)"]


def _day(iso: str) -> str:
    return date.fromisoformat(iso).strftime("%d/%m/%Y")


def _line(change: Change, names: Mapping[str, str]) -> str:
    row = change.after or change.before or {}
    what = {
        "members": lambda: f"khóa của {_who(row['id'], names)} (key): {fingerprint(unb64u(row['sign']))}",
        "seats": lambda: f"vị trí {row['body']} – {_who(row['person'], names)} (seat): {_duties(row)}",
        "bodies": lambda: f"cơ quan {row['id']} (body): {row['kind']}, level {row['level']}, quorum {row['quorum']}",
        "installation": lambda: f"khóa của bản cài đặt (installation key): {fingerprint(unb64u(row['is']))}",
        "sets": lambda: f"nhóm giữ khóa {row['id']} (custodians): {row['k']}/{row['n']} {_list(row['members'])}",
        "org": lambda: f"khóa tổ chức (organisation key): {fingerprint(unb64u(row['is']))}",
    }.get(change.part, lambda: f"{change.part}: {row.get('is')}")()
    changed = change.part in ("members", "installation") and change.kind == "changed"
    alert = "   ← KHÓA ĐÃ ĐỔI (the key has changed)" if changed else ""
    return f"  {MARKS[change.kind]} {what}{alert}"


def _duties(seat: Mapping[str, Any]) -> str:
    words = posts.duties(seat["function"], seat["roles"])
    return f"{words['vi']} ({words['en']})"


def _who(code: str, names: Mapping[str, str]) -> str:
    return f"{code} {names[code]}" if code in names else code


def _list(words: list[str]) -> str:
    return ", ".join(words)


def _read_draft(path: Path) -> tuple[dict[str, Any], Mapping[str, Any] | None, Mapping[str, Any]]:
    """The draft, the roster before it (verified), and what came along. Refuses one that is out of turn."""
    try:
        package = json.loads(path.read_bytes())
        said = dict(parse_jcs(jcs(package["roster"])))
        last = None
        if package["last"] is not None:
            doc = unb64u(package["last"]["doc"])
            last = verify_document(unb64u(parse_jcs(doc)["org"]), "roster", package["last"])
            turn = (last["no"] + 1, sha256hex(doc))
        else:
            turn = (1, ledger.START)
        if (said["no"], said["prev"]) != turn:
            raise ValueError("out of turn")
        if said["successor"] == fingerprint(unb64u(said["org"])):
            raise ValueError("a key that is its own successor")
        if last is not None and said["org"] != last["org"] and fingerprint(unb64u(said["org"])) != last["successor"]:
            raise ValueError("another key than the successor")
        date.fromisoformat(said["issued"])
        date.fromisoformat(said["expires"])
    except (ValueError, KeyError, TypeError, CryptoError) as fault:
        raise click.UsageError(
            f"{path}: bản dự thảo không đúng hoặc không nối tiếp danh sách trước (not a draft, or out of turn: {fault})"
        ) from None
    return said, last, package


def _require_possession(said: Mapping[str, Any], statements: Mapping[str, Mapping[str, str]]) -> None:
    """Each listed pair of keys is bound by its owner's own statement, so comparing one fingerprint compares both."""
    for member in said["members"]:
        try:
            proof = verify_statement(unb64u(member["sign"]), dict(statements[member["id"]]), "enrolment")
            bound = (proof.get("member"), proof.get("kem"), proof.get("sign"))
        except (CryptoError, KeyError, TypeError):
            bound = (None, None, None)
        if bound != (member["id"], member["kem"], member["sign"]):
            raise click.ClickException(
                f"{member['id']}: khóa không được chính người đó xác nhận; không ký. "
                "(This key is not confirmed by its owner's statement; nothing is signed.)"
            )


def next_installation_key(settings: Settings) -> bytes | None:
    """The public half of the installation key that has been prepared, if one has."""
    following = Keyring(settings).held("INSTALLATION_KEY").following
    return sign_public(following) if following else None


def read_public(path: Path) -> bytes:
    """The public key in a `.pub` file."""
    try:
        raw = unb64u(path.read_text("ascii").strip())
    except (CryptoError, ValueError):
        raw = b""
    if len(raw) != 32:
        raise click.UsageError(f"{path}: không phải khóa công khai (not a public key as `roster key` writes it)")
    return raw


def _fingerprint(given: str) -> str:
    """A fingerprint, given as such or by the public key's file."""
    text = " ".join(given.lower().split())
    if len(text) == 49 and all(char in "0123456789abcdef " for char in text):
        return text
    path = Path(given)
    if not path.is_file():
        raise click.UsageError("--successor: cần tệp .pub hoặc dấu vân tay (give a .pub file or a fingerprint)")
    return fingerprint(read_public(path))


COMMANDS = (roster,)
