"""The canary's own eyes: every form is seen, at every place in a stream and in a running process's memory."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from collections import Counter
from urllib.parse import quote

import pytest

from tests.canary.markers import SHORTEST, Secret, blob, forms, naming, needles, new_cores
from tests.canary.memory import Memories, Process, Unreadable, halted
from tests.canary.places import Outcome, Places
from tests.canary.searching import Hunt, Result

CORES = new_cores("marker")
TEXT = CORES.marker(7)
# Builds the marker from numbers, so that it stands in no command line and in no source.
HOLDER = (
    "import sys; kept = bytes(map(int, sys.stdin.readline().split())); print('ready', flush=True); sys.stdin.read()"
)


@pytest.mark.parametrize("form", sorted(forms(TEXT)))
def test_every_form_of_a_marker_is_found_wherever_it_begins(form):
    hunt = Hunt(needles(CORES.secrets()))
    for before in range(9):
        assert hunt.bytes(b"x" * before + forms(TEXT)[form] + b"y").found


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_a_marker_is_found_inside_a_longer_text_in_base64(encode, before):
    around = encode(b"\xfb" * before + unicodedata.normalize("NFD", TEXT).encode() + b"\xff\xfe")
    assert {what for what, _ in Hunt(needles(CORES.secrets())).bytes(around).found} == {"marker", "marker, Vietnamese"}


def test_the_two_normal_forms_are_different_bytes_and_each_is_found():
    composed, decomposed = (unicodedata.normalize(name, CORES.vietnamese).encode() for name in ("NFC", "NFD"))
    assert composed != decomposed
    hunt = Hunt(needles([Secret("only", CORES.vietnamese)]))
    assert hunt.bytes(composed).found == {("only", "UTF-8 NFC"): 1}
    assert hunt.bytes(decomposed).found == {("only", "UTF-8 NFD"): 1}


def test_what_lies_across_chunks_is_found_once():
    data = b"-" * 50 + CORES.ascii.encode() + b"-" * 50
    hunt = Hunt(needles([Secret("core", CORES.ascii)]))
    for size in (1, 7, 16, 17, 40, 1000):
        chunks = [data[at : at + size] for at in range(0, len(data), size)]
        assert hunt.stream(chunks) == Result(len(data), Counter({("core", "UTF-8 NFC"): 1})), size


def test_a_key_is_found_raw_in_hexadecimal_and_in_base64():
    key = bytes(range(100, 132))
    hunt = Hunt(needles([Secret("key", key)]))
    for data in (key, key.hex().encode(), key.hex().upper().encode(), b64encode(b"1" + key), b64encode(b"12" + key)):
        assert {what for what, _ in hunt.bytes(b"..." + data).found} == {"key"}
    assert not hunt.bytes(key[:31] + b"\0").found


def test_a_find_is_named_by_the_marker_that_stands_there():
    name = naming({"marker: summary": CORES.marker(1), "marker: text": CORES.marker(2)})
    hunt = Hunt(needles(CORES.secrets()), name)
    for data in (CORES.marker(2).encode(), json.dumps(CORES.marker(2)).encode(), quote(CORES.marker(2)).encode()):
        assert {what for what, _ in hunt.bytes(data).found} == {"marker: text"}
    assert {what for what, _ in hunt.bytes(CORES.ascii.encode()).found} == {"marker"}


def test_what_is_too_short_to_be_looked_for_is_refused():
    with pytest.raises(ValueError, match="too short"):
        needles([Secret("short", "x" * (SHORTEST - 1))])


def test_a_secret_is_not_shown_where_it_is_printed():
    assert CORES.ascii not in repr(Secret("core", CORES.ascii))


def test_the_memory_of_a_child_is_searched():
    held, other = new_cores("held"), new_cores("other")
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        numbers = " ".join(str(byte) for byte in blob(held.marker(0)))
        child.stdin.write(numbers.encode() + b"\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"ready\n"
        hunt = Hunt(needles([*held.secrets(), *other.secrets()]))
        process = Process(child.pid, "child")
        with halted([process]):
            result = Memories(hunt).search(process)
        child.stdin.close()
    assert {what for what, _ in result.found} == {"held", "held, Vietnamese"}
    assert result.size > 1_000_000


def test_a_process_that_is_gone_is_not_taken_for_searched():
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
        with pytest.raises(Unreadable):
            Memories(Hunt([])).search(Process(child.pid, "gone"))


def test_a_place_without_its_planted_marker_is_not_taken_for_searched(tmp_path):
    planted = new_cores("planted")
    plain = frozenset((secret.what, "UTF-8 NFC") for secret in planted.secrets())
    places = Places(Hunt(needles([*planted.secrets(), *CORES.secrets()])), plain, plain)
    path = tmp_path / "file"
    path.write_text("nothing")
    assert not places.file("file", path).searched
    assert not places.file("file", tmp_path / "missing").searched
    path.write_text(planted.marker(0))
    assert places.file("file", path).well
    path.write_text(planted.marker(0) + CORES.marker(3))
    found = places.file("file", path)
    assert found.searched
    assert not found.well
    assert found.result.files["marker", "UTF-8 NFC"] == {str(path)}
    assert not Outcome("nothing was asked for", Result(5), frozenset()).searched
