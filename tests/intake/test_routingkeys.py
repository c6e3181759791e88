from __future__ import annotations

import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crypto.encoding import b64u
from crypto.hpke import kem_public
from crypto.signing import sign_public, verify_document
from intake.routingkeys import RoutingKeys
from tests.world import seed

AT = datetime(2026, 11, 24, 9, 5, 7, 123456, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def keys(tmp_path: Path) -> RoutingKeys:
    return RoutingKeys(tmp_path / "routing")


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "routing").glob("*.json"))


def test_the_current_key_is_signed_by_the_installation(keys):
    keys.rotate(AT)
    key = keys.current(AT)
    body = verify_document(sign_public(seed("installation")), "routing-key", key.signed(seed("installation")))
    assert body == {
        "v": 1,
        "id": key.id,
        "kem": b64u(key.public),
        "from": "2026-11-24T09:05:07Z",
        "until": "2026-12-01T09:05:07Z",
    }
    assert kem_public(keys.seed(key.id, AT)) == key.public


def test_private_halves_are_only_their_owners(keys, tmp_path):
    keys.rotate(AT)
    (path,) = files(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_of_keys_says_that_it_is_not_to_be_backed_up(keys, tmp_path):
    keys.rotate(AT)
    assert (tmp_path / "routing" / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_nothing_is_made_while_the_newest_has_a_day_left(keys):
    keys.rotate(AT)
    first = keys.current(AT)
    keys.rotate(AT + 5 * DAY)
    assert keys.current(AT + 5 * DAY) == first


def test_the_next_key_comes_on_the_last_day_and_the_old_one_opens_for_two_more(keys):
    keys.rotate(AT)
    first = keys.current(AT)
    later = AT + 6 * DAY + timedelta(hours=1)
    keys.rotate(later)
    assert keys.current(later).id != first.id
    assert keys.seed(first.id, later) is not None
    assert keys.seed(first.id, first.until + 2 * DAY) is not None
    assert keys.seed(first.id, first.until + 2 * DAY + timedelta(seconds=1)) is None


def test_a_key_past_its_overlap_is_destroyed(keys, tmp_path):
    keys.rotate(AT)
    first = keys.current(AT)
    (path,) = files(tmp_path)
    with path.open("rb") as kept_open:
        keys.rotate(first.until + 2 * DAY + timedelta(seconds=1))
        assert set(kept_open.read()) == {0}, "its bytes are overwritten, not only its name removed"
    assert not path.exists()
    assert len(files(tmp_path)) == 1


def test_an_unknown_id_opens_nothing(keys):
    keys.rotate(AT)
    assert keys.seed("00000000-0000-4000-8000-000000000000", AT) is None
    assert keys.seed("../../secrets/server-key", AT) is None


def test_a_key_is_made_when_the_clock_stood_still(keys):
    keys.rotate(AT)
    assert keys.current(AT + 30 * DAY).until > AT + 30 * DAY


def test_another_process_sees_the_same_keys(keys, tmp_path):
    keys.rotate(AT)
    other = RoutingKeys(tmp_path / "routing")
    other.rotate(AT)
    assert other.current(AT) == keys.current(AT)


def test_processes_that_rotate_at_once_make_one_key(tmp_path):
    start = threading.Barrier(8)

    def rotate() -> None:
        start.wait()
        RoutingKeys(tmp_path / "routing").rotate(AT)

    threads = [threading.Thread(target=rotate) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files(tmp_path)) == 1


def test_a_half_written_file_is_no_key(keys, tmp_path):
    keys.rotate(AT)
    (tmp_path / "routing" / "11111111-1111-4111-8111-111111111111.json").write_text('{"id": ')
    assert keys.current(AT).id != "11111111-1111-4111-8111-111111111111"
