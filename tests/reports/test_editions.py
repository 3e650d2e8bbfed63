"""Editions: frozen once, decided by two people, revised by later ones, and the same for ever."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from casework.models import Item, SetAside
from casework.transitions import TransitionNotAllowed
from notices.models import Answer, Line
from reports import editions, events, projection
from reports.figures import figures
from reports.lifecycle import LIFECYCLE
from reports.models import Edition, EditionEvent, EditionStatus, FrozenFigures
from reports.revisions import differences
from tests.factories import see_gone, see_live
from tests.reports.conftest import scope
from tests.reports.editions_at import Office
from tests.reports.histories import ten_items

LATER = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def office(person: Callable[..., User]) -> Office:
    return Office(person(Role.MANAGER), person(Role.MANAGER, number=2))


@pytest.fixture
def january(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())


# -- Frozen ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("january")
def test_edition_freezes_the_document_of_the_command(office: Office) -> None:
    edition = office.computed(grouped_by="platform,kind")

    frozen = edition.frozen
    document = figures(scope(), ["platform", "kind"])
    assert frozen is not None
    assert frozen.document == editions.written(document)
    assert edition.figures == document
    assert (frozen.rows, frozen.rows_sha256) == (10, document["rows_sha256"])
    assert (frozen.definition_version, len(frozen.code_version)) == (document["definition_version"], 18)


def on(ref: str) -> Item:
    return Item.objects.get(import_reference=ref)


@pytest.mark.usefixtures("january")
def test_edition_stays_byte_equal_after_all_that_is_recorded_later(office: Office) -> None:
    edition = office.computed(grouped_by="platform,kind")
    frozen = edition.figures
    january = datetime(2026, 1, 20, 12, tzinfo=UTC)
    see_gone(on("i6"), at=january)  # looks and answers of then, entered now
    see_live(on("i1"), at=january)
    Answer.objects.create(
        line=Line.objects.get(item=on("i8")), answer="refused", refusal_code="other", at=january,
        source="imported", by_name="Test",
    )  # fmt: skip
    SetAside.objects.create(item=on("i5"), kind="withdrawn", at=january, confirmed_by="Test")

    assert editions.rerun(edition).equal
    projection.refresh()
    assert editions.rerun(edition).equal
    now = figures(scope(known_by=timezone.now()), ["platform", "kind"])
    assert len(differences(frozen, now)) > 20


@pytest.mark.usefixtures("january")
def test_rerun_names_what_differs(office: Office) -> None:
    """What nobody can do with the web role: a record slipped in with a time of the past."""
    edition = office.computed()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO casework_check (item_id, at, verdict, cause, method, vantage, logged_in, confidence,"
            " marker, note, confirms, by_name, recorded_at)"
            " SELECT id, '2026-01-20T12:00Z', 'gone', '', 'person', 'GB', false, 'high', '', '', true, 'Test',"
            " '2026-01-20T12:00Z' FROM casework_item WHERE import_reference = 'i6'"
        )

    again = editions.rerun(edition)

    assert not again.equal
    changed = {(change.group, change.figure): (change.old, change.new) for change in again.differences}
    assert changed["All", "S04 numerator"] == (3, 4)
    assert changed["All", "S03 outcomes PENDING"] == (1, 0)


WALLS = {"takedown_web": "permission denied", "none": "pgtrigger"}  # the owner is stopped by a trigger


def run(statement: str, *, role: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute(statement)


@pytest.mark.parametrize("table", ["reports_frozenfigures", "reports_editionevent"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
@pytest.mark.parametrize("role", WALLS)
def test_what_is_frozen_cannot_be_changed(office: Office, table: str, statement: str, role: str) -> None:
    office.computed()

    with pytest.raises(ProgrammingError, match=WALLS[role]):
        run(statement.format(table), role=role)


@pytest.mark.parametrize(
    "change",
    ["title = 'Other'", "as_at = now()", "known_by = now()", "last = '2026-02-01'", "platform = 'x'",
     "grouped_by = 'month'", "provisional = NOT provisional", "threshold = 3", "prepared_by_id = NULL"],
)  # fmt: skip
@pytest.mark.parametrize("role", WALLS)
def test_scope_of_an_edition_never_changes(office: Office, change: str, role: str) -> None:
    office.draft()

    with pytest.raises(ProgrammingError, match=WALLS[role]):
        run(f"UPDATE reports_edition SET {change}", role=role)


@pytest.mark.parametrize("role", WALLS)
def test_edition_is_not_deleted(office: Office, role: str) -> None:
    office.draft()

    with pytest.raises(ProgrammingError, match=WALLS[role]):
        run("DELETE FROM reports_edition", role=role)


# -- Prepared --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["as_at", "known_by"])
def test_edition_looks_back_at_least_a_minute(office: Office, name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        office.draft(**{name: timezone.now() - timedelta(seconds=30)})

    assert list(refused.value.message_dict) == [name]
    assert not Edition.objects.exists()


@pytest.mark.parametrize(
    ("as_at", "known_by", "provisional"),
    [
        ("2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z", False),
        ("2026-03-01T00:00:00Z", "2026-03-03T23:59:59Z", True),  # two working days later
        ("2026-02-28T23:59:59Z", "2026-03-10T00:00:00Z", True),
    ],
)
def test_early_editions_are_provisional(office: Office, as_at: str, known_by: str, provisional: bool) -> None:
    assert office.draft(as_at=as_at, known_by=known_by).provisional is provisional


def test_references_count_the_editions_of_a_year(office: Office) -> None:
    made = [office.draft(), office.draft()]

    year = timezone.localtime().year
    assert [str(edition) for edition in made] == [f"E{year}-000001", f"E{year}-000002"]


# -- Decided ---------------------------------------------------------------------------------------


def test_edition_is_released_by_two_people(office: Office) -> None:
    edition = office.published()

    assert edition.status == "published"
    assert (edition.prepared_by, edition.approved_by, edition.published_by) == (
        office.first, office.second, office.second,
    )  # fmt: skip
    kinds = edition.events.order_by("pk").values_list("kind", "old", "new")
    assert list(kinds) == [
        ("edition.prepared", "", "draft"),
        ("edition.computed", "", ""),
        ("edition.approved", "draft", "approved"),
        ("edition.published", "approved", "published"),
    ]


def test_whoever_prepared_an_edition_does_not_approve_it(office: Office) -> None:
    edition = office.computed()

    with pytest.raises(TransitionNotAllowed, match="somebody else must"):
        editions.approve(edition, by=office.first)


def test_nothing_is_approved_before_it_is_computed(office: Office) -> None:
    with pytest.raises(TransitionNotAllowed, match="have not been computed yet"):
        editions.approve(office.draft(), by=office.second)


def test_scope_has_one_published_edition(office: Office) -> None:
    first, other = office.published(), office.approved()

    with pytest.raises(TransitionNotAllowed, match=f"{first} of the same scope is published"):
        editions.publish(other, by=office.second)


def test_withdrawn_edition_makes_room(office: Office) -> None:
    first = office.published()
    editions.withdraw(first, reason="The period was wrong.", by=office.first)

    assert office.published().status == "published"
    assert first.status == "withdrawn"


def test_discarded_draft_stops_its_job(office: Office) -> None:
    edition = editions.discard(office.draft(), reason="Twice", by=office.first)

    assert [job.status for job in edition.jobs.all()] == ["cancelled"]
    assert edition.frozen is None


STATUSES = {
    "draft": lambda office: office.computed(),
    "approved": lambda office: office.approved(),
    "published": lambda office: office.published(),
    "discarded": lambda office: editions.discard(office.computed(), reason="Twice", by=office.first),
    "withdrawn": lambda office: editions.withdraw(office.published(), reason="Wrong", by=office.first),
}


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize("verb", [row.verb for row in LIFECYCLE.table])
@pytest.mark.parametrize("status", STATUSES)
def test_status_by_verb_by_role(
    office: Office, person: Callable[..., User], status: str, verb: str, role: str
) -> None:
    edition, row = STATUSES[status](office), LIFECYCLE.find(verb)
    user = person(role, number=3)
    allowed = row.permission is not None and user.can(row.permission)
    before = edition.events.count()

    came = attempt(edition, verb, by=user)

    possible = allowed and status in row.sources
    assert came == (row.target if possible else TransitionNotAllowed if allowed else PermissionDenied)
    assert edition.events.count() == before + possible


def attempt(edition: Edition, verb: str, *, by: User) -> Any:
    """The new status, or by what it was refused."""
    try:
        with transaction.atomic():
            return editions.move(edition, verb, by=by, reason="Because").status
    except (TransitionNotAllowed, PermissionDenied) as refusal:
        return type(refusal)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"status": "approved"}, "stamped"),
        ({"status": "published"}, "stamped"),
        ({"status": "discarded"}, "stamped"),
        ({"status": "burnt"}, "(status|stamped)"),
        ({"approved_at": LATER}, "approved_paired"),
        ({"ended_at": LATER}, "ended_paired"),
    ],
)
def test_the_database_holds_status_and_stamps_together(
    office: Office, change: dict[str, Any], name: str
) -> None:
    edition = office.computed()

    with pytest.raises(IntegrityError, match=f"reports_edition_{name}"), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(**change)


def test_the_database_refuses_approval_by_who_prepared_it(office: Office) -> None:
    edition = office.computed()
    stamped = {"status": "approved", "approved_at": LATER, "approved_by": office.first}

    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(**stamped)


def test_the_database_keeps_one_current_edition(office: Office) -> None:
    office.published()
    other = office.approved()
    stamped = {"status": "published", "published_at": LATER, "published_by": office.second}

    with pytest.raises(IntegrityError, match="current"), transaction.atomic():
        Edition.objects.filter(pk=other.pk).update(**stamped)


def test_the_database_refuses_a_revision_without_a_reason(office: Office) -> None:
    edition = office.published()
    columns = {name: getattr(edition, name) for name in ("title", "first", "last", "as_at", "known_by")}

    with pytest.raises(IntegrityError, match="revision_explained"), transaction.atomic():
        Edition.objects.create(reference="E1", provisional=False, supersedes=edition, **columns)


# -- Revised ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("january")
def test_revision_takes_the_place_and_lists_what_changed(office: Office) -> None:
    edition = office.published()
    see_gone(on("i6"), at=datetime(2026, 3, 10, tzinfo=UTC))

    later = office.revised(
        edition, as_at=LATER, known_by=timezone.now(), at=timezone.now() + editions.SETTLED
    )
    editions.publish(editions.approve(later, by=office.second), by=office.second)

    edition.refresh_from_db()
    assert (edition.status, later.status, later.supersedes) == ("superseded", "published", edition)
    changes = {
        (change.group, change.figure): (change.old, change.new) for change in editions.revisions(later)
    }
    assert changes["All", "S04 numerator"] == (3, 4)
    assert edition.events.first().details == {"by": later.reference}
    assert events.sentence(edition.events.first()) == f"put {later.reference} in its place"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"as_at": datetime(2026, 2, 1, tzinfo=UTC)}, "as_at"),
        ({"known_by": datetime(2026, 2, 1, tzinfo=UTC)}, "known_by"),
        ({}, "as_at"),  # a scheduled revision of the same moment
        ({"as_at": LATER, "reason": " "}, "reason"),
    ],
)
def test_revision_looks_at_a_later_time_and_says_why(
    office: Office, given: dict[str, Any], field: str
) -> None:
    edition = office.published()

    with pytest.raises(ValidationError) as refused:
        office.revised(edition, **given)

    assert list(refused.value.message_dict) == [field]


@pytest.mark.usefixtures("january")
def test_correction_may_look_at_the_same_moment(office: Office) -> None:
    edition = office.revised(
        office.published(), kind="correction", reason="A category was wrong.", substantial=True
    )

    assert (edition.revision, edition.substantial, editions.revisions(edition)) == ("correction", True, [])


def test_only_a_published_edition_is_revised_and_by_one_other_alone(office: Office) -> None:
    edition = office.approved()
    with pytest.raises(TransitionNotAllowed, match="only a published edition is revised"):
        office.revised(edition, as_at=LATER)
    editions.publish(edition, by=office.second)
    first = office.revised(edition, as_at=LATER, known_by=LATER)

    with pytest.raises(TransitionNotAllowed, match=f"{first} revises this edition already"):
        office.revised(edition, as_at=LATER, known_by=LATER)
    with pytest.raises(TransitionNotAllowed, match="discard that one first"):
        editions.withdraw(edition, reason="Wrong", by=office.first)


# -- Seen ------------------------------------------------------------------------------------------


def test_who_sees_what_is_not_released(office: Office, person: Callable[..., User]) -> None:
    draft, out = office.computed(), office.published()

    seen = {role.value: list(Edition.objects.visible_to(person(role, number=4))) for role in Role}

    assert seen == {
        "officer": [out], "reviewer": [out], "liaison": [], "administrator": [],
        "checker": [], "manager": [out, draft], "auditor": [out, draft],
    }  # fmt: skip


def test_who_opens_figures_before_their_release_is_noted(office: Office, auditor: User) -> None:
    draft, out, empty = office.computed(), office.published(), office.draft()

    for edition in (draft, out, empty):
        events.note_opening(edition, by=auditor)

    opened = EditionEvent.objects.filter(kind="edition.opened")
    assert [(event.edition, event.actor) for event in opened] == [(draft, auditor)]


def test_statuses_are_those_of_the_table() -> None:
    reached = {row.target for row in LIFECYCLE.table} | {EditionStatus.DRAFT}

    assert reached == set(EditionStatus)
    assert FrozenFigures.append_only
