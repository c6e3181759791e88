"""`make bench`: all measures, side by side in one run, as a table in Markdown (docs/performance.md says how to read it)."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, text

from bench import growing, routing, submitting
from tests import postgres
from tests.canary.portal import Started, running
from tests.casework import REPORT_RING, Office
from tests.databases import KINDS
from tests.world import make_world
from workflow.migrate import migrate
from workflow.store import Store

# The limits on strangers are another matter, and would answer with work under this load.
ENVIRON = {"RATE_PER_SECOND": "100000", "RATE_BURST": "100000", "MAILBOX_FLOOR": "0"}
SIZES = (100, 1_000, 10_000)
TITLES = {
    "ours": "a report taken in, sealed",
    "bare": "the same bytes, written bare in one row",
    "rows": "the same bytes, written bare in as many rows",
    "preview": "who would read it, a preview",
}


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("--reports", type=int, default=160, help="sealed reports to send (160)")
    asked.add_argument(
        "--memory", type=int, default=0, help="reports after which memory is measured, if more than that"
    )
    asked.add_argument("--entries", type=int, default=20_000, help="ledger entries to check (20000)")
    asked.add_argument("--largest", type=int, default=SIZES[-1], help="most cases in the queue (10000)")
    asked.add_argument("--database", choices=KINDS, default=KINDS[0], help="where the records are (sqlite)")
    given = asked.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, {given.database}, {datetime.now(UTC):%Y-%m-%d}\n")
    with (
        tempfile.TemporaryDirectory(prefix="np-bench-", dir="/tmp") as folder,
        _databases(given.database, Path(folder)) as empty,
    ):
        _portal(Path(folder), given.reports, given.memory, empty)
        _store(empty("growing"), tuple(size for size in SIZES if size <= given.largest), given.entries)
    _routing()


@contextmanager
def _databases(kind: str, folder: Path) -> Iterator[Callable[[str], str]]:
    """Gives the address of an empty database by a name; PostgreSQL is one that keeps what it has committed."""
    if kind == "sqlite":
        yield lambda name: f"sqlite:///{folder / name}.db"
        return
    binaries = postgres.folder()
    if binaries is None:
        sys.exit(postgres.HOW)
    with postgres.running(binaries, durable=True) as home:
        engine = create_engine(postgres.url(home, "postgres"), isolation_level="AUTOCOMMIT")

        def empty(name: str) -> str:
            with engine.connect() as connection:
                connection.execute(text(f"create database {name}"))
            return postgres.url(home, name)

        yield empty
        engine.dispose()


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _portal(folder: Path, reports: int, most: int, empty: Callable[[str], str]) -> None:
    with running(folder, ENVIRON | {"NIEMPHONG_DATABASE": empty("portal")}) as started:
        rest = memory(started)
        found = submitting.beside(started, reports, empty("bare"), say)
        after = memory(started)
        submitting.send_more(started, most - reports, say)
        last = memory(started)
    print("| at 8 clients | a second | p50 | p99 | ratio |\n| --- | --- | --- | --- | --- |")
    rate = found["ours"].per_second
    for name, title in TITLES.items():
        one = found[name]
        ratio = f"{rate / one.per_second:.2f}" if name in ("bare", "rows") else ""
        print(f"| {title} | {one.per_second:.0f} | {one.p50:.0f} ms | {one.p99:.0f} ms | {ratio} |")
    print(f"\n| memory of all processes (PSS) | MiB |\n| --- | --- |\n| at rest | {rest:.0f} |")
    print(f"| after {reports:,} reports | {after:.0f} |")
    if most > reports:
        print(f"| after {most:,} reports | {last:.0f} |")
    print()


def memory(started: Started) -> float:
    """Proportional set size of every process of the portal, in MiB: what they share is counted once."""
    kib = 0
    for process in started.processes():
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kib += int(line.split()[1])
    return kib / 1024


def _store(url: str, sizes: tuple[int, ...], entries: int) -> None:
    store = Store(url)
    migrate(store)
    office = Office(make_world(store), datetime.now(UTC))
    office.at = datetime(2026, 11, 24, 9, 6, tzinfo=UTC)
    args = office.a_case()
    office.declare(args["case"], "P-001")
    for _ in range(5):
        office.add(args["case"], "P-001", office.item(args["case"], REPORT_RING, "message", by="P-001"))
    speed = growing.ledger_speed(store, entries, office.world.installation_seed, office.world.installation_public)
    print("| cases | queue, a page | a case | a mailbox |\n| --- | --- | --- | --- |")
    told = list(growing.at_sizes(store, args["case"], office.person("P-001"), args["mailbox"], sizes))
    for one in told:
        print(f"| {one['cases']:,} | {one['queue']:.1f} ms | {one['case']:.1f} ms | {one['mailbox']:.1f} ms |")
    ratios = [told[-1][name] / told[0][name] for name in ("queue", "case", "mailbox")]
    print(f"| largest to smallest | {ratios[0]:.2f} | {ratios[1]:.2f} | {ratios[2]:.2f} |\n")
    print(f"The ledger check reads {speed:,.0f} entries a second.")
    store.close()


def _routing() -> None:
    first, large, plan = routing.measured()
    print(f"\n| a decision | ms |\n| --- | --- |\n| the plan's organisation | {plan:.2f} |")
    print(
        f"| {routing.BODIES:,} bodies, {routing.PEOPLE:,} people | {large:.2f} |\n| the first of these | {first:.0f} |"
    )


if __name__ == "__main__":
    main()
