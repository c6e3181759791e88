"""`roster takeover`: the named successor takes the organisation's key over, rehearsed first and then in earnest."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from crypto.encoding import b64u, fingerprint, parse_jcs, unb64u
from crypto.errors import CryptoError
from crypto.signing import sign_document, sign_public
from intake.client.succession import signed_roster
from tests.intake.test_cli import Console, console, draft, installed, publish, sign
from tests.world import seed
from workflow.queries import organisation

__all__ = ["console", "installed"]  # fixtures


@pytest.fixture
def rostered(installed: Console) -> Console:
    """Roster 1 is in force and names `ke-nhiem.pem`; `ke-tiep.pem` lies ready as the next successor."""
    sign(installed, draft(installed))
    publish(installed)
    installed.make_key("ke-tiep.pem")
    return installed


def drafted(console: Console, *words: str) -> Path:
    path = console.folder / "tiep-quan.json"
    console.well("roster", "takeover", *takeover(console), "--out", str(path), *words)
    return path


def takeover(console: Console, key: str = "ke-nhiem", successor: str = "ke-tiep") -> list[str]:
    return [
        "--org-key",
        str(console.folder / f"{key}.pem.pub"),
        "--successor",
        str(console.folder / f"{successor}.pem.pub"),
    ]


def printed(console: Console, key: str) -> str:
    return fingerprint(unb64u((console.folder / f"{key}.pem.pub").read_text().strip()))


def key_and_number(console: Console) -> tuple[str, int]:
    with console.store.reading() as db:
        return fingerprint(organisation.installation(db).organisation_key), organisation.latest_roster(db).no


def test_a_successor_takes_over(rostered):
    old, new = printed(rostered, "to-chuc"), printed(rostered, "ke-nhiem")
    told = f"THAY KHÓA TỔ CHỨC: từ danh sách số 2, khóa kế nhiệm {new} thay khóa {old}."
    signed = sign(rostered, drafted(rostered), key="ke-nhiem.pem")
    assert signed.exit_code == 0, signed.output
    assert told in signed.output
    assert "DIỄN TẬP" not in signed.output
    output = publish(rostered)
    assert told in output
    assert f"Khóa kế nhiệm tiếp theo: {printed(rostered, 'ke-tiep')}" in output
    assert key_and_number(rostered) == (new, 2)


def test_a_takeover_is_rehearsed_with_the_real_keys_and_nothing_is_kept(rostered):
    path = drafted(rostered, "--rehearse")
    before = rostered.records()
    signed = sign(rostered, path, key="ke-nhiem.pem")
    assert "DIỄN TẬP" in signed.output
    output = publish(rostered, "--rehearse")
    assert "THAY KHÓA TỔ CHỨC" in output
    assert "không có gì được giữ lại" in output
    assert rostered.records() == before
    assert key_and_number(rostered) == (printed(rostered, "to-chuc"), 1)


def test_a_rehearsed_roster_is_never_in_force(rostered):
    """Neither by the command without the word, nor for a client that is shown it as part of the line."""
    sign(rostered, drafted(rostered, "--rehearse"), key="ke-nhiem.pem")
    signed = rostered.folder / "danh-sach.json"
    assert "hết hạn" in rostered.refused("roster", "publish", str(signed))
    with pytest.raises(CryptoError, match="expired"):
        signed_roster(json.loads(signed.read_bytes()))
    assert key_and_number(rostered) == (printed(rostered, "to-chuc"), 1)


def test_a_real_takeover_can_be_tried_before_it_is_made(rostered):
    sign(rostered, drafted(rostered), key="ke-nhiem.pem")
    publish(rostered, "--rehearse")
    assert key_and_number(rostered) == (printed(rostered, "to-chuc"), 1)
    publish(rostered)
    assert key_and_number(rostered) == (printed(rostered, "ke-nhiem"), 2)


def test_a_rehearsal_refuses_what_publishing_would_refuse(rostered):
    path = drafted(rostered, "--rehearse")
    said = json.loads(path.read_text())["roster"]
    forged = rostered.folder / "gia.json"
    forged.write_text(json.dumps(sign_document(seed("somebody"), "roster", said)))
    assert "chữ ký" in rostered.refused("roster", "publish", str(forged), "--rehearse")
    forged.write_text(
        json.dumps(sign_document(seed("somebody"), "roster", said | {"org": b64u(sign_public(seed("somebody")))}))
    )
    rostered.refused("roster", "publish", str(forged), "--rehearse")
    forged.write_text(json.dumps(sign_document(seed("somebody"), "roster", {"v": 1})))
    rostered.refused("roster", "publish", str(forged), "--rehearse", code=2)


def test_a_key_that_was_not_named_takes_nothing_over(rostered):
    out = rostered.folder / "tiep-quan.json"
    output = rostered.refused("roster", "takeover", *takeover(rostered, "ke-tiep", "ke-nhiem"), "--out", str(out))
    assert printed(rostered, "ke-nhiem") in output
    assert not out.exists()


def test_without_a_roster_nobody_is_named(installed):
    installed.make_key("ke-tiep.pem")
    out = installed.folder / "tiep-quan.json"
    installed.refused("roster", "takeover", *takeover(installed), "--out", str(out))


def test_the_key_that_is_replaced_is_not_named_as_the_next(rostered):
    out = rostered.folder / "tiep-quan.json"
    rostered.refused("roster", "takeover", *takeover(rostered, "ke-nhiem", "to-chuc"), "--out", str(out))
    rostered.refused("roster", "takeover", *takeover(rostered, "ke-nhiem", "ke-nhiem"), "--out", str(out))
    assert not out.exists()


def test_the_former_key_signs_nothing_more(rostered):
    sign(rostered, drafted(rostered), key="ke-nhiem.pem")
    publish(rostered)
    path = rostered.folder / "du-thao.json"
    rostered.well("roster", "draft", "--out", str(path))
    assert sign(rostered, path, key="to-chuc.pem").exit_code == 1
    assert sign(rostered, path, key="ke-nhiem.pem").exit_code == 0
    assert "số 3" in publish(rostered)


def test_a_second_takeover_follows_the_first(rostered):
    sign(rostered, drafted(rostered), key="ke-nhiem.pem")
    publish(rostered)
    rostered.make_key("thu-tu.pem")
    path = rostered.folder / "tiep-quan.json"
    rostered.well("roster", "takeover", *takeover(rostered, "ke-tiep", "thu-tu"), "--out", str(path))
    said = json.loads(path.read_text())["roster"]
    assert date.fromisoformat(said["expires"]) > date.fromisoformat(said["issued"])
    sign(rostered, path, key="ke-tiep.pem")
    publish(rostered)
    assert key_and_number(rostered) == (printed(rostered, "ke-tiep"), 3)
    document = json.loads((rostered.folder / "danh-sach.json").read_bytes())
    assert parse_jcs(unb64u(document["doc"]))["successor"] == printed(rostered, "thu-tu")
