"""The application factory. Each face is an application of its own: cookie, policy, routes."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify
from flask_wtf.csrf import CSRFProtect

from intake import assets, compression, errors, i18n, openapi, rate, security, sessions
from intake.config import Settings
from intake.files import has_room
from intake.services import EXTENSION, Services, build_services, services

FACES = ("reporter", "staff")


def create_app(settings: Settings, faces: tuple[str, ...] = ("reporter",), own: Services | None = None) -> Flask:
    """One face (`("reporter",)` or `("staff",)`) of the installation that `settings` describe."""
    if len(faces) != 1 or faces[0] not in FACES:
        raise ValueError("one application serves one face: its cookie and policy are its own")
    (face,) = faces
    app = Flask(
        "niemphong",
        static_folder=str(assets.STATIC),
        static_url_path=assets.static_address(),
        template_folder=str(assets.TEMPLATES),
        root_path=str(assets.ROOT),
    )
    own = own or build_services(settings)
    app.extensions[EXTENSION] = own
    # An address is one way of asking: nothing is redirected to where it may have been meant, no method comes by itself.
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.config["MAX_CONTENT_LENGTH"] = settings.max_envelope
    i18n.set_up(app)
    errors.set_up(app, face)
    security.protect(app, face)
    compression.set_up(app)
    rate.set_up(app, settings.limits, settings.web_threads)
    app.add_url_rule("/healthz", "healthz", _healthz)
    (_staff if face == "staff" else _reporter)(app, settings)
    return app


def _reporter(app: Flask, settings: Settings) -> None:
    """The public face: no secret key, hence no session and no cookie that could be set by mistake."""
    from intake.reporter import api, forms, pages

    own: Services = app.extensions[EXTENSION]
    app.extensions[api.FORMS] = forms.Forms(lambda: own.work_keys, settings.limits)
    app.register_blueprint(pages.bp)
    app.register_blueprint(api.bp)
    app.context_processor(lambda: _frame(None) | {"exit_url": settings.exit_url})


def _staff(app: Flask, settings: Settings) -> None:
    """The members' face: a signed session cookie, and a token on everything that writes."""
    from intake.account import api, pages, recovery, upkeep
    from intake.custody import api as custody_api
    from intake.custody import pages as custody_pages
    from intake.desk import api as desk_api
    from intake.desk import granting, packages
    from intake.desk import pages as desk_pages
    from intake.office import api as office_api
    from intake.office import changes as office_changes
    from intake.office import pages as office_pages
    from intake.oversight import api as oversight_api
    from intake.oversight import pages as oversight_pages
    from intake.relations import api as relations_api
    from intake.relations import pages as relations_pages

    app.secret_key = settings.secrets.session_secret
    app.session_interface = sessions.Cookies(app.extensions[EXTENSION].keyring)
    # The prefix makes browsers refuse the cookie from any other host, path, or without protection.
    app.config["SESSION_COOKIE_NAME"] = "__Host-niemphong-staff" if settings.secure_cookies else "niemphong-staff"
    app.config["SESSION_COOKIE_SECURE"] = settings.secure_cookies
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Strict"
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_HEADERS"] = [openapi.CSRF_HEADER]
    sessions.set_up(app)
    CSRFProtect(app)
    account = (pages.bp, api.bp, recovery.bp, upkeep.bp)
    desk = (desk_pages.bp, desk_api.bp, granting.bp, packages.bp)
    office = (office_pages.bp, office_api.bp, office_changes.bp)
    others = (oversight_pages.bp, oversight_api.bp, relations_pages.bp, relations_api.bp)
    for blueprint in (*account, *desk, *office, *others, custody_pages.bp, custody_api.bp):
        app.register_blueprint(blueprint)
    app.context_processor(lambda: _frame(sessions.member_or_none()))


def _frame(member: object) -> dict[str, Any]:
    """What every page's frame shows."""
    return {"lang": i18n.language(), "demo": services().demonstration, "member": member}


def _healthz() -> tuple[Response, int]:
    """Whether the database answers, and whether what is written would be kept; nothing about its content."""
    store, room = services().store, services().settings.room
    if not store.answers():
        return jsonify(ok=False, fault="database"), 503
    if not store.keeps() or not all(has_room(folder, least) for folder, least in room.items()):
        return jsonify(ok=False, fault="storage"), 503
    return jsonify(ok=True), 200
