"""What a platform says: that it has a notice, what it asks, and its answer to each line.

Answers are added, never changed; a line shows the latest. A liaison answers for their own platforms, and so does
whoever holds a link, for its one notice, and a platform's own program. An officer may enter what was said on the
telephone or in a meeting, and the answer is marked so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can, require
from casework import episodes, events
from casework.events import Actor, account
from casework.models import SetAsideKind
from casework.rewriting import rewrite
from casework.transitions import TransitionNotAllowed
from notices import answer_rules as rules
from notices import clocks, delivery
from notices.clocks import What
from notices.correspondents import Correspondent
from notices.lifecycle import LIFECYCLE, TALKING, move, settle
from notices.models import (
    Acknowledgement,
    Answer,
    AnswerSource,
    Dispute,
    IncomingMail,
    Line,
    Notice,
    NoticeKind,
    NoticeStatus,
)
from notices.models.notice import NoticeQuerySet

ONLY_REMINDS = "{chaser} only reminds of other notices: answer those that it names."
ANSWERABLE = TALKING | {NoticeStatus.CLOSED}


@dataclass(frozen=True)
class Given:
    """What a platform says about a line; `territories` are ISO 3166 codes of two letters."""

    answer: str
    refusal_code: str = ""
    effective_at: datetime | None = None
    territories: tuple[str, ...] = ()
    note: str = ""
    platform_reference: str = ""

    @property
    def measured(self) -> tuple[object, ...]:
        """What the rules look at beside the length of the platform's reference."""
        return self.answer, self.refusal_code, self.effective_at, self.territories

    def values(self) -> dict[str, Any]:
        """The fields of an `Answer`."""
        return {**vars(self), "territories": [code.strip().upper() for code in self.territories]}


def answer_line(line: Line, *, answer: str, source: str, by: Actor, **more: Any) -> Answer:
    """Answer one line; see `answer_lines`."""
    return answer_lines([line], answer=answer, source=source, by=by, **more)[0]


