"""Whether notices went out once (docs/decisions/0018): at least once each, and once more only where a worker was killed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from tests.kills.broken import Broken
from tests.kills.scene import Scene
from tests.mailserver import Delivery
from workflow import models

PATIENCE = 100.0  # seconds: a notice that a dead worker had claimed is due again after a minute


def check_notices(scene: Scene) -> str:
    """Every notice is delivered in the end, and none that isn't there; in words. Raises Broken."""
    scene.half_an_hour_later()
    deadline = time.monotonic() + PATIENCE
    while (left := _notices(scene, models.Notice.sent.is_(None))) and time.monotonic() < deadline:
        time.sleep(0.5)
    if left:
        raise Broken(f"{len(left)} notices never went out")
    sent = _notices(scene, models.Notice.sent.is_not(None))
    if scene.mails is None:
        return _in_folder(scene, sent)
    return count(scene.mails.deliveries, sent, scene.workers_killed)


def count(deliveries: Sequence[Delivery], sent: set[str], workers_killed: int) -> str:
    """What a mail server got, beside what is marked as sent.

    Whoever heard the answer to a mail marks it before saying goodbye. So a mail comes again only when each sender
    before was gone without a goodbye, and not more often than senders were killed.
    """
    by_id: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        by_id[delivery.id.strip("<>").partition("@")[0]].append(delivery)
    if by_id.keys() != sent:
        raise Broken(f"{len(sent - by_id.keys())} notices without a mail, {len(by_id.keys() - sent)} mails of none")
    again = sum(len(each) - 1 for each in by_id.values())
    if any(one.left for each in by_id.values() for one in each[:-1]):
        raise Broken("a notice went out again although its worker had lived to mark it")
    if again > workers_killed:
        raise Broken(f"{again} notices went out again, but only {workers_killed} workers were killed")
    return f"{len(sent)} notices delivered, {again} of them once more after {workers_killed} workers were killed"


def _in_folder(scene: Scene, sent: set[str]) -> str:
    """In a folder a second mail replaces the first; the console has a line for each."""
    mails = {path.stem for path in (scene.started.home / "mail").glob("*.eml")}
    if mails != sent:
        raise Broken(f"{len(sent - mails)} notices without a mail, {len(mails - sent)} mails of none")
    lines = scene.started.portal.log.read_text(errors="replace").count("(mail sent)")
    return f"{len(sent)} notices delivered, {max(0, lines - len(sent))} of them once more into the same file"


def _notices(scene: Scene, condition: ColumnElement[bool]) -> set[str]:
    with scene.opened() as store, store.reading() as db:
        return set(db.scalars(select(models.Notice.id).where(condition)))
