import hashlib

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from casework import holds, store
from casework.models import Event, Item
from casework.transitions import TransitionNotAllowed
from notices import drafting
from notices.models import Notice, NoticeStatus
from platforms.models import Channel, ChannelKind, Platform
from tests.notices.letters_at import Desk, ago, channel


def test_one_notice_per_platform_with_the_lines_in_order(desk: Desk) -> None:
    items = [desk.item("x"), desk.item("facebook"), desk.item("x")]

    made = drafting.draft(items, by=desk.first)

    assert [(notice.platform.slug, notice.status, notice.severity) for notice in made] == [
        ("facebook", "draft", "high"),
        ("x", "draft", "high"),
    ]
    assert list(made[1].lines.values_list("position", "item")) == [(1, items[0].pk), (2, items[2].pk)]
    assert made[1].letter == "unlawful_immigration"
    assert made[0].reference.startswith("N2")
    assert [event.kind for event in Event.objects.filter(notice=made[0].reference)] == ["notice.drafted"]


def test_mixed_grounds_take_the_general_letter(desk: Desk) -> None:
    [notice] = drafting.draft([desk.item(), desk.item(ground="fraud_2006_2")], by=desk.first)

    assert notice.letter == "general"


def test_items_that_may_not_be_noticed_are_named_and_nothing_is_drafted(desk: Desk) -> None:
    held, free, drafted = desk.item(), desk.item(), desk.item()
    holds.place(held, authority="Another inquiry", reason="Needed", review_at=None, by=desk.first)
    [other] = drafting.draft([drafted], by=desk.first)

    with pytest.raises(TransitionNotAllowed) as refused:
        drafting.draft([held, free, drafted], by=desk.first)

    assert refused.value.message == (
        f"{held.reference}: on hold; release the hold first. "
        f"{drafted.reference}: in notice {other.reference} already."
    )
    assert Notice.objects.count() == 1


def test_preview_shows_the_same_and_saves_nothing(desk: Desk) -> None:
    stale, gone = desk.item(at=ago(days=3)), desk.item("facebook")
    Item.objects.filter(pk=gone.pk).update(presence="gone", gone_at=ago(hours=1))

    facebook, x = drafting.draft_preview([stale, gone], by=desk.first)

    assert facebook.problems == [f"{gone.reference}: confirmed gone; close it as gone before notice."]
    assert facebook.warnings == []
    assert x.problems == []
    assert [warning.split(":")[0] for warning in x.warnings] == [stale.reference]
    assert Notice.objects.count() == 0


def test_a_platform_without_a_channel_is_a_problem(desk: Desk) -> None:
    item = desk.item()
    Channel.objects.filter(platform__slug="x").update(is_current=False)

    [group] = drafting.draft_preview([item], by=desk.first)

    assert group.problems == ["No current channel leads to X: an administrator adds one first."]
    with pytest.raises(ValidationError, match="No current channel leads to X"):
        drafting.draft([item], by=desk.first)


def test_a_channel_of_another_platform_is_refused(desk: Desk) -> None:
    with pytest.raises(ValidationError, match="does not lead to X now"):
        drafting.draft([desk.item()], channel=channel("facebook", ChannelKind.MAIL), by=desk.first)


@pytest.mark.parametrize(
    ("blank", "field"),
    [
        ({"organisation": " "}, "sender_organisation"),
        ({"name": ""}, "sender_name"),
        ({"email": ""}, "sender_email"),
        ({"good_faith": False}, "good_faith"),
    ],
)
def test_submitting_needs_sender_and_good_faith(blank: dict[str, object], field: str, desk: Desk) -> None:
    notice = desk.draft()
    sender = {"organisation": "O", "name": "N", "email": "a@b.example", "good_faith": True} | blank
    Notice.objects.filter(pk=notice.pk).update(
        sender_organisation=str(sender["organisation"]).strip(), sender_name=sender["name"],
        sender_email=sender["email"], good_faith=sender["good_faith"],
    )  # fmt: skip

    with pytest.raises(ValidationError) as refused:
        drafting.submit(notice, by=desk.first)

    assert list(refused.value.message_dict) == [field]
    assert Notice.objects.get().status == NoticeStatus.DRAFT


@pytest.mark.parametrize(
    ("address", "exact"),
    [
        ("https://x.com/a/status/1", True),
        ("http://[2001:db8::1]/a", True),
        ("hxxps://x[.]com/a", False),
        ("https://x[.]com/a", False),
        ("x.com/a", False),
        ("https://x.com/a b", False),
        ("", False),
    ],
)
def test_submitting_needs_exact_addresses(address: str, exact: bool, desk: Desk) -> None:
    notice = desk.draft(lines=1)
    Item.objects.update(printed=address)

    found = None
    try:
        drafting.submit(notice, by=desk.first)
    except ValidationError as refused:
        found = refused.message_dict

    item = Item.objects.get()
    wanted = {"lines": [f"Line 1 ({item}): the address is not an exact web address."]}
    assert found == (None if exact else wanted)


