"""The job that is watched: somebody enrols, a cadre reports, both write, all in Chromium; and the secrets that it made."""

from __future__ import annotations

import sqlite3
import unicodedata
from base64 import b32decode
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from playwright.sync_api import Browser, expect

from crypto.binding import object_binding
from crypto.codes import parse_code
from crypto.errors import CryptoError
from crypto.hpke import open_sealed
from crypto.keys import KeyPair, member_keys, reporter_keys
from crypto.passphrase import recovery_wrapping_key, unwrap_recovery
from intake.demonstration.people import one_time_code
from tests.canary.markers import Cores, Secret
from tests.canary.portal import Started
from tests.e2e.visiting import Story, Visit

HANDLER, USERNAME, SEAT = "P-901", "canary.nest", "UBKT-S:member:classify,intake"
# Seldom accused, and of two committees: they stand side by side in nothing but these facts.
# In one string: a copy of this source in /tmp is no find.
ACCUSED, OBJECTED = ("UBKT-TT-02", "adviser"), "P-005 P-017".split()
PLACE = ("kind", "id", "ring", "epoch", "scope", "reader", "readerkey")
FIELDS = (
    *("accused name", "keep away", "summary", "when", "where", "text", "wants"),
    *("reporter's name", "unit", "phone", "email", "other contact", "address"),
    *("answer", "note", "reporter's message"),
    *("added text", "added when", "added where", "added people"),
)

PATIENCE = 45_000  # ms; processes are halted in between

Say = Callable[[str], None]


@dataclass(frozen=True)
class Walked:
    """What came of it: what nobody but the people themselves may know."""

    code: str
    passphrase: str
    recovery: str
    token: str
    totp: bytes


def marker_texts(cores: Cores) -> dict[str, str]:
    """A marker for every field that somebody writes in, by the field's name."""
    return {f"marker: {field}": cores.marker(number) for number, field in enumerate(FIELDS)}


def fact_secrets() -> list[Secret]:
    """The routing facts as the browser, Python and a log would write them, each telling what nothing else does."""
    (body, role), (one, other) = ACCUSED, OBJECTED
    written = [f'"accused":[{{"body":"{body}","role":"{role}"', f'"{one}","{other}"']
    written += [f'"{other}","{one}"', *(f'"person":"{who}","reasons":["objection"' for who in OBJECTED)]
    spaced = [text.replace(":", ": ").replace(",", ", ") for text in written]
    quoted = [text.replace('"', "'") for text in spaced]
    return [Secret("routing facts", text, on_disk_only=True) for text in (*written, *spaced, *quoted)]


def walk(started: Started, browser: Browser, cores: Cores, say: Say, moment: Say) -> Walked:
    """Everything once; `moment` is told each time after something was sent.

    AssertionError where a marker does not arrive at whom it is for: then nothing was proved.
    """
    expect.set_options(timeout=PATIENCE)
    texts = {what.removeprefix("marker: "): text for what, text in marker_texts(cores).items()}
    say("a handler enrols")
    told = started.command("member", "add", HANDLER, USERNAME, "Chim Hoàng Yến", "--seat", SEAT, "--link")
    link = next(word for word in told.split() if "#" in word)
    handler = _visit(started, browser)
    passphrase, recovery, totp = _enrol(handler, link)
    started.publish_roster()

    say("a cadre reports")
    cadre = _visit(started, browser)
    story = Story(*ACCUSED, name=texts["accused name"], objections=OBJECTED, keep_away=texts["keep away"])
    cadre.start_report()
    cadre.fill_concerns(story)
    cadre.agree()
    _fill_story(cadre, texts)
    code = cadre.take_code()
    number = cadre.send(code)
    moment("after the report")

    say("the handler reads and answers")
    page = handler.page
    page.goto(f"{started.portal.staff}/sign-in")
    page.locator("#username").fill(USERNAME)
    page.locator("#passphrase").fill(passphrase)
    page.locator("#totp").fill(one_time_code(totp, datetime.now(UTC)))
    page.locator("#sign-in button[type=submit]").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    handler.open_case(number)
    handler.declare_clear()
    expect(page.locator("#summary")).to_have_text(texts["summary"])
    expect(page.locator("#narrative")).to_contain_text(texts["text"])
    assert texts["reporter's name"] not in page.locator("body").inner_text()
    handler.say("message", texts["answer"])
    handler.say("note", texts["note"])
    moment("after answer and note")

    say("the reporter looks and writes back")
    cadre.open_mailbox(code)
    expect(cadre.page.locator("#talk")).to_contain_text(texts["answer"])
    cadre.write(texts["reporter's message"])
    moment("after the message")

    say("the reporter adds to the report")
    _add(cadre, texts)
    moment("after what was added")
    page.reload()
    for what in ("text", "when", "where", "people"):
        expect(page.locator("#supplements")).to_contain_text(texts[f"added {what}"])
    expect(page.locator("#messages")).to_contain_text(texts["reporter's message"])
    complaints = handler.complaints + cadre.complaints
    assert complaints == [], complaints
    return Walked(code, passphrase, recovery, link.partition("#")[2], totp)


