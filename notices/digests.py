"""One mail a day to each person with what is new to them; none when nothing is.

The day is taken in one short transaction and ticked off in another, before the final dot of the mail: whoever dies
before that is followed by somebody who sends it, and nobody sends it a second time.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import GRANTS, Permission, Role
from notices import contacts, notifications
from notices.channels import mail
from notices.channels.outcomes import ClaimLost, Ended
from notices.models import Inbox
from notices.notifications import Entry

LEASE = timedelta(minutes=15)
LINES = 50  # of entries in one mail
OWNERS = [role for role in Role if Permission.DRAFT_NOTICE in GRANTS[role]]
KEEPERS = [role for role in Role if Permission.CARE_CONTACTS in GRANTS[role]]
MONDAY = 0


def send_due(at: datetime | None = None) -> int:
    """Send to everybody whose hour has come; returns how many mails left. Any number of processes may do so."""
    at = at or timezone.now()
    told = [*OWNERS, *KEEPERS]
    for user in User.objects.filter(role__in=told, is_active=True).exclude(
        pk__in=Inbox.objects.values("user")
    ):
        notifications.keep(user)
    waiting = Inbox.objects.filter(by_mail=True, user__is_active=True, user__role__in=told)
    return sum(
        _send(inbox, at) for inbox in waiting.select_related("user").order_by("pk") if _is_time(inbox, at)
    )


def _is_time(inbox: Inbox, at: datetime) -> bool:
    there = at.astimezone(ZoneInfo(inbox.zone))
    if inbox.user.role in KEEPERS and there.weekday() != MONDAY:  # once a week is enough
        return False
    return there.hour >= inbox.hour and (inbox.told_on is None or inbox.told_on < there.date())


def _send(inbox: Inbox, at: datetime) -> bool:
    day = at.astimezone(ZoneInfo(inbox.zone)).date()
    until = max(at, timezone.now()) + LEASE
    untold = Inbox.objects.filter(Q(told_on=None) | Q(told_on__lt=day), pk=inbox.pk)
    if not untold.filter(Q(claimed_until=None) | Q(claimed_until__lt=at)).update(claimed_until=until):
        return False
    ours = untold.filter(claimed_until=until)
    news, told_to = _to_confirm(inbox, at) if inbox.user.role in KEEPERS else _news(inbox, at)
    if not news:
        ours.update(told_on=day, claimed_until=None)
        return False

    def handing_over() -> None:
        if not ours.update(told_on=day, told_to=told_to, claimed_until=None):
            raise ClaimLost

    line = mail.Connection()
    try:
        mail.post(message(inbox.user, news, day.isoformat()), handing_over=handing_over, connection=line)
    except ClaimLost:
        return False
    except Ended:  # before the final dot it is tried again when the lease is over, after it not
        return False
    finally:
        line.close()
    return True


def _news(inbox: Inbox, at: datetime) -> tuple[list[str], int]:
    """The lines of the mail, and the event up to which it tells."""
    settled = at - notifications.SETTLING
    unread = notifications.unread(inbox, beyond=max(inbox.told_to, inbox.read_to))
    news = [each for each in unread if each.recorded_at <= settled]
    return [_words(each) for each in news], max((each.last for each in news), default=inbox.told_to)


def _to_confirm(inbox: Inbox, at: datetime) -> tuple[list[str], int]:
    """A liaison's: the contacts that nobody has confirmed for half a year."""
    stale = contacts.to_confirm(inbox.user, at).select_related("platform")
    return [f"{each.platform}: is the contact “{each.desk}” still right?" for each in stale], inbox.told_to


def message(person: User, news: list[str], day: str) -> EmailMultiAlternatives:
    """The mail: what is new and where to read it; no word of any content."""
    count = len(news)
    lines = [f"- {each}" for each in news[:LINES]]
    if count > LINES:
        lines.append(f"- and {count - LINES} more")
    liaison = person.role in KEEPERS
    page = settings.SITE_URL + reverse("platforms:platform_list" if liaison else "notices:notification_list")
    off = settings.SITE_URL + reverse("notices:daily_mail")
    return EmailMultiAlternatives(
        subject=f"Takedown Desk: {count} {'contact' if liaison else 'thing'}{'' if count == 1 else 's'} "
        + ("to confirm" if liaison else "new in your work"),
        body="\n".join([*lines, "", f"Read on: {page}", f"When this mail leaves, or not at all: {off}", ""]),
        from_email=settings.SENDER_EMAIL,
        to=[person.email],
        headers={
            "Message-ID": f"<digest.{person.pk}.{day}@{settings.SENDER_EMAIL.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _words(entry: Entry) -> str:
    times = f", {entry.count} times" if entry.count > 1 else ""
    return f"{entry.notice or entry.item or entry.platform_name}: {entry.title.lower()}{times}"
