"""What a person makes of a message: whose it is, what it answers, or that it says nothing.

Until then it has changed no claim. What is recorded is what the person confirms, with the message beside it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.transitions import TransitionNotAllowed
from notices import answer_files, answers
from notices.answers import Given
from notices.incoming import parsing, reading, suggesting
from notices.incoming.suggesting import About, Suggestion
from notices.models import Answer, AnswerSource, MailKind, MailReading, MatchedBy, Notice, SettledAs

NO_NOTICE = "It belongs to no notice yet: attach it first."
SETTLED = "It is settled already: {how}. Take it up again first."
CANNOT_UNDO = "Answers that were taken stay; enter another answer if they are wrong."


def letter_of(read: MailReading) -> parsing.Letter:
    """The message, taken apart anew."""
    return parsing.parse(bytes(read.mail.raw))


def suggestion(read: MailReading, letter: parsing.Letter) -> Suggestion:
    """What the message seems to say about the lines of its notice."""
    notice = read.notice
    if notice is None:
        return Suggestion()
    rows = notice.lines.order_by("position").values_list(
        "position", "item__reference", "address", "item__canonical"
    )
    lines = [About.of(*row) for row in rows]
    made = suggesting.suggest(letter.text, lines, subject=read.subject, letter=notice.body)
    for position, said in made.lines.items():
        if (
            said.effective_at and said.effective_at > read.mail.received_at
        ):  # a plan, or a slip: no answer can hold it
            made.lines[position] = replace(said, effective_at=None)
    return made


def attach(read: MailReading, notice: Notice, *, by: User, at: datetime | None = None) -> MailReading:
    """Say to which notice a message belongs. Raises `TransitionNotAllowed` if it belongs to one, or is settled."""
    with transaction.atomic():
        locked = _locked(read, by)
        if locked.notice is not None:
            raise TransitionNotAllowed(f"It belongs to {locked.notice}.", status=locked.kind)
        verified = bool(locked.sender) and not reading.doubts(letter_of(locked), locked.sender, notice)
        locked.notice, locked.matched_by, locked.is_verified = notice, MatchedBy.PERSON, verified
        locked.save(update_fields=["notice", "matched_by", "is_verified"])
        events.record(
            "mail.attached", by=by, at=at or timezone.now(), notice=notice.reference, details=_details(locked)
        )
    return _fresh(read)


def detach(read: MailReading, *, by: User, at: datetime | None = None) -> MailReading:
    """Undo `attach`, or what the address said. Raises `TransitionNotAllowed` once it is settled."""
    with transaction.atomic():
        locked, notice = _matched(read, by)
        locked.notice, locked.matched_by, locked.is_verified = None, "", False
        locked.save(update_fields=["notice", "matched_by", "is_verified"])
        events.record(
            "mail.detached", by=by, at=at or timezone.now(), notice=str(notice), details=_details(locked)
        )
    return _fresh(read)


def set_aside(read: MailReading, *, by: User, at: datetime | None = None) -> MailReading:
    """Say that nothing follows from a message."""
    at = at or timezone.now()
    with transaction.atomic():
        locked = _locked(read, by)
        _settle(locked, SettledAs.SET_ASIDE, by=by, at=at)
        notice = str(locked.notice or "")
        events.record("mail.set_aside", by=by, at=at, notice=notice, details=_details(locked))
    return _fresh(read)


def take_up(read: MailReading, *, by: User, at: datetime | None = None) -> MailReading:
    """Undo `set_aside`, or let more follow from a receipt or a question. What was recorded stays."""
    require(by, Permission.ANSWER_ON_BEHALF)
    with transaction.atomic():
        locked = MailReading.objects.select_for_update(of=("self",)).get(pk=read.pk)
        if locked.settled_as in {"", SettledAs.ANSWERED}:
            why = CANNOT_UNDO if locked.settled_as else "It is not settled."
            raise TransitionNotAllowed(why, status=locked.settled_as or locked.kind)
        locked.settled_as, locked.settled_at, locked.settled_by = "", None, None
        locked.save(update_fields=["settled_as", "settled_at", "settled_by"])
        events.record(
            "mail.taken_up", by=by, at=at or timezone.now(), notice=str(locked.notice or ""),
            details=_details(locked),
        )  # fmt: skip
    return _fresh(read)


def take_answers(
    read: MailReading, said: Mapping[int, Given], *, by: User, at: datetime | None = None
) -> list[Answer]:
    """Record what a person read in a message as the platform's answers, by the keys of the lines.

    They were given when the message arrived. Raises `ValidationError` for lines of another notice and what
    `answers.answer_each` raises.
    """
    with transaction.atomic():
        locked, notice = _matched(read, by)
        if notice.lines.filter(pk__in=said).count() != len(said):
            raise ValidationError({"lines": "These lines are not in the notice that the mail belongs to."})
        made = answers.answer_each(
            said, source=AnswerSource.MAIL, by=by, at=locked.mail.received_at, mail=locked.mail
        )
        _answered(locked, len(made), by=by, at=at or timezone.now())
    return made


def take_file(
    read: MailReading, number: int, *, by: User, leave_out: bool = False, at: datetime | None = None
) -> answer_files.Reading:
    """Record the answers of a table that came with a message, by its number; as `answer_files.answer_by_file`."""
    with transaction.atomic():
        locked, notice = _matched(read, by)
        part = attachment(letter_of(locked), number)
        taken = answer_files.answer_by_file(
            notice, part.content, part.filename, by=by, leave_out=leave_out,
            at=locked.mail.received_at, source_of_answers=AnswerSource.MAIL, mail=locked.mail,
        )  # fmt: skip
        _answered(locked, len(taken.filled), by=by, at=at or timezone.now())
    return taken


def take_receipt(
    read: MailReading,
    *,
    by: User,
    platform_reference: str = "",
    expected_at: datetime | None = None,
    at: datetime | None = None,
) -> MailReading:
    """Record that the platform has the notice; what a program wrote is an automatic receipt and moves nothing."""
    at = at or timezone.now()
    with transaction.atomic():
        locked, notice = _matched(read, by)
        answers.acknowledge(
            notice, by=by, expected_at=expected_at, automatic=locked.kind != MailKind.REPLY,
            platform_reference=platform_reference, at=locked.mail.received_at,
        )  # fmt: skip
        _settle(locked, SettledAs.ACKNOWLEDGED, by=by, at=at)
        events.record("mail.receipt_taken", by=by, at=at, notice=str(notice), details=_details(locked))
    return _fresh(read)


def take_question(read: MailReading, *, reason: str, by: User, at: datetime | None = None) -> MailReading:
    """Record what the platform asks, `reason`: the clock stands until our reply."""
    at = at or timezone.now()
    with transaction.atomic():
        locked, notice = _matched(read, by)
        answers.clarify(notice, reason=reason, by=by, at=locked.mail.received_at)
        _settle(locked, SettledAs.ASKED, by=by, at=at)
        events.record("mail.question_taken", by=by, at=at, notice=str(notice), details=_details(locked))
    return _fresh(read)


def attachment(letter: parsing.Letter, number: int) -> parsing.Part:
    """The part of that number; raises `ValidationError` where there is none."""
    for part in letter.attachments:
        if part.number == number:
            return part
    raise ValidationError({"file": "The mail has no such attachment."})


def _answered(locked: MailReading, count: int, *, by: User, at: datetime) -> None:
    _settle(locked, SettledAs.ANSWERED, by=by, at=at)
    events.record(
        "mail.answers_taken", by=by, at=at, notice=str(locked.notice),
        details={**_details(locked), "answered": count},
    )  # fmt: skip


def _matched(read: MailReading, by: User) -> tuple[MailReading, Notice]:
    locked = _locked(read, by)
    if locked.notice is None:
        raise TransitionNotAllowed(NO_NOTICE, status=locked.kind)
    return locked, locked.notice


def _locked(read: MailReading, by: User) -> MailReading:
    require(by, Permission.ANSWER_ON_BEHALF)
    rows = MailReading.objects.visible_to(by).select_related("mail", "notice__platform")
    locked: MailReading = rows.select_for_update(of=("self",)).get(pk=read.pk)
    if locked.settled_as:
        how = SettledAs(locked.settled_as).label.lower()
        raise TransitionNotAllowed(SETTLED.format(how=how), status=locked.settled_as)
    return locked


def _settle(locked: MailReading, how: SettledAs, *, by: User, at: datetime) -> None:
    locked.settled_as, locked.settled_at, locked.settled_by = how, at, by
    locked.save(update_fields=["settled_as", "settled_at", "settled_by"])


def _details(locked: MailReading) -> dict[str, object]:
    return {"mail": locked.mail_id, "sha256": locked.mail.sha256}


def _fresh(read: MailReading) -> MailReading:
    read.refresh_from_db()
    return read
