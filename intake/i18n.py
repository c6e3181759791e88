"""Vietnamese first, English second, chosen by `?lang=` alone: no cookie, and no guess from the browser's headers."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, has_request_context, request
from flask_babel import Babel, get_locale

from intake.assets import TRANSLATIONS

LANGUAGES = ("vi", "en")


def set_up(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES[0]
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Ho_Chi_Minh"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=asked_language)


def asked_language() -> str:
    """The language of this request's address."""
    asked = request.args.get("lang", "") if has_request_context() else ""
    return asked if asked in LANGUAGES else LANGUAGES[0]


def language() -> str:
    """The language that sentences come out in now, `force_locale` included."""
    locale = get_locale()
    return locale.language if locale and locale.language in LANGUAGES else LANGUAGES[0]


def strings_json(strings: Mapping[str, object]) -> dict[str, str]:
    """Sentences for a page's `<script type="application/json" id="strings">`, lazy ones made text."""
    return {key: str(sentence) for key, sentence in strings.items()}
