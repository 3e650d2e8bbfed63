import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from casework import holds
from casework.models import Episode, Item
from casework.transitions import TransitionNotAllowed
from notices import answers, dispatch, drafting, escalation, side_letters
from notices.models import DeliveryRecord, Notice
from platforms.models import Language
from tests.notices.letters_at import Desk

WHY = "The account was verified by its owner."


def leave(desk: Desk, notice: Notice) -> Notice:
    """From draft through approval and the outbox."""
    drafting.set_sender(
        notice, organisation="Referral Centre", name="Referral desk", email="desk@centre.example", good_faith=True,
        by=desk.first,
    )  # fmt: skip
    drafting.submit(notice, by=desk.first)
    drafting.approve(notice, by=desk.second)
    dispatch.queue(notice, by=desk.first)
    dispatch.send_due()
    notice.refresh_from_db()
    return notice


def counted() -> list[tuple[object, ...]]:
    """What figures stand on: episodes, and what items carry of notices and claims."""
    items = Item.objects.order_by("pk").values_list(
        "status", "notified_at", "received_at", "claim", "claim_at"
    )
    episodes = Episode.objects.order_by("pk").values_list("item", "t0", "channel", "closed_at")
    return [*items, *episodes]


def test_a_withdrawal_tells_the_platform_what_is_withdrawn(desk: Desk) -> None:
    notice = desk.sent(lines=2)
    was = [line.address for line in notice.lines.all()]
    answers.withdraw(notice, reason="Wrong account", by=desk.second)
    Item.objects.filter(notice_lines__notice=notice).update(printed="https://x.com/other/status/1")
    before = counted()

    made = leave(desk, side_letters.draft_withdrawal(notice, explanation=WHY, by=desk.first))

    assert (made.kind, made.status, made.follows, made.received_at, made.due_at) == (
        "withdrawal", "sent", notice, None, None,
    )  # fmt: skip
    assert all(address in made.body for address in was)
    assert WHY in made.body
    assert notice.reference in made.subject
    assert "Wrong account" not in made.body
    assert "Offers places" not in made.body
    assert counted() == before


def test_a_notice_is_withdrawn_first_and_told_of_once(desk: Desk) -> None:
    notice = desk.sent(lines=1)

    with pytest.raises(TransitionNotAllowed, match="withdraw it first"):
        side_letters.draft_withdrawal(notice, explanation=WHY, by=desk.first)
    answers.withdraw(notice, reason="Wrong account", by=desk.second)
    made = side_letters.draft_withdrawal(notice, explanation=WHY, by=desk.first)

    with pytest.raises(TransitionNotAllowed, match=f"{made} tells the platform of it already"):
        side_letters.draft_withdrawal(notice, explanation=WHY, by=desk.first)


def test_a_correction_says_what_was_and_what_is(desk: Desk) -> None:
    notice = desk.sent(lines=3)
    wrong = notice.lines.get(position=2)
    Item.objects.filter(pk=wrong.item_id).update(printed="https://x.com/seller/status/1700000000000000099")
    before = counted()

    made = leave(desk, side_letters.draft_correction(notice, [2], explanation=WHY, by=desk.first))

    assert (made.kind, made.follows, made.lines.count()) == ("correction", notice, 1)
    assert "Exact address: https://x.com/seller/status/1700000000000000099\n" in made.body
    assert f"As our notice gave it: {wrong.address}\n" in made.body
    assert counted() == before
    notice.refresh_from_db()
    assert notice.status == "sent"


def test_a_correction_names_lines_of_the_notice(desk: Desk) -> None:
    notice = desk.sent(lines=1)

    with pytest.raises(ValidationError, match="Choose the lines of this notice"):
        side_letters.draft_correction(notice, [2], explanation=WHY, by=desk.first)


@pytest.mark.parametrize("kind", ["withdrawal", "correction"])
def test_without_an_explanation_nothing_is_frozen(kind: str, desk: Desk) -> None:
    notice = desk.sent(lines=1)
    if kind == "withdrawal":
        answers.withdraw(notice, reason="Wrong account", by=desk.second)
        made = side_letters.draft_withdrawal(notice, explanation="", by=desk.first)
    else:
        made = side_letters.draft_correction(notice, [1], explanation=" ", by=desk.first)

    with pytest.raises(ValidationError) as refused:
        drafting.submit(made, by=desk.first)

    assert "explanation" in refused.value.message_dict


