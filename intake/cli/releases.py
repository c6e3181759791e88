"""`release`: what this release's pages are made of, and whether a portal serves exactly that. Needs no settings."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from intake import assets
from intake.cli.console import say

# how a portal can differ: the codes of `intake.releases`
WHY = {
    "unreachable": ("không lấy được", "can't be fetched"),
    "version": ("không phải trang của một bản phát hành", "isn't a page of any release"),
    "exit": ("nút thoát nhanh dẫn đến địa chỉ không được phép", "its quick exit leads where none may lead"),
    "status": ("trả lời bằng mã", "answers with status"),
    "content": ("nội dung khác bản phát hành, từ dòng", "differs from the release, from line"),
    "headers": ("thiếu hoặc sai chính sách", "lacks or changes a policy"),
    "lists": ("danh mục khác bản phát hành", "its lists differ from the release's"),
    "encoding": ("nén theo cách không đọc được", "is packed in a way that can't be read"),
}


@click.group("release")
def release() -> None:
    """What the pages are made of, and whether a portal serves exactly that."""


@release.command("hashes")
def list_hashes() -> None:
    """Print the SHA-256 of every file that pages are made of, as `sha256sum` does: to be published with a release."""
    from intake import releases

    for path, digest in releases.hashes().items():
        click.echo(f"{digest}  {path}")


@release.command("verify")
@click.argument("url")
@click.option("--staff", help="The address of the members' face, to be verified too.")
@click.option(
    "--hashes",
    "published",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The published hashes: this copy is held against them first.",
)
def verify(url: str, staff: str | None, published: Path | None) -> None:
    """Compare every page before signing in and every static file of a portal with this copy of the release.

    Exit code 1 when anything differs. A portal could serve one visitor altered pages and all others the right ones:
    ask from several places.
    """
    from intake import releases

    if published is not None:
        _require_published(published)
    different = missed = False
    for face, address in (("reporter", url), ("staff", staff)):
        if address is None:
            continue
        found = releases.verify(face, _origin(address))
        different |= any(one.why != "unreachable" for one in found.differences)
        missed |= bool(found.differences)
        if found.served and found.served != assets.version():
            say(
                f"{address}: bản phát hành khác ({found.served}); bản ở đây là {assets.version()}. "
                "Hãy lấy đúng bản mà cổng đang dùng, rồi chạy lại.",
                f"{address}: another release ({found.served}); this copy is {assets.version()}. Fetch the one in use.",
            )
            continue
        for one in found.differences:
            vi, en = WHY[one.why]
            say(f"{one.address}: {vi} {one.detail}".rstrip() + ".", f"{one.address}: {en} {one.detail}".rstrip())
        if found.differences:
            continue
        say(
            f"{address}: đúng từng byte với bản phát hành {assets.version()} ({found.looked_at} lần so).",
            f"{address}: the release {assets.version()} to the byte, {found.looked_at} comparisons",
        )
        if found.demonstration:
            say("  Đây là bản dùng thử.", "it is a demonstration")
        if found.exit_url:
            say(f"  Nút thoát nhanh dẫn đến {found.exit_url}", f"the quick exit leads to {found.exit_url}")
    if different:
        say(
            "CẢNH BÁO: cổng này không phục vụ đúng bản phát hành. Đừng gửi gì ở đó; hãy báo bằng đường giấy.",
            "WARNING: this portal doesn't serve the release. Send nothing there; tell the committee on paper",
        )
    elif missed:
        say(
            "Chưa so được: không kết nối được với cổng. Hãy kiểm tra địa chỉ, rồi chạy lại.",
            "nothing can be said: the portal can't be reached. Look at the address and try again",
        )
    if missed:
        sys.exit(1)


def _require_published(published: Path) -> None:
    from intake import releases

    try:
        unlike = releases.unlike(published.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError):
        raise click.ClickException(
            f"Không đọc được {published}: mỗi dòng phải như sha256sum viết. (Each line has to be as sha256sum writes it.)"
        ) from None
    for path in unlike:
        say(f"{path}: bản ở đây không phải bản đã công bố.", "this copy isn't what was published")
    if unlike:
        sys.exit(1)


def _origin(address: str) -> str:
    """The address without a path. Raises click.ClickException for what is no web address."""
    try:
        parts = urlsplit(address if "//" in address else f"https://{address}")
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        right = False
    if not right:
        raise click.BadParameter("https://…")
    return f"{parts.scheme}://{parts.netloc}"


COMMANDS = (release,)
