"""`outside sign|add|list|remove`: the bodies outside to which a case may leave (docs/sealing.md, *Bodies outside*).

`sign` runs on the computer with the offline key; it needs no settings, no database and no network.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import click

from crypto.encoding import fingerprint, unb64u
from crypto.errors import CryptoError
from crypto.offline import unlock_key
from crypto.signing import sign_public
from intake.cli.console import opened, passphrase_of, say
from intake.files import write_private
from intake.services import utc_now
from workflow.commands.outside import add_outside, remove_outside
from workflow.outside import LONGEST_DAYS, Outside, sign_outside
from workflow.queries.packages import known_outside, outside_documents
from workflow.times import local_date

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("outside")
def outside() -> None:
    """Bodies outside: to whom a case may leave in a package, signed by the organisation's key."""


@outside.command("sign")
@click.argument("code")
@click.option("--name-vi", required=True, help="The body's name in Vietnamese.")
@click.option("--name-en", required=True, help="The body's name in English.")
@click.option("--key", "key_file", type=EXISTING, help="The body's .pub file; without one a printed code is used.")
@click.option("--org-key", type=EXISTING, required=True, help="The organisation's locked key.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--days", type=click.IntRange(1, LONGEST_DAYS), default=LONGEST_DAYS, show_default=True)
@click.option("--passphrase-file", type=EXISTING, help="Else you are asked.")
@click.option("--yes", is_flag=True, help="Don't ask: you have compared the fingerprint with the body itself.")
def sign(
    code: str,
    name_vi: str,
    name_en: str,
    key_file: Path | None,
    org_key: Path,
    out: Path,
    days: int,
    passphrase_file: Path | None,
    yes: bool,
) -> None:
    """Sign for the body outside with this CODE (letters, figures and hyphens), with its key or without one."""
    today = local_date(utc_now())
    kem = read_kem(key_file) if key_file else None
    body = Outside(code, name_vi, name_en, today, today + timedelta(days=days), kem)
    _tell(body)
    if not yes:
        click.confirm(
            "Đã đối chiếu dấu vân tay với chính cơ quan đó, và ký?\n"
            "  (Have you compared the fingerprint with the body itself, and sign?)",
            abort=True,
        )
    seed = unlock_key(org_key.read_bytes(), passphrase_of(passphrase_file))
    document = sign_outside(seed, body)
    write_private(out, json.dumps(document).encode() + b"\n")
    say(f"Đã ký bằng khóa {fingerprint(sign_public(seed))}: {out}", "signed; bring it to the server: outside add")


@outside.command("add")
@click.argument("file", type=EXISTING)
def add(file: Path) -> None:
    """Enter a body outside that was signed, in place of what was known of it."""
    try:
        said = json.loads(file.read_bytes())
        document = {"doc": str(said["doc"]), "sig": str(said["sig"])}
    except (ValueError, KeyError, TypeError):
        raise click.UsageError(f"{file}: không phải tệp do outside sign ghi (not what outside sign writes)") from None
    with opened() as (_, store), store.transaction() as db:
        body = add_outside(db, document, at=utc_now())
    _tell(body)
    say("Đã ghi.", "entered; handlers can send a case there from now on")


@outside.command("list")
def listed() -> None:
    """Show the bodies outside, with the fingerprints of their keys."""
    with opened() as (_, store), store.reading() as db:
        found = {body.code: body for body, _ in outside_documents(db, on=local_date(utc_now()))}
        codes = known_outside(db)
    if not codes:
        say("Chưa có cơ quan nào.", "None yet: niemphong outside sign")
    for code in codes:
        if code in found:
            _tell(found[code])
        else:
            say(f"{code}: CẢNH BÁO: chữ ký hết hiệu lực, cần ký lại.", "not in force: it has to be signed anew")


@outside.command("remove")
@click.argument("code")
def remove(code: str) -> None:
    """Take a body outside off the list: no case leaves to it any more."""
    with opened() as (_, store), store.transaction() as db:
        remove_outside(db, code, at=utc_now())
    say(f"Đã bỏ {code}.", "taken off the list")


def read_kem(path: Path) -> bytes:
    """The public key in a `.pub` file, as `package key` writes it."""
    try:
        raw = unb64u(path.read_text("ascii").strip())
    except (CryptoError, ValueError):
        raw = b""
    if len(raw) != 1216:
        raise click.UsageError(f"{path}: không phải khóa nhận hồ sơ (not a public key as `package key` writes it)")
    return raw


def _tell(body: Outside) -> None:
    say(f"{body.code}  {body.name_vi}", body.name_en)
    if body.fingerprint is None:
        click.echo("    không có khóa; dùng mã in một lần (no key; a printed one-time code is used)")
    else:
        click.echo(f"    dấu vân tay khóa (fingerprint): {body.fingerprint}")
    click.echo(f"    {body.issued.strftime('%d/%m/%Y')} – {body.expires.strftime('%d/%m/%Y')}")


COMMANDS = (outside,)
