"""Letters about answers that our looks do not agree with, and what the platform answers to them."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from casework import checks, evidence, holds
from casework.models import Episode, Item
from casework.transitions import TransitionNotAllowed
from notices import answers, contested, disputing, drafting, links
from notices.correspondents import holder
from notices.models import AnswerSource, Dispute, Line, Notice
from platforms.models import Language
from tests.factories import PIXEL
from tests.notices.letters_at import Desk, ago
from tests.notices.test_side_letters import leave


def said(
    desk: Desk, answer: str = "removed", *, lines: int = 1, platform: str = "x", **more: str
) -> list[Line]:
    """Lines of a notice sent three days ago, answered a day later."""
    notice = desk.sent(lines=lines, platform=platform, at=ago(days=3))
    found = list(notice.lines.select_related("item"))
    answers.answer_lines(found, answer=answer, source="portal", by=desk.first, at=ago(days=2), **more)
    return found


def see(line: Line, verdict: str, desk: Desk, **more: object) -> None:
    """A person's look a day ago; with an exhibit, so that *gone* is confirmed."""
    shown = evidence.attach(line.item, content=PIXEL, filename="seen.png", by=desk.first)
    checks.record(line.item, verdict=verdict, exhibit=shown, by=desk.first, at=ago(days=1), **more)
    line.item.refresh_from_db()


def contested_line(desk: Desk, **more: str) -> Line:
    [line] = said(desk, **more)
    see(line, "live", desk)
    return line


def kept_line(desk: Desk) -> Line:
    [line] = said(desk, "refused", refusal_code="no_policy_breach")
    see(line, "gone", desk)
    return line


def counted() -> list[tuple[object, ...]]:
    """What figures stand on: episodes, and what items carry of notices and claims."""
    items = Item.objects.order_by("pk").values_list(
        "status", "notified_at", "received_at", "claim", "claim_at", "next_check_at"
    )
    episodes = Episode.objects.order_by("pk").values_list("item", "number", "t0", "channel", "closed_at")
    return [*items, *episodes]


def test_what_is_said_removed_and_seen_is_disputed_by_a_letter(desk: Desk) -> None:
    line = contested_line(desk)
    notice, before = line.notice, counted()

    [made] = disputing.draft([line.item], by=desk.first)
    leave(desk, made)

    seen = line.item.checks.latest("at").at.astimezone(timezone.get_fixed_timezone(0))
    assert (made.kind, made.status, made.follows, made.received_at, made.due_at) == (
        "dispute", "sent", notice, None, None,
    )  # fmt: skip
    assert f"Our notice: {notice} of " in made.body
    assert "Your answer: removed, " in made.body
    assert f"What we saw: visible, {seen.day} " in made.body
    assert f"{seen:%Y, %H:%M} UTC; looked from GB (ISO 3166)\n" in made.body
    assert "SHA-256 of our capture" not in made.body
    assert counted() == before


def test_what_is_kept_and_not_seen_is_asked_about(desk: Desk) -> None:
    line = kept_line(desk)
    before = counted()

    [made] = disputing.draft([line.item], by=desk.first)
    leave(desk, made)

    assert (made.kind, made.status, made.due_at) == ("enquiry", "sent", None)
    assert "Your answer: not removed (no breach of your policy), " in made.body
    assert "What we saw: not there, " in made.body
    assert "whether it is blocked in some countries only" in made.body
    assert counted() == before


def test_a_capture_is_named_where_that_is_chosen(desk: Desk) -> None:
    line = contested_line(desk)

    [made] = disputing.draft([line.item], captures=True, by=desk.first)
    leave(desk, made)

    sha256 = line.item.checks.latest("at").exhibit.sha256
    assert f"SHA-256 of our capture: {sha256}\n" in made.body
    [told] = json.loads(drafting.store.get(made.items_json_sha256))["lines"]
    assert (told["dispute"]["notice"], told["dispute"]["verdict"], told["dispute"]["sha256"]) == (
        line.notice.reference, "live", sha256,
    )  # fmt: skip


