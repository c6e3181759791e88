from __future__ import annotations

import stat
from pathlib import Path

import pytest

from crypto.encoding import b64u
from intake.config import SECRET_FILES, SettingsError, create_secrets, load_settings
from tests.world import seed


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    create_secrets(folder)
    return folder


def settings_of(home: Path, **environ: str):
    return load_settings({"NIEMPHONG_HOME": str(home)} | environ)


def refusal(home: Path, **environ: str) -> str:
    with pytest.raises(SettingsError) as refused:
        settings_of(home, **environ)
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_the_defaults_are_the_embedded_default(home):
    settings = settings_of(home)
    assert (settings.host, settings.port, settings.staff_port) == ("127.0.0.1", 8000, 8001)
    assert settings.database_url == f"sqlite:///{home / 'niemphong.db'}"
    assert settings.embedded_redis
    assert settings.redis_url.startswith("unix:///")
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.staff_url == "http://127.0.0.1:8001"
    assert settings.notice_delay == (300, 3600)
    assert not settings.secure_cookies
    assert settings.mail_folder == home / "mail"
    assert settings.routing_folder == home / "routing"


def test_the_staffs_port_follows_the_public_one(home):
    assert settings_of(home, PORT="9300").staff_port == 9301
    assert settings_of(home, PORT="9300", STAFF_PORT="9400").staff_port == 9400


def test_cookies_are_secure_where_the_staffs_face_is_served_by_https(home):
    assert settings_of(home, STAFF_URL="https://noi-bo.example.vn/").secure_cookies


def test_a_demonstration_sends_mails_within_seconds(home):
    (home / "demonstration").mkdir()
    assert settings_of(home).notice_delay == (1, 5)


def test_secrets_are_different_and_only_their_owner_reads_them(home):
    settings = settings_of(home)
    made = [*vars(settings.secrets).values(), settings.signing_seed]
    assert len(set(made)) == 5
    assert {len(secret) for secret in made} == {32}
    for name in SECRET_FILES.values():
        assert stat.S_IMODE((home / "secrets" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "secrets").stat().st_mode) == 0o700


def test_printing_settings_prints_no_secret(home):
    settings = settings_of(home, SMTP_URL="smtp://name:passphrase@mail.example.vn")
    printed = repr(settings) + repr(settings.secrets)
    assert "passphrase" not in printed
    assert repr(settings.secrets.server_key) not in printed


def test_secrets_are_never_overwritten(home):
    before = (home / "secrets" / "server-key").read_bytes()
    with pytest.raises(SettingsError):
        create_secrets(home)
    assert (home / "secrets" / "server-key").read_bytes() == before


@pytest.mark.parametrize("name", SECRET_FILES)
def test_a_missing_secret_refuses_to_start(home, name):
    (home / "secrets" / SECRET_FILES[name]).unlink()
    assert "niemphong init" in refusal(home)


@pytest.mark.parametrize("name", SECRET_FILES)
@pytest.mark.parametrize("weak", [b64u(bytes(32)), b64u(b"ab" * 16), "c2hvcnQ", "not base64url!", "x" * 43 + "="])
def test_a_weak_secret_refuses_to_start(home, name, weak):
    (home / "secrets" / SECRET_FILES[name]).write_text(weak)
    message = refusal(home)
    assert "32 random bytes" in message
    assert weak not in message
    (home / "secrets" / SECRET_FILES[name]).write_text(b64u(seed("good")))
    assert "32 random bytes" in refusal(home, **{name: weak})


def test_a_secret_that_others_can_read_refuses_to_start(home):
    (home / "secrets" / "auth-key").chmod(0o640)
    assert "chmod 600" in refusal(home)


def test_a_secret_may_come_from_the_environment(home):
    (home / "secrets" / "auth-key").unlink()
    assert settings_of(home, AUTH_KEY=b64u(seed("auth"))).secrets.auth_key == seed("auth")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("STAFF_PORT", "8000"),
        ("NOTICE_DELAY", "10-5"),
        ("NOTICE_DELAY", "soon"),
        ("NOTICE_DELAY", "nan"),
        ("MAILBOX_FLOOR", "-1"),
        ("MAILBOX_FLOOR", "nan"),
        ("IDLE_MINUTES", "16"),
        ("SESSION_HOURS", "0"),
        ("MAX_ENVELOPE", "10"),
        ("WEB_THREADS", "0"),
        ("READ_SECONDS", "0"),
        ("READ_SECONDS", "nan"),
        ("PUBLIC_URL", "ftp://example.vn"),
        ("PUBLIC_URL", "http://example.vn:99999"),
        ("STAFF_URL", "example.vn"),
        ("SMTP_URL", "https://example.vn"),
        ("MAIL_FROM", "Niêm Phong <a@b>"),
        ("NIEMPHONG_HOME", "/somewhere/a?b"),
    ],
)
def test_a_setting_that_cannot_be_right_is_refused_by_name(home, name, value):
    assert name in refusal(home, **{name: value})


def test_a_redis_of_ones_own_is_not_embedded(home):
    settings = settings_of(home, NIEMPHONG_REDIS="redis://queue.example.vn:6379/0")
    assert not settings.embedded_redis
    assert settings.redis_url == "redis://queue.example.vn:6379/0"


def test_a_long_home_keeps_its_socket_short(tmp_path):
    home = tmp_path / ("d" * 90) / "home"
    create_secrets(home)
    settings = settings_of(home)
    assert len(str(settings.redis_socket).encode()) < 107
    assert settings.run_folder != home / "run"
