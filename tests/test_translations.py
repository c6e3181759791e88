"""The Vietnamese catalogue: complete, current, in the house's words. English needs none: its sentences are the ids."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import gettext

from intake import i18n
from intake.assets import TEMPLATES
from intake.errors import CODES
from intake.sentences import SENTENCES

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "translations" / "vi" / "LC_MESSAGES" / "messages.po"
KEYWORDS = DEFAULT_KEYWORDS | {"_": None, "lazy_gettext": None}  # as the Makefile has them

PUBLIC = ("templates/reporter/", "intake/reporter/")
STAFF = (
    "templates/staff/",
    "templates/account/",
    "templates/custody/",
    "templates/desk/",
    "templates/office/",
    "templates/oversight/",
    "templates/relations/",
)
FORBIDDEN = ("mã hóa", "mã hoá", "người vi phạm", "mã hồ sơ")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
MARKUP = re.compile(r"<[a-z/!]|&#?\w+;", re.IGNORECASE)


@cache
def extracted() -> dict[str, set[str]]:
    """Every sentence of code and templates, with the files it stands in."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found: dict[str, set[str]] = defaultdict(set)
    for path, _line, message, _comments, context in extract_from_dir(ROOT, methods, options, KEYWORDS):
        assert isinstance(message, str), f"{path}: a plural, which English can't speak without a catalogue"
        assert context is None
        found[message].add(Path(path).as_posix())
    return found


@cache
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="vi", abort_invalid=True)


@cache
def translated() -> dict[str, str]:
    return {message.id: message.string for message in catalogue() if message.id}


def stands_only_in(message: str, folders: tuple[str, ...]) -> bool:
    return all(path.startswith(folders) for path in extracted()[message])


def test_the_catalogue_holds_exactly_what_code_and_templates_say() -> None:
    assert len(extracted()) > 600, "extraction found next to nothing: look at babel.cfg"
    assert sorted(extracted().keys() - translated().keys()) == [], "missing: run `make translations`, then translate"
    assert sorted(translated().keys() - extracted().keys()) == [], "stale: run `make translations`"
    assert list(catalogue().obsolete) == []


def test_every_sentence_is_translated_and_none_is_a_guess() -> None:
    assert [english for english, vietnamese in translated().items() if not vietnamese.strip()] == []
    assert [message.id for message in catalogue() if message.id and message.fuzzy] == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    differing = [
        english
        for english, vietnamese in translated().items()
        if sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(vietnamese))
    ]
    assert differing == []


@pytest.mark.parametrize(
    "template", sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
)
def test_every_template_compiles(template: str) -> None:
    app = Flask(__name__, template_folder=TEMPLATES)
    i18n.set_up(app)
    app.jinja_env.get_template(template)


def test_no_percent_sign_stands_alone() -> None:
    """Jinja formats each sentence with `%`, so a bare one breaks the page."""
    texts = [text for pair in translated().items() for text in pair]
    assert [text for text in texts if "%" in PLACEHOLDER.sub("", text)] == []


def test_sentences_hold_no_markup() -> None:
    assert [text for pair in translated().items() for text in pair if MARKUP.search(text)] == []


def test_translations_start_and_end_as_their_originals_do() -> None:
    """No stray blank, and a sentence stays a sentence: scripts join and pages line up what comes from here."""
    assert [text for pair in translated().items() for text in pair if text != text.strip()] == []
    differing = [
        english
        for english, vietnamese in translated().items()
        if english[-1:] != vietnamese[-1:] and {english[-1:], vietnamese[-1:]} & set(".?!:…")
    ]
    assert differing == []


def test_a_warning_stays_a_warning() -> None:
    pairs = translated().items()
    assert [english for english, vietnamese in pairs if ("WARNING:" in english) != ("CẢNH BÁO:" in vietnamese)] == []


@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_translation_uses_a_word_that_the_house_avoids(word: str) -> None:
    assert [vietnamese for vietnamese in translated().values() if word in vietnamese.lower()] == []


