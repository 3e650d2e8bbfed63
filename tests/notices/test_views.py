"""From approved items to an answered notice, as pages; and what a liaison can see."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime

from accounts.models import User
from accounts.roles import Role
from casework.models import ItemStatus
from config.mailsink import keep
from notices import answers, chasing, dispatch, drafting
from notices.models import AnswerSource, Dispatch, DispatchState, Notice, NoticeStatus
from platforms.models import ChannelKind
from tests.factories import make_item
from tests.notices.letters_at import Desk, ago

SignIn = Callable[[User], Client]


@pytest.fixture
def first(desk: Desk, signed_in: SignIn) -> Client:
    return signed_in(desk.first)


@pytest.fixture
def second(desk: Desk, signed_in: SignIn) -> Client:
    return signed_in(desk.second)


@pytest.fixture
def theirs(desk: Desk, signed_in: SignIn) -> Client:
    """The liaison of X, signed in."""
    return signed_in(desk.liaison)


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# -- Drafting -----------------------------------------------------------------------------------------------------


def test_choosing_lists_the_approved_items_that_stand_in_no_notice(desk: Desk, first: Client) -> None:
    item = desk.item("x")
    make_item()
    desk.draft()  # its items are spoken for

    assert list(first.get("/notices/draft/").context["items"]) == [item]


def test_choosing_without_an_approved_item_says_what_is_next(desk: Desk, first: Client) -> None:
    assert "once a reviewer has approved them" in first.get("/notices/draft/").content.decode()


def test_preview_groups_by_platform_and_saves_nothing(desk: Desk, first: Client) -> None:
    items = [desk.item("x"), desk.item("x"), desk.item("facebook")]

    response = first.get("/notices/draft/", {"selected": [item.reference for item in items]})

    assert [(group.platform.slug, len(group.items)) for group in response.context["groups"]] == [
        ("facebook", 1),
        ("x", 2),
    ]
    assert response.context["ready"]
    assert not Notice.objects.exists()


def test_preview_names_what_stands_in_the_way(desk: Desk, first: Client) -> None:
    item = make_item()

    response = first.get("/notices/draft/", {"selected": item.reference})

    assert not response.context["ready"]
    assert f"{item.reference}: reported, not approved." in response.content.decode()


def test_drafting_makes_one_notice_for_each_platform(desk: Desk, first: Client) -> None:
    items = [desk.item("x"), desk.item("facebook")]
    chosen = [item.reference for item in items]

    response = first.post("/notices/draft/", {"selected": chosen, "language": "fr", "confirmed": "yes"})

    assert response.url == "/notices/?queue=draft"
    assert sorted(Notice.objects.values_list("platform__slug", "language")) == [
        ("facebook", "fr"),
        ("x", "fr"),
    ]


def test_drafting_an_item_twice_is_refused(desk: Desk, first: Client) -> None:
    item = desk.item("x")
    first.post("/notices/draft/", {"selected": item.reference, "language": "en"})

    response = first.post("/notices/draft/", {"selected": item.reference, "language": "en"})

    assert response.status_code == 422
    assert Notice.objects.count() == 1


def test_sender_is_stated_and_a_line_taken_out(desk: Desk, first: Client) -> None:
    notice = desk.draft(lines=2)
    form = {"organisation": "Centre", "name": "Desk", "email": "desk@centre.example", "good_faith": "on"}

    first.post(f"/notices/{notice.reference}/edit/", form)
    first.post(f"/notices/{notice.reference}/lines/1/remove/")

    notice.refresh_from_db()
    assert (notice.sender_organisation, notice.good_faith, notice.lines.count()) == ("Centre", True, 1)


def test_draft_page_shows_the_letter_and_what_is_missing(desk: Desk, first: Client) -> None:
    notice = desk.draft()
    Notice.objects.filter(pk=notice.pk).update(good_faith=False)

    response = first.get(f"/notices/{notice.reference}/")

    assert list(response.context["missing"]) == ["good_faith"]
    assert notice.lines.first().address in response.content.decode()


# -- From submission to sending -----------------------------------------------------------------------------------


def test_incomplete_notice_is_not_submitted_and_says_why(desk: Desk, first: Client) -> None:
    notice = desk.draft()
    Notice.objects.filter(pk=notice.pk).update(good_faith=False)

    response = first.post(f"/notices/{notice.reference}/submit/")

    notice.refresh_from_db()
    assert (response.status_code, notice.status) == (422, NoticeStatus.DRAFT)
    assert "good-faith" in response.content.decode()


def test_letter_is_submitted_approved_by_another_and_sent(desk: Desk, first: Client, second: Client) -> None:
    notice = desk.draft(kind=ChannelKind.PORTAL)
    first.post(f"/notices/{notice.reference}/submit/")
    own = first.post(f"/notices/{notice.reference}/approve/").status_code
    second.post(f"/notices/{notice.reference}/approve/")
    first.post(f"/notices/{notice.reference}/queue/", {"channel": notice.channel_id})
    dispatch.send_due()

    notice.refresh_from_db()
    assert (own, notice.status, notice.approved_by) == (403, NoticeStatus.SENT, desk.second)


def test_own_submission_is_not_approved(desk: Desk, second: Client) -> None:
    notice = desk.draft()
    second.post(f"/notices/{notice.reference}/submit/")

    response = second.post(f"/notices/{notice.reference}/approve/", follow=True)

    assert told(response)[-1] == "Whoever drafted a notice does not approve it; another reviewer must."


def test_reviewer_sends_a_letter_back_with_a_reason(desk: Desk, second: Client) -> None:
    notice = desk.submitted()

    empty = second.post(f"/notices/{notice.reference}/return/", {"reason": ""})
    second.post(f"/notices/{notice.reference}/return/", {"reason": "Say more"})

    notice.refresh_from_db()
    assert (empty.status_code, notice.status) == (422, NoticeStatus.DRAFT)


def test_letter_can_be_taken_as_pdf_and_lines_as_csv(desk: Desk, first: Client) -> None:
    notice = desk.submitted(lines=2)

    letter = first.get(f"/notices/{notice.reference}/letter.pdf")
    lines = first.get(f"/notices/{notice.reference}/lines.csv")

    assert letter.content.startswith(b"%PDF-")
    assert lines.content.decode("utf-8-sig").count(notice.lines.first().address) == 1


def test_draft_has_no_pdf(desk: Desk, first: Client) -> None:
    assert first.get(f"/notices/{desk.draft().reference}/letter.pdf").status_code == 404


def test_unknown_delivery_is_shown_and_decided_by_a_person(desk: Desk, first: Client) -> None:
    notice = desk.queued(kind=ChannelKind.MAIL)
    waiting = Dispatch.objects.get(notice=notice)
    Dispatch.objects.filter(pk=waiting.pk).update(state=DispatchState.UNKNOWN, last_result="The line broke.")

    listed = first.get("/notices/?queue=unknown").context["page_obj"]
    page = first.get(f"/notices/{notice.reference}/").content.decode()
    first.post(f"/dispatches/{waiting.pk}/resolve/", {"arrived": "yes"})

    notice.refresh_from_db()
    assert [each.reference for each in listed] == [notice.reference]
    assert f"/dispatches/{waiting.pk}/resolve/" in page
    assert notice.status == NoticeStatus.SENT


def test_by_hand_delivery_is_shown_and_recorded_with_its_time(desk: Desk, first: Client) -> None:
    notice = desk.queued(kind=ChannelKind.BY_HAND, at=ago(days=2))
    waiting = Dispatch.objects.get(notice=notice)
    at = localtime(ago(days=1)).replace(second=0, microsecond=0)

    page = first.get(f"/notices/{notice.reference}/").content.decode()
    asked = first.get(f"/dispatches/{waiting.pk}/resolve/").content.decode()
    early = first.post(f"/dispatches/{waiting.pk}/resolve/", {"arrived": "yes", "at": "2020-01-01T10:00"})
    first.post(f"/dispatches/{waiting.pk}/resolve/", {"arrived": "yes", "at": f"{at:%Y-%m-%dT%H:%M}"})

    notice.refresh_from_db()
    assert "To be delivered by hand" in page
    assert ("Deliver by hand" in asked, "sent again" in asked) == (True, False)
    assert (early.status_code, list(early.context["form"].errors)) == (422, ["at"])
    assert (notice.status, notice.sent_at) == (NoticeStatus.SENT, at)


def test_failed_delivery_by_hand_says_what_is_next(desk: Desk, first: Client) -> None:
    notice = desk.queued(kind=ChannelKind.BY_HAND)
    waiting = Dispatch.objects.get(notice=notice)

    response = first.post(f"/dispatches/{waiting.pk}/resolve/", {"arrived": "no"}, follow=True)

    assert told(response) == ["It is recorded as not delivered. Send it over another channel, or discard it."]


def test_receipt_is_recorded_once_the_page_has_said_what_it_does(desk: Desk, first: Client) -> None:
    notice = desk.queued(kind=ChannelKind.BY_HAND, at=ago(days=2))
    dispatch.resolve_unknown(Dispatch.objects.get(), arrived=True, at=ago(days=2), by=desk.first)
    path = f"/notices/{notice.reference}/received/"
    at = localtime(ago(days=1)).replace(second=0, microsecond=0)

    offered = path in first.get(f"/notices/{notice.reference}/").content.decode()
    explained = first.get(path).content.decode()
    future = first.post(path, {"at": "2099-01-01T10:00", "reason": "By telephone"})
    recorded = first.post(path, {"at": f"{at:%Y-%m-%dT%H:%M}", "reason": "By telephone"}, follow=True)

    notice.refresh_from_db()
    assert offered
    assert "The answer will be due 48 hours after the receipt" in explained
    assert (future.status_code, list(future.context["form"].errors)) == (422, ["at"])
    assert (notice.received_at, notice.t0_basis) == (at, "received")
    assert path not in recorded.content.decode()
    assert "was received by the platform: By telephone" in recorded.content.decode()


def test_bounce_is_recorded_with_time_and_reason(desk: Desk, first: Client) -> None:
    notice = desk.sent(kind=ChannelKind.MAIL, at=ago(days=2))
    path = f"/notices/{notice.reference}/bounce/"
    at = localtime(ago(days=1)).replace(second=0, microsecond=0)

    offered = path in first.get(f"/notices/{notice.reference}/").content.decode()
    explained = first.get(path).content.decode()
    empty = first.post(path, {})
    early = first.post(path, {"at": "2020-01-01T10:00", "reason": "550 no such mailbox"})
    recorded = first.post(path, {"at": f"{at:%Y-%m-%dT%H:%M}", "reason": "550 no such mailbox"}, follow=True)

    notice.refresh_from_db()
    assert offered
    assert "The clock stops" in explained
    assert list(empty.context["form"].errors) == ["at", "reason"]
    assert list(early.context["form"].errors) == ["at"]
    assert notice.status == NoticeStatus.DELIVERY_FAILED
    assert "was not delivered: 550 no such mailbox" in recorded.content.decode()


def test_draft_is_discarded_with_a_reason_and_its_items_wait_again(desk: Desk, first: Client) -> None:
    notice = desk.draft(lines=1)
    drafting.remove_line(notice.lines.get(), by=desk.first)
    item = desk.draft(lines=1).lines.get().item
    full = Notice.objects.get(lines__item=item)

    edit = first.get(f"/notices/{notice.reference}/edit/").content.decode()
    without = first.post(f"/notices/{notice.reference}/discard/", {})
    first.post(f"/notices/{notice.reference}/discard/", {"reason": "Nothing is left in it"})
    first.post(f"/notices/{full.reference}/discard/", {"reason": "The wrong letter"})

    assert f"/notices/{notice.reference}/discard/" in edit
    assert without.status_code == 422
    assert set(Notice.objects.values_list("status", flat=True)) == {NoticeStatus.DISCARDED}
    assert item in first.get("/notices/draft/").context["items"]
    assert "Discarded" in first.get(f"/notices/{full.reference}/").content.decode()


# -- Lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/notices/", "/notices/?queue=waiting", "/notices/draft/"])
def test_list_asks_as_many_questions_for_three_rows_as_for_one(
    desk: Desk, first: Client, path: str, django_assert_num_queries: Any
) -> None:
    desk.sent(), desk.item()
    first.get(path)
    with CaptureQueriesContext(connection) as one:
        first.get(path)
    desk.sent(), desk.sent(), desk.item(), desk.item()

    with django_assert_num_queries(len(one)):
        first.get(path)


def test_notice_page_asks_as_many_questions_for_three_lines_as_for_one(
    desk: Desk, first: Client, django_assert_num_queries: Any
) -> None:
    one, three = desk.sent(lines=1), desk.sent(lines=3)
    first.get(f"/notices/{one.reference}/")
    with CaptureQueriesContext(connection) as asked:
        first.get(f"/notices/{one.reference}/")

    with django_assert_num_queries(len(asked)):
        first.get(f"/notices/{three.reference}/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=draft", 1),
        ("queue=waiting", 1),
        ("platform=x", 2),
        ("platform=facebook", 0),
        ("overdue=true", 0),
    ],
)
def test_notice_filter_narrows(desk: Desk, first: Client, query: str, found: int) -> None:
    desk.sent(), desk.draft()

    assert len(first.get(f"/notices/?{query}").context["page_obj"]) == found


# -- The liaison --------------------------------------------------------------------------------------------------


def test_liaison_starts_at_what_is_to_answer(desk: Desk, theirs: Client) -> None:
    notice = desk.sent()

    response = theirs.get("/", follow=True)

    assert response.redirect_chain == [("/notices/?queue=to_answer", 302)]
    assert [each.reference for each in response.context["page_obj"]] == [notice.reference]


def test_liaison_never_sees_another_platforms_notice(desk: Desk, theirs: Client) -> None:
    ours, foreign = desk.sent(platform="x"), desk.sent(platform="facebook")

    listed = theirs.get("/notices/").content.decode()
    searched = theirs.get("/notices/", {"q": foreign.lines.first().item.reference}).context["page_obj"]

    assert (ours.reference in listed, foreign.reference in listed, list(searched)) == (True, False, [])
    for page in ("", "letter.pdf", "lines.csv", "answer/", "acknowledge/", "clarify/"):
        assert theirs.get(f"/notices/{foreign.reference}/{page}").status_code == 404
    assert theirs.get("/notices/", {"platform": "facebook"}).context["page_obj"].object_list.count() == 0


def test_liaison_sees_no_notice_before_it_has_left(desk: Desk, theirs: Client) -> None:
    assert theirs.get(f"/notices/{desk.approved().reference}/").status_code == 404


def test_liaison_sees_nothing_internal(desk: Desk, theirs: Client) -> None:
    item = desk.item("x", note="An informer told us")
    notice = desk.sent()
    line = notice.lines.first()
    type(item).objects.filter(pk=line.item_id).update(note="An informer told us", source="Hotline")

    page = theirs.get(f"/notices/{notice.reference}/").content.decode()

    for secret in (
        "informer",
        "Hotline",
        "Crossings",
        desk.first.name,
        desk.second.name,
        "OP-1",
        "/items/",
        "/cases/",
    ):
        assert secret not in page


def test_liaison_acknowledges_with_the_time_of_the_answer(desk: Desk, theirs: Client) -> None:
    notice = desk.sent()

    theirs.post(f"/notices/{notice.reference}/acknowledge/", {"expected_at": "2030-01-02T10:00"})

    notice.refresh_from_db()
    assert (notice.status, notice.expected_at) == (
        NoticeStatus.ACKNOWLEDGED,
        datetime(2030, 1, 2, 10, tzinfo=UTC),
    )


def test_liaison_answers_one_line_then_the_others_together(desk: Desk, theirs: Client) -> None:
    notice = desk.sent(lines=3)
    path = f"/notices/{notice.reference}/answer/"

    theirs.post(path, {"selected": ["2"], "answer": "refused", "refusal_code": "jurisdiction"})
    notice.refresh_from_db()
    halfway = notice.status
    theirs.post(path, {"selected": ["1", "3"], "answer": "removed"})

    notice.refresh_from_db()
    assert (halfway, notice.status) == (NoticeStatus.PART_ANSWERED, NoticeStatus.ANSWERED)
    assert list(notice.lines.values_list("answer", flat=True)) == ["removed", "refused", "removed"]
    assert notice.lines.first().answers.get().source == AnswerSource.PORTAL


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"selected": ["1"], "answer": "refused"}, "refusal_code"),
        ({"selected": ["1"], "answer": "removed", "refusal_code": "other"}, "refusal_code"),
        ({"selected": ["1"], "answer": ""}, "answer"),
        ({"selected": ["1"], "answer": "restricted_geo", "territories": "Britain"}, "territories"),
        ({"selected": [], "answer": "removed"}, "__all__"),
        ({"selected": ["9"], "answer": "removed"}, "__all__"),
    ],
)
def test_answer_that_does_not_fit_is_refused_beside_the_field(
    desk: Desk, theirs: Client, form: dict[str, Any], field: str
) -> None:
    notice = desk.sent(lines=1)

    response = theirs.post(f"/notices/{notice.reference}/answer/", form)

    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert not notice.lines.get().answers.exists()


def test_link_at_a_line_has_it_selected(desk: Desk, theirs: Client) -> None:
    notice = desk.sent(lines=2)

    rows = theirs.get(f"/notices/{notice.reference}/answer/?line=2").context["rows"]

    assert [(line.position, chosen) for line, chosen in rows] == [(1, False), (2, True)]


@pytest.mark.parametrize(("lines", "selected"), [(1, [True]), (2, [False, False])])
def test_the_only_open_line_is_selected(desk: Desk, theirs: Client, lines: int, selected: list[bool]) -> None:
    notice = desk.sent(lines=lines)

    rows = theirs.get(f"/notices/{notice.reference}/answer/").context["rows"]

    assert [chosen for _, chosen in rows] == selected


def test_officer_enters_an_answer_on_behalf_with_its_time(desk: Desk, first: Client) -> None:
    notice = desk.sent(lines=1)

    first.post(f"/notices/{notice.reference}/answer/", {"selected": ["1"], "answer": "removed"})

    assert notice.lines.get().answers.get().source == AnswerSource.ON_BEHALF


def test_question_and_reply(desk: Desk, theirs: Client, first: Client) -> None:
    notice = desk.sent()

    theirs.post(f"/notices/{notice.reference}/clarify/", {"reason": "Which picture?"})
    notice.refresh_from_db()
    asked = notice.status
    question = first.get(f"/notices/{notice.reference}/reply/").content.decode()
    first.post(f"/notices/{notice.reference}/reply/", {"reason": "The second."})
    read = theirs.get(f"/notices/{notice.reference}/").content.decode()

    notice.refresh_from_db()
    assert "Which picture?" in question
    assert ("Which picture?" in read, "The second." in read, desk.first.name in read) == (True, True, False)
    assert (asked, notice.status) == (NoticeStatus.CLARIFICATION, NoticeStatus.SENT)


def test_closing_is_the_reviewers_and_needs_a_reason(desk: Desk, second: Client) -> None:
    notice = desk.sent(lines=1)
    answers.answer_lines(notice.lines.all(), answer="removed", source=AnswerSource.PORTAL, by=desk.liaison)

    second.post(f"/notices/{notice.reference}/close/", {"reason": "All done"})

    notice.refresh_from_db()
    assert notice.status == NoticeStatus.CLOSED


# -- The item's page, and the mail sink ---------------------------------------------------------------------------


def test_item_page_shows_its_notice_and_the_answer(desk: Desk, first: Client) -> None:
    notice = desk.sent(lines=1)
    line = notice.lines.get()
    answers.answer_line(line, answer="removed", source=AnswerSource.PORTAL, by=desk.liaison)

    page = first.get(f"/items/{line.item.reference}/").content.decode()

    assert f"/notices/{notice.reference}/" in page
    assert ItemStatus.NOTIFIED.label in page
    assert desk.liaison.name in page


@pytest.fixture
def sink(settings: Any, tmp_path: Any) -> str:
    """One letter in a mail sink; its name."""
    settings.MAIL_FOLDER = tmp_path / "mail"
    settings.MAIL_FOLDER.mkdir()
    letter = EmailMessage()
    letter["Subject"], letter["To"], letter["X-Notice"] = "Notice <b>N</b>", "legal@x.example", "N2026-000001"
    letter.set_content("Please remove https://x.com/seller/status/17 <script>")
    letter.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="letter.pdf")
    return keep(letter.as_bytes(), folder=settings.MAIL_FOLDER, at=datetime.now(UTC)).name


def test_letter_in_the_mail_sink_can_be_read(sink: str, desk: Desk, first: Client) -> None:
    listed = first.get("/mail/").content.decode()
    page = first.get(f"/mail/{sink}/").content.decode()
    attachment = first.get(f"/mail/{sink}/1/")

    assert "Notice &lt;b&gt;N" in listed
    assert "Please remove https://x.com/seller/status/17 &lt;script&gt;" in page
    assert b"".join(attachment.streaming_content) == b"%PDF-1.7"


@pytest.mark.parametrize("name", ["other.eml", "..", "%2e%2e%2fetc%2fpasswd"])
def test_mail_sink_gives_nothing_but_its_letters(sink: str, desk: Desk, first: Client, name: str) -> None:
    assert first.get(f"/mail/{name}/").status_code == 404


def test_mail_sink_does_not_exist_where_mail_is_real(
    desk: Desk, first: Client, settings: Any, tmp_path: Any
) -> None:
    settings.MAIL_FOLDER = tmp_path / "none"

    assert first.get("/mail/").status_code == 404


def test_mail_sink_is_not_for_a_liaison(sink: str, desk: Desk, theirs: Client) -> None:
    assert theirs.get("/mail/").status_code == 403


def test_other_roles_are_not_offered_drafting(
    desk: Desk, person: Callable[..., User], signed_in: SignIn
) -> None:
    assert signed_in(person(Role.AUDITOR)).get("/notices/draft/").status_code == 403


def test_the_page_says_how_many_lines_are_answered(desk: Desk, theirs: Client) -> None:
    notice = desk.sent(lines=2)
    answers.answer_line(notice.lines.get(position=2), answer="removed", source="portal", by=desk.liaison)

    page = theirs.get(f"/notices/{notice.reference}/")

    assert page.context["answered"] == 1
    assert "1 of 2 lines" in page.content.decode()


def test_what_is_closed_without_an_answer_is_late_no_longer(desk: Desk, first: Client) -> None:
    notice = desk.sent(lines=1, at=ago(days=30))
    chasing.note_silence()
    open_list, open_page = (
        first.get(each).content.decode() for each in ("/notices/", f"/notices/{notice.reference}/")
    )
    answers.close(notice, reason="Nothing more is expected.", by=desk.second)

    closed_list, closed_page = (
        first.get(each).content.decode() for each in ("/notices/", f"/notices/{notice.reference}/")
    )

    assert ["Overdue by" in each for each in (open_list, open_page, closed_list, closed_page)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert ["Not in time</strong>" in each for each in (closed_list, closed_page)] == [True, True]
