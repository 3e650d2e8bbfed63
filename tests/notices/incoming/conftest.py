from collections.abc import Callable
from typing import Any

import pytest

from notices.incoming import addresses, reading
from notices.incoming.receiving import receive
from notices.models import Door, MailReading
from platforms.models import ChannelKind, Contact, Platform
from tests.notices.letters_at import Desk, ago
from tests.notices.mails.forms import AUTHSERV, PLATFORM, About, Case

TakeIn = Callable[[Case], MailReading]


@pytest.fixture
def about(desk: Desk, settings: Any) -> About:
    """A notice by mail to X with two lines, sent two hours ago, and one to Facebook."""
    settings.REPLY_DOMAIN, settings.MAIL_AUTHSERV_ID = "replies.centre.example", AUTHSERV
    Contact.objects.create(platform=Platform.objects.get(slug="x"), desk="Legal", email=PLATFORM)
    notice = desk.sent(kind=ChannelKind.MAIL, at=ago(hours=2))
    return About(notice, desk.sent(platform="facebook", kind=ChannelKind.MAIL, lines=1, at=ago(hours=2)))


@pytest.fixture
def take_in(about: About) -> TakeIn:
    """Receives the mail of a case and reads it."""

    def take(case: Case) -> MailReading:
        recipients = {
            "reply": [about.reply_to],
            "return": [about.return_to],
            "none": ["desk@centre.example"],
            "both": [about.reply_to, addresses.reply_address(about.other)],
            "capitals": [about.reply_to.upper()],
        }[case.to]
        received = receive(
            case.raw(about), door=Door.SMTP, sender=case.envelope, recipients=recipients, at=ago(hours=1)
        )
        reading.read_waiting()
        return MailReading.objects.select_related("mail", "notice").get(mail=received.mail)

    return take
