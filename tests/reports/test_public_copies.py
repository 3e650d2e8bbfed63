"""Making editions public: what can be told from all of them together, and what cannot."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import combinations
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from accounts.models import User
from accounts.roles import Role
from casework.transitions import TransitionNotAllowed
from reports import editions, public_copies
from reports.models import Edition, PublicCopy
from reports.periods import Period
from reports.public import publishable, published_counts
from tests.reports.conftest import Records, answer, check, item, notice
from tests.reports.editions_at import Office

SHARED = "Sent to both platforms on 2 March 2026; no remarks."
NAMED = {"names_platforms": True, "shared": SHARED}


@pytest.fixture
def office(person: Callable[..., User]) -> Office:
    return Office(person(Role.MANAGER), person(Role.MANAGER, number=2))


def january(first: int, last: int) -> Period:
    return Period(date(2026, 1, first), date(2026, 1, last))


def removals(day: int, count: int, start: int) -> Records:
    """Items of one notice that was received that day, all removed and seen gone; beside each a refused one."""
    refs = [f"i{start + number}" for number in range(2 * count)]
    received = f"2026-01-{day:02}T12:00:00Z"
    later = f"2026-02-{min(day, 20):02}T12:00:00Z"
    return [
        *(item(ref, at=f"2026-01-{day:02}T11:30:00Z") for ref in refs),
        notice(received, *refs, ref=f"n{start}"),
        *(answer(later, "removed", ref=ref, to=f"n{start}") for ref in refs[:count]),
        *(check(later.replace("T12", "T13"), "gone", ref=ref) for ref in refs[:count]),
        *(answer(later, "refused", ref=ref, to=f"n{start}", refusal_code="no_policy_breach") for ref in refs[count:]),
    ]  # fmt: skip


def told(documents: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    """The attack: every count that the difference of two documents' totals gives, if it is from 1 to 4."""
    for one, other in combinations(documents, 2):
        left, right = (published_counts(each["groups"][0]) for each in (one, other))
        for path in {*left} & {*right}:
            if "c" not in (left[path], right[path]) and 0 < abs(left[path] - right[path]) < 5:
                yield path


def documents() -> list[dict[str, Any]]:
    return [copy.figures for copy in PublicCopy.objects.order_by("pk")]


@pytest.mark.parametrize("order", [(31, 30), (30, 31)])
def test_a_day_is_not_told_from_the_month_with_it_and_the_month_without_it(
    order: tuple[int, int], bring_in: Callable[..., None], office: Office
) -> None:
    bring_in([*removals(5, 20, 100), *removals(31, 3, 300)])
    made = [office.published(period=january(1, last)) for last in order]

    for edition in made:
        public_copies.make_public(edition, by=office.first)

    naive = [publishable(edition.figures or {}) for edition in made]
    assert ("S04", "numerator") in set(told(naive))
    assert [*told(documents())] == []
    first, second = PublicCopy.objects.order_by("pk")
    assert first.withheld_beside == []
    assert f"All: S04 numerator, beside {made[0]}" in second.withheld_beside
    assert second.figures["groups"][0]["S04"]["numerator"] == "c"
    assert f"S20: all none removed, beside {made[0]}" in second.withheld_beside


def test_the_last_ten_days_are_not_told_from_the_month_and_the_days_before(
    bring_in: Callable[..., None], office: Office
) -> None:
    bring_in([*removals(5, 20, 100), *removals(15, 20, 200), *removals(25, 3, 300)])
    thirds = [office.published(period=january(first, first + 9)) for first in (1, 11)]
    for edition in thirds:
        public_copies.make_public(edition, by=office.first)

    copy = public_copies.make_public(office.published(period=january(1, 31)), by=office.first)

    words = f"All: S04 numerator, beside {thirds[0]}, {thirds[1]}"
    assert words in copy.withheld_beside
    total = copy.figures["groups"][0]
    assert (total["S04"]["numerator"], total["S04"]["rate"]) == ("c", "c")


def test_editions_that_have_nothing_in_common_withhold_nothing(
    bring_in: Callable[..., None], office: Office
) -> None:
    bring_in([*removals(5, 20, 100), *removals(15, 21, 200)])

    made = [office.published(period=january(first, first + 9)) for first in (1, 11)]
    copies = [public_copies.make_public(edition, by=office.first) for edition in made]

    assert [copy.withheld_beside for copy in copies] == [[], []]
    assert [copy.figures["groups"][0]["S04"]["numerator"] for copy in copies] == [20, 21]


def test_a_platform_is_not_told_from_all_and_the_others(
    bring_in: Callable[..., None], office: Office
) -> None:
    few = [
        {**record, "address": f"https://www.facebook.com/10000000{record['ref'][1:]}", "platform": "facebook"}
        if record["type"] == "item" else record
        for record in removals(6, 3, 300)
    ]  # fmt: skip
    bring_in([*removals(5, 20, 100), *few])
    everything, one = office.published(), office.published(platform="x")
    public_copies.make_public(everything, by=office.first)

    copy = public_copies.make_public(one, by=office.first, **NAMED)

    assert f"All: S04 numerator, beside {everything}" in copy.withheld_beside
    assert [*told(documents())] == []


