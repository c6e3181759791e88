"""What a reporter, or a reader, may have sealed under right signatures is a clear fault for Python's reader too.

Twin of tests/js/hostile_contents.test.mjs, which also opens the pages.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from crypto.binding import object_binding
from crypto.encoding import b64u, jcs
from crypto.items import seal_item
from intake.client import sealing, submitting
from intake.client.contents import is_sound
from tests.casework import FACTS, READERS, REPORT, code_of, refused
from tests.js.test_node import node
from tests.spoiling import spoilt

ROOT = Path(__file__).resolve().parents[2]
SPOILT = 60  # ways of each kind that both languages judge
VALID = {
    "first": {
        "v": 1,
        "case": "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e",
        "reporter": {"kem": "AAAA", "sign": "AAAA"},
        "facts": {**FACTS, "work_kind": "inspection", "inspection": None, "objections": ["P-004"]},
        "objections": ["P-004"],
        "decision": {
            "body": "UBKT-S",
            "external": False,
            "rule": "row-2",
            "readers": list(READERS),
            "custodians": "KS-S",
            "ruleset": "2026-11-01",
            "citations": [],
        },
        "roster": {"no": 1, "hash": "0" * 64},
    },
    "summary": {"v": 1, "text": REPORT.summary},
    "narrative": REPORT.narrative() | {"accused_names": [{"name": "A", "body": "CB-01", "role": "head"}]},
    "message": {"v": 1, "text": "Kính gửi"},
}
VALID["header"] = {name: VALID["first"][name] for name in ("v", "case", "facts", "decision")} | {"made_by": "server"}


def test_what_browsers_make_is_sound():
    assert all(is_sound(kind, content) for kind, content in VALID.items())
    assert not is_sound("poem", VALID["message"])


def test_both_languages_judge_what_was_spoilt_alike():
    asked = [(kind, spoilt(content, number)) for kind, content in VALID.items() for number in range(SPOILT)]
    ours = [is_sound(kind, content) for kind, content in asked]
    assert True in ours
    assert ours.count(False) > SPOILT
    module = (ROOT / "static" / "js" / "client" / "contents.js").as_uri()
    script = f"""
        import {{ readFileSync }} from "node:fs";
        import {{ isSound }} from "{module}";
        const asked = JSON.parse(readFileSync(0, "utf8"));
        process.stdout.write(JSON.stringify(asked.map(([kind, content]) => isSound(kind, content))));
    """
    command = [node(), "--input-type=module", "-e", script]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    differing = [
        pair for pair, mine, theirs in zip(asked, ours, json.loads(done.stdout), strict=True) if mine is not theirs
    ]
    assert differing == []


@pytest.fixture
def sealed_instead(monkeypatch):
    """What a reporter's browser seals in place of its own, by kind."""
    wanted = {}
    own = sealing.sealed_item

    def seal(case, ring, kind, content):
        made = own(case, ring, kind, content)
        if kind not in wanted:
            return made
        place = {name: value for name, value in made.items() if name != "data"}
        return {**place, "data": b64u(seal_item(ring.key, object_binding(case, place), jcs(wanted[kind])))}

    monkeypatch.setattr(submitting, "sealed_item", seal)
    return wanted


HOSTILE = [
    *[
        ("first", content, "first_damaged")
        for content in (None, [], 7, {}, {"v": 2}, {"v": 1, "case": "x", "reporter": {}})
    ],
    *[
        ("summary", content, "item_damaged")
        for content in (None, [1], {"v": 1}, {"v": True, "text": "x"}, {"v": 1, "text": []})
    ],
    *[
        ("narrative", content, "item_damaged")
        for content in ([], {"v": 1, "text": "x"}, VALID["narrative"] | {"accused_names": "x"})
    ],
]


def test_a_report_whose_part_is_none_is_a_clear_fault_for_its_reader(reporter, signed_in, sealed_instead):
    member = signed_in("P-001")
    for number, (kind, content, code) in enumerate(HOSTILE):
        sealed_instead.clear()
        sealed_instead[kind] = content
        secret = code_of(f"hostile {number}")
        args = reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), secret)
        reporter.submit(args)
        member.declare(args["case"], conflict=False)
        assert refused(member.open_case, args["case"]) == code, (kind, content)
        assert reporter.open_mailbox(secret).case == args["case"]


def test_markup_in_a_report_is_text(reporter, signed_in, sealed_instead):
    text = "<script>alert(1)</script>"
    sealed_instead["summary"] = {"v": 1, "text": text, "__proto__": {"text": "x"}}
    args = reporter.build_submission(REPORT, FACTS, reporter.preview(FACTS), code_of("reporter"))
    reporter.submit(args)
    member = signed_in("P-001")
    member.declare(args["case"], conflict=False)
    assert member.open_case(args["case"]).summary == text
