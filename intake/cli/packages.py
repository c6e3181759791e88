"""`package key|open|receipt`: a case that left an installation (docs/operations.md, *A case leaves*).

`key` and `open` run anywhere: they need no installation, no settings, no database and no network.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

import click

from crypto import packages as sealed
from crypto.encoding import b64u, fingerprint
from crypto.errors import CodeError, CryptoError, Damaged, Malformed, NotForMe, WeakKey
from crypto.hpke import kem_public
from crypto.offline import SHORTEST_PASSPHRASE, lock_key, unlock_key
from intake.cli.console import opened, passphrase_of, say
from intake.cli.package_words import files_of, plain
from intake.client.errors import ClientFault
from intake.client.packages import Package, verify_package
from intake.files import make_private_folder, write_private
from intake.services import utc_now
from workflow.commands.packages import take_receipt

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
LARGEST = 256 * 1024 * 1024  # bytes; a case of text is some hundred KiB
FAULTS = {
    "package_mixed": "Các phần của gói không thuộc về nhau; không tin được. (Its parts don't belong together.)",
    "package_unsigned": (
        "Không có chữ ký đúng của người đọc hồ sơ nào ở nơi gửi; không tin được. "
        "(No reader of the sending installation has rightly signed it.)"
    ),
    "submission_forged": "Chữ ký của người phản ánh không đúng. (The reporter's signature is not right.)",
    "object_swapped": "Một phần của bản gốc bị thay. (A part of the report is not the one that was signed.)",
    "object_missing": "Một phần của bản gốc bị thiếu. (A part of the report is missing.)",
}
OTHER_FAULT = "Nội dung gói không đúng như đã ký. (What the package holds is not as it was signed.)"


@click.group("package")
def package() -> None:
    """Cases that leave an installation: make a receiving key, open a package, take in its receipt."""


@package.command("key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--passphrase-file", type=EXISTING, help="Else you are asked.")
def key(file: Path, passphrase_file: Path | None) -> None:
    """Make a body's receiving key: FILE (locked, to be kept) and FILE.pub (to be given to senders)."""
    passphrase = passphrase_of(passphrase_file, confirm=True)
    seed = secrets.token_bytes(32)
    public = file.with_name(file.name + ".pub")
    kem = kem_public(sealed.body_seed(seed))
    try:
        locked = lock_key(seed, passphrase)
    except WeakKey:
        raise click.ClickException(
            f"Cụm mật khẩu phải có ít nhất {SHORTEST_PASSPHRASE} ký tự. "
            f"(The passphrase needs at least {SHORTEST_PASSPHRASE} characters.)"
        ) from None
    for path in (file, public):
        if path.exists():
            raise click.ClickException(f"{path} đã có, không ghi đè. (It is there already and stays.)")
    write_private(file, locked, replace=False)
    write_private(public, b64u(kem).encode() + b"\n", replace=False)
    say(f"Khóa bí mật: {file}", "the locked key: without it nothing that was sent to you can be opened")
    say(f"Khóa công khai: {public}", "the public key: give it to who sends to you")
    say(f"Dấu vân tay: {fingerprint(kem)}", "its fingerprint: read it out to the sender by another way")