def test_receipt_code_and_case_number_keep_their_names() -> None:
    for english, vietnamese in translated().items():
        assert ("receipt code" not in english.lower()) or "mã" in vietnamese.lower(), english
        assert ("case number" not in english.lower()) or "số hồ sơ" in vietnamese.lower(), english
    assert translated()["Receipt code"] == "Mã tra cứu"
    assert translated()["Case number"] == "Số hồ sơ"


def test_the_public_face_never_says_comrade() -> None:
    public = [message for message in translated() if not stands_only_in(message, STAFF)]
    assert len(public) > 200
    assert [message for message in public if "đồng chí" in translated()[message].lower()] == []


def test_the_staff_face_never_speaks_as_to_the_public() -> None:
    staff = [message for message in translated() if not stands_only_in(message, PUBLIC)]
    assert len(staff) > 200
    assert [message for message in staff if re.search(r"ông/bà|quý vị", translated()[message].lower())] == []


# Refusals


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for package in ("workflow", "intake"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def refusals() -> dict[str, ast.ClassDef]:
    """Refusal and whatever is derived from it, by name."""
    classes = [node for _, tree in modules() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = {node.name: node for node in classes if node.name == "Refusal"}
    while True:
        more = {
            node.name: node
            for node in classes
            if node.name not in found and any(isinstance(base, ast.Name) and base.id in found for base in node.bases)
        }
        if not more:
            return found
        found |= more


def written(node: ast.expr) -> Iterator[str]:
    """The codes an argument may be; a code that can't be read here could be any."""
    if isinstance(node, ast.IfExp):
        yield from written(node.body)
        yield from written(node.orelse)
    else:
        assert isinstance(node, ast.Constant), f"line {node.lineno}: write the code as a constant: {ast.unparse(node)}"
        assert isinstance(node.value, str)
        yield node.value


def refusal_codes() -> dict[str, str]:
    """Every code with which something is refused, and one place of it."""
    classes, codes = refusals(), dict.fromkeys(CODES.values(), "intake/errors.py")
    for name, node in classes.items():
        for line in node.body:
            if isinstance(line, ast.Assign) and [ast.unparse(target) for target in line.targets] == ["code"]:
                codes |= dict.fromkeys(written(line.value), name)
    for path, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in classes and node.args:
                codes |= dict.fromkeys(written(node.args[0]), f"{path}:{node.lineno}")
            elif called == "answer" and len(node.args) == 3 and isinstance(node.args[2], ast.Constant):
                codes |= dict.fromkeys(written(node.args[2]), f"{path}:{node.lineno}")
    return codes


def test_every_refusal_has_a_sentence() -> None:
    codes = refusal_codes()
    assert {"malformed", "roster_differs", "busy", "stale_page", "already_declared"} <= codes.keys()
    assert {code: place for code, place in codes.items() if code not in SENTENCES} == {}


def test_no_sentence_is_left_from_a_refusal_that_is_gone() -> None:
    assert sorted(SENTENCES.keys() - refusal_codes().keys()) == []


# Both languages at work


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application with the catalogue compiled just now, and none for English."""
    compiled = tmp_path / "vi" / "LC_MESSAGES" / "messages.mo"
    compiled.parent.mkdir(parents=True)
    with compiled.open("wb") as file:
        write_mo(file, catalogue())
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path)
    app = Flask(__name__)
    i18n.set_up(app)
    return app


@pytest.mark.parametrize(
    ("address", "said"),
    [("/", "Số hồ sơ"), ("/?lang=vi", "Số hồ sơ"), ("/?lang=fr", "Số hồ sơ"), ("/?lang=en", "Case number")],
)
def test_english_speaks_without_a_catalogue_and_all_else_is_vietnamese(app: Flask, address: str, said: str) -> None:
    with app.test_request_context(address, headers={"Accept-Language": "en"}):
        assert gettext("Case number") == said


def test_a_name_is_put_into_a_sentence(app: Flask) -> None:
    with app.test_request_context("/"):
        said = gettext("Comrade %(name)s, choose where to go.", name="Nguyễn Thị A")
    assert said == "Mời Đồng chí Nguyễn Thị A chọn nơi cần đến."
