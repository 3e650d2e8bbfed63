"""Reading what has come in: a sweep over the messages that nobody has read yet.

Reading finds the notice, tells replies from programs' messages, and says what a person should know. The one thing that
it changes by itself is a letter's delivery: a report that came to the return address of this very letter, about its
very recipient, says that it was not delivered. No message ever changes a claim.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from casework import events
from casework.transitions import TransitionNotAllowed
from notices import dispatch
from notices.incoming import addresses, parsing, quoting, reports, senders, sorting, suggesting
from notices.incoming.parsing import Letter, clean
from notices.models import IncomingMail, MailKind, MailReading, MatchedBy, Notice
from platforms.models import ChannelKind, Platform

LOCK = 7_301  # the class of advisory locks on messages being read
LONGEST_WORDS = 20_000
FAR_OFF = timedelta(days=1)
SEVERAL = "It is addressed to more than one notice: say which one it answers."
ALSO = "It was written to {others} as well: enter there what it says about it."
OTHER_HEADERS = "Its headers name another notice, {hint}; the address that it was written to counts."
NEVER_SENT = "{notice} has not been sent."
ODD_DATE = "It says that it was written at a time that cannot be."
NOT_OUR_LETTER = "It is not about the address that the letter last went to; nothing was changed."
TO_REPLY = "It came to the address for replies, where no report is believed; nothing was changed."
NOTHING_CHANGED = "Nothing was changed: {why}"
CANNOT_READ = "It could not be read: download it to see what it is."

log = logging.getLogger(__name__)


@dataclass
class Found:
    """Where a message belongs: `notice` by an address of ours, `hint` by its headers alone.

    `also` are further notices to whose addresses it was written: somebody has to look before they are chased.
    """

    notice: Notice | None = None
    matched_by: str = ""
    dispatch: int | None = None
    hint: Notice | None = None
    also: list[Notice] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_waiting(limit: int = 200, at: datetime | None = None) -> int:
    """Read what nobody has read, oldest first; returns how many. Any number of processes may do so at the same time."""
    waiting = IncomingMail.objects.filter(reading__isnull=True).order_by("pk").values_list("pk", flat=True)
    return sum(read(pk, at=at) for pk in list(waiting[:limit]))


def read(pk: int, *, at: datetime | None = None) -> bool:
    """Read one message; false if another is at it, or was. What cannot be read is kept as unreadable."""
    at = at or timezone.now()
    try:
        with transaction.atomic():
            if not _ours(pk):
                return False
            _read(IncomingMail.objects.get(pk=pk), at)
    except Exception:
        log.exception("Mail %s could not be read", pk)
        with transaction.atomic():
            if not _ours(pk):
                return False
            MailReading.objects.create(
                mail_id=pk, kind=MailKind.UNREADABLE, remarks=[CANNOT_READ], read_at=at
            )
    return True


def _ours(pk: int) -> bool:
    """Held as long as the transaction; a history cannot be locked by whoever may not change it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, pk % 2**31])
        (held,) = cursor.fetchone()
    return bool(held) and not MailReading.objects.filter(mail=pk).exists()


def _read(mail: IncomingMail, at: datetime) -> None:
    letter = parsing.parse(bytes(mail.raw))
    found = _find(mail, letter)
    sent = found.notice or found.hint
    report = reports.report(letter, mail.sender)
    returned = found.matched_by == MatchedBy.RETURN_ADDRESS
    kind = (
        report.kind
        if report
        else sorting.kind(letter, returned=returned, letter_sent=sent.body if sent else "")
    )
    author, why = senders.sender(letter)
    verified = (
        bool(author) and found.notice is not None and not _doubts(letter, author, found.notice, found.remarks)
    )
    if why:
        found.remarks.append(why)
    if found.notice is not None:
        _record(found.notice, mail, kind, author, verified=verified)
        if report is not None and kind == MailKind.BOUNCE:
            found.remarks += _bounce(found, report, mail) if returned else [TO_REPLY]
    for other in found.also:
        trusted = bool(author) and not doubts(letter, author, other)
        _record(other, mail, kind, author, verified=trusted)
    own = quoting.own_words(letter.text, sent.body if sent else "")
    written_at = _written_at(letter, mail, found.remarks)
    remarks = dict.fromkeys(remark[:300] for remark in [*letter.remarks, *found.remarks])
    MailReading.objects.create(
        mail=mail, kind=kind, notice=found.notice, matched_by=found.matched_by, hint=found.hint, is_verified=verified,
        sender=author, subject=letter.header("Subject")[:300], written_at=written_at, words=own[:LONGEST_WORDS],
        platform_reference=suggesting.their_reference(f"{letter.header('Subject')}\n{own}"), remarks=list(remarks),
        read_at=at,
    )  # fmt: skip


def _record(notice: Notice, mail: IncomingMail, kind: MailKind, author: str, *, verified: bool) -> None:
    events.record(
        "mail.came_in", by=None, at=mail.received_at, notice=notice.reference,
        details={"mail": mail.pk, "kind": kind.label.lower(), "from": author[:200], "verified": verified,
                 "sha256": mail.sha256},
    )  # fmt: skip


