"""A platform's contacts: kept by its liaisons, and never a way to lead our calls astray."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from casework.models import Event
from casework.timeline import sentence
from casework.transitions import TransitionNotAllowed
from notices import contacts
from notices.models import ChangeState, ContactChange
from platforms.models import Channel, Contact, Platform
from tests.notices.letters_at import ago

DESK = {"desk": "Duty desk", "telephone": "+44 20 7946 0001", "languages": "English", "hours": "Always"}


def x() -> Platform:
    return Platform.objects.get(slug="x")


@pytest.fixture
def contact(officer: User) -> Contact:
    made = contacts.change(x(), None, DESK, by=officer).contact
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("new", "holds"),
    [
        ({"languages": "English, Arabic"}, True),
        ({"hours": "09:00 to 17:00", "zone": "Europe/Paris"}, True),
        ({"policy_link": "https://x.example/rules"}, True),
        ({"telephone": "+44 20 7946 0666"}, False),
        ({"email": "else@x.example"}, False),
        ({"desk": "Head of safety"}, False),
        ({"is_current": False}, False),
        ({"languages": "Arabic", "telephone": "+44 20 7946 0666"}, False),
    ],
)
def test_a_liaisons_change_of_whom_we_reach_waits(
    new: dict[str, object], holds: bool, contact: Contact, liaison: User
) -> None:
    made = contacts.change(x(), contact, new, by=liaison)

    contact.refresh_from_db()
    assert made.state == (ChangeState.TAKEN if holds else ChangeState.OPEN)
    assert [getattr(contact, name) == value for name, value in new.items()] == [holds] * len(new)
    kinds = Event.objects.filter(kind__startswith="contact.", actor=liaison).values_list("kind", flat=True)
    assert list(kinds) == ["contact.changed" if holds else "contact.proposed"]


def test_a_proposal_holds_once_one_of_us_says_so(contact: Contact, liaison: User, reviewer: User) -> None:
    made = contacts.change(x(), contact, {"telephone": "+44 20 7946 0002"}, by=liaison)

    contacts.decide(made, accept=True, by=reviewer)

    contact.refresh_from_db()
    assert (contact.telephone, contact.confirmed_by) == ("+44 20 7946 0002", liaison)
    assert (made.state, made.decided_by) == (ChangeState.TAKEN, reviewer)
    assert sentence(Event.objects.get(kind="contact.confirmed")) == (
        "let the proposed change to the contact Duty desk of x hold: telephone."
    )
    with pytest.raises(TransitionNotAllowed, match="decided already"):
        contacts.decide(made, accept=True, by=reviewer)


def test_a_refusal_has_a_reason_and_changes_nothing(contact: Contact, liaison: User, manager: User) -> None:
    made = contacts.change(x(), contact, {"telephone": "+44 20 7946 0666"}, by=liaison)

    with pytest.raises(ValidationError):
        contacts.decide(made, accept=False, by=manager)
    contacts.decide(made, accept=False, reason="Nobody there knows of it.", by=manager)

    contact.refresh_from_db()
    assert (contact.telephone, made.state) == (DESK["telephone"], ChangeState.REFUSED)


def test_a_proposal_about_what_has_changed_since_does_not_hold(
    contact: Contact, liaison: User, officer: User
) -> None:
    made = contacts.change(x(), contact, {"telephone": "+44 20 7946 0002"}, by=liaison)
    contacts.change(x(), contact, {"telephone": "+44 20 7946 0003"}, by=officer)

    with pytest.raises(TransitionNotAllowed, match="changed since"):
        contacts.decide(made, accept=True, by=officer)

    contact.refresh_from_db()
    assert contact.telephone == "+44 20 7946 0003"


def test_nobody_else_keeps_or_decides(
    contact: Contact, liaison: User, auditor: User, administrator: User, person: Callable[..., User]
) -> None:
    foreign = person("liaison", number=2, platform="facebook")
    made = contacts.change(x(), contact, {"email": "a@x.example"}, by=liaison)

    for somebody in (foreign, auditor, administrator):
        with pytest.raises(PermissionDenied):
            contacts.change(x(), contact, {"hours": "Never"}, by=somebody)
        with pytest.raises(PermissionDenied):
            contacts.confirm(contact, by=somebody)
    for somebody in (liaison, foreign, auditor, administrator):
        with pytest.raises(PermissionDenied):
            contacts.decide(made, accept=True, by=somebody)


def test_no_contact_is_a_way_for_letters(contact: Contact, liaison: User, officer: User) -> None:
    before = list(Channel.objects.order_by("pk").values())

    made = contacts.change(x(), contact, {"email": "elsewhere@evil.example"}, by=liaison)
    contacts.decide(made, accept=True, by=officer)

    assert list(Channel.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    "bad",
    [
        {"desk": ""},
        {"email": "nobody"},
        {"zone": "Europe/Nowhere"},
        {"policy_link": "javascript:alert(1)"},
        {"telephone": "1" * 41},
        {"telephone": ""},
        {},
    ],
)
def test_bad_values_are_refused_and_nothing_is_kept(
    bad: dict[str, str], contact: Contact, liaison: User
) -> None:
    before = ContactChange.objects.count()

    with pytest.raises(ValidationError):
        contacts.change(x(), contact, bad, by=liaison)

    assert ContactChange.objects.count() == before


def test_after_half_a_year_it_is_to_be_confirmed(contact: Contact, liaison: User, officer: User) -> None:
    now = timezone.now()

    fresh = list(contacts.to_confirm(liaison, now + timedelta(days=179)))
    old = list(contacts.to_confirm(liaison, now + timedelta(days=181)))
    contacts.confirm(contact, by=liaison, at=now + timedelta(days=181))

    assert (fresh, old) == ([], [contact])
    assert list(contacts.to_confirm(liaison, now + timedelta(days=182))) == []


def test_the_pages_of_a_liaison(contact: Contact, liaison: User, signed_in: Callable[[User], Client]) -> None:
    Contact.objects.filter(pk=contact.pk).update(confirmed_at=ago(days=200))
    client = signed_in(liaison)

    page = client.get("/platforms/x/contacts/").content.decode()
    sent = client.post(
        f"/contacts/{contact.pk}/", {**DESK, "telephone": "+44 20 7946 0002", "is_current": "on"}
    )
    after = client.get("/platforms/x/contacts/").content.decode()
    confirmed = client.post(f"/contacts/{contact.pk}/confirm/")

    assert "has not been confirmed for half a year" in page.replace("\n", " ")
    assert (sent.status_code, "The desk looks at it" in after) == (302, True)
    assert confirmed.status_code == 302
    assert contacts.to_confirm(liaison, timezone.now()).count() == 0


def test_the_page_of_the_decision(
    contact: Contact, liaison: User, officer: User, signed_in: Callable[[User], Client]
) -> None:
    proposed = {"telephone": "+44 20 7946 0002", "zone": "Europe/London", "is_current": False}
    made = contacts.change(x(), contact, proposed, by=liaison)
    client = signed_in(officer)

    rows = client.get(f"/contact-changes/{made.pk}/").context["rows"]
    no_reason = client.post(f"/contact-changes/{made.pk}/", {"decision": "refuse"})
    held = client.post(f"/contact-changes/{made.pk}/", {"decision": "accept"})

    assert rows == [
        ("telephone", contact.telephone, "+44 20 7946 0002"), ("Time zone", "", "Europe/London"),
        ("In use", "Yes", "No"),
    ]  # fmt: skip
    assert (no_reason.status_code, held.status_code) == (422, 302)


def test_the_api_keeps_and_decides(
    contact: Contact, liaison: User, officer: User, api: Callable[[User], APIClient]
) -> None:
    theirs, new = api(liaison), {"desk": "Night", "email": "n@x.example"}

    def post(client: APIClient, path: str, **sent: object) -> tuple[int, dict[str, object]]:
        came = client.post(f"/api/v1/{path}/", sent, format="json")
        return came.status_code, came.json()

    status, added = post(theirs, "contacts", platform="x", **new)
    foreign, _ = post(theirs, "contacts", platform="facebook", **new)
    _, changed = post(theirs, f"contacts/{contact.pk}/change", desk="Duty desk", hours="09-17")
    _, decided = post(api(officer), f"contact-changes/{added['id']}/decide", accept=True)
    listed = theirs.get("/api/v1/contacts/").json()["results"]

    assert (status, added["state"], foreign) == (201, "open", 404)
    assert (changed["state"], decided["state"]) == ("taken", "taken")
    assert [(row["desk"], row["hours"]) for row in listed] == [("Night", ""), ("Duty desk", "09-17")]
