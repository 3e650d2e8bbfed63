"""Where short links lead: recorded, withdrawn, shown as duplicates, never merged."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from casework import aliases, intake
from casework.duplicates import same_by_alias
from casework.models import Alias, AliasWithdrawal
from casework.transitions import TransitionNotAllowed
from tests.factories import alias, make_case, make_item

pytestmark = pytest.mark.django_db
POST = "https://x.com/somebody/status/1700000000000000001"


def test_an_alias_shows_the_same_item_and_changes_no_key(officer: User) -> None:
    case = make_case()
    post = make_item(case=case, address=POST)
    made = alias(case=case, leads_to="https://twitter.com/other/status/1700000000000000001?s=20")

    assert list(same_by_alias(made.item)) == [post]
    assert list(same_by_alias(post)) == [made.item]
    assert made.item.key != post.key
    [row] = intake.preview(POST, case=case, by=officer)
    assert [(known.reference, known.by_alias) for known in row.known] == [
        (made.item.reference, True),
        (post.reference, False),
    ]
    event = made.item.events.get(kind="alias.recorded")
    assert event.details["to"] == "https://x.com/i/status/1700000000000000001"


def test_an_alias_does_not_keep_the_address_from_being_saved(officer: User) -> None:
    made = alias()

    [row] = intake.preview(POST, case=made.item.case, by=officer)

    assert (row.open_here, [known.by_alias for known in row.known]) == (None, [True])
    assert len(intake.identify([intake.NewItem(address=POST)], case=made.item.case, by=officer).items) == 1


def test_chains_are_followed_and_circles_refused(officer: User) -> None:
    last = alias(leads_to=POST)
    middle = alias(leads_to=last.item.address)
    first = alias(leads_to=middle.item.address)
    keys = {row.item.key for row in (first, middle, last)} | {last.to_key}

    assert Alias.objects.same_as([first.item.key])[first.item.key] == keys - {first.item.key}
    assert Alias.objects.leading_on([first.item.key])[first.item.key] == keys - {first.item.key}
    aliases.withdraw_alias(last, reason="It leads elsewhere now.", by=officer)
    with pytest.raises(ValidationError, match="leads back"):
        aliases.record_alias(last.item, address=first.item.address, evidence="Looked.", by=officer)


def test_even_a_circle_in_the_table_ends() -> None:
    one = alias()
    two = alias(leads_to=one.item.address)
    values = {"by": one.by, "by_name": one.by_name, "at": one.at, "to_address": POST, "evidence": "Looked."}
    Alias.objects.create(item=one.item, from_key=one.item.key, to_key=two.item.key, **values)

    assert Alias.objects.same_as([one.item.key])[one.item.key] == {two.item.key, one.to_key}


@pytest.mark.parametrize(
    ("link", "address", "message"),
    [
        ("https://t.co/abc", "nonsense", "not a web address"),
        ("https://t.co/abc", "javascript:alert(1)", "not on the web"),
        ("https://t.co/abc", "https://t.co/abc?x=1", "short link itself"),
        ("https://t.co/abc", "https://bit.ly/abc", "a short link too"),
        ("https://vm.tiktok.com/ZM123abc/", "https://x.com/a/status/123456", "leads to TikTok; this is on X"),
        ("https://x.com/a/status/123456", "https://x.com/a/status/777777", "no short link"),
    ],
)
def test_nonsense_is_refused(link: str, address: str, message: str, officer: User) -> None:
    item = make_item(address=link)

    with pytest.raises(ValidationError, match=message):
        aliases.record_alias(item, address=address, evidence="Looked.", by=officer)
    assert Alias.objects.count() == 0


def test_it_needs_evidence_a_time_that_was_and_the_permission(officer: User, manager: User) -> None:
    item, later = make_item(address="https://t.co/abc"), timezone.now() + timedelta(hours=1)

    with pytest.raises(ValidationError, match="how you found out"):
        aliases.record_alias(item, address=POST, evidence=" ", by=officer)
    with pytest.raises(ValidationError, match="in the future"):
        aliases.record_alias(item, address=POST, evidence="Looked.", by=officer, at=later)
    with pytest.raises(PermissionDenied):
        aliases.record_alias(item, address=POST, evidence="Looked.", by=manager)


def test_another_target_needs_a_withdrawal_first_and_nothing_is_lost(officer: User) -> None:
    made = alias()
    other = "https://x.com/a/status/777777"

    with pytest.raises(TransitionNotAllowed, match="Withdraw that first"):
        aliases.record_alias(made.item, address=other, evidence="Looked.", by=officer)
    aliases.withdraw_alias(made, reason="Read wrongly.", by=officer)
    with pytest.raises(TransitionNotAllowed, match="withdrawn already"):
        aliases.withdraw_alias(made, reason="Read wrongly.", by=officer)
    second = aliases.record_alias(made.item, address=other, evidence="Looked.", by=officer)

    assert Alias.objects.same_as([made.item.key])[made.item.key] == {second.to_key}
    assert (Alias.objects.count(), AliasWithdrawal.objects.count()) == (2, 1)
    assert made.item.events.filter(kind="alias.withdrawn").count() == 1


def test_rows_are_never_changed() -> None:
    made = alias()

    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        Alias.objects.filter(pk=made.pk).update(evidence="Something else.")


def test_pages_record_show_and_withdraw(officer: User, signed_in: Callable[[User], Any]) -> None:
    item, client = make_item(address="https://t.co/abc"), signed_in(officer)
    address = f"/items/{item.reference}/"

    wrong = client.post(f"{address}alias/", {"address": "no", "evidence": "Looked."})
    client.post(f"{address}alias/", {"address": POST, "evidence": "Looked."})
    made = Alias.objects.get()
    shown = client.get(address).content.decode()
    client.post(f"/aliases/{made.pk}/withdraw/", {"reason": "Wrong."})

    assert wrong.status_code == 422
    assert "Where it leads" in shown
    assert AliasWithdrawal.objects.get().alias == made


def test_the_api_records_and_withdraws(officer: User, api: Callable[[User], Any]) -> None:
    item, client = make_item(address="https://t.co/abc"), api(officer)
    address = f"/api/v1/items/{item.reference}/aliases/"

    made = client.post(address, {"address": POST, "evidence": "Looked."}, format="json")
    wrong = client.post(address, {"address": "\x00", "evidence": "Looked."}, format="json")
    client.post(f"/api/v1/aliases/{made.data['id']}/withdraw/", {"reason": "Wrong."}, format="json")

    assert (made.status_code, wrong.status_code) == (201, 400)
    [listed] = client.get(address).data["results"]
    assert listed["withdrawn_at"] is not None
