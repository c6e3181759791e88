"""Make the list of 1024 syllables that receipt codes and offered passphrases are drawn from, in both languages.

    .venv/bin/python scripts/make_syllables.py            writes crypto/syllables.py and static/js/crypto/syllables.js
    .venv/bin/python scripts/make_syllables.py --check    says whether they are what the rules give

The rules, in this order:
1. Onset and rime as Vietnamese spells them, all marks taken off (â, ă → a; ê → e; ô, ơ → o; ư → u; đ → d): every entry
   can be typed on any keyboard, and reads as a syllable to whoever reads Vietnamese.
2. Two to five letters. No `y` where `i` sounds the same, no `p` and no zero onset: nothing that is spelled in two ways.
3. Each onset with the rimes it takes in Vietnamese: `k gh ngh` before e, i; `c g ng` elsewhere; `qu` swallows the rounding.
4. Nothing that reads as an insult, an obscenity, a crime, a death or a body's need, in Vietnamese under any marks or in
   English; nothing that names the Party, a leader or a court: a code is read aloud in an office.
5. Of what is left, the shortest first, then by the alphabet, the first 1024; then the list is sorted. The first half is the
   class of reports sealed in a browser, the second that of reports sealed at the server (sealing.md, *Receipt code*).

A code already handed out depends on this list: it never changes (tests/crypto/test_codes.py holds its hash).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COUNT = 1024
LENGTHS = range(2, 6)

ONSETS = "b c ch d g h kh l m n ng nh ph qu r s t th tr v x".split()
FRONT = {"c": "k", "g": "gh", "ng": "ngh"}  # before e and i
RIMES = """
    a ac ach ai am an ang anh ao ap at au ay
    e ec em en eng eo ep et ech enh eu
    i ia ich im in inh ip it iu iem ien ieng iep iet ieu
    o oc oi om on ong op ot oa oai oan oang oanh oat oe
    u ua uc ui um un ung up ut uoc uoi uom uon uong uot uan uat ue uy uyen uyet
""".split()
ROUNDED = ("oa", "oe", "ua", "ue", "uy")  # a glide that never follows b m ph v, but in `ua` as in mưa
LABIAL = ("b", "m", "ph", "v")
NOT_AFTER_GLIDED = ("o", "u")  # `qu` takes what remains after its own glide

REFUSED = frozenset(
    """
    an ass bac ban bat benh bien bim bo bop bu bua bui buoi buom cac cai cam chay che chem chet chi chim chinh cho chui
    cong cu cuc cum cunt cuop cut dai dam dan dang danh dap dau dech deo dia dich die diec diem dien dies diet dike di dit
    doi dom dong du dung duong duan fag gai ghe gia giac giam gie giet ha hai ham han hang hell hen hiep ho hoi hon hoe
    hot huong hui khac khon khung kill ky lao lanh le lieu liem liet lo loan loi lon lua luat lui mai mat ma minh mong mu mua
    my nam nga ngheo nghi ngoc ngong ngu nguy nhac nhat nho nhot nhuc nhung nip nung nut ny om phan phat phe phet pig que
    quy rac ran rape rua ruc sac sai sao sat say sex suc suy tam tang tau te tham that thoi thu thui thuy tit tits toa toi ton tong
    trom tron trui tu tung ung van vu vua xac xau xet xu xui
""".split()
)


def syllables() -> Iterator[str]:
    for onset in ONSETS:
        for rime in RIMES:
            if onset == "qu":
                if not rime.startswith(NOT_AFTER_GLIDED):
                    yield onset + rime
            elif onset in LABIAL and rime.startswith(ROUNDED) and rime != "ua":
                continue
            elif rime[0] in "ei":
                yield FRONT.get(onset, onset) + rime
            else:
                yield onset + rime


def chosen() -> list[str]:
    fit = {each for each in syllables() if len(each) in LENGTHS} - REFUSED
    return sorted(sorted(fit, key=lambda each: (len(each), each))[:COUNT])


def rows(words: list[str]) -> str:
    return "\n".join("    " + " ".join(words[at : at + 16]) for at in range(0, len(words), 16))


def in_python(words: list[str]) -> str:
    return (
        '"""The 1024 syllables of receipt codes and offered passphrases; made by scripts/make_syllables.py."""\n\n'
        "from __future__ import annotations\n\n"
        f'SYLLABLES = tuple(\n    """\n{rows(words)}\n    """.split()\n)\n'
    )


def in_javascript(words: list[str]) -> str:
    return (
        "// The 1024 syllables of receipt codes and offered passphrases; made by scripts/make_syllables.py.\n\n"
        f"export const SYLLABLES = Object.freeze(`\n{rows(words)}\n`.trim().split(/\\s+/));\n"
    )


def main() -> int:
    words = chosen()
    if len(words) != COUNT:
        print(f"the rules give only {len(words)} syllables", file=sys.stderr)
        return 1
    files = {
        ROOT / "crypto" / "syllables.py": in_python(words),
        ROOT / "static" / "js" / "crypto" / "syllables.js": in_javascript(words),
    }
    if sys.argv[1:] == ["--check"]:
        stale = [path.name for path, text in files.items() if path.read_text("utf-8") != text]
        print(f"not what the rules give: {', '.join(stale)}" if stale else "as the rules give", file=sys.stderr)
        return 1 if stale else 0
    for path, text in files.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
