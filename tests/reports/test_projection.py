"""The kept facts: read where they stand for the records, made again where something was recorded since."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from reports import projection
from reports.facts import HERE, Episode, episodes
from reports.models import EpisodeFact, StaleItem
from tests.reports.conftest import Records, scope
from tests.reports.histories import ten_items

ITEM = "(SELECT id FROM casework_item WHERE import_reference = '{}')"
LINE = (
    "(SELECT l.id FROM notices_line l JOIN casework_item i ON i.id = l.item_id WHERE import_reference = '{}')"
)
SEEN = (
    "INSERT INTO casework_check (item_id, at, verdict, cause, method, vantage, logged_in, confidence, marker, note,"
    " confirms, by_name, recorded_at) VALUES ({}, '2026-01-20T12:00Z', '{}', '', 'person', 'GB', false, 'high', '',"
    " '', true, 'Test', '2026-01-20T12:00Z')"
)
RECORDED = "described_at = '2026-01-20T12:00Z'"
EVENT = (
    "INSERT INTO casework_event (item_id, notice, kind, old, new, actor_name, reason, details, at, recorded_at)"
    " SELECT {0}, '{1}', '', '', 'Test', '', '{{}}', {2}, {2} FROM notices_notice WHERE import_reference = 'n1'"
)
CHANGES = {
    "check": SEEN.format(ITEM.format("i6"), "gone"),
    "answer": (
        "INSERT INTO notices_answer (line_id, answer, refusal_code, at, territories, note, platform_reference,"
        f" source, by_name, recorded_at) VALUES ({LINE.format('i8')}, 'refused', 'other', '2026-01-21T12:00Z',"
        " '{}', '', '', 'imported', 'Test', '2026-01-21T12:00Z')"
    ),
    "set aside": (
        "INSERT INTO casework_setaside (item_id, kind, at, recorded_at, reason, confirmed_by)"
        f" VALUES ({ITEM.format('i6')}, 'withdrawn', '2026-01-20T12:00Z', '2026-01-20T12:00Z', '', '')"
    ),
    "hold placed": (
        "INSERT INTO casework_hold (item_id, authority, reason, placed_at, placed_recorded_at)"
        f" VALUES ({ITEM.format('i6')}, 'Desk', '', '2026-01-20T12:00Z', '2026-01-20T12:00Z')"
    ),
    "hold released": "UPDATE casework_hold SET released_at = '2026-01-20T12:00Z',"
    " released_recorded_at = '2026-01-20T12:00Z'",
    "bounce": (
        "INSERT INTO notices_deliveryrecord (notice_id, kind, at, reason, reference, recorded_at)"
        " SELECT id, 'failed', sent_at + interval '1 hour', 'bounced', '', sent_at + interval '1 hour'"
        " FROM notices_notice WHERE import_reference = 'n2'"
    ),
    "acknowledgement": (
        "INSERT INTO notices_acknowledgement (notice_id, at, automatic, by_name, recorded_at)"
        " SELECT id, sent_at, false, 'Test', sent_at FROM notices_notice WHERE import_reference = 'n1'"
    ),
    "question": EVENT.format("NULL, reference", "notice.clarification_asked", "sent_at + interval '1 hour'"),
    "approval": EVENT.format(ITEM.format("i1") + ", ''", "item.approved", "sent_at - interval '10 minutes'"),
    "copy": (
        "INSERT INTO casework_copy (item_id, of_id, at, recorded_at)"
        f" VALUES ({ITEM.format('i6')}, {ITEM.format('i1')}, '2026-01-20T12:00Z', '2026-01-20T12:00Z')"
    ),
    "other channel": "UPDATE notices_notice SET channel_kind = 'portal' WHERE import_reference = 'n1'",
    "severity": f"UPDATE casework_item SET severity = 'high', {RECORDED} WHERE id = {ITEM.format('i1')}",
    "category": "UPDATE casework_item SET category_id = (SELECT id FROM casework_category WHERE slug = 'fraud'),"
    f" {RECORDED} WHERE id = {ITEM.format('i6')}",
    "found": f"UPDATE casework_item SET found_at = found_at - interval '3 days', {RECORDED}"
    f" WHERE id = {ITEM.format('i7')}",
    "confirm hours": "UPDATE platforms_platform SET confirm_hours = 20 WHERE slug = 'x'",
}
SETTLED = datetime(2026, 3, 1, tzinfo=UTC)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0, "The statement changed nothing."


def computed(**changes: Any) -> list[Episode]:
    """The rows as the statement gives them for all items, whatever is kept."""
    run("INSERT INTO reports_staleitem (item_id) SELECT id FROM casework_item")
    return list(episodes(scope(**changes)))


@pytest.fixture
def kept(bring_in: Callable[[Records], None]) -> None:
    """Ten items, whose facts are all kept."""
    bring_in(ten_items())
    projection.refresh()


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_recorded_later_shows_at_once_and_after_a_refresh(kept: None, change: str) -> None:
    before = list(episodes(scope()))
    run(CHANGES[change])
    at_once = list(episodes(scope()))
    projection.refresh()
    refreshed = list(episodes(scope()))
    assert at_once == refreshed == computed()
    if change != "confirm hours":  # nothing in these histories hangs on it
        assert at_once != before


def test_refresh_makes_only_what_changed(kept: None) -> None:
    assert projection.refresh() == 0
    run(CHANGES["check"])
    assert projection.refresh() == 1
    assert not StaleItem.objects.exists()


def test_rows_of_an_earlier_as_at_are_computed_where_more_is_known_by_now(kept: None) -> None:
    for day in range(5, 25):
        moment = datetime(2026, 1, day, 12, tzinfo=UTC)
        assert list(episodes(scope(as_at=moment))) == computed(as_at=moment)
        projection.refresh()


def test_kept_rows_are_what_is_read(kept: None) -> None:
    assert EpisodeFact.objects.count() == 10
    EpisodeFact.objects.filter(ref="i1").update(outcome="PENDING")
    (row,) = [row for row in episodes(scope()) if row.ref == "i1"]
    assert row.outcome == "PENDING"


def test_a_notice_that_never_left_has_no_row(kept: None) -> None:
    run("UPDATE notices_notice SET sent_at = NULL, sent_recorded_at = NULL, status = 'draft'"
        " WHERE import_reference = 'n3'")  # fmt: skip
    projection.refresh()
    assert EpisodeFact.objects.count() == 10


def test_every_table_that_the_statement_reads_marks_its_items(db: None) -> None:
    text = "".join(
        (HERE / name).read_text(encoding="utf-8") for name in ("sent.sql", "described.sql", "episodes.sql")
    )
    named = {"casework_category", "platforms_platform"}  # by slugs that never change
    read = set(re.findall(r"(?:casework|notices|platforms)_[a-z]+", text)) - named
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname LIKE 'reports_mark_%'"
        )
        assert read <= {row[0] for row in cursor.fetchall()}
