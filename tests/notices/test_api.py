"""Notices and answers by API: ours, and what a liaison sees and may do."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from notices import answers, dispatch, drafting
from notices.models import Answer, Dispatch, Notice
from tests.notices.letters_at import Desk, ago

Api = Callable[[User], APIClient]
NOTICES = "/api/v1/notices/"


def test_notice_goes_from_items_to_the_platform(api: Api, desk: Desk) -> None:
    first, second = api(desk.first), api(desk.second)
    items = [desk.item().reference, desk.item().reference, desk.item("facebook").reference]

    groups = first.post(f"{NOTICES}preview/", {"items": items}).json()
    drafted = first.post(NOTICES, {"items": items})
    reference = next(row["reference"] for row in drafted.json() if row["platform"] == "x")
    address = f"{NOTICES}{reference}/"
    sender = {"organisation": "Centre", "name": "Desk", "email": "desk@centre.example", "good_faith": True}
    stated = first.post(f"{address}sender/", sender)
    submitted = first.post(f"{address}submit/")
    own = api(desk.first).post(f"{address}approve/")
    approved = second.post(f"{address}approve/")
    queued = second.post(f"{address}queue/")

    assert [(group["platform"], len(group["items"]), group["problems"]) for group in groups] == [
        ("facebook", 1, []),
        ("x", 2, []),
    ]
    assert (drafted.status_code, len(drafted.json()), stated.json()["good_faith"]) == (201, 2, True)
    assert (submitted.json()["status"], bool(submitted.json()["body"])) == ("awaiting_approval", True)
    assert own.status_code == 403
    assert approved.json()["status"] == "approved"
    assert (queued.json()["status"], queued.json()["dispatches"][0]["state"]) == ("queued", "queued")


def test_draft_names_the_items_in_the_way(api: Api, desk: Desk) -> None:
    item = desk.item()
    api(desk.first).post(NOTICES, {"items": [item.reference]})

    again = api(desk.first).post(NOTICES, {"items": [item.reference]})
    unknown = api(desk.first).post(NOTICES, {"items": ["2026-999999"]})

    assert (again.status_code, item.reference in again.json()["detail"]) == (409, True)
    assert (unknown.status_code, list(unknown.json()["errors"])) == (400, ["items"])


def test_draft_without_good_faith_is_not_submitted(api: Api, desk: Desk) -> None:
    drafted = api(desk.first).post(NOTICES, {"items": [desk.item().reference]}).json()[0]

    response = api(desk.first).post(f"{NOTICES}{drafted['reference']}/submit/")

    assert (response.status_code, "good_faith" in response.json()["errors"]) == (400, True)


def test_line_is_taken_out_of_a_draft(api: Api, desk: Desk) -> None:
    notice = desk.draft(lines=2)

    response = api(desk.first).post(f"{NOTICES}{notice.reference}/lines/1/remove/")

    assert response.json()["line_count"] == 1


def test_verb_needs_its_reason_and_takes_no_other(api: Api, desk: Desk) -> None:
    notice, client = desk.submitted(), api(desk.second)

    without = client.post(f"{NOTICES}{notice.reference}/return/")
    extra = client.post(f"{NOTICES}{notice.reference}/approve/", {"reason": "Fine"})

    assert (without.status_code, list(without.json()["errors"])) == (400, ["reason"])
    assert (extra.status_code, list(extra.json()["errors"])) == (400, ["reason"])


def test_liaison_acknowledges_and_answers_one_and_many(api: Api, desk: Desk) -> None:
    notice, client = desk.sent(lines=3), api(desk.liaison)
    address = f"{NOTICES}{notice.reference}/"

    acknowledged = client.post(f"{address}acknowledge/", {"platform_reference": "T-1"})
    one = client.post(
        f"{address}answers/", {"lines": [1], "answer": "refused", "refusal_code": "no_policy_breach"}
    )
    rest = client.post(f"{address}answers/", {"all_open": True, "answer": "removed"})

    assert acknowledged.json()["status"] == "acknowledged"
    assert [(row["line"], row["source"]) for row in one.json()] == [(1, "api")]
    assert [row["line"] for row in rest.json()] == [2, 3]
    assert client.get(address).json()["status"] == "answered"
    assert [row["answer"] for row in client.get(f"{address}lines/").json()["results"]] == [
        "refused", "removed", "removed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"answer": "removed"}, "lines"),
        ({"lines": [1], "all_open": True, "answer": "removed"}, "lines"),
        ({"lines": [9], "answer": "removed"}, "lines"),
        ({"lines": [1], "answer": "refused"}, "refusal_code"),
        ({"lines": [1], "answer": "removed", "at": "2026-01-01T00:00Z"}, "at"),
        ({"lines": [1], "answer": "access_disabled", "territories": ["Kent"]}, "territories"),
    ],
)
def test_answer_that_does_not_fit_is_said_at_the_field(
    body: dict[str, Any], field: str, api: Api, desk: Desk
) -> None:
    notice = desk.sent(lines=2)

    response = api(desk.liaison).post(f"{NOTICES}{notice.reference}/answers/", body)

    assert (response.status_code, list(response.json()["errors"])) == (400, [field])
    assert not Answer.objects.exists()


def test_officer_answers_on_behalf_and_it_is_marked_so(api: Api, desk: Desk) -> None:
    notice = desk.sent(lines=1)

    response = api(desk.first).post(
        f"{NOTICES}{notice.reference}/answers/", {"lines": [1], "answer": "removed", "note": "By telephone"}
    )

    theirs = api(desk.liaison).get(f"{NOTICES}{notice.reference}/answers/").json()["results"][0]
    assert (response.json()[0]["source"], response.json()[0]["note"]) == ("on_behalf", "By telephone")
    assert (theirs["source"], theirs["note"], "by_name" in theirs) == ("on_behalf", "", False)


def test_liaison_sees_only_the_notices_that_reached_their_platform(api: Api, desk: Desk) -> None:
    reached, foreign, unsent = desk.sent(), desk.sent(platform="facebook"), desk.approved()
    client = api(desk.liaison)

    listed = client.get(NOTICES).json()["results"]

    assert [row["reference"] for row in listed] == [reached.reference]
    for hidden in (foreign, unsent):
        assert client.get(f"{NOTICES}{hidden.reference}/").status_code == 404
        assert client.post(f"{NOTICES}{hidden.reference}/acknowledge/").status_code == 404
        assert client.get(f"{NOTICES}{hidden.reference}/letter.pdf").status_code == 404


def test_liaison_sees_the_letter_and_nothing_of_our_own_work(api: Api, desk: Desk) -> None:
    notice = Notice.objects.get(reference=desk.sent(lines=1).reference)
    ours, theirs = api(desk.first), api(desk.liaison)
    address = f"{NOTICES}{notice.reference}/"

    whole, seen = ours.get(address).json(), theirs.get(address).json()
    line = theirs.get(f"{address}lines/").json()["results"][0]

    assert seen.keys() < whole.keys()
    assert not seen.keys() & {
        "drafted_by",
        "submitted_by",
        "approved_by",
        "dispatches",
        "delivery_records",
        "letter",
    }
    assert sorted(line) == [
        "address", "answer", "answered_at", "answers", "disputed", "identifier", "item", "kind", "position",
        "refusal_code",
    ]  # fmt: skip
    assert seen["body"] == notice.body
    assert theirs.get(f"{address}events/").json()["results"] == []
    assert seen["actions"] == ["acknowledge", "clarify"]


def test_both_sides_read_the_question_and_the_reply(api: Api, desk: Desk) -> None:
    notice = desk.sent(lines=1)
    address = f"{NOTICES}{notice.reference}/"
    api(desk.liaison).post(f"{address}clarify/", {"reason": "Which picture?"})
    api(desk.first).post(f"{address}reply/", {"reason": "The second."})

    read = [api(who).get(address).json()["messages"] for who in (desk.first, desk.liaison)]

    assert read[0] == read[1]
    assert [(row["side"], row["text"]) for row in read[0]] == [
        ("platform", "Which picture?"), ("desk", "The second."),
    ]  # fmt: skip


def test_bounce_and_receipt_by_api(api: Api, desk: Desk) -> None:
    hand = desk.queued(kind="by_hand", lines=1, at=ago(hours=5))
    client, address = api(desk.first), f"{NOTICES}{hand.reference}/"
    waiting = client.get(address).json()["dispatches"][0]["id"]

    client.post(f"/api/v1/dispatches/{waiting}/resolve/", {"arrived": True, "at": ago(hours=4).isoformat()})
    offered = client.get(address).json()["actions"]
    received = client.post(f"{address}received/", {"at": ago(hours=3).isoformat(), "reason": "A receipt"})
    bounced = client.post(f"{address}bounce/", {"at": ago(hours=2).isoformat(), "reason": "Returned"})
    twice = client.post(f"{address}bounce/", {"at": ago(hours=2).isoformat(), "reason": "Returned"})

    assert "bounce" in offered
    assert (received.json()["t0_basis"], received.json()["due_at"] is None) == ("received", False)
    assert (bounced.json()["status"], bounced.json()["due_at"]) == ("delivery_failed", None)
    assert [(row["kind"], row["reason"]) for row in bounced.json()["delivery_records"]] == [
        ("sent", ""),
        ("received", "A receipt"),
        ("failed", "Returned"),
    ]
    assert (twice.status_code, twice.json()["actions"]) == (409, ["queue", "discard"])


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"at", "reason"}),
        ({"at": "2026-01-01T10:00:00", "reason": "550"}, {"at"}),
        ({"at": "2020-01-01T10:00:00Z", "reason": "550"}, {"at"}),
        ({"at": "2099-01-01T10:00:00Z", "reason": "550"}, {"at"}),
        ({"at": "yesterday", "reason": "x" * 301}, {"at", "reason"}),
    ],
)
@pytest.mark.parametrize("verb", ["bounce", "received"])
def test_time_that_cannot_be_is_said_at_the_field(
    verb: str, body: dict[str, Any], errors: set[str], api: Api, desk: Desk
) -> None:
    notice = desk.queued(lines=1, kind="by_hand", at=ago(hours=1))
    dispatch.resolve_unknown(Dispatch.objects.get(), arrived=True, by=desk.first)

    response = api(desk.first).post(f"{NOTICES}{notice.reference}/{verb}/", body)

    assert (response.status_code, response.json()["errors"].keys()) == (400, errors)


def test_draft_is_discarded_by_api(api: Api, desk: Desk) -> None:
    notice = desk.draft(lines=1)
    drafting.remove_line(notice.lines.get(), by=desk.first)

    response = api(desk.first).post(f"{NOTICES}{notice.reference}/discard/", {"reason": "Empty"})

    assert (response.status_code, response.json()["status"], response.json()["actions"]) == (
        200, "discarded", [],
    )  # fmt: skip


def test_sentences_of_the_timeline_are_plain_text(api: Api, desk: Desk) -> None:
    notice = desk.submitted(lines=1)
    drafting.send_back(notice, reason='Name the seller\'s "shop" & price', by=desk.second)

    events = api(desk.first).get(f"{NOTICES}{notice.reference}/events/").json()["results"]

    assert events[0]["sentence"] == (
        f'sent notice {notice.reference} back to draft: Name the seller\'s "shop" & price'
    )


def test_letter_and_line_table_are_downloads(api: Api, desk: Desk) -> None:
    notice, draft = desk.sent(lines=1), desk.draft(lines=1)
    client = api(desk.first)

    letter = client.get(f"{NOTICES}{notice.reference}/letter.pdf")
    table = client.get(f"{NOTICES}{notice.reference}/lines.csv")

    assert letter.content.startswith(b"%PDF")
    assert letter["Content-Disposition"] == f'attachment; filename="{notice.reference}.pdf"'
    assert table.content.decode("utf-8-sig").startswith("line,reference,address")
    assert client.get(f"{NOTICES}{draft.reference}/letter.pdf").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_a_fixed_number_of_queries(
    count: int, api: Api, desk: Desk, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        desk.draft(lines=count)

    with django_assert_num_queries(1):
        response = api(desk.first).get(NOTICES)

    rows = response.json()["results"]
    assert [row["line_count"] for row in rows] == [count] * count


@pytest.mark.parametrize("count", [1, 3])
def test_lines_ask_a_fixed_number_of_queries(
    count: int, api: Api, desk: Desk, django_assert_num_queries: Any
) -> None:
    notice = desk.sent(lines=count)
    answers.answer_lines(notice.lines.all(), answer="removed", source="portal", by=desk.liaison)

    with django_assert_num_queries(4):
        response = api(desk.first).get(f"{NOTICES}{notice.reference}/lines/")

    assert [len(row["answers"]) for row in response.json()["results"]] == [1] * count


def test_list_is_narrowed_by_the_filters_of_the_pages(api: Api, desk: Desk) -> None:
    sent, _ = desk.sent(lines=1), desk.draft(lines=1)

    rows = api(desk.first).get(f"{NOTICES}?status=sent&platform=x&queue=waiting").json()["results"]

    assert [row["reference"] for row in rows] == [sent.reference]
