"""`ledger verify`: reads the whole record again."""

from __future__ import annotations

import click

from crypto.signing import sign_public
from intake.cli.console import opened, say
from intake.keyring import Keyring
from workflow import ledger as records
from workflow.queries import organisation

# why a record can't be as it was made: the codes of `workflow.ledger.audit`
WHY = {
    "missing": ("thiếu mục này", "an entry is missing here"),
    "unreadable": ("không đọc được", "it can't be read"),
    "hash": ("nội dung không khớp với mã băm", "its content doesn't fit its hash"),
    "place": ("không đúng chỗ của nó", "it belongs to another place"),
    "link": ("không nối với mục trước", "it doesn't follow the entry before"),
    "private": ("phần riêng đã bị đổi", "its private part has been changed"),
    "signature": ("chữ ký không đúng", "its signature is wrong"),
    "uncovered": (
        "đổi khóa của bản cài đặt mà không điểm kiểm nào xác nhận",
        "it changes the installation key, and no checkpoint confirms it",
    ),
    "key": ("không nêu khóa hiện có của bản cài đặt", "it doesn't name the installation key in force"),
    "backwards": ("đi lùi so với điểm kiểm trước", "it goes back behind the checkpoint before"),
    "head": ("một mục đã ký xác nhận nay bị đổi hoặc bị cắt", "an entry it confirmed has been changed or cut off"),
    "root": ("gốc cây không khớp", "its root doesn't fit its leaves"),
}


@click.group("ledger")
def ledger() -> None:
    """The tamper-evident log."""


@ledger.command("verify")
def verify() -> None:
    """Check every chain and checkpoint; say which entry is wrong. Exit code 1 when any is."""
    with opened() as (settings, store), store.reading() as db:
        signing = organisation.installation(db).signing_public
        if signing not in map(sign_public, Keyring(settings).signing_seeds):
            raise click.ClickException(
                "Khóa của bản cài đặt không phải khóa trong cơ sở dữ liệu. "
                "(The database belongs to another installation key.)"
            )
        faults = records.verify(db, signing)
        latest = records.latest_checkpoint(db)
    for fault in faults:
        vietnamese, english = WHY.get(fault.why, (fault.why, fault.why))
        say(f"{fault.chain} mục {fault.seq}: {vietnamese}", f"{fault.chain} entry {fault.seq}: {english}")
    if faults:
        raise click.exceptions.Exit(1)
    at = f" Điểm kiểm mới nhất (newest checkpoint): {latest.no} {latest.hash}" if latest else ""
    say(f"Sổ ghi nguyên vẹn.{at}", "the ledger is whole")


COMMANDS = (ledger,)
