"""The network of items: accounts and selectors joined over cases, for our own eyes only."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from casework import correction, evidence, network
from casework.models import Account, Item, Mention, NetworkSweep, Selector
from notices import drafting
from tests.factories import approve, make_case, make_item

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
NUMBER = "+44 7700 900123"


def found(item: Item) -> list[tuple[str, str, str, str]]:
    return list(
        Mention.objects.filter(item=item)
        .order_by("place", "selector__value")
        .values_list("place", "selector__kind", "selector__scope", "selector__value")
    )


def test_items_of_one_account_meet_over_cases_and_with_the_account_itself() -> None:
    posts = [make_item(address=f"https://x.com/Seller/status/12345678901{n}") for n in range(2)]
    own = make_item(address="https://twitter.com/seller")

    assert [item.account_id for item in posts] == [own.account_id] * 2
    assert Account.objects.get(pk=own.account_id).identifier == "seller"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://x.com/seller/status/123456789012", "https://x.com/i/user/12345"),
        ("https://x.com/seller/status/123456789012", "https://www.tiktok.com/@seller"),
        ("https://mastodon.social/@seller", "https://mastodon.online/@seller"),
        ("https://www.youtube.com/@seller", "https://www.youtube.com/c/seller"),
        ("https://vk.com/wall-123_4", "https://vk.com/id123"),
    ],
)
def test_what_may_be_two_accounts_stays_two(one: str, other: str) -> None:
    assert make_item(address=one).account_id != make_item(address=other).account_id


def test_selectors_are_joined_however_they_are_written() -> None:
    made = [
        make_item(title=f"Call {NUMBER}"),
        make_item(note="tel 07700 900123", language="en"),
        make_item(note="واتساب +٤٤٧٧٠٠٩٠٠١٢٣"),
        make_item(address="https://wa.me/447700900123"),
    ]

    mentions = Mention.objects.filter(selector__value="+447700900123").order_by("item")
    assert list(mentions.values_list("item", "place")) == [
        (item.pk, place) for item, place in zip(made, ("title", "note", "note", "address"), strict=True)
    ]


def test_captions_are_read_when_an_exhibit_is_attached(officer: User) -> None:
    item = make_item(note="@plain_one")

    evidence.attach(
        item, content=b"<p>Pay <b>a@example.org</b><script>b@example.org</script></p>", filename="p.html",
        kind="capture", description=f"Poster with {NUMBER}", by=officer,
    )  # fmt: skip

    assert found(item) == [
        ("capture", "telephone", "", "+447700900123"),
        ("capture", "email", "", "a@example.org"),
        ("note", "handle", "", "plain_one"),
    ]


def test_correction_moves_an_item_to_the_right_account_and_reads_it_again(officer: User) -> None:
    item, other = make_item(note="@first_one"), make_item(address="https://x.com/other")

    correction.correct(item, owner="@Other", note="@second_one", reason="Misread", by=officer)

    assert item.account_id == other.account_id
    assert found(item) == [("note", "handle", "", "second_one")]


def test_sweep_reads_what_older_rules_had_read_and_then_rests() -> None:
    item = make_item(note=f"Call {NUMBER}")
    account = item.account_id
    Mention.objects.all().delete()
    Item.objects.update(account=None)

    assert [network.sweep(), network.sweep()] == [1, 0]

    item.refresh_from_db()
    assert item.account_id == account
    assert found(item) == [("note", "telephone", "", "+447700900123")]
    assert NetworkSweep.objects.get().upto == item.pk


def test_pages_show_the_items_of_all_cases(officer: User, signed_in: SignIn) -> None:
    one = make_item(note=f"Call {NUMBER}", case=make_case())
    two = make_item(note=f"Call {NUMBER}", case=make_case())
    client = signed_in(officer)
    selector = Selector.objects.get()

    page = client.get(f"/network/selectors/{selector.pk}/")
    of_account = client.get(f"/network/accounts/{one.account_id}/")

    assert [item.pk for item in page.context["page_obj"]] == [two.pk, one.pk]
    assert [item.pk for item in of_account.context["page_obj"]] == [two.pk, one.pk]
    assert [row.seen for row in client.get("/network/?q=07700").context["page_obj"]] == []
    assert [row.seen for row in client.get("/network/?q=7700 900").context["page_obj"]] == [2]


def test_item_says_where_its_selectors_are_seen_too_with_as_many_queries(
    officer: User, signed_in: SignIn
) -> None:
    client, counts = signed_in(officer), []
    item = make_item(note=f"Call {NUMBER}, @handle_one", address="https://x.com/a_b/status/123456789012")
    for _ in range(2):
        make_item(note=f"{NUMBER} @handle_one", address=f"https://t.me/abcd/{Item.objects.count()}")
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(f"/items/{item.reference}/").context["connections"]
        counts.append(len(queries))

    assert [(each.kind, each.others) for each in shown] == [
        ("Account", 0), ("Telephone number", 2), ("Handle", 2),
    ]  # fmt: skip
    assert counts[0] == counts[1]


def test_accounts_are_listed_by_their_items_with_as_many_queries(officer: User, signed_in: SignIn) -> None:
    client, counts = signed_in(officer), []
    make_item(address="https://x.com/rare_one/status/123456789010")
    for number in range(2):
        make_item(address=f"https://x.com/seller/status/12345678902{number}")
        make_item(address=f"https://www.tiktok.com/@other_{number}")
        with CaptureQueriesContext(connection) as queries:
            shown = client.get("/network/accounts/").context["page_obj"]
        counts.append(len(queries))

    assert [(row.identifier, row.seen) for row in shown] == [
        ("seller", 2), ("other_1", 1), ("other_0", 1), ("rare_one", 1),
    ]  # fmt: skip
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=@SELL", ["seller"]),
        ("platform=tiktok", ["other"]),
        ("q=nobody", []),
        ("platform=no", []),
    ],
)
def test_accounts_are_searched(query: str, names: list[str], officer: User, signed_in: SignIn) -> None:
    make_item(address="https://x.com/seller/status/123456789010")
    make_item(address="https://www.tiktok.com/@other")

    page = signed_in(officer).get(f"/network/accounts/?{query}")

    assert [row.identifier for row in page.context["page_obj"]] == names


def test_selector_page_quotes_where_it_stands(officer: User, signed_in: SignIn) -> None:
    words = f"<b>http://bad.example/x t.me/abc.</b> {NUMBER} \u202e."
    item = make_item(title=f"Call {NUMBER}", note=words, address="https://wa.me/447700900123")
    selector = Selector.objects.get(kind="telephone")

    page = signed_in(officer).get(f"/network/selectors/{selector.pk}/")

    [shown] = page.context["page_obj"]
    assert [(each.item_id, each.place) for each in shown.found] == [
        (item.pk, place) for place in ("address", "note", "title")
    ]
    quoted = page.content.decode().replace("<wbr>", "")
    assert "&lt;b&gt;hxxp://bad[.]example/x t[.]me/abc.&lt;/b&gt; +44 7700 900123" in quoted
    assert [word for word in ("<b>h", "bad.example", "t.me/abc", "\u202e") if word in quoted] == []


def test_selector_page_has_as_many_queries_for_more_items(officer: User, signed_in: SignIn) -> None:
    client, counts = signed_in(officer), []
    for _ in range(2):
        make_item(title=f"Call {NUMBER}", note=NUMBER)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/network/selectors/{Selector.objects.get().pk}/")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_letters_and_liaisons_see_nothing_of_it(officer: User, liaison: User, signed_in: SignIn) -> None:
    item = make_item(note=f"Call {NUMBER}", title="DM @other_handle")
    approve(item)
    selector = Selector.objects.get(kind="telephone")

    notice = drafting.draft([item], by=officer)[0]

    letter = f"{notice.subject}{notice.body}"
    assert [word for word in ("7700", "other_handle") if word in letter] == []
    for page in (f"selectors/{selector.pk}/", "accounts/"):
        assert signed_in(liaison).get(f"/network/{page}").status_code == 403
    assert [list(model.objects.visible_to(liaison)) for model in (Account, Selector, Mention)] == [[], [], []]


def test_selector_says_of_what_it_is() -> None:
    assert [Selector(scope=scope).of for scope in ("tiktok", "bitcoin", "")] == ["TikTok", "Bitcoin", ""]