# -- Which notice ---------------------------------------------------------------------------------------------


def _find(mail: IncomingMail, letter: Letter) -> Found:
    """By the envelope's recipients; where they say nothing, by the headers that name recipients."""
    found, named = _addressed(mail.recipients), _addressed(_recipients_named(letter))
    if found.notice is None and not found.remarks:
        found = named
    elif found.notice is not None:  # with one message for each recipient, only the headers name the others
        found.also = [each for each in (named.notice, *named.also) if each and each != found.notice]
        found.remarks += [ALSO.format(others=", ".join(map(str, found.also)))] if found.also else []
    found.hint = _hinted(letter)
    if found.notice is not None and found.hint == found.notice:
        found.hint = None
    if found.notice is not None and found.hint is not None:
        found.remarks.append(OTHER_HEADERS.format(hint=found.hint))
    return found


def _recipients_named(letter: Letter) -> list[str]:
    """What may be addresses of ours in the headers that name recipients."""
    names = ("Delivered-To", "X-Original-To", "To", "Cc")
    text = " ".join(named for header in names for named in letter.raw(header))
    words = text[: senders.LONGEST * 10].replace(",", " ").split()
    return [word.strip("<>;\"'") for word in words if "+" in word][:50]


def _addressed(recipients: Iterable[str]) -> Found:
    true = list(dict.fromkeys(filter(None, map(addresses.understood, recipients))))
    notices = Notice.objects.select_related("platform", "channel")
    known = {
        notice.reference: notice for notice in notices.filter(reference__in=[each.reference for each in true])
    }
    if len(known) > 1:
        return Found(also=[each for each in known.values() if each.sent_at], remarks=[SEVERAL])
    for each in true:
        if (notice := known.get(each.reference)) is None:
            continue
        if notice.sent_at is None and not notice.message_id:
            return Found(hint=notice, remarks=[NEVER_SENT.format(notice=notice)])
        returned = each.purpose == addresses.RETURN
        by = MatchedBy.RETURN_ADDRESS if returned else MatchedBy.REPLY_ADDRESS
        return Found(notice, by, each.dispatch)
    return Found()


def _hinted(letter: Letter) -> Notice | None:
    """The notice whose Message-ID the headers name; anybody may write them."""
    named = " ".join([*letter.raw("In-Reply-To"), *letter.raw("References")])[-5_000:]
    ids = [f"<{part.partition('>')[0]}>" for part in named.split("<")[1:]][-50:]
    references = [clean(each[1:].partition(".")[0])[:20] for each in ids]
    sent = Notice.objects.select_related("platform", "channel")
    known = sent.filter(reference__in=references, message_id__in=[clean(each)[:200] for each in ids])
    return known.order_by("-pk").first()


# -- Who wrote it ---------------------------------------------------------------------------------------------


def doubts(letter: Letter, author: str, notice: Notice) -> list[str]:
    """Why the message is not known to be the platform's; empty when it is."""
    found = []
    if not senders.fits(author, known_addresses(notice.platform)):
        found.append(senders.NOT_THEIRS.format(address=author[:120], platform=notice.platform))
    if why := senders.unproven(letter, author.rpartition("@")[2], settings.MAIL_AUTHSERV_ID):
        found.append(why)
    return found


def _doubts(letter: Letter, author: str, notice: Notice, remarks: list[str]) -> bool:
    found = doubts(letter, author, notice)
    remarks += found
    return bool(found)


def known_addresses(platform: Platform) -> list[str]:
    """Where we write to the platform, its contacts, and its liaisons."""
    channels = platform.channels.filter(kind=ChannelKind.MAIL).values_list("address", flat=True)
    contacts = platform.contacts.exclude(email="").values_list("email", flat=True)
    liaisons = platform.liaisons.filter(is_active=True).values_list("email", flat=True)
    return [*channels, *contacts, *liaisons]


def _written_at(letter: Letter, mail: IncomingMail, remarks: list[str]) -> datetime | None:
    at = letter.written_at()
    if letter.raw("Date") and (at is None or at > mail.received_at + FAR_OFF or at.year < 2020):
        remarks.append(ODD_DATE)
    return at


# -- Not delivered --------------------------------------------------------------------------------------------


def _bounce(found: Found, report: reports.Report, mail: IncomingMail) -> list[str]:
    """Record that the letter was not delivered, if the report is about its latest way and about its recipient."""
    notice: Any = found.notice
    latest = notice.dispatches.select_related("channel").order_by("-pk").first()
    failed = {name for each in report.recipients if each.kind == MailKind.BOUNCE for name in each.addresses}
    if latest is None or found.dispatch != latest.pk or latest.channel.address.lower() not in failed:
        return [NOT_OUR_LETTER]
    try:
        with transaction.atomic():
            dispatch.delivery_failed(notice, reason=report.said or MailKind.BOUNCE.label, at=mail.received_at)
    except (TransitionNotAllowed, ValidationError) as refused:
        why = getattr(refused, "messages", None) or [getattr(refused, "message", str(refused))]
        return [NOTHING_CHANGED.format(why=" ".join(map(str, why)))]
    return []
