"""What comes back by mail: a reply, a ticket, an absence, an undelivered letter, and what nobody can place."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from notices.incoming import addresses, reading
from notices.incoming.receiving import receive
from notices.models import Door, Line, Notice, NoticeStatus
from platforms.models import ChannelKind

SERVER = "mx.desk.example"
WAITING = (NoticeStatus.SENT, NoticeStatus.ACKNOWLEDGED, NoticeStatus.PART_ANSWERED, NoticeStatus.NO_RESPONSE)


def arrive() -> None:
    """Everything but what was not delivered, about the latest letters that are still to be answered by mail."""
    if not settings.REPLY_DOMAIN:
        return
    by_mail = Notice.objects.filter(channel_kind=ChannelKind.MAIL, status__in=WAITING)
    latest = by_mail.select_related("channel", "platform").order_by("-pk")
    for notice, write in zip(latest, (_reply, _ticket, _absence, _of_a_stranger), strict=False):
        write(notice)
    _without_a_notice()


def come_back(notice: Notice) -> bool:
    """The letter itself, as its mail server reports it: no such mailbox; false where the site takes no mail."""
    sent = notice.dispatches.select_related("notice", "channel").latest("pk")
    if not (to := addresses.return_address(sent)):
        return False
    recipient = sent.channel.address
    report = (
        f"Reporting-MTA: dns; mx.{_domain(notice)}\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 The mailbox does not exist.\r\n"
    )
    mail = _vouched_for(notice)
    mail["Content-Type"] = 'multipart/report; report-type=delivery-status; boundary="part"'
    mail.set_payload(
        "\r\n".join(
            ["--part", "Content-Type: text/plain", "", f"Your message to {recipient} could not be delivered.",
             "--part", "Content-Type: message/delivery-status", "", report, "--part--", ""]
        )
    )  # fmt: skip
    _take_in(
        mail, to=to, sender=f"MAILER-DAEMON@mx.{_domain(notice)}", subject="Undelivered mail", envelope=""
    )
    return True


def _reply(notice: Notice) -> None:
    """The lines without an answer: the first refused, where there are two, the others removed."""
    waiting = list(notice.lines.filter(answer="").order_by("position"))
    told = [f"Line {line.position}: {_said(line, waiting)}" for line in waiting]
    _write(
        notice,
        f"Dear colleagues,\n\nwe have looked at your notice {notice.reference}, our reference TS-20417.\n\n"
        + "\n\n".join(told)
        + f"\n\nLegal requests desk\n\n> {notice.subject}\n",
    )


def _said(line: Line, waiting: list[Line]) -> str:
    refused = len(waiting) > 1 and line == waiting[0]
    return "we found no violation of our rules." if refused else "the post has been removed."


def _ticket(notice: Notice) -> None:
    words = "Thank you for contacting us. Your ticket TS-20431 has been created.\n"
    _write(notice, words, subject="[Ticket TS-20431] Received", automatic="auto-replied")


def _absence(notice: Notice) -> None:
    words = "The legal requests desk is out of the office until Monday. Your message will be read then.\n"
    _write(notice, words, subject="Automatic reply: out of office", automatic="auto-replied")


def _of_a_stranger(notice: Notice) -> None:
    """It has the address, and comes from nowhere that we know."""
    words = "Bonjour,\n\nLe contenu signalé a été supprimé.\n\nLe service juridique\n"
    _write(notice, words, sender=f"service@legal-{notice.platform.slug}.example")


def _without_a_notice() -> None:
    mail = EmailMessage(policy.SMTP)
    mail.set_content("Hello,\n\nthe posts that you wrote to us about last week are gone.\n\nPolicy desk\n")
    to = f"desk@{settings.REPLY_DOMAIN}"
    _take_in(mail, to=to, sender="policy@platform.example", subject="Your request of last week")


def _write(notice: Notice, words: str, *, subject: str = "", sender: str = "", automatic: str = "") -> None:
    assert notice.channel is not None
    mail = EmailMessage(policy.SMTP) if sender else _vouched_for(notice)
    mail["In-Reply-To"] = notice.message_id
    if automatic:
        mail["Auto-Submitted"] = automatic
    mail.set_content(words)
    to = addresses.reply_address(notice)
    sender = sender or notice.channel.address
    _take_in(mail, to=to, sender=sender, subject=subject or f"Re: {notice.subject}")


def _vouched_for(notice: Notice) -> EmailMessage:
    """A mail that the desk's mail server found to be the platform's."""
    mail = EmailMessage(policy.SMTP)
    mail["Authentication-Results"] = f"{SERVER}; dkim=pass header.d={_domain(notice)}"
    return mail


def _take_in(mail: EmailMessage, *, to: str, sender: str, subject: str, envelope: str | None = None) -> None:
    """Kept and read in one transaction, so that no sweep of a running site reads it without the desk's mail server."""
    at = timezone.now()
    mail["From"], mail["To"], mail["Subject"], mail["Date"] = sender, to, subject, format_datetime(at)
    envelope = sender if envelope is None else envelope
    with transaction.atomic(), _vouching():
        kept = receive(mail.as_bytes(), door=Door.SMTP, sender=envelope, recipients=[to], at=at)
        reading.read(kept.mail.pk, at=at)


@contextmanager
def _vouching() -> Iterator[None]:
    """The demonstration's mail server, whose findings count while its own mails are read."""
    kept, settings.MAIL_AUTHSERV_ID = settings.MAIL_AUTHSERV_ID, SERVER
    try:
        yield
    finally:
        settings.MAIL_AUTHSERV_ID = kept


def _domain(notice: Notice) -> str:
    assert notice.channel is not None
    return notice.channel.address.rpartition("@")[2]
