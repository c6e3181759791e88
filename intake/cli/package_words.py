"""An opened package as files that people read: the report, what was checked, the receipt to return.

What a reporter or a handler typed stands behind a bar at the start of each line, without control characters: no text can
pass itself off as a line of ours, or move a terminal's cursor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crypto.encoding import fingerprint
from intake.client.opening import Message
from intake.client.packages import Package
from workflow import choices, routing
from workflow.sealed import REPORTER

UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
BAR = "  | "
FAULTS = {
    "signer_unknown": "không kiểm được chữ ký (the signature can't be checked)",
    "item_closed": "không mở được (can't be opened)",
}
OTHER_FAULT = "CẢNH BÁO: mục này không đúng nên không hiển thị (not as it was signed, so not shown)"


def files_of(package: Package) -> dict[str, bytes]:
    """The readable files by name."""
    receipt = {
        "v": 1,
        "kind": "package-receipt",
        "package": package.manifest["id"],
        "file": package.file,
        "receipt": package.receipt,
    }
    return {
        "report.txt": _text(_report(package)),
        "conversation.txt": _text(_conversation(package)),
        "checks.txt": _text(_checks(package)),
        "receipt.txt": _text(_receipt(package)),
        "receipt.json": json.dumps(receipt, indent=1).encode() + b"\n",
        "header.json": json.dumps(package.header, ensure_ascii=False, indent=1).encode() + b"\n",
    }


def _text(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def typed(text: object) -> Iterator[str]:
    """The lines of what somebody typed, marked as such."""
    return (BAR + UNSEEN.sub("\ufffd", line) for line in str(text).replace("\r", "").split("\n"))


def plain(text: object) -> str:
    """One line of a code or name that came from outside."""
    return UNSEEN.sub("\ufffd", str(text)).replace("\n", " ").replace("\t", " ")


def _report(package: Package) -> Iterator[str]:
    told, decision = package.narrative, package.header["decision"]
    yield f"HỒ SƠ {plain(package.manifest['number'])} (case)"
    yield ""
    yield from _field("Tóm tắt (summary)", package.summary)
    yield "Người bị phản ánh (whom it concerns):"
    for one in package.first["facts"].get("accused", ()):
        yield f"  - {plain(one['body'])}: {_role(one['role'])} {plain(one.get('person', ''))}".rstrip()
    for one in told.get("accused_names", ()):
        yield from typed(f"{one['body']}: {one['name']}")
    yield ""
    for name, field in (
        ("Nội dung (the full account)", "text"),
        ("Thời gian (when)", "when"),
        ("Địa điểm (where)", "where"),
        ("Yêu cầu (what the reporter wants)", "wants"),
        ("Người không nên biết (should not see it)", "keep_away"),
    ):
        yield from _field(name, told.get(field, ""))
    yield "Căn cứ thẩm quyền (routing decision):"
    yield f"  cơ quan tiếp nhận (receiving body): {plain(decision['body'])}"
    yield f"  quy tắc (rule): {plain(decision['rule'])}; bộ quy tắc (ruleset): {plain(decision['ruleset'])}"
    yield from (f"  {line}" for line in _rule(decision))
    yield ""
    yield from _identity(package)


def _field(name: str, text: object) -> Iterator[str]:
    if text:
        yield f"{name}:"
        yield from typed(text)
        yield ""


def _role(code: object) -> str:
    known = {one.code: one.label for one in choices.roles()}
    label = known.get(str(code))
    return f"{label['vi']} ({label['en']})" if label else plain(code)


def _rule(decision: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        words = routing.rule_text(decision)
    except (KeyError, TypeError):
        return ()  # rules of another release: the codes above say which
    return (words["vi"], f"({words['en']})")


def _identity(package: Package) -> Iterator[str]:
    kept = package.submission["set"]
    named = "đã nêu tên" if package.narrative["named"] else "không nêu tên"
    yield "Danh tính người phản ánh (identity):"
    yield f"  Người phản ánh {named}. Gói này không chứa danh tính."
    yield f"  Danh tính được niêm phong, do nhóm giữ khóa {plain(kept['id'])} của nơi gửi giữ;"
    yield f"  cần ít nhất {kept['k']} người cùng mở."
    yield "  Muốn biết, gửi văn bản đề nghị nêu rõ lý do tới nơi gửi, kèm số hồ sơ và số gói."
    yield "  (The identity is not in this package. The sender's custodians keep it; ask them in writing, with your reason.)"


def _conversation(package: Package) -> Iterator[str]:
    yield f"TRAO ĐỔI VÀ BỔ SUNG, hồ sơ {plain(package.manifest['number'])} (conversation and additions)"
    for one in package.talk:
        yield ""
        who = "người phản ánh (the reporter)" if one.by == REPORTER else f"người xử lý (handler) {plain(one.by)}"
        kind = "bổ sung (addition)" if one.kind == "supplement" else "tin nhắn (message)"
        yield f"{plain(one.at)}  {who}, {kind}"
        if one.fault:
            yield f"  {FAULTS.get(one.fault, OTHER_FAULT)}"
        if one.text is not None:
            yield from _said(one)


def _said(one: Message) -> Iterator[str]:
    yield from typed(one.text)
    for name, text in (("when", one.when), ("where", one.where), ("whom", one.whom)):
        if text:
            yield from typed(f"{name}: {text}")


def _checks(package: Package) -> Iterator[str]:
    said = package.manifest
    yield "ĐÃ KIỂM TRA (what was checked)"
    yield ""
    yield f"Số gói (package): {plain(said['id'])}"
    yield f"SHA-256 của tệp (of the file): {package.file}"
    yield f"Lập lúc (made): {plain(said['at'])}, bởi (by) {plain(said['by'])}, gửi (to) {plain(said['to'])}"
    yield f"Khóa tổ chức của nơi gửi (the sender's organisation key): {package.org}"
    yield "  Đối chiếu dấu vân tay này với thông báo của nơi gửi: mọi kết luận dưới đây dựa vào khóa này."
    yield "  (Compare this fingerprint with the sender's notice: all that follows rests on it.)"
    yield f"Khóa ký của người phản ánh (the reporter's signing key): {fingerprint(package.reporter_sign)}"
    yield ""
    yield "- Mọi phần đúng như bản kê đã ký; bản kê do một người đọc hồ sơ, có tên trong danh sách khóa, ký."
    yield "  (Every part is as listed; a reader of the case, whom the signed roster holds, signed the list.)"
    yield "- Bản gốc đúng như người phản ánh đã niêm phong và ký. (The report is as its reporter sealed and signed it.)"
    sound = sum(one.fault is None for one in package.talk)
    yield f"- Mục trao đổi, bổ sung có chữ ký đúng (further entries rightly signed): {sound}/{len(package.talk)}"
    for warning in package.warnings:
        fields = ", ".join(map(plain, warning.get("fields", ())))
        yield f"CẢNH BÁO: tiêu đề khác với bản người phản ánh ký (the header differs from what was signed): {fields}"
    yield ""
    yield "Không kiểm được: người gửi có bỏ bớt tin nhắn hay không."
    yield "(Not known: whether later messages were left out.)"


def _receipt(package: Package) -> Iterator[str]:
    said = package.manifest
    yield "GIẤY BIÊN NHẬN (receipt, to be returned to the sender)"
    yield ""
    yield f"Hồ sơ số (case): {plain(said['number'])}"
    yield f"Gói số (package): {plain(said['id'])}"
    yield f"SHA-256 của tệp (of the file): {package.file}"
    yield f"SỐ BIÊN NHẬN (receipt number): {package.receipt}"
    yield ""
    yield "Cơ quan nhận (received by): ................................................"
    yield "Người nhận, chức vụ (name, office): ........................................"
    yield "Ngày nhận (date): ................    Chữ ký, dấu (signature, seal):"
