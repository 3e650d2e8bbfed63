"""Opening the original: warned, kept, without a referrer, and only to a web address."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from casework import leaving
from casework.models import Event, Item
from tests.factories import make_item

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def original(item: Item) -> str:
    return reverse("casework:item_original", args=[item.reference])


def test_the_page_warns_and_keeps_nothing(officer: User, signed_in: SignIn) -> None:
    item = make_item()

    shown = signed_in(officer).get(original(item))
    page = shown.content.decode()

    assert f'href="{item.canonical}"' not in page
    assert f">\n{item.canonical}</textarea>" in page
    assert "sees the network address of this computer" in page
    assert "form-action 'self' http: https:" in shown["Content-Security-Policy"]
    assert not Event.objects.filter(kind="item.original_opened").exists()


def test_leaving_is_kept_and_tells_the_site_nothing(officer: User, signed_in: SignIn) -> None:
    item = make_item()

    left = signed_in(officer).post(original(item))

    assert (left.status_code, left["Location"], left["Referrer-Policy"]) == (
        303,
        item.canonical,
        "no-referrer",
    )
    event = Event.objects.get(kind="item.original_opened")
    assert (event.item, event.actor) == (item, officer)


def test_the_items_page_leads_there_and_nowhere_else(officer: User, signed_in: SignIn) -> None:
    item = make_item()

    page = signed_in(officer).get(reverse("casework:item_detail", args=[item.reference])).content.decode()

    assert f'href="{original(item)}"' in page
    assert item.canonical not in page


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,hello",
        "ftp://files.example/a",
        "//other.example/",
        "https:///nowhere",
        "https://[::1",
        "https://x.com@elsewhere.example/",
        "somewhere",
        "",
    ],
)
def test_what_is_no_web_address_is_never_opened(address: str, officer: User, signed_in: SignIn) -> None:
    item = make_item()
    Item.objects.filter(pk=item.pk).update(canonical=address)
    client = signed_in(officer)

    page, left = client.get(original(item)), client.post(original(item))

    assert "It cannot be opened from here" in page.content.decode()
    assert left.status_code == 404
    assert not Event.objects.filter(kind="item.original_opened").exists()


def test_an_address_in_another_script_is_sent_in_ascii() -> None:
    item = Item(canonical="https://site.example/عرض?q=a b")

    assert leaving.original_of(item) == "https://site.example/%D8%B9%D8%B1%D8%B6?q=a%20b"


def test_a_line_break_ends_no_header() -> None:
    item = Item(canonical="https://site.example/a\r\nSet-Cookie: b=c")

    assert leaving.original_of(item) == "https://site.example/a%0D%0ASet-Cookie:%20b=c"
