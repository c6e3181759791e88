"""The public pages as they are sent: whole, in both languages, with nothing inline, nothing remote and no cookie."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from intake.assets import STATIC, TEMPLATES
from intake.sentences import SENTENCES

PAGES = ("/", "/report", "/mailbox", "/help", "/nowhere")
LANGUAGES = ("vi", "en")
WRITTEN = ("/report", "/mailbox")  # pages that change their language in place
LEAVING = "https://hcm.edu.vn"  # where the quick exit goes; nothing is loaded from there
VOID = {"meta", "link", "input", "br", "img", "hr"}
# Refusals that only a member or an operator can meet.
NOT_PUBLIC = {
    "method_not_allowed", "stale_page", "signed_out", "sign_in_failed", "not_entitled", "already_declared",
    "link_expired", "enrolment_ended", "not_enrolled", "organisation_key_missing", "already_installed", "not_installed",
    "installation_key_missing",
    "unknown_person", "unknown_body", "unknown_inspection", "inspection_without_head", "inspection_without_unit",
    "known_code", "bad_custodian_set", "demonstration_key", "roster_unsigned",
    "roster_other_key", "roster_out_of_turn", "roster_differs", "successor_is_itself", "successor_is_former",
    "drill_ended", "drill_wrong", "already_reader", "case_stays", "reader_not_eligible", "readers_full",
    "outside_unknown", "outside_key_changed", "packages_full", "outside_unsigned", "outside_expired", "outside_older",
    "unknown_package", "receipt_wrong", "receipt_entered",
    "unknown_unit", "unknown_relation", "relatives_in_team", "tied_to_inspected", "relation_with_self", "relation_known",
    "relation_ended", "relation_is_declared", "relations_full",
    "last_reader", "recovery_ended", "second_factor_ended", "session_gone", "own_link",
    "rotation_due", "known_charge", "unknown_charge", "unknown_field", "exception_too_long",
    "administrator_handles", "bad_merger", "plan_changed",
}  # fmt: skip
# Faults of the members' half of the modules that both faces share.
MEMBERS_ONLY = {"seed_damaged", "header_damaged", "first_missing", "first_damaged"}
# Said on the page in another way than as the sentence of a fault.
SAID_OTHERWISE = {"wrong_code"}


@dataclass
class Read(HTMLParser):
    """A page: its elements in order, and the phrases that language.js walks through."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    scripts: dict[str, str] = field(default_factory=dict)
    title: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self._open.append((tag, attributes))
        if self._translated(attributes):
            names = ("aria-label", "label", "placeholder", *(("href",) if tag == "a" else ()))
            self.phrases += [f"{tag}@{name}" for name in names if name in attributes]

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._open:
            return
        tag, attributes = self._open[-1]
        if tag == "title":
            self.title += data
        if tag == "script":
            self.scripts[attributes.get("id") or attributes.get("src") or "inline"] = data
        if data.strip() and self._translated({}):
            self.phrases.append(f"text in {tag}")

    def _translated(self, attributes: dict[str, str | None]) -> bool:
        if any(tag == "noscript" for tag, _ in self._open):
            return False
        return "data-words" in attributes or any("data-words" in held for _, held in self._open)

    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.elements if "id" in attributes]

    def strings(self) -> dict[str, str]:
        return dict(json.loads(self.scripts["strings"]))


def read(answer) -> Read:
    page = Read()
    page.feed(answer.get_data(as_text=True))
    page.close()
    return page


@pytest.fixture
def pages(reporter_app):
    client = reporter_app.test_client()
    return {
        (path, language): client.get(path, query_string={"lang": language}) for path in PAGES for language in LANGUAGES
    }


def test_every_template_compiles(make_app):
    environment = make_app("reporter").jinja_env
    for path in sorted(TEMPLATES.rglob("*.html")):
        environment.get_template(path.relative_to(TEMPLATES).as_posix())


def test_no_page_holds_a_script_a_style_or_a_handler_of_its_own(pages):
    for where, answer in pages.items():
        for tag, attributes in read(answer).elements:
            assert tag != "style", where
            assert "style" not in attributes, where
            assert not [name for name in attributes if name.startswith("on")], where
            if tag == "script":
                assert attributes.get("src") or attributes.get("type") == "application/json", where