def test_letters_part_by_platform_side_and_language_of_the_notice(desk: Desk) -> None:
    here, there, kept = contested_line(desk), contested_line(desk, platform="facebook"), kept_line(desk)
    french = contested_line(desk)
    Notice.objects.filter(pk=french.notice_id).update(language="fr")

    groups = disputing.preview(list(Item.objects.select_related("platform").order_by("-pk")), by=desk.first)

    assert [(g.platform.slug, g.kind, g.language, [each.item for each in g.lines]) for g in groups] == [
        ("facebook", "dispute", "en", [there.item]),
        ("x", "dispute", "en", [here.item]),
        ("x", "dispute", "fr", [french.item]),
        ("x", "enquiry", "en", [kept.item]),
    ]
    assert Notice.objects.filter(kind__in=["dispute", "enquiry"]).count() == 0


def test_an_answer_is_disputed_once(desk: Desk) -> None:
    line = contested_line(desk)
    [made] = disputing.draft([line.item], by=desk.first)

    with pytest.raises(TransitionNotAllowed, match=f"{made} disputes this answer already"):
        disputing.draft([line.item], by=desk.first)

    drafting.discard(made, reason="Not needed", by=desk.first)
    assert len(disputing.draft([line.item], by=desk.first)) == 1


def test_a_new_answer_may_be_disputed_anew(desk: Desk) -> None:
    line = contested_line(desk)
    leave(desk, disputing.draft([line.item], by=desk.first)[0])
    answers.answer_line(line, answer="account_suspended", source="portal", by=desk.liaison, at=ago(hours=3))
    line.item.refresh_from_db()

    with pytest.raises(TransitionNotAllowed, match="do not disagree now"):
        disputing.draft([line.item], by=desk.first)
    checks.record(line.item, verdict="live", by=desk.first)
    line.item.refresh_from_db()

    [second] = disputing.draft([line.item], by=desk.first)
    assert second.lines.get().dispute.answer.answer == "account_suspended"


@pytest.mark.parametrize("stage", ["draft", "leave"])
def test_what_agrees_meanwhile_is_not_disputed(stage: str, desk: Desk) -> None:
    line = contested_line(desk)
    [made] = disputing.draft([line.item], by=desk.first)
    if stage == "leave":
        drafting.submit(made, by=desk.first)
        drafting.approve(made, by=desk.second)
    shown = evidence.attach(line.item, content=PIXEL, filename="gone.png", by=desk.first)
    checks.record(line.item, verdict="gone", exhibit=shown, by=desk.first)

    with pytest.raises(TransitionNotAllowed, match=f"{line.item}: the platform's answer and what we see"):
        leave(desk, made) if stage == "draft" else drafting.sendable.refuse_obstacles(made, at=timezone.now())


def test_what_is_on_hold_is_not_disputed(desk: Desk) -> None:
    line = contested_line(desk)
    holds.place(line.item, authority="Another inquiry", reason="Needed", review_at=None, by=desk.first)
    line.item.refresh_from_db()

    with pytest.raises(TransitionNotAllowed, match="on hold; release the hold first"):
        disputing.draft([line.item], by=desk.first)


def test_what_agrees_and_what_is_nothing_is_refused_by_name(desk: Desk) -> None:
    [line] = said(desk)

    with pytest.raises(TransitionNotAllowed, match=f"{line.item}: the platform's answer and what we see"):
        disputing.draft([line.item], by=desk.first)
    with pytest.raises(ValidationError, match="Choose at least one item"):
        disputing.draft([], by=desk.first)
    with pytest.raises(PermissionDenied):
        disputing.draft([line.item], by=desk.liaison)


def test_a_page_without_the_offending_part_is_not_called_seen(desk: Desk) -> None:
    [line] = said(desk)
    see(line, "changed", desk)

    with pytest.raises(TransitionNotAllowed, match=f"{line.item}: we saw the offending part gone"):
        disputing.draft([line.item], by=desk.first)