def answer_lines(
    lines: Iterable[Line],
    *,
    answer: str,
    source: str,
    by: Actor,
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
    said = Given(answer, refusal_code, effective_at, tuple(territories), note, platform_reference)
    return answer_each({line.pk: said for line in lines}, source=source, by=by, at=at)


def answer_each(
    said: Mapping[int, Given],
    *,
    source: str,
    by: Actor,
    at: datetime | None = None,
    mail: IncomingMail | None = None,
) -> list[Answer]:
    """Give each line, by its key, its own answer; all or none. `mail` is the message they were read in.

    What is said to a line of a dispute lands on the line of the notice that was answered.
    Raises what `answer_lines` raises.
    """
    at = at or timezone.now()
    with transaction.atomic():
        said = _landed(said)
        chosen = _locked_lines(set(said))
        given_by = {"source": _permitted(chosen, source, by), "by": account(by), "by_name": by.name}
        common = {"at": at, "mail": mail, **given_by}
        alike: dict[tuple[object, ...], list[Line]] = defaultdict(list)
        for line in chosen:
            alike[said[line.pk].measured].append(line)
        for lines in alike.values():
            longest = max((said[line.pk] for line in lines), key=lambda given: len(given.platform_reference))
            rules.check(longest.values() | common, lines)
        for notice in {line.notice for line in chosen}:
            if notice.kind == NoticeKind.CHASER:
                raise TransitionNotAllowed(ONLY_REMINDS.format(chaser=notice), status=notice.status)
            if notice.status not in ANSWERABLE:
                raise _untimely(notice)
            if notice.asks_nothing:
                raise TransitionNotAllowed(
                    f"{notice} asks for nothing; it takes no answer.", status=notice.status
                )
        made = [Answer(line=line, **said[line.pk].values(), **common) for line in chosen]
        Answer.objects.bulk_create(made, batch_size=1000)
        _project(made)
        for notice, answers in groupby(made, key=lambda answer: answer.line.notice):
            _record(notice, list(answers), by=by, at=at)
    return made


def acknowledge(
    notice: Notice,
    *,
    by: Actor,
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
            notice=locked,
            at=at,
            automatic=automatic,
            expected_at=expected_at,
            by=account(by),
            by_name=by.name,
        )
        stamps: dict[str, Any] = {"platform_reference": platform_reference or locked.platform_reference}
        if automatic:
            locked.platform_reference = stamps["platform_reference"]
            locked.save(update_fields=["platform_reference"])
            events.record("notice.receipt_acknowledged", by=by, at=at, notice=locked.reference)
        else:
            stamps |= {"acknowledged_at": at, "expected_at": expected_at}
            settle(locked, "acknowledge", by=by, at=at, stamps=stamps)
    notice.refresh_from_db()
    return notice


def clarify(notice: Notice, *, reason: str, by: Actor, at: datetime | None = None) -> Notice:
    """The platform asks a question, `reason`; the clock stands still until our reply."""
    if not reason.strip():
        raise TransitionNotAllowed("Write the question.", status=notice.status)
    with transaction.atomic():
        settle(_locked_notice(notice, by), "clarify", by=by, at=at, reason=reason)
    notice.refresh_from_db()
    return notice


def object_to(notice: Notice, *, reason: str, by: Actor, at: datetime | None = None) -> Notice:
    """The platform objects to the notice, `reason`; it moves nothing, and the clock runs on. Raises as `clarify`."""
    if not reason.strip():
        raise TransitionNotAllowed("Say what the objection is.", status=notice.status)
    with transaction.atomic():
        locked = _locked_notice(notice, by)
        if locked.status not in ANSWERABLE:
            raise _untimely(locked)
        events.record(
            "notice.objected", by=by, at=at or timezone.now(), notice=locked.reference, reason=reason
        )
    return notice


def reply(notice: Notice, *, reason: str, by: User, at: datetime | None = None) -> Notice:
    """Our reply to the platform's question; the clock goes on with what was left."""
    at = at or timezone.now()
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        due_at = clocks.due(locked, What.RESUMED, at)
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


def _landed(said: Mapping[int, Given]) -> dict[int, Given]:
    elsewhere = dict(Dispute.objects.filter(line__in=list(said)).values_list("line", "answer__line"))
    return {elsewhere.get(key, key): given for key, given in said.items()}


def _locked_lines(keys: set[int]) -> list[Line]:
    """The lines with their items; those of one notice share it. Notices are locked first, as everywhere."""
    asked = Line.objects.filter(pk__in=keys)
    notices = {
        notice.pk: notice
        for notice in Notice.objects.select_for_update(of=("self",))
        .select_related("platform")
        .filter(pk__in=asked.values("notice"))
        .order_by("pk")
    }
    lines = asked.select_for_update(of=("self",)).select_related("item")
    chosen = list(lines.order_by("notice_id", "position"))
    if not chosen:
        raise ValidationError({"lines": "Choose at least one line."})
    for line in chosen:
        line.notice = notices[line.notice_id]
    return chosen


def _locked_notice(notice: Notice, by: Actor) -> Notice:
    _may_answer(Notice.objects.filter(pk=notice.pk), by)
    return Notice.objects.select_for_update(of=("self",)).select_related("platform").get(pk=notice.pk)


def _permitted(lines: Sequence[Line], source: str, by: Actor) -> str:
    _may_answer(Notice.objects.filter(pk__in={line.notice_id for line in lines}), by)
    if isinstance(by, Correspondent):
        return by.source
    taken = can(account(by), Permission.ANSWER_NOTICE) or source == AnswerSource.MAIL
    return source if taken else AnswerSource.ON_BEHALF


def _may_answer(notices: NoticeQuerySet, by: Actor) -> None:
    if _theirs(notices, by).count() != notices.count():
        raise PermissionDenied("This notice is not yours to answer.")


def _theirs(notices: NoticeQuerySet, by: Actor) -> NoticeQuerySet:
    if isinstance(by, Correspondent):
        return by.among(notices)
    if (person := account(by)) is None or not can(person, Permission.ANSWER_NOTICE):
        require(person, Permission.ANSWER_ON_BEHALF)
    return notices.visible_to(person) if person else notices.none()


def _untimely(notice: Notice) -> TransitionNotAllowed:
    return TransitionNotAllowed(
        f"{notice} is {notice.get_status_display().lower()}; it takes no answer now.", status=notice.status
    )


def _project(made: Sequence[Answer]) -> None:
    """A line shows its latest answer; the item carries the claim of it."""
    latest = [each for each in made if each.line.answered_at is None or each.at >= each.line.answered_at]
    for each in latest:
        line = each.line
        line.answer, line.refusal_code, line.answered_at = each.answer, each.refusal_code, each.at
    rewrite([each.line for each in latest], ["answer", "refusal_code", "answered_at"])
    claims = [
        episodes.Claimed(each.line.item, each.answer, rules.claims_removal(each.answer, each.territories))
        for each in latest
        if each.line.notice.asks_removal  # what is preserved or not says nothing about removal
    ]
    if claims:
        episodes.claim_all(claims, at=latest[0].at)


def _record(notice: Notice, answers: Sequence[Answer], *, by: Actor, at: datetime) -> None:
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
    named = {made.platform_reference for made in answers}
    if len(named) == 1 and named != {""}:
        stamps["platform_reference"] = named.pop()
    complete = not notice.lines.filter(answer="").exists()
    verb = "answer_all" if complete else "answer_part"
    if complete:
        stamps["answered_at"] = at
    if notice.status == NoticeStatus.CLARIFICATION:
        stamps["due_at"] = clocks.due(notice, What.RESUMED, at)
    if notice.status in LIFECYCLE.find(verb).sources:
        settle(notice, verb, by=by, at=at, stamps=stamps)


def _said(made: Answer) -> str:
    code = made.get_refusal_code_display()
    return f"{made.get_answer_display()} ({code})" if code else made.get_answer_display()