@package.command("open")
@click.argument("file", type=EXISTING)
@click.option("--key", "key_file", type=EXISTING, help="Your body's locked key; else the one-time code is asked for.")
@click.option("--passphrase-file", type=EXISTING, help="The key's passphrase; else you are asked.")
@click.option("--code-file", type=EXISTING, help="A file with the one-time code; else you are asked.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="A new folder; else FILE-opened.")
def open_file(
    file: Path, key_file: Path | None, passphrase_file: Path | None, code_file: Path | None, out: Path | None
) -> None:
    """Open and check a package, and write what is in it into a folder for your eyes alone."""
    folder = out or file.with_name(file.stem + "-opened")
    if folder.exists():
        raise click.ClickException(f"{folder} đã có, không ghi đè. (It is there already and stays.)")
    data = _read(file)
    contents = _opened(data, key_file, passphrase_file, code_file)
    try:
        found = verify_package(data, contents)
    except ClientFault as fault:
        raise click.ClickException(FAULTS.get(fault.code, OTHER_FAULT)) from None
    except CryptoError:
        raise click.ClickException(FAULTS["package_mixed"]) from None
    _write(folder, found, sealed.unpack(contents).parts)
    _tell(folder, found)


@package.command("receipt")
@click.argument("file", type=EXISTING, required=False)
@click.option("--package", "id_", metavar="ID", help="The package's number, from a receipt on paper.")
@click.option("--number", help="Its receipt number, from a receipt on paper.")
def receipt(file: Path | None, id_: str | None, number: str | None) -> None:
    """Enter a receipt that came back (receipt.json, or what stands on paper), where the package was sent from."""
    if file is not None and id_ is None and number is None:
        id_, number = _returned(file)
    elif file is not None or id_ is None or number is None:
        raise click.UsageError("cần tệp, hoặc --package và --number (a file, or --package and --number)")
    with opened() as (_, store), store.transaction() as db:
        to = take_receipt(db, id_.strip().lower(), number, at=utc_now())
    say(f"Đã ghi: {to} đã nhận gói {id_}.", "entered in the ledger; the reporter and the handlers see it")


def _returned(file: Path) -> tuple[str, str]:
    """Package and number of a receipt.json."""
    try:
        said = json.loads(file.read_bytes())
        if said["v"] != 1 or said["kind"] != "package-receipt":
            raise ValueError("another kind of file")
        return str(said["package"]), str(said["receipt"])
    except (ValueError, KeyError, TypeError):
        raise click.UsageError(f"{file}: không phải biên nhận (not a receipt as package open writes it)") from None


def _read(file: Path) -> bytes:
    if file.stat().st_size > LARGEST:
        raise click.ClickException("Tệp quá lớn. (The file is too large for a package.)")
    return file.read_bytes()


def _opened(data: bytes, key_file: Path | None, passphrase_file: Path | None, code_file: Path | None) -> bytes:
    """What is in a package, with the key or the code that it asks for."""
    try:
        cover = sealed.read_cover(data)
    except Malformed:
        raise click.ClickException(
            "Đây không phải gói hồ sơ, hoặc tệp bị cắt cụt. (This is no package, or the file was cut off.)"
        ) from None
    to_key = cover.how == sealed.TO_KEY
    if to_key and key_file is None:
        raise click.UsageError(
            f"--key: gói này niêm phong cho khóa của {plain(cover.place['reader'])} (sealed to that body's key)"
        )
    if not to_key and key_file is not None:
        raise click.UsageError("--key: gói này mở bằng mã in một lần (this one opens with a one-time code)")
    seed = _unlocked(key_file, passphrase_file) if key_file else b""
    try:
        if to_key:
            return sealed.open_with_key(sealed.body_seed(seed), data)
        return sealed.open_with_code(_code(code_file), data)
    except CodeError as fault:
        where = f"từ thứ {fault.index + 1} (word {fault.index + 1})" if fault.index is not None else ""
        raise click.ClickException(
            f"Mã gồm mười từ; đã đọc được {fault.count}. {where} (The code has ten words.)"
        ) from None
    except NotForMe:
        raise click.ClickException(
            "Khóa hoặc mã không phải của gói này. (This key or code is not the one of this package.)"
        ) from None
    except (Damaged, Malformed):
        raise click.ClickException(
            "Tệp bị hỏng hoặc bị sửa trên đường đi; xin nơi gửi gửi lại. (The file is damaged or was altered: ask for it again.)"
        ) from None


def _unlocked(key_file: Path, passphrase_file: Path | None) -> bytes:
    try:
        return unlock_key(key_file.read_bytes(), passphrase_of(passphrase_file))
    except CryptoError:
        raise click.ClickException(
            "Không mở được tệp khóa: sai cụm mật khẩu, hoặc không phải tệp khóa. "
            "(The key file does not open: a wrong passphrase, or not a locked key.)"
        ) from None


def _code(path: Path | None) -> str:
    if path is not None:
        return path.read_text("utf-8")
    return str(click.prompt("Mã mở gói, mười từ (the one-time code, ten words)", hide_input=True))


def _write(folder: Path, found: Package, parts: Mapping[str, bytes]) -> None:
    make_private_folder(folder)
    for name, data in files_of(found).items():
        write_private(folder / name, data, replace=False)
    make_private_folder(folder / "parts")
    for name in sorted(parts.keys() - {"keys", "receipt"}):  # what opens the sealed items anew stays in the package
        write_private(folder / "parts" / f"{name}.json", parts[name], replace=False)


def _tell(folder: Path, found: Package) -> None:
    said = found.manifest
    say(f"Đã mở và kiểm tra: hồ sơ {plain(said['number'])}, gói {plain(said['id'])}", "opened and checked")
    say(f"Khóa tổ chức của nơi gửi: {found.org}", "compare it with the sender's notice before you believe anything")
    for _ in found.warnings:
        say("CẢNH BÁO: xem checks.txt.", "WARNING: see checks.txt")
    say(f"Nội dung: {folder}", "the files; only this account can read them")
    say(f"Gửi lại cho nơi gửi: {folder / 'receipt.json'}", "return this, or the signed receipt.txt")


COMMANDS = (package,)