def secrets_of(started: Started, walked: Walked) -> list[Secret]:
    """What was typed, drawn or derived on the way: code, passphrase, recovery key, seeds, ring and scope keys."""
    words = parse_code(walked.code).text
    spelled = [words, words.replace("-", " "), words.upper(), words.replace("-", " ").upper(), words.replace("-", "")]
    found = [Secret("receipt code", text) for text in spelled]
    found += [Secret("passphrase", walked.passphrase)]
    letters = walked.recovery.replace("-", "").replace(" ", "")
    groups = [letters[at : at + 4] for at in range(0, len(letters), 4)]
    found += [Secret("recovery key", joiner.join(groups)) for joiner in ("-", " ", "")]
    found += [Secret("recovery key", b32decode(letters))]
    found += [Secret("enrolment token", walked.token, on_disk_only=True)]
    found += [Secret("second factor", walked.totp, on_disk_only=True)]
    with closing(sqlite3.connect(f"file:{started.home}/niemphong.db?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        keys = reporter_keys(words, db.execute("select receipt_salt from installation").fetchone()[0])
        row = db.execute(
            "select person_id, recovery from member_key join person on person.id = person_id where code = ?", (HANDLER,)
        ).fetchone()
        seed, _ = unwrap_recovery(recovery_wrapping_key(walked.recovery), UUID(row[0]).bytes, row[1])
        own = member_keys(seed)
        rings = [*_granted(db, "reporter", keys), *_granted(db, HANDLER, own)]
    assert {"ring key", "scope key"} <= {secret.what for secret in rings}
    found += [Secret("handler's seed", each) for each in (seed, own.kem_seed, own.sign_seed)]
    found += [Secret("reporter's seed", each) for each in (keys.kem_seed, keys.sign_seed)]
    found += [Secret("mailbox secret", keys.mailbox, on_disk_only=True)]
    return found + rings


def _granted(db: sqlite3.Connection, reader: str, keys: KeyPair) -> list[Secret]:
    """The ring and scope keys that were sealed to somebody."""
    found = []
    for row in db.execute("select * from sealed_object where kind = 'grant' and reader = ?", (reader,)):
        place = {name: row[name] for name in PLACE if row[name] is not None}
        try:
            key = open_sealed(keys.kem_seed, "grant", object_binding(row["case_id"], place), row["data"])
        except CryptoError:
            raise AssertionError(f"a grant of {reader} does not open") from None
        found.append(Secret("scope key" if row["scope"] else "ring key", key))
    return found


def _visit(started: Started, browser: Browser) -> Visit:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="vi-VN")
    context.set_default_timeout(PATIENCE)
    return Visit(context.new_page(), started.portal)


def _enrol(newcomer: Visit, link: str) -> tuple[str, str, bytes]:
    """Passphrase, recovery key and the second factor's secret, as the newcomer sees them."""
    page = newcomer.page
    page.goto(link)
    page.locator("#take-offer").click()
    passphrase = page.locator("#offered").inner_text()
    if page.locator("#again").input_value() == "":
        page.locator("#again").fill(passphrase)
    page.locator("#passphrase-form button[type=submit]").click()
    expect(page.locator("#step-recovery")).to_be_visible()
    recovery = page.locator("#recovery-key").inner_text()
    page.locator("#recovery-typed").fill(" ".join(recovery.replace("-", " ").split()[:2]))
    page.locator("#recovery-form button[type=submit]").click()
    expect(page.locator("#step-code")).to_be_visible()
    typed = page.locator("#totp-secret").inner_text().replace(" ", "")
    totp = b32decode(typed + "=" * (-len(typed) % 8))
    # The code of half a minute ago: each works once, and the present one is for signing in.
    page.locator("#totp").fill(one_time_code(totp, datetime.now(UTC) - timedelta(seconds=30)))
    page.locator("#code-form button[type=submit]").click()
    expect(page.locator("#step-done")).to_be_visible()
    return unicodedata.normalize("NFC", passphrase), recovery, totp


def _fill_story(cadre: Visit, texts: dict[str, str]) -> None:
    page = cadre.page
    for field in ("summary", "when", "where", "text", "wants"):
        page.locator(f"#{field}").fill(texts[field])
    cadre.go_on("story")
    cadre.step("identity")
    ids = {"name": "reporter's name", "unit": "unit", "phone": "phone", "email": "email"}
    ids |= {"other": "other contact", "address": "address"}
    for field, what in ids.items():
        text = texts[what]
        page.locator(f"#{field}").fill(text.replace(" ", "@") + ".vn" if field == "email" else text)  # a likely address
    cadre.go_on("identity")
    cadre.step("review")


def _add(cadre: Visit, texts: dict[str, str]) -> None:
    page = cadre.page
    page.locator("#supplement-start").click()
    for field, what in {"text": "text", "when": "when", "where": "where", "whom": "people"}.items():
        page.locator(f"#added-{field}").fill(texts[f"added {what}"])
    page.locator("#supplement-form button[type=submit]").click()
    expect(page.locator("#supplement-shown")).to_contain_text(texts["added people"])
    page.locator("#supplement-review button[type=submit]").click()
    expect(page.locator("#supplements")).to_contain_text(texts["added text"])
