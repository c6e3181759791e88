"""The queue in pages: nothing twice, nothing left out, and no page dearer than another."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text

from tests.casework import FACTS, REPORT_RING, Office
from tests.world import AT, make_world
from workflow.errors import Malformed
from workflow.queries.queue import queue


@pytest.fixture
def office(store) -> Office:
    return Office(make_world(store), AT)


@pytest.fixture
def five(office):
    """Cases of two different hours, the newest first."""
    made = [office.later(hours=hour).a_case(FACTS, reporter=f"{hour} {no}")["case"] for hour in (0, 3) for no in (1, 2)]
    return [office.later(hours=5).a_case(FACTS, reporter="last")["case"], *reversed(made)]


def page(office, code="P-001", **asked):
    with office.world.store.reading() as db:
        return queue(db, office.person(code), at=office.at, **asked)


def walked(office, size, code="P-001"):
    found, after = [], None
    while True:
        got = page(office, code, size=size, after=after)
        assert len(got.lines) <= size
        found += [line.id for line in got.lines]
        after = got.next
        if after is None:
            return found


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6])
def test_pages_of_any_size_hold_every_case_once_in_the_order_of_the_whole(office, five, size):
    assert walked(office, size) == five


def test_a_case_that_changes_between_two_pages_pushes_none_out(office, five):
    first = page(office, size=2)
    later = office.later(hours=9)
    later.declare(five[4], "P-001")
    later.add(five[4], "P-001", later.item(five[4], REPORT_RING, "message", by="P-001"))
    rest = page(office, size=9, after=first.next)
    assert [line.id for line in rest.lines] == five[2:4]
    assert walked(office, 2)[0] == five[4]


def test_a_cursor_opens_nobody_elses_queue(office, five):
    assert page(office, "P-005", size=2, after=page(office, size=2).next).lines == ()


@pytest.mark.parametrize(
    "after", ["", "x", "W10", "WzEsMl0", "eyJ2IjoxfQ", "Wzk5OTk5OTk5OTk5OTk5OTksMCwieCJd", "é", "A" * 9000]
)
def test_what_is_no_cursor_is_malformed(office, after):
    with pytest.raises(Malformed):
        page(office, after=after)


def test_a_longer_page_takes_no_more_statements(office, five):
    for case in five:
        office.later(hours=6).declare(case, "P-001")
    asked = []
    event.listen(office.world.store.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with office.world.store.reading() as db:
        person = office.person("P-001")
        asked.clear()
        queue(db, person, at=office.at, size=1)
        one = len(asked)
        asked.clear()
        got = queue(db, person, at=office.at, size=5)
    assert all(line.summary and line.grants for line in got.lines)
    assert len(asked) <= one <= 7


def test_of_a_line_the_page_holds_only_the_grant_to_its_summary(office, five):
    office.declare(five[0], "P-001")
    (line,) = page(office, size=1).lines
    (grant,) = line.grants
    assert (grant.kind, grant.reader, grant.ring, grant.epoch) == ("grant", "P-001", "report", line.summary.epoch)


@pytest.mark.sqlite
def test_sqlite_walks_the_queue_in_its_order_without_sorting(office):
    store = office.world.store
    with store.reading() as db:
        seen = []
        event.listen(store.engine, "before_cursor_execute", lambda *args: seen.append((args[2], args[3])))
        queue(db, "nobody", at=office.at)
        statement, values = next(one for one in seen if "ORDER BY" in one[0])
        plan = [row[3] for row in db.connection().exec_driver_sql(f"explain query plan {statement}", values)]
    assert any("ix_case_file_queue" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


@pytest.mark.sqlite
def test_a_cases_statements_are_found_by_an_index(office):
    with office.world.store.reading() as db:
        asked = "explain query plan select * from statement where case_id = 'x' and kind in ('conflict', 'withdrawal')"
        plan = [row[3] for row in db.execute(text(asked))]
    assert plan == ["SEARCH statement USING INDEX ix_statement_case (case_id=? AND kind=?)"]
