"""What a platform says: that it has a notice, what it asks, and its answer to each line.

Answers are added, never changed; a line shows the latest. A liaison answers for their own platforms; an
officer may enter what was said on the telephone or in a meeting, and the answer is marked so.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can, require
from casework import episodes, events
from casework.models import Claim, SetAsideKind
from casework.transitions import TransitionNotAllowed
from notices import answer_rules as rules
from notices import chasing, delivery
from notices.lifecycle import LIFECYCLE, TALKING, move, settle
from notices.models import Acknowledgement, Answer, AnswerSource, Line, Notice, NoticeStatus
from notices.models.notice import NoticeQuerySet

ANSWERABLE = TALKING | {NoticeStatus.CLOSED}


def answer_line(line: Line, *, answer: str, source: str, by: User, **more: Any) -> Answer:
    """Answer one line; see `answer_lines`."""
    return answer_lines([line], answer=answer, source=source, by=by, **more)[0]


def answer_lines(
    lines: Iterable[Line],
    *,
    answer: str,
    source: str,
    by: User,
    refusal_code: str = "",
    effective_at: datetime | None = None,
    territories: Sequence[str] = (),
    note: str = "",
    platform_reference: str = "",
    at: datetime | None = None,
) -> list[Answer]:
    """Give the same answer to several lines, of one notice or many; all or none.

    `territories` are ISO 3166 codes of two letters. What an officer enters has the source “on behalf”
    whatever is given. Raises `ValidationError` per field, `PermissionDenied` for a notice that is not theirs
    to answer, `TransitionNotAllowed` for one that takes no answer.
    """
    at = at or timezone.now()
    keys = {line.pk for line in lines}
    with transaction.atomic():
        chosen = _locked_lines(keys)
        source = _permitted(chosen, source, by)
        values = {
            "answer": answer,
            "refusal_code": refusal_code,
            "effective_at": effective_at,
            "territories": [code.strip().upper() for code in territories],
            "note": note,
            "platform_reference": platform_reference,
            "at": at,
            "source": source,
            "by": by,
            "by_name": by.name,
        }
        rules.check(values, chosen)
        for line in chosen:
            if line.notice.status not in ANSWERABLE:
                raise _untimely(line.notice)
        given = Answer.objects.bulk_create(Answer(line=line, **values) for line in chosen)
        for made in given:
            _project(made)
        by_notice: dict[Notice, list[Answer]] = defaultdict(list)
        for made in given:
            by_notice[made.line.notice].append(made)
        for notice, answers in by_notice.items():
            _record(notice, answers, by=by, at=at)
    return given


def acknowledge(
    notice: Notice,
    *,
    by: User,
    expected_at: datetime | None = None,
    automatic: bool = False,
    platform_reference: str = "",
    at: datetime | None = None,
) -> Notice:
    """Say that the platform has the notice; an automatic receipt is recorded, but moves nothing.

    `expected_at` is when they say they will answer. Raises `TransitionNotAllowed`, `PermissionDenied`,
    `ValidationError`.
    """
    at = at or timezone.now()
    with transaction.atomic():
        locked = _locked_notice(notice, by)
        if expected_at is not None and expected_at < at:
            raise ValidationError({"expected_at": "The expected date lies before the acknowledgement."})
        if locked.status not in TALKING:
            raise _untimely(locked)
        Acknowledgement.objects.create(
            notice=locked, at=at, automatic=automatic, expected_at=expected_at, by=by, by_name=by.name
        )
        stamps: dict[str, Any] = {"platform_reference": platform_reference or locked.platform_reference}
        if automatic:
            events.record("notice.receipt_acknowledged", by=by, at=at, notice=locked.reference)
        else:
            stamps |= {"acknowledged_at": at, "expected_at": expected_at}
            settle(locked, "acknowledge", by=by, at=at, stamps=stamps)
    notice.refresh_from_db()
    return notice


def clarify(notice: Notice, *, reason: str, by: User, at: datetime | None = None) -> Notice:
    """The platform asks a question, `reason`; the clock stands still until our reply."""
    if not reason.strip():
        raise TransitionNotAllowed("Write the question.", status=notice.status)
    with transaction.atomic():
        settle(_locked_notice(notice, by), "clarify", by=by, at=at, reason=reason)
    notice.refresh_from_db()
    return notice


def reply(notice: Notice, *, reason: str, by: User, at: datetime | None = None) -> Notice:
    """Our reply to the platform's question; the clock goes on with what was left."""
    at = at or timezone.now()
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        due_at = chasing.answer_due(locked, received_at=locked.received_at, until=at)
        return move(notice, "reply", by=by, reason=reason, at=at, stamps={"due_at": due_at})


