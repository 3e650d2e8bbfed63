"""Every status, verb and role of a notice: the event or the refusal."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.roles import GRANTS, Role
from casework.models import Event
from casework.transitions import TransitionNotAllowed
from notices.lifecycle import LIFECYCLE, move
from notices.models import UNSENT, Notice, NoticeStatus
from platforms.models import Platform
from tests.notices.letters_at import ago

WHO = [*Role, None]  # None: the system


def notice_in(status: str) -> Notice:
    """A row in this status with the stamps that the database asks for; nobody here drafted it."""
    at = ago(hours=1)
    return Notice.objects.create(
        reference=f"N-{status}",
        platform=Platform.objects.get(slug="x"),
        channel_kind="portal",
        status=status,
        body="" if status == NoticeStatus.DRAFT else "text",
        body_sha256="" if status == NoticeStatus.DRAFT else "0" * 64,
        drafted_at=at,
        sent_at=None if status in UNSENT else at,
    )


def stamps_for(verb: str, by: User | None) -> dict[str, object]:
    """What the database wants beside the new status."""
    if verb == "submit":
        return {"body": "text", "body_sha256": "0" * 64, "submitted_at": ago(minutes=1), "submitted_by": by}
    return {"sent_at": ago(minutes=1)} if verb in {"send", "remind"} else {}


@pytest.mark.django_db
@pytest.mark.parametrize("who", WHO, ids=str)
@pytest.mark.parametrize("status", NoticeStatus.values)
def test_only_what_the_table_says(status: str, who: Role | None, person: Callable[..., User]) -> None:
    by = person(who) if who else None
    for number, row in enumerate(LIFECYCLE.table):
        notice = notice_in(status)
        Notice.objects.filter(pk=notice.pk).update(reference=f"N-{number}")
        granted = row.permission is None if who is None else row.permission in GRANTS[who]
        try:
            move(notice, row.verb, by=by, reason="because", stamps=stamps_for(row.verb, by))
            outcome: object = notice.status
        except (PermissionDenied, TransitionNotAllowed) as refusal:
            outcome = type(refusal)

        if not granted:
            assert outcome is PermissionDenied, row.verb
        elif status not in row.sources:
            assert outcome is TransitionNotAllowed, row.verb
        else:
            assert outcome == row.target, row.verb
        events = Event.objects.filter(notice=f"N-{number}")
        allowed = granted and status in row.sources
        assert list(events.values_list("kind", "old", "new")) == (
            [(f"notice.{row.done}", status, row.target)] if allowed else []
        )


def test_each_status_is_reached_and_all_but_the_last_are_left() -> None:
    targets = {row.target for row in LIFECYCLE.table}
    sources = {source for row in LIFECYCLE.table for source in row.sources}

    assert set(NoticeStatus.values) - targets == set()
    assert set(NoticeStatus.values) - sources == {
        NoticeStatus.WITHDRAWN,
        NoticeStatus.DISCARDED,
    }


@pytest.mark.parametrize("verb", [row.verb for row in LIFECYCLE.table if row.needs_reason])
@pytest.mark.django_db
def test_a_reason_is_asked_for(verb: str, person: Callable[..., User]) -> None:
    row = LIFECYCLE.find(verb)
    by = next(person(role) for role in Role if row.permission in GRANTS[role])

    with pytest.raises(TransitionNotAllowed, match="Give a reason"):
        move(notice_in(sorted(row.sources)[0]), verb, by=by, reason=" ")
