"""The paste box as a page: what it shows of a text, what the person may change, and what is saved."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import messages
from django.test import Client

from accounts.models import User
from casework import pasting
from casework.models import Case, Item, ItemStatus
from casework.views.paste_rows import MOST_SHOWN, PART
from tests.factories import item_at, make_case

X = "https://x.com/seller/status/1700000000000000001"
FACEBOOK = "https://www.facebook.com/seller/posts/1000000000000001"
PASTED = f"""hxxps://x[.]com/seller/status/1700000000000000001
look: {FACEBOOK} and
https://twitter.com/seller/status/1700000000000000001?s=20
not an address
see javascript:alert(1) and ftp://files.example/a
"""
TWO = "https://x.com/a/status/1700000000000000011\nhttps://x.com/a/status/1700000000000000012"


@pytest.fixture
def case(db: None) -> Case:
    return make_case()


@pytest.fixture
def desk(officer: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(officer)


def paste(desk: Client, case: Case, text: str, do: str = "read", **more: Any) -> Any:
    sent = {"text": text, "priority": "3", "do": do, **more}
    return desk.post(f"/cases/{case.reference}/paste/", sent)


def fields(response: Any) -> dict[str, Any]:
    """What a browser would send back of the preview, untouched."""
    page = response.content.decode()
    boxes = re.findall(r'type="checkbox"[^>]*name="selected" value="(\w+)"[^>]*? (checked)?>', page)
    hidden = re.findall(r'type="hidden" name="([\w.]+)" value="([^"]*)"', page)
    sent: dict[str, Any] = {"selected": [token for token, checked in boxes if checked]}
    for name, value in hidden:
        if name != "csrfmiddlewaretoken":
            sent.setdefault(name, []).append(value.replace("&quot;", '"'))
    return sent


def rows(response: Any) -> list[Any]:
    return [row for group in response.context["board"].groups for row in group.rows]


def told(response: Any) -> list[str]:
    return [str(message) for message in messages.get_messages(response.wsgi_request)]


# -- Reading ------------------------------------------------------------------------------------------------------


def test_everything_pasted_is_shown_by_platform_and_nothing_is_saved(desk: Client, case: Case) -> None:
    response = paste(desk, case, PASTED)

    assert [
        (row.group, row.candidate.line, row.candidate.column, row.is_saveable, row.first_line)
        for row in rows(response)
    ] == [
        ("x", 1, 1, True, None),
        ("x", 3, 1, False, 1),
        ("facebook", 2, 7, True, None),
        ("unread", 4, 1, False, None),
        ("unread", 5, 5, False, None),
        ("unread", 5, 29, False, None),
    ]
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("javascript:alert(1)", "A javascript: address is not on the web."),
        ("data:text/html,a", "A data: address is not on the web."),
        ("ftp://files.example/a", "A ftp: address is not on the web."),
        ("mailto:a@b.example", "A mailto: address is not on the web."),
    ],
)
@pytest.mark.parametrize("line", ["{}", "see {} and " + X, X + " {}"])
def test_address_of_another_sort_is_named_with_the_reason(
    raw: str, reason: str, line: str, desk: Client, case: Case
) -> None:
    response = paste(desk, case, line.format(raw))

    unread = [row.candidate for row in rows(response) if row.group == "unread"]
    assert [(each.raw, each.problem.startswith(reason)) for each in unread] == [(raw, True)]
    assert reason in response.content.decode()


def test_address_inside_a_script_is_read_and_the_script_named(desk: Client, case: Case) -> None:
    response = paste(desk, case, f"javascript:location='{X}'")

    assert [(row.group, row.candidate.raw) for row in rows(response)] == [
        ("x", X),
        ("unread", "javascript:location="),
    ]


def test_addresses_are_shown_defanged_and_never_as_links(desk: Client, case: Case) -> None:
    page = paste(desk, case, PASTED).content.decode()

    assert "hxxps://" in page
    assert 'href="http' not in page


def test_earlier_items_of_other_cases_are_named_with_their_outcome(desk: Client, case: Case) -> None:
    earlier = item_at(ItemStatus.CLOSED, address=X)

    response = paste(desk, case, PASTED)

    row = rows(response)[0]
    page = response.content.decode()
    assert [known.reference for known in row.candidate.known] == [earlier.reference]
    assert (row.is_saveable, row.is_selected) == (True, False)
    assert earlier.case.reference in page
    assert "Removed" in page


def test_look_alike_host_is_warned_of(desk: Client, case: Case) -> None:
    response = paste(desk, case, "https://faceb00k.com/seller")

    assert "The host looks like one of Facebook, but is not." in response.content.decode()


def test_fragment_is_the_preview_alone(desk: Client, case: Case) -> None:
    page = paste(desk, case, PASTED, fragment="yes").content.decode()

    assert "What was read" in page
    assert "<html" not in page
    assert "<textarea" not in page


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "This field is required."),
        (" \n\u00a0\n", "This field is required."),
        ("a" * (pasting.MOST_CHARACTERS + 1), "This is longer than 1,000,000 characters: shorten it."),
        ("a\n" * (pasting.MOST_LINES + 1), "These are 5,001 lines. Paste at most 5,000 at a time, or import a file."),
        ("x.com " * 10_001, "There are more than 10,000 addresses here. Paste fewer, or import a file."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("fragment", [{}, {"fragment": "yes"}])
def test_text_beyond_the_limits_is_refused_and_says_so(
    text: str, error: str, fragment: dict[str, str], desk: Client, case: Case
) -> None:
    response = paste(desk, case, text, **fragment)

    assert response.status_code == 422
    assert response.context["form"].errors["text"] == [error]
    assert error in response.content.decode()


def test_limits_are_stated_before_anything_is_pasted(desk: Client, case: Case) -> None:
    page = desk.get(f"/cases/{case.reference}/paste/").content.decode()

    assert "At most 5,000 lines and 1,000,000 characters" in page


# -- Many rows ----------------------------------------------------------------------------------------------------


def many(count: int, start: int = 0) -> str:
    return "\n".join(f"https://x.com/a/status/{17 * 10**17 + start + number}" for number in range(count))


def test_page_shows_a_part_of_each_group_and_the_next_on_demand(desk: Client, case: Case) -> None:
    text = many(2 * PART + 5)

    first = paste(desk, case, text)
    second = paste(desk, case, text, "part:x:3", **fields(first))

    (group,) = second.context["board"].groups
    assert [row.candidate.line for row in group.shown] == [201, 202, 203, 204, 205]
    assert "Rows 201 to 205 of 205." in second.content.decode()


def test_choices_on_one_part_are_kept_while_another_is_shown_and_saved(desk: Client, case: Case) -> None:
    text = many(PART + 2)
    sent = fields(paste(desk, case, text))
    unticked = sent["selected"].pop(3)
    sent["opened"] = [token := sent["selected"][0]]
    sent[f"{token}-kind"] = "video"
    beyond = fields(paste(desk, case, text, "part:x:2", **sent))
    beyond["selected"].pop()

    paste(desk, case, text, "save", **beyond)

    assert unticked not in {item.key[:16] for item in Item.objects.all()}
    assert Item.objects.count() == PART
    assert [item.key[:16] for item in Item.objects.filter(kind="video")] == [token]


def test_page_stays_short_however_many_platforms_there_are(desk: Client, case: Case) -> None:
    hosts = [
        "x.com/a/status/{}",
        "t.me/a/{}",
        "vimeo.com/{}",
        "vk.com/wall1_{}",
        "www.facebook.com/a/posts/{}",
    ]
    text = "\n".join(f"https://{host.format(10**15 + n)}" for host in hosts for n in range(PART))

    board = paste(desk, case, text).context["board"]

    assert sum(len(group.shown) for group in board.groups) == MOST_SHOWN
    assert len(board.groups) == len(hosts)


def test_group_that_is_not_shown_is_saved_as_it_was_offered(desk: Client, case: Case) -> None:
    text = many(2 * PART)

    paste(desk, case, text, "save", **fields(paste(desk, case, text)))

    assert Item.objects.count() == 2 * PART


@pytest.mark.parametrize("count", [1, 3])
def test_preview_asks_a_fixed_number_of_questions(
    count: int, desk: Client, case: Case, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(8):
        paste(desk, case, many(count), fragment="yes")


# -- Choosing and correcting --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "selected"),
    [("none:x", 1), ("none:facebook", 1), ("none", 0), ("all:x", 2), ("offered:x", 2), ("all:unread", 2),
     ("nonsense", 2)],
)  # fmt: skip
def test_whole_groups_are_selected_by_one_button(
    action: str, selected: int, desk: Client, case: Case
) -> None:
    response = paste(desk, case, PASTED, action, **fields(paste(desk, case, PASTED)))

    assert len(response.context["board"].selected()) == selected


def test_row_is_opened_corrected_and_saved_with_what_it_has_of_its_own(desk: Client, case: Case) -> None:
    text = f"https://shop.example/boats\n{X}"
    sent = fields(paste(desk, case, text))
    token = sent["shown"][0]
    opened = paste(desk, case, text, f"change:{token}", **sent)
    assert f'name="{token}-platform"' in opened.content.decode()
    sent = fields(opened) | {
        f"{token}-kind": "advert",
        f"{token}-platform": "telegram",
        f"{token}-language": "ku",
    }

    done = paste(desk, case, text, f"done:{token}", **sent)
    paste(desk, case, text, "save", language="ar", **fields(done))

    assert [(item.kind, item.platform.slug, item.language) for item in Item.objects.order_by("pk")] == [
        ("advert", "telegram", "ku"),
        ("post", "x", "ar"),
    ]


def test_platform_that_the_address_itself_says_cannot_be_changed(desk: Client, case: Case) -> None:
    sent = fields(paste(desk, case, X))
    token = sent["shown"][0]

    page = paste(desk, case, X, f"change:{token}", **sent).content.decode()

    assert f'name="{token}-kind"' in page
    assert f'name="{token}-platform"' not in page


def test_category_and_language_are_set_for_some(desk: Client, case: Case) -> None:
    sent = fields(paste(desk, case, TWO))
    both = sent["selected"]

    one = paste(
        desk,
        case,
        TWO,
        "set",
        **{**sent, "selected": both[1:], "set_language": "ku", "set_category": "fraud"},
    )
    paste(desk, case, TWO, "save", language="ar", **{**fields(one), "selected": both})

    assert [
        (item.language, item.category and item.category.slug) for item in Item.objects.order_by("pk")
    ] == [
        ("ar", None),
        ("ku", "fraud"),
    ]


def test_choices_stay_with_their_item_when_the_text_changes(desk: Client, case: Case) -> None:
    sent = fields(paste(desk, case, TWO)) | {"selected": []}

    response = paste(desk, case, f"{X}\n{TWO}", **sent)

    assert [row.is_selected for row in rows(response)] == [True, False, False]


@pytest.mark.parametrize(
    "kept", ["[", "[1]", '{"a":1}', "[" * 100_000, '{"TOKEN":{"kind":"nonsense","language":["x"]}}']
)
def test_kept_choices_that_nobody_could_have_made_are_passed_over(
    kept: str, desk: Client, case: Case
) -> None:
    sent = fields(paste(desk, case, X))

    response = paste(desk, case, X, kept=kept.replace("TOKEN", sent["shown"][0]))

    assert [(row.is_selected, row.own) for row in rows(response)] == [(True, {})]


# -- Saving -------------------------------------------------------------------------------------------------------


def test_only_the_rows_selected_are_saved_with_what_is_said_for_all(desk: Client, case: Case) -> None:
    sent = fields(paste(desk, case, TWO))
    more = {
        "category": "small_boat_advert",
        "language": "ku",
        "priority": "2",
        "source": "Tip",
        "note": "Seen",
    }

    response = paste(desk, case, TWO, "save", **{**sent, "selected": sent["selected"][1:], **more})

    item = Item.objects.get()
    assert told(response) == ["1 item is saved and waiting for assessment."]
    assert (item.address, item.category and item.category.slug, item.language, item.priority) == (
        TWO.splitlines()[1],
        "small_boat_advert",
        "ku",
        2,
    )


def test_summary_names_what_was_saved_and_why_it_stays(desk: Client, case: Case) -> None:
    saved = paste(desk, case, TWO, "save", **fields(paste(desk, case, TWO)))

    summary = desk.get(saved.headers["Location"])

    page = summary.content.decode()
    assert summary.context["by_platform"] == [("X", 2)]
    assert all(f"/items/{item.reference}/" in page for item in Item.objects.all())
    assert "Saving cannot be undone" in page


@pytest.mark.parametrize("at", ["", "yesterday", "2026-13-45", "2026-01-01T00:00", "2026-01-01T00:00:00Z"])
def test_summary_of_nothing_says_so(at: str, desk: Client, case: Case) -> None:
    page = desk.get(f"/cases/{case.reference}/paste/saved/", {"at": at})

    assert page.status_code == 200
    assert "Nothing was saved then" in page.content.decode()


def test_saving_nothing_asks_for_a_selection(desk: Client, case: Case) -> None:
    response = paste(desk, case, TWO, "save", **{**fields(paste(desk, case, TWO)), "selected": []})

    assert response.status_code == 422
    assert response.context["problem"] == "Select at least one address to save."


def test_text_changed_since_it_was_read_is_shown_again_first(desk: Client, case: Case) -> None:
    response = paste(desk, case, f"{TWO}\n{X}", "save", **fields(paste(desk, case, TWO)))

    assert response.status_code == 422
    assert response.context["problem"].startswith("The text was changed after it was read.")
    assert not Item.objects.exists()


def test_wrong_value_for_all_saves_nothing_and_keeps_the_choices(desk: Client, case: Case) -> None:
    sent = fields(paste(desk, case, TWO))

    response = paste(
        desk, case, TWO, "save", **{**sent, "selected": sent["selected"][:1], "source": "s" * 121}
    )

    assert response.status_code == 422
    assert [row.is_selected for row in rows(response)] == [True, False]
    assert not Item.objects.exists()


def test_what_came_in_meanwhile_is_not_saved_twice(desk: Client, case: Case) -> None:
    sent = fields(paste(desk, case, TWO))
    paste(desk, case, TWO, "save", **sent)

    response = paste(desk, case, TWO, "save", **sent)

    assert response.context["problem"] == "Select at least one address to save."
    assert Item.objects.count() == 2


def test_paste_into_a_closed_case_changes_nothing(
    desk: Client, case: Case, reviewer: User, signed_in: Callable[[User], Client]
) -> None:
    sent = fields(paste(desk, case, TWO))
    signed_in(reviewer).post(f"/cases/{case.reference}/close/", {"reason": "Over"})

    paste(desk, case, TWO, "save", **sent)

    assert not Item.objects.exists()