def test_submitting_an_empty_notice_is_refused(desk: Desk) -> None:
    notice = desk.draft(lines=1)
    drafting.remove_line(notice.lines.get(), by=desk.first)

    with pytest.raises(ValidationError) as refused:
        drafting.submit(notice, by=desk.first)

    assert refused.value.message_dict == {"lines": ["The notice has no line."]}


def test_removing_a_line_numbers_the_rest_anew_and_frees_the_item(desk: Desk) -> None:
    notice = desk.draft(lines=3)
    first, second, third = notice.lines.all()

    drafting.remove_line(first, by=desk.first)

    assert list(notice.lines.values_list("pk", "position")) == [(second.pk, 1), (third.pk, 2)]
    assert len(drafting.draft([first.item], by=desk.first)) == 1


def test_an_emptied_draft_is_discarded_and_stays_readable(desk: Desk) -> None:
    notice = desk.draft(lines=1)
    drafting.remove_line(notice.lines.get(), by=desk.first)

    drafting.discard(notice, reason="Nothing is left in it", by=desk.first)

    assert notice.status == NoticeStatus.DISCARDED
    event = Event.objects.get(kind="notice.discarded")
    assert (event.reason, event.old, event.new) == ("Nothing is left in it", "draft", "discarded")
    with pytest.raises(TransitionNotAllowed, match="only a draft can be changed"):
        drafting.submit(notice, by=desk.first)


def test_items_of_a_discarded_draft_can_be_drafted_anew(desk: Desk) -> None:
    notice = desk.draft(lines=2)
    items = [line.item for line in notice.lines.all()]

    drafting.discard(notice, reason="The wrong letter", by=desk.first)

    [again] = drafting.draft(items, by=desk.first)
    assert again.lines.count() == notice.lines.count() == 2


@pytest.mark.parametrize("stage", ["submitted", "approved", "queued", "sent"])
def test_only_a_draft_is_discarded(stage: str, desk: Desk) -> None:
    notice = getattr(desk, stage)(lines=1)

    with pytest.raises(TransitionNotAllowed, match="cannot be discarded now"):
        drafting.discard(notice, reason="Not needed", by=desk.first)


def test_submitting_freezes_text_hash_and_pdf(desk: Desk) -> None:
    notice = desk.submitted()
    frozen = notice.body
    Item.objects.update(owner="somebody else")

    drafting.approve(notice, by=desk.second)

    notice.refresh_from_db()
    assert notice.status == NoticeStatus.APPROVED
    assert notice.body == frozen
    assert notice.body_sha256 == hashlib.sha256(frozen.encode()).hexdigest()
    assert store.get(notice.pdf_sha256).startswith(b"%PDF-1.7")
    assert store.verify(notice.pdf_sha256)


def test_whoever_submitted_does_not_approve(desk: Desk) -> None:
    notice = drafting.submit(desk.draft(), by=desk.second)

    with pytest.raises(TransitionNotAllowed, match="another reviewer must"):
        drafting.approve(notice, by=desk.second)
    with pytest.raises(PermissionDenied):
        drafting.approve(notice, by=desk.first)


@pytest.mark.parametrize("approved", [False, True])
def test_a_letter_sent_back_is_written_anew(approved: bool, desk: Desk) -> None:
    notice = desk.approved() if approved else desk.submitted()

    drafting.send_back(notice, reason="Name the policy", by=desk.second)

    assert (notice.status, notice.body, notice.pdf_sha256, notice.submitted_at, notice.approved_by) == (
        "draft", "", "", None, None,
    )  # fmt: skip
    drafting.submit(notice, by=desk.first)
    assert notice.status == NoticeStatus.AWAITING_APPROVAL


def test_a_submitted_notice_cannot_be_changed(desk: Desk) -> None:
    notice = desk.submitted()

    with pytest.raises(TransitionNotAllowed, match="only a draft can be changed"):
        drafting.remove_line(notice.lines.first(), by=desk.first)
    with pytest.raises(TransitionNotAllowed, match="only a draft can be changed"):
        drafting.set_sender(
            notice, organisation="A", name="B", email="c@d.example", good_faith=True, by=desk.first
        )


def test_a_hold_placed_after_drafting_stops_the_submission(desk: Desk) -> None:
    notice = desk.draft(lines=1)
    holds.place(notice.lines.get().item, authority="Inquiry", reason="r", review_at=None, by=desk.first)

    with pytest.raises(TransitionNotAllowed, match="on hold; release the hold first"):
        drafting.submit(notice, by=desk.first)


def test_a_wrong_sender_address_is_refused_by_field(desk: Desk) -> None:
    with pytest.raises(ValidationError) as refused:
        drafting.set_sender(
            desk.draft(), organisation="O", name="N", email="no", good_faith=True, by=desk.first
        )

    assert list(refused.value.message_dict) == ["sender_email"]


def test_a_liaison_sees_nothing_that_has_not_left(desk: Desk) -> None:
    desk.approved()

    assert list(Notice.objects.visible_to(desk.liaison)) == []
    assert Platform.objects.visible_to(desk.liaison).get().slug == "x"