def test_a_draft_is_frozen_with_the_last_look(desk: Desk) -> None:
    line = contested_line(desk)
    [made] = disputing.draft([line.item], captures=True, by=desk.first)
    checks.record(line.item, verdict="geo_blocked", by=desk.first)

    leave(desk, made)

    assert "What we saw: blocked in this country, not removed, " in made.body
    assert made.lines.get().dispute.exhibit is None


def test_a_line_can_be_taken_out_of_a_draft(desk: Desk) -> None:
    lines = said(desk, lines=2)
    for line in lines:
        see(line, "live", desk)
    [made] = disputing.draft([line.item for line in lines], by=desk.first)

    drafting.remove_line(made.lines.get(position=1), by=desk.first)

    assert [each.line.item for each in Dispute.objects.all()] == [lines[1].item]


def test_an_answer_to_the_letter_lands_on_the_line_of_the_notice(desk: Desk) -> None:
    line = contested_line(desk)
    [made] = disputing.draft([line.item], by=desk.first)
    leave(desk, made)

    [answer] = answers.answer_lines(
        made.lines.all(), answer="removed", source=AnswerSource.PORTAL, by=desk.liaison
    )

    made.refresh_from_db()
    line.refresh_from_db()
    line.item.refresh_from_db()
    assert (answer.line, line.answered_at, line.item.claim_at) == (line, answer.at, answer.at)
    assert (made.status, made.lines.get().answer) == ("sent", "")
    assert contested.read([line.item])[0].kind == ""


def test_whoever_holds_the_link_of_the_letter_answers_its_lines_and_no_others(desk: Desk) -> None:
    line, other = said(desk, lines=2)
    see(line, "live", desk)
    [made] = disputing.draft([line.item], by=desk.first)
    leave(desk, made)
    link, _ = links.make(made, addressee="Trust desk", days=7, by=desk.first)
    by = holder(link)

    [answer] = answers.answer_lines(made.lines.all(), answer="removed", source="link", by=by)

    assert (answer.line, answer.source) == (line, "link")
    with pytest.raises(PermissionDenied):
        answers.answer_line(desk.sent().lines.first(), answer="removed", source="link", by=by)
    assert other.answers.count() == 1


@pytest.mark.parametrize("language", Language.values)
def test_both_are_written_in_each_language(language: str, desk: Desk) -> None:
    items = [contested_line(desk).item, kept_line(desk).item]

    made = disputing.draft(items, language=language, captures=True, by=desk.first)

    assert [notice.kind for notice in made] == ["dispute", "enquiry"]
    for notice in made:
        leave(desk, notice)
        version = notice.letter_version
        assert (notice.language, version.kind, version.language) == (language, notice.kind, language)
        assert "$" not in notice.body
        assert notice.lines.get().dispute.exhibit.sha256 in notice.body


def test_the_platform_sees_what_is_disputed_only_once_the_letter_has_left(
    client: Client, desk: Desk, person: Callable[..., User]
) -> None:
    line = contested_line(desk)
    other = person(Role.LIAISON, number=2, platform="facebook")
    [made] = disputing.draft([line.item], captures=True, by=desk.first)
    page = reverse("notices:notice_detail", args=[line.notice.reference])
    listing = reverse("notices:notice_list")

    def read(who: User, address: str, **query: str) -> str:
        client.force_login(who)
        return client.get(address, query).content.decode()

    assert "Disputed" not in read(desk.liaison, page)
    assert "(draft)" in read(desk.first, page)
    leave(desk, made)

    shown = read(desk.liaison, page)
    assert f"{made}, line 1" in shown
    assert "from GB: live." in shown
    assert line.item.checks.latest("at").exhibit.sha256 in shown
    assert line.notice.reference in read(desk.liaison, listing, queue="disputed")
    assert line.notice.reference not in read(other, listing, queue="disputed")
    client.force_login(other)
    assert client.get(page).status_code == 404
    answers.answer_line(line, answer="removed", source="portal", by=desk.liaison)
    assert f"{made}, line 1" not in read(desk.liaison, page)
    assert line.notice.reference not in read(desk.liaison, listing, queue="disputed")


