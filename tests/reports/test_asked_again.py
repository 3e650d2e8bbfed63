"""A figure asked again with the same as-at and known-by is the same to the byte, whatever was recorded since."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.models import Category, Check, Event, Hold, Item, SetAside
from notices.models import Acknowledgement, Answer, DeliveryRecord, Line, Notice
from platforms.models import Platform
from reports import projection
from reports.facts import Episode, episodes
from reports.periods import Period
from tests.reports.conftest import scope
from tests.reports.test_oracle import AS_AT, BEGIN, HISTORIES, HOURS, History, asked, bring_in, written

Later = Callable[[Item, datetime, datetime], Any]
BY = ("--by", "platform,kind,category,channel,month,severity,language")


def notified(item: Item, at: datetime, recorded_at: datetime, kind: str) -> None:
    notice = Notice.objects.create(
        reference=f"N-{Notice.objects.count()}-{kind}", kind=kind, platform=item.platform, channel_kind="portal",
        status="sent", import_reference="later", drafted_at=at, sent_at=at, sent_recorded_at=recorded_at,
        received_at=at, t0_basis="received",
    )  # fmt: skip
    Line.objects.create(notice=notice, item=item, position=1, address=item.address)
    DeliveryRecord.objects.create(notice=notice, kind="sent", at=at, recorded_at=recorded_at)


def described(item: Item, recorded_at: datetime, **values: Any) -> None:
    Item.objects.filter(pk=item.pk).update(described_at=recorded_at, **values)


def line(item: Item) -> Line:
    found = item.notice_lines.order_by("pk").first()
    assert found is not None
    return found


LATER: dict[str, Later] = {
    "corrected": lambda item, at, known: described(
        item, known, kind="video", language="fr", severity="high",
        category=Category.objects.get(slug="fraud"), platform=Platform.objects.get(slug="facebook"),
    ),
    "found before": lambda item, at, known: described(item, known, found_at=item.found_at - timedelta(hours=40)),
    "seen gone": lambda item, at, known: Check.objects.create(
        item=item, at=at, verdict="gone", cause="author", confirms=True, by_name="Test", recorded_at=known
    ),
    "seen live": lambda item, at, known: Check.objects.create(
        item=item, at=at, verdict="live", by_name="Test", recorded_at=known
    ),
    "answered": lambda item, at, known: Answer.objects.create(
        line=line(item), answer="removed", at=at, effective_at=at, source="imported", by_name="Test",
        recorded_at=known,
    ),
    "acknowledged": lambda item, at, known: Acknowledgement.objects.create(
        notice=line(item).notice, at=at, by_name="Test", recorded_at=known
    ),
    "bounced": lambda item, at, known: DeliveryRecord.objects.create(
        notice=line(item).notice, kind="failed", at=at, recorded_at=known
    ),
    "received": lambda item, at, known: DeliveryRecord.objects.create(
        notice=line(item).notice, kind="received", at=at, recorded_at=known
    ),
    "held": lambda item, at, known: Hold.objects.create(
        item=item, authority="Desk", placed_at=at, placed_recorded_at=known
    ),
    "released": lambda item, at, known: item.holds.filter(released_at=None, placed_at__lt=at).update(
        released_at=at, released_recorded_at=known
    ),
    "withdrawn": lambda item, at, known: SetAside.objects.create(
        item=item, kind="withdrawn", at=at, recorded_at=known
    ),
    "given up": lambda item, at, known: Event.objects.create(
        item=item, case=item.case, kind="item.given_up", actor_name="Test", at=at, recorded_at=known
    ),
    "notified again": lambda item, at, known: notified(item, at, known, "notice"),
    "chased": lambda item, at, known: notified(item, at, known, "chaser"),
    "other hours": lambda item, at, known: Platform.objects.filter(slug="x").update(confirm_hours=30),
    "facts made": lambda item, at, known: projection.refresh(),
}  # fmt: skip


def every_way(as_at: datetime, known_by: datetime) -> list[str]:
    """The rows, the figures by everything that they can be grouped by, and the rows of three filters."""
    ways = (
        ("--episodes",), ("--format", "json", *BY), ("--episodes", "--platform", "x"),
        ("--episodes", "--kind", "post"), ("--format", "json", "--category", "fraud"),
    )  # fmt: skip
    return [asked(as_at, known_by, *way) for way in ways]


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    histories=st.lists(HISTORIES, min_size=1, max_size=4),
    later=st.lists(
        st.tuples(st.sampled_from(sorted(LATER)), st.integers(0, 3), HOURS), min_size=1, max_size=8
    ),
    as_at=st.sampled_from([AS_AT, BEGIN + timedelta(hours=100)]),
    lag=st.sampled_from([timedelta(0), timedelta(days=3)]),
)
def test_what_is_recorded_later_changes_no_figure(
    histories: list[History], later: list[tuple[str, int, int]], as_at: datetime, lag: timedelta
) -> None:
    known_by = as_at + lag
    with transaction.atomic():
        bring_in([record for number, history in enumerate(histories) for record in written(number, history)])
        projection.refresh()
        before = every_way(as_at, known_by)
        for minute, (what, which, hours) in enumerate(later, 1):
            item = Item.objects.filter(import_reference=f"i{which % len(histories)}").get()
            LATER[what](
                item, BEGIN + timedelta(hours=hours, minutes=minute), known_by + timedelta(minutes=minute)
            )
        after = every_way(as_at, known_by)
        projection.refresh()
        refreshed = every_way(as_at, known_by)
        transaction.set_rollback(True)
    assert after == before
    assert refreshed == before


@pytest.mark.django_db
@pytest.mark.parametrize("what", sorted(set(LATER) - {"facts made", "given up", "other hours", "released"}))
def test_what_is_recorded_later_shows_once_it_is_known(what: str) -> None:
    sent_at, known = BEGIN.isoformat(), AS_AT + timedelta(hours=1)
    found_at = (BEGIN - timedelta(hours=1)).isoformat()
    bring_in(
        [
            {
                "type": "item",
                "ref": "i0",
                "address": "https://x.com/nobody/status/1",
                "identified_at": found_at,
            },
            {"type": "notice", "ref": "n0", "lines": ["i0"], "channel": "mail", "sent_at": sent_at},
        ]
    )
    before = shown(AS_AT), shown(known)

    LATER[what](Item.objects.get(), BEGIN + timedelta(hours=2), known)

    assert shown(AS_AT) == before[0]
    assert shown(known) != before[1]


def shown(known_by: datetime) -> tuple[list[Episode], list[str]]:
    """All columns of the rows, and the figures."""
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    return list(episodes(scope(period=year, as_at=AS_AT, known_by=known_by))), every_way(AS_AT, known_by)
