"""Correcting what is known of an item: what is open when, what stays of it, and who is told of a change meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from casework import checks
from casework.correction import CORRECTABLE, correct, correctable
from casework.models import Category, Item, ItemStatus
from casework.timeline import sentence
from casework.transitions import TransitionNotAllowed
from casework.versions import version
from tests.factories import assess, item_at, make_item

pytestmark = pytest.mark.django_db
FOUND = datetime(2026, 3, 1, 14, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Any) -> None:
    settings.EVIDENCE_DIR = tmp_path


def kinds(item: Item) -> list[str]:
    return [event.kind for event in item.events.order_by("pk")]


# -- The verb -----------------------------------------------------------------------------------------------------


def test_correction_keeps_old_and_new_values_and_the_reason(officer: User) -> None:
    item = make_item(found_at=FOUND)

    correct(item, reason=" It is in French. ", by=officer, language="fr", kind="video", title="")

    event = item.events.get(kind="item.corrected")
    assert event.details == {
        "old": {"language": "", "kind": "post"},
        "new": {"language": "fr", "kind": "video"},
    }
    assert (event.reason, event.actor) == ("It is in French.", officer)
    assert (item.language, item.kind) == ("fr", "video")
    assert sorted(sentence(event).removeprefix("corrected ").split("; ")) == [
        "kind from “Post” to “Video”",
        "language from nothing to “fr”",
    ]


def test_correction_of_the_first_sighting_moves_when_it_was_last_seen_live(officer: User) -> None:
    item, seen = make_item(found_at=FOUND), make_item(found_at=FOUND)
    look = timezone.now() - timedelta(hours=1)
    checks.record(seen, verdict="live", by=officer, at=look)

    for each in (item, seen):
        correct(each, reason="Misread", by=officer, found_at=FOUND + timedelta(days=1))

    assert item.last_live_at == FOUND + timedelta(days=1)
    assert seen.last_live_at == look
    assert "first seen from “1 Mar 2026, 14:30 GMT” to “2 Mar 2026, 14:30 GMT”" in sentence(
        item.events.get(kind="item.corrected")
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"found_at": datetime(2126, 1, 1, tzinfo=UTC)}, "found_at"),
        ({"found_at": datetime(1969, 1, 1, tzinfo=UTC)}, "found_at"),
        ({"kind": "poem"}, "kind"),
        ({"title": "x" * 301}, "title"),
        ({"priority": 0}, "priority"),
    ],
)
def test_wrong_value_is_named_and_nothing_kept(officer: User, values: dict[str, Any], field: str) -> None:
    item = make_item()

    with pytest.raises(ValidationError) as refused:
        correct(item, reason="Misread", by=officer, **values)

    assert list(refused.value.message_dict) == [field]
    assert kinds(item) == ["item.identified"]


def test_reason_is_needed_and_what_is_no_field_is_refused(officer: User) -> None:
    item = make_item()

    with pytest.raises(ValidationError, match="Say why"):
        correct(item, reason=" ", by=officer, language="fr")
    with pytest.raises(ValidationError, match="cannot be corrected: reference, status"):
        correct(item, reason="Misread", by=officer, reference="2000-000001", status="closed")

    assert kinds(item) == ["item.identified"]


def test_nothing_changed_records_nothing(officer: User) -> None:
    item = make_item(language="fr")

    correct(item, reason="Misread", by=officer, language="fr")

    assert kinds(item) == ["item.identified"]


def test_category_is_fixed_by_the_assessment_and_the_rest_by_the_approval() -> None:
    found, assessed, approved, notified = (
        make_item(), assess(make_item()), item_at(ItemStatus.APPROVED), item_at(ItemStatus.NOTIFIED)
    )  # fmt: skip

    assert correctable(found) == CORRECTABLE
    assert correctable(assessed) == tuple(name for name in CORRECTABLE if name != "category")
    assert correctable(approved) == correctable(notified) == ("priority", "note")


@pytest.mark.parametrize("status", [ItemStatus.APPROVED, ItemStatus.NOTIFIED, ItemStatus.WATCHING])
def test_what_letters_and_figures_rest_on_is_not_corrected(officer: User, status: ItemStatus) -> None:
    item = item_at(status)

    with pytest.raises(TransitionNotAllowed, match="Fixed by now: kind"):
        correct(item, reason="Misread", by=officer, kind="video", note="Seen again")
    correct(item, reason="For the record", by=officer, note="Seen again")

    assert (item.kind, item.note) == ("post", "Seen again")


def test_category_corrected_before_the_assessment(officer: User) -> None:
    item = make_item()

    correct(item, reason="Misread", by=officer, category=Category.objects.get(slug="fraud"))

    assert item.category == Category.objects.get(slug="fraud")
    assert item.events.get(kind="item.corrected").details["old"] == {"category": ""}


def test_correction_by_somebody_with_an_old_page_is_refused(officer: User, reviewer: User) -> None:
    item = make_item()
    seen = version(item)
    correct(Item.objects.get(pk=item.pk), reason="Misread", seen=seen, by=reviewer, language="fr")

    with pytest.raises(TransitionNotAllowed, match="changed meanwhile") as refused:
        correct(item, reason="Misread", seen=seen, by=officer, language="ar")

    assert Item.objects.get(pk=item.pk).language == "fr"
    assert (refused.value.status, refused.value.allowed) == ("reported", ["claim", "mark_duplicate"])


@pytest.mark.parametrize("role", ["liaison", "manager", "auditor", "administrator"])
def test_others_correct_nothing(person: Callable[..., User], role: str) -> None:
    item = make_item()

    with pytest.raises(PermissionDenied):
        correct(item, reason="Misread", by=person(role), language="fr")


# -- The page -----------------------------------------------------------------------------------------------------


def filled(client: Client, item: Item, **given: str) -> dict[str, str]:
    """What a browser would send of the page as it stands, with some of it changed."""
    form = client.get(f"/items/{item.reference}/correct/").context["form"]
    sent = {}
    for bound in form:
        value = bound.value()
        if value is not None:
            sent[bound.html_name] = (
                value.strftime("%Y-%m-%dT%H:%M:%S") if isinstance(value, datetime) else str(value)
            )
    return {**sent, **given}


def test_page_corrects_only_what_was_changed(officer: User, signed_in: Callable[[User], Client]) -> None:
    item, desk = make_item(found_at=FOUND, language="xx"), signed_in(officer)

    sent = filled(desk, item, title="Safe crossing", reason="Read wrongly")
    response = desk.post(f"/items/{item.reference}/correct/", sent, follow=True)

    event = item.events.get(kind="item.corrected")
    assert response.redirect_chain == [(f"/items/{item.reference}/", 302)]
    assert event.details == {"old": {"title": ""}, "new": {"title": "Safe crossing"}}
    shown = response.content.decode()
    assert "Corrected title from nothing to “Safe crossing”" in shown
    assert "Read wrongly" in shown


def test_page_says_that_nothing_is_changed(officer: User, signed_in: Callable[[User], Client]) -> None:
    item, desk = make_item(found_at=FOUND), signed_in(officer)

    response = desk.post(f"/items/{item.reference}/correct/", filled(desk, item, reason="Read wrongly"))

    assert (response.status_code, kinds(item)) == (422, ["item.identified"])
    assert "Nothing is changed yet" in response.content.decode()


def test_old_page_goes_back_to_the_item_and_says_so(
    officer: User, reviewer: User, signed_in: Callable[[User], Client]
) -> None:
    item, desk = make_item(found_at=FOUND), signed_in(officer)
    sent = filled(desk, item, language="fr", reason="Read wrongly")
    correct(Item.objects.get(pk=item.pk), reason="Misread", by=reviewer, language="ar")

    response = desk.post(f"/items/{item.reference}/correct/", sent, follow=True)

    assert "changed meanwhile" in response.content.decode()
    assert Item.objects.get(pk=item.pk).language == "ar"


def test_page_of_an_approved_item_offers_the_internal_fields(
    officer: User, signed_in: Callable[[User], Client]
) -> None:
    item = item_at(ItemStatus.APPROVED)

    form = signed_in(officer).get(f"/items/{item.reference}/correct/").context["form"]

    assert list(form.fields) == ["priority", "note", "reason", "seen"]


# -- The API ------------------------------------------------------------------------------------------------------


def test_call_corrects_and_shows_the_item(officer: User, api: Callable[[User], APIClient]) -> None:
    item, client = make_item(found_at=FOUND), api(officer)
    read = client.get(f"/api/v1/items/{item.reference}/").json()

    sent = {
        "reason": "Misread",
        "category": "fraud",
        "found_at": "2026-03-02T09:00:00Z",
        "version": read["version"],
    }
    response = client.post(f"/api/v1/items/{item.reference}/correct/", sent)
    again = client.post(f"/api/v1/items/{item.reference}/correct/", {**sent, "category": None})

    told = response.json()
    assert read["correctable"] == list(CORRECTABLE)
    assert (response.status_code, told["category"], told["last_live_at"]) == (
        200,
        "fraud",
        "2026-03-02T09:00:00Z",
    )
    assert (again.status_code, again.json()["status"]) == (409, 409)
    assert Item.objects.get(pk=item.pk).category == Category.objects.get(slug="fraud")


def test_call_names_what_is_wrong(officer: User, api: Callable[[User], APIClient]) -> None:
    item = make_item()
    path = f"/api/v1/items/{item.reference}/correct/"

    answers = [
        api(officer).post(path, sent) for sent in ({"language": "fr"}, {"reason": "Misread", "stauts": "x"})
    ]

    assert [response.status_code for response in answers] == [400, 400]
    assert [list(response.json()["errors"]) for response in answers] == [["reason"], ["stauts"]]


def test_reader_is_offered_nothing_to_correct(auditor: User, api: Callable[[User], APIClient]) -> None:
    item = make_item()

    assert api(auditor).get(f"/api/v1/items/{item.reference}/").json()["correctable"] == []
