"""The limits of rotation for people to read, as Markdown."""

from __future__ import annotations

from intake.cli.rule_tables import as_table
from workflow.rule_checks import Data

WORDS = {
    "vi": {
        "title": "Thời hạn chuyển đổi vị trí công tác",
        "head": ("Lĩnh vực, địa bàn", "Thời hạn (tháng)", "Cảnh báo từ (tháng)", "Có hiệu lực từ", "Căn cứ", "Mức chắc chắn"),
        "areas": "Mọi địa bàn (một tổ chức và các tổ chức bên dưới)",
        "band": "Kế hoạch cho phép từ {least} đến {most} tháng. Nghỉ phụ trách từ {fresh} tháng trở lên thì tính lại từ đầu; "
        "nghỉ ngắn hơn thì không tính thời gian nghỉ nhưng vẫn cộng thời gian trước đó. Mỗi lần cho ở lại không quá {stay} tháng.",
    },
    "en": {
        "title": "Limits of rotation",
        "head": ("Field, area", "Limit (months)", "Warning from (months)", "In force from", "Basis", "How sure"),
        "areas": "Every area (a body and those below it)",
        "band": "The Plan allows {least} to {most} months. After a break of {fresh} months the count begins anew; of a shorter one "
        "the break isn't counted, and the time before it is. An exception lasts {stay} months at the most.",
    },
}  # fmt: skip


def markdown(data: Data, language: str) -> str:
    """The limits, in one language."""
    words, said, cited = WORDS[language], data["rotation"], data["citations"]["citations"]
    named = [(row["label"][language], row["limits"]) for row in said["fields"]]
    rows = [
        [
            name,
            str(line["months"]),
            str(line["months"] - said["warn_before_months"]),
            line["valid_from"].isoformat(),
            "; ".join(cited[code][language] for code in line["citations"]),
            line["mark"],
        ]
        for name, limits in [*named, (words["areas"], said["area_limits"])]
        for line in limits
    ]
    band = str(words["band"]).format(
        least=said["band"]["least_months"],
        most=said["band"]["most_months"],
        fresh=said["fresh_after_months"],
        stay=said["exception_most_months"],
    )
    return "\n".join([f"## {words['title']}", "", *as_table(words["head"], rows), "", band])