def test_pages_lead_from_the_queue_to_the_letter_and_back(client: Client, desk: Desk) -> None:
    line = contested_line(desk)
    client.force_login(desk.first)
    queue = f"{reverse('casework:item_list')}?queue=says_removed"

    asked = client.post(
        reverse("casework:items_bulk"), {"verb": "dispute", "selected": [line.item.reference]}
    )
    preview = client.get(asked.url)
    made = client.post(
        reverse("notices:dispute_draft"),
        {"selected": [line.item.reference], "language": "", "captures": "on"},
    )

    notice = Notice.objects.get(kind="dispute")
    assert asked.url == f"{reverse('notices:dispute_draft')}?selected={line.item.reference}"
    assert "says removed, we see it" in preview.content.decode()
    assert made.url == reverse("notices:notice_detail", args=[notice.reference])
    assert f"{notice}</a> draft" in client.get(queue).content.decode()
    again = client.post(reverse("notices:dispute_draft"), {"selected": [line.item.reference]})
    assert (again.status_code, "disputes this answer already" in again.content.decode()) == (422, True)
    leave(desk, notice)
    assert f"{notice}</a> sent on" in client.get(queue).content.decode()
    assert "Nothing to write about" in client.get(reverse("notices:dispute_draft")).content.decode()


def test_the_api_tells_the_platform_the_same(client: Client, desk: Desk) -> None:
    line = contested_line(desk)
    [made] = disputing.draft([line.item], by=desk.first)
    client.force_login(desk.liaison)
    address = f"/api/v1/notices/{line.notice.reference}/lines/"

    before = client.get(address).json()["results"][0]["disputed"]
    leave(desk, made)
    [after] = client.get(address).json()["results"]

    assert before is None
    seen = line.item.checks.latest("at").at
    assert {**after["disputed"], "seen_at": datetime.fromisoformat(after["disputed"]["seen_at"])} == {
        "notice": made.reference, "line": 1, "verdict": "live", "seen_at": seen, "vantage": "GB", "sha256": "",
    }  # fmt: skip


def test_the_liaison_answers_on_the_page_of_the_letter(client: Client, desk: Desk) -> None:
    line = contested_line(desk)
    [made] = disputing.draft([line.item], by=desk.first)
    leave(desk, made)
    client.force_login(desk.liaison)
    page = reverse("notices:notice_answer", args=[made.reference])

    assert f"Line 1 of {line.notice}" in client.get(page).content.decode()
    client.post(page, {"selected": ["1"], "answer": "removed"})

    line.refresh_from_db()
    assert line.answered_at > timezone.now() - timedelta(hours=1)


def test_the_api_drafts_the_same(client: Client, desk: Desk) -> None:
    line, agreed = contested_line(desk), said(desk)[0]
    client.force_login(desk.first)
    address = "/api/v1/notices/dispute/"

    made = client.post(address, {"items": [line.item.reference], "captures": True}, "application/json")
    refused = client.post(address, {"items": [agreed.item.reference]}, "application/json")

    assert (made.status_code, [each["kind"] for each in made.json()]) == (201, ["dispute"])
    assert refused.status_code == 409
    assert Dispute.objects.get().exhibit is not None


@pytest.mark.parametrize("count", [1, 3])
def test_reading_what_is_contested_takes_four_queries(
    count: int, desk: Desk, django_assert_num_queries: Callable[..., object]
) -> None:
    for line in said(desk, lines=count):
        see(line, "live", desk)
    items = list(Item.objects.all())

    with django_assert_num_queries(4):
        found = contested.read(items)

    assert [each.problem for each in found] == [""] * count
