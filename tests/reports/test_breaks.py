"""Series breaks: kept by managers, told by every figure that spans one."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from accounts.models import User
from casework.models import Event
from casework.timeline import sentence
from casework.transitions import TransitionNotAllowed
from reports import breaks
from reports.facts import Scope
from reports.models import SeriesBreak
from reports.periods import Period
from tests.reports.conftest import Records, scope
from tests.reports.test_comparison_page import JUNE, cohort, months

MAY = datetime(2026, 5, 1, tzinfo=UTC)
MARCH = date(2026, 3, 1)
HALF = "from=2026-01-01&to=2026-06-30&as_at=2026-09-01T00:00:00Z"
TOLD = "The series breaks on 1 June 2026: Adverts count one by one; compare only within each part."


def spring(first: date = date(2026, 1, 1), at: datetime = MAY, **changes: str) -> Scope:
    return scope(period=Period(first, date(2026, 4, 30)), as_at=at, **changes)


def broken(manager: User, **changes: Any) -> SeriesBreak:
    given: dict[str, Any] = {
        "day": MARCH,
        "what": "Adverts count one by one.",
        "at": datetime(2026, 4, 1, tzinfo=UTC),
    }
    return breaks.add(**{**given, **changes}, by=manager)


def test_break_is_added_in_one_line_and_told(manager: User) -> None:
    added = broken(manager, what=" Adverts\ncount  one by one. ", platform="x")

    assert added.what == "Adverts count one by one."
    assert breaks.warnings([added]) == [
        "The series breaks on 1 March 2026 (x): Adverts count one by one; compare only within each part."
    ]
    assert sentence(Event.objects.get(kind="break.added")) == (
        "added the series break of 1 March 2026 (x): Adverts count one by one."
    )


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("what", " . "), ("what", "a" * 201), ("day", date(1, 1, 1)), ("day", date(9999, 12, 31))],
)
def test_break_that_says_nothing_too_much_or_of_no_time_is_refused(
    manager: User, field: str, wrong: object
) -> None:
    with pytest.raises(ValidationError) as refusal:
        broken(manager, **{field: wrong})

    assert list(refusal.value.error_dict) == [field]
    assert SeriesBreak.objects.count() == 0


def test_withdrawn_break_is_known_until_then(manager: User) -> None:
    added = broken(manager)

    breaks.withdraw(added, reason="It was not so.", by=manager, at=MAY)

    assert breaks.spanned(spring()) == []
    assert breaks.spanned(spring(at=datetime(2026, 4, 15, tzinfo=UTC))) == [added]
    assert sentence(Event.objects.get(kind="break.withdrawn")) == (
        "withdrew the series break of 1 March 2026: Adverts count one by one: It was not so."
    )
    with pytest.raises(TransitionNotAllowed, match="withdrawn already"):
        breaks.withdraw(added, reason="Again", by=manager)


def test_break_is_not_known_before_it_is_added(manager: User) -> None:
    broken(manager, at=datetime(2026, 5, 2, tzinfo=UTC))

    assert breaks.spanned(spring()) == []


def test_only_who_prepares_editions_keeps_breaks(manager: User, auditor: User) -> None:
    added = broken(manager)

    with pytest.raises(PermissionDenied):
        broken(auditor)
    with pytest.raises(PermissionDenied):
        breaks.withdraw(added, reason="No", by=auditor)


def test_the_database_lets_nobody_edit_or_delete_one(manager: User) -> None:
    added = broken(manager)

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        SeriesBreak.objects.filter(pk=added.pk).update(what="Something else")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        SeriesBreak.objects.filter(pk=added.pk).delete()
    with pytest.raises(IntegrityError, match="withdrawal_explained"), transaction.atomic():
        SeriesBreak.objects.filter(pk=added.pk).update(withdrawn_at=MAY, withdrawn_by=manager)


@pytest.mark.parametrize(
    ("first", "spans"), [(date(2026, 2, 28), True), (date(2026, 3, 1), False), (date(2026, 3, 2), False)]
)
def test_period_that_begins_with_a_break_does_not_span_it(manager: User, first: date, spans: bool) -> None:
    broken(manager)

    assert bool(breaks.spanned(spring(first))) is spans


def test_break_of_one_platform_is_that_of_all_together_and_of_no_other(manager: User) -> None:
    added = broken(manager, platform="x")

    asked = {platform: breaks.spanned(spring(platform=platform)) for platform in ("", "x", "telegram")}

    assert asked == {"": [added], "x": [added], "telegram": []}


def test_no_more_breaks_are_told_than_there_is_room_for(manager: User) -> None:
    four = [broken(manager, day=date(2026, 3, day)) for day in (1, 2, 3, 4)]

    assert breaks.warnings(four)[3:] == ["It breaks 1 more time later."]
    assert list(breaks.by_month(four)) == ["2026-03"]


@pytest.mark.parametrize("page", ["", "overview/", "comparison/", "platforms/x/briefing/"])
def test_figures_that_span_a_break_say_so(
    page: str, bring_in: Callable[[Records], None], manager: User, signed_in: Callable[[User], Client]
) -> None:
    bring_in(months())
    broken(manager, day=date(2026, 6, 1))

    text = signed_in(manager).get(f"/reports/{page}?{HALF}").content.decode()

    assert text.count(TOLD) == 1
    assert text.count("June 2026 (series break 1)") == (page != "")
    assert text.count("Dashed line 1: 1 June 2026: Adverts count one by one.") == (page != "")


def test_break_between_two_periods_that_are_compared_is_told(
    bring_in: Callable[[Records], None], manager: User, signed_in: Callable[[User], Client]
) -> None:
    bring_in([*cohort(100, 10, 8, "2026-05-05"), *cohort(200, 10, 9, "2026-06-05")])
    broken(manager, day=date(2026, 6, 1))

    reader = signed_in(manager)

    assert reader.get(f"/reports/comparison/?{JUNE}").context["breaks"] == [TOLD]
    assert reader.get(f"/reports/overview/?{JUNE}").context["breaks"] == []


def test_manager_adds_and_withdraws_a_break(manager: User, signed_in: Callable[[User], Client]) -> None:
    reader, sent = signed_in(manager), {"day": "2026-06-01", "what": "Adverts count one by one"}
    assert "No series break yet" in reader.get("/reports/series-breaks/").content.decode()

    assert reader.post("/reports/series-breaks/add/", {**sent, "what": "a\0b"}).status_code == 422
    assert reader.post("/reports/series-breaks/add/", {**sent, "platform": "nobody"}).status_code == 422
    reader.post("/reports/series-breaks/add/", sent)
    added = SeriesBreak.objects.get()
    reader.post(f"/reports/series-breaks/{added.pk}/withdraw/", {"reason": "It was not so."})

    added.refresh_from_db()
    assert (added.withdrawn_by, added.withdrawal_reason) == (manager, "It was not so.")
    assert "It was not so." in reader.get("/reports/series-breaks/").content.decode()