def test_a_count_that_was_withheld_stays_so_in_another_edition_of_the_same_scope(
    bring_in: Callable[..., None], office: Office
) -> None:
    """By platform, the total of removals protects the small one; alone, it would be shown."""
    few = [
        {**record, "address": f"https://www.facebook.com/10000000{record['ref'][1:]}", "platform": "facebook"}
        if record["type"] == "item" else record
        for record in removals(6, 3, 300)
    ]  # fmt: skip
    bring_in([*removals(5, 20, 100), *few])
    grouped, plain = office.published(grouped_by="platform"), office.published()

    first = public_copies.make_public(grouped, by=office.first, **NAMED).figures["groups"][0]
    second = public_copies.make_public(plain, by=office.first).figures["groups"][0]

    hidden = {path for path, count in published_counts(first).items() if count == "c"}
    assert hidden <= {path for path, count in published_counts(second).items() if count == "c"}
    assert hidden


def test_a_revision_may_show_what_changed_with_time(bring_in: Callable[..., None], office: Office) -> None:
    """Two of the answers came between the as-ats."""
    late = "2026-03-05T12:00:00Z"
    bring_in(
        [
            *removals(5, 20, 100),
            *(item(ref, at="2026-01-06T11:30:00Z") for ref in ("i500", "i501")),
            notice("2026-01-06T12:00:00Z", "i500", "i501", ref="n500"),
            *(check(late, "gone", ref=ref) for ref in ("i500", "i501")),
        ]
    )
    edition = office.published()
    public_copies.make_public(edition, by=office.first)
    later = dict.fromkeys(("as_at", "known_by"), datetime(2026, 3, 10, tzinfo=UTC))
    revised = editions.publish(
        editions.approve(office.revised(edition, **later), by=office.second), by=office.second
    )

    copy = public_copies.make_public(revised, by=office.first)

    assert copy.withheld_beside == []
    assert [each.edition for each in PublicCopy.objects.current()] == [revised]
    assert copy.figures["revision_of"] == edition.reference


def test_platforms_are_named_only_where_that_is_signed_off(
    bring_in: Callable[..., None], office: Office
) -> None:
    bring_in([*removals(5, 20, 100)])
    first, second = office.published(grouped_by="platform"), office.published(grouped_by="platform,month")

    quiet = public_copies.make_public(first, by=office.first).figures
    named = public_copies.make_public(second, by=office.first, **NAMED).figures

    assert [group["group"] for group in quiet["groups"]] == [{}]
    assert {row["provider"] for row in quiet["S20"]} == {"all"}
    assert [group["group"] for group in named["groups"]] == [{}, {"platform": "x", "month": "2026-01"}]
    assert {row["provider"] for row in named["S20"]} == {"x"}


def test_naming_needs_that_the_platforms_had_the_table(bring_in: Callable[..., None], office: Office) -> None:
    bring_in([*removals(5, 20, 100)])
    everything, one = office.published(), office.published(platform="x")

    with pytest.raises(ValidationError, match="factual check"):
        public_copies.make_public(everything, names_platforms=True, shared=" ", by=office.first)
    with pytest.raises(ValidationError, match="about one platform"):
        public_copies.make_public(one, by=office.first)
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicCopy.objects.create(edition=one, document="{}", names_platforms=True, made_by=office.first)


def test_only_a_published_edition_is_made_public_and_only_once(
    bring_in: Callable[..., None], office: Office, person: Callable[..., User]
) -> None:
    bring_in([*removals(5, 20, 100)])
    approved = office.approved()

    with pytest.raises(TransitionNotAllowed, match="only a published edition"):
        public_copies.make_public(approved, by=office.first)
    published = editions.publish(approved, by=office.second)
    with pytest.raises(PermissionDenied):
        public_copies.make_public(published, by=person(Role.AUDITOR))
    public_copies.make_public(published, by=office.first)
    with pytest.raises(TransitionNotAllowed, match="public already"):
        public_copies.make_public(published, by=office.first)
    assert published.events.first().kind == "edition.made_public"


def test_public_copy_is_never_changed(bring_in: Callable[..., None], office: Office) -> None:
    bring_in([*removals(5, 20, 100)])
    copy = public_copies.make_public(office.published(), by=office.first)

    with pytest.raises(DatabaseError), transaction.atomic():
        PublicCopy.objects.filter(pk=copy.pk).update(document="{}")
    with pytest.raises(DatabaseError), transaction.atomic():
        copy.delete()


def test_withdrawn_edition_is_public_no_more_but_still_compared_with(
    bring_in: Callable[..., None], office: Office
) -> None:
    bring_in([*removals(5, 20, 100), *removals(31, 3, 300)])
    edition: Edition = office.published()
    public_copies.make_public(edition, by=office.first)
    editions.withdraw(edition, reason="Wrong.", by=office.second)

    copy = public_copies.make_public(office.published(period=january(1, 30)), by=office.first)

    assert f"All: S04 numerator, beside {edition}" in copy.withheld_beside
    assert [each.pk for each in PublicCopy.objects.current()] == [copy.pk]


def test_public_copy_holds_no_address_and_no_person(bring_in: Callable[..., None], office: Office) -> None:
    bring_in([*removals(5, 20, 100)])

    document = public_copies.make_public(office.published(), by=office.first).document

    for secret in ("x.com", "nobody", '"2026-00', office.first.name, office.second.email):
        assert secret not in document