def test_letters_that_tell_take_no_answer_and_no_escalation(desk: Desk) -> None:
    notice = desk.sent(lines=1)
    made = leave(desk, side_letters.draft_correction(notice, [1], explanation=WHY, by=desk.first))

    with pytest.raises(TransitionNotAllowed, match="asks for nothing"):
        answers.answer_line(made.lines.get(), answer="removed", source="portal", by=desk.liaison)
    with pytest.raises(TransitionNotAllowed, match="asks for no removal"):
        escalation.escalate(made, by=desk.first)
    with pytest.raises(TransitionNotAllowed, match="nothing to withdraw"):
        answers.withdraw(made, reason="No", by=desk.second)
    assert list(Notice.objects.awaiting_answer()) == [notice]


def test_preserving_starts_no_clock_and_no_episode(desk: Desk) -> None:
    item, other = desk.item(), desk.item("facebook")
    before = counted()

    first, second = side_letters.draft_preservation([item, other], by=desk.first)
    leave(desk, first)

    assert [first.platform.slug, second.platform.slug] == ["x", "facebook"]
    assert (first.status, first.received_at, first.t0_basis, first.due_at) == ("sent", None, "", None)
    assert DeliveryRecord.objects.filter(notice=first, kind="sent").count() == 1
    assert counted() == before
    assert "Offers places" not in first.body
    [notice] = drafting.draft([item], by=desk.first)
    assert notice.kind == "notice"


def test_what_is_preserved_says_nothing_of_removal(desk: Desk) -> None:
    [made] = side_letters.draft_preservation([desk.item()], by=desk.first)
    leave(desk, made)
    before = counted()

    with pytest.raises(ValidationError, match="asks to preserve, not to remove"):
        answers.answer_line(made.lines.get(), answer="removed", source="portal", by=desk.liaison)
    answers.answer_line(made.lines.get(), answer="preserved_only", source="portal", by=desk.liaison)

    made.refresh_from_db()
    assert made.status == "answered"
    assert counted() == before


def test_what_is_on_hold_is_not_preserved_by_letter(desk: Desk) -> None:
    item = desk.item()
    holds.place(item, authority="Another inquiry", reason="Needed", review_at=None, by=desk.first)

    with pytest.raises(TransitionNotAllowed, match="on hold; release the hold first"):
        side_letters.draft_preservation([item], by=desk.first)


@pytest.mark.parametrize("language", Language.values)
def test_each_is_written_in_each_language(language: str, desk: Desk) -> None:
    notice = desk.sent(lines=1)
    Notice.objects.filter(pk=notice.pk).update(language=language)
    notice.refresh_from_db()

    correction = leave(desk, side_letters.draft_correction(notice, [1], explanation=WHY, by=desk.first))
    answers.withdraw(notice, reason="Wrong", by=desk.second)
    withdrawal = leave(desk, side_letters.draft_withdrawal(notice, explanation=WHY, by=desk.first))
    [asked] = side_letters.draft_preservation([desk.item()], language=language, by=desk.first)
    leave(desk, asked)

    for made in (correction, withdrawal, asked):
        assert (made.language, made.letter_version.kind, made.letter_version.language) == (
            language,
            made.kind,
            language,
        )
        assert "$" not in made.body


def test_pages_lead_from_the_notice_to_the_letter(client: Client, desk: Desk) -> None:
    notice = desk.sent(lines=2)
    client.force_login(desk.first)

    page = client.get(reverse("notices:notice_detail", args=[notice.reference])).content.decode()
    correct = reverse("notices:notice_correct", args=[notice.reference])
    none = client.post(correct, {"explanation": WHY})
    made = client.post(correct, {"explanation": WHY, "selected": ["1"]})

    assert correct in page
    assert none.status_code == 422
    assert made.url == reverse(
        "notices:notice_detail", args=[Notice.objects.get(kind="correction").reference]
    )
    asked = reverse("notices:notice_preserve")
    unknown = client.post(asked, {"items": "2026-999999"})
    client.post(asked, {"items": notice.lines.first().item.reference})
    assert (unknown.status_code, "There is no item 2026-999999" in unknown.content.decode()) == (422, True)
    assert Notice.objects.filter(kind="preservation").count() == 1


def test_the_api_drafts_the_same(client: Client, desk: Desk) -> None:
    notice = desk.sent(lines=2)
    client.force_login(desk.first)
    address = f"/api/v1/notices/{notice.reference}"

    corrected = client.post(f"{address}/correction/", {"explanation": WHY, "lines": [2]}, "application/json")
    refused = client.post(f"{address}/withdrawal/", {"explanation": WHY}, "application/json")

    assert (corrected.status_code, corrected.json()["kind"], corrected.json()["follows"]) == (
        201, "correction", notice.reference,
    )  # fmt: skip
    assert refused.status_code == 409