def withdraw(notice: Notice, *, reason: str, by: User, at: datetime | None = None) -> Notice:
    """Take a notice back; its items that no other notice asks about are set aside and may be noticed anew."""
    at = at or timezone.now()
    with transaction.atomic():
        move(notice, "withdraw", by=by, reason=reason, at=at)
        for item in delivery.return_items(notice, at=at):
            episodes.set_aside(item, kind=SetAsideKind.WITHDRAWN, reason=reason, by=by, at=at)
    return notice


def close(notice: Notice, *, reason: str, by: User, at: datetime | None = None) -> Notice:
    """End the conversation about an answered or unanswered notice."""
    at = at or timezone.now()
    return move(notice, "close", by=by, reason=reason, at=at, stamps={"closed_at": at, "closed_by": by})


def _locked_lines(keys: set[int]) -> list[Line]:
    lines = Line.objects.select_for_update(of=("self", "notice")).select_related("notice__platform", "item")
    chosen = list(lines.filter(pk__in=keys).order_by("notice_id", "position"))
    if not chosen:
        raise ValidationError({"lines": "Choose at least one line."})
    shared: dict[int, Notice] = {}
    for line in chosen:
        line.notice = shared.setdefault(line.notice_id, line.notice)
    return chosen


def _locked_notice(notice: Notice, by: User) -> Notice:
    _may_answer(Notice.objects.filter(pk=notice.pk), by)
    return Notice.objects.select_for_update(of=("self",)).select_related("platform").get(pk=notice.pk)


def _permitted(lines: Sequence[Line], source: str, by: User) -> str:
    _may_answer(Notice.objects.filter(pk__in={line.notice_id for line in lines}), by)
    return source if can(by, Permission.ANSWER_NOTICE) else AnswerSource.ON_BEHALF


def _may_answer(notices: NoticeQuerySet, by: User) -> None:
    if not can(by, Permission.ANSWER_NOTICE):
        require(by, Permission.ANSWER_ON_BEHALF)
    if notices.visible_to(by).count() != notices.count():
        raise PermissionDenied("This notice is not yours to answer.")


def _untimely(notice: Notice) -> TransitionNotAllowed:
    return TransitionNotAllowed(
        f"{notice} is {notice.get_status_display().lower()}; it takes no answer now.", status=notice.status
    )


def _project(made: Answer) -> None:
    """The line shows the latest answer; the item carries the claim of it."""
    line = made.line
    if line.answered_at is not None and made.at < line.answered_at:
        return
    line.answer, line.refusal_code, line.answered_at = made.answer, made.refusal_code, made.at
    line.save(update_fields=["answer", "refusal_code", "answered_at"])
    removal = rules.claims_removal(made.answer, made.territories)
    episodes.claim(line.item, answer=Claim(made.answer), removal=removal, at=made.at)


def _record(notice: Notice, answers: Sequence[Answer], *, by: User, at: datetime) -> None:
    """One event for each line, and the move of the notice if it follows."""
    events.record_all(
        events.build(
            "notice.line_answered",
            by=by,
            at=at,
            item=made.line.item,
            notice=notice.reference,
            details={
                "line": made.line.position,
                "answer": made.answer,
                "source": made.source,
                "said": _said(made),
            },
        )
        for made in answers
    )
    stamps: dict[str, Any] = {}
    if answers[0].platform_reference:
        stamps["platform_reference"] = answers[0].platform_reference
    complete = not notice.lines.filter(answer="").exists()
    verb = "answer_all" if complete else "answer_part"
    if complete:
        stamps["answered_at"] = at
    if notice.status == NoticeStatus.CLARIFICATION:
        stamps["due_at"] = chasing.answer_due(notice, received_at=notice.received_at, until=at)
    if notice.status in LIFECYCLE.find(verb).sources:
        settle(notice, verb, by=by, at=at, stamps=stamps)


def _said(made: Answer) -> str:
    code = made.get_refusal_code_display()
    return f"{made.get_answer_display()} ({code})" if code else made.get_answer_display()
