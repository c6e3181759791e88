"""`python -m tests.canary`: does anything that browsers sealed lie anywhere on the server? (docs/canary.md)

Exit code 0: every place was searched, which its planted marker shows, and nothing was found. 1: anything else.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.canary import places, walk
from tests.canary.markers import Cores, Needle, Secret, blob, forms, naming, needles, new_cores
from tests.canary.places import Expected, Outcome, Places
from tests.canary.planting import Plants, Recorder
from tests.canary.portal import Started, running
from tests.canary.searching import Hunt
from tests.e2e.conftest import FLAGS

WEB_WORKERS = ("reporter, worker", "staff, worker")


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.canary", description=__doc__.partition("\n")[0])
    asked.add_argument("--rounds", type=int, default=1, metavar="N", help="how often the whole is done (1)")
    asked.add_argument("--keep", action="store_true", help="keep the portal's folder and say where it is")
    given = asked.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        say("Chromium is not installed: apt-get install chromium")
        return 1
    # Every round is done, also after one that went wrong.
    well = [one_round(chromium, keep=given.keep) for _ in range(max(1, given.rounds))]
    return 0 if all(well) else 1


def one_round(chromium: str, *, keep: bool) -> bool:
    """Start, walk, plant, search, report. The browser is the people's own and has a folder apart."""
    began = time.monotonic()
    folder, browsers = Path(tempfile.mkdtemp(prefix="np-canary-")), Path(tempfile.mkdtemp(prefix="np-canary-browser-"))
    elsewhere = Path("/tmp") / f"canary-{folder.name}"
    plants, cores = Plants(), new_cores("marker")
    try:
        with ExitStack() as ending:
            say("a portal is started")
            started = ending.enter_context(running(folder, plants.environment()))
            recorder = Recorder(started.socket, folder / "office" / "redis")
            ending.callback(recorder.close)
            plants.early(started)
            before = _facts_are_unique(started, plants)
            moments = Moments(started, plants, cores)
            with _browser(chromium, browsers) as browser:
                walked = walk.walk(started, browser, cores, say, moments)
            say("all places are searched")
            plants.late(started, elsewhere)
            searched = _search(started, plants, recorder, walk.secrets_of(started, walked), cores, [folder, browsers])
    finally:
        elsewhere.unlink(missing_ok=True)
        shutil.rmtree(browsers, ignore_errors=True)
        if keep:
            say(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    well = report([before, *moments.outcomes, *searched])
    say(
        f"{'nothing was found' if well else 'NOT WELL: see the lines marked ✗'}; {time.monotonic() - began:.0f} seconds"
    )
    return well


class Moments:
    """The memory of both faces' workers while the job is done: what they free, the next request may overwrite."""

    def __init__(self, started: Started, plants: Plants, cores: Cores) -> None:
        self._started = started
        self._plants = plants
        self._hunt = Hunt(needles([*cores.secrets(), *plants.environ.secrets()]), naming(walk.marker_texts(cores)))
        self.outcomes: list[Outcome] = []

    def __call__(self, when: str) -> None:
        workers = [process for process in self._started.processes() if process.name in WEB_WORKERS]
        for found in places.memories(self._hunt, workers, lambda process: self._plants.inherited):
            self.outcomes.append(replace(found, place=f"{found.place}, {when}"))


def report(outcomes: list[Outcome]) -> bool:
    """One line a place, and one for each find: its name and form, never what was found."""
    for outcome in outcomes:
        planted = f"{len(outcome.expected & outcome.planted)} of {len(outcome.expected)} planted forms found"
        mark = "✓" if outcome.well else "✗"
        print(f"{mark} {outcome.place:<54}{outcome.result.size:>13,} bytes   {planted}, else {len(outcome.leaks)}")
        if outcome.fault:
            print(f"    could not be searched: {outcome.fault}")
        for what, form in sorted(outcome.expected - outcome.planted):
            print(f"    not found though it is there: {what}, {form}")
        for (what, form), count in sorted(outcome.leaks.items()):
            where = ", ".join(sorted(outcome.result.files.get((what, form), ())))
            print(f"    FOUND {count} times: {what}, {form}{' in ' if where else ''}{where}")
    sys.stdout.flush()
    return all(outcome.well for outcome in outcomes)


def say(line: str) -> None:
    print(f"canary: {line}", flush=True)


def _facts_are_unique(started: Started, plants: Plants) -> Outcome:
    """Before the report the routing facts lie nowhere, so that what is found later came from it."""
    hunt = Hunt(needles([*walk.fact_secrets(), *plants.bytes.secrets()]))
    look = Places(hunt, frozenset(), plants.plain)
    return look.files("home, before the report", places.below(started.home), plants.plain)


def _search(
    started: Started, plants: Plants, recorder: Recorder, secrets: list[Secret], cores: Cores, mine: list[Path]
) -> list[Outcome]:
    """Everything on disk and in Redis first, then the memory of all processes, halted."""
    planted = [secret for one in plants.all for secret in one.secrets()]
    texts = walk.marker_texts(cores)
    wanted = [*cores.secrets(), *secrets]
    name = naming(texts)
    everything = needles([*wanted, *walk.fact_secrets(), *planted])
    _require_cover(everything, texts)
    every_form = frozenset((one.what, one.form) for one in everything if one.data in blob(plants.bytes.marker(0)))
    look = Places(Hunt(everything, name), every_form, plants.plain)
    home, database = started.home, started.home / "niemphong.db"
    log = Path(f"{database}-wal")
    others = [path for path in places.below(home) if path not in (database, log) and home / "mail" not in path.parents]
    found = [
        look.file("database", database, plants.plain),
        look.file("database, write-ahead log", log, plants.plain),
        look.rows(database),
        look.files("mail folder", places.below(home / "mail")),
        look.files("other files of the home", others),
        look.redis(started.socket),
        look.file("Redis, all that it was told", recorder.take(), plants.told),
        look.file("output and logs of all processes", started.portal.log),
        look.files(
            "temporary files of the portal",
            [*places.below(started.folder / "tmp"), *places.below(started.folder / "cwd")],
        ),
        look.elsewhere("new temporary files elsewhere", started.began, mine),
    ]
    running = started.processes()
    plants.in_a_deleted_file(running)
    found.append(look.deleted(running))
    in_memory = Hunt(needles([*(one for one in wanted if not one.on_disk_only), *planted]), name)

    def expected(process: str) -> Expected:
        held = {"redis": every_form} | dict.fromkeys(WEB_WORKERS, every_form | plants.asked)
        return plants.inherited | held.get(process, frozenset())

    with plants.open_requests(started):
        found += places.memories(in_memory, running, expected)
    return found


def _require_cover(needles: list[Needle], texts: Mapping[str, str]) -> None:
    """Whatever form a marker takes, one of the needles is in it."""
    for what, text in texts.items():
        for form, data in forms(text).items():
            if not any(needle.data in data for needle in needles):
                raise AssertionError(f"{what}: nothing finds it as {form}")


@contextmanager
def _browser(chromium: str, folder: Path) -> Iterator[Browser]:
    """Chromium and its driver, which keep their own files in `folder`."""
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before


if __name__ == "__main__":
    sys.exit(main())
