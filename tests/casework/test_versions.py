"""Two people on one record: the second is told, loses nothing of what was typed, and overwrites nothing unseen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from casework import assessment, checks, episodes
from casework.models import Item, ItemStatus
from casework.versions import ChangedMeanwhile, unchanged, version
from tests.factories import assess, exhibit, item_at, make_item

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
TYPED = {
    "category": "small_boat_advert",
    "ground": "bsaia_2025_17",
    "rationale": "Names a price for a place in a boat.",
    "severity": "high",
    "protected_speech": "none",
}


def opened(client: Client, address: str) -> str:
    """The version that a page carries when it is opened."""
    form = client.get(address).context["form"]
    return str(form["seen"].value())


def test_second_assessment_does_not_replace_the_first_unseen(
    officer: User, reviewer: User, signed_in: SignIn
) -> None:
    item = make_item()
    address = f"/items/{item.reference}/assess/"
    seen = opened(signed_in(officer), address)
    assess(item, by=reviewer, rationale="What the reviewer wrote.")

    response = signed_in(officer).post(address, {**TYPED, "seen": seen})

    page = response.content.decode()
    assert response.status_code == 409
    assert f"{item.reference} was changed meanwhile by {reviewer.name}: look again" in page
    assert TYPED["rationale"] in page
    assert "What the reviewer wrote." in page
    assert [row.rationale for row in item.assessments.all()] == ["What the reviewer wrote."]

    again = signed_in(officer).post(address, {**TYPED, "seen": response.context["form"]["seen"].value()})

    assert again.status_code == 302
    assert item.assessments.count() == 2


@pytest.mark.parametrize(
    ("verb", "typed"),
    [
        ("approve", {}),
        ("hold", {"authority": "Another force", "reason": "Needed up", "review_at": "2099-01-01T10:00"}),
        ("reject", {"as_": "lawful", "reason": "A news report"}),
        ("duplicate", {}),
        ("ask", {"reason": "Where was it seen?"}),
    ],
)
def test_old_page_of_any_decision_is_shown_again_with_what_was_typed(
    verb: str, typed: dict[str, str], reviewer: User, officer: User, signed_in: SignIn
) -> None:
    item = assess(make_item(), by=officer)
    exhibit(item)
    if verb == "duplicate":
        typed = {"of": make_item().reference}
    client, address = signed_in(reviewer), f"/items/{item.reference}/{verb}/"
    seen = opened(client, address)
    assess(item, by=officer, rationale="Said better.")

    response = client.post(address, {**typed, "seen": seen})

    page = response.content.decode()
    assert response.status_code == 409
    assert f"changed meanwhile by {officer.name}" in page
    assert [value for value in typed.values() if value not in page] == []
    assert Item.objects.get(pk=item.pk).status == "in_assessment"

    typed["seen"] = response.context["form"]["seen"].value()
    assert client.post(address, typed).status_code == 302
    assert Item.objects.get(pk=item.pk).status != "in_assessment" or verb == "ask"


def test_fresh_page_is_taken(officer: User, signed_in: SignIn) -> None:
    item, client = make_item(), signed_in(officer)
    address = f"/items/{item.reference}/assess/"

    response = client.post(address, {**TYPED, "seen": opened(client, address)})

    assert response.status_code == 302
    assert item.assessments.count() == 1


def test_what_platform_and_checks_say_makes_no_page_old(officer: User) -> None:
    item = item_at(ItemStatus.NOTIFIED)
    before = version(item)

    checks.record(item, verdict="live", by=officer)
    episodes.claim(item, answer="refused", removal=False, at=item.found_at)
    exhibit(item)

    assert version(Item.objects.select_related("category").get(pk=item.pk)) == before


def test_each_assessment_makes_another_version(officer: User) -> None:
    item = assess(make_item(), by=officer)
    before = version(item)

    assess(item, by=officer)

    assert version(item) != before


def test_nothing_is_done_to_an_item_that_has_changed(officer: User, reviewer: User) -> None:
    item = make_item()
    seen = version(item)
    assess(Item.objects.get(pk=item.pk), by=reviewer)

    with pytest.raises(ChangedMeanwhile) as refused, unchanged(item, seen, by=officer):
        assessment.reject(item, as_="lawful", reason="News", by=officer)

    assert refused.value.status == "in_assessment"
    assert "reject" in refused.value.allowed
    assert Item.objects.get(pk=item.pk).status == "in_assessment"


@pytest.mark.parametrize(
    ("verb", "sent"),
    [
        ("assess", TYPED),
        ("hold", {"authority": "A force", "reason": "Up", "review_at": "2099-01-01T10:00:00Z"}),
        ("reject", {"not_actionable_as": "lawful", "reason": "News"}),
        ("approve", {}),
        ("ask", {"reason": "Where?"}),
    ],
)
def test_call_with_an_old_version_is_a_conflict(
    verb: str, sent: dict[str, Any], officer: User, reviewer: User, api: Callable[[User], Any]
) -> None:
    item = assess(make_item(), by=officer)
    exhibit(item)
    client, address = api(reviewer), f"/api/v1/items/{item.reference}/"
    seen = client.get(address).json()["version"]
    assess(item, by=officer)

    old = client.post(f"{address}{verb}/", {**sent, "version": seen})
    fresh = client.post(f"{address}{verb}/", {**sent, "version": client.get(address).json()["version"]})

    assert (old.status_code, fresh.status_code) == (409, 200)
    assert f"changed meanwhile by {officer.name}" in old.json()["detail"]
    assert old.json()["status_of_record"] == "in_assessment"


def test_call_marking_a_duplicate_with_an_old_version_is_a_conflict(
    officer: User, api: Callable[[User], Any]
) -> None:
    item, other = make_item(), make_item()
    address = f"/api/v1/items/{item.reference}/"
    seen = api(officer).get(address).json()["version"]
    assess(item, by=officer)

    response = api(officer).post(f"{address}mark_duplicate/", {"of": other.reference, "version": seen})

    assert response.status_code == 409
    assert Item.objects.get(pk=item.pk).duplicate_of is None
