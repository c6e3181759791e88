"""What a request needs besides itself: settings, database, keys, and the time, as one argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import cast

from flask import current_app

from crypto.boxes import Box, ChangingBox
from crypto.encoding import label
from crypto.kdf import hkdf
from intake.config import Settings
from intake.keyring import Keyring
from intake.routingkeys import RoutingKeys
from workflow.commands.proofs import Keys
from workflow.queries import organisation
from workflow.store import Store

EXTENSION = "niemphong"


@dataclass(frozen=True)
class Services:
    settings: Settings
    store: Store
    box: Box
    routing: RoutingKeys
    now: Callable[[], datetime]

    @cached_property
    def demonstration(self) -> bool:
        """Whether this installation is a demonstration, which every page says; it never becomes anything else."""
        with self.store.reading() as db:
            return organisation.installation(db).demonstration

    @cached_property
    def keyring(self) -> Keyring:
        """The server's own keys as they are now."""
        return Keyring(self.settings)

    @property
    def work_keys(self) -> tuple[bytes, ...]:
        """Know our challenges and form tokens again, in every process, the first for new ones; nothing lasts under them."""
        return tuple(hkdf(secret, label("work-key")) for secret in self.keyring.session_secrets)

    @property
    def auth_key(self) -> bytes:
        return self.keyring.auth_key

    @property
    def idle(self) -> timedelta:
        """After how long without a sign of life a member's session ends."""
        return timedelta(minutes=self.settings.idle_minutes)

    @property
    def sign_in_keys(self) -> Keys:
        return Keys(box=self.box, auth_key=self.auth_key)


def utc_now() -> datetime:
    return datetime.now(UTC)


def build_services(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Services:
    """The services of these settings; the caller closes `store` when it ends."""
    return Services(
        settings=settings,
        store=Store(settings.database_url),
        box=live_box(Keyring(settings)),
        routing=RoutingKeys(settings.routing_folder),
        now=now,
    )


def live_box(keyring: Keyring) -> Box:
    """What the server keeps encrypted, under its keys as they are at each use."""
    return ChangingBox(lambda: keyring.server_keys)


def services() -> Services:
    """The services of the application that answers this request."""
    return cast(Services, current_app.extensions[EXTENSION])
