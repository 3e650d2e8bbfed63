"""Calls and meetings about a notice, and the notices that demand one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from casework.models import Event
from casework.timeline import sentence
from casework.transitions import TransitionNotAllowed
from notices import answers, telling, worklists
from notices.lifecycle import LIFECYCLE
from notices.models import DeliveryRecord, Notice
from tests.notices.letters_at import Desk, ago

SAID = "The duty desk looks at it at once."


def endangered(desk: Desk, **how: Any) -> Notice:
    """Answered, and nothing is left but to close it."""
    notice = desk.sent(lines=1, at=ago(hours=3), **how)
    Notice.objects.filter(pk=notice.pk).update(threat_to_life=True)
    notice.refresh_from_db()
    answers.answer_line(notice.lines.get(), answer="removed", source="portal", by=desk.liaison)
    notice.refresh_from_db()
    return notice


@pytest.mark.parametrize("how", ["telephone", "meeting"])
def test_a_call_is_noted_beside_the_letter_and_moves_nothing(how: str, desk: Desk) -> None:
    notice = desk.sent(lines=1, at=ago(hours=3))
    before = (notice.status, notice.received_at, notice.due_at)

    telling.tell(notice, how=how, at=ago(hours=1), reason=f" {SAID} ", by=desk.first)

    notice.refresh_from_db()
    record = DeliveryRecord.objects.get(kind=how)
    assert (record.reason, record.by) == (SAID, desk.first)
    assert (notice.status, notice.received_at, notice.due_at) == before
    told = sentence(Event.objects.get(kind="notice.told"))
    way = "by telephone" if how == "telephone" else "in a meeting"
    assert told == f"told the platform of notice {notice} {way}: {SAID}"


def test_a_threat_to_life_is_closed_only_when_somebody_has_telephoned(desk: Desk) -> None:
    notice = endangered(desk)

    with pytest.raises(TransitionNotAllowed, match="telephone the platform, and note the call"):
        answers.close(notice, reason="Done", by=desk.second)
    assert "close" not in [row.verb for row in LIFECYCLE.available(notice, desk.second)]

    telling.tell(notice, how="telephone", at=ago(hours=1), reason=SAID, by=desk.first)
    assert answers.close(notice, reason="Done", by=desk.second).status == "closed"


def test_a_call_before_the_letter_left_counts(desk: Desk) -> None:
    notice = desk.approved(lines=1)
    Notice.objects.filter(pk=notice.pk).update(threat_to_life=True)
    notice.refresh_from_db()
    assert notice.to_telephone() is True

    telling.tell(notice, how="telephone", at=timezone.now(), reason=SAID, by=desk.first)

    assert notice.to_telephone() is False


def test_what_to_telephone_about_is_a_list_of_its_own(desk: Desk) -> None:
    notice, other = endangered(desk), desk.sent(lines=1)
    condition = worklists.OURS["to_telephone"].condition(timezone.now())

    assert list(Notice.objects.filter(condition)) == [notice]
    assert worklists.counts(desk.first, timezone.now())["to_telephone"] == 1
    telling.tell(notice, how="telephone", at=ago(hours=1), reason=SAID, by=desk.first)
    assert list(Notice.objects.filter(condition)) == []
    assert other.to_telephone() is False


@pytest.mark.parametrize(
    ("how", "at", "reason", "field"),
    [
        ("fax", ago(hours=1), SAID, "how"),
        ("telephone", ago(hours=-1), SAID, "at"),
        ("telephone", ago(hours=9), SAID, "at"),
        ("telephone", ago(hours=1), "  ", "reason"),
        ("telephone", ago(hours=1), "x" * 301, "reason"),
    ],
)
def test_a_note_says_how_when_and_what(how: str, at: datetime, reason: str, field: str, desk: Desk) -> None:
    notice = desk.sent(lines=1, at=ago(hours=3))

    with pytest.raises(ValidationError) as refused:
        telling.tell(notice, how=how, at=at, reason=reason, by=desk.first)

    assert list(refused.value.message_dict) == [field]
    assert Event.objects.filter(kind="notice.told").count() == 0


def test_only_what_was_approved_may_be_told_and_only_by_us(desk: Desk) -> None:
    with pytest.raises(TransitionNotAllowed, match="awaiting approval"):
        telling.tell(desk.submitted(lines=1), how="telephone", at=ago(hours=0), reason=SAID, by=desk.first)
    with pytest.raises(PermissionDenied):
        telling.tell(desk.sent(lines=1), how="telephone", at=ago(hours=0), reason=SAID, by=desk.liaison)


def test_the_page_gives_the_numbers_and_saves_the_note(
    desk: Desk, signed_in: Callable[[User], Client]
) -> None:
    notice = endangered(desk)
    notice.platform.contacts.create(desk="Duty desk", telephone="+44 20 7946 0000", hours="always")
    client, address = signed_in(desk.first), f"/notices/{notice}/tell/"

    assert "A life may depend on this" in client.get(f"/notices/{notice}/").content.decode()
    assert "+44 20 7946 0000" in client.get(address).content.decode()
    invalid = client.post(address, {"how": "telephone", "at": "2001-01-01 10:00", "reason": SAID})
    now = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    saved = client.post(address, {"how": "telephone", "at": now, "reason": SAID})

    assert (invalid.status_code, saved.status_code) == (422, 302)
    assert "A life may depend on this" not in client.get(f"/notices/{notice}/").content.decode()
    assert DeliveryRecord.objects.get(kind="telephone").reason == SAID
