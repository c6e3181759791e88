from __future__ import annotations

import hashlib
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.codes import Code, new_code, parse_code
from crypto.errors import CodeError
from crypto.syllables import SYLLABLES

ROOT = Path(__file__).resolve().parents[2]
# Codes that are in people's hands were drawn from this list. If it changes, they open nothing any more.
LIST = "f3e38de52f12ac6ba14f84218985d320d7373e7c035c18bcce445a72ee43765d"

WORDS = st.lists(st.sampled_from(SYLLABLES), min_size=9, max_size=9)
MARKS = ["\u0300", "\u0301", "\u0302", "\u0303", "\u0306", "\u0309", "\u031b", "\u0323"]


def test_the_list_is_the_one_that_codes_were_drawn_from():
    assert hashlib.sha256("\n".join(SYLLABLES).encode("ascii")).hexdigest() == LIST


def test_the_list_keeps_its_rules():
    assert len(SYLLABLES) == len(set(SYLLABLES)) == 1024
    assert list(SYLLABLES) == sorted(SYLLABLES)
    assert all(each.isascii() and each.isalpha() and each.islower() and 2 <= len(each) <= 5 for each in SYLLABLES)


def test_the_list_is_what_its_script_makes():
    script = ROOT / "scripts" / "make_syllables.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("klass", "half"), [("browser", SYLLABLES[:512]), ("server", SYLLABLES[512:])])
def test_the_first_syllable_tells_the_class(klass, half):
    for _ in range(200):
        code = new_code(klass)
        assert code.split("-")[0] in half
        assert parse_code(code) == Code(code, klass)


def test_all_of_the_list_is_drawn_from_alike():
    drawn = [new_code("browser", lambda length, at=at: at.to_bytes(2, "big") * (length // 2)) for at in range(2048)]
    for place, words in enumerate(zip(*(code.split("-") for code in drawn), strict=True)):
        times = {word: words.count(word) for word in set(words)}
        assert set(times) == set(SYLLABLES if place else SYLLABLES[:512])
        assert set(times.values()) == {2 if place else 4}


@given(WORDS, st.data())
def test_a_code_is_read_in_any_case_with_any_marks_and_separators(words, data):
    typed = []
    for word in words:
        letters = [
            letter + data.draw(st.sampled_from(["", *MARKS])) if letter in "aeiou" else letter for letter in word
        ]
        text = "".join(data.draw(st.sampled_from([letter, letter.upper()])) for letter in letters)
        text = text.replace("d", data.draw(st.sampled_from("dđĐ")))
        typed.append(unicodedata.normalize(data.draw(st.sampled_from(["NFC", "NFD"])), text))
    between = data.draw(st.sampled_from([" ", "-", "\n", ", ", " 3. ", "\u2013", "_"]))
    assert parse_code(between.join(["", *typed, ""])).text == "-".join(words)


@given(WORDS, st.integers(0, 8))
def test_an_unknown_word_is_told_with_its_place_but_not_in_the_message(words, place):
    words = [*words[:place], "zzzzz", *words[place + 1 :]]
    with pytest.raises(CodeError) as refused:
        parse_code(" ".join(words))
    assert (refused.value.index, refused.value.unknown, refused.value.count) == (place, "zzzzz", 9)
    assert "zzzzz" not in str(refused.value)


@pytest.mark.parametrize("count", [0, 1, 8, 10])
def test_another_number_of_words_is_told(count):
    with pytest.raises(CodeError) as refused:
        parse_code(" ".join(["ba"] * count))
    assert (refused.value.index, refused.value.unknown, refused.value.count) == (None, None, count)
