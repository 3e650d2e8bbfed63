"""Cases, the paste box, items and their verbs, as pages."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from accounts.models import User
from accounts.roles import Role
from casework import bulk
from casework.models import Case, Evidence, Item, ItemStatus, Presence
from casework.views import items
from casework.views.verbs import PLAIN
from tests import factories
from tests.factories import item_at, make_case, make_item

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Any) -> None:
    settings.EVIDENCE_DIR = tmp_path


@pytest.fixture
def desk(officer: User, signed_in: SignIn) -> Client:
    return signed_in(officer)


def picture(colour: str = "red") -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(stream, "PNG")
    stream.name = "seen.png"
    stream.seek(0)
    return stream


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# -- Cases --------------------------------------------------------------------------------------------------------


def test_case_is_opened_and_leads_to_the_paste_box(desk: Client) -> None:
    response = desk.post("/cases/open/", {"reference": "OP-7", "title": "Crossings"}, follow=True)

    assert response.redirect_chain == [("/cases/OP-7/", 302)]
    assert "/cases/OP-7/paste/" in response.content.decode()
    assert Case.objects.get().title == "Crossings"


def test_case_reference_taken_is_said_beside_the_field(desk: Client) -> None:
    make_case(reference="OP-7")

    response = desk.post("/cases/open/", {"reference": "OP-7", "title": "Again"})

    assert response.status_code == 422
    assert "reference" in response.context["form"].errors


def test_case_page_counts_its_items_by_handling(desk: Client) -> None:
    case = make_case()
    make_item(case=case), make_item(case=case), item_at(ItemStatus.APPROVED, case=case)

    response = desk.get(f"/cases/{case.reference}/")

    assert response.context["statuses"] == [("reported", "Reported", 2), ("approved", "Approved", 1)]


def test_case_with_open_items_is_not_closed_and_says_why(reviewer: User, signed_in: SignIn) -> None:
    case = make_case()
    make_item(case=case)

    response = signed_in(reviewer).post(f"/cases/{case.reference}/close/", {"reason": "Over"}, follow=True)

    assert told(response)[0].startswith(f"Case {case.reference} has 1 item")
    case.refresh_from_db()
    assert case.status == "open"


# -- Lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/items/", "/items/?queue=to_assess", "/cases/", "/"])
def test_list_asks_as_many_questions_for_three_rows_as_for_one(
    desk: Client, path: str, django_assert_num_queries: Any
) -> None:
    make_item()
    desk.get(path)
    with CaptureQueriesContext(connection) as one:
        desk.get(path)
    make_item(), make_item()

    with django_assert_num_queries(len(one)):
        desk.get(path)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=approved", ["approved"]),
        ("presence=gone", ["closed"]),
        ("queue=to_assess", ["reported"]),
        ("queue=to_notify", ["approved"]),
        ("platform=facebook", []),
        ("category=people_smuggling", ["approved", "closed"]),
        ("category=fraud", []),
        ("severity=high", ["approved", "closed"]),
        ("q=no such thing", []),
        ("status=nonsense", []),
    ],
)
def test_item_filter_narrows(desk: Client, query: str, found: list[str]) -> None:
    item_at(ItemStatus.REPORTED), item_at(ItemStatus.APPROVED), item_at(ItemStatus.CLOSED)

    response = desk.get(f"/items/?{query}")

    assert sorted(item.status for item in response.context["page_obj"]) == found


def test_search_finds_an_item_by_any_form_of_its_address(desk: Client) -> None:
    item = make_item(address="https://x.com/seller/status/1700000000000000001")
    make_item()

    response = desk.get(
        "/items/", {"q": "hxxps://mobile.twitter[.]com/seller/status/1700000000000000001?s=20"}
    )

    assert [found.reference for found in response.context["page_obj"]] == [item.reference]


def test_empty_queue_says_what_is_next(desk: Client) -> None:
    assert "Paste addresses into a case" in desk.get("/items/?queue=to_assess").content.decode()


def test_filter_that_finds_nothing_in_a_queue_is_cleared_without_leaving_it(desk: Client) -> None:
    make_item()

    response = desk.get("/items/?queue=to_assess&platform=facebook")

    assert "No item fits these filters" in response.content.decode()
    assert (response.context["active"], response.context["clear_url"]) == (1, "/items/?queue=to_assess")


def test_timeline_says_who_once_and_when_it_was_entered_only_if_later(desk: Client) -> None:
    item = item_at(ItemStatus.APPROVED)

    entries = desk.get(f"/items/{item.reference}/").context["timeline"]

    assert [(entry.sentence, bool(entry.by), entry.entered_at) for entry in entries][-1] == (
        "Identified the item",
        True,
        None,
    )


def test_start_page_of_an_officer_counts_the_work(desk: Client) -> None:
    make_item(), make_item(), item_at(ItemStatus.APPROVED)

    cards = {card["title"]: card["count"] for card in desk.get("/").context["items"]}

    assert (cards["To assess"], cards["To notify"]) == (2, 1)
    assert "To approve" not in cards


# -- One item -----------------------------------------------------------------------------------------------------


def test_item_page_shows_the_four_facts_and_the_history(desk: Client) -> None:
    item = item_at(ItemStatus.CLOSED)

    page = desk.get(f"/items/{item.reference}/").content.decode()

    for words in (
        "Our handling",
        "The platform says",
        "We see",
        "small boat and names a price",
        "Removed",
        "Gone",
    ):
        assert words in page
    assert 'href="http' not in page


@pytest.mark.parametrize("status", ItemStatus.values)
def test_item_page_offers_no_button_that_is_refused(
    officer: User, reviewer: User, manager: User, signed_in: SignIn, status: str
) -> None:
    item = item_at(ItemStatus(status))
    for user in (officer, reviewer, manager):
        client = signed_in(user)
        for _, url, _ in client.get(f"/items/{item.reference}/").context["buttons"]:
            assert (url, client.get(url).status_code) == (url, 200)


def test_claim_then_assess_then_approve_by_another(officer: User, reviewer: User, signed_in: SignIn) -> None:
    item = make_item()
    factories.exhibit(item)
    signed_in(officer).post(f"/items/{item.reference}/claim/")
    signed_in(officer).post(f"/items/{item.reference}/assess/", assessment_form())

    signed_in(reviewer).post(f"/items/{item.reference}/approve/")

    item.refresh_from_db()
    assert (item.status, item.assessed_by, item.approved_by) == ("approved", officer, reviewer)


def assessment_form(**given: str) -> dict[str, str]:
    return {
        "category": "small_boat_advert",
        "ground": "bsaia_2025_17",
        "rationale": "Names a price.",
        "severity": "high",
        "protected_speech": "none",
        **given,
    }


def test_assessment_offers_only_the_clauses_of_the_items_platform(desk: Client) -> None:
    item = make_item(address="https://www.facebook.com/seller/posts/1000000000000001")

    clauses = desk.get(f"/items/{item.reference}/assess/").context["form"].fields["policy_clause"].queryset

    assert {clause.platform.slug for clause in clauses} == {"facebook"}


def test_assessment_without_rationale_is_refused_beside_the_field(desk: Client) -> None:
    item = make_item()

    response = desk.post(f"/items/{item.reference}/assess/", assessment_form(rationale=""))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["rationale"]
    assert "Error:" in response.content.decode()


def test_own_assessment_is_not_approved(reviewer: User, signed_in: SignIn) -> None:
    item = make_item()
    factories.exhibit(item)
    factories.assess(item, by=reviewer)

    response = signed_in(reviewer).post(f"/items/{item.reference}/approve/", follow=True)

    item.refresh_from_db()
    assert item.status == ItemStatus.IN_ASSESSMENT
    assert told(response) == ["Whoever assessed an item does not approve it; another reviewer must."]


def test_verb_of_somebody_elses_role_is_forbidden_though_another_verb_is_allowed(desk: Client) -> None:
    item = item_at(ItemStatus.CLOSED)

    assert desk.get(f"/items/{item.reference}/reopen/").status_code == 403
    assert desk.post(f"/items/{item.reference}/reopen/", {"reason": "Again"}).status_code == 403


def test_every_plain_verb_of_the_table_has_its_page() -> None:
    assert {row.verb for row in PLAIN} == {
        "claim", "ask", "inform", "approve", "reconsider", "release", "close_gone", "give_up", "withdraw", "reopen",
        "undo_duplicate",
    }  # fmt: skip


def test_check_with_a_screenshot_confirms_in_one_go(desk: Client) -> None:
    item = item_at(ItemStatus.NOTIFIED)

    desk.post(
        f"/items/{item.reference}/check/",
        {
            "verdict": "gone",
            "cause": "platform_policy",
            "screenshot": picture(),
            "vantage": "gb",
            "confidence": "high",
        },
    )

    item.refresh_from_db()
    check = item.checks.get()
    assert (item.status, item.presence) == (ItemStatus.WATCHING, Presence.GONE)
    assert (check.cause, check.vantage, check.exhibit.filename) == ("platform_policy", "GB", "seen.png")


def test_check_that_is_refused_keeps_no_exhibit(desk: Client) -> None:
    item = item_at(ItemStatus.NOTIFIED)
    kept = Evidence.objects.count()
    later = (timezone.now() + timedelta(days=2)).isoformat()

    response = desk.post(
        f"/items/{item.reference}/check/",
        {"verdict": "live", "at": later, "screenshot": picture(), "vantage": "GB", "confidence": "high"},
    )

    assert response.status_code == 422
    assert Evidence.objects.count() == kept
    assert not item.checks.exists()


def test_check_of_something_gone_asks_for_the_cause(desk: Client) -> None:
    item = item_at(ItemStatus.NOTIFIED)

    response = desk.post(
        f"/items/{item.reference}/check/", {"verdict": "gone", "vantage": "GB", "confidence": "high"}
    )

    assert list(response.context["form"].errors) == ["cause"]


def test_exhibit_comes_back_byte_for_byte_as_a_download(desk: Client) -> None:
    item = make_item()
    sent = picture()
    content = sent.getvalue()
    desk.post(
        f"/items/{item.reference}/evidence/", {"file": sent, "kind": "screenshot", "description": "The post"}
    )
    exhibit = item.exhibits.get()

    response = desk.get(f"/evidence/{exhibit.pk}/")

    assert b"".join(response.streaming_content) == content
    assert response["Content-Disposition"] == 'attachment; filename="seen.png"'
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_thumbnail_is_grey_and_small(desk: Client) -> None:
    item = make_item()
    desk.post(f"/items/{item.reference}/evidence/", {"file": picture(), "kind": "screenshot"})

    response = desk.get(f"/evidence/{item.exhibits.get().pk}/thumbnail/")

    with Image.open(io.BytesIO(response.content)) as shown:
        assert (shown.mode, shown.size) == ("L", (64, 64))


def test_thumbnail_of_something_else_does_not_exist(desk: Client) -> None:
    exhibit = factories.exhibit(make_item(), content=b"<html>", kind="document")

    assert desk.get(f"/evidence/{exhibit.pk}/thumbnail/").status_code == 404


def test_hold_and_release(desk: Client) -> None:
    item = item_at(ItemStatus.APPROVED)
    review = (timezone.now() + timedelta(days=7)).isoformat()

    desk.post(
        f"/items/{item.reference}/hold/",
        {"authority": "Another force", "reason": "Needed up", "review_at": review},
    )
    item.refresh_from_db()
    held = item.status
    desk.post(f"/items/{item.reference}/release/", {"reason": "Over"})

    item.refresh_from_db()
    assert (held, item.status) == (ItemStatus.ON_HOLD, ItemStatus.APPROVED)


def test_duplicate_points_at_the_item_that_stays_and_is_undone(desk: Client) -> None:
    item, stays = make_item(), make_item()

    desk.post(f"/items/{item.reference}/duplicate/", {"of": stays.reference})
    item.refresh_from_db()
    marked = (item.status, item.duplicate_of)
    desk.post(f"/items/{item.reference}/undo_duplicate/")

    item.refresh_from_db()
    assert marked == (ItemStatus.DUPLICATE, stays)
    assert (item.status, item.duplicate_of) == (ItemStatus.REPORTED, None)


def test_duplicate_of_nothing_known_is_refused(desk: Client) -> None:
    item = make_item()

    response = desk.post(f"/items/{item.reference}/duplicate/", {"of": "2026-999999"})

    assert list(response.context["form"].errors) == ["of"]


def test_rejecting_and_revoking_say_why(desk: Client, reviewer: User, signed_in: SignIn) -> None:
    item, approved = item_at(ItemStatus.IN_ASSESSMENT), item_at(ItemStatus.APPROVED)

    desk.post(f"/items/{item.reference}/reject/", {"as_": "lawful", "reason": "News"})
    signed_in(reviewer).post(
        f"/items/{approved.reference}/revoke/", {"as_": "out_of_scope", "reason": "Not ours"}
    )

    item.refresh_from_db(), approved.refresh_from_db()
    assert (item.status, item.not_actionable_as) == ("not_actionable", "lawful")
    assert (approved.status, approved.not_actionable_as) == ("not_actionable", "out_of_scope")


def test_refused_transition_goes_back_to_the_item_and_says_why(desk: Client) -> None:
    item = item_at(ItemStatus.APPROVED)

    response = desk.post(f"/items/{item.reference}/claim/", follow=True)

    assert response.redirect_chain == [(f"/items/{item.reference}/", 302)]
    assert told(response) == [f"{item.reference} is approved; it cannot be claimed now."]


# -- Many at once -------------------------------------------------------------------------------------------------


def test_bulk_preview_says_for_each_item_whether_it_works_and_changes_nothing(desk: Client) -> None:
    fits, not_now = make_item(), item_at(ItemStatus.APPROVED)

    response = desk.post("/items/bulk/", {"verb": "claim", "selected": [fits.reference, not_now.reference]})

    assert [(row.item, bool(row.problem)) for row in response.context["planned"]] == [
        (fits, False),
        (not_now, True),
    ]
    fits.refresh_from_db()
    assert fits.status == ItemStatus.REPORTED


@pytest.mark.parametrize(
    ("verb", "before", "fields", "after"),
    [
        ("claim", ItemStatus.REPORTED, {}, ItemStatus.IN_ASSESSMENT),
        ("assess", ItemStatus.REPORTED, assessment_form(), ItemStatus.IN_ASSESSMENT),
        ("reject", ItemStatus.IN_ASSESSMENT, {"as_": "lawful", "reason": "News"}, ItemStatus.NOT_ACTIONABLE),
        ("ask", ItemStatus.IN_ASSESSMENT, {"reason": "Where?"}, ItemStatus.INFO_NEEDED),
        (
            "hold",
            ItemStatus.APPROVED,
            {"authority": "Force", "reason": "Needed", "review_at": "2030-01-01T09:00"},
            ItemStatus.ON_HOLD,
        ),
        ("release", ItemStatus.ON_HOLD, {"reason": "Over"}, ItemStatus.IN_ASSESSMENT),
        (
            "check",
            ItemStatus.NOTIFIED,
            {"verdict": "live", "vantage": "GB", "confidence": "high"},
            ItemStatus.NOTIFIED,
        ),
    ],
)
def test_bulk_verb_is_done_to_all_that_fit(
    desk: Client, verb: str, before: ItemStatus, fields: dict[str, str], after: ItemStatus
) -> None:
    items = [item_at(before), item_at(before)]
    chosen = [item.reference for item in items]

    response = desk.post(
        "/items/bulk/", {"verb": verb, "selected": chosen, "confirmed": "yes", **fields}, follow=True
    )

    assert [Item.objects.get(pk=item.pk).status for item in items] == [after, after]
    assert told(response)[0].startswith("2 items ")


def test_bulk_approval_is_the_reviewers(officer: User, reviewer: User, signed_in: SignIn) -> None:
    item = make_item()
    factories.exhibit(item)
    factories.assess(item)
    form = {"verb": "approve", "selected": [item.reference], "confirmed": "yes"}

    refused = signed_in(officer).post("/items/bulk/", form).status_code
    signed_in(reviewer).post("/items/bulk/", form)

    item.refresh_from_db()
    assert (refused, item.status) == (403, ItemStatus.APPROVED)


def test_bulk_form_that_is_incomplete_comes_back_with_its_errors(desk: Client) -> None:
    item = make_item()

    response = desk.post("/items/bulk/", {"verb": "assess", "selected": [item.reference], "confirmed": "yes"})

    assert response.status_code == 422
    assert "rationale" in response.context["form"].errors


def test_bulk_acts_on_all_that_match_the_filter_beyond_the_page(desk: Client) -> None:
    case = make_case()
    mine = [make_item(case=case, language="fr") for _ in range(3)]
    other = make_item(language="ar")

    shown = desk.post("/items/bulk/", {"verb": "claim", "everything": "language=fr"})
    form = {"verb": "claim", "references": shown.context["references"], "confirmed": "yes"}
    late = make_item(language="fr")  # found after the preview, so not in it
    response = desk.post("/items/bulk/", form, follow=True)

    assert [row.item for row in shown.context["planned"]] == mine
    assert told(response)[0].startswith("3 items ")
    assert set(Item.objects.filter(status=ItemStatus.REPORTED)) == {other, late}


def test_list_offers_all_that_match_only_where_they_go_beyond_the_page(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make_item(language="fr")

    whole = desk.get("/items/?language=fr").content.decode()
    monkeypatch.setattr(items.ItemList, "paginate_by", 2)
    part = desk.get("/items/?language=fr").content.decode()
    monkeypatch.setattr(bulk, "MOST", 2)
    many = desk.get("/items/?language=fr").content.decode()
    refused = desk.post("/items/bulk/", {"verb": "claim", "everything": "language=fr"}, follow=True)

    assert "that match" not in whole
    assert 'name="everything" value="language=fr">Preview all 3 that match' in part
    assert "3 match; at most 2 can be acted on at once" in many
    assert told(refused) == ["At most 2 items at once: narrow the filter, or select fewer."]
    assert Item.objects.filter(status=ItemStatus.REPORTED).count() == 3


def test_bulk_with_a_filter_that_is_none_changes_nothing(desk: Client) -> None:
    make_item()

    response = desk.post("/items/bulk/", {"verb": "claim", "everything": "status=lost"}, follow=True)

    assert told(response) == ["Select at least one item."]


def test_bulk_draft_leads_to_the_drafting_page(desk: Client) -> None:
    item = item_at(ItemStatus.APPROVED)

    response = desk.post("/items/bulk/", {"verb": "draft", "selected": [item.reference]})

    assert response.url == f"/notices/draft/?selected={item.reference}"


@pytest.mark.parametrize("verb", ["", "delete"])
def test_bulk_without_a_known_verb_asks_for_one_and_changes_nothing(desk: Client, verb: str) -> None:
    item = make_item()

    response = desk.post(
        "/items/bulk/", {"verb": verb, "selected": [item.reference], "confirmed": "yes"}, follow=True
    )

    item.refresh_from_db()
    assert told(response) == ["Choose what to do with the selected items."]
    assert item.status == ItemStatus.REPORTED


# -- Without rights -----------------------------------------------------------------------------------------------


def test_liaison_sees_no_item_case_or_exhibit(liaison: User, signed_in: SignIn) -> None:
    item = item_at(ItemStatus.CLOSED)
    exhibit = item.exhibits.first()
    client = signed_in(liaison)

    for path in (
        f"/items/{item.reference}/",
        f"/cases/{item.case.reference}/",
        f"/evidence/{exhibit.pk}/",
        "/items/",
    ):
        assert client.get(path).status_code == 403


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR])
def test_readers_see_the_item_without_a_button_that_changes_it(
    person: Callable[..., User], signed_in: SignIn, role: Role
) -> None:
    item = make_item()

    response = signed_in(person(role)).get(f"/items/{item.reference}/")

    assert response.context["buttons"] == []