def test_nothing_comes_from_elsewhere_and_only_the_quick_exit_leads_there(pages):
    for where, answer in pages.items():
        for tag, attributes in read(answer).elements:
            for name in ("src", "href", "action"):
                address = attributes.get(name) or ""
                remote = address.startswith("//") or re.match(r"https?:", address)
                assert not remote or (tag == "a" and address == LEAVING and "data-exit" in attributes), (where, address)


@pytest.mark.parametrize("folder", ["css", "js/pages", "js/client"])
def test_no_script_or_style_names_an_address_elsewhere(folder):
    for path in sorted((STATIC / folder).rglob("*.*")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!www\.w3\.org/)|url\(|@import", text), path.name


def test_every_page_has_a_title_one_main_part_a_first_heading_and_a_way_past_the_menu(pages):
    for (path, language), answer in pages.items():
        page = read(answer)
        tags = [tag for tag, _ in page.elements]
        assert (
            page.title.strip().endswith(("Niêm Phong, the sealed letterbox", "niêm phong"))
            or "Niêm Phong" in page.title
        )
        assert page.title.split("–")[0].strip(), path
        assert tags.count("main") == 1
        assert "h1" in tags
        links = [attributes for tag, attributes in page.elements if tag == "a"]
        assert links[0]["href"] == "#main"
        assert ("html", {"lang": language}) in page.elements


def test_every_page_says_what_the_quick_exit_does_and_offers_both_languages(pages):
    for where, answer in pages.items():
        page = read(answer)
        leave = next(attributes for _, attributes in page.elements if "data-exit" in attributes)
        assert leave["aria-describedby"] in page.ids(), where
        offered = [attributes["data-language"] for _, attributes in page.elements if "data-language" in attributes]
        assert offered == ["vi", "en"], where


def test_a_page_of_an_unknown_address_does_not_lead_to_another_host(reporter_app):
    answer = reporter_app.test_client().get("//other-host.example/x")
    assert "other-host" not in answer.get_data(as_text=True)


def test_ids_are_given_once_and_labels_and_descriptions_find_theirs(pages):
    for where, answer in pages.items():
        page = read(answer)
        ids = page.ids()
        assert len(ids) == len(set(ids)), where
        for _, attributes in page.elements:
            for name in ("for", "aria-describedby", "aria-labelledby"):
                assert set((attributes.get(name) or "").split()) <= set(ids), (where, name, attributes)


def test_every_field_has_a_label(pages):
    for where, answer in pages.items():
        page = read(answer)
        labelled = {attributes.get("for") for tag, attributes in page.elements if tag == "label"}
        for tag, attributes in page.elements:
            if tag in ("input", "select", "textarea") and attributes.get("type") not in ("checkbox", "radio"):
                assert attributes.get("id") in labelled, (where, attributes)


def test_no_page_sets_a_cookie_or_is_kept(pages):
    for where, answer in pages.items():
        assert "Set-Cookie" not in answer.headers, where
        assert answer.headers["Cache-Control"] == "no-store", where


def test_every_page_without_javascript_says_so_and_names_the_paper_way(pages):
    for path in ("/", "/report", "/mailbox"):
        text = pages[path, "en"].get_data(as_text=True)
        said = re.search(r"<noscript>(.*?)</noscript>", text, re.DOTALL)
        assert said
        assert "JavaScript" in said[1]
        assert "paper way" in said[1]


@pytest.mark.parametrize("path", WRITTEN)
def test_both_languages_of_a_page_match_phrase_by_phrase(pages, path):
    """language.js exchanges the phrases in step, and refuses to where the pages differ."""
    vietnamese, english = (read(pages[path, language]) for language in LANGUAGES)
    assert vietnamese.phrases == english.phrases
    assert len(vietnamese.phrases) > 40
    assert vietnamese.strings().keys() == english.strings().keys()


def test_the_form_is_filled_in_and_read_by_name(pages):
    """Every field that a script asks for by its id is on its page."""
    for path, name in (("/report", "report"), ("/mailbox", "mailbox")):
        ids = set(read(pages[path, "en"]).ids())
        for script in scripts_of(name):
            asked = set(re.findall(r'\$\("#([\w-]+)"\)', script))
            optional = {
                "strings",
                "lists",
                "insecure",
                "inspection",
            }  # where no inspection is known there is none to choose
            assert asked <= ids | optional, (path, asked - ids)


def test_every_sentence_that_a_page_asks_for_is_there(pages):
    for path, name in (("/", "home"), ("/report", "report"), ("/mailbox", "mailbox")):
        strings = read(pages[path, "en"]).strings()
        for script in scripts_of(name):
            for key in re.findall(r'\b(?:t|say)\("([a-z_]+(?:\.[a-z_]+)+)"', script):
                assert key in strings or key in shared_elsewhere(path), (path, key)


def shared_elsewhere(path: str) -> set[str]:
    """Keys of modules that a page loads but whose words only the form needs."""
    return set() if path == "/report" else {"chosen", "counter", "faults.title"}


def scripts_of(name: str) -> list[str]:
    """A page's script with all that it imports from the pages' folders."""
    found: dict[str, str] = {}
    waiting = [STATIC / "js/pages/reporter" / f"{name}.js"]
    while waiting:
        path = waiting.pop().resolve()
        if str(path) in found or "pages" not in path.parts:
            continue
        found[str(path)] = path.read_text(encoding="utf-8")
        waiting += [path.parent / target for target in re.findall(r'(?:from|import) "(\.[^"]+)"', found[str(path)])]
    return list(found.values())


def faults_of_the_client() -> set[str]:
    """The codes with which the reporter's modules stop."""
    shared = [STATIC / "js/client" / f"{name}.js" for name in ("trust", "building", "epochs", "opening")]
    files = [*sorted((STATIC / "js/client/reporter").glob("*.js")), *(path for path in shared if path.exists())]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return set(re.findall(r'ClientFault\(\s*"([a-z_]+)"', text)) | set(re.findall(r'\? "(roster_[a-z]+)" :', text))


def test_every_fault_of_the_client_and_every_refusal_of_the_server_has_a_sentence(pages):
    report, mailbox = (read(pages[path, "en"]).strings() for path in WRITTEN)
    both = set(report) | set(mailbox)
    codes = faults_of_the_client() - MEMBERS_ONLY
    assert {"network", "roster_expired", "below_quorum"} <= codes
    for code in codes | (set(SENTENCES) - NOT_PUBLIC - SAID_OTHERWISE):
        assert f"fault.{code}" in both, code
    # What stops a page before anything is typed is said on each of them.
    for code in ("network", "roster_missing", "roster_bad", "roster_expired", "checkpoint_bad", "routing_key_bad"):
        assert f"fault.{code}" in report
        assert f"fault.{code}" in mailbox


def test_every_fault_of_the_form_has_a_sentence(pages):
    strings = read(pages["/report", "en"]).strings()
    form = (STATIC / "js/pages/reporter/form.js").read_text(encoding="utf-8")
    codes = set(re.findall(r'say\([^)]*?"([a-z]+_[a-z]+)"', form)) | set(re.findall(r'need\("\w+", "(\w+)"\)', form))
    assert len(codes) >= 9
    for code in codes:
        assert f"fault.{code}" in strings, code


def test_the_form_offers_not_sure_yet_and_eight_groups(pages):
    text = pages["/report", "en"].get_data(as_text=True)
    lists = json.loads(read(pages["/report", "en"]).scripts["lists"])
    assert text.count('name="category" value="UNSURE"') == 1
    assert len([group for group in lists["categories"] if group["code"] != "UNSURE"]) == 8
    for group in lists["categories"]:
        for one in group["items"]:
            assert f'name="category" value="{one["code"]}"' in text


def test_people_are_offered_by_post_and_never_by_name(pages, an_installation):
    text = pages["/report", "vi"].get_data(as_text=True)
    for code, person in an_installation.people.items():
        name = getattr(person, "name", "")
        assert not name or name not in text, code
    assert 'name="objection"' in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_people_are_offered_under_the_same_post(pages, language):
    lists = json.loads(read(pages["/report", language]).scripts["lists"])
    people = {post["person"]: post["post"] for post in lists["posts"]}
    assert len(set(people.values())) == len(people)


def test_what_was_typed_is_stored_nowhere_and_no_markup_is_made_from_text():
    for path in sorted((STATIC / "js/pages").glob("reporter/*.js")):
        text = path.read_text(encoding="utf-8")
        forbidden = r"localStorage|sessionStorage|indexedDB|document\.cookie|innerHTML|outerHTML|DOMParser|Math\.random"
        assert not re.search(forbidden, text), path.name
